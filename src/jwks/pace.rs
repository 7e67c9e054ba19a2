//! When the source is read: not too often, and not too seldom. All times are unix seconds.

/// The longest that keys are kept without being read again; an answer's `max-age` cannot ask for more.
const KEEP_MOST: i64 = 3_600;
/// The shortest.
const KEEP_LEAST: i64 = 60;
/// How long they are kept when the answer does not say.
const KEEP: i64 = 300;
/// When it is tried again after a failure.
const RETRY: i64 = 15;
/// In this time there are at most two turns.
const WINDOW: u64 = 30;

/// When the next read is due, and whether it may be.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    /// The last two turns, the earlier one first.
    turns: [Option<i64>; 2],
    due: Option<i64>,
}

impl Schedule {
    /// Whether keys should be read even if nobody asks. A clock that was set back does not put it off.
    pub(super) fn is_due(&self, now: i64) -> bool {
        self.due.is_none_or(|due| now >= due || due - now > KEEP_MOST)
    }

    /// Takes one of two turns in 30 seconds, if one is left. A clock that was set far back or ahead frees both.
    pub(super) fn take_turn(&mut self, now: i64) -> bool {
        let [earlier, later] = self.turns;
        if earlier.is_some_and(|turn| now.abs_diff(turn) < WINDOW) {
            return false;
        }
        self.turns = [later, Some(now)];
        true
    }

    /// The keys were read.
    ///
    /// - `seconds`: how long the source says that they keep.
    pub(super) fn keep(&mut self, now: i64, seconds: Option<i64>) {
        self.due = Some(now.saturating_add(seconds.unwrap_or(KEEP).clamp(KEEP_LEAST, KEEP_MOST)));
    }

    /// They could not be read.
    pub(super) fn retry(&mut self, now: i64) {
        self.due = Some(now.saturating_add(RETRY));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    #[test]
    fn there_are_two_turns_in_any_thirty_seconds() {
        let mut schedule = Schedule::default();
        let turns: Vec<i64> = (0..100).filter(|&second| schedule.take_turn(NOW + second)).collect();
        assert_eq!(turns, [0, 1, 30, 31, 60, 61, 90, 91]);
        let mut seldom = Schedule::default();
        assert!((0..10).all(|turn| seldom.take_turn(NOW + 15 * turn)));
    }

    #[test]
    fn a_clock_that_is_set_stops_nothing() {
        let mut schedule = Schedule::default();
        assert!(schedule.take_turn(NOW) && schedule.take_turn(NOW) && !schedule.take_turn(NOW - 1));
        assert!(schedule.take_turn(NOW - 86_400));
        schedule.keep(NOW, None);
        assert!(!schedule.is_due(NOW - 10) && schedule.is_due(NOW - 86_400));
        schedule.keep(i64::MAX, Some(i64::MAX));
        assert!(schedule.is_due(i64::MAX));
    }

    #[test]
    fn keys_are_kept_as_long_as_they_say_within_bounds() {
        for (said, seconds) in [
            (None, 300),
            (Some(0), 60),
            (Some(-5), 60),
            (Some(600), 600),
            (Some(86_400), 3_600),
            (Some(i64::MAX), 3_600),
        ] {
            let mut schedule = Schedule::default();
            assert!(schedule.is_due(NOW));
            schedule.keep(NOW, said);
            assert!(!schedule.is_due(NOW + seconds - 1) && schedule.is_due(NOW + seconds), "{said:?}");
            schedule.retry(NOW);
            assert!(!schedule.is_due(NOW + 14) && schedule.is_due(NOW + 15));
        }
    }
}
