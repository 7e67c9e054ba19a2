//! Recorded time, and what only charges show of the prices.

use serde_json::{Value, json};

use super::world::{Case, Look, field};

const ENTRY: &str = "{ timeEntry(by: {external: {system: \"psa\", id: \"NUMBER\"}}) { agreement { number } client { code } service { code } role technician workKind note billing timesKnown approvedBy priority
    breaks { from to } startedAt endedAt segments { hoursClass worked included charged amount { amount } } charges { kind charged amount { amount } rateRule { itemCode } } } }";
const CHARGES: &str = "{ agreement(by: {code: \"NUMBER\"}) { charges { nodes { from included charged amount { amount } rateRule { itemCode } } } } }";
const QUOTE: &str = "query ($input: QuoteInput!) { quote(input: $input) { amount { amount } change { amount } segments { from to hoursClass treatment charged amount { amount } } charges { kind reasons { code } } } }";

/// Fifty minutes on Saturday at noon, in New York.
fn entry(id: &str, more: Value) -> Value {
    let mut entry = json!({"ref": {"system": "psa", "id": id}, "agreement": {"code": "NUMBER"}, "role": "engineer", "technician": "Ann", "note": "Reboot.",
        "startedAt": "2026-11-21T17:00:00Z", "endedAt": "2026-11-21T17:50:00Z"});
    entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    entry
}

/// What is worked in both worlds.
fn worked(name: &'static str, entries: Value) -> Case {
    field(name)
        .given("/steps/3", json!({"do": "recordTimeEntries", "with": {"entries": entries}}))
        .seen(Look::Query(ENTRY))
}

pub(super) fn cases() -> Vec<Case> {
    [entries(), together(), quotes()].concat()
}

/// What is asked before it is done.
fn quotes() -> Vec<Case> {
    let asked = |more: Value| {
        let mut work = json!({"agreement": {"code": "NUMBER"}, "role": "engineer", "startedAt": "2026-11-21T17:00:00Z", "endedAt": "2026-11-21T17:50:00Z"});
        work.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"input": work})
    };
    let quoted =
        |name, first: Value, other: Value| field(name).seen(Look::Variables(QUOTE, asked(first), asked(other)));
    let monday = json!({"startedAt": "2026-11-16T15:00:00Z", "endedAt": "2026-11-16T16:00:00Z"});
    let approved =
        json!({"startedAt": "2026-11-16T15:00:00Z", "endedAt": "2026-11-16T16:00:00Z", "approvedBy": "Northwind"});
    let pause = json!({"breaks": [{"from": "2026-11-21T17:10:00Z", "to": "2026-11-21T17:20:00Z"}]});
    vec![
        quoted("QuoteInput.agreement", json!({}), json!({"agreement": {"code": "NOPE"}})),
        quoted("QuoteInput.service", json!({}), json!({"service": {"code": "SPARE"}})),
        quoted("QuoteInput.priority", json!({"priority": "P1"}), json!({"priority": "P2"}))
            .given("/steps/0/with/extraHours/rates/2/priority", json!(["P1"])),
        quoted("QuoteInput.role", json!({}), json!({"role": "planner"})),
        // Ann has been there for twenty minutes today: the day is rounded once for each of them.
        quoted("QuoteInput.technician", json!({"technician": "Ann"}), json!({"technician": "Bob"}))
            .given("/steps/0/with/extraHours/rounding/aggregate", json!("TECHNICIAN_DAY"))
            .given(
                "/steps/3",
                json!({"do": "recordTimeEntries", "with": {"entries": [entry("NUMBER", json!({"endedAt": "2026-11-21T17:20:00Z"}))]}}),
            ),
        quoted("QuoteInput.workKind", json!({}), json!({"workKind": "project"})),
        quoted("QuoteInput.startedAt", json!({}), json!({"startedAt": "2026-11-21T15:00:00Z"})),
        quoted("QuoteInput.endedAt", json!({}), json!({"endedAt": "2026-11-21T18:50:00Z"})),
        quoted("QuoteInput.breaks", json!({}), pause),
        quoted("QuoteInput.approvedBy", monday, approved)
            .given("/steps/0/with/extraHours/rates/3/treatment", json!("NOT_OFFERED")),
    ]
}

fn entries() -> Vec<Case> {
    let one = |name, more: Value, place, value| worked(name, json!([entry("NUMBER", more)])).change(place, value);
    // From half an hour before closing on Monday to half an hour after.
    let across = json!({"startedAt": "2026-11-16T21:30:00Z", "endedAt": "2026-11-16T22:30:00Z"});
    let pause = json!({"breaks": [{"from": "2026-11-21T17:10:00Z", "to": "2026-11-21T17:15:00Z"}], "endedAt": "2026-11-21T19:00:00Z"});
    let monday = json!({"startedAt": "2026-11-16T15:00:00Z", "endedAt": "2026-11-16T16:00:00Z"});
    let again = |changed_at: &str| json!({"do": "recordTimeEntries", "with": {"entries": [entry("NUMBER", json!({"changedAt": changed_at, "note": "Again."}))]}});
    vec![
        one("RecordTimeEntriesInput.entries", json!({}), "/steps/3/with/entries", json!([])),
        one("TimeEntryInput.ref", json!({}), "/steps/3/with/entries/0/ref/id", json!("other-NUMBER")),
        one("TimeEntryInput.agreement", json!({}), "/steps/3/with/entries/0/agreement", json!({"code": "NOPE"})),
        one("TimeEntryInput.client", json!({}), "/steps/3/with/entries/0/client", json!({"code": "FABRIKAM"})),
        one(
            "TimeEntryInput.changedAt",
            json!({"changedAt": "2026-11-22T12:00:00Z"}),
            "/steps/4/with/entries/0/changedAt",
            json!("2026-11-22T11:00:00Z"),
        )
        .given("/steps/4", again("2026-11-22T13:00:00Z")),
        one("TimeEntryInput.breaks", pause.clone(), "/steps/3/with/entries/0/breaks", json!([])),
        one(
            "IntervalInput.from",
            pause.clone(),
            "/steps/3/with/entries/0/breaks/0/from",
            json!("2026-11-21T17:05:00Z"),
        ),
        one("IntervalInput.to", pause, "/steps/3/with/entries/0/breaks/0/to", json!("2026-11-21T18:00:00Z")),
        one("TimeEntryInput.billing", json!({}), "/steps/3/with/entries/0/billing", json!("NO_CHARGE")),
        one("TimeEntryInput.timesKnown", across, "/steps/3/with/entries/0/timesKnown", json!(false)),
        // Work that is not offered is charged if somebody asked for it all the same.
        one("TimeEntryInput.approvedBy", monday, "/steps/3/with/entries/0/approvedBy", json!("Northwind"))
            .given("/steps/0/with/extraHours/rates/3/treatment", json!("NOT_OFFERED")),
        // What its ticket says counts where it says nothing itself.
        one(
            "TimeEntryInput.ticket",
            json!({"ticket": {"external": {"system": "psa", "id": "NUMBER"}}}),
            "/steps/3/with/entries/0/ticket",
            Value::Null,
        )
        .given("/steps/4", json!({"do": "recordTickets", "with": {"tickets": [urgent_ticket()]}}))
        .given("/steps/0/with/extraHours/rates/2/priority", json!(["P1"])),
        one("TimeEntryInput.service", json!({}), "/steps/3/with/entries/0/service", json!({"code": "PROJECTS"})),
        one("TimeEntryInput.priority", json!({"priority": "P1"}), "/steps/3/with/entries/0/priority", json!("P2"))
            .given("/steps/0/with/extraHours/rates/2/priority", json!(["P1"])),
        one("TimeEntryInput.role", json!({}), "/steps/3/with/entries/0/role", json!("planner")),
        one("TimeEntryInput.technician", json!({}), "/steps/3/with/entries/0/technician", json!("Bob")),
        one("TimeEntryInput.workKind", json!({}), "/steps/3/with/entries/0/workKind", json!("project")),
        one("TimeEntryInput.startedAt", json!({}), "/steps/3/with/entries/0/startedAt", json!("2026-11-21T15:00:00Z")),
        one("TimeEntryInput.endedAt", json!({}), "/steps/3/with/entries/0/endedAt", json!("2026-11-21T18:50:00Z")),
        one("TimeEntryInput.note", json!({}), "/steps/3/with/entries/0/note", json!("Restart.")),
        one("TimeEntryInput.deleted", json!({}), "/steps/3/with/entries/0/deleted", json!(true)),
    ]
}

/// A ticket of the highest priority.
fn urgent_ticket() -> Value {
    json!({"ref": {"system": "psa", "id": "NUMBER"}, "agreement": {"code": "NUMBER"}, "title": "Down", "priority": "P1",
        "openedAt": "2026-11-20T12:00:00Z"})
}

/// What shows in the charges of several entries.
fn together() -> Vec<Case> {
    let twice = json!([
        entry("NUMBER", json!({})),
        entry("second-NUMBER", json!({"startedAt": "2026-11-21T19:00:00Z", "endedAt": "2026-11-21T19:20:00Z"}))
    ]);
    // Ten hours of telephone on two evenings of November draw twenty; October's ten were not used.
    let call = |id: &str, day: &str| {
        entry(
            id,
            json!({"role": "planner", "workKind": "telephone", "startedAt": format!("2026-11-{day}T22:30:00Z"), "endedAt": format!("2026-11-{day}T23:59:00Z")}),
        )
    };
    let long = |id: &str, from: &str, to: &str| {
        entry(id, json!({"role": "planner", "workKind": "telephone", "startedAt": from, "endedAt": to}))
    };
    let evenings = json!([
        call("NUMBER", "16"),
        long("two-NUMBER", "2026-11-17T22:00:00Z", "2026-11-18T05:00:00Z"),
        long("three-NUMBER", "2026-11-18T22:00:00Z", "2026-11-19T05:00:00Z")
    ]);
    let charged = |name, entries: &Value, place, value| {
        worked(name, entries.clone()).change(place, value).seen(Look::Query(CHARGES))
    };
    vec![
        charged(
            "RoundingRuleInput.aggregate",
            &twice,
            "/steps/0/with/extraHours/rounding/aggregate",
            json!("TECHNICIAN_DAY"),
        ),
        charged("RateRuleInput.itemCode", &twice, "/steps/0/with/extraHours/rates/2/itemCode", json!("ITEM-2")),
        charged(
            "IncludedHoursInput.rolloverPeriods",
            &evenings,
            "/steps/0/with/extraHours/included/rolloverPeriods",
            json!(0),
        ),
        charged(
            "IncludedHoursInput.rolloverCap",
            &evenings,
            "/steps/0/with/extraHours/included/rolloverCap",
            json!("PT6H"),
        ),
    ]
}
