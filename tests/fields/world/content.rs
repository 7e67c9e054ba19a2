//! What is in every world.

use serde_json::{Value, json};

use super::NUMBER;
use crate::support::fixtures;

/// A world with everything: catalogue, agreement, draft, offer and acceptance; what comes after is a step more.
pub(super) fn all() -> Value {
    let weekly = |days: &[&str], opens: &str, closes: &str| {
        days.iter().map(|day| json!({"weekday": day, "opens": opens, "closes": closes})).collect::<Vec<_>>()
    };
    let office = fixtures::calendar();
    let night = json!({"code": "NIGHT", "name": "Night shift", "timeZone": "America/New_York", "weekly": weekly(&["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"], "18:00", "24:00")});
    let service = |code: &str, kind: &str| json!({"code": code, "name": code.to_lowercase(), "kind": kind});
    let silver = json!({"code": "SILVER", "name": "Silver", "targets": (["P1", "P2", "P3", "P4"].map(|priority| json!({"priority": priority, "milestone": "RESPONSE", "within": "PT6H"})))});
    json!({
        "catalogue": {
            "calendars": [office, night],
            "services": [
                {"code": "HELPDESK", "name": "Help desk", "kind": "SUPPORT", "unit": "seat", "description": "Answers questions.", "externalRefs": [{"system": "psa", "id": "77"}]},
                service("PATCHING", "MANAGEMENT"), service("BACKUP", "CLOUD"), service("PROJECTS", "SUPPORT"), service("SPARE", "SUPPORT"),
                {"code": "CARE", "name": "Server care", "kind": "PACKAGE", "components": [{"code": "PATCHING"}, {"code": "BACKUP"}]},
            ],
            "tiers": [gold(), silver],
            "clients": [{"code": "NORTHWIND", "name": "Northwind", "timeZone": "America/New_York", "externalRefs": [{"system": "crm", "id": "4711"}]}, {"code": "FABRIKAM", "name": "Fabrikam"}],
        },
        "agreement": {"number": NUMBER, "title": "Managed services", "client": {"code": "NORTHWIND"}, "currency": "USD", "externalRefs": [{"system": "crm", "id": NUMBER}]},
        "steps": [
            {"do": "draftTerms", "with": draft()},
            {"do": "offerTerms", "with": {"agreement": {"code": NUMBER}}},
            {"do": "activateTerms", "with": {"agreement": {"code": NUMBER}, "acceptedBy": "Northwind's board", "acceptedAt": "2025-12-15T10:00:00Z"}},
        ],
    })
}

fn gold() -> Value {
    let target = |priority: &str, milestone: &str, within: &str| json!({"priority": priority, "milestone": milestone, "within": within});
    json!({
        "code": "GOLD", "name": "Gold", "description": "For offices.",
        "targets": [
            target("P1", "RESPONSE", "PT30M"), target("P1", "RESOLUTION", "PT4H"), target("P2", "RESPONSE", "PT1H"), target("P3", "RESPONSE", "PT4H"), target("P4", "RESPONSE", "PT8H"),
            {"priority": "P2", "milestone": "RESOLUTION", "businessDays": 2},
        ],
        "waiting": [{"reason": "PARTS", "stops": ["RESOLUTION"]}],
        "updates": [{"priority": "P1", "every": "PT2H"}],
        "escalations": [{"priority": "P1", "after": "PT3H", "to": "Head of service", "action": "Calls the client."}],
        "credits": [{"fromPercent": "90", "belowPercent": "95", "creditPercent": "5"}, {"belowPercent": "90", "creditPercent": "10"}],
        "creditCapPercent": "20", "creditMinimumTickets": 3,
    })
}

fn draft() -> Value {
    let usd = |amount: &str| json!({"amount": amount, "currency": "USD"});
    let mut draft = fixtures::draft(NUMBER);
    for (section, value) in [
        (
            "renewal",
            json!({"kind": "AUTOMATIC", "months": 12, "firstTermMonths": 24, "noticeMonths": 2, "noticeDays": 5}),
        ),
        (
            "callers",
            json!([{"name": "A. Person", "services": [{"code": "HELPDESK"}, {"code": "CARE"}, {"code": "PROJECTS"}]}, {"name": "Front desk", "mayApprove": true}]),
        ),
        (
            "indexation",
            json!({"index": "consumer prices", "appliesTo": ["FEES", "RATES"], "capPercent": "3", "everyMonths": 12}),
        ),
        (
            "creditPolicy",
            json!({"monthCapPercent": "20", "yearCapPercent": "100", "yearBasis": "FEES_OF_YEAR", "claimWithinDays": 7}),
        ),
        (
            "terminationTriggers",
            json!([{"title": "Chronic failure", "party": "CLIENT", "measure": "AVAILABILITY", "belowPercent": "99", "times": 2, "withinPeriods": 3, "noticeDays": 30}]),
        ),
        (
            "extraHours",
            json!({
                "roles": [{"role": "engineer", "hourly": usd("150")}, {"role": "planner", "hourly": usd("100")}],
                "rates": [
                    {"code": "HOL", "hoursClass": ["HOLIDAY"], "treatment": "MULTIPLIER", "multiplier": "2", "callOut": usd("80"), "minimum": "PT2H", "increment": "PT1H", "itemCode": "ITEM-1"},
                    {"code": "PROJ", "workKind": ["project"], "treatment": "HOURLY", "hourly": usd("90")},
                    {"code": "LATE", "hoursClass": ["AFTER_HOURS", "WEEKEND"], "treatment": "MULTIPLIER", "multiplier": "1.5"},
                    {"code": "DAY", "hoursClass": ["BUSINESS"], "treatment": "IN_FEE"},
                ],
                "rounding": {"aggregate": "ENTRY", "order": "ROUND_THEN_MINIMUM", "minima": "EACH", "minimum": "PT45M", "increment": "PT30M"},
                "included": {"perPeriod": "PT10H", "draws": [{"hoursClass": ["AFTER_HOURS"], "role": ["planner"], "workKind": ["telephone"], "factor": "2"}], "rolloverPeriods": 1, "rolloverCap": "PT5H", "overageHourly": usd("140")},
            }),
        ),
        (
            "availability",
            json!([{
                "subject": "Mail", "percent": "99.9", "window": "CALENDAR_MONTH", "clock": "BUSINESS_HOURS", "base": "WINDOW", "downWhen": "ANY_MEMBER", "members": ["Line A", "Line B"],
                "ignoresOutagesUnder": "PT5M", "excused": ["force majeure"], "maintenanceWindows": [{"weekday": "SUNDAY", "opens": "02:00", "closes": "06:00"}], "maintenanceNotice": "PT24H", "maintenanceAllowance": "PT4H",
                "strength": "TARGET", "credits": [{"fromPercent": "99", "belowPercent": "99.9", "creditPercent": "5"}, {"belowPercent": "99", "creditPercent": "10"}],
                "creditTriggers": [{"atMostPercent": "96.5", "times": 3, "withinPeriods": 6, "creditPercent": "6"}], "creditPer": {"each": "PT30M", "creditPercent": "5"},
            }]),
        ),
        (
            "recovery",
            json!([{"scenario": "SYSTEM_FAILURE", "component": "SERVER", "fixWithin": "PT8H", "clock": "BUSINESS_HOURS", "strength": "TARGET"}]),
        ),
        (
            "backups",
            json!([{"subject": "Servers", "every": "PT24H", "retentionDays": 30, "offSite": true, "restoreTestEveryDays": 90, "restoreWithin": "PT4H", "strength": "TARGET"}]),
        ),
    ] {
        draft[section] = value;
    }
    draft["responsibilities"][4]["exclusions"] = json!("The screen.");
    draft
}
