//! The smallest target that a clock would have kept.

use super::{Clock, walk::Cover};
use crate::time::{Duration, later};

/// The shortest time there is: a breach is the moment after the due time (S4).
const MOMENT: Duration = Duration::from_micros(1);

impl Clock<'_> {
    /// The least counted time with which what stopped the clock would have come in time; of one that is not stopped, what
    /// is used up so far.
    ///
    /// Time that runs out is due at that instant, not at the next opening (C4). What comes in time that does not count
    /// needs therefore a moment more than what was counted before it.
    #[must_use]
    pub fn needed(&self) -> Duration {
        let Some(stopped) = self.stopped_at else { return self.elapsed };
        let counted = self.stretches.last().is_some_and(|last| {
            let before = later(stopped, Duration::ZERO.minus(MOMENT)).unwrap_or(stopped);
            last.cover == Cover::Running && self.goal.counting.total(before, stopped) > Duration::ZERO
        });
        if counted { self.elapsed } else { self.elapsed.plus(MOMENT) }
    }
}
