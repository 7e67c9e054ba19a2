//! What happened is recorded: outages, backup runs, measurements.

use serde_json::{Value, json};

use crate::support::{Remit, User, both, code, fixtures};

async fn agreements(remit: &Remit) -> User<'_> {
    let admin = remit.admin("acme");
    fixtures::catalogue(&admin).await;
    fixtures::agreement_in_force(&admin, "MSA-1").await;
    fixtures::agreement_in_force(&admin, "MSA-2").await;
    admin
}

/// An outage of mail under MSA-1, known to a monitor as `id`.
fn outage(id: &str, minutes: u32) -> Value {
    json!({"ref": {"system": "monitor", "id": id}, "agreement": {"code": "MSA-1"}, "subject": "Mail",
           "startedAt": "2026-10-05T10:00:00Z", "endedAt": format!("2026-10-05T10:{minutes:02}:00Z")})
}

fn with(mut value: Value, field: &str, content: impl Into<Value>) -> Value {
    value[field] = content.into();
    value
}

/// What recording outages came to: the outcomes, with the codes of their errors.
async fn record(user: &User<'_>, outages: Vec<Value>) -> Vec<String> {
    let selection = "results { ref { id } outcome outage { externalRef { id } } errors { code path } }";
    let done = user.done("recordOutages", json!({"outages": outages}), selection).await;
    let results = done["results"].as_array().unwrap();
    let said = |result: &Value| {
        if !result["outage"].is_null() {
            assert_eq!(result["outage"]["externalRef"]["id"], result["ref"]["id"]);
        }
        let errors = result["errors"].as_array().unwrap().iter();
        let path = |error: &Value| {
            error["path"].as_array().unwrap().iter().map(|p| p.as_str().unwrap()).collect::<Vec<_>>().join(".")
        };
        let errors: Vec<String> = errors.map(|e| format!(" {} {}", e["code"].as_str().unwrap(), path(e))).collect();
        format!("{}{}", result["outcome"].as_str().unwrap(), errors.concat())
    };
    results.iter().map(said).collect()
}

const ALL: &str =
    "{ outages { totalCount nodes { externalRef { system id } agreement { number } subject startedAt endedAt } } }";

both! {
    async fn outages_are_recorded_item_by_item_and_again_without_harm(remit: Remit) {
        let admin = agreements(&remit).await;
        let writer = remit.user("acme", "tickets:write");
        let batch = vec![
            outage("1", 10),
            with(outage("2", 20), "agreement", json!({"code": "NOPE"})),
            with(outage("3", 30), "endedAt", "2026-10-05T09:00:00Z"),
            with(outage("4", 40), "subject", " "),
            with(outage("5", 50), "maintenance", json!({"from": "2026-10-05T10:00:00Z", "until": "2026-10-05T10:00:00Z"})),
            with(outage("6", 6), "endedAt", Value::Null),
        ];
        let expected = [
            "CREATED",
            "REJECTED NOT_FOUND input.outages.1.agreement",
            "REJECTED INVALID input.outages.2.endedAt",
            "REJECTED INVALID input.outages.3.subject",
            "REJECTED INVALID input.outages.4.maintenance.until",
            "CREATED",
        ];
        // The writer reads no object, and sees what it wrote.
        let selection = "results { outcome outage { id subject startedAt endedAt } errors { code } }";
        let shown = writer.done("recordOutages", json!({"outages": [outage("1", 10)]}), selection).await;
        assert_eq!(shown["results"][0]["outage"]["endedAt"], "2026-10-05T10:10:00Z");
        let id = shown["results"][0]["outage"]["id"].as_str().unwrap().to_owned();
        assert!(id.starts_with("out_"), "{id}");
        assert_eq!(record(&admin, batch.clone()).await, [&["UNCHANGED"], &expected[1..]].concat());
        let before = admin.ask(ALL).await;
        assert_eq!(record(&admin, batch.clone()).await[5], "UNCHANGED");
        assert_eq!(admin.ask(ALL).await, before);
        assert_eq!(before["outages"]["totalCount"], 2);
        let first = json!({"externalRef": {"system": "monitor", "id": "1"}, "agreement": {"number": "MSA-1"},
                           "subject": "Mail", "startedAt": "2026-10-05T10:00:00Z", "endedAt": "2026-10-05T10:10:00Z"});
        assert_eq!(before["outages"]["nodes"][0], first);
        let by = |by: Value| json!({"by": by});
        let one = "query ($by: Ref!) { outage(by: $by) { subject member cause maintenance { from } } }";
        for named in [json!({"id": id}), json!({"external": {"system": "monitor", "id": "1"}})] {
            assert_eq!(admin.ask_with(one, by(named)).await["outage"]["subject"], "Mail");
        }
        for unknown in [json!({"code": "1"}), json!({"code": ""}), json!({"external": {"system": "other", "id": "1"}})] {
            assert_eq!(admin.ask_with(one, by(unknown)).await["outage"], Value::Null);
        }
        let node = admin.ask_with("query ($id: ID!) { node(id: $id) { id ... on Outage { subject } } }", json!({"id": id})).await;
        assert_eq!(node["node"], json!({"id": id, "subject": "Mail"}));
    }

    async fn older_versions_change_nothing_and_deletions_last(remit: Remit) {
        let admin = agreements(&remit).await;
        let version = |minutes, at: &str| with(outage("1", minutes), "changedAt", format!("2026-10-06T{at}:00Z"));
        let gone = |at: &str| with(version(59, at), "deleted", true);
        for (item, expected) in [
            (version(10, "10:00"), "CREATED"),
            (version(20, "09:00"), "UNCHANGED"),
            (version(30, "11:00"), "UPDATED"),
            (outage("1", 31), "UPDATED"),
            (version(30, "10:59"), "UNCHANGED"),
            (gone("11:30"), "DELETED"),
            (gone("11:30"), "UNCHANGED"),
            (version(40, "11:15"), "UNCHANGED"),
            (gone("12:30"), "UNCHANGED"),
            (version(40, "12:00"), "UNCHANGED"),
            (version(45, "13:00"), "CREATED"),
            (with(version(45, "14:00"), "agreement", json!({"code": "MSA-2"})), "REJECTED CONFLICT input.outages.0.agreement"),
        ] {
            assert_eq!(record(&admin, vec![item.clone()]).await, [expected], "{item}");
            let there = admin.ask("{ outages { totalCount } outage(by: {external: {system: \"monitor\", id: \"1\"}}) { id } }").await;
            let count = i32::from(!there["outage"].is_null());
            assert_eq!(there["outages"]["totalCount"], count, "{item}");
        }
        // Within one batch too, in its order.
        let batch = vec![outage("2", 1), outage("2", 1), outage("2", 2), with(outage("2", 2), "deleted", true)];
        assert_eq!(record(&admin, batch).await, ["CREATED", "UNCHANGED", "UPDATED", "DELETED"]);
        assert_eq!(record(&admin, vec![with(outage("3", 2), "deleted", true)]).await, ["UNCHANGED"]);
        assert_eq!(admin.ask("{ outages { totalCount } }").await["outages"]["totalCount"], 1);
    }

    async fn runs_and_measurements_are_recorded_as_outages_are(remit: Remit) {
        let admin = agreements(&remit).await;
        let run = json!({"ref": {"system": "vault", "id": "7"}, "agreement": {"code": "MSA-1"}, "subject": "Servers",
                         "startedAt": "2026-10-05T02:00:00Z", "endedAt": "2026-10-05T02:40:00Z", "outcome": "SUCCEEDED",
                         "offSite": true, "keptUntil": "2026-11-04T02:00:00Z"});
        let selection = "results { ref { system id } outcome run { id subject kind startedAt endedAt outcome offSite keptUntil } errors { code path } }";
        let done = admin.done("recordBackupRuns", json!({"runs": [run, with(run.clone(), "endedAt", "2026-10-05T01:00:00Z")]}), selection).await;
        let results = &done["results"];
        assert_eq!(results[0]["outcome"], "CREATED");
        let shown = json!({"id": results[0]["run"]["id"], "subject": "Servers", "kind": "BACKUP", "startedAt": "2026-10-05T02:00:00Z",
                           "endedAt": "2026-10-05T02:40:00Z", "outcome": "SUCCEEDED", "offSite": true, "keptUntil": "2026-11-04T02:00:00Z"});
        assert_eq!(results[0]["run"], shown);
        assert_eq!(results[1]["errors"], json!([{"code": "INVALID", "path": ["input", "runs", "1", "endedAt"]}]));
        let read = admin.ask("{ backupRuns { nodes { id subject kind startedAt endedAt outcome offSite keptUntil } } backupRun(by: {external: {system: \"vault\", id: \"7\"}}) { id } }").await;
        assert_eq!(read["backupRuns"]["nodes"], json!([shown]));
        assert_eq!(read["backupRun"]["id"], shown["id"]);
        let value = json!({"ref": {"system": "rmm", "id": "a"}, "agreement": {"code": "MSA-1"}, "component": "HARDWARE",
                           "metric": "uptime", "value": "99.750", "unit": "%", "from": "2026-10-05T00:00:00Z", "to": "2026-10-06T00:00:00Z"});
        let selection = "results { outcome measurement { id component metric value unit from to } errors { code path } }";
        let done = admin.done("recordMeasurements", json!({"measurements": [value, value]}), selection).await;
        assert_eq!((&done["results"][0]["outcome"], &done["results"][1]["outcome"]), (&json!("CREATED"), &json!("UNCHANGED")));
        let shown = json!({"id": done["results"][0]["measurement"]["id"], "component": "HARDWARE", "metric": "uptime", "value": "99.75",
                           "unit": "%", "from": "2026-10-05T00:00:00Z", "to": "2026-10-06T00:00:00Z"});
        assert_eq!(done["results"][1]["measurement"], shown);
        let read = admin.ask("{ measurements(filter: {about: \" UpTime\"}) { nodes { id component metric value unit from to } } measurement(by: {external: {system: \"rmm\", id: \"a\"}}) { id } }").await;
        assert_eq!(read["measurements"]["nodes"], json!([shown]));
        assert_eq!(read["measurement"]["id"], shown["id"]);
        // What one kind is called, another may be.
        let same = with(outage("7", 7), "ref", json!({"system": "vault", "id": "7"}));
        assert_eq!(record(&admin, vec![same]).await, ["CREATED"]);
    }

    async fn lists_are_paged_and_filtered(remit: Remit) {
        let admin = agreements(&remit).await;
        let day = |day: u32, agreement: &str, subject: &str| {
            let item = with(outage(&format!("{day}"), 0), "startedAt", format!("2026-10-{day:02}T10:00:00Z"));
            let item = with(item, "endedAt", format!("2026-10-{day:02}T11:00:00Z"));
            with(with(item, "agreement", json!({"code": agreement})), "subject", subject)
        };
        let mut items: Vec<Value> = (1..=9).rev().map(|n| day(n, if n % 2 == 0 { "MSA-2" } else { "MSA-1" }, if n < 5 { "Mail" } else { "Files" })).collect();
        items.push(with(with(outage("old", 0), "startedAt", "1960-01-01T00:00:00Z"), "endedAt", "1960-01-02T00:00:00Z"));
        assert!(record(&admin, items).await.iter().all(|outcome| outcome == "CREATED"));
        let ids = |answer: &Value| -> Vec<String> {
            answer["outages"]["nodes"].as_array().unwrap().iter().map(|n| n["externalRef"]["id"].as_str().unwrap().to_owned()).collect()
        };
        let list = "query ($first: Int, $after: String, $last: Int, $before: String, $filter: FactFilter) {
            outages(first: $first, after: $after, last: $last, before: $before, filter: $filter) { totalCount nodes { externalRef { id } } pageInfo { hasNextPage endCursor startCursor } } }";
        let page = admin.ask_with(list, json!({"first": 4})).await;
        assert_eq!((ids(&page), page["outages"]["totalCount"].clone()), (vec!["old".into(), "1".into(), "2".into(), "3".into()], json!(10)));
        let next = admin.ask_with(list, json!({"first": 4, "after": page["outages"]["pageInfo"]["endCursor"]})).await;
        assert_eq!(ids(&next), ["4", "5", "6", "7"]);
        assert_eq!(ids(&admin.ask_with(list, json!({"last": 2, "before": next["outages"]["pageInfo"]["startCursor"]})).await), ["2", "3"]);
        for (filter, expected) in [
            (json!({"agreement": {"code": "MSA-2"}}), "2468"),
            (json!({"agreement": {"code": "MSA-2"}, "about": "mail"}), "24"),
            (json!({"from": "2026-10-07T10:00:00Z", "until": "2026-10-09T10:00:00Z"}), "78"),
            (json!({"client": {"code": "NORTHWIND"}, "about": "FILES", "until": "2026-10-07T00:00:00Z"}), "56"),
            (json!({"client": {"code": "NOBODY"}}), ""),
            (json!({"agreement": {"code": "NOPE"}}), ""),
            (json!({"about": "nothing"}), ""),
        ] {
            assert_eq!(ids(&admin.ask_with(list, json!({"filter": filter})).await).concat(), expected, "{filter}");
        }
        let cursor = page["outages"]["pageInfo"]["endCursor"].clone();
        let wrong = admin.refused("query ($after: String) { backupRuns(after: $after) { totalCount } }", json!({"after": cursor})).await;
        assert_eq!(code(&wrong[0]), "BAD_USER_INPUT after");
    }

    async fn a_client_reads_its_own_and_writes_nothing(remit: Remit) {
        let admin = agreements(&remit).await;
        admin.done("putClient", json!({"code": "SOUTHWIND", "name": "Southwind"}), "").await;
        record(&admin, vec![outage("1", 10)]).await;
        let own = remit.portal("acme", "NORTHWIND", "tickets:read tickets:write agreements:read");
        assert_eq!(own.ask("{ outages { totalCount nodes { subject } } }").await["outages"]["totalCount"], 1);
        for client in ["SOUTHWIND", "NOBODY"] {
            let other = remit.portal("acme", client, "tickets:read agreements:read");
            let answer = other.ask("{ outages { totalCount nodes { subject } } outage(by: {external: {system: \"monitor\", id: \"1\"}}) { id } }").await;
            assert_eq!(answer, json!({"outages": {"totalCount": 0, "nodes": []}, "outage": null}));
        }
        let stranger = remit.admin("other");
        assert_eq!(stranger.ask("{ outages { totalCount } }").await["outages"]["totalCount"], 0);
        assert_eq!(record(&stranger, vec![outage("1", 10)]).await, ["REJECTED NOT_FOUND input.outages.0.agreement"]);
        for (mutation, field) in [("recordOutages", "outages"), ("recordBackupRuns", "runs"), ("recordMeasurements", "measurements")] {
            let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
            let document = format!("mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ errors {{ code }} }} }}");
            assert_eq!(code(&own.refused(&document, json!({"input": {field: []}})).await[0]), "FORBIDDEN tickets:write");
        }
        let reader = remit.user("acme", "agreements:read");
        assert_eq!(code(&reader.refused("{ outages { totalCount } }", json!({})).await[0]), "FORBIDDEN tickets:read");
    }

    async fn a_batch_costs_as_many_statements_as_one(remit: Remit) {
        let admin = agreements(&remit).await;
        let mut counts = Vec::new();
        for (first, count) in [(1000, 1), (2000, 500)] {
            let items: Vec<Value> = (first..first + count).map(|id| outage(&id.to_string(), 10)).collect();
            let before = remit.store.statements();
            let done = admin.done("recordOutages", json!({"outages": items}), "results { outcome outage { id externalRef { id } agreement { number } } }").await;
            counts.push(remit.store.statements() - before);
            assert_eq!(done["results"].as_array().unwrap().len(), count);
        }
        assert_eq!(counts[0], counts[1]);
        let too_many: Vec<Value> = (0..501).map(|id| outage(&id.to_string(), 10)).collect();
        let document = "mutation ($input: RecordOutagesInput!) { recordOutages(input: $input) { errors { code } } }";
        assert_eq!(code(&admin.refused(document, json!({"input": {"outages": too_many}})).await[0]), "BAD_USER_INPUT input.outages");
    }

    async fn a_watch_is_put_down_and_moved(remit: Remit) {
        let admin = agreements(&remit).await;
        let watch = |subject: &str, since: &str| json!({"agreement": {"code": "MSA-1"}, "subject": subject, "since": since});
        let since = "2026-01-01T05:00:00Z";
        for _ in 0..2 {
            let done = admin.done("watchSubject", watch("Mail", since), "watched { subject since until }").await;
            assert_eq!(done["watched"], json!({"subject": "Mail", "since": since, "until": null}));
        }
        let moved = with(watch("mail", "2026-02-01T05:00:00Z"), "until", "2026-03-01T05:00:00Z");
        let done = admin.done("watchSubject", moved, "watched { subject since until }").await;
        assert_eq!(done["watched"]["until"], "2026-03-01T05:00:00Z");
        assert_eq!(admin.denied("watchSubject", with(watch("Mail", since), "until", since)).await, ["INVALID input.until"]);
        assert_eq!(admin.denied("watchSubject", with(watch("Mail", since), "agreement", json!({"code": "NOPE"}))).await, ["NOT_FOUND input.agreement"]);
    }
}
