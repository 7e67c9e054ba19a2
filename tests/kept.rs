//! What a server keeps in memory is never older than what the database says, nor newer.

use serde_json::{Value, json};

use crate::support::{User, both, fixtures};

const TERMS: &str = "{ agreement(by: {code: \"MSA-1\"}) { terms { services { note service { name components { code } } } tier { name revision } calendar { name exceptions { date name } } } } }";

const VERSIONS: &str = "{ agreement(by: {code: \"MSA-1\"}) { client { name } versions { version status } } }";

/// What is known of the backup disk, and whether the provider is liable for backups all the same.
const OBLIGATIONS: &str = "{ agreement(by: {code: \"MSA-1\"}) { terms { obligations { history { state status } } } }
    coverage(input: {agreement: {code: \"MSA-1\"}, service: {code: \"BACKUP\"}, at: \"2026-11-20T15:00:00Z\"}) { liable } }";

/// A Monday in December, in business hours.
const COVERAGE: &str = "{ coverage(input: {agreement: {code: \"MSA-1\"}, service: {code: \"HELPDESK\"}, at: \"2026-12-21T15:00:00Z\"}) { hoursClass } }";

async fn hours_class(user: &User<'_>) -> Value {
    user.ask(COVERAGE).await["coverage"]["hoursClass"].clone()
}

both! {
    async fn what_another_server_writes_of_the_catalogue_is_seen_at_once(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        let beside = remit.beside().await;
        let portal = beside.portal("acme", "NORTHWIND", "agreements:read catalogue:read coverage:read");
        let other = beside.admin("acme");
        for user in [&admin, &other, &portal] {
            assert_eq!(user.ask(TERMS).await["agreement"]["terms"]["services"][0]["service"]["name"], "helpdesk");
            assert_eq!(hours_class(user).await, "BUSINESS");
        }
        admin.done("putService", json!({"code": "HELPDESK", "name": "Service desk", "kind": "SUPPORT"}), "").await;
        admin.done("putSlaTier", json!({"name": "Gold and more", "code": "GOLD", "targets": fixtures::tier()["targets"]}), "").await;
        let mut calendar = fixtures::calendar();
        calendar["name"] = "Opening hours".into();
        calendar["exceptions"].as_array_mut().unwrap().push(json!({"date": "2026-12-21", "name": "Inventory"}));
        admin.done("putCalendar", calendar, "").await;
        for user in [&admin, &other, &portal] {
            let terms = user.ask(TERMS).await["agreement"]["terms"].clone();
            assert_eq!(terms["services"][0]["service"]["name"], "Service desk");
            assert_eq!(terms["tier"], json!({"name": "Gold and more", "revision": 1}));
            assert_eq!(terms["calendar"]["name"], "Opening hours");
            assert_eq!(terms["calendar"]["exceptions"][1], json!({"date": "2026-12-21", "name": "Inventory"}));
            assert_eq!(hours_class(user).await, "HOLIDAY");
        }
    }

    async fn what_another_server_writes_of_an_agreement_is_seen_at_once(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        let beside = remit.beside().await;
        let portal = beside.portal("acme", "NORTHWIND", "agreements:read catalogue:read clients:read coverage:read");
        let other = beside.admin("acme");
        let told = async |user: &User<'_>| {
            let found = user.ask(VERSIONS).await["agreement"].clone();
            let versions: Vec<String> = found["versions"].as_array().unwrap().iter().map(|v| format!("{} {}", v["version"], v["status"])).collect();
            (versions.join(", "), found["client"]["name"].as_str().unwrap().to_owned())
        };
        let seen = async |versions: [&str; 3], name: &str| {
            for (user, versions) in [&admin, &other, &portal].into_iter().zip(versions) {
                assert_eq!(told(user).await, (versions.replace('\'', "\""), name.to_owned()));
            }
        };
        seen(["1 'IN_FORCE'"; 3], "Northwind").await;
        let (drafted, unseen) = ("2 'DRAFT', 1 'IN_FORCE'", "1 'IN_FORCE'");
        let mut draft = fixtures::draft("MSA-1");
        draft["effectiveFrom"] = "2027-06-01".into();
        admin.done("draftTerms", draft, "").await;
        seen([drafted, drafted, unseen], "Northwind").await;
        let agreement = json!({"agreement": {"code": "MSA-1"}});
        other.done("offerTerms", agreement.clone(), "").await;
        admin.done("putClient", json!({"code": "NORTHWIND", "name": "Northwind Traders"}), "").await;
        seen(["2 'OFFERED', 1 'IN_FORCE'"; 3], "Northwind Traders").await;
        admin.done("withdrawTerms", json!({"agreement": {"code": "MSA-1"}, "reason": "Too early."}), "").await;
        seen(["2 'WITHDRAWN', 1 'IN_FORCE'"; 3], "Northwind Traders").await;
        assert_eq!(hours_class(&other).await, "BUSINESS");
        let end = json!({"agreement": {"code": "MSA-1"}, "on": "2026-12-01", "reason": "Moved away."});
        admin.done("terminateAgreement", end, "").await;
        for user in [&admin, &other, &portal] {
            assert_eq!(hours_class(user).await, Value::Null);
        }
    }

    async fn what_is_said_of_obligations_on_another_server_is_seen_at_once(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        let beside = remit.beside().await;
        let portal = beside.portal("acme", "NORTHWIND", "obligations:write agreements:read coverage:read");
        let other = beside.admin("acme");
        let seen = async |states: &str, liable: bool| {
            for user in [&admin, &other, &portal] {
                let found = user.ask(OBLIGATIONS).await;
                let history = found["agreement"]["terms"]["obligations"][0]["history"].as_array().unwrap();
                let told: Vec<String> = history.iter().map(|one| format!("{} {}", one["state"], one["status"])).collect();
                assert_eq!(told.join(", ").replace('"', ""), states);
                assert_eq!(found["coverage"]["liable"], liable, "{found}");
            }
        };
        let say = |state: &str, since: &str| json!({"agreement": {"code": "MSA-1"}, "code": "BACKUP-DISK", "state": state, "since": since});
        seen("", true).await;
        admin.done("recordObligationStatus", say("UNMET", "2026-09-01T00:00:00Z"), "").await;
        seen("UNMET RECORDED", false).await;
        let said = portal.done("recordObligationStatus", say("MET", "2026-10-01T00:00:00Z"), "obligation { history { id } }").await;
        seen("MET ATTESTED, UNMET RECORDED", false).await;
        admin.done("confirmObligationStatus", json!({"status": said["obligation"]["history"][0]["id"]}), "").await;
        seen("MET CONFIRMED, UNMET RECORDED", true).await;
        // Where the whole request is taken back, so is what it said.
        let clerk = remit.user("acme", "agreements:read agreements:write coverage:read obligations:write");
        let request = "mutation { recordObligationStatus(input: {agreement: {code: \"MSA-1\"}, code: \"BACKUP-DISK\", state: UNMET, since: \"2026-11-02T00:00:00Z\"}) { obligation { state } }
             putClient(input: {code: \"X\", name: \"X\"}) { errors { code } } }";
        assert_eq!(clerk.send_keyed("k", request, json!({})).await["errors"][0]["extensions"]["code"], "FORBIDDEN");
        seen("MET CONFIRMED, UNMET RECORDED", true).await;
        other.done("recordObligationStatus", say("UNMET", "2026-11-01T00:00:00Z"), "").await;
        seen("UNMET RECORDED, MET CONFIRMED, UNMET RECORDED", false).await;
    }

    async fn what_was_taken_back_is_not_remembered(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        admin.done("createAgreement", json!({"number": "MSA-1", "title": "Care", "client": {"code": "NORTHWIND"}, "currency": "USD"}), "").await;
        admin.done("draftTerms", fixtures::draft("MSA-1"), "").await;
        // Everything is done and read, then the last field is refused: the whole request with a key is taken back.
        let clerk = remit.user("acme", "agreements:read agreements:write catalogue:read catalogue:write");
        let request = format!(
            "mutation {{ putService(input: {{code: \"HELPDESK\", name: \"Never\", kind: SUPPORT}}) {{ service {{ name }} }}
             offerTerms(input: {{agreement: {{code: \"MSA-1\"}}}}) {{ errors {{ code }} agreement {TERMS_OF_PENDING} }}
             putClient(input: {{code: \"X\", name: \"X\"}}) {{ errors {{ code }} }} }}"
        );
        let refused = clerk.send_keyed("k", &request, json!({})).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN", "{refused}");
        admin.done("putService", json!({"code": "HELPDESK", "name": "Service desk", "kind": "SUPPORT"}), "").await;
        let mut draft = fixtures::draft("MSA-1");
        draft["services"][0]["note"] = "As agreed.".into();
        admin.done("draftTerms", draft, "").await;
        admin.done("offerTerms", json!({"agreement": {"code": "MSA-1"}}), "").await;
        let found = admin.ask(&format!("{{ agreement(by: {{code: \"MSA-1\"}}) {TERMS_OF_PENDING} }}")).await;
        let service = &found["agreement"]["pending"]["services"][0];
        assert_eq!((&service["note"], &service["service"]["name"]), (&json!("As agreed."), &json!("Service desk")));
    }
}

const TERMS_OF_PENDING: &str = "{ pending { status services { note service { name } } obligations { id code } } }";
