//! A provider with a catalogue, a client, and an agreement that says everything.

use serde_json::{Value, json};

use super::User;

/// Puts the catalogue and the client that [`draft`] names.
pub(crate) async fn catalogue(admin: &User<'_>) {
    for (code, kind) in
        [("HELPDESK", "SUPPORT"), ("PATCHING", "MANAGEMENT"), ("BACKUP", "CLOUD"), ("PROJECTS", "SUPPORT")]
    {
        admin.done("putService", json!({"code": code, "name": code.to_lowercase(), "kind": kind}), "").await;
    }
    let components = json!([{"code": "PATCHING"}, {"code": "BACKUP"}]);
    let package = json!({"code": "CARE", "name": "Server care", "kind": "PACKAGE", "components": components});
    admin.done("putService", package, "").await;
    admin.done("putSlaTier", tier(), "").await;
    admin.done("putCalendar", calendar(), "").await;
    admin
        .done("putClient", json!({"code": "NORTHWIND", "name": "Northwind", "timeZone": "America/New_York"}), "")
        .await;
}

/// Answers within an hour of business hours, mends within eight; P1 around the clock.
pub(crate) fn tier() -> Value {
    let target = |priority: &str, milestone: &str, within: &str| json!({"priority": priority, "milestone": milestone, "within": within});
    let urgent = json!({"priority": "P1", "milestone": "RESPONSE", "within": "PT30M", "clock": "AROUND_THE_CLOCK"});
    let targets = json!([
        urgent,
        target("P1", "RESOLUTION", "PT4H"),
        target("P2", "RESPONSE", "PT1H"),
        target("P2", "RESOLUTION", "PT8H"),
        target("P3", "RESPONSE", "PT4H"),
        target("P4", "RESPONSE", "PT8H"),
    ]);
    json!({"code": "GOLD", "name": "Gold", "targets": targets})
}

/// Monday to Friday, eight to five in New York, and Thanksgiving off.
pub(crate) fn calendar() -> Value {
    let days = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"];
    let weekly: Vec<Value> =
        days.iter().map(|day| json!({"weekday": day, "opens": "08:00", "closes": "17:00"})).collect();
    let thanksgiving = json!({"date": "2026-11-26", "name": "Thanksgiving"});
    json!({"code": "OFFICE", "name": "Office hours", "timeZone": "America/New_York", "weekly": weekly, "exceptions": [thanksgiving]})
}

/// All seven sections.
pub(crate) fn draft(number: &str) -> Value {
    let rate = |class: &[&str], multiplier: &str| json!({"hoursClass": class, "treatment": "MULTIPLIER", "multiplier": multiplier});
    let responsible = |scenario: &str, party: &str| json!({"scenario": scenario, "party": party, "duties": "Finds the cause and mends it."});
    let expectation = |component: &str| {
        json!({"component": component, "metric": "uptime", "comparator": "AT_LEAST", "value": "99.5", "unit": "%",
               "window": "CALENDAR_MONTH", "measuredBy": "PROVIDER"})
    };
    json!({
        "agreement": {"code": number},
        "effectiveFrom": "2026-01-01",
        "calendar": {"code": "OFFICE"},
        "tier": {"code": "GOLD"},
        "services": [
            {"service": {"code": "HELPDESK"}, "quantity": 25, "unitPrice": {"amount": "18.50", "currency": "USD"}},
            {"service": {"code": "CARE"}, "unitPrice": {"amount": "240", "currency": "USD"}, "note": "Three servers."},
        ],
        "exclusions": [
            {"title": "Projects", "reason": "New installations are quoted apart.", "service": {"code": "PROJECTS"}},
            {"title": "Spilled coffee", "reason": "Damage by users is not covered.", "scenario": "USER_ERROR", "component": "WORKSTATION"},
        ],
        "extraHours": {
            "roles": [{"role": "engineer", "hourly": {"amount": "150.00", "currency": "USD"}}],
            "rates": [
                rate(&["HOLIDAY"], "2"),
                rate(&["AFTER_HOURS", "WEEKEND"], "1.5"),
                {"hoursClass": ["BUSINESS"], "treatment": "IN_FEE"},
            ],
            "rounding": {"minimum": "PT0S", "increment": "PT1M"},
        },
        "responsibilities": [
            responsible("HARDWARE_FAILURE", "SHARED"),
            responsible("NETWORK_FAILURE", "THIRD_PARTY"),
            responsible("SOFTWARE_GLITCH", "PROVIDER"),
            responsible("SYSTEM_FAILURE", "PROVIDER"),
            {"scenario": "HARDWARE_FAILURE", "component": "WORKSTATION", "party": "CLIENT", "duties": "Replaces it.",
             "costs": [{"item": "LABOUR", "party": "PROVIDER"}]},
        ],
        "obligations": [
            {"code": "BACKUP-DISK", "title": "A backup disk", "standard": "A disk is connected and empty enough.",
             "gatesServices": [{"code": "BACKUP"}], "gatesScenarios": ["DATA_LOSS"], "graceDays": 7},
        ],
        "performance": [expectation("HARDWARE"), expectation("THIRD_PARTY_SYSTEM"), expectation("WORKSTATION")],
        "availability": [{"subject": "Mail", "percent": "99.9", "window": "CALENDAR_MONTH"}],
        "recovery": [{"scenario": "SYSTEM_FAILURE", "fixWithin": "PT8H"}],
        "backups": [{"subject": "Servers", "every": "PT24H", "retentionDays": 30, "offSite": true, "restoreTestEveryDays": 90}],
    })
}

/// An agreement in force since the beginning of the year.
pub(crate) async fn agreement_in_force(admin: &User<'_>, number: &str) {
    agreement_since(admin, number, "2026-01-01").await;
}

/// An agreement in force since a day.
pub(crate) async fn agreement_since(admin: &User<'_>, number: &str, from: &str) {
    let mut said = draft(number);
    said["effectiveFrom"] = from.into();
    agree(admin, number, said).await;
}

/// An agreement whose terms say this, accepted before the year began.
pub(crate) async fn agree(admin: &User<'_>, number: &str, said: Value) {
    let create =
        json!({"number": number, "title": "Managed services", "client": {"code": "NORTHWIND"}, "currency": "USD"});
    admin.done("createAgreement", create, "").await;
    admin.done("draftTerms", said, "").await;
    admin.done("offerTerms", json!({"agreement": {"code": number}}), "").await;
    let accept =
        json!({"agreement": {"code": number}, "acceptedBy": "Northwind's board", "acceptedAt": "2025-12-15T10:00:00Z"});
    admin.done("activateTerms", accept, "").await;
}
