//! What one version of an agreement says, section by section.
//!
//! [`Sections`] is what is written down, in names and codes. [`AgreedTerms`] is the same with everything it names
//! resolved: the form that questions are answered from.

use std::{num::NonZeroU32, sync::Arc};

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    calendar::{Calendar, WeeklyPeriod},
    decimal::{Factor, Percent},
    lifecycle::Renewal,
    money::{Currency, Money, Rate},
    sla::{CreditStep, Tier},
    text::Code,
    time::Duration,
    words::{
        Clock, Comparator, ComponentClass, CostItem, FailureScenario, HoursClass, MinimaRule, ObligationEffect, Party,
        Priority, PromiseStrength, RateTreatment, RoundingAggregate, RoundingOrder, Window,
    },
};

pub mod clause;

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
    /// What is done.
    pub services: Vec<IncludedService>,
    /// What is not done.
    pub exclusions: Vec<Exclusion>,
    /// What work outside the fee costs.
    pub extra_hours: Option<ExtraHours>,
    /// Who answers for which failure.
    pub responsibilities: Vec<Responsibility>,
    /// What the client's systems must meet.
    pub obligations: Vec<Obligation>,
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
        self.calendar.iter().chain(self.services.iter().filter_map(|line| line.calendar.as_ref())).chain(of_rules)
    }
}

/// A service that the fee buys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncludedService {
    /// Which.
    pub service: Code,
    /// Of a package, what it held when the terms were offered; none while they are a draft.
    pub components: Option<Vec<Code>>,
    /// How many units, at least one.
    pub quantity: NonZeroU32,
    /// Price of one unit a month; none: not said.
    pub unit_price: Option<Rate>,
    /// A remark.
    pub note: Option<String>,
    /// A tier of its own.
    pub tier: Option<Pin>,
    /// Business hours of its own.
    pub calendar: Option<Pin>,
}

/// What the provider does not do, said aloud. It matches when every field it names equals the question's (V2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    /// What it is called.
    pub title: String,
    /// Why it is excluded.
    pub reason: String,
    /// The service it names.
    pub service: Option<Code>,
    /// The failure it names.
    pub scenario: Option<FailureScenario>,
    /// The kind of thing it names.
    pub component: Option<ComponentClass>,
}

/// Whether work outside the fee is to be had, when, and what it costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtraHours {
    /// From the top, the first that matches the work applies (R2).
    pub rates: Vec<RateRule>,
    /// The plain hourly rate of each role.
    pub roles: Vec<RoleRate>,
    /// How worked time becomes charged time (R3).
    pub rounding: Rounding,
    /// Hours paid for in the fee (R4).
    pub included: Option<IncludedHours>,
}

/// One rule of price; an empty list matches anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateRule {
    /// Stable across versions, for what other systems hang on it.
    pub code: Code,
    /// The code that another system knows the price under.
    pub item_code: Option<String>,
    /// Kinds of hour.
    pub hours_class: Vec<HoursClass>,
    /// Priorities.
    pub priority: Vec<Priority>,
    /// Kinds of work, in the provider's words.
    pub work_kind: Vec<String>,
    /// Roles.
    pub role: Vec<String>,
    /// The calendar that says the class of the hour and the zone of `during`; none: the service's or the terms' own.
    #[serde(default)]
    pub calendar: Option<Pin>,
    /// Wall time in the calendar's zone.
    pub during: Vec<WeeklyPeriod>,
    /// What it costs.
    pub treatment: Treatment,
    /// A minimum of its own (R3).
    pub minimum: Option<Duration>,
    /// An increment of its own (R3).
    pub increment: Option<Duration>,
    /// A fixed fee, once per aggregate.
    pub call_out: Option<Money>,
}

/// What work that a rule matches costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Treatment {
    /// Nothing more: paid for already.
    InFee,
    /// The role's hourly rate times a factor.
    Multiplier(Factor),
    /// A rate of its own.
    Hourly(Rate),
    /// It is not to be had.
    NotOffered,
}

impl Treatment {
    /// The word for it, without its number.
    #[must_use]
    pub const fn word(self) -> RateTreatment {
        match self {
            Self::InFee => RateTreatment::InFee,
            Self::Multiplier(_) => RateTreatment::Multiplier,
            Self::Hourly(_) => RateTreatment::Hourly,
            Self::NotOffered => RateTreatment::NotOffered,
        }
    }
}

/// The plain hourly rate of a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleRate {
    /// The role, in the provider's words.
    pub role: String,
    /// The rate.
    pub hourly: Rate,
}

/// How worked time becomes charged time (R3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rounding {
    /// Which pieces are taken together.
    pub aggregate: RoundingAggregate,
    /// Which of increment and minimum acts first.
    pub order: RoundingOrder,
    /// What several rules' minima do.
    pub minima: MinimaRule,
    /// The least that is charged.
    pub minimum: Duration,
    /// The step that time is rounded up to; zero: no rounding.
    pub increment: Duration,
}

/// Hours paid for in the recurring fee (R4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncludedHours {
    /// How many each billing period brings.
    pub per_period: Duration,
    /// Which work draws, from the top; none matches: does not draw.
    pub draws: Vec<DrawRule>,
    /// For how many more periods unused hours can be drawn.
    pub rollover_periods: u32,
    /// The most that is carried from before.
    pub rollover_cap: Option<Duration>,
    /// The rate of time that draws and is not covered; none: its own rate.
    pub overage_hourly: Option<Rate>,
}

/// Which work draws included hours, and how many for one hour worked; an empty list matches anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawRule {
    /// Kinds of hour.
    pub hours_class: Vec<HoursClass>,
    /// Roles.
    pub role: Vec<String>,
    /// Kinds of work.
    pub work_kind: Vec<String>,
    /// Hours drawn per hour.
    pub factor: Factor,
}

/// Who answers for a failure; with a component it outranks one without (V3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Responsibility {
    /// The failure.
    pub scenario: FailureScenario,
    /// The kind of thing; none: all that is not named elsewhere.
    pub component: Option<ComponentClass>,
    /// Who answers.
    pub party: Party,
    /// What that party does.
    pub duties: String,
    /// What it does not do.
    pub exclusions: Option<String>,
    /// Who pays what; what is not listed falls to `party`.
    pub costs: Vec<CostShare>,
}

/// Who pays for one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostShare {
    /// What costs.
    pub item: CostItem,
    /// Who pays.
    pub party: Party,
}

/// A standard the client's systems or conduct must meet; while it is not, its effects apply to what it gates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obligation {
    /// The same across versions: states belong to (agreement, code).
    pub code: Code,
    /// What it is called.
    pub title: String,
    /// What must be met; a draft may not have said yet.
    pub standard: String,
    /// The services it gates.
    pub gates_services: Vec<Code>,
    /// The failures it gates.
    pub gates_scenarios: Vec<FailureScenario>,
    /// What happens while it is unmet (V8: at least one).
    pub effects: Vec<ObligationEffect>,
    /// Days of 24 hours from the failure to the effects (V9).
    pub grace_days: u32,
}

/// What is expected of a kind of thing, as a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerformanceExpectation {
    /// The kind of thing.
    pub component: ComponentClass,
    /// What is measured.
    pub metric: String,
    /// How the value is held against the measurement.
    pub comparator: Comparator,
    /// The value.
    #[serde(with = "decimal_text")]
    pub value: Decimal,
    /// Its unit.
    pub unit: String,
    /// Over which time it is measured.
    pub window: Window,
    /// Who measures.
    pub measured_by: Party,
    /// How firmly it is promised.
    pub strength: PromiseStrength,
}

/// How much of the time something is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AvailabilityCommitment {
    /// What.
    pub subject: String,
    /// How much of the window.
    pub percent: Percent,
    /// Over which time.
    pub window: Window,
    /// Which hours count.
    pub clock: Clock,
    /// Maintenance announced this long before is no downtime.
    pub maintenance_notice: Option<Duration>,
    /// Up to this much in a window.
    pub maintenance_allowance: Option<Duration>,
    /// How firmly it is promised.
    pub strength: PromiseStrength,
    /// What is credited when it is not kept.
    pub credits: Vec<CreditStep>,
}

/// How fast a failure gets fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryCommitment {
    /// The failure.
    pub scenario: FailureScenario,
    /// The kind of thing; none: any.
    pub component: Option<ComponentClass>,
    /// Counted time from the failure to the fix.
    pub fix_within: Duration,
    /// Which hours count.
    pub clock: Clock,
    /// How firmly it is promised.
    pub strength: PromiseStrength,
}

/// How often backups run, how long they are kept, and how they are proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupCommitment {
    /// Of what.
    pub subject: String,
    /// The longest time between two runs.
    pub every: Duration,
    /// Days a backup is kept.
    pub retention_days: u32,
    /// Whether a copy is kept elsewhere.
    pub off_site: bool,
    /// Days between two trial restores; none: none is promised.
    pub restore_test_every_days: Option<u32>,
    /// Time a restore takes at most; none: not promised.
    pub restore_within: Option<Duration>,
    /// How firmly it is promised.
    pub strength: PromiseStrength,
}

/// A version with all that it names at hand: what `coverage` is answered from.
#[derive(Clone, Debug)]
pub struct AgreedTerms {
    /// The currency of all prices.
    pub currency: Currency,
    /// What is written.
    pub sections: Sections,
    /// The terms' own business hours.
    pub calendar: Arc<Calendar>,
    /// The terms' own targets.
    pub tier: Arc<Tier>,
    /// For each of `sections.services`, what applies to it.
    pub lines: Vec<AgreedLine>,
    /// For each rule of price, the calendar it names.
    pub rate_calendars: Vec<Option<Arc<Calendar>>>,
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

/// Decimals in documents are text.
mod decimal_text {
    use rust_decimal::Decimal;
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    use crate::decimal;

    pub(super) fn serialize<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&decimal::canonical(*value))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        decimal::parse(&std::borrow::Cow::<'de, str>::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
