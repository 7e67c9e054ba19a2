//! Cards that price by rates of their own.

use serde_json::json;

use super::{Card, check, check_findings, holiday, policy, rule};

#[test]
fn levels_of_support_and_days_on_site() {
    let hourly = |amount: &str| json!({"HOURLY": {"amount": amount, "currency": "USD2"}});
    let rates = vec![
        // Hours of a day on site beyond eight are a kind of work of their own: a rule knows no count of hours.
        rule("ONSITE-9TH", hourly("200"), json!({"work_kind": ["on site beyond eight hours"]})),
        rule("ONSITE", hourly("100"), json!({"work_kind": ["on site"], "minimum": "PT8H"})),
        rule("HOLIDAY", hourly("500"), json!({"hours_class": ["HOLIDAY"]})),
        rule("AFTER", hourly("200"), json!({"hours_class": ["AFTER_HOURS", "WEEKEND"]})),
        rule("LEVEL-1", json!("IN_FEE"), json!({"role": ["level1"]})),
        rule("LEVEL-2", hourly("100"), json!({"role": ["level2"]})),
    ];
    let mut policy = policy(rates, "USD2", "EACH", Some("PT1H"), None);
    policy["roles"] = json!([]);
    // Which days make a holiday's weekend is said by the calendar, date by date.
    let days = json!([holiday("2026-11-26"), holiday("2026-11-28"), holiday("2026-11-29")]);
    let card = Card::new("America/New_York", ("09:00", "17:00"), days, "USD2", policy);
    let job = |from, to, role| (from, to, role, "");
    let (after, holidays) = ("after hours: 200", "holiday or holiday weekend: 500");
    let on_site = ("2026-11-25T09:00", "2026-11-25T12:00", "level2", "on site");
    let ninth = ("2026-11-25T18:00", "2026-11-25T19:30", "level2", "on site beyond eight hours");
    check(
        &card,
        &[
            (job("2026-11-22T10:00", "2026-11-22T12:30", "level2"), after, "AFTER PT2H30M: 500.00"),
            (job("2026-11-23T10:00", "2026-11-23T10:20", "level1"), "level 1, business: 0", "LEVEL-1 PT0S: 0.00"),
            (
                job("2026-11-23T10:00", "2026-11-23T10:20", "level2"),
                "level 2: 100, minimum hours: 1",
                "LEVEL-2 PT1H: 100.00",
            ),
            (job("2026-11-24T19:00", "2026-11-24T19:30", "level1"), after, "AFTER PT1H: 200.00"),
            (on_site, "on site: 100, minimum hours a day: 8", "ONSITE PT8H: 800.00"),
            (ninth, "on site, over 8 hours: 200", "ONSITE-9TH PT1H30M: 300.00"),
            (job("2026-11-26T10:00", "2026-11-26T11:00", "level2"), holidays, "HOLIDAY PT1H: 500.00"),
            (job("2026-11-27T16:30", "2026-11-27T18:00", "level2"), after, "LEVEL-2 PT30M, AFTER PT1H: 250.00"),
            (job("2026-11-28T10:00", "2026-11-28T10:15", "level2"), holidays, "HOLIDAY PT1H: 500.00"),
        ],
    );
    // A day on site and the hour of any work each have a minimum; of an increment nothing is said.
    check_findings(&card, &["MINIMA_STACK", "ROUNDING_LEFT_OPEN"]);
}

#[test]
fn telephone_hours_of_the_month_and_half_a_holiday() {
    let hourly = |amount: &str| json!({"HOURLY": {"amount": amount, "currency": "CHF2"}});
    let rates = vec![
        rule("OFFICE", hourly("235"), json!({"hours_class": ["BUSINESS"]})),
        rule("OTHERWISE", hourly("352.5"), json!({})),
    ];
    let mut policy = policy(rates, "CHF2", "EACH", None, None);
    let draws = json!([{"hours_class": ["BUSINESS"], "role": [], "work_kind": ["telephone"], "factor": "1"}]);
    policy["included"] = json!({"per_period": "PT20H", "draws": draws, "rollover_periods": 0, "rollover_cap": null, "overage_hourly": null});
    let half = json!({"date": "2026-12-24", "name": "Christmas Eve", "holiday": false, "periods": [{"opens": "08:00", "closes": "12:00"}]});
    let card = Card::new("Europe/Zurich", ("08:00", "18:00"), json!([half, holiday("2026-12-25")]), "CHF2", policy);
    let call = |from, to| (from, to, "engineer", "telephone");
    let visit = |from, to| (from, to, "engineer", "visit");
    let allowance = "20 telephone hours a month, office hours only, no accumulation";
    let (office, otherwise) = ("Mon-Fri excl Swiss holidays 08:00-18:00: 235.0", "otherwise: 352.5");
    let half_day = "half-day holiday: 24 and 31 Dec after 12:00";
    check(
        &card,
        &[
            (call("2026-12-21T08:00", "2026-12-21T18:00"), allowance, "OFFICE PT0S: 0.00"),
            (visit("2026-12-21T08:00", "2026-12-21T09:00"), office, "OFFICE PT1H: 235.00"),
            (call("2026-12-22T08:00", "2026-12-22T17:00"), allowance, "OFFICE PT0S: 0.00"),
            (call("2026-12-23T17:00", "2026-12-23T19:00"), allowance, "OFFICE PT0S, OTHERWISE PT1H: 352.50"),
            // Ten, nine and one of the twenty are used: this hour in the office is charged.
            (call("2026-12-24T11:00", "2026-12-24T13:00"), half_day, "OFFICE PT1H, OTHERWISE PT1H: 587.50"),
            (visit("2026-12-25T10:00", "2026-12-25T11:00"), otherwise, "OTHERWISE PT1H: 352.50"),
            (visit("2026-12-26T10:00", "2026-12-26T10:20"), otherwise, "OTHERWISE PT20M: 117.50"),
            (call("2026-12-27T09:00", "2026-12-27T09:10"), otherwise, "OTHERWISE PT10M: 58.75"),
        ],
    );
    check_findings(&card, &["ROUNDING_LEFT_OPEN"]);
}
