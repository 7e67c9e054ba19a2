//! What work costs (R1–R5).
//!
//! [`rate`] is a function of the price rules, the pieces of work and the included hours there are: it cuts each piece where
//! the class of the hour or a rule changes, rounds what belongs together, draws included hours in the order of the work,
//! and prices what is left, so that amounts at one rate add up to their rounded total.

mod amount;
mod cut;
mod draw;
mod round;
#[cfg(test)]
mod tests;

use std::{cmp::Ordering, sync::Arc};

use jiff::Timestamp;

use crate::{
    calendar::Calendar,
    money::{Currency, Money, Rate},
    terms::{DrawRule, ExtraHours, RateRule, Treatment},
    time::{Duration, elapsed},
    words::{ChargeKind, HoursClass, Priority},
};

/// By what work is priced.
#[derive(Clone, Copy, Debug)]
pub struct Prices<'a> {
    /// The price rules.
    pub policy: &'a ExtraHours,
    /// For each rule, the calendar it names.
    pub calendars: &'a [Option<Arc<Calendar>>],
    /// The agreement's currency.
    pub currency: Currency,
}

/// One piece of work.
#[derive(Clone, Debug)]
pub struct Work<'a> {
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
    /// The hours of the service it was for.
    pub calendar: &'a Calendar,
    /// Who works, in the provider's words; none: not said, and no rate of a role is known.
    pub role: Option<&'a str>,
    /// What kind of work it is, in the provider's words.
    pub work_kind: Option<&'a str>,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// Whether the fee does not pay for it: not covered, or made chargeable by an obligation.
    pub outside_the_fee: bool,
    /// Whether somebody asked for it although it is not offered.
    pub approved: bool,
    /// Orders work of one instant.
    pub reference: &'a str,
    /// Work with the same is rounded together.
    pub aggregate: &'a str,
}

/// A stretch of work of one class of hours under one rule, priced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatedSegment {
    /// The place of its work in the list that was rated.
    pub work: usize,
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
    /// The class of the hour, by the service's hours.
    pub class: HoursClass,
    /// The place of the rule that applies; none: no rule matches.
    pub rule: Option<usize>,
    /// What kind of charge it makes; none: the fee pays for it.
    pub kind: Option<ChargeKind>,
    /// Time worked.
    pub worked: Duration,
    /// Rounded time that included hours cover.
    pub included: Duration,
    /// Rounded time less what is included.
    pub charged: Duration,
    /// The rate of what is charged.
    pub rate: Option<Rate>,
    /// What it comes to, a call-out fee included.
    pub amount: Money,
}

/// Why work cannot be priced.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RatingError {
    /// Its price follows from the role's, and the role was not said or has none.
    #[error("the rate of the role {} is not known", .0.as_deref().unwrap_or("(none given)"))]
    RoleWithoutRate(Option<String>),
    /// The amount is beyond what money can hold.
    #[error("the amount is too large")]
    TooLarge,
}

/// Prices pieces of work that lie in one billing period.
///
/// Segments come in the order in which they were rounded and drew: by their start, then the work's reference, then end.
///
/// - `pool`: included hours that can be drawn.
///
/// Source: rules R1 to R5.
///
/// # Errors
/// [`RatingError`].
pub fn rate(prices: Prices<'_>, works: &[Work<'_>], pool: Duration) -> Result<Vec<RatedSegment>, RatingError> {
    let mut segments = Vec::new();
    for (place, work) in works.iter().enumerate() {
        cut::cut(prices, place, work, &mut segments)?;
    }
    let work = |segment: &Segment| works.get(segment.work).map_or("", |work| work.reference);
    segments.sort_by(|a, b| order(a, b).then_with(|| work(a).cmp(work(b))).then(a.to.cmp(&b.to)));
    let aggregates = aggregates(works, &segments);
    for members in &aggregates {
        round::round(prices.policy, members, &mut segments);
    }
    draw::draw(prices.policy, works, pool, &mut segments);
    for members in &aggregates {
        amount::price(prices, members, &mut segments)?;
    }
    Ok(segments.into_iter().map(|segment| segment.rated(prices.currency)).collect())
}

/// A segment that is being priced.
#[derive(Clone, Debug)]
struct Segment {
    work: usize,
    from: Timestamp,
    to: Timestamp,
    class: HoursClass,
    rule: Option<usize>,
    price: Price,
    kind: Option<ChargeKind>,
    rounded: Duration,
    included: Duration,
    minor: i64,
}

/// What an hour of a segment costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Price {
    /// Nothing: the fee pays for it, or nobody asked for what is not offered.
    Nothing,
    /// So much.
    At(Rate),
}

impl Segment {
    fn worked(&self) -> Duration {
        elapsed(self.from, self.to)
    }

    fn rated(self, currency: Currency) -> RatedSegment {
        let rate = match self.price {
            Price::Nothing => None,
            Price::At(rate) => Some(rate),
        };
        RatedSegment {
            work: self.work,
            from: self.from,
            to: self.to,
            class: self.class,
            rule: self.rule,
            kind: self.kind,
            worked: self.worked(),
            included: self.included,
            charged: self.rounded.minus(self.included),
            rate,
            amount: Money { minor: self.minor, currency },
        }
    }
}

fn order(a: &Segment, b: &Segment) -> Ordering {
    a.from.cmp(&b.from)
}

/// The places of segments that are rounded together, each in their order.
fn aggregates(works: &[Work<'_>], segments: &[Segment]) -> Vec<Vec<usize>> {
    let mut groups: std::collections::BTreeMap<&str, Vec<usize>> = std::collections::BTreeMap::new();
    for (place, segment) in segments.iter().enumerate() {
        if let Some(work) = works.get(segment.work) {
            groups.entry(work.aggregate).or_default().push(place);
        }
    }
    groups.into_values().collect()
}

/// An hour of work, as rules look at it.
struct Hour<'a> {
    at: Timestamp,
    class: HoursClass,
    work: &'a Work<'a>,
}

/// Whether a list that a rule names holds a value; an empty one holds any.
fn holds<T: PartialEq<U>, U: ?Sized>(list: &[T], value: Option<&U>) -> bool {
    list.is_empty() || value.is_some_and(|value| list.iter().any(|item| item == value))
}

/// Whether a rule of price matches an hour (R2).
fn applies(rule: &RateRule, own: Option<&Arc<Calendar>>, hour: &Hour<'_>) -> bool {
    let calendar = own.map_or(hour.work.calendar, |own| own);
    let class = own.map_or(hour.class, |own| own.hours_class(hour.at));
    (rule.hours_class.is_empty() || rule.hours_class.contains(&class))
        && holds(&rule.priority, hour.work.priority.as_ref())
        && holds(&rule.work_kind, hour.work.work_kind)
        && holds(&rule.role, hour.work.role)
        && (rule.during.is_empty() || calendar.lies_in(&rule.during, hour.at))
}

/// The draw rule that matches, from the top (R4).
fn draw_rule<'a>(draws: &'a [DrawRule], class: HoursClass, work: &Work<'_>) -> Option<&'a DrawRule> {
    draws.iter().find(|rule| {
        (rule.hours_class.is_empty() || rule.hours_class.contains(&class))
            && holds(&rule.role, work.role)
            && holds(&rule.work_kind, work.work_kind)
    })
}

/// The plain rate of a role.
fn plain_rate(policy: &ExtraHours, role: Option<&str>) -> Result<Rate, RatingError> {
    let found = policy.roles.iter().find(|known| Some(known.role.as_str()) == role);
    found.map(|known| known.hourly).ok_or_else(|| RatingError::RoleWithoutRate(role.map(str::to_owned)))
}

/// What an hour costs under a rule, and what kind of charge that makes (R2).
fn price_of(
    policy: &ExtraHours,
    rule: Option<&RateRule>,
    work: &Work<'_>,
) -> Result<(Price, Option<ChargeKind>), RatingError> {
    let plain = || plain_rate(policy, work.role);
    Ok(match rule.map(|rule| rule.treatment) {
        Some(Treatment::InFee) if !work.outside_the_fee => (Price::Nothing, None),
        Some(Treatment::InFee) => (Price::At(plain()?), Some(ChargeKind::OutOfScope)),
        Some(Treatment::Multiplier(factor)) => {
            let rate = plain()?.times(factor).ok_or(RatingError::TooLarge)?;
            (Price::At(rate), Some(ChargeKind::ExtraHours))
        }
        Some(Treatment::Hourly(rate)) => (Price::At(rate), Some(ChargeKind::ExtraHours)),
        Some(Treatment::NotOffered) | None if work.approved => (Price::At(plain()?), Some(ChargeKind::OutOfScope)),
        Some(Treatment::NotOffered) | None => (Price::Nothing, Some(ChargeKind::OutOfScope)),
    })
}
