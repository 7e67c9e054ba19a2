//! How commitments came out: promised, measured, kept or not.

use serde_json::{Value, json};

use crate::support::{Remit, User, both, code, fixtures};

async fn agreement(remit: &Remit) -> User<'_> {
    let admin = remit.admin("acme");
    fixtures::catalogue(&admin).await;
    fixtures::agreement_in_force(&admin, "MSA-1").await;
    admin
}

fn of(id: &str, mut content: Value) -> Value {
    content["ref"] = json!({"system": "monitor", "id": id});
    content["agreement"] = json!({"code": "MSA-1"});
    content
}

async fn outages(admin: &User<'_>, list: &[(&str, &str, Value)]) {
    let item = |(place, (from, to, more)): (usize, &(&str, &str, Value))| {
        let mut item = of(&place.to_string(), json!({"subject": "mail", "startedAt": from, "endedAt": to}));
        for (field, value) in more.as_object().unwrap() {
            item[field] = value.clone();
        }
        item
    };
    let list: Vec<Value> = list.iter().enumerate().map(item).collect();
    let done = admin.done("recordOutages", json!({"outages": list}), "results { outcome }").await;
    assert!(done["results"].as_array().unwrap().iter().all(|result| result["outcome"] == "CREATED"), "{done:#}");
}

/// A part of the report from a day to a day in New York, both in the months without summer time.
async fn report(user: &User<'_>, from: &str, to: &str, selection: &str) -> Value {
    let query = format!(
        "query ($from: DateTime!, $to: DateTime!) {{ agreement(by: {{code: \"MSA-1\"}}) {{ terms {{ commitmentReport(from: $from, to: $to) {{ {selection} }} }} }} }}"
    );
    let times = json!({"from": format!("{from}T05:00:00Z"), "to": format!("{to}T05:00:00Z")});
    user.ask_with(&query, times).await["agreement"]["terms"]["commitmentReport"].take()
}

const AVAILABILITY: &str = "availability { clause subject promisedPercent state windows { firstDay lastDay state measuredPercent base allowedDowntime downtime segments { from to counts why } credits { percent why } } }";

both! {
    async fn an_availability_is_held_against_outages(remit: Remit) {
        let admin = agreement(&remit).await;
        let unknown = report(&admin, "2026-02-01", "2026-03-01", AVAILABILITY).await;
        assert_eq!(unknown["availability"][0]["state"], "NOT_KNOWN");
        assert_eq!(unknown["availability"][0]["windows"][0]["measuredPercent"], Value::Null);
        let watch = json!({"agreement": {"code": "MSA-1"}, "subject": "Mail", "since": "2026-01-01T05:00:00Z"});
        admin.done("watchSubject", watch, "").await;
        outages(&admin, &[
            ("2026-02-10T10:00:00Z", "2026-02-10T10:30:00Z", json!({"cause": "a disk"})),
            ("2026-03-10T10:00:00Z", "2026-03-10T12:00:00Z", json!({})),
        ]).await;
        let found = report(&admin, "2026-01-01", "2026-04-01", AVAILABILITY).await;
        let mail = &found["availability"][0];
        assert_eq!((&mail["clause"], &mail["subject"], &mail["promisedPercent"], &mail["state"]), (&json!("7.1.1"), &json!("Mail"), &json!("99.9"), &json!("NOT_KEPT")));
        let states: Vec<_> = mail["windows"].as_array().unwrap().iter().map(|w| (w["firstDay"].as_str().unwrap(), w["state"].as_str().unwrap())).collect();
        // The first of April is still March in New York: the clocks went forward.
        assert_eq!(states, [("2026-01-01", "KEPT"), ("2026-02-01", "KEPT"), ("2026-03-01", "NOT_KEPT"), ("2026-04-01", "KEPT")]);
        let february = json!({
            "firstDay": "2026-02-01", "lastDay": "2026-02-28", "state": "KEPT", "measuredPercent": "99.925595", "base": "PT672H",
            "allowedDowntime": "PT40M19.2S", "downtime": "PT30M", "credits": [],
            "segments": [{"from": "2026-02-10T10:00:00Z", "to": "2026-02-10T10:30:00Z", "counts": true, "why": "downtime"}],
        });
        assert_eq!(mail["windows"][1], february);
        let running = report(&admin, "2026-11-01", "2026-12-01", AVAILABILITY).await;
        assert_eq!(running["availability"][0]["windows"][0]["state"], "RUNNING");
        let before = report(&admin, "2025-01-01", "2025-12-01", AVAILABILITY).await;
        assert_eq!(before["availability"][0]["windows"], json!([]));
    }

    async fn maintenance_is_said_and_credits_are_seen(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let mut draft = fixtures::draft("MSA-1");
        draft["availability"] = json!([{
            "subject": "Mail", "percent": "99.9", "window": "CALENDAR_MONTH", "maintenanceNotice": "PT24H", "maintenanceAllowance": "PT2H",
            "credits": [{"fromPercent": "99", "belowPercent": "99.9", "creditPercent": "5"}, {"belowPercent": "99", "creditPercent": "10"}],
        }]);
        admin.done("createAgreement", json!({"number": "MSA-1", "title": "Services", "client": {"code": "NORTHWIND"}, "currency": "USD"}), "").await;
        admin.done("draftTerms", draft, "").await;
        admin.done("offerTerms", json!({"agreement": {"code": "MSA-1"}}), "").await;
        admin.done("activateTerms", json!({"agreement": {"code": "MSA-1"}, "acceptedBy": "Northwind"}), "").await;
        let planned = json!({"maintenance": {"announcedAt": "2026-02-07T00:00:00Z", "from": "2026-02-10T06:00:00Z", "until": "2026-02-10T09:00:00Z"}});
        outages(&admin, &[("2026-01-20T10:00:00Z", "2026-01-20T10:01:00Z", json!({})), ("2026-02-10T06:00:00Z", "2026-02-10T09:30:00Z", planned)]).await;
        let found = report(&admin, "2026-02-01", "2026-03-01", AVAILABILITY).await;
        let february = &found["availability"][0]["windows"][0];
        assert_eq!((&february["downtime"], &february["state"]), (&json!("PT1H30M"), &json!("NOT_KEPT")));
        let segments = json!([
            {"from": "2026-02-10T06:00:00Z", "to": "2026-02-10T08:00:00Z", "counts": false, "why": "maintenance that does not count"},
            {"from": "2026-02-10T08:00:00Z", "to": "2026-02-10T09:30:00Z", "counts": true, "why": "downtime"},
        ]);
        assert_eq!(february["segments"], segments);
        assert_eq!(february["credits"], json!([{"percent": "5", "why": "99.776785 % was reached, below 99.9 %"}]));
    }

    async fn backups_and_measurements_are_held_against_what_was_recorded(remit: Remit) {
        let admin = agreement(&remit).await;
        let selection = "performance { clause component metric comparator value unit state windows { firstDay measured measurements state } }
            backups { clause subject state interval { promised measured state } retention { promised measured state } offSite { measured state }
                      restoreTest { promised measured state } restoreWithin { promised } runs failed }";
        let nothing = report(&admin, "2026-02-01", "2026-02-04", selection).await;
        assert_eq!(nothing["backups"][0]["state"], "NOT_KNOWN");
        assert_eq!(nothing["performance"][0]["windows"], json!([{"firstDay": "2026-02-01", "measured": null, "measurements": 0, "state": "NOT_KNOWN"}]));
        let run = |day: &str, outcome: &str| of(day, json!({"subject": "servers", "startedAt": format!("{day}T07:00:00Z"), "endedAt": format!("{day}T08:00:00Z"),
            "outcome": outcome, "offSite": true, "keptUntil": "2026-03-10T07:00:00Z"}));
        let runs = json!([run("2026-01-31", "SUCCEEDED"), run("2026-02-01", "SUCCEEDED"), run("2026-02-02", "FAILED"), run("2026-02-03", "SUCCEEDED"), run("2026-02-04", "SUCCEEDED")]);
        admin.done("recordBackupRuns", json!({"runs": runs}), "").await;
        let value = |id: &str, value: &str, at: &str| of(id, json!({"component": "HARDWARE", "metric": "Uptime", "value": value, "unit": "%", "from": at}));
        let values = json!([value("a", "99", "2026-02-01T05:00:00Z"), value("b", "100", "2026-02-28T05:00:00Z"), value("c", "98", "2026-02-01T04:59:59Z")]);
        admin.done("recordMeasurements", json!({"measurements": values}), "").await;
        let found = report(&admin, "2026-02-01", "2026-02-04", selection).await;
        let servers = json!({
            "clause": "7.3.1", "subject": "Servers", "state": "NOT_KEPT", "runs": 2, "failed": 1,
            "interval": {"promised": "PT24H", "measured": "PT48H", "state": "NOT_KEPT"},
            "retention": {"promised": "PT720H", "measured": "PT840H", "state": "KEPT"},
            "offSite": {"measured": true, "state": "KEPT"},
            "restoreTest": {"promised": "PT2160H", "measured": null, "state": "NOT_KNOWN"},
            "restoreWithin": null,
        });
        assert_eq!(found["backups"], json!([servers]));
        let hardware = json!({"clause": "6.1", "component": "HARDWARE", "metric": "uptime", "comparator": "AT_LEAST", "value": "99.5", "unit": "%",
            "state": "KEPT", "windows": [{"firstDay": "2026-02-01", "measured": "99.5", "measurements": 2, "state": "KEPT"}]});
        assert_eq!(found["performance"][0], hardware);
        assert_eq!(report(&admin, "2026-01-01", "2026-02-01", selection).await["performance"][0]["state"], "NOT_KEPT");
    }

    async fn only_what_is_the_clients_is_reported_to_it(remit: Remit) {
        let admin = agreement(&remit).await;
        outages(&admin, &[("2026-02-10T10:00:00Z", "2026-02-10T12:00:00Z", json!({}))]).await;
        let own = remit.portal("acme", "NORTHWIND", "agreements:read tickets:read");
        let found = report(&own, "2026-02-01", "2026-03-01", AVAILABILITY).await;
        assert_eq!(found["availability"][0]["windows"][0]["downtime"], "PT2H");
        let query = "{ agreement(by: {code: \"MSA-1\"}) { terms { commitmentReport(from: \"2026-02-01T00:00:00Z\", to: \"2026-03-01T00:00:00Z\") { from } } } }";
        let reader = remit.portal("acme", "NORTHWIND", "agreements:read");
        assert_eq!(code(&reader.refused(query, json!({})).await[0]), "FORBIDDEN tickets:read");
        for to in ["2026-02-01T00:00:00Z", "2028-02-05T00:00:00Z"] {
            let wrong = admin.refused(&query.replace("2026-03-01T00:00:00Z", to), json!({})).await;
            assert_eq!(code(&wrong[0]), "BAD_USER_INPUT to");
        }
    }

    async fn fifty_reports_cost_as_many_statements_as_one(remit: Remit) {
        let admin = agreement(&remit).await;
        for place in 2..12 {
            fixtures::agreement_in_force(&admin, &format!("MSA-{place}")).await;
        }
        outages(&admin, &[("2026-02-10T10:00:00Z", "2026-02-10T12:00:00Z", json!({}))]).await;
        let query = "query ($first: Int) { agreements(first: $first) { nodes { terms { commitmentReport(from: \"2026-02-01T00:00:00Z\", to: \"2026-03-01T00:00:00Z\") { availability { windows { downtime } } }
            promiseCheck { verdict promises { clause } } acceptedOverpromise { reason } } } } }";
        let mut counts = Vec::new();
        for first in [1, 10] {
            let before = remit.store.statements();
            admin.ask_with(query, json!({"first": first})).await;
            counts.push(remit.store.statements() - before);
        }
        assert_eq!(counts[0], counts[1]);
    }
}
