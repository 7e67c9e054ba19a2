//! The document that both sides read.

use async_graphql::{Context, Enum, Result};
use remit_domain::document::{html, markdown};

use super::TermsNode;
use crate::{
    app::{self, Standing},
    graphql::context::Serving,
    store::TermsRecord,
};

/// How the document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum DocumentFormat {
    /// CommonMark with tables.
    Markdown,
    /// A page of HTML: complete, printable, without scripts and without anything from elsewhere.
    Html,
}

impl TermsNode {
    /// Asks something of the version and what stands around it, which its cohort loads at once.
    pub(super) async fn with_standing<T>(&self, ctx: &Context<'_>, ask: impl FnOnce(Standing<'_>) -> T) -> Result<T> {
        let agreement = self.agreement_node(ctx).await?;
        let versions: Vec<&TermsRecord> = agreement.visible_versions(ctx).await?.iter().map(Self::record).collect();
        let catalogue = &self.named(ctx).await?.catalogue;
        let (agreement, life) = (agreement.record(), &agreement.life(ctx).await?);
        Ok(ask(Standing { agreement, terms: self.record(), versions: &versions, life, catalogue }))
    }

    /// The version's document.
    pub(super) async fn written(&self, ctx: &Context<'_>, format: DocumentFormat) -> Result<String> {
        let Serving { session, .. } = Serving::of(ctx)?;
        let client = self.agreement_node(ctx).await?.client_node(ctx).await?;
        let write = |standing: Standing<'_>| app::document(session, client.record(), standing);
        let document = self.with_standing(ctx, write).await?;
        Ok(match format {
            DocumentFormat::Markdown => markdown(&document),
            DocumentFormat::Html => html(&document),
        })
    }
}
