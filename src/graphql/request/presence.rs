//! An object of which nothing is taken, for all of it is skipped or belongs to other types, is an empty object.
//!
//! The engine makes null of it, and null means that nothing is there. So a selection that may come to nothing also takes the
//! name of the type, under a key that no document can write. The operation's [`Outline`](super::Outline) leaves it out of
//! the answer, and so does whatever writes objects at once.

use std::collections::HashMap;

use async_graphql::{
    Name, Pos, Positioned,
    parser::types::{
        DocumentOperations, ExecutableDocument, Field, FragmentDefinition, OperationDefinition, OperationType,
        Selection, SelectionSet,
    },
};

use super::Shapes;

/// Whether a field was asked for by the document itself.
pub(in crate::graphql) fn is_asked_for(field: &Field) -> bool {
    !field.response_key().node.is_empty()
}

/// Lets every selection of a valid document that may come to nothing take something.
pub(super) fn ensure(shapes: &Shapes, document: &mut ExecutableDocument) {
    let fragments = document.fragments.clone();
    let ensuring = Ensuring { shapes, fragments: &fragments };
    match &mut document.operations {
        DocumentOperations::Single(only) => ensuring.operation(&mut only.node),
        DocumentOperations::Multiple(named) => {
            named.values_mut().for_each(|operation| ensuring.operation(&mut operation.node));
        }
    }
    for fragment in document.fragments.values_mut() {
        let on = fragment.node.type_condition.node.on.node.clone();
        ensuring.below(&mut fragment.node.selection_set.node, &on);
    }
}

struct Ensuring<'a> {
    shapes: &'a Shapes,
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
}

impl Ensuring<'_> {
    fn operation(&self, operation: &mut OperationDefinition) {
        let (set, root) = (&mut operation.selection_set.node, self.shapes.root(operation.ty));
        match operation.ty {
            OperationType::Query | OperationType::Mutation => self.object(set, root),
            // Has one field, which nothing skips.
            OperationType::Subscription => self.below(set, root),
        }
    }

    /// The selection on an object.
    fn object(&self, set: &mut SelectionSet, parent: &str) {
        self.below(set, parent);
        if !set.items.is_empty() && !self.takes_something(set, parent) {
            let field = Field {
                alias: Some(unplaced(Name::new(""))),
                name: unplaced(Name::new("__typename")),
                arguments: Vec::new(),
                directives: Vec::new(),
                selection_set: Positioned::default(),
            };
            set.items.push(unplaced(Selection::Field(unplaced(field))));
        }
    }

    /// What is selected on the objects below a selection.
    fn below(&self, set: &mut SelectionSet, parent: &str) {
        for selection in &mut set.items {
            match &mut selection.node {
                Selection::Field(field) => {
                    let shape = self.shapes.field(parent, &field.node.name.node);
                    self.object(&mut field.node.selection_set.node, shape.map_or("", |shape| &shape.result));
                }
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map(|on| on.node.on.node.as_str());
                    self.below(&mut inline.node.selection_set.node, on.unwrap_or(parent));
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    /// Whether a selection takes a field of every object of its type, whatever the variables say.
    fn takes_something(&self, set: &SelectionSet, parent: &str) -> bool {
        let unconditional = set.items.iter().filter(|selection| selection.node.directives().is_empty());
        unconditional.into_iter().any(|selection| {
            let (on, below) = match &selection.node {
                Selection::Field(_) => return true,
                Selection::InlineFragment(inline) => (inline.node.type_condition.as_ref(), &inline.node.selection_set),
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = self.fragments.get(&spread.node.fragment_name.node) else { return false };
                    (Some(&fragment.node.type_condition), &fragment.node.selection_set)
                }
            };
            on.is_none_or(|on| on.node.on.node == parent) && self.takes_something(&below.node, parent)
        })
    }
}

fn unplaced<T>(node: T) -> Positioned<T> {
    Positioned::new(node, Pos::default())
}
