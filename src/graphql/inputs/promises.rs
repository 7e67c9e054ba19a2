//! What holds for all promises: who may call on them, what is owed when they are not kept, and how prices may rise.

use std::num::NonZeroU32;

use async_graphql::InputObject;
use remit_domain::{
    terms,
    words::{CapBasis, Measure, Party, PriceKind},
};

use super::{
    DAYS_MAX, Ref,
    availability::times_within,
    name,
    names::{Names, Wanted},
    number, optional,
    renewal::MONTHS_MAX,
    tier::percent,
};
use crate::{
    app::{Problems, UserErrorCode},
    graphql::{
        scalars::Decimal,
        words::{Word, unworded},
    },
};

/// Somebody of the client's who may ask for service.
#[derive(Debug, InputObject)]
pub(crate) struct NamedCallerInput {
    /// Who, as tickets name them.
    name: String,
    /// For which services. Left out or empty: all.
    services: Option<Vec<Ref>>,
    /// Whether they may ask for work that costs extra.
    #[graphql(default = false)]
    may_approve: bool,
}

impl NamedCallerInput {
    pub(super) fn wanted(&self, wanted: &mut Wanted) {
        self.services.iter().flatten().for_each(|named| wanted.service(named));
    }

    pub(super) fn read(self, p: &mut Problems, names: &Names) -> Option<terms::NamedCaller> {
        let who = name(p, "name", self.name);
        let services = self.services.unwrap_or_default();
        let services = p.at("services", |p| p.each(services, |p, reference| names.service(p, reference)));
        Some(terms::NamedCaller { name: who?, services: services?, may_approve: self.may_approve })
    }
}

/// What holds for all service credits together.
#[derive(Debug, InputObject)]
pub(crate) struct CreditPolicyInput {
    /// The most that a month's credits come to, in percent of its recurring fee.
    month_cap_percent: Option<Decimal>,
    /// The most that a year's credits come to, in percent of `yearBasis`.
    year_cap_percent: Option<Decimal>,
    /// What the year's cap is held against.
    #[graphql(default_with = "Word(CapBasis::FeesOfYear)")]
    year_basis: Word<CapBasis>,
    /// Days after the month within which a credit has to be claimed. Left out: it is due unasked.
    claim_within_days: Option<i32>,
}

impl CreditPolicyInput {
    pub(super) fn read(self, p: &mut Problems) -> Option<terms::CreditPolicy> {
        let month = optional(self.month_cap_percent, |cap| percent(p, "monthCapPercent", &cap));
        let year = optional(self.year_cap_percent, |cap| percent(p, "yearCapPercent", &cap));
        let claim = optional(self.claim_within_days, |days| number(p, "claimWithinDays", days, 1, DAYS_MAX));
        Some(terms::CreditPolicy {
            month_cap: month?,
            year_cap: year?,
            year_basis: self.year_basis.0,
            claim_within_days: claim?,
        })
    }
}

/// So many bad periods within so many allow a party to end the agreement.
#[derive(Debug, InputObject)]
pub(crate) struct TerminationTriggerInput {
    /// What it is called.
    title: String,
    /// Who may end the agreement.
    #[graphql(default_with = "Word(Party::Client)")]
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
    #[graphql(default = 0)]
    notice_days: i32,
}

impl TerminationTriggerInput {
    pub(super) fn read(self, p: &mut Problems) -> Option<terms::TerminationTrigger> {
        let title = name(p, "title", self.title);
        let below = percent(p, "belowPercent", &self.below_percent);
        let notice = number(p, "noticeDays", self.notice_days, 0, DAYS_MAX);
        let (times, within) = times_within(p, self.times, self.within_periods)?;
        Some(terms::TerminationTrigger {
            title: title?,
            party: self.party.0,
            measure: self.measure.0,
            below: below?,
            times,
            within_periods: within,
            notice_days: notice?,
        })
    }
}

/// How prices may rise from one version of the terms to the next.
#[derive(Debug, InputObject)]
pub(crate) struct IndexationInput {
    /// By which index, in words.
    index: String,
    /// Which prices. Left out: both.
    applies_to: Option<Vec<Word<PriceKind>>>,
    /// The most that a price rises each time, in percent. Left out: as the index does.
    cap_percent: Option<Decimal>,
    /// Months between two rises.
    #[graphql(default = 12)]
    every_months: i32,
}

impl IndexationInput {
    pub(super) fn read(self, p: &mut Problems) -> Option<terms::Indexation> {
        let index = name(p, "index", self.index);
        let cap = optional(self.cap_percent, |cap| percent(p, "capPercent", &cap));
        let every = number(p, "everyMonths", self.every_months, 1, MONTHS_MAX).and_then(NonZeroU32::new);
        let applies_to = self.applies_to.map_or(PriceKind::ALL.to_vec(), |list| unworded(Some(list)));
        if applies_to.is_empty() {
            p.at("appliesTo", |p| p.refuse(UserErrorCode::Invalid, "an indexation of no price says nothing"));
        }
        Some(terms::Indexation { index: index?, applies_to, cap: cap?, every_months: every? })
    }
}
