//! The seven sections of the demo's agreements.

use serde_json::{Value, json};

/// What differs between two agreements.
pub(super) struct Deal {
    pub(super) currency: &'static str,
    pub(super) calendar: &'static str,
    pub(super) tier: &'static str,
    /// Services with quantity and price of a unit.
    pub(super) services: &'static [(&'static str, i32, &'static str)],
    pub(super) hourly: &'static str,
    pub(super) hours: Hours,
}

/// What work outside the fee costs.
#[derive(Clone, Copy)]
pub(super) enum Hours {
    /// By multiples of the role's rate.
    Multiples,
    /// With ten hours a month in the fee.
    Pool,
    /// By bands of the evening.
    Bands,
}

/// The input of `draftTerms`, but for the agreement and its days.
pub(super) fn sections(deal: &Deal) -> Value {
    let money = |amount: &str| json!({"amount": amount, "currency": deal.currency});
    let services = deal.services.iter().map(
        |(code, quantity, price)| json!({"service": {"code": code}, "quantity": quantity, "unitPrice": money(price)}),
    );
    json!({
        "calendar": {"code": deal.calendar}, "tier": {"code": deal.tier},
        "services": services.collect::<Vec<_>>(),
        "exclusions": exclusions(), "extraHours": extra_hours(deal, &money), "responsibilities": responsibilities(),
        "obligations": obligations(), "performance": performance(),
        "availability": [{"subject": "Hosted mail", "percent": "99.9", "window": "CALENDAR_MONTH", "maintenanceNotice": "PT72H", "maintenanceAllowance": "PT4H",
            "credits": [{"fromPercent": "99", "belowPercent": "99.9", "creditPercent": "5"}, {"belowPercent": "99", "creditPercent": "20"}]}],
        "recovery": [{"scenario": "SYSTEM_FAILURE", "fixWithin": "PT8H"}, {"scenario": "HARDWARE_FAILURE", "component": "SERVER", "fixWithin": "PT24H", "strength": "BEST_EFFORT"}],
        "backups": [{"subject": "All servers under care", "every": "PT24H", "retentionDays": 30, "offSite": true, "restoreTestEveryDays": 90, "restoreWithin": "PT8H"}],
    })
}

fn exclusions() -> Value {
    json!([
        {"title": "Projects", "reason": "New installations and migrations are quoted apart.", "service": {"code": "PROJECTS"}},
        {"title": "Damage by users", "reason": "Spilled, dropped and lost devices are replaced at the client's cost.", "scenario": "USER_ERROR", "component": "WORKSTATION"},
        {"title": "Line of business software", "reason": "Its maker supports it; the provider passes faults on.", "scenario": "SOFTWARE_GLITCH", "component": "THIRD_PARTY_SYSTEM"},
        {"title": "Consumables", "reason": "Toner, paper and batteries are bought by the client."},
    ])
}

fn extra_hours(deal: &Deal, money: &dyn Fn(&str) -> Value) -> Value {
    let rule = |class: &[&str], multiplier: &str| json!({"hoursClass": class, "treatment": "MULTIPLIER", "multiplier": multiplier, "minimum": "PT1H"});
    let roles = json!([{"role": "engineer", "hourly": money(deal.hourly)}]);
    let rounding = json!({"aggregate": "TICKET_DAY", "minimum": "PT0S", "increment": "PT15M"});
    let evening: Vec<Value> = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY"]
        .iter()
        .map(|day| json!({"weekday": day, "opens": "17:00", "closes": "20:00"}))
        .collect();
    let fee = json!({"hoursClass": ["BUSINESS"], "treatment": "IN_FEE"});
    match deal.hours {
        Hours::Multiples => {
            json!({"roles": roles, "rounding": rounding, "rates": [rule(&["HOLIDAY"], "2"), rule(&["AFTER_HOURS", "WEEKEND"], "1.5"), fee]})
        }
        Hours::Bands => json!({"roles": roles, "rounding": rounding, "rates": [
            rule(&["HOLIDAY"], "2.5"),
            {"code": "EVENING", "during": evening, "hoursClass": ["AFTER_HOURS"], "treatment": "MULTIPLIER", "multiplier": "1.25"},
            rule(&["AFTER_HOURS", "WEEKEND"], "2"), fee]}),
        Hours::Pool => json!({"roles": roles, "rounding": rounding,
            "rates": [{"hoursClass": ["HOLIDAY"], "treatment": "NOT_OFFERED"}, rule(&["AFTER_HOURS", "WEEKEND"], "1.5"), {"hoursClass": ["BUSINESS"], "treatment": "MULTIPLIER", "multiplier": "1"}],
            "included": {"perPeriod": "PT10H", "draws": [{"hoursClass": ["BUSINESS"]}], "rolloverPeriods": 1, "overageHourly": money(deal.hourly)}}),
    }
}

fn responsibilities() -> Value {
    json!([
        {"scenario": "HARDWARE_FAILURE", "party": "SHARED", "duties": "The provider finds the fault and fits the part; the client pays for it.",
            "costs": [{"item": "LABOUR", "party": "PROVIDER"}, {"item": "PARTS", "party": "CLIENT"}, {"item": "SHIPPING", "party": "CLIENT"}]},
        {"scenario": "HARDWARE_FAILURE", "component": "WORKSTATION", "party": "CLIENT", "duties": "The client replaces workstations out of warranty."},
        {"scenario": "NETWORK_FAILURE", "party": "PROVIDER", "duties": "Finds the fault up to the line's end and mends it.", "exclusions": "The carrier's line."},
        {"scenario": "SOFTWARE_GLITCH", "party": "PROVIDER", "duties": "Finds a way around and reports the fault to the maker."},
        {"scenario": "SYSTEM_FAILURE", "party": "PROVIDER", "duties": "Restores the system from the last good backup."},
        {"scenario": "CLOUD_OUTAGE", "party": "THIRD_PARTY", "duties": "The cloud supplier restores service; the provider keeps the client informed."},
        {"scenario": "DATA_LOSS", "party": "PROVIDER", "duties": "Restores what was backed up."},
        {"scenario": "POWER_FAILURE", "party": "CLIENT", "duties": "Provides power and batteries for a clean shutdown."},
    ])
}

fn obligations() -> Value {
    json!([
        {"code": "BACKUP-DISK", "title": "A working backup disk", "standard": "The disk is connected and has a third of its space free.",
            "gatesServices": [{"code": "BACKUP"}], "gatesScenarios": ["DATA_LOSS"], "graceDays": 7},
        {"code": "SUPPORTED-OS", "title": "Supported operating systems", "standard": "Every server and workstation runs a version that its maker still patches.",
            "gatesScenarios": ["SECURITY_INCIDENT", "SYSTEM_FAILURE"], "effects": ["NOT_LIABLE", "CHARGEABLE"], "graceDays": 30},
        {"code": "REMOTE-ACCESS", "title": "Access for the provider", "standard": "The provider's remote access works at all hours.",
            "gatesServices": [{"code": "HELPDESK"}], "effects": ["SLA_SUSPENDED"]},
    ])
}

fn performance() -> Value {
    let expected = |component: &str, metric: &str, comparator: &str, value: &str, unit: &str, party: &str| json!({"component": component, "metric": metric, "comparator": comparator, "value": value, "unit": unit, "window": "CALENDAR_MONTH", "measuredBy": party});
    json!([
        expected("HARDWARE", "servers reachable", "AT_LEAST", "99.5", "%", "PROVIDER"),
        expected("WORKSTATION", "time to sign in", "AT_MOST", "45", "s", "PROVIDER"),
        expected("THIRD_PARTY_SYSTEM", "faults passed on", "AT_MOST", "4", "h", "PROVIDER"),
    ])
}
