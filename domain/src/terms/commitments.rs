//! What is expected and promised as a number or a time.

use super::*;
use crate::{
    decimal,
    span::{Span, Spans},
    ticket::About,
};

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
    #[serde(with = "decimal::as_text")]
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
    /// How it is reckoned.
    #[serde(default)]
    pub formula: Formula,
    /// Credits for several bad periods.
    #[serde(default)]
    pub credit_triggers: Vec<CreditTrigger>,
    /// A credit for each stretch of downtime beyond what is allowed.
    #[serde(default)]
    pub credit_per: Option<CreditPer>,
}

/// How an availability is reckoned (Q1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Formula {
    /// What the percentage is of.
    pub base: AvailabilityBase,
    /// When something of several members counts as down.
    pub down_when: DownWhen,
    /// The members; empty: it is one thing.
    pub members: Vec<String>,
    /// Outages shorter than this are no downtime.
    pub ignores_under: Option<Duration>,
    /// Causes that are no downtime.
    pub excused: Vec<String>,
    /// Times of every week in which maintenance is no downtime, without notice and beside the allowance.
    pub maintenance: Vec<WeeklyPeriod>,
    /// The hours in which it is promised, where the clock is business hours; none: the terms' own.
    pub calendar: Option<Pin>,
}

impl Default for Formula {
    fn default() -> Self {
        Self {
            base: AvailabilityBase::Window,
            down_when: DownWhen::AnyMember,
            members: Vec::new(),
            ignores_under: None,
            excused: Vec::new(),
            maintenance: Vec::new(),
            calendar: None,
        }
    }
}

/// A credit for each stretch of downtime, or part of one, beyond what is allowed (Q2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditPer {
    /// The stretch.
    pub each: Duration,
    /// The credit for one, in percent of the period's fee.
    pub credit: Percent,
}

impl AvailabilityCommitment {
    /// Whether falling short earns the client anything.
    #[must_use]
    pub fn earns_credits(&self) -> bool {
        !self.credits.is_empty() || !self.credit_triggers.is_empty() || self.credit_per.is_some()
    }

    /// How long it may be down in a window (Q1, Q7): the share that is not promised, of the window's hours or of thirty days
    /// a month, as far as the terms are in force, rounded down to the microsecond. Allowances for maintenance are not part
    /// of it.
    ///
    /// - `calendar`: the hours in which it is promised, and the zone of its days.
    /// - `part`: the part of the window in which the terms are in force.
    #[must_use]
    pub fn allowed_downtime(&self, calendar: &Calendar, whole: Span, part: &Spans) -> Duration {
        let base = self.base(calendar, whole, part);
        let all = i128::from(Percent::ALL.parts());
        let allowed = i128::from(base.micros()) * (all - i128::from(self.percent.parts())) / all;
        Duration::from_micros(i64::try_from(allowed).unwrap_or(0))
    }

    /// What the percentage is of (Q1): the hours that count of the part of a window in which the terms are in force, or
    /// thirty days for each of its months, of which a part of the window has its share, rounded down to the microsecond.
    pub(crate) fn base(&self, calendar: &Calendar, whole: Span, part: &Spans) -> Duration {
        if self.formula.base == AvailabilityBase::Window {
            return self.counted(calendar, part);
        }
        let months = match self.window {
            Window::CalendarMonth | Window::Rolling30Days => 1,
            Window::CalendarQuarter => 3,
            Window::CalendarYear => 12,
        };
        let full = i128::from(Duration::from_hours(months * 30 * 24).micros());
        let share = full * i128::from(part.length().micros()) / i128::from(whole.length().micros().max(1));
        Duration::from_micros(i64::try_from(share).unwrap_or(0))
    }

    /// How much of some time lies in the hours in which it is promised.
    pub(crate) fn counted(&self, calendar: &Calendar, time: &Spans) -> Duration {
        match self.clock {
            Clock::AroundTheClock => time.length(),
            Clock::BusinessHours => time.iter().fold(Duration::ZERO, |sum, span| {
                sum.plus(calendar.open_time(span.from(), span.to()).unwrap_or_default())
            }),
        }
    }
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

impl RecoveryCommitment {
    /// Whether it is about what a ticket tells of: the failure, and the kind of thing if it names one.
    #[must_use]
    pub fn is_about(&self, about: &About) -> bool {
        about.scenario == Some(self.scenario)
            && self.component.is_none_or(|component| about.component == Some(component))
    }
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
