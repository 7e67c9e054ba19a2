//! What an operation reaches.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

/// Response key to field name of what stands at the root, through fragments.
pub(super) fn roots(document: &ExecutableDocument, root: &SelectionSet) -> HashMap<String, String> {
    let mut roots = HashMap::new();
    let mut spread = HashSet::new();
    let mut open = vec![root];
    while let Some(set) = open.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    roots.insert(field.node.response_key().node.to_string(), field.node.name.node.to_string());
                }
                Selection::InlineFragment(inline) => open.push(&inline.node.selection_set.node),
                Selection::FragmentSpread(of) if spread.insert(&of.node.fragment_name.node) => {
                    let fragment = document.fragments.get(&of.node.fragment_name.node);
                    open.extend(fragment.map(|fragment| &fragment.node.selection_set.node));
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }
    roots
}

/// Whether any operation or fragment of a document looks at the schema.
pub(super) fn introspects(document: &ExecutableDocument) -> bool {
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    let mut open: Vec<&SelectionSet> = operations.chain(fragments).collect();
    while let Some(set) = open.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if matches!(field.node.name.node.as_str(), "__schema" | "__type") => {
                    return true;
                }
                Selection::Field(field) => open.push(&field.node.selection_set.node),
                Selection::InlineFragment(inline) => open.push(&inline.node.selection_set.node),
                Selection::FragmentSpread(_) => {}
            }
        }
    }
    false
}
