//! What one version of an agreement says, section by section.
//!
//! [`Sections`] is what is written down, in names and codes. [`AgreedTerms`] is the same with everything it names
//! resolved: the form that questions are answered from.

use std::{collections::BTreeMap, num::NonZeroU32, sync::Arc};

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    calendar::{Calendar, WeeklyPeriod},
    decimal::{Factor, Percent},
    lifecycle::Renewal,
    money::{Currency, Money, Rate},
    sla::{CreditStep, Tier},
    span::Span,
    text::Code,
    time::Duration,
    words::{
        AvailabilityBase, Clock, Comparator, ComponentClass, CostItem, DownWhen, FailureScenario, HoursClass,
        MinimaRule, ObligationEffect, Party, Priority, PromiseStrength, RateTreatment, RoundingAggregate,
        RoundingOrder, Window,
    },
};

pub mod clause;
mod commitments;
mod duties;
mod price;
mod promises;
mod services;

pub use commitments::{
    AvailabilityCommitment, BackupCommitment, CreditPer, Formula, PerformanceExpectation, RecoveryCommitment,
};
pub use duties::{CostShare, Obligation, Responsibility};
pub use price::{DrawRule, ExtraHours, IncludedHours, RateRule, RoleRate, Rounding, Treatment};
pub use promises::{CreditPolicy, CreditTrigger, Indexation, NamedCaller, TerminationTrigger};
pub use services::{Exclusion, IncludedService};

/// A tier or calendar that terms name.
///
/// A draft that names a code follows its newest revision; offering writes the revision in, and from then on it is that
/// very one. Whoever names a revision by its id has it written in from the start.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Pin {
    /// The code.
    pub code: Code,
    /// The revision, counted from 1; none: the newest.
    pub revision: Option<u32>,
}

/// The days a version is for, by the zone of its calendar; both ends included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Term {
    /// The first day. A draft may not have said yet.
    pub from: Option<Date>,
    /// The last day; none: open-ended.
    pub until: Option<Date>,
}

impl Term {
    /// The part of a stretch of time that lies within the written days; a first or last day that is not written bounds nothing.
    ///
    /// - `calendar`: whose zone the days are of.
    #[must_use]
    pub fn within(&self, calendar: &Calendar, stretch: Span) -> Option<Span> {
        let begins = self.from.map(|from| calendar.start_of(from));
        let ends = self.until.and_then(|until| until.tomorrow().ok()).map(|after| calendar.start_of(after));
        Span::new(
            begins.map_or(stretch.from(), |begins| begins.max(stretch.from())),
            ends.map_or(stretch.to(), |ends| ends.min(stretch.to())),
        )
    }
}

/// The written sections of one version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sections {
    /// The business hours of all services that name none of their own.
    pub calendar: Option<Pin>,
    /// The targets of all services that name none of their own.
    pub tier: Option<Pin>,
    /// What happens when the term ends; none: it ends, if it has an end.
    #[serde(default)]
    pub renewal: Option<Renewal>,
    /// The calendars that targets of the tiers name, at the revision that was pinned; none while they are a draft.
    #[serde(default)]
    pub target_calendars: Vec<Pin>,
    /// Who may ask for service; empty: anyone of the client's.
    #[serde(default)]
    pub callers: Vec<NamedCaller>,
    /// What is done.
    pub services: Vec<IncludedService>,
    /// What is not done.
    pub exclusions: Vec<Exclusion>,
    /// What work outside the fee costs.
    pub extra_hours: Option<ExtraHours>,
    /// How prices may rise.
    #[serde(default)]
    pub indexation: Option<Indexation>,
    /// Who answers for which failure.
    pub responsibilities: Vec<Responsibility>,
    /// What the client's systems must meet.
    pub obligations: Vec<Obligation>,
    /// What holds for all service credits together.
    #[serde(default)]
    pub credit_policy: Option<CreditPolicy>,
    /// When broken promises end the agreement.
    #[serde(default)]
    pub termination_triggers: Vec<TerminationTrigger>,
    /// What is expected of hardware, third-party systems and workstations.
    pub performance: Vec<PerformanceExpectation>,
    /// How much of the time things are there.
    pub availability: Vec<AvailabilityCommitment>,
    /// How fast failures get fixed.
    pub recovery: Vec<RecoveryCommitment>,
    /// How often backups run.
    pub backups: Vec<BackupCommitment>,
}

impl Sections {
    /// Every tier that the terms name, their own first.
    pub fn tiers(&self) -> impl Iterator<Item = &Pin> {
        self.tier.iter().chain(self.services.iter().filter_map(|line| line.tier.as_ref()))
    }

    /// Every calendar that the terms name, their own first.
    pub fn calendars(&self) -> impl Iterator<Item = &Pin> {
        let of_rules =
            self.extra_hours.iter().flat_map(|policy| &policy.rates).filter_map(|rule| rule.calendar.as_ref());
        let of_commitments = self.availability.iter().filter_map(|commitment| commitment.formula.calendar.as_ref());
        let of_lines = self.services.iter().filter_map(|line| line.calendar.as_ref());
        self.calendar.iter().chain(of_lines).chain(of_rules).chain(of_commitments)
    }

    /// The calendar that a target's code means: as pinned, else the newest.
    #[must_use]
    pub fn target_calendar(&self, code: &Code) -> Pin {
        let pinned = self.target_calendars.iter().find(|pin| pin.code == *code);
        pinned.cloned().unwrap_or_else(|| Pin { code: code.clone(), revision: None })
    }
}

/// A version with all that it names at hand: what `coverage` is answered from.
#[derive(Clone, Debug)]
pub struct AgreedTerms {
    /// The currency of all prices.
    pub currency: Currency,
    /// What is written.
    pub sections: Arc<Sections>,
    /// The terms' own business hours.
    pub calendar: Arc<Calendar>,
    /// The terms' own targets.
    pub tier: Arc<Tier>,
    /// For each of `sections.services`, what applies to it.
    pub lines: Vec<AgreedLine>,
    /// For each rule of price, the calendar it names.
    pub rate_calendars: Vec<Option<Arc<Calendar>>>,
    /// For each of `sections.availability`, the calendar it names.
    pub availability_calendars: Vec<Option<Arc<Calendar>>>,
    /// The calendars that targets name.
    pub target_calendars: BTreeMap<Code, Arc<Calendar>>,
}

impl AgreedTerms {
    /// The hours in which an availability is promised, and the zone of its days: its own, else the terms'.
    ///
    /// - `place`: its place among the commitments.
    #[must_use]
    pub fn hours_of_availability(&self, place: usize) -> &Calendar {
        self.availability_calendars.get(place).and_then(Option::as_ref).unwrap_or(&self.calendar)
    }
}

/// What applies to one included service.
#[derive(Clone, Debug)]
pub struct AgreedLine {
    /// Of a package, what it holds.
    pub components: Vec<Code>,
    /// Its hours.
    pub calendar: Arc<Calendar>,
    /// Its targets.
    pub tier: Arc<Tier>,
}
