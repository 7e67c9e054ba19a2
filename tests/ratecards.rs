//! The price rules of six real providers (`../shared/data/ratecards.json`), each rating a week of made work. Every line was
//! worked out by hand from the source's words, at a plain rate of 100 an hour where the source has multiples.
//!
//! What a source leaves open has to be said: the increment and which of two minima acts are required of a policy, an hours
//! class that no rule speaks of blocks the offer (HOURS_CLASS_UNPRICED), a minute between two bands is found
//! (RATE_RULES_GAP), and of bands that overlap the order decides, which is found too (RATE_RULES_OVERLAP).

use remit_domain::{
    Currency, DateTime,
    calendar::{Calendar, Exceptions, Hours, instant_of},
    rating::{Fee, HourPool, Prices, Span, Times, Urgency, Work, rate},
    terms::ExtraHours,
    words::EntryBilling,
};
use serde_json::{Value, json};

/// Hours, rules and currency of one provider.
struct Card {
    zone: &'static str,
    calendar: Calendar,
    policy: ExtraHours,
    currency: Currency,
}

/// A piece of work: from and to in wall time, role, kind of work.
type Job = (&'static str, &'static str, &'static str, &'static str);

const WEEKDAYS: [&str; 5] = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"];

fn on(days: &[&str], opens: &str, closes: &str) -> Vec<Value> {
    days.iter().map(|day| json!({"weekday": day, "opens": opens, "closes": closes})).collect()
}

impl Card {
    #[allow(clippy::needless_pass_by_value, reason = "JSON is written where it is used")]
    fn new(zone: &'static str, office: (&str, &str), dates: Value, currency: &str, policy: Value) -> Self {
        let hours =
            json!({"zone": zone, "weekly": on(&WEEKDAYS, office.0, office.1), "weekend": ["SATURDAY", "SUNDAY"]});
        let hours: Hours = serde_json::from_value(hours).unwrap();
        let exceptions: Exceptions = serde_json::from_value(dates).unwrap();
        let policy = serde_json::from_value(policy).unwrap();
        Self { zone, calendar: Calendar::compile(&hours, &exceptions), policy, currency: currency.parse().unwrap() }
    }

    /// Rates jobs, each with what it comes to: the rules' codes with the charged time, and the amount.
    fn rated(&self, jobs: &[Job]) -> Vec<String> {
        let at = |text: &str| instant_of(text.parse::<DateTime>().unwrap(), self.zone).unwrap();
        let prices = Prices { policy: &self.policy, calendars: &[], currency: self.currency };
        let work = |(place, (from, to, role, kind)): (usize, &Job)| Work {
            prices,
            calendar: &self.calendar,
            span: Span { from: at(from), to: at(to) },
            breaks: &[],
            times: Times::Known,
            role: Some(role),
            work_kind: Some(kind).filter(|kind| !kind.is_empty()).copied(),
            priority: Urgency::Always(None),
            fee: Fee::Pays,
            approved: false,
            billing: EntryBilling::ByTerms,
            reference: ("", from),
            aggregate: place,
        };
        let works: Vec<Work<'_>> = jobs.iter().enumerate().map(work).collect();
        let included = self.policy.included.as_ref();
        let mut pool = included.map_or_else(HourPool::none, |hours| HourPool::of(&hours.draws, hours.per_period));
        let rated = rate(&works, &mut pool);
        let line = |place: usize| {
            let own: Vec<_> = rated.segments.iter().filter(|segment| segment.work == place).collect();
            let rule = |place: Option<usize>| place.map_or("none", |place| self.policy.rates[place].code.as_str());
            let parts: Vec<String> = own.iter().map(|s| format!("{} {}", rule(s.rule), s.charged)).collect();
            let minor: i64 = own.iter().map(|segment| segment.amount.minor).sum();
            format!("{}: {}.{:02}", parts.join(", "), minor / 100, minor % 100)
        };
        (0..jobs.len()).map(line).collect()
    }
}

/// A rule of price, from what differs from one that matches anything.
#[allow(clippy::needless_pass_by_value, reason = "JSON is written where it is used")]
fn rule(code: &str, treatment: Value, changes: Value) -> Value {
    let mut rule = json!({"code": code, "item_code": null, "hours_class": [], "priority": [], "work_kind": [], "role": [],
        "during": [], "treatment": treatment, "minimum": null, "increment": null, "call_out": null});
    rule.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    rule
}

fn times(factor: &str) -> Value {
    json!({"MULTIPLIER": factor})
}

/// A policy at 100 an hour.
#[allow(clippy::needless_pass_by_value, reason = "JSON is written where it is used")]
fn policy(rates: Vec<Value>, currency: &str, minima: &str, minimum: &str, increment: &str) -> Value {
    let role = |role: &str| json!({"role": role, "hourly": {"amount": "100", "currency": currency}});
    json!({"rates": rates, "roles": [role("engineer"), role("level1"), role("level2")], "included": null,
        "rounding": {"aggregate": "ENTRY", "order": "ROUND_THEN_MINIMUM", "minima": minima, "minimum": minimum, "increment": increment}})
}

fn holiday(date: &str) -> Value {
    json!({"date": date, "name": "x", "holiday": true, "periods": []})
}

#[track_caller]
fn check(card: &Card, lines: &[(Job, &str)]) {
    let jobs: Vec<Job> = lines.iter().map(|(job, _)| *job).collect();
    let expected: Vec<&str> = lines.iter().map(|(_, line)| *line).collect();
    assert_eq!(card.rated(&jobs), expected);
}

#[test]
fn the_cards_are_those_that_were_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/ratecards.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("not run: {path} is not there");
        return;
    };
    let file: Value = serde_json::from_str(&text).unwrap();
    let ids: Vec<&str> = file["cards"].as_array().unwrap().iter().map(|card| card["id"].as_str().unwrap()).collect();
    let known = [
        "pcservices-za",
        "hamilton-us",
        "coopsys",
        "linuxbox-tiers",
        "internetsoftwaresolutions",
        "sicap-eurotel-2000",
    ];
    assert_eq!(ids, known);
}

/// Bands of the day with a minimum by multiple. Which of two minima acts when a job crosses bands is left open by the
/// source, so the policy has to say it.
fn bands_with_minima(minima: &str) -> Card {
    let half = [on(&WEEKDAYS, "07:00", "08:00"), on(&WEEKDAYS, "17:00", "20:00"), on(&["SATURDAY"], "09:00", "15:00")];
    let rates = vec![
        rule("ONE", times("1"), json!({"during": on(&WEEKDAYS, "08:00", "17:00")})),
        rule("HALF", times("1.5"), json!({"during": half.concat(), "minimum": "PT1H"})),
        rule("TWICE", times("2"), json!({"minimum": "PT1H30M"})),
    ];
    let policy = policy(rates, "ZAR2", minima, "PT0S", "PT1M");
    Card::new("Africa/Johannesburg", ("08:00", "17:00"), json!([]), "ZAR2", policy)
}

#[test]
fn bands_of_the_day_with_a_minimum_by_multiple() {
    let job = |from, to| (from, to, "engineer", "");
    check(
        &bands_with_minima("EACH"),
        &[
            // Inside working hours, once.
            (job("2026-11-09T10:00", "2026-11-09T11:00"), "ONE PT1H: 100.00"),
            // From 7 to 8 one and a half times, at least an hour; from 8 on once.
            (job("2026-11-09T07:15", "2026-11-09T08:15"), "HALF PT1H, ONE PT15M: 175.00"),
            // Until 20:00 one and a half times, at least an hour.
            (job("2026-11-10T18:00", "2026-11-10T18:30"), "HALF PT1H: 150.00"),
            // After 20:00 twice, at least an hour and a half.
            (job("2026-11-11T21:00", "2026-11-11T21:30"), "TWICE PT1H30M: 300.00"),
            // Across 20:00 each band has its minimum.
            (job("2026-11-12T19:30", "2026-11-12T20:30"), "HALF PT1H, TWICE PT1H30M: 450.00"),
            (job("2026-11-13T16:30", "2026-11-13T17:30"), "ONE PT30M, HALF PT1H: 200.00"),
            // Saturday from 9 to 15 one and a half times, before and after twice.
            (job("2026-11-14T10:00", "2026-11-14T12:00"), "HALF PT2H: 300.00"),
            (job("2026-11-14T08:30", "2026-11-14T09:30"), "TWICE PT1H30M, HALF PT1H: 450.00"),
            // Sunday twice.
            (job("2026-11-15T12:00", "2026-11-15T13:00"), "TWICE PT1H30M: 300.00"),
        ],
    );
    // The other reading: one job meets one minimum, the larger.
    check(
        &bands_with_minima("LARGEST"),
        &[(job("2026-11-12T19:30", "2026-11-12T20:30"), "HALF PT30M, TWICE PT1H30M: 375.00")],
    );
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
    let policy = policy(rates, "USD2", "EACH", "PT0S", "PT1M");
    let card = Card::new("America/New_York", ("08:00", "17:00"), json!([holiday("2026-11-26")]), "USD2", policy);
    let job = |from, to| (from, to, "engineer", "unscheduled");
    check(
        &card,
        &[
            (job("2026-11-23T07:00", "2026-11-23T09:00"), "WEEKEND PT1H, DAY PT1H: 300.00"),
            (job("2026-11-23T18:00", "2026-11-23T19:00"), "EVENING PT1H: 150.00"),
            (job("2026-11-24T07:00", "2026-11-24T08:00"), "NIGHT PT1H: 200.00"),
            (job("2026-11-25T19:00", "2026-11-25T21:00"), "EVENING PT1H, NIGHT PT1H: 350.00"),
            (job("2026-11-26T10:00", "2026-11-26T11:00"), "HOLIDAY PT1H: 200.00"),
            // Both bands match on Friday evening; the order says that the weekend's does.
            (job("2026-11-27T16:30", "2026-11-27T17:30"), "DAY PT30M, WEEKEND PT30M: 150.00"),
            (job("2026-11-28T12:00", "2026-11-28T13:00"), "WEEKEND PT1H: 200.00"),
            // The source speaks of unscheduled work alone: the price of planned work at night is not guessed.
            (("2026-11-23T18:00", "2026-11-23T19:00", "engineer", "planned"), "none PT0S: 0.00"),
        ],
    );
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
    let policy = policy(rates, "USD2", "EACH", "PT0S", "PT1M");
    let card = Card::new("America/New_York", ("08:30", "17:30"), json!([]), "USD2", policy);
    let job = |from, to, kind| (from, to, "engineer", kind);
    check(
        &card,
        &[
            (job("2026-11-09T09:00", "2026-11-09T10:00", "remote"), "DAY PT0S: 0.00"),
            // As written, 17:30 to 17:31 belongs to no band: "otherwise" takes it, at one and a quarter.
            (job("2026-11-09T17:00", "2026-11-09T18:00", "remote"), "DAY PT0S, REMOTE-ELSE PT1M, REMOTE PT29M: 50.41"),
            (job("2026-11-10T21:30", "2026-11-10T22:30", "remote"), "REMOTE PT30M, REMOTE-ELSE PT30M: 112.50"),
            (job("2026-11-11T20:00", "2026-11-11T20:30", "onsite"), "ONSITE PT2H: 200.00"),
            (job("2026-11-12T21:30", "2026-11-12T22:30", "onsite"), "ONSITE-ELSE PT1H: 150.00"),
            (job("2026-11-13T10:00", "2026-11-13T12:00", "desktop project"), "DESKTOP PT2H: 160.00"),
            (job("2026-11-14T03:00", "2026-11-14T05:00", "outage"), "OUTAGE PT0S: 0.00"),
            (job("2026-11-14T10:00", "2026-11-14T11:00", "remote"), "REMOTE-ELSE PT1H: 125.00"),
        ],
    );
}

#[test]
fn three_tiers_of_one_provider() {
    let tier = |business: &str, weekend: &str, holidays: Value, minimum: &str, increment: &str| {
        let rates = vec![
            rule("HOLIDAY", holidays, json!({"hours_class": ["HOLIDAY"]})),
            rule("WEEKEND", times(weekend), json!({"hours_class": ["WEEKEND"]})),
            rule("BUSINESS", times(business), json!({"hours_class": ["BUSINESS"]})),
        ];
        let policy = policy(rates, "USD2", "EACH", minimum, increment);
        Card::new("America/Detroit", ("09:00", "17:00"), json!([holiday("2026-11-26")]), "USD2", policy)
    };
    let job = |from, to| (from, to, "engineer", "");
    let (monday, saturday) = (job("2026-11-23T10:00", "2026-11-23T10:07"), job("2026-11-28T10:00", "2026-11-28T10:40"));
    let thanksgiving = job("2026-11-26T10:00", "2026-11-26T11:00");
    // A tenth less than the weekend's one and a half, and than the holiday's double.
    check(
        &tier("0.9", "1.35", times("1.8"), "PT15M", "PT5M"),
        &[
            (monday, "BUSINESS PT15M: 22.50"),
            (saturday, "WEEKEND PT40M: 90.00"),
            (thanksgiving, "HOLIDAY PT1H: 180.00"),
        ],
    );
    check(
        &tier("1", "1.5", json!("NOT_OFFERED"), "PT30M", "PT15M"),
        &[(monday, "BUSINESS PT30M: 50.00"), (saturday, "WEEKEND PT45M: 112.50"), (thanksgiving, "HOLIDAY PT0S: 0.00")],
    );
    check(
        &tier("1", "2", json!("NOT_OFFERED"), "PT1H", "PT30M"),
        &[(monday, "BUSINESS PT1H: 100.00"), (saturday, "WEEKEND PT1H: 200.00"), (thanksgiving, "HOLIDAY PT0S: 0.00")],
    );
}

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
    let policy = policy(rates, "USD2", "EACH", "PT1H", "PT1M");
    let card = Card::new("America/New_York", ("09:00", "17:00"), json!([holiday("2026-11-26")]), "USD2", policy);
    check(
        &card,
        &[
            (("2026-11-23T10:00", "2026-11-23T10:20", "level1", ""), "LEVEL-1 PT0S: 0.00"),
            (("2026-11-23T10:00", "2026-11-23T10:20", "level2", ""), "LEVEL-2 PT1H: 100.00"),
            (("2026-11-24T19:00", "2026-11-24T19:30", "level1", ""), "AFTER PT1H: 200.00"),
            (("2026-11-25T09:00", "2026-11-25T12:00", "level2", "on site"), "ONSITE PT8H: 800.00"),
            (
                ("2026-11-25T18:00", "2026-11-25T19:30", "level2", "on site beyond eight hours"),
                "ONSITE-9TH PT1H30M: 300.00",
            ),
            (("2026-11-26T10:00", "2026-11-26T11:00", "level2", ""), "HOLIDAY PT1H: 500.00"),
            (("2026-11-28T10:00", "2026-11-28T12:30", "level2", ""), "AFTER PT2H30M: 500.00"),
        ],
    );
}

#[test]
fn telephone_hours_of_the_month_and_half_a_holiday() {
    let hourly = |amount: &str| json!({"HOURLY": {"amount": amount, "currency": "CHF2"}});
    let rates = vec![
        rule("OFFICE", hourly("235"), json!({"hours_class": ["BUSINESS"]})),
        rule("OTHERWISE", hourly("352.5"), json!({})),
    ];
    let mut policy = policy(rates, "CHF2", "EACH", "PT0S", "PT1M");
    let draws = json!([{"hours_class": ["BUSINESS"], "role": [], "work_kind": ["telephone"], "factor": "1"}]);
    policy["included"] = json!({"per_period": "PT20H", "draws": draws, "rollover_periods": 0, "rollover_cap": null, "overage_hourly": null});
    let half = json!({"date": "2026-12-24", "name": "Christmas Eve", "holiday": false, "periods": [{"opens": "08:00", "closes": "12:00"}]});
    let card = Card::new("Europe/Zurich", ("08:00", "18:00"), json!([half, holiday("2026-12-25")]), "CHF2", policy);
    let call = |from, to| (from, to, "engineer", "telephone");
    let visit = |from, to| (from, to, "engineer", "visit");
    check(
        &card,
        &[
            // Twenty telephone hours a month in office hours, nothing for other work.
            (call("2026-12-21T08:00", "2026-12-21T18:00"), "OFFICE PT0S: 0.00"),
            (visit("2026-12-21T08:00", "2026-12-21T09:00"), "OFFICE PT1H: 235.00"),
            (call("2026-12-22T08:00", "2026-12-22T17:00"), "OFFICE PT0S: 0.00"),
            (call("2026-12-23T17:00", "2026-12-23T19:00"), "OFFICE PT0S, OTHERWISE PT1H: 352.50"),
            // One hour is over: ten, nine and one were covered.
            (call("2026-12-24T11:00", "2026-12-24T13:00"), "OFFICE PT1H, OTHERWISE PT1H: 587.50"),
            (visit("2026-12-25T10:00", "2026-12-25T11:00"), "OTHERWISE PT1H: 352.50"),
            (visit("2026-12-26T10:00", "2026-12-26T10:20"), "OTHERWISE PT20M: 117.50"),
        ],
    );
}
