//! What an hour of the work costs at the instant asked about (V5, R2), and what all of it comes to.

use super::{
    Estimate, Question, Reason, ReasonCode,
    listing::{Condition, near_miss},
};
use crate::{
    calendar::Calendar,
    money::{Money, Rate},
    rating::{self, Fee, HourPool, Prices, RatedSegment, Span, Times, Urgency},
    terms::{AgreedTerms, DrawRule, ExtraHours, Indexation, RateRule, Treatment, clause},
    time::{Duration, later},
    words::{EntryBilling, HoursClass, PriceKind},
};

/// The work to be priced.
pub(super) struct Work<'a> {
    pub(super) question: &'a Question,
    pub(super) hours_class: HoursClass,
    pub(super) calendar: &'a Calendar,
    /// Not covered, or made chargeable by an obligation: the fee does not pay for it.
    pub(super) outside_the_fee: bool,
}

/// What it costs and why.
#[derive(Default)]
pub(super) struct Price {
    pub(super) offered: bool,
    pub(super) chargeable: bool,
    pub(super) rate: Option<Rate>,
    pub(super) estimate: Option<Estimate>,
    pub(super) reasons: Vec<Reason>,
}

impl Price {
    fn say(&mut self, code: ReasonCode, clause: String, text: impl Into<String>) {
        self.reasons.push(Reason::new(code, Some(clause), text));
    }
}

pub(super) fn price(
    terms: &AgreedTerms,
    work: &Work<'_>,
    pool: Option<&HourPool<'_>>,
    near_misses: &mut Vec<Reason>,
) -> Price {
    let Some(policy) = &terms.sections.extra_hours else {
        let mut price = Price::default();
        price.say(ReasonCode::NoRateRule, clause::EXTRA_HOURS.into(), "The terms have no extra-hours policy.");
        return price;
    };
    let prices = Prices { policy, calendars: &terms.rate_calendars, currency: terms.currency };
    let full = || policy.included.as_ref().map(|hours| HourPool::of(&hours.draws, hours.per_period));
    let pool = pool.cloned().or_else(full).unwrap_or_else(HourPool::none);
    let mut price = price_of_hour(prices, work, &pool, terms.sections.indexation.as_ref(), near_misses);
    if let Some(length) = work.question.work {
        estimate(prices, work, length, pool, &mut price);
    }
    price
}

/// What an hour costs at the instant asked about.
fn price_of_hour(
    prices: Prices<'_>,
    work: &Work<'_>,
    pool: &HourPool<'_>,
    indexation: Option<&Indexation>,
    near_misses: &mut Vec<Reason>,
) -> Price {
    let (mut price, policy, class) = (Price::default(), prices.policy, work.hours_class);
    let role = role(policy, work.question);
    let Some((place, rule)) = first_match(prices, work, role, near_misses) else {
        let text = format!("No rule of price matches work in {class} hours: it is not offered.");
        price.say(ReasonCode::NoRateRule, clause::EXTRA_HOURS.into(), text);
        return price;
    };
    let clause = clause::rate_rule(place);
    match rule.treatment {
        Treatment::NotOffered => {
            price.say(ReasonCode::NotOffered, clause, format!("Work in {class} hours is not offered."));
            return price;
        }
        Treatment::InFee if !work.outside_the_fee => {
            price.say(ReasonCode::InFee, clause, format!("The fee pays for work in {class} hours."));
            price.offered = true;
            return price;
        }
        _ => {}
    }
    price.offered = true;
    price.chargeable = true;
    price.rate = rate_of(policy, rule, role, &clause, &mut price.reasons);
    if work.outside_the_fee {
        let text = "The fee does not pay for this work, so it is charged at the rate of the hour.";
        price.say(ReasonCode::OutsideTheFee, clause.clone(), text);
    } else {
        draw(policy, work, pool, role, &mut price);
    }
    if let Some(indexation) = indexation.filter(|i| i.applies_to.contains(&PriceKind::Rates)) {
        let cap = indexation.cap.map(|cap| format!(", by at most {cap} %")).unwrap_or_default();
        let text = format!(
            "Rates may rise every {} months with {}{cap}: newer terms say so.",
            indexation.every_months, indexation.index
        );
        price.say(ReasonCode::Indexed, clause::INDEXATION.into(), text);
    }
    if let Some(fee) = rule.call_out {
        let text = format!("A call-out fee of {} {} comes on top, once.", fee.amount(), fee.currency.code());
        price.say(ReasonCode::CallOut, clause, text);
    }
    price
}

/// What the whole work comes to (R1–R5); an unknown role leaves it open, which the reasons say already.
fn estimate(prices: Prices<'_>, work: &Work<'_>, length: Duration, mut pool: HourPool<'_>, price: &mut Price) {
    let question = work.question;
    let Some(to) = later(question.at, length) else { return };
    let role = role(prices.policy, question);
    let fee = if work.outside_the_fee { Fee::DoesNot } else { Fee::Pays };
    let piece = rating::Work {
        prices,
        calendar: work.calendar,
        span: Span { from: question.at, to },
        breaks: &[],
        times: Times::Known,
        role,
        work_kind: question.work_kind.as_deref(),
        priority: Urgency::Always(question.priority),
        fee,
        approved: false,
        billing: EntryBilling::ByTerms,
        reference: ("", ""),
        aggregate: 0,
    };
    let segments = rating::rate(&[piece], &mut pool).segments;
    if let Some(why) = segments.iter().find_map(|segment| segment.unpriced) {
        let of_role = role.map(|role| format!(" of {role}")).unwrap_or_default();
        return price.say(ReasonCode::NoEstimate, clause::EXTRA_HOURS.into(), format!("No estimate{of_role}: {why}."));
    }
    let minor = segments.iter().fold(0_i64, |sum, segment| sum.saturating_add(segment.amount.minor));
    let amount = Money { minor, currency: prices.currency };
    let time = |of: fn(&RatedSegment) -> Duration| segments.iter().map(of).fold(Duration::ZERO, Duration::plus);
    let (included, charged) = (time(|segment| segment.included), time(|segment| segment.charged));
    price.chargeable = minor > 0 || !charged.is_zero();
    let text = format!(
        "{length} of work: {included} from the hours paid for in the fee, {charged} charged, {} {}.",
        amount.amount(),
        amount.currency.code()
    );
    price.say(ReasonCode::Estimate, clause::EXTRA_HOURS.into(), text);
    price.estimate = Some(Estimate { segments, amount });
}

/// The role given, else the only one there is (V7).
fn role<'a>(policy: &'a ExtraHours, question: &'a Question) -> Option<&'a str> {
    match (&question.role, policy.roles.as_slice()) {
        (Some(role), _) => Some(role),
        (None, [only]) => Some(&only.role),
        (None, _) => None,
    }
}

/// The first rule that matches; rules above it that fail on one condition are near misses.
fn first_match<'a>(
    prices: Prices<'a>,
    work: &Work<'_>,
    role: Option<&str>,
    near_misses: &mut Vec<Reason>,
) -> Option<(usize, &'a RateRule)> {
    for (place, rule) in prices.policy.rates.iter().enumerate() {
        let own = prices.calendars.get(place).and_then(Option::as_deref);
        let conditions = conditions(rule, own, work, role);
        if conditions.iter().all(|c| c.holds) {
            return Some((place, rule));
        }
        if let Some(failed) = near_miss(&conditions) {
            let text = format!("The rule {} would apply but for the {failed}.", rule.code);
            near_misses.push(Reason::new(ReasonCode::NearMiss, Some(clause::rate_rule(place)), text));
        }
    }
    None
}

/// What a rule asks for; one with hours of its own goes by those.
fn conditions(rule: &RateRule, own: Option<&Calendar>, work: &Work<'_>, role: Option<&str>) -> Vec<Condition> {
    let question = work.question;
    let calendar = own.unwrap_or(work.calendar);
    let class = own.map_or(work.hours_class, |own| own.hours_class(question.at));
    let during = (!rule.during.is_empty()).then(|| Condition {
        name: "time of the week",
        holds: calendar.lies_in(&rule.during, question.at),
        said: true,
    });
    [
        Condition::among("hours class", &rule.hours_class, Some(&class)),
        Condition::among("priority", &rule.priority, question.priority.as_ref()),
        Condition::among("kind of work", &rule.work_kind, question.work_kind.as_deref()),
        Condition::among("role", &rule.role, role),
        during,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The rate of a rule that charges; outside the fee, IN_FEE means the role's plain rate (R2).
fn rate_of(
    policy: &ExtraHours,
    rule: &RateRule,
    role: Option<&str>,
    clause: &str,
    reasons: &mut Vec<Reason>,
) -> Option<Rate> {
    let mut say = |code, text: String| reasons.push(Reason::new(code, Some(clause.to_owned()), text));
    if let Treatment::Hourly(rate) = rule.treatment {
        say(ReasonCode::RateRule, format!("Rule {}: {rate} an hour.", rule.code));
        return Some(rate);
    }
    let Some(role) = role else {
        say(ReasonCode::RoleNeeded, "There are several roles: say which, and the rate is known.".into());
        return None;
    };
    let Some(plain) = policy.roles.iter().find(|r| r.role == role).map(|r| r.hourly) else {
        say(ReasonCode::RoleUnknown, format!("The terms have no rate for the role {role}."));
        return None;
    };
    match rule.treatment {
        Treatment::Multiplier(factor) => {
            let rate = plain.times(factor)?;
            say(
                ReasonCode::RateRule,
                format!("Rule {}: {plain} for {role} times {factor} is {rate} an hour.", rule.code),
            );
            Some(rate)
        }
        _ => {
            say(ReasonCode::RateRule, format!("Rule {}: the plain rate of {role}, {plain} an hour.", rule.code));
            Some(plain)
        }
    }
}

/// Hours that are left cover work that draws them; the rate is then the one beyond them (V5, R4).
fn draw(policy: &ExtraHours, work: &Work<'_>, pool: &HourPool<'_>, role: Option<&str>, price: &mut Price) {
    let Some(rule) = pool.draws.and_then(|rules| rules.iter().find(|rule| draws(rule, work, role))) else { return };
    let overage = policy.included.as_ref().and_then(|included| included.overage_hourly);
    // Of work whose role is not said nothing has a price, unless its rule does (V7).
    price.rate = overage.filter(|_| role.is_some() || price.rate.is_some()).or(price.rate);
    let left = pool.left_at(work.question.at);
    if left.covers(rule.factor).is_zero() {
        let text = "No hours are left that would cover it.";
        return price.say(ReasonCode::PoolExhausted, clause::INCLUDED_HOURS.into(), text);
    }
    price.chargeable = false;
    let text = format!("{} of hours paid for are left; one hour of this work draws {}.", left.whole(), rule.factor);
    price.say(ReasonCode::PoolCovers, clause::INCLUDED_HOURS.into(), text);
}

fn draws(rule: &DrawRule, work: &Work<'_>, role: Option<&str>) -> bool {
    let conditions = [
        Condition::among("hours class", &rule.hours_class, Some(&work.hours_class)),
        Condition::among("role", &rule.role, role),
        Condition::among("kind of work", &rule.work_kind, work.question.work_kind.as_deref()),
    ];
    conditions.iter().flatten().all(|c| c.holds)
}
