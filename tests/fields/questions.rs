//! Questions, lists, and names of objects.

use serde_json::json;

use super::world::{Case, Look, field};

/// Saturday at noon, and Monday at seven in the evening, in New York.
const SATURDAY: &str = "2026-11-21T17:00:00Z";
const EVENING: &str = "2026-11-24T00:00:00Z";

pub(super) fn cases() -> Vec<Case> {
    let asks = |name, first, other| field(name).seen(Look::Question(first, other));
    let lists = |name, query, first, other| field(name).seen(Look::Variables(query, first, other));
    let by_channel = json!({"priority": "P1", "milestone": "RESPONSE", "within": "PT10M", "channels": ["phone"]});
    let on_site = json!({"priority": "P1", "milestone": "RESPONSE", "within": "PT10M", "delivery": "ON_SITE"});
    let service = "query ($by: Ref!) { service(by: $by) { code } }";
    let filtered = "query ($filter: AgreementFilter) { agreements(filter: $filter) { totalCount } }";
    vec![
        asks("CoverageInput.agreement", json!({}), json!({"agreement": {"code": "NOPE"}})),
        asks("CoverageInput.client", json!({"client": {"code": "NORTHWIND"}}), json!({"client": {"code": "FABRIKAM"}}))
            // In a catalogue of its own, where Fabrikam has no agreement.
            .given("/catalogue/clients/1/name", json!("Fabrikam")),
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
        lists(
            "AgreementFilter.client",
            filtered,
            json!({"filter": {"client": {"code": "NORTHWIND"}}}),
            json!({"filter": {"client": {"code": "FABRIKAM"}}}),
        ),
        lists(
            "AgreementFilter.status",
            filtered,
            json!({"filter": {"status": ["ACTIVE"]}}),
            json!({"filter": {"status": ["TERMINATED"]}}),
        ),
        lists(
            "AgreementFilter.endsBefore",
            filtered,
            json!({"filter": {"endsBefore": "2028-01-01"}}),
            json!({"filter": {"endsBefore": "2027-01-01"}}),
        ),
        lists(
            "AgreementFilter.service",
            filtered,
            json!({"filter": {"service": {"code": "BACKUP"}}}),
            json!({"filter": {"service": {"code": "PROJECTS"}}}),
        ),
    ]
}
