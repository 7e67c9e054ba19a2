//! How many tokens a document takes to write.
//!
//! The parser passes over words that belong to nothing: an argument without a value is not there for it. What is read
//! must be all that was written, or somebody's filter is silently left out; so the tokens of both are counted.

use apollo_compiler::{
    Node,
    ast::{Argument, Definition, Directive, Document, OperationDefinition, Selection, Type, Value, VariableDefinition},
};

/// The tokens of a document of operations and fragments, as its author wrote them.
///
/// - `text`: what it was read from, which says whether `query` was written or left out.
pub(super) fn tokens(document: &Document, text: &str) -> usize {
    let definition = |definition: &Definition| match definition {
        Definition::OperationDefinition(node) => operation(node, text),
        Definition::FragmentDefinition(node) => 4 + directives(&node.directives) + set(&node.selection_set),
        _ => 0,
    };
    document.definitions.iter().map(definition).sum()
}

fn operation(node: &Node<OperationDefinition>, text: &str) -> usize {
    let start = node.location().and_then(|span| text.get(span.offset()..)).unwrap_or_default();
    let keyword = usize::from(!start.starts_with('{'));
    let variables: usize = node.variables.iter().map(|node| variable(node)).sum();
    let brackets = if node.variables.is_empty() { 0 } else { 2 };
    let name = usize::from(node.name.is_some());
    keyword + name + brackets + variables + directives(&node.directives) + set(&node.selection_set)
}

fn variable(node: &VariableDefinition) -> usize {
    let default = node.default_value.as_ref().map_or(0, |node| 1 + value(node));
    3 + ty(&node.ty) + default + directives(&node.directives)
}

fn ty(node: &Type) -> usize {
    match node {
        Type::Named(_) => 1,
        Type::NonNullNamed(_) => 2,
        Type::List(item) => 2 + ty(item),
        Type::NonNullList(item) => 3 + ty(item),
    }
}

/// A selection set; one that is not there takes nothing.
fn set(selections: &[Selection]) -> usize {
    let selection = |selection: &Selection| match selection {
        Selection::Field(node) => {
            let alias = if node.alias.is_some() { 2 } else { 0 };
            alias + 1 + arguments(&node.arguments) + directives(&node.directives) + set(&node.selection_set)
        }
        Selection::FragmentSpread(node) => 2 + directives(&node.directives),
        Selection::InlineFragment(node) => {
            let condition = if node.type_condition.is_some() { 2 } else { 0 };
            1 + condition + directives(&node.directives) + set(&node.selection_set)
        }
    };
    if selections.is_empty() { 0 } else { 2 + selections.iter().map(selection).sum::<usize>() }
}

fn directives(nodes: &[Node<Directive>]) -> usize {
    nodes.iter().map(|node| 2 + arguments(&node.arguments)).sum()
}

fn arguments(nodes: &[Node<Argument>]) -> usize {
    if nodes.is_empty() { 0 } else { 2 + nodes.iter().map(|node| 2 + value(&node.value)).sum::<usize>() }
}

fn value(node: &Value) -> usize {
    match node {
        Value::Variable(_) => 2,
        Value::List(items) => 2 + items.iter().map(|item| value(item)).sum::<usize>(),
        Value::Object(fields) => 2 + fields.iter().map(|(_, field)| 2 + value(field)).sum::<usize>(),
        _ => 1,
    }
}
