//! Work cut where the class of the hour or the rule that applies changes (R1, R2).

use jiff::Timestamp;

use super::{
    Fee, Prices, Segment, Span, Times, Work,
    match_rule::{self, Cost, Hour},
    worked,
};
use crate::{
    calendar::{Calendar, timestamp},
    terms::{ExtraHours, RateRule},
    time::{Duration, elapsed},
    words::{EntryBilling, HoursClass},
};

/// Cuts pieces of work, and remembers what rules cost for the pieces that follow.
#[derive(Debug, Default)]
pub(super) struct Cutter<'w> {
    edges: Vec<i64>,
    known: Vec<(Asked<'w>, Cost)>,
}

/// All that the cost of an hour follows from.
#[derive(Clone, Copy, Debug)]
struct Asked<'w> {
    policy: &'w ExtraHours,
    rule: Option<usize>,
    role: Option<&'w str>,
    outside: bool,
    no_terms: bool,
    approved: bool,
    billing: EntryBilling,
}

impl Asked<'_> {
    fn is(&self, other: &Self) -> bool {
        std::ptr::eq(self.policy, other.policy)
            && (self.rule, self.outside, self.no_terms, self.approved, self.billing)
                == (other.rule, other.outside, other.no_terms, other.approved, other.billing)
            && self.role == other.role
    }
}

/// How many costs are remembered: the rules of some versions times their roles.
const REMEMBERED: usize = 64;

impl<'w> Cutter<'w> {
    /// Cuts a piece of work to the exact instant and prices each segment's hour.
    pub(super) fn cut(&mut self, place: usize, work: &Work<'w>, segments: &mut Vec<Segment>) {
        if work.times == Times::LengthOnly {
            let class = work.calendar.hours_class(work.span.from);
            let whole = self.segment(place, work, work.span, class);
            segments.push(Segment { worked: worked(work.span, work.breaks), ..whole });
            return;
        }
        let first = segments.len();
        let mut from = work.span.from;
        for gap in work.breaks {
            self.cut_span(place, work, Span { from, to: gap.from }, first, segments);
            from = gap.to;
        }
        self.cut_span(place, work, Span { from, to: work.span.to }, first, segments);
    }

    fn cut_span(&mut self, place: usize, work: &Work<'w>, span: Span, first: usize, segments: &mut Vec<Segment>) {
        let (mut at, end) = (span.from.as_microsecond(), span.to.as_microsecond());
        let mut edges = std::mem::take(&mut self.edges);
        edges.clear();
        rule_edges(work, span, &mut edges);
        let mut next_edge = edges.iter().copied().peekable();
        while at < end {
            let (class, until) = work.calendar.class_until(at);
            while next_edge.next_if(|edge| *edge <= at).is_some() {}
            let to = until.min(end).min(next_edge.peek().copied().unwrap_or(i64::MAX)).max(at + 1);
            let (Some(from), Some(until)) = (timestamp(at), timestamp(to)) else { break };
            let segment = self.segment(place, work, Span { from, to: until }, class);
            join(segment, first, segments);
            at = to;
        }
        self.edges = edges;
    }

    /// A stretch of work under the rule that applies at its start.
    fn segment(&mut self, place: usize, work: &Work<'w>, span: Span, class: HoursClass) -> Segment {
        let outside = is_outside(work.fee, span.from);
        let hour = Hour { at: span.from, class, priority: work.priority.at(span.from), work };
        let rule = if matches!(work.fee, Fee::NoTerms) { None } else { match_rule::first(work.prices, &hour) };
        let Cost { price, kind, unpriced } = self.cost(work, rule, outside);
        Segment {
            work: place,
            from: span.from,
            to: span.to,
            class,
            rule,
            outside,
            price,
            kind,
            unpriced,
            worked: elapsed(span.from, span.to),
            rounded: Duration::ZERO,
            included: Duration::ZERO,
            call_out: 0,
            minor: 0,
        }
    }

    fn cost(&mut self, work: &Work<'w>, rule: Option<usize>, outside: bool) -> Cost {
        let asked = Asked {
            policy: work.prices.policy,
            rule,
            role: work.role,
            outside,
            no_terms: matches!(work.fee, Fee::NoTerms),
            approved: work.approved,
            billing: work.billing,
        };
        if let Some((_, cost)) = self.known.iter().find(|(known, _)| known.is(&asked)) {
            return *cost;
        }
        let cost = match_rule::cost(asked.policy, rule.and_then(|rule| asked.policy.rates.get(rule)), outside, work);
        if self.known.len() < REMEMBERED {
            self.known.push((asked, cost));
        }
        cost
    }
}

fn is_outside(fee: Fee<'_>, at: Timestamp) -> bool {
    match fee {
        Fee::Pays => false,
        Fee::DoesNot | Fee::NoTerms => true,
        Fee::Gated(gate) => gate.bites(at),
    }
}

/// Adds a segment, or lengthens the last of the same work where it goes on as before.
fn join(segment: Segment, first: usize, segments: &mut Vec<Segment>) {
    if let Some(last) = segments.get_mut(first..).and_then(<[Segment]>::last_mut)
        && (last.class, last.rule, last.outside, last.to)
            == (segment.class, segment.rule, segment.outside, segment.from)
    {
        last.to = segment.to;
        last.worked = last.worked.plus(segment.worked);
        return;
    }
    segments.push(segment);
}

/// The instants within a span, sorted, at which a rule's window or the hours of its own calendar begin or end.
fn rule_edges(work: &Work<'_>, span: Span, edges: &mut Vec<i64>) {
    let prices = work.prices;
    if prices.policy.rates.iter().any(|rule| !rule.during.is_empty() && rule.calendar.is_none()) {
        windows(work.calendar, of_calendar(prices, None), span, edges);
    }
    for (place, calendar) in prices.calendars.iter().enumerate() {
        if let Some(calendar) = calendar {
            windows(calendar, of_calendar(prices, Some(place)), span, edges);
        }
    }
    edges.sort_unstable();
}

/// The rules whose windows a calendar's zone reads: those with a calendar of their own, or the one that is named.
fn of_calendar<'a>(prices: Prices<'a>, only: Option<usize>) -> impl Iterator<Item = &'a RateRule> {
    let has_own = move |place: usize| prices.calendars.get(place).is_some_and(Option::is_some);
    let read = move |place: usize| only.map_or(!has_own(place), |only| only == place);
    prices.policy.rates.iter().enumerate().filter(move |(place, _)| read(*place)).map(|(_, rule)| rule)
}

fn windows<'a>(calendar: &Calendar, rules: impl Iterator<Item = &'a RateRule>, span: Span, edges: &mut Vec<i64>) {
    let rules: Vec<&RateRule> = rules.filter(|rule| !rule.during.is_empty()).collect();
    let (mut at, end) = (span.from.as_microsecond(), span.to.as_microsecond());
    while at < end {
        edges.push(at);
        let next = calendar.class_until(at).1.min(end).max(at + 1);
        if let (Some(from), Some(to)) = (timestamp(at), timestamp(next)) {
            let within = rules.iter().flat_map(|rule| calendar.edges_within(&rule.during, from, to));
            edges.extend(within.map(Timestamp::as_microsecond));
        }
        at = next;
    }
}
