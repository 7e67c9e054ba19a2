//! SLA tiers.

use async_graphql::{InputObject, MaybeUndefined};
use remit_domain::{
    Percent, sla,
    words::{Clock, Delivery, HoursClass, Milestone, Priority, PromiseStrength, WaitingReason},
};

use super::{
    Ref, code,
    commitments::some_time,
    given,
    hours::labels,
    name,
    names::{Names, Wanted},
    number, optional, prose,
};
use crate::{
    app::{Problems, PutTier},
    graphql::{
        scalars::{Decimal, Duration},
        words::{Word, unworded},
    },
};

/// A tier to be made or revised, found by its code.
#[derive(Debug, InputObject)]
pub(crate) struct PutSlaTierInput {
    /// The code; it never changes.
    code: String,
    /// The name.
    name: String,
    /// What it is for. Left out on creation: empty.
    description: MaybeUndefined<String>,
    /// What is promised for which priority.
    targets: Vec<SlaTargetInput>,
    /// Which milestones stop counting while a ticket waits for whom.
    waiting: MaybeUndefined<Vec<WaitingRuleInput>>,
    /// How often somebody says how a ticket stands, once for a priority.
    updates: MaybeUndefined<Vec<UpdateCadenceInput>>,
    /// Who is brought in when a ticket is not resolved by then.
    escalations: MaybeUndefined<Vec<EscalationStepInput>>,
    /// What attainment below the promised share earns.
    credits: MaybeUndefined<Vec<ServiceCreditStepInput>>,
    /// The most one period's credits may come to, in percent of its recurring fee.
    credit_cap_percent: MaybeUndefined<Decimal>,
    /// With fewer judged tickets than this a target earns no credit.
    #[graphql(default = 1)]
    credit_minimum_tickets: i32,
}

impl PutSlaTierInput {
    /// The names that have to be looked up before the input is read.
    pub(crate) fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::default();
        self.targets.iter().filter_map(|target| target.calendar.as_ref()).for_each(|named| wanted.calendar(named));
        wanted
    }

    pub(crate) fn read(self, p: &mut Problems, names: &Names) -> Option<PutTier> {
        let code = code(p, "code", &self.code);
        let title = name(p, "name", self.name);
        let description = optional(given(self.description, String::new), |text| prose(p, "description", text));
        let targets = p.at("targets", |p| p.each(self.targets, |p, target| target.read(p, names)));
        let rule = |_: &mut Problems, rule: WaitingRuleInput| {
            Some(sla::WaitingRule { reason: rule.reason.0, stops: unworded(Some(rule.stops)) })
        };
        let waiting = optional(given(self.waiting, Vec::new), |list| p.at("waiting", |p| p.each(list, rule)));
        let updates = optional(given(self.updates, Vec::new), |list| {
            p.at("updates", |p| p.each(list, |p, update| update.read(p)))
        });
        let escalations = optional(given(self.escalations, Vec::new), |list| {
            p.at("escalations", |p| p.each(list, |p, step| step.read(p)))
        });
        let credits = optional(given(self.credits, Vec::new), |list| p.at("credits", |p| credit_steps(p, list)));
        let cap = match self.credit_cap_percent {
            MaybeUndefined::Undefined => Some(None),
            MaybeUndefined::Null => Some(Some(None)),
            MaybeUndefined::Value(cap) => percent(p, "creditCapPercent", &cap).map(|cap| Some(Some(cap))),
        };
        let minimum = number(p, "creditMinimumTickets", self.credit_minimum_tickets, 0, i32::MAX);
        Some(PutTier {
            code: code?,
            name: title?,
            description: description?,
            targets: targets?,
            waiting: waiting?,
            updates: updates?,
            escalations: escalations?,
            credits: credits?,
            credit_cap: cap?,
            credit_minimum_tickets: minimum?,
        })
    }
}

/// A target of a tier.
#[derive(Debug, InputObject)]
pub(crate) struct SlaTargetInput {
    /// The priority.
    priority: Word<Priority>,
    /// The milestone.
    milestone: Word<Milestone>,
    /// Which time counts.
    #[graphql(default_with = "Word(Clock::BusinessHours)")]
    clock: Word<Clock>,
    /// Counted time, up to ten years. Exactly one of `within` and `businessDays` is given.
    within: Option<Duration>,
    /// To the end of the n-th business day after the opening.
    business_days: Option<i32>,
    /// Only for tickets opened in these hours; left out or empty: any.
    opened_in: Option<Vec<Word<HoursClass>>>,
    /// Only for tickets that come by these channels, in the provider's words; left out or empty: any.
    channels: Option<Vec<String>>,
    /// Only for work that reaches the client so. Left out: either.
    delivery: Option<Word<Delivery>>,
    /// The calendar whose hours count. Left out: the service's or the terms' own.
    calendar: Option<Ref>,
    /// How firmly it is promised.
    #[graphql(default_with = "Word(PromiseStrength::Target)")]
    strength: Word<PromiseStrength>,
    /// The share of a period's tickets that must meet it, in percent.
    #[graphql(default_with = "Decimal(\"95\".into())")]
    attainment_percent: Decimal,
}

impl SlaTargetInput {
    fn read(self, p: &mut Problems, names: &Names) -> Option<sla::Target> {
        let days = optional(self.business_days, |days| number(p, "businessDays", days, 1, 1_000));
        let attainment = percent(p, "attainmentPercent", &self.attainment_percent);
        let limit = p.check(sla::Limit::new(self.within.map(|within| within.0), days?, self.clock.0));
        let channels = labels(p, "channels", self.channels);
        let calendar = optional(self.calendar, |named| p.at("calendar", |p| names.calendar(p, named)));
        let wanted = unworded(self.opened_in);
        let opened_in: Vec<HoursClass> =
            HoursClass::ALL.iter().copied().filter(|class| wanted.contains(class)).collect();
        Some(sla::Target {
            priority: self.priority.0,
            milestone: self.milestone.0,
            limit: limit?,
            opened_in: if opened_in.len() == HoursClass::ALL.len() { Vec::new() } else { opened_in },
            channels: channels?,
            delivery: self.delivery.map(|word| word.0),
            calendar: calendar?.map(|pin| pin.code),
            strength: self.strength.0,
            attainment: attainment?,
        })
    }
}

/// Which milestones stop counting while a ticket waits.
#[derive(Debug, InputObject)]
pub(crate) struct WaitingRuleInput {
    /// For whom or what it waits.
    reason: Word<WaitingReason>,
    /// Which milestones stop; empty: none.
    stops: Vec<Word<Milestone>>,
}

/// Attainment below this share earns this credit.
#[derive(Debug, InputObject)]
pub(crate) struct ServiceCreditStepInput {
    /// From this share on, included; left out: from nothing.
    from_percent: Option<Decimal>,
    /// Up to this share, not included.
    below_percent: Decimal,
    /// The credit, in percent of the period's recurring fee.
    credit_percent: Decimal,
}

/// How often somebody says how a ticket stands.
#[derive(Debug, InputObject)]
pub(crate) struct UpdateCadenceInput {
    /// Of tickets of this priority.
    priority: Word<Priority>,
    /// The longest time between two updates.
    every: Duration,
    /// Which time counts.
    #[graphql(default_with = "Word(Clock::BusinessHours)")]
    clock: Word<Clock>,
}

impl UpdateCadenceInput {
    fn read(self, p: &mut Problems) -> Option<sla::UpdateCadence> {
        let every = some_time(p, "every", &self.every)?;
        Some(sla::UpdateCadence { priority: self.priority.0, every, clock: self.clock.0 })
    }
}

/// Who is brought in when a ticket is not resolved by then.
#[derive(Debug, InputObject)]
pub(crate) struct EscalationStepInput {
    /// Of tickets of this priority.
    priority: Word<Priority>,
    /// Counted time after the opening.
    after: Duration,
    /// Which time counts.
    #[graphql(default_with = "Word(Clock::BusinessHours)")]
    clock: Word<Clock>,
    /// Who is brought in.
    to: String,
    /// What happens.
    action: String,
}

impl EscalationStepInput {
    fn read(self, p: &mut Problems) -> Option<sla::EscalationStep> {
        let after = some_time(p, "after", &self.after);
        let to = name(p, "to", self.to);
        let action = prose(p, "action", self.action);
        Some(sla::EscalationStep {
            priority: self.priority.0,
            after: after?,
            clock: self.clock.0,
            to: to?,
            action: action?,
        })
    }
}

/// The steps of service credits at the place of the reading.
pub(super) fn credit_steps(p: &mut Problems, list: Vec<ServiceCreditStepInput>) -> Option<Vec<sla::CreditStep>> {
    p.each(list, |p, step| {
        let from = optional(step.from_percent, |from| percent(p, "fromPercent", &from));
        let below = percent(p, "belowPercent", &step.below_percent);
        let credit = percent(p, "creditPercent", &step.credit_percent);
        p.check(sla::CreditStep::new(from?, below?, credit?))
    })
}

/// A share in percent at a field.
pub(super) fn percent(p: &mut Problems, field: &str, value: &Decimal) -> Option<Percent> {
    p.take(field, value.0.parse::<Percent>())
}
