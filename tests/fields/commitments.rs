//! What is held against what happened: outages, their credits, backups, and the hours in which nobody works.

use serde_json::{Value, json};

use super::world::{Case, Look, field};

/// Mail by the month, and what its outages earn.
const MAIL: &str = "{ agreement(by: {code: \"NUMBER\"}) { terms { commitmentReport(from: \"2026-05-01T04:00:00Z\", to: \"2026-11-23T05:00:00Z\") { availability { windows { firstDay state downtime credits { percent why } } } } } } }";
const BACKUPS: &str = "{ agreement(by: {code: \"NUMBER\"}) { terms { commitmentReport(from: \"2026-11-01T04:00:00Z\", to: \"2026-11-23T05:00:00Z\") { backups { interval { promised state } restoreWithin { promised state } } } } } }";

pub(super) fn cases() -> Vec<Case> {
    [downtime(), credits(), others()].concat()
}

fn outage(id: &str, from: &str, to: &str, more: Value) -> Value {
    let mut outage = json!({"ref": {"system": "monitor", "id": format!("{id}-NUMBER")}, "agreement": {"code": "NUMBER"},
        "subject": "Mail", "startedAt": from, "endedAt": to});
    outage.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    outage
}

/// A case of mail that was down.
fn down(name: &'static str, outages: Value) -> Case {
    field(name).given("/steps/3", json!({"do": "recordOutages", "with": {"outages": outages}})).seen(Look::Query(MAIL))
}

fn downtime() -> Vec<Case> {
    let planned = |announced: Option<&str>, from: &str, to: &str| json!({"maintenance": {"announcedAt": announced, "from": from, "until": to}});
    let short = json!([outage("1", "2026-11-10T14:00:00Z", "2026-11-10T14:05:30Z", json!({}))]);
    let storm = json!([outage("2", "2026-11-11T15:00:00Z", "2026-11-11T16:00:00Z", json!({"cause": "force majeure"}))]);
    let (from, to) = ("2026-11-12T15:00:00Z", "2026-11-12T18:30:00Z");
    let announced = json!([outage("3", from, to, planned(Some("2026-11-11T06:00:00Z"), from, to))]);
    let line = json!([outage("4", "2026-11-13T15:00:00Z", "2026-11-13T16:00:00Z", json!({"member": "Line A"}))]);
    let (from, to) = ("2026-11-15T08:00:00Z", "2026-11-15T09:00:00Z");
    let sunday = json!([outage("5", from, to, planned(None, from, to))]);
    vec![
        down("AvailabilityCommitmentInput.ignoresOutagesUnder", short)
            .change("/steps/0/with/availability/0/ignoresOutagesUnder", json!("PT6M")),
        down("AvailabilityCommitmentInput.excused", storm)
            .change("/steps/0/with/availability/0/excused", json!(["war"])),
        down("AvailabilityCommitmentInput.maintenanceNotice", announced.clone())
            .change("/steps/0/with/availability/0/maintenanceNotice", json!("PT48H")),
        down("AvailabilityCommitmentInput.maintenanceAllowance", announced)
            .change("/steps/0/with/availability/0/maintenanceAllowance", json!("PT3H")),
        down("AvailabilityCommitmentInput.downWhen", line.clone())
            .change("/steps/0/with/availability/0/downWhen", json!("ALL_MEMBERS")),
        down("AvailabilityCommitmentInput.members", line)
            .given("/steps/0/with/availability/0/downWhen", json!("ALL_MEMBERS"))
            .change("/steps/0/with/availability/0/members", json!(["Line A"])),
        down("AvailabilityCommitmentInput.maintenanceWindows", sunday)
            .given("/steps/0/with/availability/0/clock", json!("AROUND_THE_CLOCK"))
            .change("/steps/0/with/availability/0/maintenanceWindows", json!([])),
    ]
}

/// Mail was down for a working day in May, September and October: three of six months, and not of five.
fn credits() -> Vec<Case> {
    let day = |day: &str| outage(day, &format!("2026-{day}T12:00:00Z"), &format!("2026-{day}T21:00:00Z"), json!({}));
    let bad = json!([day("05-12"), day("09-15"), day("10-13")]);
    let watched = json!({"do": "watchSubject", "with": {"agreement": {"code": "NUMBER"}, "subject": "Mail", "since": "2026-01-01T05:00:00Z"}});
    let earned = |name, place, value| down(name, bad.clone()).given("/steps/4", watched.clone()).change(place, value);
    vec![
        earned("AvailabilityCommitmentInput.credits", "/steps/0/with/availability/0/credits", json!([])),
        earned("AvailabilityCommitmentInput.creditTriggers", "/steps/0/with/availability/0/creditTriggers", json!([])),
        earned("AvailabilityCommitmentInput.creditPer", "/steps/0/with/availability/0/creditPer", Value::Null),
        earned(
            "CreditTriggerInput.atMostPercent",
            "/steps/0/with/availability/0/creditTriggers/0/atMostPercent",
            json!("90"),
        ),
        earned("CreditTriggerInput.times", "/steps/0/with/availability/0/creditTriggers/0/times", json!(2)),
        earned(
            "CreditTriggerInput.withinPeriods",
            "/steps/0/with/availability/0/creditTriggers/0/withinPeriods",
            json!(5),
        ),
        earned(
            "CreditTriggerInput.creditPercent",
            "/steps/0/with/availability/0/creditTriggers/0/creditPercent",
            json!("7"),
        ),
        earned("UnitCreditInput.each", "/steps/0/with/availability/0/creditPer/each", json!("PT15M")),
        earned("UnitCreditInput.creditPercent", "/steps/0/with/availability/0/creditPer/creditPercent", json!("4")),
    ]
}

fn others() -> Vec<Case> {
    let backups = |name, place, value| field(name).change(place, value).seen(Look::Query(BACKUPS));
    vec![
        backups("BackupCommitmentInput.every", "/steps/0/with/backups/0/every", json!("PT12H")),
        backups("BackupCommitmentInput.restoreWithin", "/steps/0/with/backups/0/restoreWithin", json!("PT5H")),
    ]
}
