//! Work cut where the class of the hour or the rule that applies changes (R1, R2).

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Hour, Prices, RatingError, Segment, Work, applies, price_of};
use crate::{calendar::Calendar, terms::RateRule, time::Duration};

/// Cuts a piece of work to the exact instant and prices each segment's hour.
pub(super) fn cut(
    prices: Prices<'_>,
    place: usize,
    work: &Work<'_>,
    segments: &mut Vec<Segment>,
) -> Result<(), RatingError> {
    let first = segments.len();
    let edges: Vec<Timestamp> = edges(prices, work).into_iter().collect();
    for pair in edges.windows(2) {
        let (Some(&from), Some(&to)) = (pair.first(), pair.last()) else { continue };
        let class = work.calendar.hours_class(from);
        let hour = Hour { at: from, class, work };
        let rule = prices
            .policy
            .rates
            .iter()
            .enumerate()
            .position(|(place, rule)| applies(rule, prices.calendars.get(place).and_then(Option::as_ref), &hour));
        if let Some(last) = segments.get_mut(first..).and_then(<[Segment]>::last_mut)
            && (last.class, last.rule, last.to) == (class, rule, from)
        {
            last.to = to;
            continue;
        }
        let (price, kind) = price_of(prices.policy, rule.and_then(|place| prices.policy.rates.get(place)), work)?;
        let (rounded, included) = (Duration::ZERO, Duration::ZERO);
        segments.push(Segment { work: place, from, to, class, rule, price, kind, rounded, included, minor: 0 });
    }
    Ok(())
}

/// Every instant at which something that rules look at can change, the work's own start and end included.
fn edges(prices: Prices<'_>, work: &Work<'_>) -> BTreeSet<Timestamp> {
    let mut edges = BTreeSet::from([work.from, work.to]);
    add_edges(work.calendar, during(prices, None), work, &mut edges);
    for (place, calendar) in prices.calendars.iter().enumerate() {
        if let Some(calendar) = calendar {
            add_edges(calendar, during(prices, Some(place)), work, &mut edges);
        }
    }
    edges
}

/// The rules whose windows a calendar's zone reads: those with a calendar of their own, or the one that is named.
fn during<'a>(prices: Prices<'a>, only: Option<usize>) -> impl Iterator<Item = &'a RateRule> {
    let has_own = move |place: usize| prices.calendars.get(place).is_some_and(Option::is_some);
    let read = move |place: usize| only.map_or(!has_own(place), |only| only == place);
    prices.policy.rates.iter().enumerate().filter(move |(place, _)| read(*place)).map(|(_, rule)| rule)
}

fn add_edges<'a>(
    calendar: &Calendar,
    rules: impl Iterator<Item = &'a RateRule>,
    work: &Work<'_>,
    edges: &mut BTreeSet<Timestamp>,
) {
    let rules: Vec<&RateRule> = rules.filter(|rule| !rule.during.is_empty()).collect();
    for stretch in calendar.split(work.from, work.to) {
        edges.insert(stretch.from);
        for rule in &rules {
            edges.extend(calendar.edges_within(&rule.during, stretch.from, stretch.to));
        }
    }
}
