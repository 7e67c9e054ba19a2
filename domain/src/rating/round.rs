//! Worked time becomes charged time (R3).

use super::Segment;
use crate::{
    terms::{ExtraHours, RateRule, Rounding},
    time::Duration,
    words::{MinimaRule, RoundingOrder},
};

/// Segments of one aggregate that one minimum and increment round together: those of one rule that rounds by itself, or
/// all that the policy rounds.
struct Group {
    rule: Option<usize>,
    last: usize,
    worked: Duration,
    minimum: Duration,
    increment: Duration,
}

/// Rounds the segments of one aggregate that cost something; the excess goes to the last of each group.
pub(super) fn round(policy: &ExtraHours, members: &[usize], segments: &mut [Segment]) {
    // Nearly every aggregate has one group, and is rounded without a list of them.
    let mut first: Option<Group> = None;
    let mut others: Vec<Group> = Vec::new();
    for place in members {
        let Some(segment) = segments.get_mut(*place).filter(|segment| segment.costs()) else { continue };
        segment.rounded = segment.worked;
        let own = segment.rule.filter(|rule| policy.rates.get(*rule).is_some_and(rounds_by_itself));
        match first.iter_mut().chain(&mut others).find(|group| group.rule == own) {
            Some(group) => (group.last, group.worked) = (*place, group.worked.plus(segment.worked)),
            None => {
                let new =
                    group(policy.rounding, own, own.and_then(|rule| policy.rates.get(rule)), *place, segment.worked);
                if first.is_none() { first = Some(new) } else { others.push(new) }
            }
        }
    }
    if policy.rounding.minima == MinimaRule::Largest {
        keep_the_largest_minimum(first.iter_mut().chain(&mut others));
    }
    for group in first.iter().chain(&others) {
        let excess = rounded(group, policy.rounding.order).minus(group.worked);
        if let Some(last) = segments.get_mut(group.last) {
            last.rounded = last.rounded.plus(excess);
        }
    }
}

fn rounds_by_itself(rule: &RateRule) -> bool {
    rule.minimum.is_some() || rule.increment.is_some()
}

/// What a rule leaves out is the policy's.
fn group(rounding: Rounding, place: Option<usize>, rule: Option<&RateRule>, first: usize, worked: Duration) -> Group {
    Group {
        rule: place,
        last: first,
        worked,
        minimum: rule.and_then(|rule| rule.minimum).unwrap_or_else(|| rounding.minimum()),
        increment: rule.and_then(|rule| rule.increment).unwrap_or_else(|| rounding.increment()),
    }
}

/// Of several minima only the largest acts; of equal ones that of the earliest segment.
fn keep_the_largest_minimum<'a>(groups: impl Iterator<Item = &'a mut Group>) {
    let mut kept: Option<&mut Group> = None;
    for group in groups {
        match &mut kept {
            Some(largest) if group.minimum <= largest.minimum => group.minimum = Duration::ZERO,
            Some(largest) => {
                largest.minimum = Duration::ZERO;
                kept = Some(group);
            }
            None => kept = Some(group),
        }
    }
}

fn rounded(group: &Group, order: RoundingOrder) -> Duration {
    let at_least = |time: Duration| time.max(group.minimum);
    match order {
        RoundingOrder::RoundThenMinimum => at_least(up(group.worked, group.increment)),
        RoundingOrder::MinimumThenRound => up(at_least(group.worked), group.increment),
    }
}

/// The least multiple of an increment that is not less than a time; an increment of nothing rounds nothing.
fn up(time: Duration, increment: Duration) -> Duration {
    let step = increment.micros();
    if step <= 0 {
        return time;
    }
    let over = time.micros().rem_euclid(step);
    if over == 0 { time } else { time.plus(Duration::from_micros(step - over)) }
}
