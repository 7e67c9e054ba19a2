//! What agreements are called. A list of what was agreed elsewhere, such as charges, mostly asks no more of them, and five
//! hundred whole agreements take long to read.

use async_graphql::{Context, ContextSelectionSet, parser::types::SelectionSet};

use super::AgreementNode;
use crate::{
    graphql::{
        as_json::Written,
        ids::Kind,
        plain::{Plain, resolver_utils::each_selected},
    },
    store::AgreementName,
};

/// An agreement of which the names are known.
pub(in crate::graphql::types) struct Called<'a>(pub(in crate::graphql::types) &'a AgreementName);

impl Called<'_> {
    /// Whether a selection on an agreement takes only names.
    pub(in crate::graphql::types) fn is_all_of(ctx: &ContextSelectionSet<'_>, set: &SelectionSet) -> bool {
        let is_name = |name: &str| matches!(name, "__typename" | "id" | "number" | "title");
        each_selected::<AgreementNode>(ctx, set, &mut |field| is_name(&field.node.name.node))
    }
}

impl Plain for Called<'_> {
    fn write(&self, ctx: &Context<'_>, out: &mut Written<'_>) -> bool {
        let ctx = ctx.with_selection_set(&ctx.item.node.selection_set);
        out.begin_object();
        let is_whole = each_selected::<AgreementNode>(&ctx, &ctx.item.node, &mut |field| {
            out.key(&field.node.response_key().node);
            match field.node.name.node.as_str() {
                "__typename" => out.word("Agreement"),
                "id" => out.scalar(Kind::Agreement.id(self.0.id).as_str()),
                "number" => out.scalar(&self.0.number),
                "title" => out.scalar(&self.0.title),
                _ => return false,
            }
            true
        });
        out.end_object();
        is_whole
    }
}
