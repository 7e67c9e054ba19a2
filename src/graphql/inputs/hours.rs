//! Extra hours: rates, roles, rounding, included hours.

use async_graphql::InputObject;
use remit_domain::{
    Currency, Factor, Money, Rate,
    calendar::{WallPeriod, WeeklyPeriod},
    terms,
    text::{self, Code},
    words::{HoursClass, MinimaRule, Priority, RateTreatment, RoundingAggregate, RoundingOrder, Weekday},
};

use super::{Ref, catalogue::exact, names::Names, number, optional, stated::Stated};
use crate::{
    app::{Problems, UserErrorCode},
    graphql::{
        scalars::{CurrencyCode, Decimal, Duration, LocalTime},
        words::{Word, unworded},
    },
};

/// The most rate rules, roles or draw rules a policy has.
const RULES_MAX: usize = 200;

/// A period of every week, in wall time.
#[derive(Debug, InputObject)]
pub(crate) struct OpenPeriodInput {
    /// The day it begins on.
    weekday: Word<Weekday>,
    /// When it opens.
    opens: LocalTime,
    /// When it closes; no later than it opens: on the next date.
    closes: LocalTime,
}

/// The periods of a week at the place of the reading; whether they may overlap is for the caller to say.
pub(super) fn weekly(p: &mut Problems, list: Vec<OpenPeriodInput>) -> Option<Vec<WeeklyPeriod>> {
    p.each(list, |p, period| {
        let read = p.check(WallPeriod::new(period.opens.0, period.closes.0))?;
        Some(WeeklyPeriod { weekday: period.weekday.0, period: read })
    })
}

/// An exact amount.
#[derive(Debug, InputObject)]
pub(crate) struct MoneyInput {
    /// The amount.
    amount: Decimal,
    /// The currency.
    currency: CurrencyCode,
}

impl MoneyInput {
    fn parts(&self, p: &mut Problems) -> Option<(rust_decimal::Decimal, Currency)> {
        Some((exact(p, "amount", &self.amount)?, self.currency.0))
    }

    /// The amount as a rate at a field: exact, zero or more.
    pub(super) fn rate(&self, p: &mut Problems, field: &str) -> Option<Rate> {
        p.at(field, |p| {
            let (amount, currency) = self.parts(p)?;
            p.take("amount", Rate::new(amount, currency))
        })
    }

    /// The amount as a fee at a field: in the currency's own digits, zero or more.
    fn fee(&self, p: &mut Problems, field: &str) -> Option<Money> {
        p.at(field, |p| {
            let (amount, currency) = self.parts(p)?;
            p.take("amount", Money::price(amount, currency))
        })
    }
}

/// Whether work outside the fee is to be had, when, and what it costs.
#[derive(Debug, InputObject)]
pub(crate) struct ExtraHoursPolicyInput {
    /// Read from the top; the first rule that matches the work applies. None matches: not offered.
    rates: Vec<RateRuleInput>,
    /// The plain hourly rate of each role.
    roles: Vec<RoleRateInput>,
    /// How worked time becomes charged time. Left out: each entry by itself, to the minute.
    rounding: Option<RoundingRuleInput>,
    /// Hours paid for in the recurring fee.
    included: Option<IncludedHoursInput>,
}

impl ExtraHoursPolicyInput {
    /// The calendars that rules name.
    pub(super) fn calendars(&self) -> impl Iterator<Item = &Ref> {
        self.rates.iter().filter_map(|rule| rule.calendar.as_ref())
    }

    pub(super) fn read(self, p: &mut Problems, names: &Names) -> Option<terms::ExtraHours> {
        let rates = p.at("rates", |p| rules(p, self.rates, names));
        let roles = p.at("roles", |p| roles(p, self.roles));
        let rounding = self.rounding.unwrap_or_default();
        let included = optional(self.included, |included| p.at("included", |p| included.read(p)));
        Some(terms::ExtraHours { rates: rates?, roles: roles?, rounding: rounding.read(), included: included? })
    }
}

fn rules(p: &mut Problems, list: Vec<RateRuleInput>, names: &Names) -> Option<Vec<terms::RateRule>> {
    let mut codes: Vec<Code> = Vec::new();
    few(p, list.len())?;
    let mut place = 0;
    p.each(list, |p, rule| {
        place += 1;
        let rule = rule.read(p, place, names)?;
        if codes.contains(&rule.code) {
            p.at("code", |p| p.refuse(UserErrorCode::Invalid, format!("another rule has the code {}", rule.code)));
            return None;
        }
        codes.push(rule.code.clone());
        Some(rule)
    })
}

fn roles(p: &mut Problems, list: Vec<RoleRateInput>) -> Option<Vec<terms::RoleRate>> {
    let mut seen: Vec<String> = Vec::new();
    few(p, list.len())?;
    p.each(list, |p, role| {
        let named = p.take("role", text::named(&role.role, text::NAME_MAX));
        let hourly = role.hourly.rate(p, "hourly");
        if seen.contains(&role.role) {
            p.at("role", |p| p.refuse(UserErrorCode::Invalid, format!("the role {} has two rates", role.role)));
            return None;
        }
        seen.push(role.role.clone());
        named.zip(hourly).map(|((), hourly)| terms::RoleRate { role: role.role, hourly })
    })
}

fn few(p: &mut Problems, found: usize) -> Option<()> {
    if found > RULES_MAX {
        p.refuse(UserErrorCode::Invalid, format!("there are {found}, at most {RULES_MAX} are taken"));
        return None;
    }
    Some(())
}

/// One rule of price; lists left out or empty match anything.
#[derive(Debug, InputObject)]
pub(crate) struct RateRuleInput {
    /// Stable across versions. Left out: made from the rule's place.
    code: Option<String>,
    /// The code that another system knows the price under.
    item_code: Option<String>,
    /// A fixed fee, once per aggregate.
    call_out: Option<MoneyInput>,
    /// Kinds of hour.
    hours_class: Option<Vec<Word<HoursClass>>>,
    /// The calendar that says the class of the hour and the zone of `during`. Left out: the service's or the terms' own.
    calendar: Option<Ref>,
    /// Wall time in the calendar's zone.
    during: Option<Vec<OpenPeriodInput>>,
    /// Priorities.
    priority: Option<Vec<Word<Priority>>>,
    /// Kinds of work, in the provider's words.
    work_kind: Option<Vec<String>>,
    /// Roles.
    role: Option<Vec<String>>,
    /// What the work costs.
    treatment: Word<RateTreatment>,
    /// With MULTIPLIER, and only then: times the role's hourly rate.
    multiplier: Option<Decimal>,
    /// With HOURLY, and only then: the rate.
    hourly: Option<MoneyInput>,
    /// A minimum of its own.
    minimum: Option<Duration>,
    /// An increment of its own.
    increment: Option<Duration>,
}

impl RateRuleInput {
    fn read(self, p: &mut Problems, place: usize, names: &Names) -> Option<terms::RateRule> {
        let treatment = self.treatment(p);
        let code = self.code.unwrap_or_else(|| format!("R{place}"));
        let code = super::code(p, "code", &code);
        let item_code = optional(self.item_code, |text| super::name(p, "itemCode", text));
        let call_out = optional(self.call_out, |fee| fee.fee(p, "callOut"));
        let calendar = optional(self.calendar, |reference| p.at("calendar", |p| names.calendar(p, reference)));
        let during = p.at("during", |p| weekly(p, self.during.unwrap_or_default()));
        let work_kind = labels(p, "workKind", self.work_kind);
        let role = labels(p, "role", self.role);
        Some(terms::RateRule {
            code: code?,
            item_code: item_code?,
            hours_class: unworded(self.hours_class),
            priority: unworded(self.priority),
            work_kind: work_kind?,
            role: role?,
            calendar: calendar?,
            during: during?,
            treatment: treatment?,
            minimum: self.minimum.map(|minimum| minimum.0),
            increment: self.increment.map(|increment| increment.0),
            call_out: call_out?,
        })
    }

    /// The treatment with what belongs to it and nothing else.
    fn treatment(&self, p: &mut Problems) -> Option<terms::Treatment> {
        let factor = optional(self.multiplier.as_ref(), |value| p.take("multiplier", value.0.parse::<Factor>()));
        let hourly = optional(self.hourly.as_ref(), |value| value.rate(p, "hourly"));
        match (self.treatment.0, factor?, hourly?) {
            (RateTreatment::InFee, None, None) => Some(terms::Treatment::InFee),
            (RateTreatment::NotOffered, None, None) => Some(terms::Treatment::NotOffered),
            (RateTreatment::Multiplier, Some(factor), None) => Some(terms::Treatment::Multiplier(factor)),
            (RateTreatment::Hourly, None, Some(hourly)) => Some(terms::Treatment::Hourly(hourly)),
            (treatment, ..) => {
                let wanted = match treatment {
                    RateTreatment::Multiplier => "`multiplier` and no `hourly`",
                    RateTreatment::Hourly => "`hourly` and no `multiplier`",
                    RateTreatment::InFee | RateTreatment::NotOffered => "neither `multiplier` nor `hourly`",
                };
                p.at("treatment", |p| p.refuse(UserErrorCode::Invalid, format!("{treatment} goes with {wanted}")));
                None
            }
        }
    }
}

/// Words of the provider's own at a field.
pub(super) fn labels(p: &mut Problems, field: &str, list: Option<Vec<String>>) -> Option<Vec<String>> {
    let label = |p: &mut Problems, text: String| p.check(text::named(&text, text::NAME_MAX)).map(|()| text);
    p.at(field, |p| p.each(list.unwrap_or_default(), label))
}

/// The plain hourly rate of a role.
#[derive(Debug, InputObject)]
pub(crate) struct RoleRateInput {
    /// The role, in the provider's words.
    role: String,
    /// The rate.
    hourly: MoneyInput,
}

/// How worked time becomes charged time. Times round up.
#[derive(Debug, InputObject)]
pub(crate) struct RoundingRuleInput {
    /// Which pieces are taken together.
    #[graphql(default_with = "Word(RoundingAggregate::Entry)")]
    aggregate: Word<RoundingAggregate>,
    /// Which of increment and minimum acts first.
    #[graphql(default_with = "Word(RoundingOrder::RoundThenMinimum)")]
    order: Word<RoundingOrder>,
    /// Of several rules' minima in one aggregate.
    #[graphql(default_with = "Word(MinimaRule::Each)")]
    minima: Word<MinimaRule>,
    /// The least that is charged.
    #[graphql(default_with = "Stated::LeftOut(Duration(terms::Rounding::USUAL_MINIMUM))")]
    minimum: Stated<Duration>,
    /// The step that time is rounded up to; PT0S: no rounding.
    #[graphql(default_with = "Stated::LeftOut(Duration(terms::Rounding::USUAL_INCREMENT))")]
    increment: Stated<Duration>,
}

impl Default for RoundingRuleInput {
    fn default() -> Self {
        Self {
            aggregate: Word(RoundingAggregate::Entry),
            order: Word(RoundingOrder::RoundThenMinimum),
            minima: Word(MinimaRule::Each),
            minimum: Stated::LeftOut(Duration(terms::Rounding::USUAL_MINIMUM)),
            increment: Stated::LeftOut(Duration(terms::Rounding::USUAL_INCREMENT)),
        }
    }
}

impl RoundingRuleInput {
    fn read(self) -> terms::Rounding {
        terms::Rounding {
            aggregate: self.aggregate.0,
            order: self.order.0,
            minima: self.minima.0,
            minimum: self.minimum.said().map(|minimum| minimum.0),
            increment: self.increment.said().map(|increment| increment.0),
        }
    }
}

/// Hours paid for in the recurring fee.
#[derive(Debug, InputObject)]
pub(crate) struct IncludedHoursInput {
    /// How many each billing period brings.
    per_period: Duration,
    /// Which work draws, read from the top; none matches: does not draw.
    draws: Vec<DrawRuleInput>,
    /// For how many more periods unused hours can be drawn.
    #[graphql(default = 0)]
    rollover_periods: i32,
    /// The most that is carried from before.
    rollover_cap: Option<Duration>,
    /// The rate of time that draws and is not covered; left out: its own rate.
    overage_hourly: Option<MoneyInput>,
}

impl IncludedHoursInput {
    fn read(self, p: &mut Problems) -> Option<terms::IncludedHours> {
        let draws = p.at("draws", |p| {
            few(p, self.draws.len())?;
            p.each(self.draws, |p, draw| draw.read(p))
        });
        let rollover = number(p, "rolloverPeriods", self.rollover_periods, 0, 120);
        let overage = optional(self.overage_hourly, |rate| rate.rate(p, "overageHourly"));
        Some(terms::IncludedHours {
            per_period: self.per_period.0,
            draws: draws?,
            rollover_periods: rollover?,
            rollover_cap: self.rollover_cap.map(|cap| cap.0),
            overage_hourly: overage?,
        })
    }
}

/// Which work draws included hours; lists left out or empty match anything.
#[derive(Debug, InputObject)]
pub(crate) struct DrawRuleInput {
    /// Kinds of hour.
    hours_class: Option<Vec<Word<HoursClass>>>,
    /// Roles.
    role: Option<Vec<String>>,
    /// Kinds of work.
    work_kind: Option<Vec<String>>,
    /// Hours drawn per hour worked.
    #[graphql(default_with = "Decimal(\"1\".into())")]
    factor: Decimal,
}

impl DrawRuleInput {
    fn read(self, p: &mut Problems) -> Option<terms::DrawRule> {
        let role = labels(p, "role", self.role);
        let work_kind = labels(p, "workKind", self.work_kind);
        let factor = p.take("factor", self.factor.0.parse::<Factor>());
        Some(terms::DrawRule {
            hours_class: unworded(self.hours_class),
            role: role?,
            work_kind: work_kind?,
            factor: factor?,
        })
    }
}
