//! What happens to clocks by themselves, and when next.

use jiff::Timestamp;

use super::{Clock, ClockRules, Goal};
use crate::{
    ticket::Ticket,
    time::{Duration, later},
    words::ClockState,
};

/// The shortest time there is: a breach is the moment after the due time (S4).
const MOMENT: Duration = Duration::from_micros(1);

/// The next instant after another at which the clocks of a ticket change by themselves: an event that its source dates
/// ahead, the begin or end of a suspension, a percentage used up, or a breach. None: they do not.
///
/// - `found`: the clocks as they stand at `at`.
/// - `percentages`: those that are waited for on a clock.
#[must_use]
pub fn next_change(
    rules: Option<&ClockRules<'_>>,
    ticket: &Ticket,
    found: &[Clock<'_>],
    at: Timestamp,
    percentages: impl Fn(&Clock<'_>) -> Vec<u8>,
) -> Option<Timestamp> {
    let is_open = found.iter().any(|clock| clock.span.until.is_none());
    let suspended = rules.filter(|_| is_open).map_or(&[][..], |rules| &rules.suspended);
    let edges = suspended.iter().flat_map(|stretch| [Some(stretch.from), stretch.until]).flatten();
    // A ticket that its source dates ahead opens then.
    let events = ticket.events.iter().map(|event| event.at).chain([ticket.opened_at]);
    let by_itself = found.iter().filter_map(|clock| clock.next_by_itself(percentages(clock)));
    events.chain(edges).filter(|next| *next > at).chain(by_itself).min()
}

impl Clock<'_> {
    /// Whether so many percent of the target's time are used up.
    #[must_use]
    pub fn has_used(&self, percent: u8) -> bool {
        self.goal.share(percent).is_some_and(|share| share <= self.elapsed)
    }

    /// The next instant at which the clock changes by itself: a percentage is used up, or it is breached. None unless it
    /// runs.
    ///
    /// - `percentages`: those that are waited for, in any order.
    #[must_use]
    pub fn next_by_itself(&self, percentages: impl IntoIterator<Item = u8>) -> Option<Timestamp> {
        if self.state != ClockState::Running {
            return None;
        }
        let breach = self.due.and_then(|due| later(due, MOMENT));
        let shares = percentages.into_iter().filter_map(|percent| self.goal.share(percent));
        let ahead = shares.map(|share| share.minus(self.elapsed)).filter(|left| *left > Duration::ZERO);
        let warnings = ahead.filter_map(|left| self.goal.counting.due(self.asked_at, left));
        warnings.chain(breach).min()
    }
}

impl Goal<'_> {
    /// A share of its time in percent, rounded up to the microsecond.
    fn share(&self, percent: u8) -> Option<Duration> {
        let worth = i128::from(self.worth?.micros());
        let share = (worth * i128::from(percent) + 99) / 100;
        i64::try_from(share).ok().map(Duration::from_micros)
    }
}
