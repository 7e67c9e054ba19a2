//! What an operation asks of a token, known from its text alone.

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet};

use super::{Place, Rule, rule_at};
use crate::{app::Session, auth::ScopeSet, graphql::request::Shapes};

/// What all the fields of an operation ask of a token together.
///
/// Where a caller has all of it, no field of the answer has to be held to the table again. Where not, or where it cannot be
/// told before the objects are there, the guard looks at each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Demands {
    scopes: ScopeSet,
    staff: bool,
    /// A field has no rule, or its rule depends on what is found.
    untold: bool,
}

impl Demands {
    /// The demands of an operation of a document that has been validated.
    pub(crate) fn of(shapes: &Shapes, document: &ExecutableDocument, operation: &OperationDefinition) -> Self {
        let is_mutation = operation.ty == OperationType::Mutation;
        let mut walk = Walk { shapes, document, is_mutation, demands: Self::default() };
        walk.set(&operation.selection_set.node, shapes.root(operation.ty), "", 1);
        walk.demands
    }

    /// Whether whoever asks has it all.
    pub(crate) fn are_met_by(&self, session: &Session) -> bool {
        let is_kept_out = self.staff && session.scope.is_client_bound();
        !self.untold && !is_kept_out && session.caller.scopes().contains_all(self.scopes)
    }

    fn add(&mut self, rule: Option<Rule>) {
        match rule {
            Some(Rule::Open) => {}
            Some(Rule::Needs(scope)) => self.scopes = self.scopes.with(scope),
            Some(Rule::Staff(scope)) => {
                self.scopes = self.scopes.with(scope);
                self.staff = true;
            }
            None => self.untold = true,
        }
    }
}

/// In the data of a schema that looks at no field, for its operations have been looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unguarded;

struct Walk<'a> {
    shapes: &'a Shapes,
    document: &'a ExecutableDocument,
    is_mutation: bool,
    demands: Demands,
}

impl<'a> Walk<'a> {
    /// - `root`: the root field that this lies below; empty: these are the root fields.
    /// - `depth`: how many fields lead to each of these, itself counted.
    fn set(&mut self, set: &'a SelectionSet, parent: &'a str, root: &'a str, depth: usize) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let name = field.node.name.node.as_str();
                    let root = if root.is_empty() { name } else { root };
                    self.field(name, &field.node.selection_set.node, parent, root, depth);
                }
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map(|on| on.node.on.node.as_str());
                    self.set(&inline.node.selection_set.node, on.unwrap_or(parent), root, depth);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        self.set(&fragment.node.selection_set.node, on, root, depth);
                    }
                }
            }
        }
    }

    fn field(&mut self, name: &'a str, below: &'a SelectionSet, parent: &'a str, root: &'a str, depth: usize) {
        if name.starts_with("__") {
            return;
        }
        // Of an interface's field the rule is that of the object, whichever it is.
        let told = self.shapes.field(parent, name).filter(|_| !self.shapes.is_abstract(parent));
        let Some(shape) = told else {
            self.demands.untold = true;
            return;
        };
        self.demands.add(rule_at(parent, name, Place { root, depth, is_mutation: self.is_mutation }));
        self.set(below, &shape.result, root, depth + 1);
    }
}
