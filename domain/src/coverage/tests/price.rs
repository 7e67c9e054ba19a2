//! What an hour costs, a line a case.

use serde_json::{Value, json};

use super::{EVENING, MONDAY, agreed, ask, codes, decide};
use crate::{
    coverage::{AskedService, Question, ReasonCode},
    words::Priority,
};

#[test]
fn the_price_is_that_of_the_first_rule_that_matches() {
    let rates = |rates: Value| {
        json!({"rates": rates, "roles": [{"role": "senior", "hourly": {"amount": "200", "currency": "USD2"}}, {"role": "junior", "hourly": {"amount": "100", "currency": "USD2"}}],
        "rounding": {"aggregate": "ENTRY", "order": "ROUND_THEN_MINIMUM", "minima": "EACH", "minimum": "PT0S", "increment": "PT1M"}, "included": null})
    };
    let rule = |code: &str, field: &str, value: Value, treatment: Value| {
        let mut rule = json!({"code": code, "item_code": null, "hours_class": [], "priority": [], "work_kind": [], "role": [], "during": [],
            "treatment": treatment, "minimum": null, "increment": null, "call_out": null});
        rule[field] = value;
        rule
    };
    let evening = json!([{"weekday": "MONDAY", "opens": "17:00", "closes": "20:00"}]);
    let fee = json!({"minor": 5000, "currency": "USD2"});
    let list = json!([
        rule("R1", "priority", json!(["P1"]), json!({"HOURLY": {"amount": "400", "currency": "USD2"}})),
        rule("R2", "work_kind", json!(["project"]), json!("NOT_OFFERED")),
        rule("R3", "during", evening, json!({"MULTIPLIER": "1.25"})),
        rule("R4", "role", json!(["junior"]), json!("IN_FEE")),
        rule("R5", "call_out", fee, json!({"MULTIPLIER": "2"})),
    ]);
    let terms = agreed(&json!({"extra_hours": rates(list)}));
    let base = |role: Option<&str>, instant| Question { role: role.map(str::to_owned), ..ask("HELP", instant) };
    let project = Question { work_kind: Some("project".into()), ..base(Some("senior"), MONDAY) };
    for (question, offered, chargeable, rate, code) in [
        (
            Question { priority: Some(Priority::P1), ..base(None, MONDAY) },
            true,
            true,
            Some("400.00 USD"),
            ReasonCode::RateRule,
        ),
        (project, false, false, None, ReasonCode::NotOffered),
        // A band is open at its beginning and closed at its end.
        (base(Some("senior"), "2026-11-23T17:00:00Z"), true, true, Some("250.00 USD"), ReasonCode::RateRule),
        (base(Some("senior"), "2026-11-23T19:59:59Z"), true, true, Some("250.00 USD"), ReasonCode::RateRule),
        (base(Some("senior"), "2026-11-23T20:00:00Z"), true, true, Some("400.00 USD"), ReasonCode::CallOut),
        (base(Some("senior"), "2026-11-23T16:59:59Z"), true, true, Some("400.00 USD"), ReasonCode::CallOut),
        (base(Some("junior"), MONDAY), true, false, None, ReasonCode::InFee),
        (base(None, MONDAY), true, true, None, ReasonCode::RoleNeeded),
        (base(Some("intern"), MONDAY), true, true, None, ReasonCode::RoleUnknown),
        // What is not covered is charged where the rule says that the fee pays.
        (
            Question { service: AskedService::Unknown, ..base(Some("junior"), MONDAY) },
            true,
            true,
            Some("100.00 USD"),
            ReasonCode::OutsideTheFee,
        ),
    ] {
        let decision = decide(&terms, &question);
        let found = (decision.offered, decision.chargeable, decision.hourly_rate.map(|rate| rate.to_string()));
        assert_eq!(found, (offered, chargeable, rate.map(str::to_owned)), "{question:?}");
        assert!(codes(&decision).contains(&code), "{code:?} {:?}", codes(&decision));
    }
    for nothing in [Value::Null, rates(json!([]))] {
        let decision = decide(&agreed(&json!({"extra_hours": nothing})), &ask("HELP", MONDAY));
        assert_eq!(
            (decision.offered, decision.chargeable, codes(&decision).contains(&ReasonCode::NoRateRule)),
            (false, false, true)
        );
    }
}

#[test]
fn hours_paid_for_cover_what_draws_them() {
    let rate = json!({"code": "R", "item_code": null, "hours_class": [], "priority": [], "work_kind": [], "role": [], "during": [],
        "treatment": {"MULTIPLIER": "1"}, "minimum": null, "increment": null, "call_out": null});
    let pool = |hours: &str, overage: Value| {
        json!({"rates": [rate], "roles": [{"role": "engineer", "hourly": {"amount": "150", "currency": "USD2"}}],
        "rounding": {"aggregate": "ENTRY", "order": "ROUND_THEN_MINIMUM", "minima": "EACH", "minimum": "PT0S", "increment": "PT1M"},
        "included": {"per_period": hours, "draws": [{"hours_class": ["BUSINESS"], "role": [], "work_kind": [], "factor": "1"}],
            "rollover_periods": 0, "rollover_cap": null, "overage_hourly": overage}})
    };
    let overage = json!({"amount": "180", "currency": "USD2"});
    for (hours, overage, service, instant, chargeable, rate) in [
        ("PT10H", overage.clone(), "HELP", MONDAY, false, "180.00 USD"),
        ("PT10H", Value::Null, "HELP", MONDAY, false, "150.00 USD"),
        ("PT10H", overage.clone(), "HELP", EVENING, true, "150.00 USD"),
        // Nothing paid for is left: what draws goes at the price beyond it.
        ("PT0S", overage.clone(), "HELP", MONDAY, true, "180.00 USD"),
        // The pool is for what is covered.
        ("PT10H", overage, "PROJECTS", MONDAY, true, "150.00 USD"),
    ] {
        let decision = decide(&agreed(&json!({"extra_hours": pool(hours, overage)})), &ask(service, instant));
        assert_eq!(
            (decision.chargeable, decision.hourly_rate.unwrap().to_string().as_str()),
            (chargeable, rate),
            "{hours} {service} {instant}"
        );
        assert_eq!(codes(&decision).contains(&ReasonCode::PoolCovers), !chargeable);
    }
}

#[test]
fn a_role_that_is_needed_leaves_the_price_beyond_the_pool_open_too() {
    let role = |name: &str| json!({"role": name, "hourly": {"amount": "150", "currency": "USD2"}});
    let rule = |treatment: Value| {
        json!({"code": "R", "item_code": null, "hours_class": [], "priority": [], "work_kind": [], "role": [],
        "during": [], "treatment": treatment, "minimum": null, "increment": null, "call_out": null})
    };
    let used_up = |treatment: Value| {
        json!({"extra_hours": {"rates": [rule(treatment)], "roles": [role("engineer"), role("senior")],
        "rounding": {"aggregate": "ENTRY", "order": "ROUND_THEN_MINIMUM", "minima": "EACH", "minimum": "PT0S", "increment": "PT1M"},
        "included": {"per_period": "PT0S", "draws": [{"hours_class": [], "role": [], "work_kind": [], "factor": "1"}],
            "rollover_periods": 0, "rollover_cap": null, "overage_hourly": {"amount": "180", "currency": "USD2"}}}})
    };
    let of = |role: Option<&str>| Question { role: role.map(str::to_owned), ..ask("HELP", MONDAY) };
    for (treatment, role, rate) in [
        (json!({"MULTIPLIER": "1"}), None, None),
        (json!({"MULTIPLIER": "1"}), Some("senior"), Some("180.00 USD")),
        (json!({"HOURLY": {"amount": "90", "currency": "USD2"}}), None, Some("180.00 USD")),
    ] {
        let decision = decide(&agreed(&used_up(treatment)), &of(role));
        assert_eq!(decision.hourly_rate.map(|rate| rate.to_string()), rate.map(str::to_owned), "{role:?}");
        assert_eq!(codes(&decision).contains(&ReasonCode::RoleNeeded), rate.is_none());
    }
}
