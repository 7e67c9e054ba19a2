//! Periods one after another, each with the hours that the one before it left (R4, R7).

use super::{Account, Entry, Lot, Period, RatedPeriod, rate_period};

/// One period, replayed.
#[derive(Debug)]
pub struct Replayed {
    /// Which.
    pub period: Period,
    /// The hours that it began with, before its own came in.
    pub carried: Vec<Lot>,
    /// What was rated.
    pub rated: RatedPeriod,
}

/// Rates periods in order, the hours that each leaves passing to the next.
///
/// - `periods`: without gaps, in order.
/// - `carried`: the hours that the first of them begins with.
/// - `entries`: of all these periods, in any order; the places that are named are places in it.
#[must_use]
pub fn replay(account: &Account<'_>, periods: &[Period], carried: Vec<Lot>, entries: &[Entry]) -> Vec<Replayed> {
    let mut carried = carried;
    let mut replayed = Vec::with_capacity(periods.len());
    for period in periods {
        let rated = rate_period(account, period, &carried, entries);
        let next = rated.closing.clone();
        replayed.push(Replayed { period: *period, carried: std::mem::replace(&mut carried, next), rated });
    }
    replayed
}
