//! Prices beside those of the terms before.

use serde_json::{Value, json};

use super::{complete, open_ended};

#[test]
fn every_price_that_the_cap_is_for_is_held_to_it() {
    let money = |amount: &str| json!({"amount": amount, "currency": "USD2"});
    let with = |hourly: &str, multiplier: &str, call_out: i64, overage: &str, role: &str| {
        let mut sections = complete();
        let rule = |code: &str, treatment: Value, call_out: Value| {
            let mut rule = complete()["extra_hours"]["rates"][0].clone();
            (rule["code"], rule["treatment"], rule["call_out"], rule["role"]) =
                (json!(code), treatment, call_out, json!([code]));
            rule
        };
        let fee = json!({"minor": call_out, "currency": "USD2"});
        let rest = complete()["extra_hours"]["rates"][0].clone();
        sections["extra_hours"]["rates"] = json!([
            rule("H", json!({"HOURLY": money(hourly)}), Value::Null),
            rule("M", json!({"MULTIPLIER": multiplier}), fee),
            rest
        ]);
        sections["extra_hours"]["roles"] = json!([{"role": "M", "hourly": money(role)}]);
        sections["extra_hours"]["included"] = json!({"per_period": "PT4H", "draws": [], "rollover_periods": 0, "rollover_cap": null, "overage_hourly": money(overage)});
        sections["indexation"] = json!({"index": "Prices", "applies_to": ["RATES"], "cap": "3", "every_months": 12});
        sections
    };
    let before = with("90", "1.5", 5_000, "80", "100");
    let rises = |after: Value| {
        let found = open_ended(&after, Some(&before)).into_iter();
        found
            .filter_map(|found| Some(found.strip_prefix("INDEXATION_EXCEEDED extraHours.")?.to_owned()))
            .collect::<Vec<_>>()
    };
    assert_eq!(rises(with("92.70", "1.545", 5_150, "82.40", "103")), Vec::<String>::new());
    assert_eq!(
        rises(with("200", "3", 50_000, "200", "104")),
        ["roles.0.hourly", "rates.0.hourly", "rates.1.multiplier", "rates.1.callOut", "included.overageHourly"]
    );
}
