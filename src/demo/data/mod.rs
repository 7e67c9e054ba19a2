//! What the demo's provider has: everything follows from the day on which it is started.

mod agreements;
mod catalogue;
mod dice;
mod sections;
mod tickets;
mod time;

use remit_domain::{Date, Timestamp};

use super::Step;

/// Everything, in the order in which it is put.
pub(super) fn steps(now: Timestamp) -> Vec<Step> {
    let today = today(now);
    let mut steps = catalogue::services();
    steps.extend(catalogue::tiers());
    steps.extend(catalogue::calendars(today));
    steps.extend(agreements::clients());
    steps.extend(agreements::all(today));
    steps.extend(tickets::all(now));
    steps.extend(time::all(today));
    steps
}

/// The date in UTC.
pub(super) fn today(now: Timestamp) -> Date {
    let text = now.to_string();
    text.get(..10).and_then(|date| date.parse().ok()).unwrap_or(Date::ZERO)
}
