//! What is earned and allowed when promises are not kept, by tickets that were late and by what came back late.

use serde_json::{Value, json};

use super::world::{Case, Look, field};

/// What was credited for October.
const CREDITS: &str = "{ agreement(by: {code: \"NUMBER\"}) { charges(filter: {kind: [SERVICE_CREDIT]}) { nodes { amount { amount } claimBy reasons { code } } } } }";
/// Who may end the agreement, and by which months.
const RIGHTS: &str = "{ agreement(by: {code: \"NUMBER\"}) { terminationRights { allowed earliest trigger { title party } months { measuredPercent bad } } } }";
/// What the past says of each promise, without its text.
const CHECKED: &str =
    "{ agreement(by: {code: \"NUMBER\"}) { versions { promiseCheck { promises { sampleSize kept verdict } } } } }";

pub(super) fn cases() -> Vec<Case> {
    [earned(), recovered(), ended()].concat()
}

/// A ticket of October, answered and resolved at these times of its day or a later one.
fn ticket(day: u32, more: Value, events: &[(&str, &str)]) -> Value {
    let event = |(kind, at): &(&str, &str)| json!({"id": kind, "kind": kind, "at": at});
    let events: Vec<Value> = events.iter().map(event).collect();
    let mut ticket = json!({
        "ref": {"system": "psa", "id": format!("{day}-NUMBER")}, "agreement": {"code": "NUMBER"}, "title": "It is slow", "priority": "P2",
        "openedAt": format!("2026-10-{day:02}T14:00:00Z"), "events": events,
    });
    ticket.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    ticket
}

fn tickets(list: &[Value]) -> Value {
    json!({"do": "recordTickets", "with": {"tickets": list}})
}

/// Nine of ten answers came in time, which is 90 % where 95 % is promised.
fn earned() -> Vec<Case> {
    let one = |day: u32| {
        let answered = if day == 5 { "16:00" } else { "14:10" };
        let at = |time: &str| format!("2026-10-{day:02}T{time}:00Z");
        ticket(day, json!({}), &[("RESPONDED", &at(answered)), ("RESOLVED", &at("18:00"))])
    };
    let late: Vec<Value> = [5, 6, 7, 8, 9, 13, 14, 15, 16, 19].map(one).into();
    let close = json!({"do": "closeBillingPeriod", "with": {"agreement": {"code": "NUMBER"}, "from": "2026-10-01", "withEarlier": true}});
    let credited = |name, place, value| {
        field(name)
            .given("/steps/3", tickets(&late))
            .given("/steps/4", close.clone())
            .change(place, value)
            .seen(Look::Query(CREDITS))
    };
    let steps = "/catalogue/tiers/0/credits";
    let policy = "/steps/0/with/creditPolicy";
    vec![
        credited("IncludedServiceInput.quantity", "/steps/0/with/services/0/quantity", json!(26)),
        credited("PutSlaTierInput.credits", steps, json!([])),
        credited("PutSlaTierInput.creditCapPercent", "/catalogue/tiers/0/creditCapPercent", json!("4")),
        credited("PutSlaTierInput.creditMinimumTickets", "/catalogue/tiers/0/creditMinimumTickets", json!(11)),
        credited("ServiceCreditStepInput.fromPercent", "/catalogue/tiers/0/credits/0/fromPercent", json!("91")),
        credited("ServiceCreditStepInput.belowPercent", "/catalogue/tiers/0/credits/1/belowPercent", json!("91"))
            .given("/catalogue/tiers/0/credits/0/fromPercent", json!("91")),
        credited("ServiceCreditStepInput.creditPercent", "/catalogue/tiers/0/credits/0/creditPercent", json!("6")),
        credited("DraftTermsInput.creditPolicy", policy, Value::Null),
        credited("CreditPolicyInput.monthCapPercent", "/steps/0/with/creditPolicy/monthCapPercent", json!("4")),
        // 0.4 % of a year's fees are less than 5 % of a month's.
        credited("CreditPolicyInput.yearCapPercent", "/steps/0/with/creditPolicy/yearCapPercent", json!("0.4")),
        credited("CreditPolicyInput.yearBasis", "/steps/0/with/creditPolicy/yearBasis", json!("MEAN_MONTH_BEFORE"))
            .given("/steps/0/with/creditPolicy/yearCapPercent", json!("4")),
        credited("CreditPolicyInput.claimWithinDays", "/steps/0/with/creditPolicy/claimWithinDays", json!(8)),
    ]
}

/// Two servers came back: one after nine hours of work, one after three of work and eighteen in all.
fn recovered() -> Vec<Case> {
    let failed = json!({"scenario": "SYSTEM_FAILURE", "component": "SERVER"});
    let list = [
        ticket(5, failed.clone(), &[("RESOLVED", "2026-10-06T14:00:00Z")]),
        ticket(7, failed, &[("RESOLVED", "2026-10-07T17:00:00Z")]),
    ];
    let mended = |name, place, value| {
        // In a provider of its own, whose past is these tickets alone.
        field(name).alone().given("/steps/3", tickets(&list)).change(place, value).seen(Look::Query(CHECKED))
    };
    vec![
        mended("RecoveryCommitmentInput.scenario", "/steps/0/with/recovery/0/scenario", json!("DATA_LOSS")),
        mended("RecoveryCommitmentInput.component", "/steps/0/with/recovery/0/component", json!("CLOUD")),
        mended("RecoveryCommitmentInput.fixWithin", "/steps/0/with/recovery/0/fixWithin", json!("PT10H")),
        mended("RecoveryCommitmentInput.clock", "/steps/0/with/recovery/0/clock", json!("AROUND_THE_CLOCK"))
            .given("/steps/0/with/recovery/0/fixWithin", json!("PT12H")),
    ]
}

/// Mail was away for a working day in September and in October, which leaves less than 96 % of their working hours.
fn ended() -> Vec<Case> {
    let day = |day: &str| {
        json!({"ref": {"system": "monitor", "id": format!("{day}-NUMBER")}, "agreement": {"code": "NUMBER"}, "subject": "Mail",
            "startedAt": format!("2026-{day}T12:00:00Z"), "endedAt": format!("2026-{day}T21:00:00Z")})
    };
    let down = json!({"do": "recordOutages", "with": {"outages": [day("09-15"), day("10-13")]}});
    let ends =
        |name, place, value| field(name).given("/steps/3", down.clone()).change(place, value).seen(Look::Query(RIGHTS));
    let trigger = "/steps/0/with/terminationTriggers";
    vec![
        ends("DraftTermsInput.terminationTriggers", trigger, json!([])),
        ends("TerminationTriggerInput.title", "/steps/0/with/terminationTriggers/0/title", json!("Too often")),
        ends("TerminationTriggerInput.party", "/steps/0/with/terminationTriggers/0/party", json!("SHARED")),
        ends("TerminationTriggerInput.measure", "/steps/0/with/terminationTriggers/0/measure", json!("BACKUP")),
        ends("TerminationTriggerInput.belowPercent", "/steps/0/with/terminationTriggers/0/belowPercent", json!("90")),
        ends("TerminationTriggerInput.times", "/steps/0/with/terminationTriggers/0/times", json!(3)),
        ends("TerminationTriggerInput.withinPeriods", "/steps/0/with/terminationTriggers/0/withinPeriods", json!(4)),
        ends("TerminationTriggerInput.noticeDays", "/steps/0/with/terminationTriggers/0/noticeDays", json!(31)),
    ]
}
