//! The fields that a selection takes.

use async_graphql::parser::types::{Selection, SelectionSet};

use super::Shapes;

/// Calls `visit` with parent and name of each field of a selection on a type, however deep. The selection is of a document
/// that has been validated, and has no named fragments.
pub(in crate::graphql) fn walk(
    shapes: &Shapes,
    parent: &str,
    selection: &SelectionSet,
    visit: &mut dyn FnMut(&str, &str),
) {
    for item in &selection.items {
        match &item.node {
            Selection::Field(field) => {
                let name = field.node.name.node.as_str();
                if let Some(shape) = shapes.field(parent, name) {
                    visit(parent, name);
                    walk(shapes, &shape.result, &field.node.selection_set.node, visit);
                }
            }
            Selection::InlineFragment(fragment) => {
                let of = fragment.node.type_condition.as_ref().map_or(parent, |of| of.node.on.node.as_str());
                walk(shapes, of, &fragment.node.selection_set.node, visit);
            }
            Selection::FragmentSpread(_) => {}
        }
    }
}
