//! What work costs (R1–R5).
//!
//! [`rate`] is a function of the pieces of work, each with the price rules it goes by, and of the hours there are: it cuts
//! each piece where the class of the hour or a rule changes, rounds what belongs together, draws hours in the order of
//! the work, and prices what is left, so that amounts at one rate add up to their rounded total.

mod amount;
mod cut;
mod draw;
mod match_rule;
mod pool;
mod round;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::Timestamp;

pub use amount::amount_of;
pub use pool::{Draw, HourPool, OpenLot, PoolTime};

use crate::{
    calendar::Calendar,
    money::{Currency, Money, Rate},
    terms::ExtraHours,
    time::{Duration, elapsed},
    words::{ChargeKind, EntryBilling, HoursClass, Priority},
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

/// A stretch of time, half-open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
}

/// One piece of work.
#[derive(Clone, Copy, Debug)]
pub struct Work<'a> {
    /// The rules it is priced by.
    pub prices: Prices<'a>,
    /// The hours of the service it was for.
    pub calendar: &'a Calendar,
    /// When it was done.
    pub span: Span,
    /// What of that was no work: sorted, apart, within `span`.
    pub breaks: &'a [Span],
    /// Whether the hours are those of the work, or only its length is known (R0).
    pub times: Times,
    /// Who works, in the provider's words; none: not said, and no rate of a role is known.
    pub role: Option<&'a str>,
    /// What kind of work it is, in the provider's words.
    pub work_kind: Option<&'a str>,
    /// How urgent it is.
    pub priority: Urgency<'a>,
    /// Whether the fee pays for it.
    pub fee: Fee<'a>,
    /// Whether somebody asked for it although it is not offered.
    pub approved: bool,
    /// What it is to cost.
    pub billing: EntryBilling,
    /// Orders work of one instant: the system, then its id there.
    pub reference: (&'a str, &'a str),
    /// Work with the same is rounded together; counted from 0 without large gaps.
    pub aggregate: usize,
}

/// Whether the hours of a piece of work are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// They are: the work is cut by them.
    Known,
    /// Only its length is: all of it goes by the instant at which it starts.
    LengthOnly,
}

/// How urgent work is in the course of time.
#[derive(Clone, Copy, Debug)]
pub enum Urgency<'a> {
    /// All the time the same; none: not said.
    Always(Option<Priority>),
    /// From each instant on, sorted; before the first as the first says.
    Changing(&'a [(Timestamp, Priority)]),
}

impl Urgency<'_> {
    /// The priority at an instant.
    #[must_use]
    pub fn at(self, at: Timestamp) -> Option<Priority> {
        match self {
            Self::Always(priority) => priority,
            Self::Changing(changes) => {
                let place = changes.partition_point(|(since, _)| *since <= at).saturating_sub(1);
                changes.get(place).map(|(_, priority)| *priority)
            }
        }
    }
}

/// Whether the fee pays for work where a rule says that it does.
#[derive(Clone, Copy)]
pub enum Fee<'a> {
    /// It does.
    Pays,
    /// It does not: the terms do not cover the work.
    DoesNot,
    /// It does not while an unmet obligation makes the work chargeable; tells whether one does at an instant.
    Gated(&'a dyn Gate),
    /// There are no terms in force: no rule applies, and the role's plain rate is charged (R0).
    NoTerms,
}

/// Tells when an unmet obligation makes covered work chargeable.
pub trait Gate: Sync {
    /// Whether one does at an instant.
    fn bites(&self, at: Timestamp) -> bool;
}

impl std::fmt::Debug for Fee<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Pays => "Pays",
            Self::DoesNot => "DoesNot",
            Self::Gated(_) => "Gated",
            Self::NoTerms => "NoTerms",
        })
    }
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
    /// Whether the rule's saying that the fee pays was set aside.
    pub outside_the_fee: bool,
    /// What kind of charge it makes; none: the fee pays for it.
    pub kind: Option<ChargeKind>,
    /// Time worked; less than from `from` to `to` only where the hours are not known.
    pub worked: Duration,
    /// Rounded time that included hours cover.
    pub included: Duration,
    /// Rounded time less what is included.
    pub charged: Duration,
    /// The rate of what is charged.
    pub rate: Option<Rate>,
    /// The call-out fee that is part of `amount`.
    pub call_out: Option<Money>,
    /// What it comes to, a call-out fee included.
    pub amount: Money,
    /// Why it has no price although it should.
    pub unpriced: Option<Unpriced>,
}

/// Why work cannot be priced; it then comes to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unpriced {
    /// Its price follows from the role's, and the role was not said or has no rate.
    #[error("its price follows from the rate of the role, which is not known")]
    RoleWithoutRate,
    /// The amount is beyond what money can hold.
    #[error("the amount is too large")]
    TooLarge,
}

/// What work came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rated {
    /// Its segments, in the order in which they were rounded and drew: by their start, then the work's reference, then end.
    pub segments: Vec<RatedSegment>,
    /// What was drawn, in the order of drawing.
    pub draws: Vec<Draw>,
}

/// Prices pieces of work that lie in one billing period, and draws from its hours.
///
/// - `pool`: the hours that can be drawn; what is left of them stays in it.
///
/// Source: rules R1 to R5.
#[must_use]
pub fn rate(works: &[Work<'_>], pool: &mut HourPool<'_>) -> Rated {
    let mut segments = Vec::with_capacity(works.len() + works.len() / 4);
    let mut cutter = cut::Cutter::default();
    for (place, work) in works.iter().enumerate() {
        cutter.cut(place, work, &mut segments);
    }
    let reference = |segment: &Segment| works.get(segment.work).map(|work| work.reference);
    segments.sort_unstable_by(|a, b| {
        let start = a.from.cmp(&b.from);
        start.then_with(|| reference(a).cmp(&reference(b))).then(a.to.cmp(&b.to)).then(a.work.cmp(&b.work))
    });
    let order = by_aggregate(works, &segments);
    let groups = order.groups(works, &segments);
    for (policy, members) in &groups {
        round::round(policy, members, &mut segments);
    }
    let draws = draw::draw(works, pool, &mut segments);
    let mut pricer = amount::Pricer::default();
    for (_, members) in &groups {
        pricer.price(works, members, &mut segments);
    }
    let segments = segments.into_iter().map(|segment| segment.rated(works)).collect();
    Rated { segments, draws }
}

/// A segment that is being priced.
#[derive(Clone, Debug)]
struct Segment {
    work: usize,
    from: Timestamp,
    to: Timestamp,
    class: HoursClass,
    rule: Option<usize>,
    outside: bool,
    price: Price,
    kind: Option<ChargeKind>,
    unpriced: Option<Unpriced>,
    worked: Duration,
    rounded: Duration,
    included: Duration,
    call_out: i64,
    minor: i64,
}

/// What an hour of a segment costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Price {
    /// Nothing: the fee pays for it, or nobody asked for what is not offered.
    Nothing,
    /// Nothing, by the entry's own word; the rate it would have.
    Waived(Option<Rate>),
    /// So much.
    At(Rate),
}

impl Segment {
    /// Whether it costs by the hour, and so is rounded and may draw.
    fn costs(&self) -> bool {
        matches!(self.price, Price::At(_))
    }

    fn rated(self, works: &[Work<'_>]) -> RatedSegment {
        let rate = match self.price {
            Price::Nothing => None,
            Price::Waived(rate) => rate,
            Price::At(rate) => Some(rate),
        };
        let currency = works.get(self.work).map_or(Currency::NONE, |work| work.prices.currency);
        RatedSegment {
            work: self.work,
            from: self.from,
            to: self.to,
            class: self.class,
            rule: self.rule,
            outside_the_fee: self.outside,
            kind: self.kind,
            worked: self.worked,
            included: self.included,
            charged: self.rounded.minus(self.included),
            rate,
            call_out: (self.call_out != 0).then_some(Money { minor: self.call_out, currency }),
            amount: Money { minor: self.minor, currency },
            unpriced: self.unpriced,
        }
    }
}

/// The places of segments by aggregate, each aggregate's in their order.
struct Aggregates {
    places: Vec<usize>,
    /// Where each aggregate begins in `places`, and the end.
    starts: Vec<usize>,
}

/// Sorts the places of segments by their aggregate, by counting.
fn by_aggregate(works: &[Work<'_>], segments: &[Segment]) -> Aggregates {
    let aggregate = |segment: &Segment| works.get(segment.work).map_or(0, |work| work.aggregate);
    let count = segments.iter().map(|segment| aggregate(segment).saturating_add(1)).max().unwrap_or(0);
    let mut starts = vec![0_usize; count.saturating_add(1)];
    for segment in segments {
        if let Some(next) = starts.get_mut(aggregate(segment).saturating_add(1)) {
            *next += 1;
        }
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    let mut next = starts.clone();
    let mut places = vec![0_usize; segments.len()];
    for (place, segment) in segments.iter().enumerate() {
        let Some(at) = next.get_mut(aggregate(segment)) else { continue };
        if let Some(slot) = places.get_mut(*at) {
            *slot = place;
        }
        *at += 1;
    }
    Aggregates { places, starts }
}

impl Aggregates {
    /// The members of each aggregate, with the policy it is rounded by.
    fn groups<'a, 'w>(&'a self, works: &'a [Work<'w>], segments: &[Segment]) -> Vec<(&'w ExtraHours, &'a [usize])> {
        let ranges = self.starts.windows(2).filter_map(|pair| match *pair {
            [from, to] if from < to => self.places.get(from..to),
            _ => None,
        });
        let policy = |members: &[usize]| {
            let first = segments.get(*members.first()?)?;
            Some(works.get(first.work)?.prices.policy)
        };
        ranges.filter_map(|members| Some((policy(members)?, members))).collect()
    }
}

/// Time of a span that is not a break.
fn worked(span: Span, breaks: &[Span]) -> Duration {
    breaks.iter().fold(elapsed(span.from, span.to), |time, gap| time.minus(elapsed(gap.from, gap.to)))
}
