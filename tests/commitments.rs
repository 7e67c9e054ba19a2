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

/// A ticket of a failure that was mended.
fn failure(title: &str, scenario: &str, opened: &str, resolved: &str, events: &[Value]) -> Value {
    let mut events = events.to_vec();
    events.push(json!({"id": "x", "kind": "RESOLVED", "at": resolved}));
    of(title, json!({"title": title, "scenario": scenario, "priority": "P2", "openedAt": opened, "events": events}))
}

async fn tell(admin: &User<'_>, tickets: &[Value]) {
    let done = admin.done("recordTickets", json!({"tickets": tickets}), "results { outcome }").await;
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

    async fn an_allowance_is_of_the_time_in_which_the_terms_are_in_force(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        admin.done("createAgreement", json!({"number": "MSA-1", "title": "Services", "client": {"code": "NORTHWIND"}, "currency": "USD"}), "").await;
        let agreement = json!({"agreement": {"code": "MSA-1"}});
        let mut draft = fixtures::draft("MSA-1");
        draft["effectiveFrom"] = json!("2026-01-16");
        draft["availability"] = json!([{"subject": "Mail", "percent": "99", "window": "CALENDAR_MONTH"}]);
        admin.done("draftTerms", draft, "").await;
        let allowed = async |on: &str| {
            let query = format!("{{ agreement(by: {{code: \"MSA-1\"}}) {{ versions {{ availability {{ allowedDowntime(on: \"{on}\") }} }} }} }}");
            admin.ask(&query).await["agreement"]["versions"][0]["availability"][0]["allowedDowntime"].take()
        };
        // Sixteen days of January: the same before and after the terms are accepted, and in the report.
        assert_eq!(allowed("2026-01-05").await, "PT3H50M24S");
        admin.done("offerTerms", agreement.clone(), "").await;
        admin.done("activateTerms", json!({"agreement": {"code": "MSA-1"}, "acceptedBy": "Northwind"}), "").await;
        assert_eq!(allowed("2026-01-20").await, "PT3H50M24S");
        let found = report(&admin, "2026-01-01", "2026-02-01", AVAILABILITY).await;
        assert_eq!(found["availability"][0]["windows"][0]["allowedDowntime"], "PT3H50M24S");
        assert_eq!(allowed("2026-04-20").await, "PT7H12M");
        assert_eq!(allowed("2025-12-31").await, Value::Null);
        // The last of ten days of December is the tenth.
        admin.done("terminateAgreement", json!({"agreement": {"code": "MSA-1"}, "on": "2026-12-11", "reason": "They move."}), "").await;
        assert_eq!(allowed("2026-12-24").await, "PT2H24M");
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

    async fn a_recovery_is_held_against_the_tickets_of_its_failure(remit: Remit) {
        let admin = agreement(&remit).await;
        let selection = "recovery { clause scenario component fixWithin clock state kept missed running keptPercent longest missedTickets { title client { code } } }";
        let nothing = report(&admin, "2026-02-01", "2026-03-01", selection).await;
        let unknown = json!({"clause": "7.2.1", "scenario": "SYSTEM_FAILURE", "component": null, "fixWithin": "PT8H", "clock": "BUSINESS_HOURS",
            "state": "NOT_KNOWN", "kept": 0, "missed": 0, "running": 0, "keptPercent": null, "longest": null, "missedTickets": []});
        assert_eq!(nothing["recovery"], json!([unknown]));
        let waits = json!({"id": "w", "kind": "WAITING", "at": "2026-02-06T21:30:00Z", "waitingFor": "CLIENT"});
        let goes_on = json!({"id": "g", "kind": "RESUMED", "at": "2026-02-09T15:00:00Z"});
        tell(&admin, &[
            // Six business hours in New York; six and a half, from Friday to Monday, less what it waited.
            failure("quick", "SYSTEM_FAILURE", "2026-02-03T14:00:00Z", "2026-02-03T20:00:00Z", &[]),
            failure("waited", "SYSTEM_FAILURE", "2026-02-06T21:00:00Z", "2026-02-09T21:00:00Z", &[waits, goes_on]),
            // Ten: eight on Tuesday, two on Wednesday.
            failure("late", "SYSTEM_FAILURE", "2026-02-10T14:00:00Z", "2026-02-11T15:00:00Z", &[]),
            // From the last hour of February to ten in the morning of the second of March: three.
            failure("over", "SYSTEM_FAILURE", "2026-02-27T21:00:00Z", "2026-03-02T15:00:00Z", &[]),
            failure("other", "NETWORK_FAILURE", "2026-02-10T14:00:00Z", "2026-02-20T15:00:00Z", &[]),
        ]).await;
        let of = |state: &str, counts: [i64; 3], percent: Value, longest: &str, missed: Value| {
            let mut said = unknown.clone();
            let [kept, missed_count, running] = counts;
            for (field, value) in [("state", json!(state)), ("kept", json!(kept)), ("missed", json!(missed_count)), ("running", json!(running)),
                ("keptPercent", percent), ("longest", json!(longest)), ("missedTickets", missed)] {
                said[field] = value;
            }
            json!([said])
        };
        let late = json!([{"title": "late", "client": {"code": "NORTHWIND"}}]);
        let february = report(&admin, "2026-02-01", "2026-03-01", selection).await;
        assert_eq!(february["recovery"], of("NOT_KEPT", [2, 1, 1], json!("66.66"), "PT10H", late.clone()));
        let march = report(&admin, "2026-03-01", "2026-04-01", selection).await;
        assert_eq!(march["recovery"], of("KEPT", [1, 0, 0], json!("100"), "PT3H", json!([])));
        assert_eq!(report(&admin, "2026-04-01", "2026-05-01", selection).await["recovery"], json!([unknown]));
        // The client sees the same; nobody sees what others agreed.
        let own = remit.portal("acme", "NORTHWIND", "agreements:read tickets:read clients:read");
        assert_eq!(report(&own, "2026-02-01", "2026-03-01", selection).await, february);
    }

    async fn an_unmet_obligation_gives_a_recovery_more_time(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let mut draft = fixtures::draft("MSA-1");
        draft["obligations"] = json!([{"code": "FIREWALL", "title": "A firewall", "standard": "One is on.", "gatesScenarios": ["SYSTEM_FAILURE"], "effects": ["SLA_SUSPENDED"]}]);
        fixtures::agree(&admin, "MSA-1", draft).await;
        // Nine hours of Friday had passed when it was recorded; none has counted since.
        tell(&admin, &[failure("held", "SYSTEM_FAILURE", "2026-11-20T13:00:00Z", "2026-11-24T20:00:00Z", &[])]).await;
        let unmet = json!({"agreement": {"code": "MSA-1"}, "code": "FIREWALL", "state": "UNMET", "since": "2026-11-20T00:00:00Z"});
        let selection = "recovery { state kept missed running longest }";
        let before = report(&admin, "2026-11-01", "2026-12-01", selection).await;
        assert_eq!(before["recovery"], json!([{"state": "NOT_KEPT", "kept": 0, "missed": 1, "running": 0, "longest": "PT9H"}]));
        admin.done("recordObligationStatus", unmet, "").await;
        tell(&admin, &[failure("new", "SYSTEM_FAILURE", "2026-11-23T12:00:00Z", "2026-11-27T20:00:00Z", &[])]).await;
        let then = remit.beside_at(|| "2026-12-02T12:00:00Z".parse().unwrap()).await;
        let after = report(&then.admin("acme"), "2026-11-01", "2026-12-01", selection).await;
        assert_eq!(after["recovery"], json!([{"state": "NOT_KEPT", "kept": 1, "missed": 1, "running": 0, "longest": "PT9H0.000001S"}]));
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
        let late = |place: usize| {
            let number = format!("MSA-{place}");
            let mut late = failure(&number, "SYSTEM_FAILURE", "2026-02-10T14:00:00Z", "2026-02-11T15:00:00Z", &[]);
            late["agreement"] = json!({"code": number});
            late
        };
        tell(&admin, &(1..12).map(late).collect::<Vec<_>>()).await;
        let query = "query ($first: Int) { agreements(first: $first) { nodes { terms { commitmentReport(from: \"2026-02-01T00:00:00Z\", to: \"2026-03-01T00:00:00Z\") { availability { windows { downtime } }
            recovery { missed missedTickets { title client { code } } } }
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
