//! SLA tiers.

use std::borrow::Cow;

use async_graphql::{ID, Object, SimpleObject};
use remit_domain::{
    sla,
    words::{Clock, Delivery, HoursClass, Milestone, Priority, PromiseStrength, WaitingReason},
};

use crate::{
    graphql::{
        ids::Kind,
        paging::Item,
        plain::plain,
        scalars::{Decimal, Duration},
        words::{Word, words},
    },
    store::TierRecord,
};

/// A tier in the API.
#[derive(Clone, Debug)]
pub(crate) struct TierNode(pub(crate) TierRecord);

impl Item for TierNode {
    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0.code)
    }
}

/// A set of response times and what falling short of them earns. A change to what terms pin makes a new revision with an
/// id of its own: a code finds the newest, an id that very one.
#[Object(name = "SlaTier", crate = "crate::graphql::plain")]
impl TierNode {
    /// The global id of this revision.
    pub(crate) async fn id(&self) -> ID {
        Kind::SlaTier.id(self.0.id)
    }

    /// The code, unique per provider, shared by all revisions.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// The number of this revision, from 1.
    async fn revision(&self) -> i32 {
        self.0.revision.cast_signed()
    }

    /// The name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is for.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// What is promised for which priority.
    async fn targets(&self) -> Vec<SlaTarget> {
        self.0.tier.targets().iter().map(Into::into).collect()
    }

    /// Which milestones stop counting while a ticket waits for whom. Where nothing is said, waiting for the CLIENT stops
    /// RESOLUTION, WORKAROUND and PLAN.
    async fn waiting(&self) -> Vec<WaitingRule> {
        let rule = |rule: &sla::WaitingRule| WaitingRule { reason: Word(rule.reason), stops: words(&rule.stops) };
        self.0.tier.waiting().iter().map(rule).collect()
    }

    /// How often somebody says how a ticket stands.
    async fn updates(&self) -> Vec<UpdateCadence> {
        self.0.tier.parts().updates.iter().map(Into::into).collect()
    }

    /// Who is brought in when a ticket is not resolved by then.
    async fn escalations(&self) -> Vec<EscalationStep> {
        self.0.tier.parts().escalations.iter().map(Into::into).collect()
    }

    /// What attainment below the promised share earns.
    async fn credits(&self) -> Vec<ServiceCreditStep> {
        self.0.tier.credits().iter().map(Into::into).collect()
    }

    /// The most one period's credits may come to, in percent of its recurring fee.
    async fn credit_cap_percent(&self) -> Option<Decimal> {
        self.0.tier.credit_cap().map(|cap| Decimal(cap.to_string()))
    }

    /// With fewer judged tickets than this a target earns no credit.
    async fn credit_minimum_tickets(&self) -> i32 {
        self.0.tier.credit_minimum_tickets().cast_signed()
    }
}

plain! {
    TierNode:
    "id" => id,
    "code" => code,
    "name" => name,
    "revision" => revision,
    "targets" => targets,
}

/// A target in the API.
#[derive(Clone, Debug)]
pub(crate) struct SlaTarget(sla::Target);

/// What is promised for one priority and milestone.
#[Object(crate = "crate::graphql::plain")]
impl SlaTarget {
    /// The priority.
    async fn priority(&self) -> Word<Priority> {
        Word(self.0.priority)
    }

    /// The milestone.
    async fn milestone(&self) -> Word<Milestone> {
        Word(self.0.milestone)
    }

    /// Which time counts.
    async fn clock(&self) -> Word<Clock> {
        Word(self.0.limit.clock())
    }

    /// Counted time. Exactly one of `within` and `businessDays` is set.
    async fn within(&self) -> Option<Duration> {
        match self.0.limit {
            sla::Limit::Within { time, .. } => Some(Duration(time)),
            sla::Limit::BusinessDays(_) => None,
        }
    }

    /// To the end of the n-th business day after the opening.
    async fn business_days(&self) -> Option<i32> {
        match self.0.limit {
            sla::Limit::Within { .. } => None,
            sla::Limit::BusinessDays(days) => Some(days.cast_signed()),
        }
    }

    /// Only for tickets opened in these hours; empty means any. The most specific target applies.
    async fn opened_in(&self) -> Vec<Word<HoursClass>> {
        words(&self.0.opened_in)
    }

    /// Only for tickets that come by these channels, in the provider's words; empty: any.
    async fn channels(&self) -> &[String] {
        &self.0.channels
    }

    /// Only for work that reaches the client so. Null: either.
    async fn delivery(&self) -> Option<Word<Delivery>> {
        self.0.delivery.map(Word)
    }

    /// The code of the calendar whose hours count. Null: the service's or the terms' own.
    async fn calendar_code(&self) -> Option<String> {
        self.0.calendar.as_ref().map(ToString::to_string)
    }

    /// How firmly it is promised.
    async fn strength(&self) -> Word<PromiseStrength> {
        Word(self.0.strength)
    }

    /// The share of a period's tickets that must meet it, in percent.
    async fn attainment_percent(&self) -> Decimal {
        Decimal(self.0.attainment.to_string())
    }
}

plain! {
    SlaTarget:
    "priority" => priority,
    "milestone" => milestone,
    "clock" => clock,
    "within" => within,
    "businessDays" => business_days,
    "openedIn" => opened_in,
    "channels" => channels,
    "delivery" => delivery,
    "calendarCode" => calendar_code,
    "strength" => strength,
    "attainmentPercent" => attainment_percent,
}

impl From<&sla::Target> for SlaTarget {
    fn from(target: &sla::Target) -> Self {
        Self(target.clone())
    }
}

/// How often somebody says how a ticket stands.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct UpdateCadence {
    /// Of tickets of this priority.
    priority: Word<Priority>,
    /// The longest time between two updates.
    every: Duration,
    /// Which time counts.
    clock: Word<Clock>,
}

impl From<&sla::UpdateCadence> for UpdateCadence {
    fn from(update: &sla::UpdateCadence) -> Self {
        Self { priority: Word(update.priority), every: Duration(update.every), clock: Word(update.clock) }
    }
}

/// Who is brought in when a ticket is not resolved by then.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct EscalationStep {
    /// Of tickets of this priority.
    priority: Word<Priority>,
    /// Counted time after the opening.
    after: Duration,
    /// Which time counts.
    clock: Word<Clock>,
    /// Who is brought in.
    to: String,
    /// What happens.
    action: String,
}

impl From<&sla::EscalationStep> for EscalationStep {
    fn from(step: &sla::EscalationStep) -> Self {
        Self {
            priority: Word(step.priority),
            after: Duration(step.after),
            clock: Word(step.clock),
            to: step.to.clone(),
            action: step.action.clone(),
        }
    }
}

/// Which milestones stop counting while a ticket waits.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct WaitingRule {
    /// For whom or what it waits.
    reason: Word<WaitingReason>,
    /// Which milestones stop.
    stops: Vec<Word<Milestone>>,
}

/// Attainment below this share earns this credit; the deepest step that applies counts.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct ServiceCreditStep {
    /// From this share on, included; null: from nothing.
    from_percent: Option<Decimal>,
    /// Up to this share, not included.
    below_percent: Decimal,
    /// The credit, in percent of the period's recurring fee.
    credit_percent: Decimal,
}

impl From<&sla::CreditStep> for ServiceCreditStep {
    fn from(step: &sla::CreditStep) -> Self {
        Self {
            from_percent: step.from.map(|from| Decimal(from.to_string())),
            below_percent: Decimal(step.below.to_string()),
            credit_percent: Decimal(step.credit.to_string()),
        }
    }
}
