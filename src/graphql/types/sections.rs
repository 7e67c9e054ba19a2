//! What terms say, section by section.

use async_graphql::SimpleObject;
use remit_domain::{
    terms::{self, clause},
    text::Code,
    words::{
        ComponentClass, CostItem, FailureScenario, HoursClass, MinimaRule, Party, Priority, RateTreatment,
        RoundingAggregate, RoundingOrder,
    },
};

use super::{CalendarNode, Money, ServiceNode, TierNode, calendar::OpenPeriod, rate, terms::Named};
use crate::graphql::{
    plain::plain,
    scalars::{Decimal, Duration},
    words::{Word, words},
};

/// A clause with its place in its list.
pub(crate) type Placed<'a, T> = (usize, &'a T);

/// A service that the fee buys.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::plain")]
pub(crate) struct IncludedService {
    /// The clause.
    clause: String,
    /// Which service.
    service: ServiceNode,
    /// Of a package, what it holds: as agreed once the terms are offered.
    components: Vec<ServiceNode>,
    /// How many units.
    quantity: i32,
    /// Price of one unit per month.
    unit_price: Option<Money>,
    /// A remark.
    note: Option<String>,
    /// A tier of its own. Null: the terms' own.
    tier: Option<TierNode>,
    /// Business hours of its own. Null: the terms' own.
    calendar: Option<CalendarNode>,
}

plain! {
    IncludedService:
    "clause" => clause,
    "service" => service,
    "components" => components,
    "quantity" => quantity,
    "unitPrice" => unit_price,
    "note" => note,
    "tier" => tier,
    "calendar" => calendar,
}

impl IncludedService {
    pub(crate) fn new(place: usize, line: &terms::IncludedService, named: &Named) -> Option<Self> {
        let tier = line.tier.as_ref().and_then(|pin| named.catalogue.tier(pin));
        let calendar = line.calendar.as_ref().and_then(|pin| named.catalogue.calendar(pin));
        Some(Self {
            clause: clause::service(place),
            service: named.services.get(line.service.as_str())?.clone(),
            components: named.services(named.catalogue.components(line).iter().map(Code::as_str)),
            quantity: line.quantity.get().cast_signed(),
            unit_price: line.unit_price.map(rate),
            note: line.note.clone(),
            tier: tier.cloned().map(TierNode),
            calendar: calendar.cloned().map(CalendarNode),
        })
    }
}

/// What the provider does not do under this agreement, said aloud.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct Exclusion {
    /// The clause.
    clause: String,
    /// What it is called.
    title: String,
    /// Why it is excluded.
    reason: String,
    /// The service it names.
    service: Option<ServiceNode>,
    /// The failure it names.
    scenario: Option<Word<FailureScenario>>,
    /// The kind of thing it names.
    component: Option<Word<ComponentClass>>,
}

impl Exclusion {
    pub(crate) fn new(place: usize, exclusion: &terms::Exclusion, named: &Named) -> Self {
        Self {
            clause: clause::exclusion(place),
            title: exclusion.title.clone(),
            reason: exclusion.reason.clone(),
            service: exclusion.service.as_ref().and_then(|code| named.services.get(code.as_str()).cloned()),
            scenario: exclusion.scenario.map(Word),
            component: exclusion.component.map(Word),
        }
    }
}

/// Whether work outside the fee is to be had, when, and what it costs.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct ExtraHoursPolicy {
    /// The clause.
    clause: String,
    /// Read from the top; the first rule that matches the work applies. None matches: not offered.
    rates: Vec<RateRule>,
    /// The plain hourly rate of each role.
    roles: Vec<RoleRate>,
    /// How worked time becomes charged time.
    rounding: RoundingRule,
    /// Hours paid for in the recurring fee.
    included: Option<IncludedHours>,
}

impl ExtraHoursPolicy {
    pub(crate) fn new(policy: &terms::ExtraHours, named: &Named) -> Self {
        let role = |role: &terms::RoleRate| RoleRate { role: role.role.clone(), hourly: rate(role.hourly) };
        Self {
            clause: clause::EXTRA_HOURS.into(),
            rates: policy.rates.iter().map(|rule| RateRule::new(rule, named)).collect(),
            roles: policy.roles.iter().map(role).collect(),
            rounding: (&policy.rounding).into(),
            included: policy.included.as_ref().map(Into::into),
        }
    }
}

/// One rule of price; an empty list matches anything.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct RateRule {
    /// Stable across versions, for what other systems hang on it; `itemCode` is theirs.
    code: String,
    /// The code that another system knows the price under.
    item_code: Option<String>,
    /// Kinds of hour.
    hours_class: Vec<Word<HoursClass>>,
    /// Priorities.
    priority: Vec<Word<Priority>>,
    /// Kinds of work, in the provider's words.
    work_kind: Vec<String>,
    /// Roles.
    role: Vec<String>,
    /// The calendar that says the class of the hour and the zone of `during`. Null: the service's or the terms' own.
    calendar: Option<CalendarNode>,
    /// Wall time in the calendar's zone; empty: any.
    during: Vec<OpenPeriod>,
    /// What the work costs.
    treatment: Word<RateTreatment>,
    /// With MULTIPLIER: times the role's hourly rate.
    multiplier: Option<Decimal>,
    /// With HOURLY: the rate.
    hourly: Option<Money>,
    /// A minimum of its own.
    minimum: Option<Duration>,
    /// An increment of its own.
    increment: Option<Duration>,
    /// A fixed fee, once per aggregate.
    call_out: Option<Money>,
}

impl RateRule {
    pub(super) fn new(rule: &terms::RateRule, named: &Named) -> Self {
        let calendar = rule.calendar.as_ref().and_then(|pin| named.catalogue.calendar(pin));
        let (multiplier, hourly) = match rule.treatment {
            terms::Treatment::InFee | terms::Treatment::NotOffered => (None, None),
            terms::Treatment::Multiplier(factor) => (Some(factor), None),
            terms::Treatment::Hourly(hourly) => (None, Some(hourly)),
        };
        Self {
            code: rule.code.to_string(),
            item_code: rule.item_code.clone(),
            hours_class: words(&rule.hours_class),
            priority: words(&rule.priority),
            work_kind: rule.work_kind.clone(),
            role: rule.role.clone(),
            calendar: calendar.cloned().map(CalendarNode),
            during: rule.during.iter().map(Into::into).collect(),
            treatment: Word(rule.treatment.word()),
            multiplier: multiplier.map(|factor| Decimal(factor.to_string())),
            hourly: hourly.map(rate),
            minimum: rule.minimum.map(Duration),
            increment: rule.increment.map(Duration),
            call_out: rule.call_out.map(Into::into),
        }
    }
}

/// The plain hourly rate of a role.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct RoleRate {
    /// The role, in the provider's words.
    role: String,
    /// The rate.
    hourly: Money,
}

/// How worked time becomes charged time: which pieces are taken together, and in which order minimum and increment act.
/// Times round up.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct RoundingRule {
    /// Which pieces are taken together.
    aggregate: Word<RoundingAggregate>,
    /// Which of increment and minimum acts first.
    order: Word<RoundingOrder>,
    /// Of several rules' minima in one aggregate.
    minima: Word<MinimaRule>,
    /// The least that is charged.
    minimum: Duration,
    /// The step that time is rounded up to; PT0S: no rounding.
    increment: Duration,
}

impl From<&terms::Rounding> for RoundingRule {
    fn from(rounding: &terms::Rounding) -> Self {
        Self {
            aggregate: Word(rounding.aggregate),
            order: Word(rounding.order),
            minima: Word(rounding.minima),
            minimum: Duration(rounding.minimum()),
            increment: Duration(rounding.increment()),
        }
    }
}

/// Hours paid for in the recurring fee; drawn in order of the time worked, earliest-expiring hours first.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct IncludedHours {
    /// How many each billing period brings.
    per_period: Duration,
    /// Which work draws, read from the top.
    draws: Vec<DrawRule>,
    /// For how many more periods unused hours can be drawn.
    rollover_periods: i32,
    /// The most that is carried from before.
    rollover_cap: Option<Duration>,
    /// The rate of time that draws and is not covered; null: its own rate.
    overage_hourly: Option<Money>,
}

impl From<&terms::IncludedHours> for IncludedHours {
    fn from(included: &terms::IncludedHours) -> Self {
        let draw = |draw: &terms::DrawRule| DrawRule {
            hours_class: words(&draw.hours_class),
            role: draw.role.clone(),
            work_kind: draw.work_kind.clone(),
            factor: Decimal(draw.factor.to_string()),
        };
        Self {
            per_period: Duration(included.per_period),
            draws: included.draws.iter().map(draw).collect(),
            rollover_periods: included.rollover_periods.cast_signed(),
            rollover_cap: included.rollover_cap.map(Duration),
            overage_hourly: included.overage_hourly.map(rate),
        }
    }
}

/// Which work draws included hours. From the top, the first match; empty lists: any; none matches: does not draw.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct DrawRule {
    /// Kinds of hour.
    hours_class: Vec<Word<HoursClass>>,
    /// Roles.
    role: Vec<String>,
    /// Kinds of work.
    work_kind: Vec<String>,
    /// Hours drawn per hour worked.
    factor: Decimal,
}

/// Who answers for a failure; one with a component outranks one without.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct Responsibility {
    /// The clause.
    clause: String,
    /// The failure.
    scenario: Word<FailureScenario>,
    /// The kind of thing; null: all that is not named elsewhere.
    component: Option<Word<ComponentClass>>,
    /// Who answers.
    party: Word<Party>,
    /// What that party does.
    duties: String,
    /// What it does not do.
    exclusions: Option<String>,
    /// Who pays what; what is not listed falls to `party`.
    costs: Vec<CostShare>,
}

impl From<Placed<'_, terms::Responsibility>> for Responsibility {
    fn from((place, responsibility): Placed<'_, terms::Responsibility>) -> Self {
        Self {
            clause: clause::responsibility(place),
            scenario: Word(responsibility.scenario),
            component: responsibility.component.map(Word),
            party: Word(responsibility.party),
            duties: responsibility.duties.clone(),
            exclusions: responsibility.exclusions.clone(),
            costs: responsibility.costs.iter().map(Into::into).collect(),
        }
    }
}

/// Who pays for one item.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct CostShare {
    /// What costs.
    item: Word<CostItem>,
    /// Who pays.
    party: Word<Party>,
}

impl From<&terms::CostShare> for CostShare {
    fn from(share: &terms::CostShare) -> Self {
        Self { item: Word(share.item), party: Word(share.party) }
    }
}
