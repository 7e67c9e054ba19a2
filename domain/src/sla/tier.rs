//! A tier: its targets, what waiting stops, and what falling short earns.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    decimal::Percent,
    time::Duration,
    words::{Clock, HoursClass, Milestone, Priority, PromiseStrength, WaitingReason},
};

/// The most targets a tier has: five priorities, four milestones, and the classes of hours.
const TARGETS_MAX: usize = 200;
/// The longest target in time: ten years.
const WITHIN_MAX: Duration = Duration::from_hours(87_600);
/// The longest target in business days.
const BUSINESS_DAYS_MAX: u32 = 1_000;

/// Why a tier cannot be. Places are counted from 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TierError {
    /// Neither or both of `within` and `businessDays`.
    #[error("a target has exactly one of `within` and `businessDays`")]
    LimitNotOne,
    /// No time, or more than is kept.
    #[error("must be above {} and at most {WITHIN_MAX}", Duration::ZERO)]
    WithinRange,
    /// No day, or more than are kept.
    #[error("must be from 1 to {BUSINESS_DAYS_MAX}")]
    BusinessDaysRange,
    /// Business days around the clock (C7).
    #[error("business days are counted in business hours, not around the clock")]
    BusinessDaysAroundTheClock,
    /// Two targets that no rule chooses between (S2).
    #[error("{priority} {milestone} opened in {class} hours has two equally specific targets, this and number {first}")]
    Ambiguous {
        /// The place of the second.
        place: usize,
        /// The place of the first.
        first: usize,
        /// The priority of both.
        priority: Priority,
        /// The milestone of both.
        milestone: Milestone,
        /// A class that both name.
        class: HoursClass,
    },
    /// Two rules for one reason.
    #[error("there are two rules for waiting for {reason}")]
    SameReason {
        /// The place of the second.
        place: usize,
        /// The reason.
        reason: WaitingReason,
    },
    /// A credit step that holds nothing.
    #[error("the step from {from} to below {below} holds nothing")]
    EmptyStep {
        /// Its lower end.
        from: Percent,
        /// Its upper end.
        below: Percent,
    },
    /// More targets than a tier has.
    #[error("there are {0} targets, at most {TARGETS_MAX} are taken")]
    TooManyTargets(usize),
}

/// How long a target gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Limit {
    /// So much counted time.
    Within {
        /// The time.
        time: Duration,
        /// Which time counts.
        clock: Clock,
    },
    /// To the end of the n-th business day after the opening (C7); counted in business hours.
    BusinessDays(u32),
}

impl Limit {
    /// The limit that two optional fields and a clock say.
    ///
    /// # Errors
    /// [`TierError`] unless exactly one is given, in range, and business days are counted in business hours.
    pub fn new(within: Option<Duration>, business_days: Option<u32>, clock: Clock) -> Result<Self, TierError> {
        match (within, business_days) {
            (Some(time), None) if time > Duration::ZERO && time <= WITHIN_MAX => Ok(Self::Within { time, clock }),
            (Some(_), None) => Err(TierError::WithinRange),
            (None, Some(_)) if clock == Clock::AroundTheClock => Err(TierError::BusinessDaysAroundTheClock),
            (None, Some(days)) if (1..=BUSINESS_DAYS_MAX).contains(&days) => Ok(Self::BusinessDays(days)),
            (None, Some(_)) => Err(TierError::BusinessDaysRange),
            (Some(_), Some(_)) | (None, None) => Err(TierError::LimitNotOne),
        }
    }

    /// Which time counts.
    #[must_use]
    pub const fn clock(self) -> Clock {
        match self {
            Self::Within { clock, .. } => clock,
            Self::BusinessDays(_) => Clock::BusinessHours,
        }
    }
}

/// What is promised for one priority and milestone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The priority.
    pub priority: Priority,
    /// The milestone.
    pub milestone: Milestone,
    /// By when.
    pub limit: Limit,
    /// Only for what is opened in these hours; empty: any.
    pub opened_in: Vec<HoursClass>,
    /// How firmly.
    pub strength: PromiseStrength,
    /// The share of a period's tickets that must meet it.
    pub attainment: Percent,
}

impl Target {
    fn applies_in(&self, class: HoursClass) -> bool {
        self.opened_in.is_empty() || self.opened_in.contains(&class)
    }

    /// How many classes it is for; fewer is more specific (S2).
    fn breadth(&self) -> usize {
        if self.opened_in.is_empty() { HoursClass::ALL.len() } else { self.opened_in.len() }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.limit {
            Limit::Within { time, clock: Clock::BusinessHours } => write!(f, "{time} of business hours"),
            Limit::Within { time, clock: Clock::AroundTheClock } => write!(f, "{time} around the clock"),
            Limit::BusinessDays(1) => f.write_str("the next business day"),
            Limit::BusinessDays(days) => write!(f, "{days} business days"),
        }
    }
}

/// Which milestones stop counting while a ticket waits for something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingRule {
    /// For what.
    pub reason: WaitingReason,
    /// Which.
    pub stops: Vec<Milestone>,
}

/// Attainment from `from` (inclusive; none: from 0) to below `below` earns this credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditStep {
    /// The lower end.
    pub from: Option<Percent>,
    /// The upper end, not included.
    pub below: Percent,
    /// The credit, in percent of the period's fee.
    pub credit: Percent,
}

impl CreditStep {
    /// A step.
    ///
    /// # Errors
    /// [`TierError::EmptyStep`] when it would hold nothing.
    pub fn new(from: Option<Percent>, below: Percent, credit: Percent) -> Result<Self, TierError> {
        match from {
            Some(from) if from >= below => Err(TierError::EmptyStep { from, below }),
            _ => Ok(Self { from, below, credit }),
        }
    }
}

/// A tier, whose targets never leave a choice open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    targets: Vec<Target>,
    waiting: Vec<WaitingRule>,
    credits: Vec<CreditStep>,
    credit_cap: Option<Percent>,
    credit_minimum_tickets: u32,
}

impl Tier {
    /// A tier of targets.
    ///
    /// # Errors
    /// [`TierError`] for two targets that no rule chooses between, or two rules for one reason.
    pub fn new(
        targets: Vec<Target>,
        waiting: Vec<WaitingRule>,
        credits: Vec<CreditStep>,
        credit_cap: Option<Percent>,
        credit_minimum_tickets: u32,
    ) -> Result<Self, TierError> {
        if targets.len() > TARGETS_MAX {
            return Err(TierError::TooManyTargets(targets.len()));
        }
        for (place, target) in targets.iter().enumerate() {
            if let Some(ambiguous) = ambiguity(&targets, place, target) {
                return Err(ambiguous);
            }
        }
        for (place, rule) in waiting.iter().enumerate() {
            if waiting.iter().take(place).any(|other| other.reason == rule.reason) {
                return Err(TierError::SameReason { place, reason: rule.reason });
            }
        }
        Ok(Self { targets, waiting, credits, credit_cap, credit_minimum_tickets })
    }

    /// The targets, as written.
    #[must_use]
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// The rules for waiting, as written.
    #[must_use]
    pub fn waiting(&self) -> &[WaitingRule] {
        &self.waiting
    }

    /// The steps of service credits.
    #[must_use]
    pub fn credits(&self) -> &[CreditStep] {
        &self.credits
    }

    /// The most that one period's credits come to, in percent of its fee.
    #[must_use]
    pub const fn credit_cap(&self) -> Option<Percent> {
        self.credit_cap
    }

    /// Below so many judged tickets a target earns no credit.
    #[must_use]
    pub const fn credit_minimum_tickets(&self) -> u32 {
        self.credit_minimum_tickets
    }

    /// The target for a priority and milestone opened in a class of hours, with its place: the one with the fewest
    /// classes (S2). None: nothing is promised.
    #[must_use]
    pub fn target(&self, priority: Priority, milestone: Milestone, class: HoursClass) -> Option<(usize, &Target)> {
        let of = |t: &Target| t.priority == priority && t.milestone == milestone && t.applies_in(class);
        self.targets.iter().enumerate().filter(|(_, target)| of(target)).min_by_key(|(_, target)| target.breadth())
    }
}

/// The earlier target that a target cannot be told from: same priority and milestone, as specific, and a class in common.
fn ambiguity(targets: &[Target], place: usize, target: &Target) -> Option<TierError> {
    let (priority, milestone) = (target.priority, target.milestone);
    let rival = |other: &Target| {
        let same = other.priority == priority && other.milestone == milestone && other.breadth() == target.breadth();
        let shared = HoursClass::ALL.iter().find(|class| other.applies_in(**class) && target.applies_in(**class));
        shared.copied().filter(|_| same)
    };
    let mut earlier = targets.iter().take(place).enumerate();
    earlier.find_map(|(first, other)| {
        let class = rival(other)?;
        Some(TierError::Ambiguous { place, first: first + 1, priority, milestone, class })
    })
}
