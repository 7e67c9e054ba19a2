//! Services, tiers and business hours.

use remit_domain::{
    Date,
    holidays::{Days, Region},
    words::Weekday,
};
use serde_json::{Value, json};

use super::Step;

const WORKDAYS: [&str; 5] = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"];

/// Code, name, kind, unit, what it is.
const SERVICES: [(&str, &str, &str, &str, &str); 12] = [
    ("HELPDESK", "Help desk", "SUPPORT", "seat", "Questions and faults of people at work, by telephone and mail."),
    ("ONSITE", "On-site support", "SUPPORT", "visit", "A technician comes when it cannot be done from afar."),
    ("PROJECTS", "Projects", "SUPPORT", "hour", "New installations, moves and migrations."),
    ("TRAINING", "Training", "SUPPORT", "hour", "Courses for people and administrators."),
    ("MONITORING", "Monitoring", "MANAGEMENT", "device", "Servers and network watched around the clock."),
    ("PATCHING", "Patching", "MANAGEMENT", "device", "Updates tested and installed every month."),
    ("ENDPOINT", "Endpoint protection", "MANAGEMENT", "device", "Malware found and stopped on every workstation."),
    ("FIREWALL", "Managed firewall", "MANAGEMENT", "device", "Rules kept, logs read, firmware current."),
    ("BACKUP", "Off-site backup", "CLOUD", "server", "A copy every night, kept elsewhere, restored on trial."),
    ("MAIL", "Hosted mail", "CLOUD", "mailbox", "Mailboxes with archive and filter."),
    ("HOSTING", "Server hosting", "CLOUD", "server", "Virtual servers in two data centres."),
    ("FAX", "Fax gateway", "CLOUD", "line", "Sold no more; those who have it keep it."),
];

/// Code, name, what it holds.
const PACKAGES: [(&str, &str, &[&str]); 2] = [
    ("SERVER-CARE", "Server care", &["MONITORING", "PATCHING", "BACKUP"]),
    ("WORKPLACE", "Workplace", &["HELPDESK", "ENDPOINT", "MAIL"]),
];

pub(super) fn services() -> Vec<Step> {
    let single = SERVICES.iter().map(|(code, name, kind, unit, description)| {
        let external = json!([{"system": "psa", "id": format!("prod-{}", code.to_lowercase())}]);
        json!({"code": code, "name": name, "kind": kind, "unit": unit, "description": description, "externalRefs": external, "retired": *code == "FAX"})
    });
    let package = PACKAGES.iter().map(|(code, name, held)| {
        let components: Vec<Value> = held.iter().map(|code| json!({"code": code})).collect();
        json!({"code": code, "name": name, "kind": "PACKAGE", "components": components, "description": "Several services at one price."})
    });
    single.chain(package).map(|input| Step { mutation: "putService", input }).collect()
}

/// A target in counted time.
fn within(priority: &str, milestone: &str, time: &str, clock: &str, strength: &str) -> Value {
    json!({"priority": priority, "milestone": milestone, "within": time, "clock": clock, "strength": strength})
}

pub(super) fn tiers() -> Vec<Step> {
    let (office, always) = ("BUSINESS_HOURS", "AROUND_THE_CLOCK");
    let gold = json!({"code": "GOLD", "name": "Gold", "description": "Around the clock for what stops a business.",
        "targets": [
            within("P1", "RESPONSE", "PT15M", always, "GUARANTEE"), within("P1", "RESOLUTION", "PT4H", always, "TARGET"),
            within("P2", "RESPONSE", "PT1H", always, "TARGET"), within("P2", "RESOLUTION", "PT8H", office, "TARGET"),
            within("P3", "RESPONSE", "PT4H", office, "TARGET"), within("P3", "RESOLUTION", "PT24H", office, "TARGET"),
            within("P4", "RESPONSE", "PT8H", office, "TARGET"), within("P5", "RESPONSE", "PT16H", office, "BEST_EFFORT"),
        ],
        "waiting": [{"reason": "CLIENT", "stops": ["RESOLUTION", "WORKAROUND", "PLAN"]}, {"reason": "THIRD_PARTY", "stops": ["RESOLUTION"]}],
        "credits": [{"fromPercent": "90", "belowPercent": "95", "creditPercent": "5"}, {"belowPercent": "90", "creditPercent": "10"}],
        "creditCapPercent": "15", "creditMinimumTickets": 5});
    let silver = json!({"code": "SILVER", "name": "Silver", "description": "Business hours, quick answers.",
    "targets": [
        within("P1", "RESPONSE", "PT1H", office, "TARGET"),
        json!({"priority": "P1", "milestone": "RESPONSE", "within": "PT2H", "clock": always, "openedIn": ["AFTER_HOURS", "WEEKEND", "HOLIDAY"], "strength": "BEST_EFFORT"}),
        within("P1", "RESOLUTION", "PT8H", office, "TARGET"), within("P2", "RESPONSE", "PT2H", office, "TARGET"),
        within("P3", "RESPONSE", "PT4H", office, "TARGET"), within("P4", "RESPONSE", "PT8H", office, "TARGET"),
    ]});
    let day = |priority: &str, days: i32| json!({"priority": priority, "milestone": "RESPONSE", "businessDays": days});
    let bronze = json!({"code": "BRONZE", "name": "Bronze", "description": "By the next business days.",
        "targets": [within("P1", "RESPONSE", "PT4H", office, "TARGET"), day("P2", 1), day("P3", 2), day("P4", 5)]});
    [gold, silver, bronze].into_iter().map(|input| Step { mutation: "putSlaTier", input }).collect()
}

fn weekly(opens: &str, closes: &str) -> Vec<Value> {
    WORKDAYS.iter().map(|day| json!({"weekday": day, "opens": opens, "closes": closes})).collect()
}

/// The days off of a region, of the year before a date, its own, and the next, as exceptions.
fn holidays(region: &str, today: Date) -> Vec<Value> {
    let Ok(region) = region.parse::<Region>() else { return Vec::new() };
    let mut days = region.holidays(today.year() - 1..=today.year() + 1, Days::Observed, &[]);
    days.dedup_by_key(|day| day.date);
    days.iter().map(|day| json!({"date": day.date.to_string(), "name": day.to_string()})).collect()
}

pub(super) fn calendars(today: Date) -> Vec<Step> {
    let office = |code: &str, name: &str, zone: &str, hours: (&str, &str), exceptions: Vec<Value>| json!({"code": code, "name": name, "timeZone": zone, "weekly": weekly(hours.0, hours.1), "exceptions": exceptions, "staffed": true});
    let us = || holidays("US", today);
    let mut berlin = holidays("DE-BE", today);
    for month_day in ["12-24", "12-31"] {
        let half = json!([{"opens": "08:00", "closes": "12:00"}]);
        berlin
            .push(json!({"date": format!("{}-{month_day}", today.year()), "name": "Open until noon", "periods": half}));
    }
    let night = WORKDAYS.iter().map(|day| json!({"weekday": day, "opens": "22:00", "closes": "06:00"}));
    let days = Weekday::ALL.iter().map(|day| day.as_str());
    let always: Vec<Value> = days.map(|day| json!({"weekday": day, "opens": "00:00", "closes": "24:00"})).collect();
    let shifts: Vec<Value> = weekly("06:00", "22:00").into_iter().chain(night).collect();
    [
        office("OFFICE-NY", "Office hours, New York", "America/New_York", ("08:00", "17:00"), us()),
        office("OFFICE-LA", "Office hours, Los Angeles", "America/Los_Angeles", ("08:00", "17:00"), us()),
        office("OFFICE-LONDON", "Office hours, London", "Europe/London", ("09:00", "17:30"), holidays("GB-ENG", today)),
        office("OFFICE-BERLIN", "Office hours, Berlin", "Europe/Berlin", ("08:00", "18:00"), berlin),
        json!({"code": "SHIFTS-NY", "name": "Day and night shifts", "timeZone": "America/New_York", "weekly": shifts}),
        json!({"code": "ON-CALL", "name": "Somebody on call, around the clock", "timeZone": "UTC", "weekly": always, "staffed": true}),
    ]
    .into_iter()
    .map(|input| Step { mutation: "putCalendar", input })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_office_has_the_holidays_of_its_place() {
        let calendars = calendars(Date::constant(2026, 11, 24));
        let counts: Vec<usize> =
            calendars.iter().map(|step| step.input["exceptions"].as_array().map_or(0, Vec::len)).collect();
        // Three years of each, and New Year of 2028 observed in 2027; in Berlin two half-days more, and in 2025 Liberation Day.
        assert_eq!(counts, [34, 34, 24, 33, 0, 0]);
    }
}
