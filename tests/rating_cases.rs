//! The worked charges of `../shared/cases/rating.json`: those of one entry asked over the API, all of
//! them of the rules themselves.

use std::collections::BTreeMap;

use remit_domain::{
    Currency, Duration, Timestamp,
    calendar::{Calendar, Exceptions, Hours},
    rating::{Fee, HourPool, Prices, RatedSegment, Span, Times, Urgency, Work, rate},
    terms::ExtraHours,
    words::EntryBilling,
};
use serde_json::{Value, json};

use crate::support::{both, fixtures};

const WEEKDAYS: [&str; 5] = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"];

/// The cases, each with what it leaves to the base; none where they are not on this machine.
fn cases() -> Option<(Value, Vec<Value>)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/cases/rating.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("not run: {path} is not there");
        return None;
    };
    let file: Value = serde_json::from_str(&text).unwrap();
    Some((file["base"].clone(), file["cases"].as_array().unwrap().clone()))
}

fn money(amount: &Value) -> Value {
    json!({"amount": amount, "currency": "USD"})
}

/// The role's rate: the case's own, else the base's.
fn hourly<'a>(base: &'a Value, case: &'a Value) -> &'a Value {
    case["roles"].get("engineer").unwrap_or(&base["roles"]["engineer"])
}

/// What a case says of included hours, as an input's fields.
fn included(case: &Value) -> Option<Value> {
    let included = case.get("included")?;
    let draws: Vec<Value> = included["draws"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(class, factor)| json!({"hoursClass": [class], "factor": factor}))
        .collect();
    let overage = included.get("overageHourly").map(money);
    Some(json!({"perPeriod": included["perPeriod"], "draws": draws, "overageHourly": overage}))
}

/// The calendar of all cases.
fn calendar() -> Calendar {
    let weekly: Vec<Value> =
        WEEKDAYS.iter().map(|day| json!({"weekday": day, "opens": "08:00", "closes": "17:00"})).collect();
    let hours: Hours = serde_json::from_value(
        json!({"zone": "America/New_York", "weekly": weekly, "weekend": ["SATURDAY", "SUNDAY"]}),
    )
    .unwrap();
    let holiday = json!([{"date": "2026-11-26", "name": "Thanksgiving", "holiday": true, "periods": []}]);
    let exceptions: Exceptions = serde_json::from_value(holiday).unwrap();
    Calendar::compile(&hours, &exceptions)
}

/// A case's price rules as they are stored.
fn policy(base: &Value, case: &Value) -> ExtraHours {
    let rule = |(place, rule): (usize, &Value)| {
        json!({"code": format!("R{place}"), "item_code": null, "hours_class": rule["hoursClass"], "priority": [], "work_kind": [], "role": [],
        "during": [], "treatment": {"MULTIPLIER": rule["multiplier"]}, "minimum": null, "increment": null, "call_out": null})
    };
    let rates: Vec<Value> = base["rates"].as_array().unwrap().iter().enumerate().map(rule).collect();
    let mut rounding = case["rounding"].clone();
    rounding["minima"] = json!("EACH");
    let included = case.get("included").map(|included| {
        let draw = |(class, factor): (&String, &Value)| json!({"hours_class": [class], "role": [], "work_kind": [], "factor": factor});
        let draws: Vec<Value> = included["draws"].as_object().unwrap().iter().map(draw).collect();
        let overage = included.get("overageHourly").map(|amount| json!({"amount": amount, "currency": "USD2"}));
        json!({"per_period": included["perPeriod"], "draws": draws, "rollover_periods": 0, "rollover_cap": null, "overage_hourly": overage})
    });
    let roles = json!([{"role": "engineer", "hourly": {"amount": hourly(base, case), "currency": "USD2"}}]);
    serde_json::from_value(json!({"rates": rates, "roles": roles, "rounding": rounding, "included": included})).unwrap()
}

/// A sum of each entry's times, by reference.
fn times(
    works: &[Work<'_>],
    segments: &[RatedSegment],
    of: fn(&RatedSegment) -> Duration,
) -> BTreeMap<String, Duration> {
    let mut sums = BTreeMap::new();
    for segment in segments {
        let sum = sums.entry(works[segment.work].reference.1.to_owned()).or_insert(Duration::ZERO);
        *sum = sum.plus(of(segment));
    }
    sums
}

fn check(case: &Value, works: &[Work<'_>], segments: &[RatedSegment]) {
    let name = case["name"].as_str().unwrap();
    let expect = &case["expect"];
    let total: i64 = segments.iter().map(|segment| segment.amount.minor).sum();
    assert_eq!(format!("{}.{:02}", total / 100, total % 100), expect["total"].as_str().unwrap(), "{name}");
    for (field, of) in [("included", (|s| s.included) as fn(&RatedSegment) -> Duration), ("charged", |s| s.charged)] {
        let sums = times(works, segments, of);
        for (reference, time) in expect[field].as_object().into_iter().flatten() {
            assert_eq!(sums[reference].to_string(), time.as_str().unwrap(), "{name}: {field} of {reference}");
        }
    }
    for (reference, amount) in expect["amounts"].as_object().into_iter().flatten() {
        let own = segments.iter().filter(|segment| works[segment.work].reference.1 == reference);
        let minor: i64 = own.map(|segment| segment.amount.minor).sum();
        assert_eq!(format!("{}.{:02}", minor / 100, minor % 100), amount.as_str().unwrap(), "{name}: {reference}");
    }
    if let Some(lines) = expect["segments"].as_array() {
        let found: Vec<Value> =
            segments.iter().map(|s| json!([s.class.as_str(), s.charged.to_string(), s.amount.amount()])).collect();
        assert_eq!(&found, lines, "{name}");
    }
}

#[test]
fn every_worked_charge_comes_out() {
    let Some((base, cases)) = cases() else { return };
    let calendar = calendar();
    for case in &cases {
        let policy = policy(&base, case);
        let by_ticket = case["rounding"]["aggregate"] == "TICKET";
        let entries = case["entries"].as_array().unwrap();
        let at = |text: &Value| text.as_str().unwrap().parse::<Timestamp>().unwrap();
        let prices = Prices { policy: &policy, calendars: &[], currency: Currency::new("USD", 2).unwrap() };
        let works: Vec<Work<'_>> = entries
            .iter()
            .enumerate()
            .map(|(place, entry)| Work {
                prices,
                calendar: &calendar,
                span: Span { from: at(&entry["start"]), to: at(&entry["end"]) },
                breaks: &[],
                times: Times::Known,
                role: entry["role"].as_str(),
                work_kind: None,
                priority: Urgency::Always(None),
                fee: Fee::Pays,
                approved: false,
                billing: EntryBilling::ByTerms,
                reference: ("", entry["ref"].as_str().unwrap()),
                aggregate: if by_ticket { 0 } else { place },
            })
            .collect();
        let included = policy.included.as_ref();
        let mut pool = included.map_or_else(HourPool::none, |hours| HourPool::of(&hours.draws, hours.per_period));
        check(case, &works, &rate(&works, &mut pool).segments);
    }
    assert_eq!(cases.len(), 15, "the file has other cases than it had");
}

both! {
    async fn the_estimate_of_one_piece_of_work_comes_out(remit: Remit) {
        let Some((base, cases)) = cases() else { return };
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let single = cases.iter().filter(|case| case["entries"].as_array().unwrap().len() == 1);
        for (place, case) in single.enumerate() {
            let number = format!("CASE-{place}");
            let mut draft = fixtures::draft(&number);
            draft["effectiveFrom"] = json!("2026-10-01");
            draft["extraHours"] = json!({"rates": base["rates"], "roles": [{"role": "engineer", "hourly": money(hourly(&base, case))}], "rounding": case["rounding"], "included": included(case)});
            let create = json!({"number": number, "title": "x", "client": {"code": "NORTHWIND"}, "currency": "USD"});
            admin.done("createAgreement", create, "").await;
            admin.done("draftTerms", draft, "").await;
            admin.done("offerTerms", json!({"agreement": {"code": number}}), "").await;
            admin.done("activateTerms", json!({"agreement": {"code": number}, "acceptedBy": "x"}), "").await;
            let entry = &case["entries"][0];
            let instant = |text: &Value| text.as_str().unwrap().parse::<Timestamp>().unwrap();
            let (from, to) = (instant(&entry["start"]), instant(&entry["end"]));
            let work = Duration::from_micros(to.as_microsecond() - from.as_microsecond()).to_string();
            let query = "query ($input: CoverageInput!) { coverage(input: $input) { chargeable reasons { code } estimate { amount { amount currency } segments { from to hoursClass treatment worked included charged hourlyRate { amount } amount { amount } } } } }";
            let input = json!({"agreement": {"code": number}, "service": {"code": "HELPDESK"}, "role": "engineer", "work": work, "at": entry["start"]});
            let answer = admin.ask_with(query, json!({"input": input})).await["coverage"].clone();
            let (estimate, expect, name) = (&answer["estimate"], &case["expect"], &case["name"]);
            assert_eq!(estimate["amount"], money(&expect["total"]), "{name}");
            assert_eq!(answer["chargeable"], true, "{name}");
            let segments = estimate["segments"].as_array().unwrap();
            let sum = |field: &str| segments.iter().map(|s| s[field].as_str().unwrap().parse::<Duration>().unwrap()).fold(Duration::ZERO, Duration::plus);
            assert_eq!(sum("worked").to_string(), work, "{name}");
            if let Some(charged) = expect["charged"]["a"].as_str() {
                assert_eq!(sum("charged").to_string(), charged, "{name}");
            }
            if let Some(lines) = expect["segments"].as_array() {
                let found: Vec<Value> = segments.iter().map(|s| json!([s["hoursClass"], s["charged"], s["amount"]["amount"]])).collect();
                assert_eq!(&found, lines, "{name}");
            }
            assert!(answer["reasons"].as_array().unwrap().contains(&json!({"code": "ESTIMATE"})), "{name}");
        }
    }

    async fn work_within_included_hours_and_fee_costs_nothing(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        let query = "query ($input: CoverageInput!) { coverage(input: $input) { offered chargeable hourlyRate { amount } estimate { amount { amount } segments { treatment worked included charged hourlyRate { amount } } } } }";
        let ask = |changes: Value| {
            let mut input = json!({"agreement": {"code": "MSA-1"}, "service": {"code": "HELPDESK"}, "at": "2026-11-23T21:00:00Z"});
            input.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            let admin = &admin;
            async move { admin.ask_with(query, json!({"input": input})).await["coverage"].clone() }
        };
        assert_eq!(ask(json!({})).await["estimate"], Value::Null);
        // An hour before closing, an hour after it.
        let job = ask(json!({"work": "PT2H"})).await;
        assert_eq!(job, json!({"offered": true, "chargeable": true, "hourlyRate": null, "estimate": {"amount": {"amount": "225.00"}, "segments": [
            {"treatment": "IN_FEE", "worked": "PT1H", "included": "PT0S", "charged": "PT0S", "hourlyRate": null},
            {"treatment": "MULTIPLIER", "worked": "PT1H", "included": "PT0S", "charged": "PT1H", "hourlyRate": {"amount": "225.00"}}]}}));
        let within = ask(json!({"work": "PT1H"})).await;
        assert_eq!((&within["chargeable"], &within["estimate"]["amount"]["amount"]), (&json!(false), &json!("0.00")));
        for work in ["PT0S", "PT745H"] {
            let input = json!({"agreement": {"code": "MSA-1"}, "work": work, "at": "2026-11-23T21:00:00Z"});
            let refused = admin.refused(query, json!({"input": input})).await;
            assert_eq!(crate::support::code(&refused[0]), "BAD_USER_INPUT input.work");
        }
    }
}
