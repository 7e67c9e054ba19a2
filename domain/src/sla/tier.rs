//! A tier: its targets, what waiting stops, and what falling short earns.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    decimal::Percent,
    text::Code,
    time::Duration,
    words::{Clock, Delivery, HoursClass, Milestone, Priority, PromiseStrength, WaitingReason},
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
    /// Two update cadences for one priority.
    #[error("there are two update cadences for {priority}")]
    SameUpdates {
        /// The place of the second.
        place: usize,
        /// The priority.
        priority: Priority,
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
    /// Only for what comes by these channels, in the provider's words; empty: any.
    #[serde(default)]
    pub channels: Vec<String>,
    /// Only for work that reaches the client so; none: either.
    #[serde(default)]
    pub delivery: Option<Delivery>,
    /// The calendar whose hours count; none: the service's or the terms' own.
    #[serde(default)]
    pub calendar: Option<Code>,
    /// How firmly.
    pub strength: PromiseStrength,
    /// The share of a period's tickets that must meet it.
    pub attainment: Percent,
}

/// What a target is chosen by, besides priority and milestone (S2).
#[derive(Clone, Copy, Debug)]
pub struct Opening<'a> {
    /// The class of the hour of the opening.
    pub class: HoursClass,
    /// By which channel it came, in the provider's words.
    pub channel: Option<&'a str>,
    /// How the work reaches the client.
    pub delivery: Option<Delivery>,
}

impl Target {
    fn applies_in(&self, class: HoursClass) -> bool {
        self.opened_in.is_empty() || self.opened_in.contains(&class)
    }

    fn applies_to(&self, opening: &Opening<'_>) -> bool {
        let by_channel = || opening.channel.is_some_and(|channel| self.channels.iter().any(|known| known == channel));
        self.applies_in(opening.class)
            && (self.channels.is_empty() || by_channel())
            && self.delivery.is_none_or(|delivery| opening.delivery == Some(delivery))
    }

    /// Less is more specific: one that names channels, then one that names the delivery, then the one with the fewest
    /// classes (S2).
    fn breadth(&self) -> (bool, bool, usize) {
        let classes = if self.opened_in.is_empty() { HoursClass::ALL.len() } else { self.opened_in.len() };
        (self.channels.is_empty(), self.delivery.is_none(), classes)
    }

    /// A class of hours that both are for, if anything can match both.
    fn common_class(&self, other: &Self) -> Option<HoursClass> {
        let by_channel = self.channels.is_empty() || self.channels.iter().any(|c| other.channels.contains(c));
        let classes = HoursClass::ALL.iter().copied();
        classes
            .filter(|_| by_channel && self.delivery == other.delivery)
            .find(|class| self.applies_in(*class) && other.applies_in(*class))
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

/// How often somebody says how a ticket stands (Q5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateCadence {
    /// Of tickets of this priority.
    pub priority: Priority,
    /// The longest time between two updates.
    pub every: Duration,
    /// Which time counts.
    pub clock: Clock,
}

/// Who is brought in when a ticket is not resolved by then (Q5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EscalationStep {
    /// Of tickets of this priority.
    pub priority: Priority,
    /// Counted time after the opening.
    pub after: Duration,
    /// Which time counts.
    pub clock: Clock,
    /// Who is brought in.
    pub to: String,
    /// What happens.
    pub action: String,
}

/// A tier as it is written, before its parts are held to each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TierParts {
    /// The targets.
    pub targets: Vec<Target>,
    /// What waiting stops.
    pub waiting: Vec<WaitingRule>,
    /// How often somebody says how a ticket stands.
    pub updates: Vec<UpdateCadence>,
    /// Who is brought in when.
    pub escalations: Vec<EscalationStep>,
    /// The steps of service credits.
    pub credits: Vec<CreditStep>,
    /// The most that one period's credits come to, in percent of its fee.
    pub credit_cap: Option<Percent>,
    /// Below so many judged tickets a target earns no credit.
    pub credit_minimum_tickets: u32,
}

/// A tier, whose targets never leave a choice open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tier(TierParts);

impl Tier {
    /// A tier of targets.
    ///
    /// # Errors
    /// [`TierError`] for two targets that no rule chooses between, or two rules for one reason or priority.
    pub fn new(parts: TierParts) -> Result<Self, TierError> {
        if parts.targets.len() > TARGETS_MAX {
            return Err(TierError::TooManyTargets(parts.targets.len()));
        }
        for (place, target) in parts.targets.iter().enumerate() {
            if let Some(ambiguous) = ambiguity(&parts.targets, place, target) {
                return Err(ambiguous);
            }
        }
        for (place, rule) in parts.waiting.iter().enumerate() {
            if parts.waiting.iter().take(place).any(|other| other.reason == rule.reason) {
                return Err(TierError::SameReason { place, reason: rule.reason });
            }
        }
        for (place, update) in parts.updates.iter().enumerate() {
            if parts.updates.iter().take(place).any(|other| other.priority == update.priority) {
                return Err(TierError::SameUpdates { place, priority: update.priority });
            }
        }
        Ok(Self(parts))
    }

    /// How often somebody says how a ticket of a priority stands.
    #[must_use]
    pub fn update(&self, priority: Priority) -> Option<&UpdateCadence> {
        self.0.updates.iter().find(|update| update.priority == priority)
    }

    /// Everything that is written.
    #[must_use]
    pub const fn parts(&self) -> &TierParts {
        &self.0
    }

    /// The calendars that targets name.
    pub fn calendars(&self) -> impl Iterator<Item = &Code> {
        self.0.targets.iter().filter_map(|target| target.calendar.as_ref())
    }

    /// The targets, as written.
    #[must_use]
    pub fn targets(&self) -> &[Target] {
        &self.0.targets
    }

    /// The rules for waiting, as written.
    #[must_use]
    pub fn waiting(&self) -> &[WaitingRule] {
        &self.0.waiting
    }

    /// The steps of service credits.
    #[must_use]
    pub fn credits(&self) -> &[CreditStep] {
        &self.0.credits
    }

    /// The most that one period's credits come to, in percent of its fee.
    #[must_use]
    pub const fn credit_cap(&self) -> Option<Percent> {
        self.0.credit_cap
    }

    /// Below so many judged tickets a target earns no credit.
    #[must_use]
    pub const fn credit_minimum_tickets(&self) -> u32 {
        self.0.credit_minimum_tickets
    }

    /// The target for a priority and milestone of what is opened so, with its place: the most specific (S2). None: nothing
    /// is promised.
    #[must_use]
    pub fn target(&self, priority: Priority, milestone: Milestone, opening: &Opening<'_>) -> Option<(usize, &Target)> {
        let of = |t: &Target| t.priority == priority && t.milestone == milestone && t.applies_to(opening);
        self.0.targets.iter().enumerate().filter(|(_, target)| of(target)).min_by_key(|(_, target)| target.breadth())
    }
}

/// The earlier target that a target cannot be told from: same priority and milestone, as specific, and a case in common.
fn ambiguity(targets: &[Target], place: usize, target: &Target) -> Option<TierError> {
    let (priority, milestone) = (target.priority, target.milestone);
    let rival = |other: &Target| {
        let same = other.priority == priority && other.milestone == milestone && other.breadth() == target.breadth();
        other.common_class(target).filter(|_| same)
    };
    let mut earlier = targets.iter().take(place).enumerate();
    earlier.find_map(|(first, other)| {
        let class = rival(other)?;
        Some(TierError::Ambiguous { place, first: first + 1, priority, milestone, class })
    })
}
