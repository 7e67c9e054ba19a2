//! Cards that price by multiples of the plain rate, in bands of the week.

use serde_json::json;

use super::{Card, Job, WEEKDAYS, check, check_findings, holiday, on, policy, rule, times};

/// Bands of the day with a minimum by multiple. Which of two minima acts when a job crosses bands is left open by the
/// source, so the policy has to say it; what holidays cost is left open too.
fn bands_with_minima(minima: &str) -> Card {
    let half = [on(&WEEKDAYS, "07:00", "08:00"), on(&WEEKDAYS, "17:00", "20:00"), on(&["SATURDAY"], "09:00", "15:00")];
    let twice = [
        on(&WEEKDAYS, "00:00", "07:00"),
        on(&WEEKDAYS, "20:00", "24:00"),
        on(&["SATURDAY"], "00:00", "09:00"),
        on(&["SATURDAY"], "15:00", "24:00"),
        on(&["SUNDAY"], "00:00", "24:00"),
    ];
    let closed = json!(["AFTER_HOURS", "WEEKEND"]);
    let rates = vec![
        rule("ONE", times("1"), json!({"hours_class": ["BUSINESS"], "during": on(&WEEKDAYS, "08:00", "17:00")})),
        rule("HALF", times("1.5"), json!({"hours_class": closed, "during": half.concat(), "minimum": "PT1H"})),
        rule("TWICE", times("2"), json!({"hours_class": closed, "during": twice.concat(), "minimum": "PT1H30M"})),
    ];
    let policy = policy(rates, "ZAR2", minima, None, None);
    Card::new("Africa/Johannesburg", ("08:00", "17:00"), json!([holiday("2026-12-16")]), "ZAR2", policy)
}

#[test]
fn bands_of_the_day_with_a_minimum_by_multiple() {
    let job = |from, to| (from, to, "engineer", "");
    let day = "Mon-Fri 08:00-17:00: 1";
    let half = "minimum hours at 1.5: 1";
    let twice = "minimum hours at 2: 1.5";
    let card = bands_with_minima("EACH");
    check(
        &card,
        &[
            (job("2026-11-09T10:00", "2026-11-09T11:00"), day, "ONE PT1H: 100.00"),
            // A short call: no minimum at the plain rate.
            (job("2026-11-09T14:00", "2026-11-09T14:07"), day, "ONE PT7M: 11.67"),
            (job("2026-11-10T07:15", "2026-11-10T08:15"), "Mon-Fri 07:00-08:00: 1.5", "HALF PT1H, ONE PT15M: 175.00"),
            (job("2026-11-10T18:00", "2026-11-10T18:30"), half, "HALF PT1H: 150.00"),
            (job("2026-11-11T21:00", "2026-11-11T21:30"), twice, "TWICE PT1H30M: 300.00"),
            (job("2026-11-12T05:00", "2026-11-12T07:00"), "Mon-Fri 00:00-07:00: 2", "TWICE PT2H: 400.00"),
            // Across 20:00 each band has its minimum.
            (
                job("2026-11-12T19:30", "2026-11-12T20:30"),
                "Mon-Fri 17:00-20:00: 1.5",
                "HALF PT1H, TWICE PT1H30M: 450.00",
            ),
            (job("2026-11-13T16:30", "2026-11-13T17:30"), half, "ONE PT30M, HALF PT1H: 200.00"),
            (job("2026-11-14T08:30", "2026-11-14T09:30"), "Sat 00:00-09:00: 2", "TWICE PT1H30M, HALF PT1H: 450.00"),
            (job("2026-11-14T10:00", "2026-11-14T12:00"), "Sat 09:00-15:00: 1.5", "HALF PT2H: 300.00"),
            (job("2026-11-14T14:30", "2026-11-14T16:30"), "Sat 15:00-24:00: 2", "HALF PT1H, TWICE PT1H30M: 450.00"),
            (job("2026-11-15T12:00", "2026-11-15T13:00"), "Sun 00:00-24:00: 2", "TWICE PT1H30M: 300.00"),
            // Over midnight it is one rule all the same, with one minimum.
            (job("2026-11-15T23:30", "2026-11-16T00:30"), twice, "TWICE PT30M, TWICE PT1H: 300.00"),
        ],
    );
    // The other reading: one job meets one minimum, the larger.
    let crossing = job("2026-11-12T19:30", "2026-11-12T20:30");
    let open = "unspecified: which minimum applies to a job crossing two bands";
    check(&bands_with_minima("LARGEST"), &[(crossing, open, "HALF PT30M, TWICE PT1H30M: 375.00")]);
    let on_a_holiday = job("2026-12-16T10:00", "2026-12-16T11:00");
    check(&card, &[(on_a_holiday, "unspecified: holidays", "none PT0S: 0.00")]);
    check_findings(&card, &["HOURS_CLASS_UNPRICED", "MINIMA_STACK", "ROUNDING_LEFT_OPEN"]);
    check_findings(&bands_with_minima("LARGEST"), &["HOURS_CLASS_UNPRICED", "ROUNDING_LEFT_OPEN"]);
}

#[test]
fn a_weekend_that_begins_on_friday_evening_goes_before_the_evening() {
    let unplanned = json!(["unscheduled", "emergency"]);
    let weekend = [
        on(&["FRIDAY"], "17:00", "24:00"),
        on(&["SATURDAY", "SUNDAY"], "00:00", "24:00"),
        on(&["MONDAY"], "00:00", "08:00"),
    ];
    let rates = vec![
        rule("HOLIDAY", times("2"), json!({"hours_class": ["HOLIDAY"], "work_kind": unplanned})),
        rule("WEEKEND", times("2"), json!({"during": weekend.concat(), "work_kind": unplanned})),
        rule("EVENING", times("1.5"), json!({"during": on(&WEEKDAYS, "17:00", "20:00"), "work_kind": unplanned})),
        rule("NIGHT", times("2"), json!({"during": on(&WEEKDAYS, "20:00", "08:00"), "work_kind": unplanned})),
        rule("DAY", times("1"), json!({"during": on(&WEEKDAYS, "08:00", "17:00")})),
    ];
    let policy = policy(rates, "USD2", "EACH", None, None);
    let card = Card::new("America/New_York", ("08:00", "17:00"), json!([holiday("2026-11-26")]), "USD2", policy);
    let job = |from, to| (from, to, "engineer", "unscheduled");
    let (day, evening, night) = ("Mon-Fri 08:00-17:00: 1", "weekday 17:00-20:00: 1.5", "weekday nights 20:00-08:00: 2");
    let weekend = "Fri 17:00 -> Mon 08:00: 2";
    let emergency: Job = ("2026-11-24T17:30", "2026-11-24T18:30", "engineer", "emergency");
    // The source speaks of unscheduled work alone: the price of planned work at night is not guessed.
    let planned: Job = ("2026-11-23T18:00", "2026-11-23T19:00", "engineer", "planned");
    check(
        &card,
        &[
            (job("2026-11-23T07:00", "2026-11-23T09:00"), weekend, "WEEKEND PT1H, DAY PT1H: 300.00"),
            (job("2026-11-23T10:00", "2026-11-23T10:10"), day, "DAY PT10M: 16.67"),
            (job("2026-11-23T18:00", "2026-11-23T19:00"), evening, "EVENING PT1H: 150.00"),
            (job("2026-11-24T07:00", "2026-11-24T08:00"), night, "NIGHT PT1H: 200.00"),
            (emergency, "applies to unscheduled or emergency work", "EVENING PT1H: 150.00"),
            (job("2026-11-24T23:00", "2026-11-25T01:00"), night, "NIGHT PT2H: 400.00"),
            (job("2026-11-25T19:00", "2026-11-25T21:00"), night, "EVENING PT1H, NIGHT PT1H: 350.00"),
            (job("2026-11-26T10:00", "2026-11-26T11:00"), "holidays, 4th Thu Nov: 2", "HOLIDAY PT1H: 200.00"),
            // Both bands match on Friday evening; the order says that the weekend's does.
            (job("2026-11-27T16:30", "2026-11-27T17:30"), weekend, "DAY PT30M, WEEKEND PT30M: 150.00"),
            (job("2026-11-27T23:00", "2026-11-28T01:00"), weekend, "WEEKEND PT1H, WEEKEND PT1H: 400.00"),
            (job("2026-11-29T12:00", "2026-11-29T13:00"), weekend, "WEEKEND PT1H: 200.00"),
            (planned, "applies to unscheduled or emergency work", "none PT0S: 0.00"),
        ],
    );
    check_findings(&card, &["RATE_RULES_OVERLAP", "ROUNDING_LEFT_OPEN", "WORK_UNPRICED"]);
}

#[test]
fn kinds_of_work_and_a_minute_that_no_band_has() {
    let kinds = |kinds: &[&str]| json!({"work_kind": kinds});
    let rates = vec![
        rule("OUTAGE", json!("IN_FEE"), kinds(&["outage"])),
        rule("WATCH", json!("IN_FEE"), kinds(&["monitoring"])),
        rule(
            "DAY",
            json!("IN_FEE"),
            json!({"work_kind": ["helpdesk", "remote", "onsite"], "during": on(&WEEKDAYS, "08:30", "17:30")}),
        ),
        rule("REMOTE", times("1"), json!({"work_kind": ["remote"], "during": on(&WEEKDAYS, "17:31", "22:00")})),
        rule(
            "ONSITE",
            times("1"),
            json!({"work_kind": ["onsite"], "during": on(&WEEKDAYS, "17:31", "21:00"), "minimum": "PT2H"}),
        ),
        rule("REMOTE-ELSE", times("1.25"), kinds(&["remote"])),
        rule("ONSITE-ELSE", times("1.5"), kinds(&["onsite"])),
        rule("DESKTOP", times("0.8"), json!({"work_kind": ["desktop project"], "hours_class": ["BUSINESS"]})),
    ];
    let policy = policy(rates, "USD2", "EACH", None, None);
    let card = Card::new("America/New_York", ("08:30", "17:30"), json!([]), "USD2", policy);
    let job = |from, to, kind| (from, to, "engineer", kind);
    let day = "Mon-Fri 08:30-17:30, helpdesk, remote, onsite: included";
    let remote = "Mon-Fri 17:31-22:00, non-critical remote: 1";
    let onsite = "Mon-Fri 17:31-21:00, non-critical onsite: 1, minimum hours: 2";
    let (remote_else, onsite_else) = ("otherwise, non-critical remote: 1.25", "otherwise, non-critical onsite: 1.5");
    let outage = "all days 00:00-24:00, business critical outage: included";
    let desktop = "project desktop labour, business hours: 0.8";
    check(
        &card,
        &[
            (job("2026-11-09T09:00", "2026-11-09T10:00", "remote"), day, "DAY PT0S: 0.00"),
            (job("2026-11-09T11:00", "2026-11-09T11:05", "helpdesk"), day, "DAY PT0S: 0.00"),
            // As written, 17:30 to 17:31 belongs to no band: "otherwise" takes it, at one and a quarter.
            (
                job("2026-11-09T17:00", "2026-11-09T18:00", "remote"),
                remote,
                "DAY PT0S, REMOTE-ELSE PT1M, REMOTE PT29M: 50.41",
            ),
            (
                job("2026-11-10T21:30", "2026-11-10T22:30", "remote"),
                remote_else,
                "REMOTE PT30M, REMOTE-ELSE PT30M: 112.50",
            ),
            (job("2026-11-11T20:00", "2026-11-11T20:30", "onsite"), onsite, "ONSITE PT2H: 200.00"),
            (job("2026-11-12T21:30", "2026-11-12T22:30", "onsite"), onsite_else, "ONSITE-ELSE PT1H: 150.00"),
            (job("2026-11-13T10:00", "2026-11-13T12:00", "desktop project"), desktop, "DESKTOP PT2H: 160.00"),
            (job("2026-11-14T03:00", "2026-11-14T05:00", "outage"), outage, "OUTAGE PT0S: 0.00"),
            (job("2026-11-14T10:00", "2026-11-14T11:00", "remote"), remote_else, "REMOTE-ELSE PT1H: 125.00"),
            (job("2026-11-15T10:00", "2026-11-15T11:00", "onsite"), onsite_else, "ONSITE-ELSE PT1H: 150.00"),
            (job("2026-11-15T22:00", "2026-11-15T23:00", "monitoring"), "monitoring: included", "WATCH PT0S: 0.00"),
        ],
    );
    check_findings(&card, &["RATE_RULES_GAP", "ROUNDING_LEFT_OPEN", "WORK_UNPRICED"]);
}

#[test]
fn three_tiers_of_one_provider() {
    let tier = |business: &str, weekend: &str, holidays, minimum: &str, increment: &str| {
        let rates = vec![
            rule("HOLIDAY", holidays, json!({"hours_class": ["HOLIDAY"]})),
            rule("WEEKEND", times(weekend), json!({"hours_class": ["WEEKEND"]})),
            rule("BUSINESS", times(business), json!({"hours_class": ["BUSINESS"]})),
        ];
        let policy = policy(rates, "USD2", "EACH", Some(minimum), Some(increment));
        Card::new("America/Detroit", ("09:00", "17:00"), json!([holiday("2026-11-26")]), "USD2", policy)
    };
    let week = |words: [&'static str; 3], expected: [&'static str; 6]| {
        let job = |from, to| (from, to, "engineer", "");
        let [business, holidays, weekend] = words;
        [
            (job("2026-11-23T10:00", "2026-11-23T10:07"), business, expected[0]),
            (job("2026-11-24T10:00", "2026-11-24T11:12"), business, expected[1]),
            // The source speaks of business hours, weekends and holidays: an evening has no price.
            (job("2026-11-25T18:00", "2026-11-25T19:00"), business, expected[2]),
            (job("2026-11-26T10:00", "2026-11-26T11:00"), holidays, expected[3]),
            (job("2026-11-28T10:00", "2026-11-28T10:40"), weekend, expected[4]),
            (job("2026-11-29T12:00", "2026-11-29T12:01"), weekend, expected[5]),
        ]
    };
    // A tenth less than the weekend's one and a half, and than the holiday's double.
    let sla = tier("0.9", "1.35", times("1.8"), "PT15M", "PT5M");
    let words = ["0.9, minimum 15 min, increment 5", "2 then less 10%", "1.5 then less 10%"];
    let came = ["BUSINESS PT15M: 22.50", "BUSINESS PT1H15M: 112.50", "none PT0S: 0.00", "HOLIDAY PT1H: 180.00"];
    check(&sla, &week(words, [came[0], came[1], came[2], came[3], "WEEKEND PT40M: 90.00", "WEEKEND PT15M: 33.75"]));
    let retainer = tier("1", "1.5", json!("NOT_OFFERED"), "PT30M", "PT15M");
    let words = ["1, minimum 30 min, increment 15", "holiday: not available", "weekend: 1.5"];
    let came = ["BUSINESS PT30M: 50.00", "BUSINESS PT1H15M: 125.00", "none PT0S: 0.00", "HOLIDAY PT0S: 0.00"];
    check(
        &retainer,
        &week(words, [came[0], came[1], came[2], came[3], "WEEKEND PT45M: 112.50", "WEEKEND PT30M: 75.00"]),
    );
    let incidental = tier("1", "2", json!("NOT_OFFERED"), "PT1H", "PT30M");
    let words = ["1, minimum 60 min, increment 30", "holiday: not available", "weekend: 2"];
    let came = ["BUSINESS PT1H: 100.00", "BUSINESS PT1H30M: 150.00", "none PT0S: 0.00", "HOLIDAY PT0S: 0.00"];
    check(
        &incidental,
        &week(words, [came[0], came[1], came[2], came[3], "WEEKEND PT1H: 200.00", "WEEKEND PT1H: 200.00"]),
    );
    for card in [sla, retainer, incidental] {
        check_findings(&card, &["HOURS_CLASS_UNPRICED"]);
    }
}
