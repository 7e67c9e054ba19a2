//! Findings about rules of price that get in each other's way (L3).

use super::{Draft, Hit, hit};
use crate::{
    calendar::{Hours, WeeklyPeriod, weekday_place},
    terms::{ExtraHours, RateRule, Treatment},
    words::{HoursClass, MinimaRule},
};

/// Seconds of a day, a week and a minute.
const DAY: i64 = 86_400;
const WEEK: i64 = 7 * DAY;
const MINUTE: i64 = 60;

fn policy<'a>(draft: &Draft<'a>) -> Option<&'a ExtraHours> {
    draft.sections.extra_hours.as_ref()
}

fn at_rule(place: usize, message: String) -> Hit {
    hit(message, &["extraHours", "rates", &place.to_string()])
}

/// A rule whose every case the rules before it take.
pub(super) fn never_reached(draft: &Draft<'_>) -> Vec<Hit> {
    let Some(policy) = policy(draft) else { return Vec::new() };
    let mut hits = Vec::new();
    for (place, rule) in policy.rates.iter().enumerate() {
        let earlier: Vec<&RateRule> =
            policy.rates.iter().take(place).filter(|earlier| same_hours(earlier, rule)).collect();
        if take_all(&earlier, rule) {
            let alone = earlier.iter().find(|earlier| take_all(std::slice::from_ref(earlier), rule));
            let by = alone.map_or("the rules before it take".to_owned(), |earlier| format!("{} takes", earlier.code));
            hits.push(at_rule(place, format!("Rule {} never applies: {by} all of its work.", rule.code)));
        }
    }
    hits
}

/// Whether what two rules say of hours is about the same hours.
fn same_hours(earlier: &RateRule, later: &RateRule) -> bool {
    earlier.calendar == later.calendar || (earlier.hours_class.is_empty() && earlier.during.is_empty())
}

/// Whether rules take everything that a later one is for.
///
/// The conditions are gone through one after another: of each value that the later rule lets through, the rules that let it
/// through as well must take everything that the other conditions leave.
fn take_all(earlier: &[&RateRule], later: &RateRule) -> bool {
    let classes = if later.hours_class.is_empty() { HoursClass::ALL } else { &later.hours_class };
    classes.iter().all(|class| {
        let earlier = letting(earlier, |rule| &rule.hours_class, Some(class));
        each_value(&earlier, later, |rule| &rule.priority, &|earlier| {
            each_value(earlier, later, |rule| &rule.work_kind, &|earlier| {
                each_value(earlier, later, |rule| &rule.role, &|earlier| take_week(earlier, &later.during))
            })
        })
    })
}

/// Whether `rest` holds of the rules that let through a value, for each value that a later rule lets through: those it
/// names, else one that no rule names, which is let through by the fewest.
fn each_value<T: PartialEq>(
    earlier: &[&RateRule],
    later: &RateRule,
    list: fn(&RateRule) -> &Vec<T>,
    rest: &dyn Fn(&[&RateRule]) -> bool,
) -> bool {
    match list(later).as_slice() {
        [] => rest(&letting(earlier, list, None)),
        named => named.iter().all(|value| rest(&letting(earlier, list, Some(value)))),
    }
}

/// The rules that let a value through; none: one that no rule names.
fn letting<'a, T: PartialEq>(
    rules: &[&'a RateRule],
    list: fn(&RateRule) -> &Vec<T>,
    value: Option<&T>,
) -> Vec<&'a RateRule> {
    let lets = |rule: &&&RateRule| list(rule).is_empty() || value.is_some_and(|value| list(rule).contains(value));
    rules.iter().filter(lets).copied().collect()
}

/// Whether rules together reach all of some windows; no windows are the whole week.
fn take_week(rules: &[&RateRule], during: &[WeeklyPeriod]) -> bool {
    let reached: Vec<WeeklyPeriod> = rules.iter().flat_map(|rule| rule.during.iter().copied()).collect();
    let wanted = if during.is_empty() { vec![(0, WEEK)] } else { week(during) };
    rules.iter().any(|rule| rule.during.is_empty()) || covers(&week(&reached), &wanted)
}

/// Whether a rule can be for work in hours of a class: its windows decide where it names no class, too.
///
/// A holiday can be any day, so windows reach holidays; so they do hours that no usual week has, and those of a calendar of
/// its own, which are not at hand.
pub(super) fn reaches(rule: &RateRule, class: HoursClass, hours: Option<&Hours>) -> bool {
    let names = rule.hours_class.is_empty() || rule.hours_class.contains(&class);
    let hours = hours.filter(|_| rule.calendar.is_none() && !rule.during.is_empty());
    let of_class = hours.map(|hours| of_class(class, hours)).unwrap_or_default();
    names && (of_class.is_empty() || intersects(&week(&rule.during), &of_class))
}

/// Two rules of different price that name the same hours for the same work: the first decides. A rule that names no hours
/// is for the rest.
pub(super) fn overlap(draft: &Draft<'_>) -> Vec<Hit> {
    let Some(policy) = policy(draft) else { return Vec::new() };
    let mut hits = Vec::new();
    for (place, rule) in policy.rates.iter().enumerate() {
        // Hours of a calendar of its own are not at hand.
        let hours = draft.hours.filter(|_| rule.calendar.is_none());
        let clash = |earlier: &&RateRule| earlier.treatment != rule.treatment && name_same_hours(earlier, rule, hours);
        if let Some(earlier) = policy.rates.iter().take(place).find(clash) {
            let text =
                format!("{} and {} match the same hours at different prices: {0} decides.", earlier.code, rule.code);
            hits.push(at_rule(place, text));
        }
    }
    hits
}

/// Whether two rules that both name hours can match the same work.
///
/// Of a rule for holidays only another that names holidays is for the same hours: windows are about the week.
fn name_same_hours(a: &RateRule, b: &RateRule, hours: Option<&Hours>) -> bool {
    fn meet<T: PartialEq>(a: &[T], b: &[T]) -> bool {
        a.is_empty() || b.is_empty() || a.iter().any(|item| b.contains(item))
    }
    let names_hours = |rule: &RateRule| !rule.hours_class.is_empty() || !rule.during.is_empty();
    let same_windows = a.during.is_empty() || b.during.is_empty() || intersects(&week(&a.during), &week(&b.during));
    let holidays = |rule: &RateRule| rule.hours_class.contains(&HoursClass::Holiday);
    let same_hours = match hours {
        Some(hours) => {
            (holidays(a) && holidays(b) && same_windows) || intersects(&of_week(a, hours), &of_week(b, hours))
        }
        // Without hours, classes and windows can only be held to their like.
        None => {
            a.hours_class.is_empty() == b.hours_class.is_empty() && meet(&a.hours_class, &b.hours_class) && same_windows
        }
    };
    names_hours(a)
        && names_hours(b)
        && same_hours
        && a.calendar == b.calendar
        && meet(&a.priority, &b.priority)
        && meet(&a.work_kind, &b.work_kind)
        && meet(&a.role, &b.role)
}

/// The stretches of a usual week that a rule is for.
fn of_week(rule: &RateRule, hours: &Hours) -> Vec<(i64, i64)> {
    let windows = if rule.during.is_empty() { vec![(0, WEEK)] } else { week(&rule.during) };
    if rule.hours_class.is_empty() {
        return windows;
    }
    let classes: Vec<(i64, i64)> = rule.hours_class.iter().flat_map(|class| of_class(*class, hours)).collect();
    common(&windows, &classes)
}

/// The stretches of a usual week that are hours of a class.
fn of_class(class: HoursClass, hours: &Hours) -> Vec<(i64, i64)> {
    let open = week(hours.weekly());
    let weekend: Vec<(i64, i64)> =
        hours.weekend().iter().map(|day| weekday_place(*day) * DAY).map(|from| (from, from + DAY)).collect();
    let closed = without(&[(0, WEEK)], &open);
    match class {
        HoursClass::Business => open,
        HoursClass::Weekend => common(&closed, &weekend),
        HoursClass::AfterHours => without(&closed, &weekend),
        HoursClass::Holiday => Vec::new(),
    }
}

/// What two lists of stretches have in common.
fn common(a: &[(i64, i64)], b: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let pairs = a.iter().flat_map(|one| b.iter().map(move |other| (one.0.max(other.0), one.1.min(other.1))));
    pairs.filter(|(from, to)| from < to).collect()
}

/// What is left of stretches without others.
fn without(all: &[(i64, i64)], taken: &[(i64, i64)]) -> Vec<(i64, i64)> {
    taken.iter().fold(all.to_vec(), |left, (from, to)| {
        let parts = left.into_iter().flat_map(|(a, b)| [(a, b.min(*from)), (a.max(*to), b)]);
        parts.filter(|(a, b)| a < b).collect()
    })
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
    let of_policy = usize::from(!policy.rounding.minimum().is_zero() && own < policy.rates.len());
    if own + of_policy < 2 || own == 0 {
        return Vec::new();
    }
    let text = "A job that crosses from one rule to another is charged the minimum of each.";
    vec![hit(text, &["extraHours", "rounding", "minima"])]
}

/// A step or a minimum that the policy does not say, although the price of some work follows from it.
pub(super) fn rounding_left_open(draft: &Draft<'_>) -> Vec<Hit> {
    let Some(policy) = policy(draft) else { return Vec::new() };
    let costs = |rule: &&RateRule| matches!(rule.treatment, Treatment::Multiplier(_) | Treatment::Hourly(_));
    let costing: Vec<&RateRule> = policy.rates.iter().filter(costs).collect();
    let mut hits = Vec::new();
    if policy.rounding.increment.is_none() && costing.iter().any(|rule| rule.increment.is_none()) {
        let text = "In which steps time is charged is not said: it is rounded up to the minute.";
        hits.push(hit(text, &["extraHours", "rounding", "increment"]));
    }
    if policy.rounding.minimum.is_none() && costing.iter().any(|rule| rule.minimum.is_none()) {
        let text = "The least that is charged is not said: there is no minimum.";
        hits.push(hit(text, &["extraHours", "rounding", "minimum"]));
    }
    hits
}

/// Work in hours that rules speak of, of which some kind, role or priority fits none of them: it is not to be had.
///
/// Roles are those that the terms know. In which windows the rules are for it is not looked at.
pub(super) fn some_work_unpriced(draft: &Draft<'_>) -> Vec<Hit> {
    let Some(policy) = policy(draft) else { return Vec::new() };
    let named = policy.rates.iter().flat_map(|rule| &rule.role);
    let known: Vec<String> = policy.roles.iter().map(|known| &known.role).chain(named).cloned().collect();
    let mut hits = Vec::new();
    for class in HoursClass::ALL {
        let speaking = policy.rates.iter().filter(|rule| reaches(rule, *class, draft.hours));
        let speaking: Vec<RateRule> = speaking.map(|rule| RateRule { during: Vec::new(), ..rule.clone() }).collect();
        let Some(one) = speaking.first() else { continue };
        let any = RateRule {
            hours_class: vec![*class],
            priority: Vec::new(),
            work_kind: Vec::new(),
            role: known.clone(),
            ..one.clone()
        };
        if !take_all(&speaking.iter().collect::<Vec<_>>(), &any) {
            let text = format!("Of work in {class} hours some fits no rate rule: it is not to be had.");
            hits.push(hit(text, &["extraHours", "rates"]));
        }
    }
    hits
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
