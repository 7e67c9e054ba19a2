//! Terms as they are stored, and the subject that is written of them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::{Calendar, Client, Document, NamedTier, OwnNames, Service, Subject, write};
use crate::{
    calendar::{Exceptions, Hours},
    lifecycle::{Stage, Version},
    readiness::Finding,
    sla::Tier,
    terms::{Sections, Term},
    text::Code,
    time::parse_instant,
    words::TermsStatus,
};

/// Everything that a subject borrows.
pub(super) struct Terms {
    pub(super) sections: Sections,
    pub(super) version: Version,
    pub(super) status: TermsStatus,
    pub(super) term: Term,
    pub(super) findings: Vec<Finding>,
    hours: Hours,
    exceptions: Exceptions,
    tier: Tier,
    names: Vec<(Code, String, String)>,
    /// Whether a clause names the calendar NIGHT.
    has_night: bool,
}

/// What the catalogue says of one service, and of none of the others.
fn describe(code: &Code) -> &'static str {
    if code.as_str() == "HELP" { "Answers questions." } else { "" }
}

/// Sections in which every list has something.
pub(super) fn everything() -> Value {
    let usd = |amount: &str| json!({"amount": amount, "currency": "USD2"});
    let rule = |code: &str, class: &[&str], treatment: Value| {
        json!({"code": code, "item_code": null, "hours_class": class, "priority": [], "work_kind": [], "role": [], "during": [],
               "treatment": treatment, "minimum": null, "increment": null, "call_out": null})
    };
    let mut weekend = rule("X", &["WEEKEND"], json!({"MULTIPLIER": "1.5"}));
    (weekend["minimum"], weekend["increment"]) = (json!("PT1H"), json!("PT15M"));
    let line = |service: &str, quantity: u32, price: &str, components: Value| json!({"service": service, "components": components, "quantity": quantity, "unit_price": usd(price), "note": null, "tier": null, "calendar": null});
    json!({
        "calendar": {"code": "OFFICE", "revision": 1}, "tier": {"code": "GOLD", "revision": 1},
        "services": [line("HELP", 25, "18.5", json!([])), line("CARE", 1, "1240", json!(["PATCH", "BACKUP"]))],
        "exclusions": [{"title": "Projects", "reason": "Quoted apart.", "service": "PROJECTS", "scenario": null, "component": null},
            {"title": "Coffee", "reason": "Damage by users.", "service": null, "scenario": "USER_ERROR", "component": "WORKSTATION"},
            {"title": "Old backups", "reason": "", "service": "BACKUP", "scenario": "DATA_LOSS", "component": null}],
        "extra_hours": {
            "rates": [rule("H", &["HOLIDAY"], json!("NOT_OFFERED")), weekend, rule("B", &["BUSINESS"], json!("IN_FEE"))],
            "roles": [{"role": "engineer", "hourly": usd("150")}],
            "rounding": {"aggregate": "TICKET_DAY", "order": "ROUND_THEN_MINIMUM", "minima": "EACH", "minimum": "PT0S", "increment": "PT15M"},
            "included": {"per_period": "PT10H", "draws": [{"hours_class": ["BUSINESS"], "role": [], "work_kind": [], "factor": "1"}], "rollover_periods": 1, "rollover_cap": "PT5H", "overage_hourly": usd("140")}},
        "responsibilities": [
            {"scenario": "HARDWARE_FAILURE", "component": null, "party": "SHARED", "duties": "Fits the part.", "exclusions": "The part itself.", "costs": [{"item": "PARTS", "party": "CLIENT"}]},
            {"scenario": "DATA_LOSS", "component": null, "party": "PROVIDER", "duties": "Restores it.", "exclusions": null, "costs": []},
            {"scenario": "POWER_FAILURE", "component": "SERVER", "party": "CLIENT", "duties": "", "exclusions": null, "costs": []}],
        "obligations": [
            {"code": "DISK", "title": "A backup disk", "standard": "It has room.", "gates_services": ["BACKUP"], "gates_scenarios": ["DATA_LOSS"], "effects": ["NOT_LIABLE"], "grace_days": 7},
            {"code": "ACCESS", "title": "Access", "standard": "It works.", "gates_services": ["HELP"], "gates_scenarios": [], "effects": ["SLA_SUSPENDED", "CHARGEABLE"], "grace_days": 0}],
        "performance": [{"component": "HARDWARE", "metric": "servers reachable", "comparator": "AT_LEAST", "value": "99.5", "unit": "%", "window": "CALENDAR_MONTH", "measured_by": "PROVIDER", "strength": "TARGET"}],
        "availability": [{"subject": "Mail", "percent": "99.9", "window": "CALENDAR_MONTH", "clock": "AROUND_THE_CLOCK", "maintenance_notice": "PT72H", "maintenance_allowance": "PT4H", "strength": "GUARANTEE",
            "credits": [{"from": "99", "below": "99.9", "credit": "5"}, {"from": null, "below": "99", "credit": "20"}]}],
        "recovery": [{"scenario": "DATA_LOSS", "component": "SERVER", "fix_within": "PT8H", "clock": "BUSINESS_HOURS", "strength": "TARGET"}],
        "backups": [{"subject": "Servers", "every": "PT24H", "retention_days": 30, "off_site": true, "restore_test_every_days": null, "restore_within": "PT2H", "strength": "BEST_EFFORT"}],
    })
}

fn tier() -> Value {
    let target = |priority: &str, milestone: &str, limit: Value| json!({"priority": priority, "milestone": milestone, "limit": limit, "opened_in": [], "strength": "TARGET", "attainment": "95"});
    let urgent = json!({"priority": "P1", "milestone": "RESPONSE", "limit": {"WITHIN": {"time": "PT15M", "clock": "AROUND_THE_CLOCK"}}, "opened_in": ["AFTER_HOURS", "WEEKEND"], "strength": "GUARANTEE", "attainment": "99.5"});
    json!({"targets": [urgent, target("P2", "RESOLUTION", json!({"WITHIN": {"time": "PT4H", "clock": "BUSINESS_HOURS"}})), target("P3", "RESPONSE", json!({"BUSINESS_DAYS": 2}))],
        "waiting": [{"reason": "PARTS", "stops": ["RESOLUTION"]}],
        "credits": [{"from": "90", "below": "95", "credit": "5"}, {"from": null, "below": "90", "credit": "10"}], "credit_cap": "15", "credit_minimum_tickets": 5})
}

impl Terms {
    /// Everything, accepted and in force.
    pub(super) fn new() -> Self {
        Self::of(everything())
    }

    /// Some sections, accepted and in force.
    pub(super) fn of(sections: Value) -> Self {
        let at = |text: &str| parse_instant(text).unwrap();
        let stage = Stage::Accepted {
            offered_at: at("2025-12-01T10:00:00Z"),
            by: "the board".into(),
            at: at("2025-12-15T10:00:00Z"),
        };
        let weekly: Vec<Value> = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"]
            .iter()
            .map(|day| json!({"weekday": day, "opens": "09:00", "closes": "17:00"}))
            .collect();
        let hours = json!({"zone": "Europe/Berlin", "weekly": weekly, "weekend": ["SATURDAY", "SUNDAY"]});
        let exceptions = json!([{"date": "2025-12-25", "name": "Before", "holiday": true, "periods": []}, {"date": "2026-12-24", "name": "Christmas Eve", "holiday": false, "periods": [{"opens": "09:00", "closes": "12:00"}]},
            {"date": "2026-12-25", "name": "Christmas", "holiday": true, "periods": []}]);
        let name = |code: &str, name: &str, unit: &str| (code.parse().unwrap(), name.to_owned(), unit.to_owned());
        Self {
            sections: serde_json::from_value(sections).unwrap(),
            version: Version { number: 2, stage, begins: None, ends: None },
            status: TermsStatus::InForce,
            term: Term { from: Some("2026-01-01".parse().unwrap()), until: None },
            findings: Vec::new(),
            hours: serde_json::from_value(hours).unwrap(),
            exceptions: serde_json::from_value(exceptions).unwrap(),
            tier: serde_json::from_value(tier()).unwrap(),
            names: vec![
                name("HELP", "Help desk", "seat"),
                name("CARE", "Server care", "month"),
                name("BACKUP", "Off-site backup", "server"),
            ],
            has_night: false,
        }
    }

    /// Terms with some fields of the tier replaced.
    pub(super) fn with_tier(sections: Value, changes: &Value) -> Self {
        let mut changed = tier();
        changed.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let has_night = sections.to_string().contains("NIGHT") || changes.to_string().contains("NIGHT");
        Self { tier: serde_json::from_value(changed).unwrap(), has_night, ..Self::of(sections) }
    }

    pub(super) fn subject(&self) -> Subject<'_> {
        let night = Calendar { name: "Night hours", hours: &self.hours, exceptions: &self.exceptions };
        let components = |components: &Option<Vec<Code>>| components.clone().unwrap_or_default();
        let line = |line: &crate::terms::IncludedService| OwnNames {
            components: components(&line.components),
            ..OwnNames::default()
        };
        Subject {
            provider: "acme",
            client: Client { name: "Northwind", code: "NW", time_zone: "America/New_York" },
            number: "MSA-1",
            title: "Managed services",
            version: &self.version,
            status: self.status,
            term: self.term,
            successor: None,
            findings: &self.findings,
            sections: &self.sections,
            services: self
                .names
                .iter()
                .map(|(code, name, unit)| (code.clone(), Service { name, description: describe(code), unit }))
                .collect::<BTreeMap<_, _>>(),
            calendar: self.sections.calendar.as_ref().map(|_| Calendar {
                name: "Office hours",
                hours: &self.hours,
                exceptions: &self.exceptions,
            }),
            tier: self.sections.tier.as_ref().map(|_| NamedTier {
                name: "Gold",
                description: "For offices.",
                tier: &self.tier,
            }),
            further: BTreeMap::from([("NIGHT".parse().unwrap(), night)])
                .into_iter()
                .filter(|_| self.has_night)
                .collect(),
            lines: self.sections.services.iter().map(line).collect(),
        }
    }

    pub(super) fn document(&self) -> Document {
        write(&self.subject())
    }
}
