//! Backups, and what clients' systems must meet.

use serde_json::{Value, json};

use super::{Document, accept, ask, enter, findings, office, reads, some_targets, with};
use crate::support::{User, both, fixtures};

/// An obligation that gates the help desk and every failure of hardware.
fn standard(code: &str, text: &str, more: Value) -> Value {
    with(
        json!({"code": code, "title": text, "standard": text, "gatesServices": [{"code": "HELPDESK"}], "gatesScenarios": ["HARDWARE_FAILURE"]}),
        more,
    )
}

async fn enter_sections(admin: &User<'_>, changes: &[(&str, Value)]) {
    enter(admin, "USD", office("America/New_York"), some_targets(), changes).await;
}

/// The fixture's responsibilities, and who answers for lost data.
fn answering_for_data(duties: &str, more: Value) -> Value {
    let mut all = fixtures::draft("DOC")["responsibilities"].as_array().unwrap().clone();
    all.push(with(json!({"scenario": "DATA_LOSS", "party": "PROVIDER", "duties": duties}), more));
    json!(all)
}

/// That each obligation is asked for, counts as met while nobody says how it stands, and takes liability away while it is not.
async fn each_gates(remit: &crate::support::Remit, codes: &[&str]) {
    let (admin, psa) = (remit.admin("acme"), remit.user("acme", "coverage:read"));
    let question = json!({"scenario": "HARDWARE_FAILURE", "at": "2026-11-23T16:00:00Z"});
    let selection = "liable unmetObligations { code } reasons { code }";
    let before = ask(&psa, question.clone(), selection).await;
    let unknown =
        before["reasons"].as_array().unwrap().iter().filter(|reason| reason["code"] == "OBLIGATION_UNKNOWN").count();
    assert_eq!((&before["liable"], unknown), (&json!(true), codes.len()));
    for code in codes {
        let record = |state: &str, since: &str| json!({"agreement": {"code": "DOC"}, "code": code, "state": state, "since": since});
        admin.done("recordObligationStatus", record("UNMET", "2026-11-01T00:00:00Z"), "").await;
        let void = ask(&psa, question.clone(), "liable unmetObligations { code }").await;
        assert_eq!(void, json!({"liable": false, "unmetObligations": [{"code": code}]}));
        admin.done("recordObligationStatus", record("MET", "2026-11-02T00:00:00Z"), "").await;
    }
}

both! {
    async fn backups_are_said_with_interval_retention_and_proof(remit: Remit) {
        let admin = remit.admin("acme");
        let mut eit = Document::of("sla_shapes", "backup", "eit");
        eit.says("t", json!("daily copy of data and applications; client must follow provider's backup process"));
        eit.nothing_else();
        let mut cultrix = Document::of("sla_shapes", "backup", "cultrix");
        cultrix.refused("t", json!("daily, retained up to 30 days, RPO up to 24 h, RTO within business hours same day for single systems; targets not guarantees"),
            "said but for the end of the same business day, which is no length of time: a restore takes at most so long");
        cultrix.nothing_else();
        let mut sparrow = Document::of("sla_shapes", "backup", "sparrow");
        sparrow.says("t", json!("jobs successful 95% of the time; check daily, test file restore weekly, server stand-up test bi-weekly; alert if a job runs > 8 h; needs licensed software and storage"));
        sparrow.nothing_else();
        let mut surfcity = Document::of("sla_shapes", "backup", "surfcity");
        surfcity.says("t", json!("quarterly backup test"));
        surfcity.nothing_else();
        let mut metavante = Document::of("sla_shapes", "backup", "metavante");
        metavante.says("t", json!("client keeps 10 Business Days of source data; data lost by provider restored free from provider's or client's backup"));
        metavante.nothing_else();

        let obligations = json!([
            standard("PROCESS", "The client follows the provider's backup process.", json!({})),
            standard("LICENCES", "Backup software and storage are licensed.", json!({})),
            standard("SOURCE-DATA", "The client keeps the source data of the last ten business days.", json!({})),
        ]);
        let expected = |metric: &str, comparator: &str, value: &str, unit: &str| json!({"component": "CLOUD", "metric": metric, "comparator": comparator, "value": value, "unit": unit, "window": "CALENDAR_MONTH", "measuredBy": "PROVIDER"});
        let mut performance = fixtures::draft("DOC")["performance"].as_array().unwrap().clone();
        performance.extend([expected("backup jobs that go well", "AT_LEAST", "95", "%"), expected("longest backup job, beyond which there is an alert", "AT_MOST", "8", "h")]);
        let duties = "Checks the backup jobs every day, and restores what it has lost from its own or the client's backup.";
        let backup = |subject: &str, more: Value| with(json!({"subject": subject, "every": "PT24H", "retentionDays": 30}), more);
        let backups = json!([
            // How long eit keeps its copies it does not say: a required field.
            backup("Data and applications", json!({"offSite": true})),
            backup("Single systems", json!({"strength": "TARGET"})),
            backup("Files", json!({"restoreTestEveryDays": 7})),
            backup("Servers", json!({"restoreTestEveryDays": 14})),
            backup("All of it, tried each quarter", json!({"restoreTestEveryDays": 92})),
        ]);
        enter_sections(&admin, &[
            ("obligations", obligations), ("performance", json!(performance)), ("backups", backups),
            ("responsibilities", answering_for_data(duties, json!({"costs": [{"item": "LABOUR", "party": "PROVIDER"}]}))),
        ]).await;
        // Two of them say nothing of a trial.
        assert_eq!(findings(&admin).await, ["NO_END", "NO_RESTORE_TEST", "NO_RESTORE_TEST"]);
        accept(&admin).await;
        let psa = remit.user("acme", "coverage:read");
        let lost = ask(&psa, json!({"scenario": "DATA_LOSS", "at": "2026-11-23T16:00:00Z"}), "responsible liable costs { item party }").await;
        assert_eq!(lost, json!({"responsible": "PROVIDER", "liable": true, "costs": [{"item": "LABOUR", "party": "PROVIDER"}]}));
        each_gates(&remit, &["PROCESS", "LICENCES", "SOURCE-DATA"]).await;
        reads(&admin, &[duties, "at least once in 24 hours", "30 days", "at least once in 92 days", "at least 95 %", "Target (aimed at and measured)"]).await;
        // A promise without an interval, as one of them is, cannot be written, nor one that does not say how long it is kept.
        for (missing, left) in [("every", "retentionDays"), ("retentionDays", "every")] {
            let mut backup = json!({"subject": "Servers", "every": "PT24H", "retentionDays": 30});
            backup.as_object_mut().unwrap().remove(missing);
            let document = "mutation ($input: DraftTermsInput!) { draftTerms(input: $input) { errors { code } } }";
            let refused = admin.refused(document, json!({"input": {"agreement": {"code": "DOC"}, "backups": [backup]}})).await;
            assert!(crate::support::code(&refused[0]).starts_with("BAD_USER_INPUT input.backups.0"), "{left}: {refused:#?}");
        }
    }

    async fn systems_meet_standards_or_the_provider_is_not_liable(remit: Remit) {
        let admin = remit.admin("acme");
        let mut codes = Vec::new();
        let mut obligations = Vec::new();
        let mut ask_for = |code: &'static str, text: &str, more: Value| {
            codes.push(code);
            obligations.push(standard(code, text, more));
        };
        let mut frontpoint = Document::of("sla_shapes", "requirements", "frontpoint");
        for (place, (code, text)) in [
            ("SERVER-OS", "servers >= Windows Server 2008 R2"), ("DESKTOP-OS", "desktops Windows 10+ Pro/Enterprise"), ("GENUINE", "software genuine, licensed, vendor-supported"),
            ("BACKUP", "vendor-supported server backup that can be monitored and notifies"), ("FIREWALL", "licensed vendor-supported hardware firewall"),
            ("WIRELESS", "wireless encrypted"), ("DOMAIN", "all PCs domain-joined"), ("AGE", "no hardware older than 6 years"),
        ].into_iter().enumerate() {
            frontpoint.says(&format!("t.{place}"), json!(text));
            ask_for(code, text, json!({}));
        }
        frontpoint.nothing_else();
        let mut surfcity = Document::of("sla_shapes", "requirements", "surfcity");
        surfcity.says("t", json!(["servers under manufacturer warranty", "OS and business-critical software under active vendor support"]));
        surfcity.nothing_else();
        ask_for("WARRANTY", "servers under manufacturer warranty", json!({}));
        ask_for("SUPPORT", "OS and business-critical software under active vendor support", json!({}));
        let mut trizetto = Document::of("sla_shapes", "requirements", "trizetto");
        trizetto.says("t", json!(["60-80 F non-humid room", "client protects and can recreate data", "location change must be notified; service may lapse there"]));
        trizetto.nothing_else();
        ask_for("ROOM", "60-80 F non-humid room", json!({}));
        ask_for("DATA", "client protects and can recreate data", json!({}));
        ask_for("LOCATION", "location change must be notified; service may lapse there", json!({"effects": ["NOT_LIABLE", "SLA_SUSPENDED"]}));
        let mut modernit = Document::of("sla_shapes", "requirements", "modernit");
        modernit.says("t", json!(["current support agreement with every third party; on hand-over to that party the clock stops applying"]));
        modernit.nothing_else();
        ask_for("THIRD-PARTIES", "current support agreement with every third party", json!({}));
        let waiting = json!([{"reason": "THIRD_PARTY", "stops": ["RESPONSE", "PLAN", "WORKAROUND", "RESOLUTION"]}]);
        enter(&admin, "USD", office("America/New_York"), json!({"targets": some_targets(), "waiting": waiting}), &[("obligations", json!(obligations))]).await;
        accept(&admin).await;
        each_gates(&remit, &codes).await;
        reads(&admin, &["Windows Server 2008 R2", "60-80 F non-humid room", "for another supplier: the times for response, plan, workaround and resolution stop", "no hardware older than 6 years"]).await;
    }
}
