//! Worked time becomes charged time (R3).

use super::{Price, Segment};
use crate::{
    terms::{ExtraHours, RateRule, Rounding},
    time::Duration,
    words::{MinimaRule, RoundingOrder},
};

/// Segments of one aggregate that one minimum and increment round together.
struct Group {
    rule: Option<usize>,
    members: Vec<usize>,
    minimum: Duration,
    increment: Duration,
}

/// Rounds the segments of one aggregate that cost something; the excess goes to the last of each group.
pub(super) fn round(policy: &ExtraHours, members: &[usize], segments: &mut [Segment]) {
    let mut groups = groups(policy, members, segments);
    if policy.rounding.minima == MinimaRule::Largest {
        keep_the_largest_minimum(&mut groups);
    }
    for group in groups {
        let mut worked = Duration::ZERO;
        for place in &group.members {
            if let Some(segment) = segments.get_mut(*place) {
                segment.rounded = segment.worked();
                worked = worked.plus(segment.rounded);
            }
        }
        let excess = rounded(worked, &group, policy.rounding.order).minus(worked);
        if let Some(last) = group.members.last().and_then(|place| segments.get_mut(*place)) {
            last.rounded = last.rounded.plus(excess);
        }
    }
}

fn groups(policy: &ExtraHours, members: &[usize], segments: &[Segment]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for place in members {
        let Some(segment) = segments.get(*place).filter(|segment| segment.price != Price::Nothing) else { continue };
        let own = segment.rule.filter(|rule| policy.rates.get(*rule).is_some_and(rounds_by_itself));
        match groups.iter_mut().find(|group| group.rule == own) {
            Some(group) => group.members.push(*place),
            None => groups.push(group(policy.rounding, own, own.and_then(|rule| policy.rates.get(rule)), *place)),
        }
    }
    groups
}

fn rounds_by_itself(rule: &RateRule) -> bool {
    rule.minimum.is_some() || rule.increment.is_some()
}

/// What a rule leaves out is the policy's.
fn group(rounding: Rounding, place: Option<usize>, rule: Option<&RateRule>, first: usize) -> Group {
    Group {
        rule: place,
        members: vec![first],
        minimum: rule.and_then(|rule| rule.minimum).unwrap_or(rounding.minimum),
        increment: rule.and_then(|rule| rule.increment).unwrap_or(rounding.increment),
    }
}

/// Of several minima only the largest acts; of equal ones that of the earliest segment.
fn keep_the_largest_minimum(groups: &mut [Group]) {
    let largest = groups.iter().map(|group| group.minimum).max();
    let kept = groups.iter().position(|group| Some(group.minimum) == largest);
    for (place, group) in groups.iter_mut().enumerate() {
        if Some(place) != kept {
            group.minimum = Duration::ZERO;
        }
    }
}

fn rounded(worked: Duration, group: &Group, order: RoundingOrder) -> Duration {
    let at_least = |time: Duration| time.max(group.minimum);
    match order {
        RoundingOrder::RoundThenMinimum => at_least(up(worked, group.increment)),
        RoundingOrder::MinimumThenRound => up(at_least(worked), group.increment),
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
