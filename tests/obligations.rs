//! How obligations stand over time: recorded, waived, attested, judged; and what that does to coverage.

use serde_json::{Value, json};

use crate::support::{Remit, User, both, code, fixtures};

fn record(state: &str, since: &str) -> Value {
    json!({"agreement": {"code": "MSA-1"}, "code": "BACKUP-DISK", "state": state, "since": since})
}

fn with(mut input: Value, field: &str, value: Value) -> Value {
    input[field] = value;
    input
}

async fn agreement(remit: &Remit) -> User<'_> {
    let admin = remit.admin("acme");
    fixtures::catalogue(&admin).await;
    fixtures::agreement_in_force(&admin, "MSA-1").await;
    admin
}

/// Whether the provider is liable for the backup at an instant, and which reasons speak of obligations.
async fn liable(user: &User<'_>, at: &str) -> (bool, Vec<String>) {
    let query = "query ($at: DateTime!) { coverage(input: {agreement: {code: \"MSA-1\"}, service: {code: \"BACKUP\"}, at: $at}) {
        liable unmetObligations { code } reasons { code } } }";
    let answer = user.ask_with(query, json!({"at": at})).await["coverage"].clone();
    let reasons =
        answer["reasons"].as_array().unwrap().iter().map(|reason| reason["code"].as_str().unwrap().to_owned());
    let liable = answer["liable"].as_bool().unwrap();
    assert_eq!(answer["unmetObligations"], if liable { json!([]) } else { json!([{"code": "BACKUP-DISK"}]) });
    (liable, reasons.filter(|code| code.starts_with("OBLIGATION")).collect())
}

both! {
    async fn a_payload_shows_what_is_the_obligations_own(remit: Remit) {
        agreement(&remit).await;
        let (collector, portal) = (remit.user("acme", "obligations:write"), remit.portal("acme", "NORTHWIND", "obligations:write"));
        let failed = record("UNMET", "2026-11-01T00:00:00Z");
        let seen = collector.done("recordObligationStatus", failed, "obligation { state history { state recordedBy } }").await;
        assert_eq!(seen["obligation"], json!({"state": "UNMET", "history": [{"state": "UNMET", "recordedBy": "tester"}]}));
        let attested = json!({"input": record("MET", "2026-11-02T00:00:00Z")});
        let query = "mutation ($input: RecordObligationStatusInput!) { recordObligationStatus(input: $input) { obligation { history { state } } errors { code } } }";
        let seen = portal.ask_with(query, attested.clone()).await["recordObligationStatus"].clone();
        assert_eq!((seen["obligation"]["history"].as_array().unwrap().len(), &seen["errors"]), (2, &json!([])));
        // Who recorded it is not for the client.
        let query = "mutation ($input: RecordObligationStatusInput!) { recordObligationStatus(input: $input) { obligation { history { recordedBy } } } }";
        assert_eq!(code(&portal.refused(query, attested).await[0]), "FORBIDDEN obligations:write");
    }

    async fn a_failure_bites_after_its_grace_until_it_is_mended(remit: Remit) {
        let admin = agreement(&remit).await;
        let selection = "obligation { code state stateAt(at: \"2026-10-31T00:00:00Z\") history { state since until status evidence recordedBy recordedAt } }";
        let failed = with(record("UNMET", "2026-11-01T00:00:00Z"), "evidence", json!("Backup report of 1 November"));
        let done = admin.done("recordObligationStatus", failed.clone(), selection).await;
        let first = json!({"state": "UNMET", "since": "2026-11-01T00:00:00Z", "until": null, "status": "RECORDED",
            "evidence": "Backup report of 1 November", "recordedBy": "tester", "recordedAt": "2026-11-23T12:00:00Z"});
        assert_eq!(done["obligation"], json!({"code": "BACKUP-DISK", "state": "UNMET", "stateAt": "UNKNOWN", "history": [first]}));
        // A retry changes nothing.
        let again = admin.done("recordObligationStatus", failed, selection).await;
        assert_eq!(again, done);
        admin.done("recordObligationStatus", record("MET", "2026-11-20T08:00:00Z"), "").await;
        for (at, expected, reason) in [
            ("2026-10-31T23:59:59Z", true, "OBLIGATION_UNKNOWN"),
            ("2026-11-07T23:59:59Z", true, "OBLIGATION_IN_GRACE"),
            ("2026-11-08T00:00:00Z", false, "OBLIGATION_UNMET"),
            ("2026-11-20T07:59:59Z", false, "OBLIGATION_UNMET"),
            ("2026-11-20T08:00:00Z", true, ""),
        ] {
            let (is_liable, reasons) = liable(&admin, at).await;
            assert_eq!((is_liable, reasons.first().map_or("", String::as_str)), (expected, reason), "{at}");
        }
        // It was written down after the failure, and the answer says so.
        assert_eq!(liable(&admin, "2026-11-08T00:00:00Z").await.1, ["OBLIGATION_UNMET", "OBLIGATION_RECORDED_LATE"]);
    }

    async fn a_waiver_holds_until_its_end(remit: Remit) {
        let admin = agreement(&remit).await;
        admin.done("recordObligationStatus", record("UNMET", "2026-09-01T00:00:00Z"), "").await;
        let waiver = with(record("WAIVED", "2026-10-01T00:00:00Z"), "until", json!("2026-11-01T00:00:00Z"));
        admin.done("recordObligationStatus", waiver, "").await;
        assert!(!liable(&admin, "2026-09-30T23:59:59Z").await.0);
        assert_eq!(liable(&admin, "2026-10-31T23:59:59Z").await, (true, vec!["OBLIGATION_WAIVED".into()]));
        assert!(!liable(&admin, "2026-11-01T00:00:00Z").await.0);
        // A waiver can begin later; nothing else can.
        let later = with(record("WAIVED", "2026-12-01T00:00:00Z"), "until", json!("2027-01-01T00:00:00Z"));
        admin.done("recordObligationStatus", later, "obligation { state }").await;
        assert!(liable(&admin, "2026-12-31T23:59:59Z").await.0);
        for (input, refused) in [
            (record("UNMET", "2026-11-23T12:00:01Z"), "INVALID input.since"),
            (with(record("UNMET", "2026-11-01T00:00:00Z"), "until", json!("2026-11-02T00:00:00Z")), "INVALID input.until"),
            (with(record("WAIVED", "2026-11-01T00:00:00Z"), "until", json!("2026-11-01T00:00:00Z")), "INVALID input.until"),
            (with(record("MET", "2026-11-01T00:00:00Z"), "code", json!("NOPE")), "NOT_FOUND input.code"),
            (with(record("MET", "2026-11-01T00:00:00Z"), "agreement", json!({"code": "NOPE"})), "NOT_FOUND input.agreement"),
            (with(record("MET", "2026-11-01T00:00:00Z"), "evidence", json!("x".repeat(10_001))), "INVALID input.evidence"),
        ] {
            assert_eq!(admin.denied("recordObligationStatus", input).await, [refused]);
        }
    }

    async fn the_client_attests_and_the_provider_judges(remit: Remit) {
        let admin = agreement(&remit).await;
        admin.done("recordObligationStatus", record("UNMET", "2026-09-01T00:00:00Z"), "").await;
        let portal = remit.portal("acme", "NORTHWIND", "obligations:write agreements:read coverage:read");
        let mended = with(record("MET", "2026-11-01T00:00:00Z"), "evidence", json!("Photo of the disk"));
        let selection = "obligation { state history { id state status evidence rejection judgedAt } }";
        let said = portal.done("recordObligationStatus", mended.clone(), selection).await["obligation"].clone();
        assert_eq!((&said["state"], &said["history"][0]["status"]), (&json!("UNMET"), &json!("ATTESTED")));
        assert_eq!(portal.done("recordObligationStatus", mended.clone(), selection).await["obligation"], said);
        let (is_liable, reasons) = liable(&admin, "2026-11-20T00:00:00Z").await;
        assert_eq!((is_liable, reasons[0].as_str()), (false, "OBLIGATION_ATTESTED"));

        // Judged: rejected, said again, confirmed.
        let id = said["history"][0]["id"].clone();
        let reject = json!({"status": id, "reason": "The disk is full."});
        let rejected = admin.done("rejectObligationStatus", reject.clone(), selection).await["obligation"].clone();
        assert_eq!((&rejected["history"][0]["status"], &rejected["history"][0]["rejection"]), (&json!("REJECTED"), &json!("The disk is full.")));
        assert_eq!(admin.done("rejectObligationStatus", reject, selection).await["obligation"], rejected);
        assert_eq!(admin.denied("confirmObligationStatus", json!({"status": id})).await, ["CONFLICT input.status"]);
        let again = portal.done("recordObligationStatus", mended, selection).await["obligation"].clone();
        assert_eq!(again["history"].as_array().unwrap().len(), 3);
        let id = again["history"][0]["id"].clone();
        let confirmed = admin.done("confirmObligationStatus", json!({"status": id}), "obligation { state history { status judgedBy judgedAt } }").await;
        assert_eq!(confirmed["obligation"]["state"], "MET");
        assert_eq!(confirmed["obligation"]["history"][0], json!({"status": "CONFIRMED", "judgedBy": "tester", "judgedAt": "2026-11-23T12:00:00Z"}));
        assert!(liable(&admin, "2026-11-20T00:00:00Z").await.0);
        let node = portal.ask_with("query ($id: ID!) { node(id: $id) { id ... on ObligationStatus { state } } }", json!({"id": id})).await;
        assert_eq!(node["node"], json!({"id": id, "state": "MET"}));
        let recorded = again["history"][2]["id"].clone();
        assert_eq!(admin.denied("confirmObligationStatus", json!({"status": recorded})).await, ["CONFLICT input.status"]);
        assert_eq!(admin.denied("confirmObligationStatus", json!({"status": "obs_0193f00000007000800000000000000a"})).await, ["NOT_FOUND input.status"]);
        assert_eq!(admin.denied("confirmObligationStatus", json!({"status": "nonsense"})).await, ["NOT_FOUND input.status"]);
    }

    async fn a_client_sees_and_says_only_what_is_its_own(remit: Remit) {
        let admin = agreement(&remit).await;
        admin.done("putClient", json!({"code": "SOUTHWIND", "name": "Southwind"}), "").await;
        let done = admin.done("recordObligationStatus", record("UNMET", "2026-09-01T00:00:00Z"), "obligation { history { id } }").await;
        let id = done["obligation"]["history"][0]["id"].clone();
        let scopes = "obligations:write agreements:read coverage:read";
        for client in ["SOUTHWIND", "NOBODY"] {
            let other = remit.portal("acme", client, scopes);
            let unknown = with(record("MET", "2026-11-01T00:00:00Z"), "agreement", json!({"code": "NOPE"}));
            let (theirs, none) = (other.call("recordObligationStatus", record("MET", "2026-11-01T00:00:00Z"), "obligation { id }").await, other.call("recordObligationStatus", unknown, "obligation { id }").await);
            assert_eq!(theirs, none);
            let node = other.ask_with("query ($id: ID!) { node(id: $id) { id } }", json!({"id": id})).await;
            assert_eq!(node["node"], Value::Null);
        }
        let own = remit.portal("acme", "NORTHWIND", scopes);
        let history = "{ agreement(by: {code: \"MSA-1\"}) { terms { obligations { history { state recordedBy } } } } }";
        assert_eq!(crate::support::code(&own.refused(history, json!({})).await[0]), "FORBIDDEN agreements:read");
        // Nor through an answer of coverage.
        let through = "{ coverage(input: {agreement: {code: \"MSA-1\"}, service: {code: \"BACKUP\"}, at: \"2026-11-20T00:00:00Z\"}) { unmetObligations { history { recordedBy } } } }";
        assert_eq!(crate::support::code(&own.refused(through, json!({})).await[0]), "FORBIDDEN coverage:read");
        assert_eq!(admin.ask(through).await["coverage"]["unmetObligations"][0]["history"][0]["recordedBy"], "tester");
        for mutation in ["confirmObligationStatus", "rejectObligationStatus"] {
            let kind = mutation.replacen(|first: char| first.is_ascii_lowercase(), &mutation[..1].to_ascii_uppercase(), 1);
            let document = format!("mutation ($input: {kind}Input!) {{ {mutation}(input: $input) {{ errors {{ code }} }} }}");
            let input = if mutation.starts_with('r') { json!({"status": id, "reason": "x"}) } else { json!({"status": id}) };
            assert_eq!(crate::support::code(&own.refused(&document, json!({"input": input})).await[0]), "FORBIDDEN obligations:write");
        }
    }

    async fn an_amendment_does_not_forget_how_obligations_stand(remit: Remit) {
        let admin = agreement(&remit).await;
        admin.done("recordObligationStatus", record("UNMET", "2026-11-01T00:00:00Z"), "").await;
        let of = json!({"agreement": {"code": "MSA-1"}});
        admin.done("draftTerms", with(of.clone(), "effectiveFrom", json!("2026-11-15")), "").await;
        admin.done("offerTerms", of.clone(), "").await;
        admin.done("activateTerms", with(of, "acceptedBy", json!("Northwind")), "").await;
        let versions = admin.ask("{ agreement(by: {code: \"MSA-1\"}) { versions { version obligations { state history { state } } } } }").await;
        let stands = json!([{"state": "UNMET", "history": [{"state": "UNMET"}]}]);
        assert_eq!(versions["agreement"]["versions"], json!([{"version": 2, "obligations": stands}, {"version": 1, "obligations": stands}]));
        assert!(!liable(&admin, "2026-11-10T00:00:00Z").await.0);
        assert!(!liable(&admin, "2026-11-20T00:00:00Z").await.0);
    }
}
