//! What is promised, what is not, and who answers for what.

use serde_json::{Value, json};

use super::world::{Case, Look, field};

const FAILED: &str = "HARDWARE_FAILURE";

pub(super) fn cases() -> Vec<Case> {
    [services(), duties(), commitments()].concat()
}

fn services() -> Vec<Case> {
    let change = |name, place, value| field(name).change(place, value);
    let backup = json!({"service": {"code": "BACKUP"}});
    vec![
        change("IncludedServiceInput.service", "/steps/0/with/services/0/service", json!({"code": "SPARE"}))
            .decides(json!({})),
        change("IncludedServiceInput.note", "/steps/0/with/services/1/note", json!("Four servers.")).written(),
        change("IncludedServiceInput.tier", "/steps/0/with/services/1/tier", json!({"code": "SILVER"}))
            .decides(backup.clone()),
        change("IncludedServiceInput.calendar", "/steps/0/with/services/1/calendar", json!({"code": "NIGHT"}))
            .decides(backup),
        change("ExclusionInput.title", "/steps/0/with/exclusions/0/title", json!("Plans")).written(),
        change("ExclusionInput.reason", "/steps/0/with/exclusions/0/reason", json!("Too big.")).written(),
        change("ExclusionInput.service", "/steps/0/with/exclusions/0/service", json!({"code": "SPARE"}))
            .decides(json!({"service": {"code": "PROJECTS"}})),
        change("ExclusionInput.scenario", "/steps/0/with/exclusions/1/scenario", json!("POWER_FAILURE"))
            .decides(json!({"scenario": "USER_ERROR", "component": "WORKSTATION"})),
        change("ExclusionInput.component", "/steps/0/with/exclusions/1/component", json!("SERVER"))
            .decides(json!({"scenario": "USER_ERROR", "component": "WORKSTATION"})),
        change("NamedCallerInput.name", "/steps/0/with/callers/0/name", json!("B. Person")).decides(json!({})),
        change("NamedCallerInput.services", "/steps/0/with/callers/0/services", json!([{"code": "CARE"}]))
            .decides(json!({})),
        change("NamedCallerInput.mayApprove", "/steps/0/with/callers/0/mayApprove", json!(true))
            .decides(json!({"at": "2026-11-21T17:00:00Z"})),
    ]
}

fn duties() -> Vec<Case> {
    let answers = |name, place, value| {
        field(name).change(place, value).decides(json!({"scenario": FAILED, "component": "WORKSTATION"}))
    };
    // The disk has been missing for a month.
    let missing = |code: &str| json!({"do": "recordObligationStatus", "with": {"agreement": {"code": "NUMBER"}, "code": code, "state": "UNMET", "since": "2026-10-01T00:00:00Z"}});
    let gates = |name, place, value, question: Value| {
        field(name).given("/steps/3", missing("BACKUP-DISK")).change(place, value).decides(question)
    };
    let backup = json!({"service": {"code": "BACKUP"}});
    vec![
        answers("ResponsibilityInput.scenario", "/steps/0/with/responsibilities/4/scenario", json!("POWER_FAILURE")),
        answers("ResponsibilityInput.component", "/steps/0/with/responsibilities/4/component", json!("SERVER")),
        answers("ResponsibilityInput.party", "/steps/0/with/responsibilities/4/party", json!("PROVIDER")),
        answers("ResponsibilityInput.costs", "/steps/0/with/responsibilities/4/costs", json!([])),
        field("ResponsibilityInput.duties")
            .change("/steps/0/with/responsibilities/4/duties", json!("Buys a new one."))
            .written(),
        field("ResponsibilityInput.exclusions")
            .change("/steps/0/with/responsibilities/4/exclusions", json!("The keyboard."))
            .written(),
        answers("CostShareInput.item", "/steps/0/with/responsibilities/4/costs/0/item", json!("TRAVEL")),
        answers("CostShareInput.party", "/steps/0/with/responsibilities/4/costs/0/party", json!("SHARED")),
        gates("ObligationInput.code", "/steps/0/with/obligations/0/code", json!("DISK"), backup.clone()),
        field("ObligationInput.title").change("/steps/0/with/obligations/0/title", json!("Backup space")).written(),
        field("ObligationInput.standard").change("/steps/0/with/obligations/0/standard", json!(" ")).finds(),
        gates("ObligationInput.gatesServices", "/steps/0/with/obligations/0/gatesServices", json!([]), backup.clone()),
        gates(
            "ObligationInput.gatesScenarios",
            "/steps/0/with/obligations/0/gatesScenarios",
            json!([]),
            json!({"scenario": "DATA_LOSS"}),
        ),
        gates("ObligationInput.effects", "/steps/0/with/obligations/0/effects", json!(["CHARGEABLE"]), backup.clone()),
        gates("ObligationInput.graceDays", "/steps/0/with/obligations/0/graceDays", json!(90), backup),
    ]
}

fn commitments() -> Vec<Case> {
    let change = |name, place, value| field(name).change(place, value);
    // With nothing else promised, one firm commitment is the difference between some promises and none.
    let alone = |name, place, value| {
        let soft = json!(["P1", "P2", "P3", "P4"].map(|priority| json!({"priority": priority, "milestone": "RESPONSE", "within": "PT1H", "strength": "BEST_EFFORT"})));
        let mut case = field(name).given("/catalogue/tiers/0/targets", soft);
        for section in [
            "/steps/0/with/availability/0/strength",
            "/steps/0/with/recovery/0/strength",
            "/steps/0/with/backups/0/strength",
        ] {
            case = case.given(section, json!("BEST_EFFORT"));
        }
        case.change(place, value).finds()
    };
    let down = |name, place, value| {
        field(name).change(place, value).seen(Look::Query("{ agreement(by: {code: \"NUMBER\"}) { versions { availability { allowedDowntime(on: \"2026-12-15\") } } } }"))
    };
    vec![
        change("PerformanceExpectationInput.component", "/steps/0/with/performance/0/component", json!("CLOUD"))
            .finds(),
        change("PerformanceExpectationInput.metric", "/steps/0/with/performance/0/metric", json!("speed")).written(),
        change("PerformanceExpectationInput.comparator", "/steps/0/with/performance/0/comparator", json!("AT_MOST"))
            .written(),
        change("PerformanceExpectationInput.value", "/steps/0/with/performance/0/value", json!("98")).written(),
        change("PerformanceExpectationInput.unit", "/steps/0/with/performance/0/unit", json!("per cent")).written(),
        change("PerformanceExpectationInput.window", "/steps/0/with/performance/0/window", json!("CALENDAR_YEAR"))
            .written(),
        change("PerformanceExpectationInput.measuredBy", "/steps/0/with/performance/0/measuredBy", json!("CLIENT"))
            .written(),
        change("PerformanceExpectationInput.strength", "/steps/0/with/performance/0/strength", json!("GUARANTEE"))
            .written(),
        change("AvailabilityCommitmentInput.subject", "/steps/0/with/availability/0/subject", json!("Post")).written(),
        down("AvailabilityCommitmentInput.percent", "/steps/0/with/availability/0/percent", json!("99")),
        down("AvailabilityCommitmentInput.window", "/steps/0/with/availability/0/window", json!("CALENDAR_YEAR")),
        down("AvailabilityCommitmentInput.clock", "/steps/0/with/availability/0/clock", json!("AROUND_THE_CLOCK")),
        down("AvailabilityCommitmentInput.calendar", "/steps/0/with/availability/0/calendar", json!({"code": "NIGHT"})),
        down("AvailabilityCommitmentInput.base", "/steps/0/with/availability/0/base", json!("THIRTY_DAYS")),
        alone("AvailabilityCommitmentInput.strength", "/steps/0/with/availability/0/strength", json!("TARGET")),
        alone("RecoveryCommitmentInput.strength", "/steps/0/with/recovery/0/strength", json!("TARGET")),
        change("BackupCommitmentInput.subject", "/steps/0/with/backups/0/subject", json!("Files")).written(),
        change("BackupCommitmentInput.retentionDays", "/steps/0/with/backups/0/retentionDays", json!(31)).written(),
        change("BackupCommitmentInput.offSite", "/steps/0/with/backups/0/offSite", json!(false)).written(),
        change(
            "BackupCommitmentInput.restoreTestEveryDays",
            "/steps/0/with/backups/0/restoreTestEveryDays",
            Value::Null,
        )
        .finds(),
        alone("BackupCommitmentInput.strength", "/steps/0/with/backups/0/strength", json!("TARGET")),
    ]
}
