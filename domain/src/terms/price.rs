//! What work outside the fee costs.

use super::*;

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

impl ExtraHours {
    /// What holds where terms say nothing: no rule matches, and no role has a rate.
    #[must_use]
    pub const fn none() -> Self {
        let rounding = Rounding {
            aggregate: RoundingAggregate::Entry,
            order: RoundingOrder::RoundThenMinimum,
            minima: MinimaRule::Each,
            minimum: None,
            increment: Some(Duration::ZERO),
        };
        Self { rates: Vec::new(), roles: Vec::new(), rounding, included: None }
    }
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
    /// The least that is charged; none: not said.
    pub minimum: Option<Duration>,
    /// The step that time is rounded up to, zero for no rounding; none: not said.
    pub increment: Option<Duration>,
}

impl Rounding {
    /// The least that is charged where nothing is said.
    pub const USUAL_MINIMUM: Duration = Duration::ZERO;
    /// The step that time is rounded up to where nothing is said.
    pub const USUAL_INCREMENT: Duration = Duration::from_minutes(1);

    /// The least that is charged.
    #[must_use]
    pub fn minimum(&self) -> Duration {
        self.minimum.unwrap_or(Self::USUAL_MINIMUM)
    }

    /// The step that time is rounded up to; zero: no rounding.
    #[must_use]
    pub fn increment(&self) -> Duration {
        self.increment.unwrap_or(Self::USUAL_INCREMENT)
    }
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
