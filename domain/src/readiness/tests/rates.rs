//! Rules of price together.

use serde_json::{Value, json};

use super::{FROM, complete, findings, tier};

/// The findings of a draft with these rules of price, each said by what differs from one for everything.
fn with_rates(rates: &[Value]) -> Vec<String> {
    let mut sections = complete();
    let plain = sections["extra_hours"]["rates"][0].clone();
    let rule = |(place, more): (usize, &Value)| {
        let mut rule = plain.clone();
        rule["code"] = json!(format!("R{place}"));
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        rule
    };
    sections["extra_hours"]["rates"] = rates.iter().enumerate().map(rule).collect();
    findings(sections, tier("TARGET", &[]), FROM, &[])
}

fn windows(days: &[&str], opens: &str, closes: &str) -> Value {
    days.iter().map(|day| json!({"weekday": day, "opens": opens, "closes": closes})).collect()
}

const WORKDAYS: [&str; 5] = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"];

#[test]
fn windows_speak_of_the_hours_that_they_reach() {
    const UNPRICED: &str = "HOURS_CLASS_UNPRICED extraHours.rates";
    let closed = || json!({"hours_class": ["HOLIDAY"], "treatment": "NOT_OFFERED"});
    // Eight to six reaches an hour before and after business, and no weekend.
    let day = || json!({"during": windows(&WORKDAYS, "08:00", "18:00")});
    assert_eq!(with_rates(&[day(), closed()]), [UNPRICED]);
    let office = || json!({"during": windows(&WORKDAYS, "09:00", "17:00")});
    assert_eq!(with_rates(&[office(), closed()]), [UNPRICED; 2]);
    // A holiday can be a Monday.
    assert_eq!(with_rates(&[day()]), [UNPRICED]);
    let saturday = || json!({"during": windows(&["SATURDAY"], "09:00", "12:00")});
    assert_eq!(with_rates(&[day(), saturday()]), Vec::<String>::new());
    // A class and windows that never meet speak of nothing.
    let never = json!({"hours_class": ["WEEKEND"], "during": windows(&WORKDAYS, "08:00", "18:00")});
    assert_eq!(with_rates(&[never, day(), closed()]), [UNPRICED]);
    // The hours of a calendar of its own are not at hand.
    let elsewhere =
        json!({"during": windows(&WORKDAYS, "08:00", "18:00"), "calendar": {"code": "OTHER", "revision": null}});
    assert_eq!(with_rates(&[elsewhere]), Vec::<String>::new());
}

#[test]
fn a_rule_that_several_before_it_take_together_never_applies() {
    let of = |classes: &[&str]| json!({"hours_class": classes});
    let unreachable = |place: usize| format!("RATE_RULE_UNREACHABLE extraHours.rates.{place}");
    let by_class = [of(&["BUSINESS"]), of(&["AFTER_HOURS", "WEEKEND"]), of(&["HOLIDAY"])];
    assert_eq!(with_rates(&[&by_class[..], &[of(&["BUSINESS", "WEEKEND"])]].concat()), [unreachable(3)]);
    assert_eq!(with_rates(&[&by_class[..], &[of(&[])]].concat()), [unreachable(3)]);
    assert_eq!(with_rates(&[&by_class[..2], &[of(&[])]].concat()), Vec::<String>::new());
    // Windows that touch are one; a minute between them is left.
    let during = |opens: &str, closes: &str| json!({"during": windows(&["MONDAY"], opens, closes)});
    let all = || of(&[]);
    assert_eq!(
        with_rates(&[during("08:00", "12:00"), during("12:00", "17:00"), during("09:00", "16:00"), all()]),
        [unreachable(2)]
    );
    assert_eq!(
        with_rates(&[during("08:00", "11:58"), during("12:00", "17:00"), during("09:00", "16:00"), all()]),
        Vec::<String>::new()
    );
    // By two conditions: each role by another half of the classes.
    let role = |role: &[&str], classes: &[&str]| json!({"role": role, "hours_class": classes});
    let halves = [role(&["a"], &["BUSINESS"]), role(&["a", "b"], &["WEEKEND"]), role(&["b"], &["BUSINESS"])];
    let later = |roles: &[&str]| role(roles, &["BUSINESS", "WEEKEND"]);
    assert_eq!(with_rates(&[&halves[..], &[later(&["a", "b"]), all()]].concat()), [unreachable(3)]);
    assert_eq!(with_rates(&[&halves[..], &[later(&["a", "c"]), all()]].concat()), Vec::<String>::new());
    assert_eq!(with_rates(&[&halves[..], &[later(&[]), all()]].concat()), Vec::<String>::new());
}

/// The findings of a draft whose policy leaves a part of its rounding out, with a rule that costs and has none of its own, and
/// with one that has.
pub(super) fn left_open(part: &str, own: &str) -> Vec<String> {
    let with_own = |own: Value| {
        let mut sections = complete();
        sections["extra_hours"]["rounding"][part] = Value::Null;
        let mut rule = sections["extra_hours"]["rates"][0].clone();
        (rule["treatment"], rule[part]) = (json!({"HOURLY": {"amount": "90", "currency": "USD2"}}), own);
        sections["extra_hours"]["rates"] = json!([rule]);
        findings(sections, tier("TARGET", &[]), FROM, &[])
    };
    assert_eq!(with_own(json!(own)), Vec::<String>::new());
    with_own(Value::Null)
}

#[test]
fn a_step_that_is_not_said_is_found_where_something_is_charged() {
    assert_eq!(left_open("increment", "PT5M"), ["ROUNDING_LEFT_OPEN extraHours.rounding.increment"]);
    // Where the fee pays for everything there is nothing to round.
    let mut sections = complete();
    sections["extra_hours"]["rounding"]["increment"] = Value::Null;
    assert_eq!(findings(sections, tier("TARGET", &[]), FROM, &[]), Vec::<String>::new());
}

#[test]
fn work_of_which_no_rule_speaks_is_found_in_each_class_of_hours() {
    const UNPRICED: &str = "WORK_UNPRICED extraHours.rates";
    let kind = |kinds: &[&str]| json!({"work_kind": kinds});
    assert_eq!(with_rates(&[kind(&["remote", "on site"])]), [UNPRICED; 4]);
    assert_eq!(with_rates(&[kind(&["remote", "on site"]), json!({"treatment": "NOT_OFFERED"})]), Vec::<String>::new());
    // In business hours any kind of work has a rule, on weekends urgent work alone.
    let of = |classes: &[&str], priorities: &[&str]| json!({"hours_class": classes, "priority": priorities});
    assert_eq!(
        with_rates(&[of(&["BUSINESS", "AFTER_HOURS", "HOLIDAY"], &[]), of(&["WEEKEND"], &["P1", "P2"])]),
        [UNPRICED]
    );
    // There are no roles but those that the terms know; work may have no priority.
    let role = |role: &str| json!({"role": [role]});
    assert_eq!(with_rates(&[role("junior"), role("senior")]), Vec::<String>::new());
    assert_eq!(with_rates(&[json!({"priority": ["P1", "P2", "P3", "P4", "P5"]})]), [UNPRICED; 4]);
}
