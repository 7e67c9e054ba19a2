//! What is told of tickets, outages and acceptance.

use serde_json::{Value, json};

use super::world::{Case, Look, field};

const TICKET: &str = "{ ticket(by: {external: {system: \"psa\", id: \"NUMBER\"}}) { client { code } agreement { number } title service { code } scenario component channel delivery caller
    priority openedPriority openedAt resolvedAt events { kind at priority waitingFor } clocks { milestone state due elapsed } } }";
const MAIL: &str = "{ agreement(by: {code: \"NUMBER\"}) { terms { commitmentReport(from: \"2026-11-01T04:00:00Z\", to: \"2026-11-23T05:00:00Z\") { availability { windows { downtime } } } } } }";
const ACCEPTED: &str = "{ agreement(by: {code: \"NUMBER\"}) { status versions { acceptedBy acceptedAt } } }";

pub(super) fn cases() -> Vec<Case> {
    [tickets(), events(), outages(), maintenance(), acceptance()].concat()
}

/// A value with other fields, or more.
fn with(mut value: Value, more: Value) -> Value {
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    value
}

/// A failure of Friday at 10:00 in New York.
fn ticket(more: Value) -> Value {
    let ticket = json!({"ref": {"system": "psa", "id": "NUMBER"}, "agreement": {"code": "NUMBER"}, "title": "Down", "service": {"code": "HELPDESK"},
        "scenario": "SYSTEM_FAILURE", "component": "SERVER", "channel": "phone", "delivery": "REMOTE", "caller": "A. Person",
        "priority": "P1", "openedAt": "2026-11-20T15:00:00Z"});
    with(ticket, more)
}

fn told(name: &'static str, ticket: Value) -> Case {
    let step = json!({"do": "recordTickets", "with": {"tickets": [ticket]}});
    field(name).given("/steps/3", step).seen(Look::Query(TICKET))
}

fn tickets() -> Vec<Case> {
    let one = |name, place, value| told(name, ticket(json!({}))).change(place, value);
    let response = json!([{"id": "1", "kind": "RESPONDED", "at": "2026-11-20T15:10:00Z"}]);
    let again = |title: &str| json!({"do": "recordTickets", "with": {"tickets": [ticket(json!({"title": title, "changedAt": "2026-11-20T17:00:00Z"}))]}});
    vec![
        one("RecordTicketsInput.tickets", "/steps/3/with/tickets", json!([])),
        one("TicketInput.ref", "/steps/3/with/tickets/0/ref/id", json!("other-NUMBER")),
        one("TicketInput.agreement", "/steps/3/with/tickets/0/agreement", json!({"code": "NOPE"})),
        one("TicketInput.client", "/steps/3/with/tickets/0/client", json!({"code": "FABRIKAM"})),
        one("TicketInput.title", "/steps/3/with/tickets/0/title", json!("Slow")),
        one("TicketInput.service", "/steps/3/with/tickets/0/service", json!({"code": "PROJECTS"})),
        one("TicketInput.scenario", "/steps/3/with/tickets/0/scenario", json!("DATA_LOSS")),
        one("TicketInput.component", "/steps/3/with/tickets/0/component", json!("WORKSTATION")),
        one("TicketInput.channel", "/steps/3/with/tickets/0/channel", json!("mail")),
        one("TicketInput.delivery", "/steps/3/with/tickets/0/delivery", json!("ON_SITE")),
        one("TicketInput.caller", "/steps/3/with/tickets/0/caller", json!("Front desk")),
        one("TicketInput.priority", "/steps/3/with/tickets/0/priority", json!("P3")),
        one("TicketInput.currentPriority", "/steps/3/with/tickets/0/currentPriority", json!("P3")),
        one("TicketInput.openedAt", "/steps/3/with/tickets/0/openedAt", json!("2026-11-20T16:00:00Z")),
        one("TicketInput.events", "/steps/3/with/tickets/0/events", response),
        one("TicketInput.deleted", "/steps/3/with/tickets/0/deleted", json!(true)),
        told("TicketInput.changedAt", ticket(json!({"changedAt": "2026-11-20T16:00:00Z"})))
            .given("/steps/4", again("Again"))
            .change("/steps/3/with/tickets/0/changedAt", json!("2026-11-20T18:00:00Z")),
    ]
}

fn events() -> Vec<Case> {
    let of = |name, list: Value, place, value| told(name, ticket(json!({"events": list}))).change(place, value);
    let event = |id: &str, kind: &str, minute: &str, more: Value| {
        with(json!({"id": id, "kind": kind, "at": format!("2026-11-20T15:{minute}:00Z")}), more)
    };
    let answered = || json!([event("1", "RESPONDED", "10", json!({})), event("2", "RESOLVED", "50", json!({}))]);
    let waits = || json!([event("1", "WAITING", "20", json!({"waitingFor": "CLIENT"}))]);
    // While the client is waited for, parts are; when these have come, the client is waited for on.
    let twice = json!([
        event("1", "WAITING", "20", json!({"waitingFor": "CLIENT"})),
        event("2", "WAITING", "30", json!({"waitingFor": "PARTS"})),
        event("3", "RESUMED", "40", json!({"waitingFor": "PARTS"})),
    ]);
    let urgent = json!([event("1", "PRIORITY_CHANGED", "05", json!({"priority": "P2"}))]);
    vec![
        // Two of one id are one, said in two ways.
        of("TicketEventInput.id", answered(), "/steps/3/with/tickets/0/events/1/id", json!("1")),
        of("TicketEventInput.kind", answered(), "/steps/3/with/tickets/0/events/1/kind", json!("CANCELLED")),
        of("TicketEventInput.at", answered(), "/steps/3/with/tickets/0/events/0/at", json!("2026-11-20T15:31:00Z")),
        of("TicketEventInput.deleted", answered(), "/steps/3/with/tickets/0/events/1/deleted", json!(true)),
        of("TicketEventInput.priority", urgent, "/steps/3/with/tickets/0/events/0/priority", json!("P3")),
        of("TicketEventInput.waitingFor", waits(), "/steps/3/with/tickets/0/events/0/waitingFor", json!("THIRD_PARTY")),
        of("TicketEventInput.replaces", twice, "/steps/3/with/tickets/0/events/1/replaces", json!(true)),
    ]
}

/// Mail was down for two hours of a Tuesday.
fn outage(more: Value) -> Value {
    let outage = json!({"ref": {"system": "monitor", "id": "NUMBER"}, "agreement": {"code": "NUMBER"}, "subject": "Mail",
        "startedAt": "2026-11-10T15:00:00Z", "endedAt": "2026-11-10T17:00:00Z"});
    with(outage, more)
}

fn down(name: &'static str, outage: Value) -> Case {
    let step = json!({"do": "recordOutages", "with": {"outages": [outage]}});
    field(name).given("/steps/3", step).seen(Look::Query(MAIL))
}

fn outages() -> Vec<Case> {
    let one = |name, place, value| down(name, outage(json!({}))).change(place, value);
    let shorter = |more: Value| json!({"do": "recordOutages", "with": {"outages": [outage(with(json!({"endedAt": "2026-11-10T16:00:00Z"}), more))]}});
    let announced =
        json!({"announcedAt": "2026-11-08T15:00:00Z", "from": "2026-11-10T15:00:00Z", "until": "2026-11-10T17:00:00Z"});
    vec![
        one("RecordOutagesInput.outages", "/steps/3/with/outages", json!([])),
        one("OutageInput.ref", "/steps/4/with/outages/0/ref/id", json!("other-NUMBER")).given(
            "/steps/4",
            shorter(json!({"startedAt": "2026-11-10T19:00:00Z", "endedAt": "2026-11-10T20:00:00Z"})),
        ),
        one("OutageInput.agreement", "/steps/3/with/outages/0/agreement", json!({"code": "NOPE"})),
        one("OutageInput.subject", "/steps/3/with/outages/0/subject", json!("Files")),
        one("OutageInput.member", "/steps/3/with/outages/0/member", json!("Line A"))
            .given("/steps/0/with/availability/0/downWhen", json!("ALL_MEMBERS")),
        one("OutageInput.cause", "/steps/3/with/outages/0/cause", json!("force majeure")),
        one("OutageInput.startedAt", "/steps/3/with/outages/0/startedAt", json!("2026-11-10T16:00:00Z")),
        one("OutageInput.endedAt", "/steps/3/with/outages/0/endedAt", json!("2026-11-10T18:00:00Z")),
        one("OutageInput.maintenance", "/steps/3/with/outages/0/maintenance", announced),
        down("OutageInput.changedAt", outage(json!({"changedAt": "2026-11-11T12:00:00Z"})))
            .given("/steps/4", shorter(json!({"changedAt": "2026-11-11T13:00:00Z"})))
            .change("/steps/3/with/outages/0/changedAt", json!("2026-11-11T14:00:00Z")),
        one("OutageInput.deleted", "/steps/3/with/outages/0/deleted", json!(true)),
    ]
}

fn maintenance() -> Vec<Case> {
    let planned = json!({"maintenance": {"announcedAt": "2026-11-08T15:00:00Z", "from": "2026-11-10T15:00:00Z", "until": "2026-11-10T16:30:00Z"}});
    let one = |name, place, value: &str| down(name, outage(planned.clone())).change(place, json!(value));
    vec![
        one("MaintenanceInput.announcedAt", "/steps/3/with/outages/0/maintenance/announcedAt", "2026-11-10T14:00:00Z"),
        one("MaintenanceInput.from", "/steps/3/with/outages/0/maintenance/from", "2026-11-10T16:00:00Z"),
        one("MaintenanceInput.until", "/steps/3/with/outages/0/maintenance/until", "2026-11-10T17:00:00Z"),
    ]
}

fn acceptance() -> Vec<Case> {
    let accepted = |name, place, value| field(name).seen(Look::Query(ACCEPTED)).change(place, value);
    vec![
        accepted("ActivateTermsInput.agreement", "/steps/2/with/agreement", json!({"code": "NOPE"})),
        accepted("ActivateTermsInput.revision", "/steps/2/with/revision", json!(1)),
        accepted("ActivateTermsInput.acceptedBy", "/steps/2/with/acceptedBy", json!("The board")),
        accepted("ActivateTermsInput.acceptedAt", "/steps/2/with/acceptedAt", json!("2025-12-16T10:00:00Z")),
        // Blank is no reason.
        accepted("ActivateTermsInput.acceptOverpromise", "/steps/2/with/acceptOverpromise", json!(" ")),
    ]
}
