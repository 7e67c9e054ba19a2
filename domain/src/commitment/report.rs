//! How each commitment of a version came out over a stretch of time (Q7).

use jiff::Timestamp;

use super::{
    Availability, BackupRun, Backups, Days, Earned, Looked, Measured, Measurement, Outage, Performance, availability,
    backups, earned, performance, windows,
};
use crate::{
    calendar::Calendar,
    share::Share,
    span::{Span, Spans},
    terms::{AvailabilityCommitment, BackupCommitment, PerformanceExpectation},
    words::CommitmentState,
};

/// What is asked: over which time, when, and while what was in force.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Over which time. Windows are judged whole, so that those at its ends reach beyond it.
    pub stretch: Span,
    /// When it is asked: what is later is not known yet.
    pub now: Timestamp,
    /// The time in which the terms are in force.
    pub in_force: &'a Spans,
}

/// Something judged over one window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged<T> {
    /// The window.
    pub days: Days,
    /// What was measured.
    pub measured: T,
    /// How it stands.
    pub state: CommitmentState,
}

/// An availability over one window, with what it earns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedAvailability {
    /// How it came out.
    pub availability: Availability,
    /// What it earns; nothing while the window is not over, or while too little is known.
    pub credits: Vec<Earned>,
}

impl Asked<'_> {
    /// The windows that the stretch touches, each with the part of it in which the terms are in force.
    fn windows(&self, window: crate::words::Window, calendar: &Calendar) -> Vec<(Days, Span, Spans)> {
        let all = windows(window, calendar, self.stretch, self.now).into_iter();
        let begun = all.filter(|(_, whole)| whole.from() < self.now);
        let part = begun.map(|(days, whole)| (days, whole, self.in_force.and(&Some(whole).into())));
        part.filter(|(.., part)| !part.is_empty()).collect()
    }
}

/// How a performance expectation came out, window by window (Q9).
#[must_use]
pub fn performance_outcome(
    expectation: &PerformanceExpectation,
    calendar: &Calendar,
    asked: Asked<'_>,
    measurements: &[Measurement],
) -> Vec<Judged<Performance>> {
    let judged = |(days, whole, part): (Days, Span, Spans)| {
        let measured = performance(expectation, whole, &part, measurements, asked.now);
        Judged { days, measured, state: measured.state }
    };
    asked.windows(expectation.window, calendar).into_iter().map(judged).collect()
}

/// How an availability came out, window by window (Q1, Q2, Q7).
///
/// - `calendar`: the hours in which it is promised, and the zone of its days.
/// - `outages`: of this subject.
/// - `known`: the time of which it is known whether it was there.
#[must_use]
pub fn availability_outcome(
    commitment: &AvailabilityCommitment,
    calendar: &Calendar,
    asked: Asked<'_>,
    outages: &[Outage],
    known: &Spans,
) -> Vec<Judged<JudgedAvailability>> {
    let judge = |whole: Span, part: &Spans| {
        let window = Measured { calendar, whole, part, now: asked.now };
        let found = availability(commitment, window, outages);
        let state = state_of(&found, part.without(known).is_empty(), whole.to() <= asked.now);
        (found, state)
    };
    // Windows before the first, newest first: of the part in which the terms were in force.
    let before = |first: Days| {
        let days = std::iter::successors(Some(first), |next| {
            Some(Days::around(commitment.window, next.first.yesterday().ok()?))
        });
        days.skip(1).map(|days| {
            let whole = days.span(calendar)?;
            let part = asked.in_force.and(&Some(whole).into());
            let (found, state) = judge(whole, &part);
            attained(&found, state).filter(|_| !part.is_empty())
        })
    };
    let mut history: Vec<Option<Share>> = Vec::new();
    let mut judged = Vec::new();
    for (days, whole, part) in asked.windows(commitment.window, calendar) {
        if history.is_empty() {
            history = before(days).take(periods_before(commitment)).collect();
            history.reverse();
        }
        let (found, state) = judge(whole, &part);
        let is_judged = matches!(state, CommitmentState::Kept | CommitmentState::NotKept) && whole.to() <= asked.now;
        let credits = if is_judged { earned(commitment, &found, &history) } else { Vec::new() };
        history.push(attained(&found, state));
        judged.push(Judged { days, measured: JudgedAvailability { availability: found, credits }, state });
    }
    judged
}

/// How many windows before one its triggers look at.
fn periods_before(commitment: &AvailabilityCommitment) -> usize {
    let most = commitment.credit_triggers.iter().map(|trigger| trigger.within_periods.get()).max().unwrap_or(1);
    usize::try_from(most - 1).unwrap_or_default()
}

fn attained(found: &Availability, state: CommitmentState) -> Option<Share> {
    found.attained().filter(|_| state != CommitmentState::NotKnown)
}

/// How an availability stands: what is known to be too much downtime is enough to tell.
#[must_use]
pub fn state_of(found: &Availability, is_known: bool, is_over: bool) -> CommitmentState {
    match (found.downtime > found.allowed, is_known, is_over) {
        (true, ..) => CommitmentState::NotKept,
        (false, false, _) => CommitmentState::NotKnown,
        (false, true, false) => CommitmentState::Running,
        (false, true, true) => CommitmentState::Kept,
    }
}

/// How a backup commitment came out (Q8); none where the terms were not in force.
///
/// - `runs`: of this subject, in order of time.
#[must_use]
pub fn backup_outcome(commitment: &BackupCommitment, asked: Asked<'_>, runs: &[BackupRun]) -> Option<Backups> {
    let begun = Span::new(asked.stretch.from(), asked.stretch.to().min(asked.now))?;
    let is_in_force = !asked.in_force.and(&Some(begun).into()).is_empty();
    let looked = Looked { stretch: asked.stretch, in_force: asked.in_force, now: asked.now };
    is_in_force.then(|| backups(commitment, looked, runs))
}

/// What several judgements come to together: not kept where one is not, else not known where one is not.
#[must_use]
pub fn together(states: impl IntoIterator<Item = CommitmentState>) -> CommitmentState {
    let rank = |state: &CommitmentState| match state {
        CommitmentState::NotKept => 3,
        CommitmentState::NotKnown => 2,
        CommitmentState::Running => 1,
        CommitmentState::Kept => 0,
    };
    states.into_iter().max_by_key(rank).unwrap_or(CommitmentState::NotKnown)
}
