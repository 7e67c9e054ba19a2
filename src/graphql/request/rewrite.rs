//! Takes out of a document what the request left out.
//!
//! The engine turns a variable that was not given into null inside an input object, and null clears a field. Here the
//! field goes instead, as the specification has it, and then the variable's declaration if nothing else uses it.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Positioned,
    parser::types::{Directive, DocumentOperations, ExecutableDocument, OperationDefinition, Selection, SelectionSet},
};
use async_graphql_value::Value;

use super::variables::Declared;

/// Removes every argument and input field, at any depth, whose variable was omitted: from the operation to be run and
/// the fragments it reaches. In a list the variable stays, where it means null.
pub(super) fn leave_out_omitted(document: &mut ExecutableDocument, operation: Option<&str>, declared: &Declared) {
    if !declared.any_omitted() {
        return;
    }
    let before = Uses::of(document);
    let Some(chosen) = find_operation_mut(&mut document.operations, operation) else { return };
    let reached = before.fragments_from(&Direct::of(&chosen.node));
    prune_set(&mut chosen.node.selection_set.node, declared);
    for (name, fragment) in &mut document.fragments {
        if reached.contains(name) {
            prune_set(&mut fragment.node.selection_set.node, declared);
        }
    }
    let after = Uses::of(document);
    drop_declarations(&mut document.operations, &before, &after);
}

/// The operation of this name; without a name the only one.
pub(super) fn find_operation<'a>(
    operations: &'a DocumentOperations,
    name: Option<&str>,
) -> Option<&'a Positioned<OperationDefinition>> {
    match (operations, name) {
        (DocumentOperations::Single(only), None) => Some(only),
        (DocumentOperations::Single(_), Some(_)) => None,
        (DocumentOperations::Multiple(named), Some(name)) => named.get(name),
        (DocumentOperations::Multiple(named), None) => named.values().next().filter(|_| named.len() == 1),
    }
}

fn find_operation_mut<'a>(
    operations: &'a mut DocumentOperations,
    name: Option<&str>,
) -> Option<&'a mut Positioned<OperationDefinition>> {
    match (operations, name) {
        (DocumentOperations::Single(only), _) => Some(only),
        (DocumentOperations::Multiple(named), Some(name)) => named.get_mut(name),
        (DocumentOperations::Multiple(named), None) => named.values_mut().next(),
    }
}

/// Introspection fields keep what they have: the engine answers them by itself.
pub(super) fn is_introspection(field: &str) -> bool {
    matches!(field, "__schema" | "__type" | "__typename")
}

fn prune_set(set: &mut SelectionSet, declared: &Declared) {
    for selection in &mut set.items {
        match &mut selection.node {
            Selection::Field(field) if !is_introspection(&field.node.name.node) => {
                field.node.arguments.retain(|(_, value)| !declared.leaves_out(&value.node));
                field.node.arguments.iter_mut().for_each(|(_, value)| prune_value(&mut value.node, declared));
                prune_set(&mut field.node.selection_set.node, declared);
            }
            Selection::InlineFragment(inline) => prune_set(&mut inline.node.selection_set.node, declared),
            Selection::Field(_) | Selection::FragmentSpread(_) => {}
        }
    }
}

fn prune_value(value: &mut Value, declared: &Declared) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !declared.leaves_out(value));
            fields.values_mut().for_each(|value| prune_value(value, declared));
        }
        Value::List(items) => items.iter_mut().for_each(|item| prune_value(item, declared)),
        _ => {}
    }
}

/// Drops what was used before and no longer is. What never was stays, for the engine to report; other operations lose
/// theirs too, where a fragment they share was their only use.
fn drop_declarations(operations: &mut DocumentOperations, before: &Uses, after: &Uses) {
    let tidy = |name: Option<&Name>, operation: &mut OperationDefinition| {
        let (had, has) = (before.variables(name), after.variables(name));
        let kept = |name: &Name| has.contains(name) || !had.contains(name);
        operation.variable_definitions.retain(|definition| kept(&definition.node.name.node));
    };
    match operations {
        DocumentOperations::Single(only) => tidy(None, &mut only.node),
        DocumentOperations::Multiple(named) => {
            named.iter_mut().for_each(|(name, operation)| tidy(Some(name), &mut operation.node));
        }
    }
}

/// Which variables and fragments each definition of a document uses.
struct Uses {
    operations: HashMap<Option<Name>, Direct>,
    fragments: HashMap<Name, Direct>,
}

impl Uses {
    fn of(document: &ExecutableDocument) -> Self {
        let operation =
            |(name, of): (Option<&Name>, &Positioned<OperationDefinition>)| (name.cloned(), Direct::of(&of.node));
        let fragments = document.fragments.iter().map(|(name, fragment)| {
            let mut direct = Direct::default();
            direct.directives(&fragment.node.directives);
            direct.set(&fragment.node.selection_set.node);
            (name.clone(), direct)
        });
        Self { operations: document.operations.iter().map(operation).collect(), fragments: fragments.collect() }
    }

    /// Every fragment a definition spreads, through others too.
    fn fragments_from(&self, start: &Direct) -> HashSet<Name> {
        let mut reached = HashSet::new();
        let mut open: Vec<&Name> = start.spreads.iter().collect();
        while let Some(name) = open.pop() {
            if reached.insert(name.clone()) {
                open.extend(self.fragments.get(name).iter().flat_map(|direct| &direct.spreads));
            }
        }
        reached
    }

    /// Every variable an operation uses, in its fragments too.
    fn variables(&self, operation: Option<&Name>) -> HashSet<Name> {
        let Some(direct) = self.operations.get(&operation.cloned()) else { return HashSet::new() };
        let fragments = self.fragments_from(direct);
        let inside = fragments.iter().filter_map(|name| self.fragments.get(name));
        inside.chain([direct]).flat_map(|direct| &direct.variables).cloned().collect()
    }
}

/// What one definition uses itself.
#[derive(Default)]
struct Direct {
    variables: HashSet<Name>,
    spreads: HashSet<Name>,
}

impl Direct {
    fn of(operation: &OperationDefinition) -> Self {
        let mut direct = Self::default();
        direct.directives(&operation.directives);
        direct.set(&operation.selection_set.node);
        direct
    }

    fn set(&mut self, set: &SelectionSet) {
        for selection in &set.items {
            self.directives(selection.node.directives());
            match &selection.node {
                Selection::Field(field) => {
                    field.node.arguments.iter().for_each(|(_, value)| self.value(&value.node));
                    self.set(&field.node.selection_set.node);
                }
                Selection::InlineFragment(inline) => self.set(&inline.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    self.spreads.insert(spread.node.fragment_name.node.clone());
                }
            }
        }
    }

    fn directives(&mut self, directives: &[Positioned<Directive>]) {
        for directive in directives {
            directive.node.arguments.iter().for_each(|(_, value)| self.value(&value.node));
        }
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Variable(name) => {
                self.variables.insert(name.clone());
            }
            Value::List(items) => items.iter().for_each(|item| self.value(item)),
            Value::Object(fields) => fields.values().for_each(|value| self.value(value)),
            _ => {}
        }
    }
}
