//! Prices, a line a case, and what must hold for any work.

#![allow(clippy::needless_pass_by_value, reason = "JSON is written where it is used")]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Fee, HourPool, Prices, RatedSegment, Span, Times, Unpriced, Urgency, Work, rate};
use crate::{
    Timestamp,
    calendar::{Calendar, Exceptions, Hours},
    money::Currency,
    terms::ExtraHours,
    time::{Duration, elapsed, parse_instant},
    words::{ChargeKind, EntryBilling},
};

fn at(text: &str) -> Timestamp {
    parse_instant(text).unwrap()
}

/// Monday to Friday nine to five in Berlin, Christmas off.
fn office() -> Calendar {
    let days = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"];
    let weekly: Vec<Value> =
        days.iter().map(|day| json!({"weekday": day, "opens": "09:00", "closes": "17:00"})).collect();
    let hours: Hours =
        serde_json::from_value(json!({"zone": "Europe/Berlin", "weekly": weekly, "weekend": ["SATURDAY", "SUNDAY"]}))
            .unwrap();
    let christmas = json!([{"date": "2026-12-25", "name": "Christmas", "holiday": true, "periods": []}]);
    let exceptions: Exceptions = serde_json::from_value(christmas).unwrap();
    Calendar::compile(&hours, &exceptions)
}

fn rule(changes: Value) -> Value {
    let mut rule = json!({"code": "R", "item_code": null, "hours_class": [], "priority": [], "work_kind": [], "role": [],
        "during": [], "treatment": {"MULTIPLIER": "1"}, "minimum": null, "increment": null, "call_out": null});
    rule.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    rule
}

fn policy(rates: Vec<Value>, changes: Value) -> ExtraHours {
    let mut policy = json!({"rates": rates, "roles": [{"role": "engineer", "hourly": {"amount": "100", "currency": "EUR2"}}],
        "rounding": {"aggregate": "ENTRY", "order": "ROUND_THEN_MINIMUM", "minima": "EACH", "minimum": "PT0S", "increment": "PT1M"}, "included": null});
    for (name, value) in changes.as_object().unwrap() {
        policy[name] = value.clone();
    }
    serde_json::from_value(policy).unwrap()
}

fn euro() -> Currency {
    Currency::new("EUR", 2).unwrap()
}

/// A policy for work that is given its prices when it is rated.
static NO_PRICES: std::sync::LazyLock<ExtraHours> = std::sync::LazyLock::new(|| policy(Vec::new(), json!({})));

fn work<'a>(calendar: &'a Calendar, from: &str, minutes: i64, reference: &'a str, aggregate: usize) -> Work<'a> {
    let from = at(from);
    let to = Timestamp::from_microsecond(from.as_microsecond() + minutes * 60_000_000).unwrap();
    Work {
        prices: Prices { policy: &NO_PRICES, calendars: &[], currency: euro() },
        calendar,
        span: Span { from, to },
        breaks: &[],
        times: Times::Known,
        role: Some("engineer"),
        work_kind: None,
        priority: Urgency::Always(None),
        fee: Fee::Pays,
        approved: false,
        billing: EntryBilling::ByTerms,
        reference: ("", reference),
        aggregate,
    }
}

/// Rates work by a policy, with so many hours in its pool if it has one.
fn rated(policy: &ExtraHours, works: &[Work<'_>], pool: &str) -> Vec<RatedSegment> {
    rated_by(Prices { policy, calendars: &[], currency: euro() }, works, pool.parse().unwrap())
}

fn rated_by(prices: Prices<'_>, works: &[Work<'_>], pool: Duration) -> Vec<RatedSegment> {
    let works: Vec<Work<'_>> = works.iter().map(|work| Work { prices, ..*work }).collect();
    let included = prices.policy.included.as_ref();
    rate(&works, &mut included.map_or_else(HourPool::none, |hours| HourPool::of(&hours.draws, pool))).segments
}

/// Each segment as `class worked included charged amount`.
fn lines(segments: &[RatedSegment]) -> Vec<String> {
    let line =
        |s: &RatedSegment| format!("{} {} {} {} {}", s.class, s.worked, s.included, s.charged, s.amount.amount());
    segments.iter().map(line).collect()
}

fn windows(opens: &str, closes: &str) -> Value {
    json!([{"weekday": "MONDAY", "opens": opens, "closes": closes}])
}

#[test]
fn work_is_cut_where_a_window_begins_and_ends() {
    let office = office();
    let evening = rule(json!({"code": "E", "during": windows("17:30", "20:00"), "treatment": {"MULTIPLIER": "1.5"}}));
    let policy = policy(vec![evening, rule(json!({}))], json!({}));
    // 16:30 to 20:30 in Berlin.
    let segments = rated(&policy, &[work(&office, "2026-11-23T15:30:00Z", 240, "a", 0)], "PT0S");
    assert_eq!(
        lines(&segments),
        [
            "BUSINESS PT30M PT0S PT30M 50.00",
            "AFTER_HOURS PT30M PT0S PT30M 50.00",
            "AFTER_HOURS PT2H30M PT0S PT2H30M 375.00",
            "AFTER_HOURS PT30M PT0S PT30M 50.00",
        ]
    );
    // On a Tuesday the window is not there, so nothing is cut but at closing.
    let tuesday = rated(&policy, &[work(&office, "2026-11-24T15:30:00Z", 240, "a", 0)], "PT0S");
    assert_eq!(lines(&tuesday), ["BUSINESS PT30M PT0S PT30M 50.00", "AFTER_HOURS PT3H30M PT0S PT3H30M 350.00"]);
}

#[test]
fn a_window_past_midnight_and_the_night_the_clocks_change() {
    let office = office();
    let night = rule(
        json!({"during": [{"weekday": "SATURDAY", "opens": "22:00", "closes": "04:00"}], "treatment": {"MULTIPLIER": "2"}}),
    );
    let policy = policy(vec![night, rule(json!({"treatment": "IN_FEE"}))], json!({}));
    // Saturday 24 to Sunday 25 October 2026: 02:00 to 03:00 comes twice.
    let autumn = rated(&policy, &[work(&office, "2026-10-24T19:00:00Z", 9 * 60, "a", 0)], "PT0S");
    assert_eq!(
        lines(&autumn),
        ["WEEKEND PT1H PT0S PT0S 0.00", "WEEKEND PT7H PT0S PT7H 1400.00", "WEEKEND PT1H PT0S PT0S 0.00"]
    );
    // Saturday 28 to Sunday 29 March 2026: 02:00 to 03:00 is not there.
    let spring = rated(&policy, &[work(&office, "2026-03-28T20:00:00Z", 7 * 60, "a", 0)], "PT0S");
    assert_eq!(
        lines(&spring),
        ["WEEKEND PT1H PT0S PT0S 0.00", "WEEKEND PT5H PT0S PT5H 1000.00", "WEEKEND PT1H PT0S PT0S 0.00"]
    );
}

#[test]
fn rules_with_minima_of_their_own_round_by_themselves() {
    let office = office();
    let after = |minimum: &str| {
        rule(json!({"code": "A", "hours_class": ["AFTER_HOURS"], "minimum": minimum, "treatment": {"MULTIPLIER": "2"}}))
    };
    let rounding = |minima: &str| json!({"rounding": {"aggregate": "ENTRY", "order": "ROUND_THEN_MINIMUM", "minima": minima, "minimum": "PT30M", "increment": "PT15M"}});
    // Ten minutes before closing, twenty after.
    let job = [work(&office, "2026-11-23T15:50:00Z", 30, "a", 0)];
    let each = policy(vec![after("PT1H"), rule(json!({}))], rounding("EACH"));
    assert_eq!(
        lines(&rated(&each, &job, "PT0S")),
        ["BUSINESS PT10M PT0S PT30M 50.00", "AFTER_HOURS PT20M PT0S PT1H 200.00"]
    );
    let largest = policy(vec![after("PT1H"), rule(json!({}))], rounding("LARGEST"));
    assert_eq!(
        lines(&rated(&largest, &job, "PT0S")),
        ["BUSINESS PT10M PT0S PT15M 25.00", "AFTER_HOURS PT20M PT0S PT1H 200.00"]
    );
    // An increment alone takes the policy's minimum.
    let stepped = rule(json!({"hours_class": ["AFTER_HOURS"], "increment": "PT12M", "treatment": {"MULTIPLIER": "2"}}));
    let stepped = policy(vec![stepped, rule(json!({}))], rounding("EACH"));
    assert_eq!(lines(&rated(&stepped, &job, "PT0S"))[1], "AFTER_HOURS PT20M PT0S PT30M 100.00");
}

#[test]
fn what_the_fee_pays_for_is_neither_rounded_nor_charged() {
    let office = office();
    let rates = vec![
        rule(json!({"hours_class": ["BUSINESS"], "treatment": "IN_FEE"})),
        rule(json!({"hours_class": ["WEEKEND"], "treatment": "NOT_OFFERED"})),
        rule(json!({"code": "R3"})),
    ];
    let rounding = json!({"rounding": {"aggregate": "ENTRY", "order": "ROUND_THEN_MINIMUM", "minima": "EACH", "minimum": "PT1H", "increment": "PT15M"}});
    let policy = policy(rates, rounding);
    let (weekday, saturday) = ("2026-11-23T15:50:00Z", "2026-11-28T10:00:00Z");
    assert_eq!(
        lines(&rated(&policy, &[work(&office, weekday, 20, "a", 0)], "PT0S")),
        ["BUSINESS PT10M PT0S PT0S 0.00", "AFTER_HOURS PT10M PT0S PT1H 100.00"]
    );
    // Outside the fee the same minutes cost the plain rate, of a kind of their own.
    let outside = Work { fee: Fee::DoesNot, ..work(&office, weekday, 20, "a", 0) };
    let segments = rated(&policy, &[outside], "PT0S");
    assert_eq!(lines(&segments), ["BUSINESS PT10M PT0S PT10M 16.67", "AFTER_HOURS PT10M PT0S PT50M 83.33"]);
    assert_eq!(
        segments.iter().map(|s| s.kind).collect::<Vec<_>>(),
        [Some(ChargeKind::OutOfScope), Some(ChargeKind::ExtraHours)]
    );
    // What is not offered costs nothing, unless somebody asked for it.
    let job = work(&office, saturday, 30, "a", 0);
    assert_eq!(lines(&rated(&policy, std::slice::from_ref(&job), "PT0S")), ["WEEKEND PT30M PT0S PT0S 0.00"]);
    assert_eq!(lines(&rated(&policy, &[Work { approved: true, ..job }], "PT0S")), ["WEEKEND PT30M PT0S PT1H 100.00"]);
}

#[test]
fn a_call_out_fee_comes_once_for_an_aggregate() {
    let office = office();
    let policy = policy(vec![rule(json!({"call_out": {"minor": 7500, "currency": "EUR2"}}))], json!({}));
    let jobs = |aggregates: [usize; 2]| {
        [
            work(&office, "2026-11-23T10:00:00Z", 60, "a", aggregates[0]),
            work(&office, "2026-11-23T12:00:00Z", 60, "b", aggregates[1]),
        ]
    };
    let amounts =
        |works: &[Work<'_>]| rated(&policy, works, "PT0S").iter().map(|s| s.amount.amount()).collect::<Vec<_>>();
    assert_eq!(amounts(&jobs([0, 0])), ["175.00", "100.00"]);
    assert_eq!(amounts(&jobs([0, 1])), ["175.00", "175.00"]);
}

#[test]
fn a_role_without_a_rate_is_named() {
    let office = office();
    let policy = policy(vec![rule(json!({}))], json!({}));
    let job = Work { role: Some("apprentice"), ..work(&office, "2026-11-23T10:00:00Z", 60, "a", 0) };
    let segments = rated(&policy, &[job], "PT0S");
    assert_eq!((segments[0].unpriced, segments[0].amount.minor), (Some(Unpriced::RoleWithoutRate), 0));
}

fn included(factor: &str, overage: Value) -> Value {
    json!({"included": {"per_period": "PT10H", "draws": [{"hours_class": [], "role": [], "work_kind": [], "factor": factor}],
        "rollover_periods": 0, "rollover_cap": null, "overage_hourly": overage}})
}

#[test]
fn a_rule_can_go_by_hours_of_its_own() {
    let office = office();
    let night: Hours = serde_json::from_value(json!({"zone": "America/New_York", "weekly": [{"weekday": "MONDAY", "opens": "12:00", "closes": "13:00"}], "weekend": []})).unwrap();
    let night = std::sync::Arc::new(Calendar::compile(&night, &Exceptions::default()));
    let policy = policy(
        vec![
            rule(
                json!({"hours_class": ["BUSINESS"], "calendar": {"code": "NIGHT", "revision": 1}, "treatment": {"MULTIPLIER": "3"}}),
            ),
            rule(json!({})),
        ],
        json!({}),
    );
    let calendars = [Some(night), None];
    let prices = Prices { policy: &policy, calendars: &calendars, currency: euro() };
    // Noon in New York is 17:00 in London: 18:00 in Berlin.
    let segments = rated_by(prices, &[work(&office, "2026-11-23T15:30:00Z", 180, "a", 0)], Duration::ZERO);
    assert_eq!(
        lines(&segments),
        [
            "BUSINESS PT30M PT0S PT30M 50.00",
            "AFTER_HOURS PT1H PT0S PT1H 100.00",
            "AFTER_HOURS PT1H PT0S PT1H 300.00",
            "AFTER_HOURS PT30M PT0S PT30M 50.00"
        ]
    );
}

proptest! {
    /// Nothing is lost or charged twice: worked time is the work's, rounding only adds, the pool is not overdrawn, and the
    /// amounts at one rate add up to their rounded exact total.
    #[test]
    fn time_and_money_add_up(
        starts in prop::collection::vec((0_i64..44_640, 1_i64..900, 0_usize..3), 1..8),
        factor in 1_i64..4_000, pool in 0_i64..30, increment in 0_i64..40, minimum in 0_i64..90, hourly in 1_i64..99_999,
    ) {
        let office = office();
        let factor = format!("{}", rust_decimal::Decimal::new(factor, 3));
        let hourly = rust_decimal::Decimal::new(hourly, 3).to_string();
        let mut changes = included(&factor, Value::Null);
        changes["roles"] = json!([{"role": "engineer", "hourly": {"amount": hourly, "currency": "EUR2"}}]);
        changes["rounding"] = json!({"aggregate": "TICKET", "order": "ROUND_THEN_MINIMUM", "minima": "EACH", "minimum": Duration::from_minutes(minimum as i32).to_string(), "increment": Duration::from_minutes(increment as i32).to_string()});
        let policy = policy(vec![rule(json!({"hours_class": ["WEEKEND"], "treatment": {"MULTIPLIER": "1.5"}})), rule(json!({}))], changes);
        let names = ["a", "b", "c"];
        let origin = at("2026-11-01T00:00:00Z").as_microsecond();
        let instant = |minutes: i64| Timestamp::from_microsecond(origin + minutes * 60_000_000).unwrap();
        let works: Vec<Work<'_>> = starts.iter().map(|(start, length, ticket)| Work {
            span: Span { from: instant(*start), to: instant(start + length) }, ..work(&office, "2026-11-01T00:00:00Z", 1, names[*ticket], *ticket)
        }).collect();
        let hours = Duration::from_hours(pool as i32);
        let segments = rated_by(Prices { policy: &policy, calendars: &[], currency: euro() }, &works, hours);
        for (place, work) in works.iter().enumerate() {
            let own = segments.iter().filter(|s| s.work == place).map(|s| s.worked.micros()).sum::<i64>();
            prop_assert_eq!(own, elapsed(work.span.from, work.span.to).micros());
        }
        let drawn = segments.iter().map(|s| rust_decimal::Decimal::from(s.included.micros()) * factor.parse::<rust_decimal::Decimal>().unwrap()).sum::<rust_decimal::Decimal>();
        prop_assert!(drawn <= rust_decimal::Decimal::from(hours.micros()));
        for name in 0..names.len() {
            let members: Vec<&RatedSegment> = segments.iter().filter(|s| works[s.work].aggregate == name).collect();
            let (worked, rounded) = members.iter().fold((0, 0), |(w, r), s| (w + s.worked.micros(), r + s.included.micros() + s.charged.micros()));
            prop_assert!(rounded >= worked);
            prop_assert!(members.is_empty() || increment == 0 || rounded % (increment * 60_000_000) == 0 || rounded == minimum * 60_000_000);
            let mut rates: Vec<_> = members.iter().filter_map(|s| s.rate).collect();
            rates.sort_by_key(crate::Rate::amount);
            rates.dedup();
            for rate in rates {
                let at_rate = members.iter().filter(|s| s.rate == Some(rate));
                let (time, minor) = at_rate.fold((0_i64, 0_i64), |(t, m), s| (t + s.charged.micros(), m + s.amount.minor));
                let exact = rust_decimal::Decimal::from(time) * rate.amount() * rust_decimal::Decimal::ONE_HUNDRED / rust_decimal::Decimal::from(3_600_000_000_i64);
                let off = (rust_decimal::Decimal::from(minor) - exact).abs();
                prop_assert!(off <= rust_decimal::Decimal::new(5, 1), "{} for {}", minor, exact);
            }
        }
        // The order in which work arrives changes nothing.
        let mut turned: Vec<Work<'_>> = works.clone();
        turned.reverse();
        let again = rated_by(Prices { policy: &policy, calendars: &[], currency: euro() }, &turned, hours);
        let sums = |segments: &[RatedSegment]| (segments.iter().map(|s| s.amount.minor).sum::<i64>(), segments.iter().map(|s| s.included.micros()).sum::<i64>());
        prop_assert_eq!(sums(&segments), sums(&again));
    }
}
