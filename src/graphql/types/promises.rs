//! What holds for all promises: who may call on them, what is owed when they are not kept, and how prices may rise.

use async_graphql::SimpleObject;
use remit_domain::{
    terms::{self, clause},
    text::Code,
    words::{CapBasis, Measure, Party, PriceKind},
};

use super::{ServiceNode, sections::Placed, terms::Named};
use crate::graphql::{
    scalars::Decimal,
    words::{Word, words},
};

/// Somebody of the client's who may ask for service.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct NamedCaller {
    /// The clause.
    clause: String,
    /// Who, as tickets name them.
    name: String,
    /// For which services; empty: all.
    services: Vec<ServiceNode>,
    /// Whether they may ask for work that costs extra.
    may_approve: bool,
}

impl NamedCaller {
    pub(crate) fn new(place: usize, caller: &terms::NamedCaller, named: &Named) -> Self {
        Self {
            clause: clause::caller(place),
            name: caller.name.clone(),
            services: named.services(caller.services.iter().map(Code::as_str)),
            may_approve: caller.may_approve,
        }
    }
}

/// What holds for all service credits together.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct CreditPolicy {
    /// The clause.
    clause: String,
    /// The most that a month's credits come to, in percent of its recurring fee.
    month_cap_percent: Option<Decimal>,
    /// The most that a year's credits come to, in percent of `yearBasis`.
    year_cap_percent: Option<Decimal>,
    /// What the year's cap is held against.
    year_basis: Word<CapBasis>,
    /// Days after the month within which a credit has to be claimed. Null: it is due unasked.
    claim_within_days: Option<i32>,
}

impl From<&terms::CreditPolicy> for CreditPolicy {
    fn from(policy: &terms::CreditPolicy) -> Self {
        Self {
            clause: clause::CREDIT_POLICY.into(),
            month_cap_percent: policy.month_cap.map(|cap| Decimal(cap.to_string())),
            year_cap_percent: policy.year_cap.map(|cap| Decimal(cap.to_string())),
            year_basis: Word(policy.year_basis),
            claim_within_days: policy.claim_within_days.map(u32::cast_signed),
        }
    }
}

/// So many bad periods within so many allow a party to end the agreement.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct TerminationTrigger {
    /// The clause.
    clause: String,
    /// What it is called.
    title: String,
    /// Who may end the agreement.
    party: Word<Party>,
    /// What is measured.
    measure: Word<Measure>,
    /// A period is bad when the measure is below this share, in percent.
    below_percent: Decimal,
    /// How many bad periods.
    times: i32,
    /// Within how many in a row.
    within_periods: i32,
    /// Days of notice.
    notice_days: i32,
}

impl From<Placed<'_, terms::TerminationTrigger>> for TerminationTrigger {
    fn from((place, trigger): Placed<'_, terms::TerminationTrigger>) -> Self {
        Self {
            clause: clause::termination_trigger(place),
            title: trigger.title.clone(),
            party: Word(trigger.party),
            measure: Word(trigger.measure),
            below_percent: Decimal(trigger.below.to_string()),
            times: trigger.times.get().cast_signed(),
            within_periods: trigger.within_periods.get().cast_signed(),
            notice_days: trigger.notice_days.cast_signed(),
        }
    }
}

/// How prices may rise from one version of the terms to the next.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct Indexation {
    /// The clause.
    clause: String,
    /// By which index, in words.
    index: String,
    /// Which prices.
    applies_to: Vec<Word<PriceKind>>,
    /// The most that a price rises each time, in percent. Null: as the index does.
    cap_percent: Option<Decimal>,
    /// Months between two rises.
    every_months: i32,
}

impl From<&terms::Indexation> for Indexation {
    fn from(indexation: &terms::Indexation) -> Self {
        Self {
            clause: clause::INDEXATION.into(),
            index: indexation.index.clone(),
            applies_to: words(&indexation.applies_to),
            cap_percent: indexation.cap.map(|cap| Decimal(cap.to_string())),
            every_months: indexation.every_months.get().cast_signed(),
        }
    }
}
