//! Terms and price rules that real providers published, entered as an administrator would and asked as a PSA would.
//!
//! Everything that a document states is claimed by its test: said, and an answer shows it, or refused with the reason
//! ([`Document`]). What a document leaves open is a required field here, or found by readiness; each case says which.

#![allow(clippy::needless_pass_by_value, reason = "JSON is written where it is used")]

mod availability;
mod care;
mod document;
mod rates;
mod response;

use serde_json::{Value, json};

use crate::support::{User, fixtures};
use document::Document;

const WORKDAYS: [&str; 5] = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"];

fn weekly(days: &[&str], opens: &str, closes: &str) -> Vec<Value> {
    days.iter().map(|day| json!({"weekday": day, "opens": opens, "closes": closes})).collect()
}

fn target(priority: &str, milestone: &str, limit: (&str, Value), clock: &str) -> Value {
    let mut target = json!({"priority": priority, "milestone": milestone, "clock": clock});
    target[limit.0] = limit.1;
    target
}

/// Counted business hours.
fn business(priority: &str, milestone: &str, within: &str) -> Value {
    target(priority, milestone, ("within", json!(within)), "BUSINESS_HOURS")
}

/// Around the clock.
fn always(priority: &str, milestone: &str, within: &str) -> Value {
    target(priority, milestone, ("within", json!(within)), "AROUND_THE_CLOCK")
}

fn days(priority: &str, milestone: &str, days: i32) -> Value {
    target(priority, milestone, ("businessDays", json!(days)), "BUSINESS_HOURS")
}

/// A tier that answers each priority in the hours of the calendar, for documents that say nothing of it.
fn some_targets() -> Value {
    json!(["P1", "P2", "P3", "P4"].map(|priority| business(priority, "RESPONSE", "PT4H")))
}

/// Office hours in a zone.
fn office(zone: &str) -> Value {
    json!({"timeZone": zone, "weekly": weekly(&WORKDAYS, "08:00", "17:00")})
}

/// A value with fields replaced.
fn with(mut value: Value, more: Value) -> Value {
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    value
}

/// Enters a calendar, a tier and a draft with the sections of the fixture, but for what a document says.
///
/// - `tier`: the targets, or all fields of the tier.
async fn enter(admin: &User<'_>, currency: &str, calendar: Value, tier: Value, changes: &[(&str, Value)]) {
    fixtures::catalogue(admin).await;
    let named = json!({"code": "DOC", "name": "As the document says"});
    admin.done("putCalendar", with(named.clone(), calendar), "").await;
    let tier = if tier.is_array() { json!({"targets": tier}) } else { tier };
    admin.done("putSlaTier", with(named, tier), "").await;
    let create =
        json!({"number": "DOC", "title": "As published", "client": {"code": "NORTHWIND"}, "currency": currency});
    admin.done("createAgreement", create, "").await;
    let mut draft = fixtures::draft("DOC");
    for (field, value) in [
        ("effectiveFrom", json!("2022-01-01")),
        ("calendar", json!({"code": "DOC"})),
        ("tier", json!({"code": "DOC"})),
        ("services", json!([{"service": {"code": "HELPDESK"}}])),
        ("extraHours", json!({"roles": [], "rates": [{"treatment": "IN_FEE"}]})),
    ] {
        draft[field] = value;
    }
    for (field, value) in changes {
        draft[field] = value.clone();
    }
    admin.done("draftTerms", draft, "").await;
}

async fn accept(admin: &User<'_>) {
    admin.done("offerTerms", json!({"agreement": {"code": "DOC"}}), "").await;
    let accepted =
        json!({"agreement": {"code": "DOC"}, "acceptedBy": "the client's board", "acceptedAt": "2021-12-15T00:00:00Z"});
    admin.done("activateTerms", accepted, "").await;
}

async fn ask(user: &User<'_>, question: Value, selection: &str) -> Value {
    let input = with(json!({"agreement": {"code": "DOC"}, "service": {"code": "HELPDESK"}}), question);
    let query = format!("query ($input: CoverageInput!) {{ coverage(input: $input) {{ {selection} }} }}");
    user.ask_with(&query, json!({"input": input})).await["coverage"].clone()
}

/// When what is due, `RESPONSE 2026-11-23T10:00:00Z`.
async fn due(user: &User<'_>, priority: &str, at: &str) -> Vec<String> {
    due_of(user, json!({"priority": priority, "at": at})).await
}

async fn due_of(user: &User<'_>, question: Value) -> Vec<String> {
    let decision = ask(user, question, "deadlines { milestone due }").await;
    let deadlines = decision["deadlines"].as_array().unwrap();
    deadlines.iter().map(|d| format!("{} {}", d["milestone"].as_str().unwrap(), d["due"].as_str().unwrap())).collect()
}

/// What an hour costs, `-` for nothing more.
async fn rate(user: &User<'_>, at: &str, work_kind: Option<&str>) -> String {
    rate_of(user, json!({"at": at, "workKind": work_kind})).await
}

async fn rate_of(user: &User<'_>, question: Value) -> String {
    let decision = ask(user, question, "chargeable offered hourlyRate { amount }").await;
    let amount = decision["hourlyRate"]["amount"].as_str().unwrap_or("-").to_owned();
    match (decision["offered"].as_bool().unwrap(), decision["chargeable"].as_bool().unwrap()) {
        (false, _) => "not offered".into(),
        (true, true) => amount,
        (true, false) => format!("covered, then {amount}"),
    }
}

/// What a piece of work comes to, and how much of it is charged.
async fn estimate(user: &User<'_>, question: Value) -> (String, Vec<String>) {
    let decision = ask(user, question, "estimate { amount { amount } segments { charged } }").await;
    let segments = decision["estimate"]["segments"].as_array().unwrap();
    let charged = segments.iter().map(|segment| segment["charged"].as_str().unwrap().to_owned());
    (decision["estimate"]["amount"]["amount"].as_str().unwrap().to_owned(), charged.collect())
}

/// The codes of what readiness finds in the draft.
async fn findings(user: &User<'_>) -> Vec<String> {
    let query = "{ agreement(by: {code: \"DOC\"}) { pending { readiness { findings { code } } } } }";
    let answer = user.ask(query).await;
    let found = answer["agreement"]["pending"]["readiness"]["findings"].as_array().unwrap();
    found.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

/// Holds the document of the newest version to sentences, which it must have.
#[track_caller]
fn reads(user: &User<'_>, sentences: &[&str]) -> impl Future<Output = ()> {
    let place = std::panic::Location::caller();
    async move {
        let answer = user.ask("{ agreement(by: {code: \"DOC\"}) { versions { document } } }").await;
        let text = answer["agreement"]["versions"][0]["document"].as_str().unwrap().to_owned();
        for sentence in sentences {
            assert!(text.contains(sentence), "{place}: {sentence:?} is not in\n{text}");
        }
    }
}
