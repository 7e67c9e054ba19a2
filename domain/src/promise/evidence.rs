//! What past cases say of a promise: how many kept it, and which target they support (P2, P3).

use super::wilson::{Place, Sample};
use crate::{decimal::Percent, time::Duration, words::PromiseVerdict};

/// Below so many cases nothing is proven (P2).
pub const CASES_NEEDED: u32 = 30;

/// What the past says of one promise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The cases.
    pub sample: Sample,
    /// The smallest target whose lower bound reaches the promised share (P3); none where there is none, or where the promise
    /// is not a time.
    pub supported: Option<Duration>,
}

/// One past case of a promise to do something within a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedCase {
    /// The smallest target that it would have kept; of one that is still open the time used so far.
    pub needs: Duration,
    /// What the promise gives it.
    pub given: Duration,
    /// Whether it is over.
    pub closed: bool,
}

impl TimedCase {
    /// Whether it speaks of a target: it is over, or has used up the target already.
    fn speaks_of(self, target: Duration) -> bool {
        self.closed || self.needs > target
    }
}

impl Evidence {
    /// What cases say of a promise whose share is `attainment`.
    #[must_use]
    pub fn of_times(cases: &[TimedCase], attainment: Percent) -> Self {
        let size = cases.iter().filter(|case| case.speaks_of(case.given)).count();
        let kept = cases.iter().filter(|case| case.closed && case.needs <= case.given).count();
        Self { sample: Sample { size: count(size), kept: count(kept) }, supported: supported(cases, attainment) }
    }

    /// What gaps between one thing and the next say of a promise to do it at least once in `every` (Q8). A gap has as many
    /// cases as stretches of that length began in it; the one in which it was done at last kept the promise.
    ///
    /// - `gaps`: the times from one to the next.
    /// - `open`: times since the last of them, where nothing followed yet.
    #[must_use]
    pub fn of_gaps(gaps: &[Duration], open: &[Duration], every: Duration, attainment: Percent) -> Self {
        let sample = |every: Duration| gaps_sample(gaps, open, every);
        let reaches = |every: Duration| sample(every).place_of(attainment) == Some(Place::Reached);
        let longest = gaps.iter().chain(open).copied().max().unwrap_or_default();
        let supported = reaches(longest).then(|| shortest(longest, reaches));
        let supported = supported.filter(|every| sample(*every).size >= CASES_NEEDED);
        Self { sample: sample(every), supported }
    }

    /// What cases without a time say.
    #[must_use]
    pub fn of_cases(kept: impl Iterator<Item = bool>) -> Self {
        let mut sample = Sample::default();
        for kept in kept {
            sample.size = sample.size.saturating_add(1);
            sample.kept = sample.kept.saturating_add(u32::from(kept));
        }
        Self { sample, supported: None }
    }

    /// Whether the past supports a share (P2).
    #[must_use]
    pub fn verdict(self, attainment: Percent) -> PromiseVerdict {
        match self.sample.place_of(attainment) {
            Some(Place::Reached) if self.sample.size >= CASES_NEEDED => PromiseVerdict::Supported,
            Some(Place::Beyond) if self.sample.size >= CASES_NEEDED => PromiseVerdict::Overpromised,
            _ => PromiseVerdict::Unproven,
        }
    }
}

fn count(cases: usize) -> u32 {
    u32::try_from(cases).unwrap_or(u32::MAX)
}

/// The smallest target that enough cases speak of and whose lower bound reaches a share (P3).
///
/// With a longer target more cases are kept and fewer open ones have failed, so the lower bound only rises: of the times
/// that cases needed, the first that will do is found by halving. Fewer cases speak of any longer one.
fn supported(cases: &[TimedCase], attainment: Percent) -> Option<Duration> {
    let times = |closed: bool| {
        let mut times: Vec<Duration> = cases.iter().filter(|c| c.closed == closed).map(|case| case.needs).collect();
        times.sort_unstable();
        times
    };
    let (closed, open) = (times(true), times(false));
    let sample = |target: Duration| {
        let kept = closed.partition_point(|needs| *needs <= target);
        let failed = open.len() - open.partition_point(|used| *used <= target);
        Sample { size: count(closed.len() + failed), kept: count(kept) }
    };
    let mut targets = [closed.as_slice(), open.as_slice()].concat();
    targets.sort_unstable();
    let first = targets.partition_point(|target| sample(*target).place_of(attainment) != Some(Place::Reached));
    targets.get(first).copied().filter(|target| sample(*target).size >= CASES_NEEDED)
}

/// The shortest time that will do, up to one that does, where every longer one does too.
fn shortest(longest: Duration, does: impl Fn(Duration) -> bool) -> Duration {
    let (mut low, mut high) = (0, longest.micros().max(1));
    while high - low > 1 {
        let middle = i64::midpoint(low, high);
        if does(Duration::from_micros(middle)) { high = middle } else { low = middle }
    }
    Duration::from_micros(high)
}

/// The cases that gaps make of a promise to do something at least once in a time.
fn gaps_sample(gaps: &[Duration], open: &[Duration], every: Duration) -> Sample {
    let every = every.micros().max(1);
    let begun = |gap: &Duration| gap.micros().max(1).unsigned_abs().div_ceil(every.unsigned_abs());
    let over = |gap: &Duration| (gap.micros().max(1) - 1).unsigned_abs() / every.unsigned_abs();
    let size = gaps.iter().map(begun).chain(open.iter().map(over)).fold(0_u64, u64::saturating_add);
    let size = u32::try_from(size).unwrap_or(u32::MAX);
    Sample { size, kept: count(gaps.len()).min(size) }
}
