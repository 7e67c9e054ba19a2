//! How an obligation stands at an instant, from what was recorded of it (V4, V9).

use std::cmp::Reverse;

use jiff::Timestamp;

use crate::words::{ObligationState, StatementStatus};

/// One recorded state of an obligation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateChange {
    /// How it stands from `since` on.
    pub state: ObligationState,
    /// Since when it is so.
    pub since: Timestamp,
    /// Of a waiver, the first instant without it; none: until something else is recorded.
    pub until: Option<Timestamp>,
    /// Whose word it is, and whether it counts.
    pub status: StatementStatus,
    /// When that was written down.
    pub recorded_at: Timestamp,
}

impl StateChange {
    fn counts(&self) -> bool {
        matches!(self.status, StatementStatus::Recorded | StatementStatus::Confirmed)
    }

    fn is_over(&self, at: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= at)
    }
}

/// How an obligation stands at an instant, by the record with the latest `since` not after it. Of records with one
/// `since` the one written down last counts: it corrects the others. What a client attested counts once confirmed.
///
/// A waiver that is over and after which nothing was recorded leaves the obligation as it stood before. Of an unbroken
/// run of equal states the first record is given, because grace counts from the beginning of the failure.
#[must_use]
pub fn standing(history: &[StateChange], at: Timestamp) -> Option<StateChange> {
    standing_of(history.iter().copied().filter(StateChange::counts), at)
}

/// The same for effects that no failure has before it is recorded: one recorded after `at` is left out (V9).
pub(super) fn standing_as_known(history: &[StateChange], at: Timestamp) -> Option<StateChange> {
    let known = |change: &StateChange| change.state != ObligationState::Unmet || change.recorded_at <= at;
    standing_of(history.iter().copied().filter(StateChange::counts).filter(known), at)
}

/// What the client says and nobody has judged, newest first.
pub(super) fn attested(history: &[StateChange], at: Timestamp) -> Option<StateChange> {
    let open = history.iter().filter(|change| change.status == StatementStatus::Attested);
    open.filter(|change| change.since <= at && !change.is_over(at)).max_by_key(|c| (c.since, c.recorded_at)).copied()
}

fn standing_of(changes: impl Iterator<Item = StateChange>, at: Timestamp) -> Option<StateChange> {
    let mut known: Vec<StateChange> = changes.filter(|change| change.since <= at).collect();
    known.sort_by_key(|change| (change.since, Reverse(change.recorded_at)));
    known.dedup_by(|older, newest| {
        let corrected = older.since == newest.since;
        if corrected && older.state == newest.state {
            // The same said again was known since it was said first.
            newest.recorded_at = older.recorded_at;
        }
        corrected
    });
    while known.last().is_some_and(|last| last.is_over(at)) {
        known.pop();
    }
    let mut standing: Option<StateChange> = None;
    for change in known {
        if standing.is_none_or(|before| before.state != change.state) {
            standing = Some(change);
        }
    }
    standing
}

#[cfg(test)]
mod tests {
    use super::*;
    use ObligationState::{Met, Unmet, Waived};

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(1_767_225_600 + day * 86_400).expect("instant")
    }

    fn change(state: ObligationState, since: i64, recorded: i64) -> StateChange {
        let status = StatementStatus::Recorded;
        StateChange { state, since: at(since), until: None, status, recorded_at: at(recorded) }
    }

    fn seen(history: &[StateChange], day: i64) -> Option<(ObligationState, Timestamp)> {
        standing(history, at(day)).map(|standing| (standing.state, standing.since))
    }

    #[test]
    fn a_waiver_that_is_over_leaves_things_as_they_stood() {
        let waiver = StateChange { until: Some(at(20)), ..change(Waived, 10, 10) };
        let history = [change(Unmet, 0, 0), waiver];
        assert_eq!(seen(&history, 9), Some((Unmet, at(0))));
        assert_eq!(seen(&history, 10), Some((Waived, at(10))));
        assert_eq!(seen(&history, 19), Some((Waived, at(10))));
        // Grace was used up before the waiver, so it is not given again.
        assert_eq!(seen(&history, 20), Some((Unmet, at(0))));
        assert_eq!(seen(&[waiver], 20), None);
        // Whatever was recorded within the waiver ends it.
        let failed = [change(Met, 0, 0), waiver, change(Unmet, 15, 15)];
        assert_eq!((seen(&failed, 16), seen(&failed, 30)), (Some((Unmet, at(15))), Some((Unmet, at(15)))));
        // Two waivers, one after the other.
        let next = StateChange { until: Some(at(30)), ..change(Waived, 20, 19) };
        assert_eq!(seen(&[change(Unmet, 0, 0), waiver, next], 25), Some((Waived, at(10))));
        assert_eq!(seen(&[change(Unmet, 0, 0), waiver, next], 30), Some((Unmet, at(0))));
    }

    #[test]
    fn the_clients_word_counts_once_it_is_confirmed() {
        let said = |status| [change(Unmet, 0, 0), StateChange { status, ..change(Met, 5, 6) }];
        let state = |status| seen(&said(status), 8).map(|(state, _)| state);
        assert_eq!(state(StatementStatus::Attested), Some(Unmet));
        assert_eq!(state(StatementStatus::Rejected), Some(Unmet));
        assert_eq!(state(StatementStatus::Confirmed), Some(Met));
        assert_eq!(attested(&said(StatementStatus::Attested), at(8)).map(|claim| claim.state), Some(Met));
        assert_eq!(attested(&said(StatementStatus::Attested), at(4)), None);
        assert_eq!(attested(&said(StatementStatus::Confirmed), at(8)), None);
    }

    #[test]
    fn what_was_not_yet_recorded_was_not_yet_known() {
        // Unmet since day 5, known on day 6; on day 20 it turns out to have been so since day 1.
        let history = [change(Unmet, 5, 6), change(Unmet, 1, 20)];
        assert_eq!(seen(&history, 10), Some((Unmet, at(1))));
        let known = |day| standing_as_known(&history, at(day)).map(|standing| standing.since);
        assert_eq!((known(5), known(10), known(20)), (None, Some(at(5)), Some(at(1))));
        // That it is met counts from when it was, whenever that was written down.
        let mended = [change(Unmet, 0, 0), change(Met, 10, 30)];
        assert_eq!(standing_as_known(&mended, at(15)).map(|standing| standing.state), Some(Met));
    }
}
