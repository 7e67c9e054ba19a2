//! Whether backups ran often enough, are kept long enough, and were tried (Q8).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    span::{Span, Spans},
    terms::BackupCommitment,
    time::{Duration, elapsed, micros},
    words::{BackupRunKind, CommitmentState, RunOutcome},
};

/// One run of a backup or of a restore, as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupRun {
    /// Of what, as the terms name it.
    pub subject: String,
    /// What it was for.
    pub kind: BackupRunKind,
    /// When it began: a backup holds the data of this instant.
    #[serde(with = "micros")]
    pub started: Timestamp,
    /// When it was over; none: it is not, or nobody said.
    #[serde(with = "micros::optional")]
    pub ended: Option<Timestamp>,
    /// How it came out; none: it is not over.
    pub outcome: Option<RunOutcome>,
    /// Whether a copy is kept elsewhere; none: nobody said.
    pub off_site: Option<bool>,
    /// Until when it is kept; none: nobody said.
    #[serde(with = "micros::optional")]
    pub kept_until: Option<Timestamp>,
}

/// One thing that a backup commitment promises, as it came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<T> {
    /// What is promised.
    pub promised: T,
    /// What was measured; none: nothing was recorded to measure it by.
    pub measured: Option<T>,
    /// How it stands.
    pub state: CommitmentState,
}

/// How a backup commitment came out in a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backups {
    /// The longest time between the beginnings of two good runs.
    pub interval: Part<Duration>,
    /// The shortest time that a good run is kept.
    pub retention: Part<Duration>,
    /// Whether every good run has a copy elsewhere; none: not promised.
    pub off_site: Option<Part<bool>>,
    /// The longest time between two good restores; none: not promised.
    pub restore_test: Option<Part<Duration>>,
    /// The longest time that a restore took; none: not promised.
    pub restore_within: Option<Part<Duration>>,
    /// Good runs in the time.
    pub runs: u32,
    /// Runs that went wrong in the time.
    pub failed: u32,
}

impl Backups {
    /// A commitment of which nothing was recorded.
    #[must_use]
    pub fn unknown(commitment: &BackupCommitment) -> Self {
        let nothing = |promised| Part { promised, measured: None, state: CommitmentState::NotKnown };
        Self {
            interval: nothing(commitment.every),
            retention: nothing(days(commitment.retention_days)),
            off_site: commitment.off_site.then_some(Part {
                promised: true,
                measured: None,
                state: CommitmentState::NotKnown,
            }),
            restore_test: commitment.restore_test_every_days.map(|every| nothing(days(every))),
            restore_within: commitment.restore_within.map(nothing),
            runs: 0,
            failed: 0,
        }
    }

    /// How the commitment stands: not kept where one part is not, else not known where its runs are not.
    #[must_use]
    pub fn state(&self) -> CommitmentState {
        let parts = [
            Some(self.interval.state),
            Some(self.retention.state),
            self.off_site.map(|part| part.state),
            self.restore_test.map(|part| part.state),
            self.restore_within.map(|part| part.state),
        ];
        let has = |state| parts.iter().flatten().any(|part| *part == state);
        if has(CommitmentState::NotKept) { CommitmentState::NotKept } else { self.interval.state }
    }
}

/// Days of 24 hours.
fn days(count: u32) -> Duration {
    Duration::from_hours(i32::try_from(count).unwrap_or(i32::MAX).saturating_mul(24))
}

fn is_good(run: &&BackupRun) -> bool {
    run.outcome == Some(RunOutcome::Succeeded)
}

/// The time that is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Looked<'a> {
    /// The time.
    pub stretch: Span,
    /// The time in which the terms are in force.
    pub in_force: &'a Spans,
    /// When it is asked; what is later is not looked at.
    pub now: Timestamp,
}

/// How a backup commitment came out (Q8).
///
/// - `runs`: in order of time, those before the stretch too: the last of them counts on into it.
#[must_use]
pub fn backups(commitment: &BackupCommitment, looked: Looked<'_>, runs: &[BackupRun]) -> Backups {
    let Looked { stretch, in_force, now } = looked;
    let is_over = stretch.to() <= now;
    let part = in_force.and(&Span::new(stretch.from(), stretch.to().min(now)).into());
    let is_within = |run: &&BackupRun| part.iter().any(|span| span.holds(run.started));
    let within: Vec<&BackupRun> = runs.iter().filter(is_within).collect();
    let of_kind = |kind: BackupRunKind| within.iter().copied().filter(move |run| run.kind == kind);
    let good = || of_kind(BackupRunKind::Backup).filter(is_good);
    let longest = |kind, every| {
        let good = runs.iter().filter(|run| run.kind == kind).filter(is_good);
        let starts: Vec<Timestamp> = good.map(|run| run.started).collect();
        let gap = |span: Span| longest_gap(&starts, span, Span::new(stretch.from(), stretch.to().min(now))?);
        at_most(every, in_force.iter().filter_map(gap).max(), is_over)
    };
    let kept = good().filter_map(|run| Some(elapsed(run.started, run.kept_until?))).min();
    let elsewhere: Vec<bool> = good().filter_map(|run| run.off_site).collect();
    let took = of_kind(BackupRunKind::Restore).filter(is_good).filter_map(|run| Some(elapsed(run.started, run.ended?)));
    let failed = of_kind(BackupRunKind::Backup).filter(|run| run.outcome == Some(RunOutcome::Failed)).count();
    Backups {
        interval: longest(BackupRunKind::Backup, commitment.every),
        retention: at_least(days(commitment.retention_days), kept, is_over),
        off_site: commitment.off_site.then(|| {
            let measured = (!elsewhere.is_empty()).then(|| elsewhere.iter().all(|copied| *copied));
            Part { promised: true, measured, state: state(measured, measured == Some(true), is_over) }
        }),
        restore_test: commitment.restore_test_every_days.map(|every| longest(BackupRunKind::Restore, days(every))),
        restore_within: commitment.restore_within.map(|within| at_most(within, took.max(), is_over)),
        runs: u32::try_from(good().count()).unwrap_or(u32::MAX),
        failed: u32::try_from(failed).unwrap_or(u32::MAX),
    }
}

fn at_most(promised: Duration, measured: Option<Duration>, is_over: bool) -> Part<Duration> {
    Part { promised, measured, state: state(measured, measured.is_some_and(|found| found <= promised), is_over) }
}

fn at_least(promised: Duration, measured: Option<Duration>, is_over: bool) -> Part<Duration> {
    Part { promised, measured, state: state(measured, measured.is_some_and(|found| found >= promised), is_over) }
}

/// How something stands that is kept so far, or is not.
fn state<T>(measured: Option<T>, is_kept: bool, is_over: bool) -> CommitmentState {
    match (measured, is_kept) {
        (None, _) => CommitmentState::NotKnown,
        (Some(_), false) => CommitmentState::NotKept,
        (Some(_), true) if is_over => CommitmentState::Kept,
        (Some(_), true) => CommitmentState::Running,
    }
}

/// The longest time between two beginnings that reaches into a stretch, and since the last of them; none before anything
/// was ever recorded.
///
/// What was done last before the stretch counts on into it, and what was done before the terms were in force counts as of
/// their beginning. Of a time before the first record nothing is known.
///
/// - `in_force`: one stretch in which the terms are in force.
fn longest_gap(starts: &[Timestamp], in_force: Span, stretch: Span) -> Option<Duration> {
    let part = in_force.common(stretch)?;
    let before = starts.iter().rev().find(|start| **start <= part.from()).map(|start| (*start).max(in_force.from()));
    let within = starts.iter().filter(|start| part.from() < **start && **start < part.to()).copied();
    let marks: Vec<Timestamp> = before.into_iter().chain(within).chain([part.to()]).collect();
    marks.windows(2).filter_map(|pair| Some(elapsed(*pair.first()?, *pair.get(1)?))).max()
}

/// The times between the beginnings of good runs that end within a stretch, and the time since the last, for the promise
/// check.
///
/// - `runs`: of one thing of one agreement, in order of time.
#[must_use]
pub fn gaps_of(runs: &[BackupRun], stretch: Span) -> (Vec<Duration>, Option<Duration>) {
    let good: Vec<Timestamp> = runs
        .iter()
        .filter(|run| run.kind == BackupRunKind::Backup && run.started < stretch.to())
        .filter(is_good)
        .map(|run| run.started)
        .collect();
    let pairs = good.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.get(1)?)));
    let gaps = pairs.filter(|(_, next)| stretch.holds(*next)).map(|(one, next)| elapsed(one, next)).collect();
    (gaps, good.last().map(|last| elapsed(*last, stretch.to())))
}
