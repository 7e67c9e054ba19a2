//! Findings about rules of price that get in each other's way (L3).

use super::{Draft, Hit, hit};
use crate::{
    calendar::WeeklyPeriod,
    terms::{ExtraHours, RateRule},
    words::MinimaRule,
};

/// Seconds of a week, and of a minute.
const WEEK: i64 = 7 * 86_400;
const MINUTE: i64 = 60;

fn policy<'a>(draft: &Draft<'a>) -> Option<&'a ExtraHours> {
    draft.sections.extra_hours.as_ref()
}

fn at_rule(place: usize, message: String) -> Hit {
    hit(message, &["extraHours", "rates", &place.to_string()])
}

/// A rule whose every case an earlier rule takes.
pub(super) fn never_reached(draft: &Draft<'_>) -> Vec<Hit> {
    let Some(policy) = policy(draft) else { return Vec::new() };
    let mut hits = Vec::new();
    for (place, rule) in policy.rates.iter().enumerate() {
        if let Some(earlier) = policy.rates.iter().take(place).find(|earlier| takes_all(earlier, rule)) {
            let text = format!("Rule {} never applies: {} takes all of its work.", rule.code, earlier.code);
            hits.push(at_rule(place, text));
        }
    }
    hits
}

fn takes_all(earlier: &RateRule, later: &RateRule) -> bool {
    /// Whether a list lets through all that another does; an empty one lets through anything.
    fn wider<T: PartialEq>(list: &[T], other: &[T]) -> bool {
        list.is_empty() || (!other.is_empty() && other.iter().all(|item| list.contains(item)))
    }
    let same_hours =
        earlier.calendar == later.calendar || (earlier.hours_class.is_empty() && earlier.during.is_empty());
    same_hours
        && wider(&earlier.hours_class, &later.hours_class)
        && wider(&earlier.priority, &later.priority)
        && wider(&earlier.work_kind, &later.work_kind)
        && wider(&earlier.role, &later.role)
        && (earlier.during.is_empty()
            || (!later.during.is_empty() && covers(&week(&earlier.during), &week(&later.during))))
}

/// Two rules of different price that name the same hours for the same work: the first decides. A rule that names no hours
/// is for the rest.
pub(super) fn overlap(draft: &Draft<'_>) -> Vec<Hit> {
    let Some(policy) = policy(draft) else { return Vec::new() };
    let mut hits = Vec::new();
    for (place, rule) in policy.rates.iter().enumerate() {
        let clash = |earlier: &&RateRule| earlier.treatment != rule.treatment && name_same_hours(earlier, rule);
        if let Some(earlier) = policy.rates.iter().take(place).find(clash) {
            let text =
                format!("{} and {} match the same hours at different prices: {0} decides.", earlier.code, rule.code);
            hits.push(at_rule(place, text));
        }
    }
    hits
}

fn name_same_hours(a: &RateRule, b: &RateRule) -> bool {
    fn meet<T: PartialEq>(a: &[T], b: &[T]) -> bool {
        a.is_empty() || b.is_empty() || a.iter().any(|item| b.contains(item))
    }
    let both_name = |of: fn(&RateRule) -> bool| !of(a) && !of(b);
    let by_class = both_name(|rule| rule.hours_class.is_empty()) && meet(&a.hours_class, &b.hours_class);
    let by_week = both_name(|rule| rule.during.is_empty()) && intersects(&week(&a.during), &week(&b.during));
    // Where both name classes and windows, they meet only if both meet.
    let hours = match (both_name(|rule| rule.hours_class.is_empty()), both_name(|rule| rule.during.is_empty())) {
        (true, true) => by_class && by_week,
        (true, false) => by_class && a.during.is_empty() == b.during.is_empty(),
        (false, true) => by_week && a.hours_class.is_empty() == b.hours_class.is_empty(),
        (false, false) => false,
    };
    hours
        && a.calendar == b.calendar
        && meet(&a.priority, &b.priority)
        && meet(&a.work_kind, &b.work_kind)
        && meet(&a.role, &b.role)
}

/// A minute of the week between two windows that belongs to none.
pub(super) fn gap(draft: &Draft<'_>) -> Vec<Hit> {
    let Some(policy) = policy(draft) else { return Vec::new() };
    let windows: Vec<WeeklyPeriod> = policy.rates.iter().flat_map(|rule| rule.during.iter().copied()).collect();
    let mut reached = week(&windows);
    // Behind Sunday comes Monday.
    reached.extend(reached.first().map(|(from, to)| (from + WEEK, to + WEEK)));
    let pairs = reached.iter().zip(reached.iter().skip(1));
    let gaps = pairs.filter(|((_, end), (from, _))| (1..=MINUTE).contains(&(from - end)));
    let mut found: Vec<String> =
        gaps.map(|((_, end), (from, _))| format!("{} to {}", wall(*end), wall(*from))).collect();
    found.dedup();
    let said = |minute: String| hit(format!("No window of any rule reaches {minute}."), &["extraHours", "rates"]);
    found.into_iter().map(said).collect()
}

/// A second of the week as wall time.
fn wall(second: i64) -> String {
    let day = second.rem_euclid(86_400);
    format!("{:02}:{:02}", day / 3_600, day / 60 % 60)
}

/// One job that can meet two minima, each of which acts.
pub(super) fn minima_stack(draft: &Draft<'_>) -> Vec<Hit> {
    let Some(policy) = policy(draft).filter(|policy| policy.rounding.minima == MinimaRule::Each) else {
        return Vec::new();
    };
    let own = |rule: &&RateRule| rule.minimum.is_some_and(|minimum| !minimum.is_zero());
    let own = policy.rates.iter().filter(own).count();
    let of_policy = usize::from(!policy.rounding.minimum.is_zero() && own < policy.rates.len());
    if own + of_policy < 2 || own == 0 {
        return Vec::new();
    }
    let text = "A job that crosses from one rule to another is charged the minimum of each.";
    vec![hit(text, &["extraHours", "rounding", "minima"])]
}

/// Windows as stretches of a week in seconds, sorted and merged.
fn week(windows: &[WeeklyPeriod]) -> Vec<(i64, i64)> {
    let mut parts: Vec<(i64, i64)> = Vec::new();
    for window in windows {
        let (from, to) = window.seconds();
        parts.push((from, to.min(WEEK)));
        if to > WEEK {
            parts.push((0, to - WEEK));
        }
    }
    parts.sort_unstable();
    let mut merged: Vec<(i64, i64)> = Vec::new();
    for (from, to) in parts {
        match merged.last_mut() {
            Some(last) if last.1 >= from => last.1 = last.1.max(to),
            _ => merged.push((from, to)),
        }
    }
    merged
}

fn covers(all: &[(i64, i64)], part: &[(i64, i64)]) -> bool {
    part.iter().all(|(from, to)| all.iter().any(|(a, b)| a <= from && to <= b))
}

fn intersects(a: &[(i64, i64)], b: &[(i64, i64)]) -> bool {
    a.iter().any(|(from, to)| b.iter().any(|(other_from, other_to)| from < other_to && other_from < to))
}
