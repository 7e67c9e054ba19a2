//! Every finding, found by one change to a draft that has none.

mod indexation;
mod ladders;
mod rates;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Draft, RULES, find_gaps};
use crate::{
    calendar::Hours,
    money::Currency,
    sla::Tier,
    terms::{Sections, Term},
};

fn complete() -> Value {
    let responsible = |scenario: &str| json!({"scenario": scenario, "component": null, "party": "PROVIDER", "duties": "", "exclusions": null, "costs": []});
    let expected = |component: &str| json!({"component": component, "metric": "uptime", "comparator": "AT_LEAST", "value": "99", "unit": "%", "window": "CALENDAR_MONTH", "measured_by": "PROVIDER", "strength": "TARGET"});
    let responsibilities =
        ["HARDWARE_FAILURE", "NETWORK_FAILURE", "SOFTWARE_GLITCH", "SYSTEM_FAILURE"].map(responsible);
    let expectations = ["HARDWARE", "THIRD_PARTY_SYSTEM", "WORKSTATION"].map(expected);
    json!({
        "calendar": {"code": "OFFICE", "revision": null}, "tier": {"code": "GOLD", "revision": null}, "renewal": null,
        "services": [{"service": "HELP", "components": null, "quantity": 1, "unit_price": {"amount": "10", "currency": "USD2"}, "note": null, "tier": null, "calendar": null}],
        "exclusions": [{"title": "Toner", "reason": "", "service": null, "scenario": null, "component": null}],
        "extra_hours": {"rates": [{"code": "R1", "item_code": null, "hours_class": [], "priority": [], "work_kind": [], "role": [], "during": [], "treatment": "IN_FEE", "minimum": null, "increment": null, "call_out": null}],
            "roles": [], "rounding": {"aggregate": "ENTRY", "order": "ROUND_THEN_MINIMUM", "minima": "EACH", "minimum": "PT0S", "increment": "PT1M"}, "included": null},
        "responsibilities": responsibilities,
        "obligations": [{"code": "O", "title": "O", "standard": "Is met.", "gates_services": ["HELP"], "gates_scenarios": [], "effects": ["NOT_LIABLE"], "grace_days": 0}],
        "performance": expectations,
        "availability": [],
        "recovery": [{"scenario": "SYSTEM_FAILURE", "component": null, "fix_within": "PT8H", "clock": "BUSINESS_HOURS", "strength": "BEST_EFFORT"}],
        "backups": [{"subject": "Servers", "every": "PT24H", "retention_days": 30, "off_site": true, "restore_test_every_days": 30, "restore_within": null, "strength": "BEST_EFFORT"}],
    })
}

fn tier(strength: &str, credits: &[(Option<&str>, &str, &str)]) -> Value {
    let target = |priority: &str| json!({"priority": priority, "milestone": "RESPONSE", "limit": {"WITHIN": {"time": "PT1H", "clock": "BUSINESS_HOURS"}}, "opened_in": [], "strength": strength, "attainment": "95"});
    let step =
        |(from, below, credit): &(Option<&str>, &str, &str)| json!({"from": from, "below": below, "credit": credit});
    let (targets, steps) = (["P1", "P2", "P3", "P4"].map(target), credits.iter().map(step).collect::<Vec<_>>());
    json!({"targets": targets, "waiting": [], "credits": steps, "credit_cap": null, "credit_minimum_tickets": 1})
}

/// Monday to Friday, nine to five.
fn office() -> Hours {
    let days = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"];
    let weekly = days.map(|day| json!({"weekday": day, "opens": "09:00", "closes": "17:00"}));
    serde_json::from_value(json!({"zone": "UTC", "weekly": weekly, "weekend": ["SATURDAY", "SUNDAY"]})).unwrap()
}

/// The findings of a draft as `CODE path`.
fn findings(sections: Value, tier: Value, from: Option<&str>, retired: &[&str]) -> Vec<String> {
    let sections: Sections = serde_json::from_value(sections).unwrap();
    let tier: Tier = serde_json::from_value(tier).unwrap();
    let tiers = if sections.tier.is_some() { vec![(vec!["tier".to_owned()], &tier)] } else { Vec::new() };
    let draft = Draft {
        currency: Currency::new("USD", 2).unwrap(),
        term: Term { from: from.map(|date| date.parse().unwrap()), until: Some("2026-12-31".parse().unwrap()) },
        accepted_from: Some("2025-06-01".parse().unwrap()),
        accepted: None,
        sections: &sections,
        hours: Some(&office()),
        tiers: &tiers,
        retired: &retired.iter().map(|code| code.parse().unwrap()).collect(),
    };
    find_gaps(&draft).into_iter().map(|found| format!("{} {}", found.rule.code, found.path.join("."))).collect()
}

const FROM: Option<&str> = Some("2026-01-01");

#[test]
fn a_complete_draft_has_no_findings() {
    assert_eq!(findings(complete(), tier("TARGET", &[]), FROM, &[]), Vec::<String>::new());
}

#[test]
fn every_rule_finds_what_it_is_for() {
    let kept = || tier("TARGET", &[]);
    let mut found_codes = BTreeSet::new();
    let mut check = |pointer: &str, value: Value, expected: &[&str]| {
        let mut sections = complete();
        *sections.pointer_mut(pointer).unwrap() = value;
        let found = findings(sections, kept(), FROM, &[]);
        assert_eq!(found, expected, "{pointer}");
        found_codes.extend(found.iter().map(|found| found.split(' ').next().unwrap().to_owned()));
    };
    check("/services", json!([]), &["NO_SERVICES services"]);
    check("/exclusions", json!([]), &["NOTHING_EXCLUDED exclusions"]);
    check("/exclusions/0/service", json!("HELP"), &["SERVICE_BOTH_WAYS exclusions.0"]);
    check("/services/0/unit_price/currency", json!("EUR2"), &["CURRENCY_DIFFERS services.0.unitPrice"]);
    check("/calendar", Value::Null, &["NO_CALENDAR calendar"]);
    check("/tier", Value::Null, &["NO_TIER tier", "NO_PROMISES tier"]);
    check(
        "/extra_hours/rates/0/hours_class",
        json!(["BUSINESS", "WEEKEND", "HOLIDAY"]),
        &["HOURS_CLASS_UNPRICED extraHours.rates"],
    );
    check("/extra_hours/rates/0/treatment", json!({"MULTIPLIER": "2"}), &["ROLE_WITHOUT_RATE extraHours.rates.0"]);
    check("/responsibilities/1/scenario", json!("DATA_LOSS"), &["SCENARIO_UNASSIGNED responsibilities"]);
    check("/obligations", json!([]), &["NO_OBLIGATIONS obligations"]);
    check("/obligations/0/gates_services", json!([]), &["OBLIGATION_GATES_NOTHING obligations.0"]);
    check("/obligations/0/standard", json!(" "), &["OBLIGATION_WITHOUT_STANDARD obligations.0"]);
    check("/performance/0/component", json!("CLOUD"), &["NO_EXPECTATION performance"]);
    check("/recovery", json!([]), &["NO_RECOVERY recovery"]);
    check("/backups", json!([]), &["NO_BACKUP backups"]);
    for (found, expected) in [
        (findings(complete(), kept(), None, &[]), "NO_EFFECTIVE_DATE effectiveFrom"),
        (findings(complete(), kept(), Some("2025-06-01"), &[]), "TERMS_OVERLAP effectiveFrom"),
        (findings(complete(), kept(), FROM, &["HELP"]), "SERVICE_RETIRED services.0"),
        (findings(complete(), tier("BEST_EFFORT", &[]), FROM, &[]), "NO_PROMISES tier"),
        (
            findings(complete(), tier("TARGET", &[(None, "95", "10"), (None, "90", "5")]), FROM, &[]),
            "CREDIT_STEPS_ORDER tier",
        ),
        (
            findings(complete(), tier("TARGET", &[(Some("90"), "95", "5"), (Some("85"), "91", "10")]), FROM, &[]),
            "CREDIT_STEPS_OVERLAP tier",
        ),
    ] {
        assert_eq!(found, [expected]);
        found_codes.insert(expected.split(' ').next().unwrap().to_owned());
    }
    // Terms without a last day.
    let mut endless = complete();
    assert_eq!(open_ended(&endless, None), ["NO_END effectiveUntil"]);
    endless["renewal"] =
        json!({"kind": "AUTOMATIC", "months": 12, "first_term_months": null, "notice": {"months": 0, "days": 0}});
    assert_eq!(open_ended(&endless, None), ["RENEWAL_WITHOUT_END renewal"]);
    // Notice of a year can just be given in time, on the last day before a term of a year.
    let noticed = |months: u32, days: u32, first: u32| {
        let mut sections = complete();
        sections["renewal"] = json!({"kind": "AUTOMATIC", "months": 12, "first_term_months": first, "notice": {"months": months, "days": days}});
        open_ended(&sections, None)
    };
    for first in [3, 36] {
        assert_eq!(noticed(12, 0, first), Vec::<String>::new());
        assert_eq!(noticed(12, 1, first), ["NOTICE_OUTLASTS_TERM renewal"]);
        assert_eq!(noticed(24, 0, first), ["NOTICE_OUTLASTS_TERM renewal"]);
    }
    found_codes.extend(["NO_END".into(), "RENEWAL_WITHOUT_END".into(), "NOTICE_OUTLASTS_TERM".into()]);
    found_codes.extend(notes());
    found_codes.extend(clauses());
    let mut silent = kept();
    silent["targets"].as_array_mut().unwrap().truncate(3);
    assert_eq!(findings(complete(), silent, FROM, &[]), ["NO_RESPONSE_TARGET tier"]);
    found_codes.insert("NO_RESPONSE_TARGET".into());
    let all: BTreeSet<String> = RULES.iter().map(|rule| rule.code.to_owned()).collect();
    assert_eq!(found_codes, all, "a rule has no case here");
}

#[test]
fn credit_steps_may_touch_and_deepen() {
    let ladder = [(Some("90"), "95", "5"), (Some("80"), "90", "10"), (None, "80", "25")];
    assert_eq!(findings(complete(), tier("TARGET", &ladder), FROM, &[]), Vec::<String>::new());
    let cumulative = [(None, "95", "5"), (None, "90", "10")];
    assert_eq!(findings(complete(), tier("TARGET", &cumulative), FROM, &[]), Vec::<String>::new());
}

#[test]
fn codes_are_unique_and_every_section_has_a_rule() {
    let codes: BTreeSet<&str> = RULES.iter().map(|rule| rule.code).collect();
    assert_eq!(codes.len(), RULES.len());
    let sections: BTreeSet<_> = RULES.iter().map(|rule| rule.section).collect();
    assert_eq!(sections.len(), 7);
}

/// The findings of terms without a last day, that follow others.
fn open_ended(sections: &Value, before: Option<&Value>) -> Vec<String> {
    let read = |value: &Value| serde_json::from_value::<Sections>(value.clone()).unwrap();
    let (sections, before) = (read(sections), before.map(read));
    let tier: Tier = serde_json::from_value(tier("TARGET", &[])).unwrap();
    let draft = Draft {
        currency: Currency::new("USD", 2).unwrap(),
        term: Term { from: Some("2026-01-01".parse().unwrap()), until: None },
        accepted_from: Some("2025-01-01".parse().unwrap()),
        accepted: before.as_ref(),
        sections: &sections,
        hours: None,
        tiers: &[(vec!["tier".to_owned()], &tier)],
        retired: &BTreeSet::new(),
    };
    find_gaps(&draft).into_iter().map(|found| format!("{} {}", found.rule.code, found.path.join("."))).collect()
}

/// Each finding that does not block, by one change; the codes that were found.
fn notes() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    let mut expect = |found: Vec<String>, expected: &[&str]| {
        assert_eq!(found, expected);
        codes.extend(expected.iter().map(|found| found.split(' ').next().unwrap().to_owned()));
    };
    let with_rates = |rates: Value| {
        let mut sections = complete();
        sections["extra_hours"]["rates"] = rates;
        findings(sections, tier("TARGET", &[]), FROM, &[])
    };
    let rule = |code: &str, more: Value| {
        let mut rule = complete()["extra_hours"]["rates"][0].clone();
        rule["code"] = json!(code);
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        rule
    };
    let hours = |treatment: &str, day: &str, opens: &str, closes: &str| {
        let hourly = json!({"HOURLY": {"amount": treatment, "currency": "USD2"}});
        json!({"during": [{"weekday": day, "opens": opens, "closes": closes}], "treatment": hourly})
    };
    let rest = || rule("REST", json!({}));
    // The first rule takes all; one of a narrower list takes not.
    expect(
        with_rates(json!([rest(), rule("B", json!({"role": ["x"]}))])),
        &["RATE_RULE_UNREACHABLE extraHours.rates.1"],
    );
    expect(with_rates(json!([rule("A", json!({"role": ["x"]})), rest()])), &[]);
    // Friday 17 to 20, and Friday 17 to midnight: overlapping. Apart or touching they are not.
    let (evening, night) = (hours("150", "FRIDAY", "17:00", "20:00"), hours("200", "FRIDAY", "17:00", "24:00"));
    expect(
        with_rates(json!([rule("A", evening.clone()), rule("B", night), rest()])),
        &["RATE_RULES_OVERLAP extraHours.rates.1"],
    );
    let later = hours("200", "FRIDAY", "20:00", "24:00");
    expect(with_rates(json!([rule("A", evening.clone()), rule("B", later), rest()])), &[]);
    // A class of hours and a window meet by the calendar: Saturday morning is WEEKEND, Monday noon is not, seven on Monday is
    // AFTER_HOURS. Holidays are no part of the week.
    let class = |class: &str| rule("CLASS", json!({"hours_class": [class]}));
    for (of_class, day, opens, closes, clashes) in [
        ("WEEKEND", "SATURDAY", "09:00", "15:00", true),
        ("WEEKEND", "MONDAY", "09:00", "15:00", false),
        ("AFTER_HOURS", "MONDAY", "12:00", "19:00", true),
        ("AFTER_HOURS", "MONDAY", "12:00", "17:00", false),
        ("BUSINESS", "MONDAY", "17:00", "19:00", false),
        ("BUSINESS", "SUNDAY", "22:00", "09:01", true),
        ("HOLIDAY", "MONDAY", "00:00", "24:00", false),
    ] {
        let found = with_rates(json!([class(of_class), rule("W", hours("200", day, opens, closes)), rest()]));
        let expected: &[&str] = if clashes { &["RATE_RULES_OVERLAP extraHours.rates.1"] } else { &[] };
        assert_eq!(found, expected, "{of_class} and {day} {opens} to {closes}");
    }
    // From 20:00 to 20:01 belongs to neither.
    let minute_later = hours("200", "FRIDAY", "20:01", "24:00");
    expect(
        with_rates(json!([rule("A", evening), rule("B", minute_later), rest()])),
        &["RATE_RULES_GAP extraHours.rates"],
    );
    let minimum = |code: &str, role: &str| rule(code, json!({"role": [role], "minimum": "PT1H"}));
    expect(
        with_rates(json!([minimum("A", "x"), minimum("B", "y"), rest()])),
        &["MINIMA_STACK extraHours.rounding.minima"],
    );
    expect(with_rates(json!([minimum("A", "x"), rest()])), &[]);
    expect(rates::left_open("minimum", "PT1H"), &["ROUNDING_LEFT_OPEN extraHours.rounding.minimum"]);
    let by_phone = rule("PHONE", json!({"hours_class": ["WEEKEND"], "work_kind": ["phone"]}));
    let others = rule("OTHERS", json!({"hours_class": ["BUSINESS", "AFTER_HOURS", "HOLIDAY"]}));
    expect(with_rates(json!([by_phone, others])), &["WORK_UNPRICED extraHours.rates"]);

    let with_targets = |targets: Value| {
        let mut changed = tier("TARGET", &[]);
        changed["targets"].as_array_mut().unwrap().extend(targets.as_array().unwrap().clone());
        findings(complete(), changed, FROM, &[])
    };
    let target = |priority: &str, milestone: &str, time: &str, strength: &str| json!({"priority": priority, "milestone": milestone, "limit": {"WITHIN": {"time": time, "clock": "BUSINESS_HOURS"}}, "opened_in": [], "strength": strength, "attainment": "100"});
    expect(
        with_targets(json!([target("P1", "PLAN", "PT9H", "TARGET"), target("P2", "PLAN", "PT8H", "TARGET")])),
        &["TARGET_INVERTED tier"],
    );
    expect(with_targets(json!([target("P1", "RESOLUTION", "PT1H", "TARGET")])), &["RESPONSE_AFTER_RESOLUTION tier"]);
    expect(with_targets(json!([target("P1", "RESOLUTION", "PT2H", "TARGET")])), &[]);
    expect(with_targets(json!([target("P1", "RESOLUTION", "PT2H", "GUARANTEE")])), &["GUARANTEE_OF_ALL tier"]);
    let mut unordered = tier("TARGET", &[]);
    let step = |after: &str| json!({"priority": "P1", "after": after, "clock": "BUSINESS_HOURS", "to": "Head of service", "action": "Calls."});
    unordered["escalations"] = json!([step("PT2H"), step("PT1H")]);
    expect(findings(complete(), unordered, FROM, &[]), &["ESCALATION_ORDER tier"]);
    let ladder = [(Some("99.0"), "99.9", "5"), (Some("95.0"), "98.9", "10"), (None, "95", "25")];
    expect(findings(complete(), tier("TARGET", &ladder), FROM, &[]), &["CREDIT_STEPS_GAP tier"]);

    let with = |pointer: &str, value: Value, strength: &str| {
        let mut sections = complete();
        *sections.pointer_mut(pointer).unwrap() = value;
        findings(sections, tier(strength, &[]), FROM, &[])
    };
    expect(with("/recovery/0/strength", json!("TARGET"), "BEST_EFFORT"), &["ONLY_BEST_EFFORT tier"]);
    expect(with("/backups/0/restore_test_every_days", Value::Null, "TARGET"), &["NO_RESTORE_TEST backups.0"]);
    expect(
        with("/exclusions/0/scenario", json!("SYSTEM_FAILURE"), "TARGET"),
        &["RESPONSIBLE_FOR_EXCLUDED exclusions.0"],
    );

    // Three per cent are allowed: 10.30 is, 10.31 is not.
    let mut before = complete();
    before["indexation"] = json!({"index": "Prices", "applies_to": ["FEES", "RATES"], "cap": "3", "every_months": 12});
    let mut after = complete();
    after["services"][0]["unit_price"]["amount"] = json!("10.30");
    expect(open_ended(&after, Some(&before)), &["NO_END effectiveUntil"]);
    after["services"][0]["unit_price"]["amount"] = json!("10.31");
    expect(open_ended(&after, Some(&before)), &["NO_END effectiveUntil", "INDEXATION_EXCEEDED services.0.unitPrice"]);
    // A year after the terms before is late enough for a small rise, and not for a rise every thirteen months.
    after["services"][0]["unit_price"]["amount"] = json!("10.01");
    expect(open_ended(&after, Some(&before)), &["NO_END effectiveUntil"]);
    before["indexation"]["every_months"] = json!(13);
    expect(open_ended(&after, Some(&before)), &["NO_END effectiveUntil", "INDEXATION_EXCEEDED services.0.unitPrice"]);
    after["services"][0]["unit_price"]["amount"] = json!("9.99");
    expect(open_ended(&after, Some(&before)), &["NO_END effectiveUntil"]);
    codes
}

/// Each finding about clauses that many agreements do without, and what is as it should be; the codes that were found.
fn clauses() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    let mut expect = |changes: &[(&str, Value)], targets: Value, expected: &[&str]| {
        let mut sections = complete();
        for (field, value) in changes {
            sections[*field] = value.clone();
        }
        let mut tier = tier("TARGET", &[]);
        tier["targets"].as_array_mut().unwrap().extend(targets.as_array().unwrap().clone());
        let found = findings(sections, tier, FROM, &[]);
        assert_eq!(found, expected, "{changes:?} {targets}");
        codes.extend(found.iter().map(|found| found.split(' ').next().unwrap().to_owned()));
    };
    let none = || json!([]);
    let caller =
        |service: &str, may_approve: bool| json!([{"name": "A", "services": [service], "may_approve": may_approve}]);
    expect(&[("callers", caller("HELP", true))], none(), &[]);
    expect(&[("callers", caller("OTHER", true))], none(), &["CALLER_FOR_NOTHING callers.0"]);
    let mut costs = complete()["extra_hours"].clone();
    expect(&[("callers", caller("HELP", false)), ("extra_hours", costs.clone())], none(), &[]);
    costs["rates"][0]["treatment"] = json!({"HOURLY": {"amount": "90", "currency": "USD2"}});
    expect(
        &[("callers", caller("HELP", false)), ("extra_hours", costs.clone())],
        none(),
        &["NOBODY_MAY_APPROVE callers"],
    );
    expect(&[("callers", caller("HELP", true)), ("extra_hours", costs)], none(), &[]);

    let by_phone = json!({"priority": "P5", "milestone": "RESPONSE", "limit": {"WITHIN": {"time": "PT9H", "clock": "BUSINESS_HOURS"}}, "opened_in": [], "channels": ["phone"], "strength": "TARGET", "attainment": "95"});
    let mut always = by_phone.clone();
    (always["channels"], always["limit"]["WITHIN"]["time"]) = (json!([]), json!("PT10H"));
    expect(&[], json!([by_phone.clone()]), &["RESPONSE_BY_SOME_WAYS tier"]);
    expect(&[], json!([by_phone, always]), &[]);

    let mail = |at_most: &str| {
        json!([{"subject": "Mail", "percent": "99", "window": "CALENDAR_MONTH", "clock": "AROUND_THE_CLOCK", "maintenance_notice": null, "maintenance_allowance": null,
        "strength": "TARGET", "credits": [], "credit_triggers": [{"at_most": at_most, "times": 3, "within_periods": 6, "credit": "6"}]}])
    };
    expect(&[("availability", mail("98.9"))], none(), &[]);
    expect(&[("availability", mail("99"))], none(), &["CREDIT_FOR_KEPT_PROMISE availability.0.creditTriggers.0"]);
    let trigger = |measure: &str| json!([{"title": "T", "party": "CLIENT", "measure": measure, "below": "90", "times": 2, "within_periods": 3, "notice_days": 0}]);
    for (measure, promised) in [("RESPONSE", true), ("BACKUP", true), ("RESOLUTION", false), ("AVAILABILITY", false)] {
        let expected: &[&str] = if promised { &[] } else { &["TRIGGER_WITHOUT_PROMISE terminationTriggers.0"] };
        expect(&[("termination_triggers", trigger(measure))], none(), expected);
    }
    expect(&[("termination_triggers", trigger("AVAILABILITY")), ("availability", mail("90"))], none(), &[]);
    codes
}
