//! What is told of backups and measurements, since when somebody watches, and lists of what happened.

use serde_json::{Value, json};

use super::world::{Case, Look, field};

const BACKUPS: &str = "{ agreement(by: {code: \"NUMBER\"}) { terms { commitmentReport(from: \"2026-11-01T04:00:00Z\", to: \"2026-11-23T05:00:00Z\") { backups {
    runs failed interval { measured state } retention { measured state } offSite { measured state } restoreTest { measured state } restoreWithin { measured state } } } } } }";
const MEASURED: &str = "{ agreement(by: {code: \"NUMBER\"}) { terms { commitmentReport(from: \"2026-11-01T04:00:00Z\", to: \"2026-11-23T05:00:00Z\") {
    performance { component windows { measured measurements state } } } } } }";
const MAIL: &str = "{ agreement(by: {code: \"NUMBER\"}) { terms { commitmentReport(from: \"2026-05-01T04:00:00Z\", to: \"2026-11-23T05:00:00Z\") {
    availability { windows { firstDay state } } } } } }";
const OUTAGES: &str = "query ($filter: FactFilter) { outages(filter: $filter) { totalCount } }";

pub(super) fn cases() -> Vec<Case> {
    [backups(), measurements(), watched(), listed()].concat()
}

/// A value with other fields, or more.
fn with(mut value: Value, more: Value) -> Value {
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    value
}

/// A backup of a night of November.
fn run(more: Value) -> Value {
    let run = json!({"ref": {"system": "vault", "id": "NUMBER"}, "agreement": {"code": "NUMBER"}, "subject": "Servers", "startedAt": "2026-11-10T02:00:00Z",
        "endedAt": "2026-11-10T03:00:00Z", "outcome": "SUCCEEDED", "offSite": true, "keptUntil": "2026-12-10T02:00:00Z"});
    with(run, more)
}

fn backups() -> Vec<Case> {
    let told =
        |name, run: Value| field(name).then("recordBackupRuns", json!({"runs": [run]})).seen(Look::Query(BACKUPS));
    let one = |name, place, value| told(name, run(json!({}))).change(place, value);
    let failed = |more: Value| json!({"runs": [run(with(json!({"outcome": "FAILED"}), more))]});
    vec![
        one("RecordBackupRunsInput.runs", "/steps/3/with/runs", json!([])),
        one("BackupRunInput.ref", "/steps/4/with/runs/0/ref/id", json!("other-NUMBER"))
            .then("recordBackupRuns", failed(json!({}))),
        one("BackupRunInput.agreement", "/steps/3/with/runs/0/agreement", json!({"code": "NOPE"})),
        one("BackupRunInput.subject", "/steps/3/with/runs/0/subject", json!("Laptops")),
        one("BackupRunInput.kind", "/steps/3/with/runs/0/kind", json!("RESTORE")),
        one("BackupRunInput.startedAt", "/steps/3/with/runs/0/startedAt", json!("2026-11-09T02:00:00Z")),
        // A restore, which is to take four hours at most.
        told("BackupRunInput.endedAt", run(json!({"kind": "RESTORE"})))
            .change("/steps/3/with/runs/0/endedAt", json!("2026-11-10T07:00:00Z")),
        one("BackupRunInput.outcome", "/steps/3/with/runs/0/outcome", json!("FAILED")),
        one("BackupRunInput.offSite", "/steps/3/with/runs/0/offSite", json!(false)),
        one("BackupRunInput.keptUntil", "/steps/3/with/runs/0/keptUntil", json!("2026-11-20T02:00:00Z")),
        told("BackupRunInput.changedAt", run(json!({"changedAt": "2026-11-11T12:00:00Z"})))
            .then("recordBackupRuns", failed(json!({"changedAt": "2026-11-11T13:00:00Z"})))
            .change("/steps/3/with/runs/0/changedAt", json!("2026-11-11T14:00:00Z")),
        one("BackupRunInput.deleted", "/steps/3/with/runs/0/deleted", json!(true)),
    ]
}

/// How long hardware ran on a day of November.
fn measurement(more: Value) -> Value {
    let measurement = json!({"ref": {"system": "rmm", "id": "NUMBER"}, "agreement": {"code": "NUMBER"}, "component": "HARDWARE", "metric": "uptime",
        "value": "99.75", "unit": "%", "from": "2026-11-10T05:00:00Z", "to": "2026-11-11T05:00:00Z"});
    with(measurement, more)
}

fn measurements() -> Vec<Case> {
    let told = |name, measurement: Value| {
        field(name).then("recordMeasurements", json!({"measurements": [measurement]})).seen(Look::Query(MEASURED))
    };
    let one = |name, place, value| told(name, measurement(json!({}))).change(place, value);
    let again = |more: Value| json!({"measurements": [measurement(with(json!({"value": "99.5"}), more))]});
    vec![
        one("RecordMeasurementsInput.measurements", "/steps/3/with/measurements", json!([])),
        one("MeasurementInput.ref", "/steps/4/with/measurements/0/ref/id", json!("other-NUMBER"))
            .then("recordMeasurements", again(json!({}))),
        one("MeasurementInput.agreement", "/steps/3/with/measurements/0/agreement", json!({"code": "NOPE"})),
        one("MeasurementInput.component", "/steps/3/with/measurements/0/component", json!("WORKSTATION")),
        one("MeasurementInput.metric", "/steps/3/with/measurements/0/metric", json!("latency")),
        one("MeasurementInput.value", "/steps/3/with/measurements/0/value", json!("99")),
        one("MeasurementInput.unit", "/steps/3/with/measurements/0/unit", json!("hours")),
        one("MeasurementInput.from", "/steps/3/with/measurements/0/from", json!("2026-10-31T05:00:00Z")),
        // Its window is that in which it begins, so its end is only read.
        one("MeasurementInput.to", "/steps/3/with/measurements/0/to", json!("2026-11-12T05:00:00Z"))
            .seen(Look::Query("{ measurement(by: {external: {system: \"rmm\", id: \"NUMBER\"}}) { to } }")),
        told("MeasurementInput.changedAt", measurement(json!({"changedAt": "2026-11-11T12:00:00Z"})))
            .then("recordMeasurements", again(json!({"changedAt": "2026-11-11T13:00:00Z"})))
            .change("/steps/3/with/measurements/0/changedAt", json!("2026-11-11T14:00:00Z")),
        one("MeasurementInput.deleted", "/steps/3/with/measurements/0/deleted", json!(true)),
    ]
}

/// Mail that was always there, as far as somebody watched.
fn watched() -> Vec<Case> {
    let watch = json!({"agreement": {"code": "NUMBER"}, "subject": "Mail", "since": "2026-01-01T05:00:00Z"});
    let watches = |name, place, value| {
        field(name).then("watchSubject", watch.clone()).change(place, value).seen(Look::Query(MAIL))
    };
    vec![
        watches("WatchSubjectInput.agreement", "/steps/3/with/agreement", json!({"code": "NOPE"})),
        watches("WatchSubjectInput.subject", "/steps/3/with/subject", json!("Files")),
        watches("WatchSubjectInput.since", "/steps/3/with/since", json!("2026-08-15T04:00:00Z")),
        watches("WatchSubjectInput.until", "/steps/3/with/until", json!("2026-08-15T04:00:00Z")),
    ]
}

/// An outage of mail.
fn listed() -> Vec<Case> {
    let outage = json!({"ref": {"system": "monitor", "id": "NUMBER"}, "agreement": {"code": "NUMBER"}, "subject": "Mail",
        "startedAt": "2026-11-10T15:00:00Z", "endedAt": "2026-11-10T17:00:00Z"});
    let lists = |name, first: Value, other: Value| {
        let of_agreement = |more: Value| json!({"filter": with(json!({"agreement": {"code": "NUMBER"}}), more)});
        field(name).then("recordOutages", json!({"outages": [outage]})).seen(Look::Variables(
            OUTAGES,
            of_agreement(first),
            of_agreement(other),
        ))
    };
    vec![
        lists("FactFilter.agreement", json!({}), json!({"agreement": {"code": "NOPE"}})),
        lists("FactFilter.client", json!({"client": {"code": "NORTHWIND"}}), json!({"client": {"code": "FABRIKAM"}})),
        lists("FactFilter.about", json!({"about": "mail"}), json!({"about": "Files"})),
        lists("FactFilter.from", json!({"from": "2026-11-10T15:00:00Z"}), json!({"from": "2026-11-10T15:00:01Z"})),
        lists("FactFilter.until", json!({"until": "2026-11-10T15:00:01Z"}), json!({"until": "2026-11-10T15:00:00Z"})),
    ]
}
