//! Obligations, and what was recorded of them.

use async_graphql::{Context, ID, Object, Result};
use remit_domain::{
    Timestamp,
    coverage::{StateChange, standing},
    terms::{self, clause},
    text::Code,
    words::{FailureScenario, ObligationEffect, ObligationState, StatementStatus},
};

use super::{ServiceNode, TermsNode};
use crate::{
    graphql::{
        context::Serving,
        ids::Kind,
        plain::plain,
        scalars::DateTime,
        words::{Word, words},
    },
    store::{StatusRecord, Uuid},
};

/// An obligation in the API: its place in one version of the terms.
#[derive(Clone, Debug)]
pub(crate) struct ObligationNode {
    pub(super) id: Uuid,
    pub(super) terms: TermsNode,
    pub(super) place: usize,
}

impl ObligationNode {
    pub(super) fn obligation(&self) -> &terms::Obligation {
        // A place comes from the version's own list.
        &self.terms.record().sections.obligations[self.place]
    }

    pub(crate) fn uuid(&self) -> Uuid {
        self.id
    }

    async fn standing(&self, ctx: &Context<'_>, at: Timestamp) -> Result<Word<ObligationState>> {
        let statuses = self.terms.statuses(ctx, self.obligation().code.as_str()).await?;
        let history: Vec<StateChange> = statuses.iter().map(|status| status.change).collect();
        Ok(Word(standing(&history, at).map_or(ObligationState::Unknown, |standing| standing.state)))
    }
}

/// A standard the client's systems or conduct must meet. While it is unmet its effect applies to what it gates.
#[Object(name = "Obligation", crate = "crate::graphql::plain")]
impl ObligationNode {
    /// The global id, within one version of the terms.
    pub(crate) async fn id(&self) -> ID {
        Kind::Obligation.id(self.id)
    }

    /// Its clause.
    async fn clause(&self) -> String {
        clause::obligation(self.place)
    }

    /// Its code, the same in all versions.
    async fn code(&self) -> &str {
        self.obligation().code.as_str()
    }

    /// What it is called.
    async fn title(&self) -> &str {
        &self.obligation().title
    }

    /// What must be met.
    async fn standard(&self) -> &str {
        &self.obligation().standard
    }

    /// The services it gates.
    async fn gates_services(&self, ctx: &Context<'_>) -> Result<Vec<ServiceNode>> {
        let named = self.terms.named(ctx).await?;
        Ok(named.services(self.obligation().gates_services.iter().map(Code::as_str)))
    }

    /// The failures it gates.
    async fn gates_scenarios(&self) -> Vec<Word<FailureScenario>> {
        words(&self.obligation().gates_scenarios)
    }

    /// What happens to what it gates while it is unmet.
    async fn effects(&self) -> Vec<Word<ObligationEffect>> {
        words(&self.obligation().effects)
    }

    /// Days of 24 hours from the failure to the effects.
    async fn grace_days(&self) -> i32 {
        self.obligation().grace_days.cast_signed()
    }

    /// How it stands now.
    async fn state(&self, ctx: &Context<'_>) -> Result<Word<ObligationState>> {
        self.standing(ctx, Serving::of(ctx)?.session.now).await
    }

    /// How it stood at an instant.
    async fn state_at(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The instant.")] at: DateTime,
    ) -> Result<Word<ObligationState>> {
        self.standing(ctx, at.0).await
    }

    /// What was recorded of it in all versions, the newest record first.
    async fn history(&self, ctx: &Context<'_>) -> Result<Vec<StatusNode>> {
        let statuses = self.terms.statuses(ctx, self.obligation().code.as_str()).await?;
        Ok(statuses.iter().rev().cloned().map(StatusNode).collect())
    }
}

plain! {
    ObligationNode: |this|
    "id" => id,
    "clause" => clause,
    "code" => code,
    "title" => title,
    "standard" => standard,
    "gatesServices" => gates_services if this.terms.member().related().is_named(),
    "gatesScenarios" => gates_scenarios,
    "effects" => effects,
    "graceDays" => grace_days,
}

/// One recorded state of an obligation in the API.
#[derive(Clone, Debug)]
pub(crate) struct StatusNode(pub(crate) StatusRecord);

/// How an obligation stands since an instant, as somebody recorded it.
#[Object(name = "ObligationStatus", crate = "crate::graphql::in_turn")]
impl StatusNode {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        Kind::ObligationStatus.id(self.0.id)
    }

    /// How it stands.
    async fn state(&self) -> Word<ObligationState> {
        Word(self.0.change.state)
    }

    /// Since when.
    async fn since(&self) -> DateTime {
        DateTime(self.0.change.since)
    }

    /// Of a waiver, the first instant without it; then the obligation stands as it did before. Null: until another state
    /// is recorded.
    async fn until(&self) -> Option<DateTime> {
        self.0.change.until.map(DateTime)
    }

    /// Whose word it is, and whether it counts.
    async fn status(&self) -> Word<StatementStatus> {
        Word(self.0.change.status)
    }

    /// What shows it.
    async fn evidence(&self) -> Option<&str> {
        self.0.evidence.as_deref()
    }

    /// Who recorded it.
    async fn recorded_by(&self) -> &str {
        &self.0.recorded_by
    }

    /// When it was recorded.
    async fn recorded_at(&self) -> DateTime {
        DateTime(self.0.change.recorded_at)
    }

    /// Who confirmed or rejected what a client attested.
    async fn judged_by(&self) -> Option<&str> {
        self.0.judgement.as_ref().map(|judgement| judgement.by.as_str())
    }

    /// When it was confirmed or rejected.
    async fn judged_at(&self) -> Option<DateTime> {
        self.0.judgement.as_ref().map(|judgement| DateTime(judgement.at))
    }

    /// Why it was rejected.
    async fn rejection(&self) -> Option<&str> {
        self.0.judgement.as_ref().and_then(|judgement| judgement.reason.as_deref())
    }
}
