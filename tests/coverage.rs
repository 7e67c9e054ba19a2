//! A PSA asks whether something is covered.

use serde_json::{Value, json};

use crate::support::{User, both, fixtures};

/// Asks by the agreement MSA-1; the fields that are selected.
async fn decide(user: &User<'_>, question: Value, selection: &str) -> Value {
    let mut question = question;
    if question.get("client").is_none() && question.get("agreement").is_none() {
        question["agreement"] = json!({"code": "MSA-1"});
    }
    let query = format!("query ($input: CoverageInput!) {{ coverage(input: $input) {{ {selection} }} }}");
    user.ask_with(&query, json!({"input": question})).await["coverage"].clone()
}

/// The codes of a decision's reasons.
fn codes(decision: &Value) -> Vec<&str> {
    decision["reasons"].as_array().unwrap().iter().map(|reason| reason["code"].as_str().unwrap()).collect()
}

const MONDAY_TEN: &str = "2026-11-23T15:00:00Z";

both! {
    async fn a_psa_gets_its_whole_answer(remit: Remit) {
        fixtures::catalogue(&remit.admin("acme")).await;
        fixtures::agreement_in_force(&remit.admin("acme"), "MSA-1").await;
        let psa = remit.user("acme", "coverage:read");
        let question = json!({"service": {"code": "BACKUP"}, "priority": "P2", "scenario": "HARDWARE_FAILURE", "at": "2026-11-20T21:30:00Z"});
        let selection = "verdict responsible liable hoursClass offered chargeable hourlyRate { amount currency } nextOpening
            terms { version status effectiveFrom } costs { item } unmetObligations { code }
            deadlines { milestone due target { within } segments { from to counts why } } reasons { code clause text }";
        let decision = decide(&psa, question, selection).await;
        let expected = [
            ("verdict", json!("INCLUDED")), ("responsible", json!("SHARED")), ("liable", json!(true)), ("hoursClass", json!("BUSINESS")),
            ("offered", json!(true)), ("chargeable", json!(false)), ("hourlyRate", Value::Null), ("nextOpening", json!("2026-11-23T13:00:00Z")),
            ("terms", json!({"version": 1, "status": "IN_FORCE", "effectiveFrom": "2026-01-01"})), ("costs", json!([])), ("unmetObligations", json!([])),
        ];
        for (field, value) in expected {
            assert_eq!(decision[field], value, "{field}");
        }
        // Half an hour before closing on Friday: what is left runs on Monday.
        assert_eq!(decision["deadlines"][0]["due"], "2026-11-23T13:30:00Z");
        assert_eq!(decision["deadlines"][0]["segments"], json!([
            {"from": "2026-11-20T21:30:00Z", "to": "2026-11-20T22:00:00Z", "counts": true, "why": "open hours"},
            {"from": "2026-11-20T22:00:00Z", "to": "2026-11-23T13:00:00Z", "counts": false, "why": "closed"},
            {"from": "2026-11-23T13:00:00Z", "to": "2026-11-23T13:30:00Z", "counts": true, "why": "open hours"}]));
        assert_eq!(decision["deadlines"][1]["due"], "2026-11-23T20:30:00Z");
        let codes = codes(&decision);
        assert_eq!(codes, ["IN_FORCE", "PACKAGE_INCLUDES", "RESPONSIBLE", "OBLIGATION_UNKNOWN", "IN_FEE", "TARGET", "TARGET", "NEAR_MISS"]);
        let clauses: Vec<&Value> = decision["reasons"].as_array().unwrap().iter().map(|reason| &reason["clause"]).collect();
        assert_eq!(clauses, [&Value::Null, &json!("1.1.2"), &json!("3.1"), &json!("4.1"), &json!("2.3.3"), &json!("2.2.3"), &json!("2.2.4"), &json!("3.5")]);
    }

    async fn verdicts_and_prices_follow_the_rules(remit: Remit) {
        fixtures::catalogue(&remit.admin("acme")).await;
        fixtures::agreement_in_force(&remit.admin("acme"), "MSA-1").await;
        let psa = remit.user("acme", "coverage:read");
        let at = |at: &str, service: &str| json!({"service": {"code": service}, "at": at});
        for (question, verdict, liable, class, chargeable, rate) in [
            (at(MONDAY_TEN, "HELPDESK"), "INCLUDED", true, "BUSINESS", false, Value::Null),
            (at("2026-11-23T23:00:00Z", "HELPDESK"), "INCLUDED", true, "AFTER_HOURS", true, json!("225.00")),
            (at("2026-11-28T15:00:00Z", "HELPDESK"), "INCLUDED", true, "WEEKEND", true, json!("225.00")),
            (at("2026-11-26T15:00:00Z", "HELPDESK"), "INCLUDED", true, "HOLIDAY", true, json!("300.00")),
            // What the fee does not cover is charged in business hours too, at the plain rate.
            (at(MONDAY_TEN, "PROJECTS"), "EXCLUDED", false, "BUSINESS", true, json!("150.00")),
            (at(MONDAY_TEN, "NOTHING"), "NOT_LISTED", false, "BUSINESS", true, json!("150.00")),
            // Exactly at closing it is closed.
            (at("2026-11-23T22:00:00Z", "HELPDESK"), "INCLUDED", true, "AFTER_HOURS", true, json!("225.00")),
            (at("2026-11-23T13:00:00Z", "HELPDESK"), "INCLUDED", true, "BUSINESS", false, Value::Null),
            // Without a service the scenario decides.
            (json!({"scenario": "SYSTEM_FAILURE", "at": MONDAY_TEN}), "INCLUDED", true, "BUSINESS", false, Value::Null),
            (json!({"scenario": "NETWORK_FAILURE", "at": MONDAY_TEN}), "NOT_LISTED", false, "BUSINESS", true, json!("150.00")),
            (json!({"scenario": "USER_ERROR", "component": "WORKSTATION", "at": MONDAY_TEN}), "EXCLUDED", false, "BUSINESS", true, json!("150.00")),
        ] {
            let decision = decide(&psa, question.clone(), "verdict liable hoursClass chargeable hourlyRate { amount }").await;
            let expected = json!({"verdict": verdict, "liable": liable, "hoursClass": class, "chargeable": chargeable,
                "hourlyRate": if rate.is_null() { rate } else { json!({"amount": rate}) }});
            assert_eq!(decision, expected, "{question}");
        }
    }

    async fn the_most_specific_responsibility_answers(remit: Remit) {
        fixtures::catalogue(&remit.admin("acme")).await;
        fixtures::agreement_in_force(&remit.admin("acme"), "MSA-1").await;
        let psa = remit.user("acme", "coverage:read");
        let question = |component: Value| json!({"service": {"code": "HELPDESK"}, "scenario": "HARDWARE_FAILURE", "component": component, "at": MONDAY_TEN});
        let selection = "responsible liable costs { item party }";
        let workstation = decide(&psa, question(json!("WORKSTATION")), selection).await;
        assert_eq!(workstation, json!({"responsible": "CLIENT", "liable": false, "costs": [{"item": "LABOUR", "party": "PROVIDER"}]}));
        let server = decide(&psa, question(json!("SERVER")), selection).await;
        assert_eq!(server, json!({"responsible": "SHARED", "liable": true, "costs": []}));
    }

    async fn an_unknown_handle_is_an_answer(remit: Remit) {
        fixtures::catalogue(&remit.admin("acme")).await;
        fixtures::agreement_in_force(&remit.admin("acme"), "MSA-1").await;
        let psa = remit.user("acme", "coverage:read");
        let selection = "verdict terms { id } responsible costs { item } liable unmetObligations { code } hoursClass offered chargeable
            hourlyRate { amount } deadlines { due } nextOpening reasons { code }";
        for (question, reason) in [
            (json!({"agreement": {"code": "NONE"}, "at": MONDAY_TEN}), "AGREEMENT_UNKNOWN"),
            (json!({"agreement": {"id": "nonsense"}, "at": MONDAY_TEN}), "AGREEMENT_UNKNOWN"),
            (json!({"client": {"external": {"system": "psa", "id": "1"}}, "at": MONDAY_TEN}), "CLIENT_UNKNOWN"),
            (json!({"agreement": {"code": "MSA-1"}, "at": "2025-12-31T23:00:00Z"}), "NOT_IN_FORCE"),
        ] {
            let expected = json!({"verdict": "NOT_IN_FORCE", "terms": null, "responsible": null, "costs": [], "liable": false, "unmetObligations": [],
                "hoursClass": null, "offered": false, "chargeable": false, "hourlyRate": null, "deadlines": [], "nextOpening": null, "reasons": [{"code": reason}]});
            assert_eq!(decide(&psa, question, selection).await, expected);
        }
        let foreign = decide(&remit.user("zenith", "coverage:read"), json!({"at": MONDAY_TEN}), selection).await;
        assert_eq!(codes(&foreign), ["AGREEMENT_UNKNOWN"]);
        let unknown = decide(&psa, json!({"service": {"code": "NOTHING"}, "at": MONDAY_TEN}), "reasons { code }").await;
        assert!(codes(&unknown).contains(&"SERVICE_UNKNOWN"));
    }

    async fn a_client_with_several_agreements_gets_the_best_answer(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-2").await;
        admin.done("createAgreement", json!({"number": "MSA-1", "title": "Projects", "client": {"code": "NORTHWIND"}, "currency": "USD"}), "").await;
        let mut draft = fixtures::draft("MSA-1");
        draft["services"] = json!([{"service": {"code": "PROJECTS"}}]);
        draft["exclusions"] = json!([{"title": "Help", "reason": "See the other agreement.", "service": {"code": "HELPDESK"}}]);
        admin.done("draftTerms", draft, "").await;
        admin.done("offerTerms", json!({"agreement": {"code": "MSA-1"}}), "").await;
        admin.done("activateTerms", json!({"agreement": {"code": "MSA-1"}, "acceptedBy": "board"}), "").await;
        for (service, number) in [("PROJECTS", "MSA-1"), ("HELPDESK", "MSA-2")] {
            let question = json!({"client": {"code": "NORTHWIND"}, "service": {"code": service}, "at": MONDAY_TEN});
            let decision = decide(&admin, question, "verdict terms { agreement { number } }").await;
            assert_eq!(decision, json!({"verdict": "INCLUDED", "terms": {"agreement": {"number": number}}}));
        }
        // With nothing to choose between them the first number decides.
        let question = json!({"client": {"code": "NORTHWIND"}, "scenario": "SYSTEM_FAILURE", "at": MONDAY_TEN});
        assert_eq!(decide(&admin, question, "terms { agreement { number } }").await["terms"]["agreement"]["number"], "MSA-1");
    }

    async fn many_questions_are_answered_in_their_order(remit: Remit) {
        fixtures::catalogue(&remit.admin("acme")).await;
        fixtures::agreement_in_force(&remit.admin("acme"), "MSA-1").await;
        let psa = remit.user("acme", "coverage:read");
        let question = |service: &str| json!({"agreement": {"code": "MSA-1"}, "service": {"code": service}, "at": MONDAY_TEN});
        let query = "query ($inputs: [CoverageInput!]!) { coverages(inputs: $inputs) { verdict } }";
        let inputs = json!([question("PROJECTS"), question("NOTHING"), question("HELPDESK")]);
        let answers = psa.ask_with(query, json!({"inputs": inputs})).await;
        assert_eq!(answers["coverages"], json!([{"verdict": "EXCLUDED"}, {"verdict": "NOT_LISTED"}, {"verdict": "INCLUDED"}]));
    }
}
