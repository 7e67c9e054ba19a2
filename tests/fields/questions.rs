//! Questions, lists, exports, and names of objects.

use serde_json::{Value, json};

use super::world::{Case, Look, field};
use crate::support::NOW;

/// Saturday at noon, and Monday at seven in the evening, in New York.
const SATURDAY: &str = "2026-11-21T17:00:00Z";
const EVENING: &str = "2026-11-24T00:00:00Z";

pub(super) fn cases() -> Vec<Case> {
    [coverage(), names(), agreements(), services(), tickets(), audit(), exports(), rehearsals()].concat()
}

fn lists(name: &'static str, query: &'static str, first: Value, other: Value) -> Case {
    field(name).seen(Look::Variables(query, first, other))
}

/// A list that is asked for with another filter in the second world.
fn filters(name: &'static str, query: &'static str, first: Value, other: Value) -> Case {
    lists(name, query, json!({"filter": first}), json!({"filter": other}))
}

fn coverage() -> Vec<Case> {
    let asks = |name, first, other| field(name).seen(Look::Question(first, other));
    let by_channel = json!({"priority": "P1", "milestone": "RESPONSE", "within": "PT10M", "channels": ["phone"]});
    let on_site = json!({"priority": "P1", "milestone": "RESPONSE", "within": "PT10M", "delivery": "ON_SITE"});
    vec![
        asks("CoverageInput.agreement", json!({}), json!({"agreement": {"code": "NOPE"}})),
        asks("CoverageInput.client", json!({"client": {"code": "NORTHWIND"}}), json!({"client": {"code": "FABRIKAM"}}))
            // Fabrikam has no agreement there.
            .alone(),
        asks("CoverageInput.service", json!({}), json!({"service": {"code": "PROJECTS"}})),
        asks("CoverageInput.priority", json!({}), json!({"priority": "P2"})),
        asks("CoverageInput.scenario", json!({}), json!({"scenario": "NETWORK_FAILURE"})),
        asks(
            "CoverageInput.component",
            json!({"scenario": "HARDWARE_FAILURE"}),
            json!({"scenario": "HARDWARE_FAILURE", "component": "WORKSTATION"}),
        ),
        asks("CoverageInput.role", json!({"at": SATURDAY}), json!({"at": SATURDAY, "role": "planner"})),
        asks("CoverageInput.workKind", json!({}), json!({"workKind": "project"})),
        asks("CoverageInput.channel", json!({}), json!({"channel": "phone"}))
            .given("/catalogue/tiers/0/targets/-", by_channel),
        asks("CoverageInput.delivery", json!({}), json!({"delivery": "ON_SITE"}))
            .given("/catalogue/tiers/0/targets/-", on_site),
        asks("CoverageInput.caller", json!({}), json!({"caller": "Somebody else"})),
        asks("CoverageInput.work", json!({"at": EVENING}), json!({"at": EVENING, "work": "PT2H"})),
        asks("CoverageInput.at", json!({}), json!({"at": SATURDAY})),
    ]
}

fn names() -> Vec<Case> {
    let service = "query ($by: Ref!) { service(by: $by) { code } }";
    vec![
        lists("Ref.code", service, json!({"by": {"code": "HELPDESK"}}), json!({"by": {"code": "CARE"}})),
        lists(
            "Ref.external",
            service,
            json!({"by": {"external": {"system": "psa", "id": "77"}}}),
            json!({"by": {"external": {"system": "psa", "id": "78"}}}),
        ),
        // Ids are told by the server, so this one names nothing.
        lists(
            "Ref.id",
            service,
            json!({"by": {"code": "HELPDESK"}}),
            json!({"by": {"id": "svc_0193f00000007000800000000000000a"}}),
        ),
        lists(
            "ExternalRefInput.id",
            service,
            json!({"by": {"external": {"system": "psa", "id": "77"}}}),
            json!({"by": {"external": {"system": "psa", "id": "7"}}}),
        ),
        lists(
            "ExternalRefInput.system",
            service,
            json!({"by": {"external": {"system": "psa", "id": "77"}}}),
            json!({"by": {"external": {"system": "crm", "id": "77"}}}),
        ),
    ]
}

fn agreements() -> Vec<Case> {
    let query = "query ($filter: AgreementFilter) { agreements(filter: $filter) { totalCount } }";
    let filters = |name, first, other| filters(name, query, first, other);
    vec![
        filters(
            "AgreementFilter.client",
            json!({"client": {"code": "NORTHWIND"}}),
            json!({"client": {"code": "FABRIKAM"}}),
        ),
        filters("AgreementFilter.status", json!({"status": ["ACTIVE"]}), json!({"status": ["TERMINATED"]})),
        filters("AgreementFilter.endsBefore", json!({"endsBefore": "2028-01-01"}), json!({"endsBefore": "2027-01-01"})),
        filters(
            "AgreementFilter.service",
            json!({"service": {"code": "BACKUP"}}),
            json!({"service": {"code": "PROJECTS"}}),
        ),
    ]
}

fn services() -> Vec<Case> {
    let query = "query ($filter: ServiceFilter) { services(filter: $filter) { nodes { code } } }";
    vec![
        filters("ServiceFilter.kind", query, json!({"kind": "SUPPORT"}), json!({"kind": "CLOUD"})),
        filters("ServiceFilter.retired", query, json!({"retired": false}), json!({"retired": true})),
    ]
}

/// A failure of Friday at ten in New York, to be answered by 10:30 and mended by 14:00, of which nobody has heard since.
fn failure() -> Value {
    json!({"ref": {"system": "psa", "id": "NUMBER"}, "agreement": {"code": "NUMBER"}, "title": "Down", "priority": "P1", "openedAt": "2026-11-20T15:00:00Z"})
}

fn tickets() -> Vec<Case> {
    let query = "query ($filter: TicketFilter) { tickets(filter: $filter) { totalCount } }";
    let filters = |name, first: Value, other: Value| {
        let of_agreement = |more: Value| {
            let mut filter = json!({"agreement": {"code": "NUMBER"}});
            filter.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            filter
        };
        let case = filters(name, query, of_agreement(first), of_agreement(other));
        case.then("recordTickets", json!({"tickets": [failure()]}))
    };
    vec![
        filters("TicketFilter.agreement", json!({}), json!({"agreement": {"code": "NOPE"}})),
        filters(
            "TicketFilter.client",
            json!({"client": {"code": "NORTHWIND"}}),
            json!({"client": {"code": "FABRIKAM"}}),
        ),
        filters("TicketFilter.milestone", json!({"milestone": "RESPONSE"}), json!({"milestone": "PLAN"})),
        filters("TicketFilter.state", json!({"state": "BREACHED"}), json!({"state": "MET"})),
        filters(
            "TicketFilter.dueBefore",
            json!({"dueBefore": "2026-11-20T15:30:01Z"}),
            json!({"dueBefore": "2026-11-20T15:30:00Z"}),
        ),
    ]
}

fn audit() -> Vec<Case> {
    let query = "query ($filter: AuditFilter) { audit(filter: $filter) { totalCount } }";
    let filters = |name, first, other| filters(name, query, first, other).alone();
    vec![
        filters("AuditFilter.types", json!({"types": ["CLIENT"]}), json!({"types": ["TICKET"]})),
        filters(
            "AuditFilter.subjectId",
            json!({"subjectId": "LEARNT"}),
            json!({"subjectId": "agr_0193f00000007000800000000000000a"}),
        )
        .learning("{ agreement(by: {code: \"NUMBER\"}) { id } }"),
        filters("AuditFilter.actor", json!({"actor": "tester"}), json!({"actor": "mallory"})),
        filters("AuditFilter.from", json!({"from": NOW}), json!({"from": "2026-11-23T12:00:01Z"})),
        filters("AuditFilter.to", json!({"to": "2026-11-23T12:00:01Z"}), json!({"to": NOW})),
    ]
}

fn exports() -> Vec<Case> {
    let numbers = "query ($client: String!) { agreements(filter: {client: {code: $client}}) { nodes { number } } }";
    let titles = "query ($client: String!) { agreements(filter: {client: {code: $client}}) { nodes { title } } }";
    let asks = |name, query: &str, client: &str, page: u32| {
        let of = |query: &str, client: &str, page: u32| json!({"query": query, "variables": {"client": client}, "pageSize": page});
        field(name).alone().seen(Look::Export(of(numbers, "NORTHWIND", 100), of(query, client, page)))
    };
    vec![
        asks("BulkExportInput.query", titles, "NORTHWIND", 100),
        asks("BulkExportInput.variables", numbers, "FABRIKAM", 100),
        asks("BulkExportInput.pageSize", numbers, "NORTHWIND", 50),
    ]
}

/// Three failures of October, answered and mended after six hours of day, judged by other terms.
fn rehearsals() -> Vec<Case> {
    let query = "query ($input: RehearseInput!) { rehearse(input: $input) { tickets lines { priority milestone met breached } months { firstDay credit { amount } } } }";
    let october = [20, 21, 22].map(|day| {
        let mut ticket = failure();
        ticket["ref"]["id"] = json!(format!("{day}-NUMBER"));
        ticket["openedAt"] = json!(format!("2026-10-{day}T14:00:00Z"));
        ticket["events"] = json!([{"id": "1", "kind": "RESOLVED", "at": format!("2026-10-{day}T20:00:00Z")}]);
        ticket
    });
    let asks = |name, changed: &str, value: Value| {
        let first = json!({"tier": {"code": "GOLD"}, "calendar": {"code": "OFFICE"}});
        let mut other = first.clone();
        other[changed] = value;
        lists(name, query, json!({"input": first}), json!({"input": other}))
            .alone()
            .then("recordTickets", json!({"tickets": october}))
    };
    vec![
        asks("RehearseInput.tier", "tier", json!({"code": "SILVER"})),
        asks("RehearseInput.calendar", "calendar", json!({"code": "NIGHT"})),
        asks("RehearseInput.client", "client", json!({"code": "FABRIKAM"})),
        // Credits are of its fee.
        asks("RehearseInput.agreement", "agreement", json!({"code": "NUMBER"})),
        asks("RehearseInput.months", "months", json!(1)),
    ]
}
