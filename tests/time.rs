//! Time goes in, charges come out.

mod arrival;
mod batches;
mod blocks;
mod credits;
mod dry_runs;
mod exports;
mod histories;
mod late;
mod periods;
mod tickets;
pub(crate) mod work;
mod writers;

use serde_json::{Value, json};

use crate::support::{User, both, code, fixtures};
use work::{entry, record, recorded, rejected};

const CHARGES: &str = "query ($filter: ChargeFilter, $first: Int, $after: String) { charges(filter: $filter, first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor }
    nodes { id kind status agreement { number } client { code } period { from until closed total { amount } } forPeriod { from } timeEntry { externalRef { id } } service { code }
    rateRule { code treatment } hoursClass from to worked included charged hourlyRate { amount currency } amount { amount currency } reasons { code clause text } invoiceRef adjusts { id } externalRefs { id } } } }";

/// Each charge as `ref kind class worked included charged rate amount`.
pub(crate) fn lines(charges: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let line = |c: &Value| {
        [
            &c["timeEntry"]["externalRef"]["id"],
            &c["kind"],
            &c["hoursClass"],
            &c["worked"],
            &c["included"],
            &c["charged"],
            &c["hourlyRate"]["amount"],
            &c["amount"]["amount"],
        ]
        .map(text)
        .join(" ")
    };
    charges["nodes"].as_array().unwrap().iter().map(line).collect()
}

pub(crate) async fn charges(user: &User<'_>, filter: Value) -> Value {
    user.ask_with(CHARGES, json!({"filter": filter})).await["charges"].clone()
}

both! {
    async fn an_evening_is_split_and_charged(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        // An hour before closing, an hour and seventeen minutes after.
        let job = entry("a", "2026-11-18T16:00:00-05:00", "2026-11-18T18:17:00-05:00");
        let results = record(&admin, json!([job.clone()])).await;
        let result = &results[0];
        assert_eq!((&result["outcome"], &result["errors"], &result["ref"]["id"]), (&json!("CREATED"), &json!([]), &json!("a")));
        let segments = &result["timeEntry"]["segments"];
        assert_eq!(segments[0], json!({"from": "2026-11-18T21:00:00Z", "to": "2026-11-18T22:00:00Z", "hoursClass": "BUSINESS", "treatment": "IN_FEE", "worked": "PT1H", "included": "PT0S", "charged": "PT0S", "hourlyRate": null, "amount": {"amount": "0.00", "currency": "USD"}}));
        assert_eq!(segments[1]["amount"]["amount"], "288.75");
        let found = charges(&admin, json!({})).await;
        assert_eq!(lines(&found), ["a EXTRA_HOURS AFTER_HOURS PT1H17M PT0S PT1H17M 225.00 288.75"]);
        let charge = &found["nodes"][0];
        assert_eq!(charge["period"], json!({"from": "2026-11-01", "until": "2026-11-30", "closed": false, "total": {"amount": "288.75"}}));
        assert_eq!((&charge["status"], &charge["agreement"]["number"], &charge["client"]["code"], &charge["rateRule"]), (&json!("PROVISIONAL"), &json!("MSA-1"), &json!("NORTHWIND"), &json!({"code": "R2", "treatment": "MULTIPLIER"})));
        let codes: Vec<&str> = charge["reasons"].as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["IN_FORCE", "SERVICE_INCLUDED", "HOURS_CLASS", "RATE_RULE", "AMOUNT"]);
        // The same again changes nothing; another version keeps the charge's id.
        assert_eq!(record(&admin, json!([job])).await[0]["outcome"], "UNCHANGED");
        let longer = entry("a", "2026-11-18T16:00:00-05:00", "2026-11-18T19:00:00-05:00");
        assert_eq!(record(&admin, json!([longer])).await[0]["outcome"], "UPDATED");
        let again = charges(&admin, json!({})).await;
        assert_eq!((&again["nodes"][0]["id"], &again["nodes"][0]["amount"]["amount"]), (&charge["id"], &json!("450.00")));
        // Taken back: nothing is left.
        let mut gone = entry("a", "2026-11-18T16:00:00-05:00", "2026-11-18T19:00:00-05:00");
        gone["deleted"] = json!(true);
        assert_eq!(record(&admin, json!([gone.clone()])).await[0]["outcome"], "DELETED");
        assert_eq!(record(&admin, json!([gone])).await[0]["outcome"], "UNCHANGED");
        assert_eq!(charges(&admin, json!({})).await["totalCount"], 0);
        let lost = admin.ask("{ timeEntry(by: {external: {system: \"PSA\", id: \"a\"}}) { id } }").await;
        assert_eq!(lost["timeEntry"], Value::Null);
    }

    async fn what_is_wrong_is_said_entry_by_entry(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        let ok = |id: &str| entry(id, "2026-11-18T18:00:00-05:00", "2026-11-18T19:00:00-05:00");
        let with = |id: &str, changes: Value| {
            let mut entry = ok(id);
            entry.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            entry
        };
        let batch = json!([
            ok("good"),
            entry("backwards", "2026-11-18T18:00:00-05:00", "2026-11-18T17:00:00-05:00"),
            entry("nothing", "2026-11-18T18:00:00-05:00", "2026-11-18T18:00:00-05:00"),
            entry("long", "2026-11-17T18:00:00-05:00", "2026-11-18T18:00:01-05:00"),
            entry("future", "2026-11-23T11:00:00Z", "2026-11-23T12:00:01Z"),
            with("role", json!({"role": "janitor"})),
            with("agreement", json!({"agreement": {"code": "MSA-9"}})),
            with("ticket", json!({"ticket": {"code": "T-1"}})),
            with("lost", json!({"agreement": null, "ticket": {"external": {"system": "PSA", "id": "T-1"}}})),
            with("service", json!({"service": {"code": "NOTHING"}})),
            with("break", json!({"breaks": [{"from": "2026-11-18T23:30:00Z", "to": "2026-11-19T00:30:00Z"}]})),
            with("all-break", json!({"breaks": [{"from": "2026-11-18T23:00:00Z", "to": "2026-11-19T00:00:00Z"}]})),
            with("twice", json!({"note": "one"})),
            with("twice", json!({"note": "two"})),
            entry("early", "2025-12-31T18:00:00-05:00", "2025-12-31T19:00:00-05:00"),
            with("", json!({})),
            ok("good"),
        ]);
        let results = record(&admin, batch).await;
        let said: Vec<String> = results.as_array().unwrap().iter().enumerate().map(|(place, result)| {
            let path = |error: &Value| error["path"].as_array().unwrap().iter().map(|part| part.as_str().unwrap()).collect::<Vec<_>>().join(".");
            let errors: Vec<String> = result["errors"].as_array().unwrap().iter().map(|error| format!("{} {}", error["code"].as_str().unwrap(), path(error).strip_prefix(&format!("input.entries.{place}.")).unwrap())).collect();
            format!("{} {}", result["outcome"].as_str().unwrap(), errors.join(" ")).trim_end().to_owned()
        }).collect();
        assert_eq!(said, [
            "CREATED",
            "REJECTED INVALID endedAt",
            "REJECTED INVALID endedAt",
            "REJECTED INVALID endedAt",
            "REJECTED INVALID endedAt",
            "REJECTED INVALID role",
            "REJECTED NOT_FOUND agreement",
            "REJECTED NOT_FOUND ticket",
            "REJECTED NOT_FOUND ticket",
            "REJECTED NOT_FOUND service",
            "REJECTED INVALID breaks.0",
            "REJECTED INVALID breaks",
            "CREATED",
            "UPDATED",
            "REJECTED INVALID startedAt",
            "REJECTED INVALID ref.id",
            "UNCHANGED",
        ]);
        assert_eq!(charges(&admin, json!({})).await["totalCount"], 2);
        let many: Vec<Value> = (0..501).map(|place| ok(&place.to_string())).collect();
        let too_many = admin.refused("mutation ($input: RecordTimeEntriesInput!) { recordTimeEntries(input: $input) { errors { code } } }", json!({"input": {"entries": many}})).await;
        assert_eq!(code(&too_many[0]), "BAD_USER_INPUT input.entries");
    }

    async fn the_newest_version_counts_in_whatever_order_it_comes(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        let version = |to: &str, changed: &str| {
            let mut entry = entry("a", "2026-11-18T18:00:00-05:00", to);
            entry["changedAt"] = json!(changed);
            entry
        };
        let (old, new) = (version("2026-11-18T19:00:00-05:00", "2026-11-19T08:00:00Z"), version("2026-11-18T20:00:00-05:00", "2026-11-19T09:00:00Z"));
        assert_eq!(record(&admin, json!([new.clone()])).await[0]["outcome"], "CREATED");
        assert_eq!(record(&admin, json!([old.clone()])).await[0]["outcome"], "UNCHANGED");
        // In one batch, dated: the newer one counts, wherever it stands.
        let results = record(&admin, json!([new.clone(), old.clone()])).await;
        assert_eq!((&results[0]["outcome"], &results[1]["outcome"]), (&json!("UNCHANGED"), &json!("UNCHANGED")));
        let mut gone = version("2026-11-18T20:00:00-05:00", "2026-11-19T10:00:00Z");
        gone["deleted"] = json!(true);
        let results = record(&admin, json!([gone, new])).await;
        assert_eq!((&results[0]["outcome"], &results[1]["outcome"]), (&json!("DELETED"), &json!("UNCHANGED")));
        assert_eq!(charges(&admin, json!({})).await["totalCount"], 0);
        let newest = version("2026-11-18T18:30:00-05:00", "2026-11-19T11:00:00Z");
        assert_eq!(record(&admin, json!([newest])).await[0]["outcome"], "CREATED");
        assert_eq!(lines(&charges(&admin, json!({})).await), ["a EXTRA_HOURS AFTER_HOURS PT30M PT0S PT30M 225.00 112.50"]);
    }

    async fn versions_without_a_time_count_as_they_stand_in_a_batch(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        let until = |to: &str| entry("a", "2026-11-18T18:00:00-05:00", to);
        let (short, long) = (until("2026-11-18T19:00:00-05:00"), until("2026-11-18T20:00:00-05:00"));
        let mut gone = short.clone();
        gone["deleted"] = json!(true);
        let outcomes = async |batch: Value| {
            let results = record(&admin, batch).await;
            let word = |result: &Value| result["outcome"].as_str().unwrap().to_owned();
            results.as_array().unwrap().iter().map(word).collect::<Vec<_>>()
        };
        // Together they come out as one after the other (R7).
        assert_eq!(outcomes(json!([short.clone(), gone.clone()])).await, ["CREATED", "DELETED"]);
        assert_eq!(charges(&admin, json!({})).await["totalCount"], 0);
        assert_eq!(outcomes(json!([short.clone(), long.clone()])).await, ["CREATED", "UPDATED"]);
        assert_eq!(lines(&charges(&admin, json!({})).await), ["a EXTRA_HOURS AFTER_HOURS PT2H PT0S PT2H 225.00 450.00"]);
        assert_eq!(outcomes(json!([gone, long, short])).await, ["DELETED", "CREATED", "UPDATED"]);
        assert_eq!(lines(&charges(&admin, json!({})).await), ["a EXTRA_HOURS AFTER_HOURS PT1H PT0S PT1H 225.00 225.00"]);
    }

    async fn a_client_sees_its_own_and_not_who_worked(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        admin.done("putClient", json!({"code": "SOUTHWIND", "name": "Southwind"}), "").await;
        let mut job = entry("a", "2026-11-18T18:00:00-05:00", "2026-11-18T19:00:00-05:00");
        job["technician"] = json!("Ada");
        let id = recorded(&admin, job).await;
        let scopes = "time:read charges:read agreements:read clients:read";
        let (own, other) = (remit.portal("acme", "NORTHWIND", scopes), remit.portal("acme", "SOUTHWIND", scopes));
        let query = "query ($id: ID!) { node(id: $id) { ... on TimeEntry { role segments { amount { amount } } charges { amount { amount } } agreement { number periods { nodes { total { amount } } } charges { totalCount } } } } charges { totalCount } }";
        let seen = own.ask_with(query, json!({"id": id})).await;
        assert_eq!((&seen["charges"]["totalCount"], &seen["node"]["charges"][0]["amount"]["amount"]), (&json!(1), &json!("225.00")));
        assert_eq!(seen["node"]["agreement"]["charges"]["totalCount"], 1);
        let hidden = other.ask_with(query, json!({"id": id})).await;
        assert_eq!(hidden, json!({"node": null, "charges": {"totalCount": 0}}));
        assert_eq!(remit.admin("other").ask_with(query, json!({"id": id})).await, json!({"node": null, "charges": {"totalCount": 0}}));
        for field in ["technician", "note"] {
            let query = format!("query ($id: ID!) {{ node(id: $id) {{ ... on TimeEntry {{ {field} }} }} }}");
            assert_eq!(code(&own.refused(&query, json!({"id": id})).await[0]), "FORBIDDEN time:read");
            assert!(admin.ask_with(&query, json!({"id": id})).await["node"].is_object());
        }
        let writer = remit.portal("acme", "NORTHWIND", "time:write");
        let refused = writer.refused("mutation ($input: RecordTimeEntriesInput!) { recordTimeEntries(input: $input) { errors { code } } }", json!({"input": {"entries": []}})).await;
        assert_eq!(code(&refused[0]), "FORBIDDEN time:write");
        // A writer without `time:read` sees what it has written, and nothing behind it.
        let psa = remit.user("acme", "time:write");
        let selection = "results { outcome timeEntry { id role technician note startedAt segments { worked } } }";
        let mut job = entry("b", "2026-11-18T18:00:00-05:00", "2026-11-18T19:00:00-05:00");
        job["technician"] = json!("Ada");
        let written = psa.done("recordTimeEntries", json!({"entries": [job]}), selection).await;
        let written = &written["results"][0]["timeEntry"];
        assert_eq!((&written["role"], &written["technician"], &written["note"]), (&json!("engineer"), &json!("Ada"), &json!(null)));
    }

    async fn overlaps_are_taken_and_flagged(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        let of = |id: &str, who: &str, from: &str, to: &str| {
            let mut entry = entry(id, from, to);
            entry["technician"] = json!(who);
            entry
        };
        let batch = json!([
            of("a", "Ada", "2026-11-18T10:00:00Z", "2026-11-18T11:00:00Z"),
            of("b", "Ada", "2026-11-18T10:59:00Z", "2026-11-18T12:00:00Z"),
            of("c", "Ada", "2026-11-18T12:00:00Z", "2026-11-18T13:00:00Z"),
            of("d", "Bob", "2026-11-18T10:00:00Z", "2026-11-18T13:00:00Z"),
        ]);
        let results = record(&admin, batch).await;
        let flags: Vec<&Value> = results.as_array().unwrap().iter().map(|result| &result["timeEntry"]["flags"]).collect();
        assert_eq!(flags, [&json!(["OVERLAPS"]), &json!(["OVERLAPS"]), &json!([]), &json!([])]);
        // In a break there is time for something else, up to its end.
        let mut long = of("long", "Cy", "2026-11-18T10:00:00Z", "2026-11-18T14:00:00Z");
        long["breaks"] = json!([{"from": "2026-11-18T11:00:00Z", "to": "2026-11-18T12:00:00Z"}]);
        let flags_of = |results: Value| results.as_array().unwrap().iter().map(|result| result["timeEntry"]["flags"].clone()).collect::<Vec<_>>();
        let within = of("within", "Cy", "2026-11-18T11:00:00Z", "2026-11-18T12:00:00Z");
        assert_eq!(flags_of(record(&admin, json!([long, within])).await), [json!([]), json!([])]);
        let beyond = of("within", "Cy", "2026-11-18T11:00:00Z", "2026-11-18T12:01:00Z");
        assert_eq!(flags_of(record(&admin, json!([beyond])).await), [json!(["OVERLAPS"])]);
        // Where else a technician was may be at another client's: a client is not told.
        let query = "query ($id: ID!) { node(id: $id) { ... on TimeEntry { flags } } }";
        let id = results[1]["timeEntry"]["id"].clone();
        for (user, seen) in [(&admin, json!(["OVERLAPS"])), (&remit.portal("acme", "NORTHWIND", "time:read"), json!([]))] {
            assert_eq!(user.ask_with(query, json!({"id": id})).await["node"]["flags"], seen);
        }
    }

    async fn an_entry_of_a_client_finds_its_agreement_once(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let mut job = entry("a", "2026-11-18T18:00:00-05:00", "2026-11-18T19:00:00-05:00");
        job["agreement"].take();
        job["client"] = json!({"code": "NORTHWIND"});
        // Without an agreement it is taken, and nothing is charged.
        let result = record(&admin, json!([job.clone()])).await[0].clone();
        assert_eq!((&result["outcome"], &result["timeEntry"]["agreement"], &result["timeEntry"]["segments"]), (&json!("CREATED"), &Value::Null, &json!([])));
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        job["note"] = json!("again");
        let result = record(&admin, json!([job.clone()])).await[0].clone();
        assert_eq!((&result["outcome"], &result["timeEntry"]["agreement"]["number"]), (&json!("UPDATED"), &json!("MSA-1")));
        assert_eq!(charges(&admin, json!({"client": {"code": "NORTHWIND"}})).await["totalCount"], 1);
        assert_eq!(charges(&admin, json!({"client": {"code": "NOBODY"}})).await["totalCount"], 0);
        for who in [json!({"agreement": null, "client": null}), json!({"agreement": {"code": "MSA-1"}, "client": {"code": "SOUTHWIND"}})] {
            job.as_object_mut().unwrap().extend(who.as_object().unwrap().clone());
            assert!(!rejected(&admin, job.clone()).await.is_empty());
        }
    }

    async fn charges_are_filtered_and_paged_by_period(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        fixtures::agreement_in_force(&admin, "MSA-2").await;
        let mut batch = Vec::new();
        for (place, (agreement, day)) in [("MSA-1", "2026-09-12"), ("MSA-2", "2026-09-13"), ("MSA-1", "2026-10-10"), ("MSA-1", "2026-11-14"), ("MSA-2", "2026-11-15")].iter().enumerate() {
            let mut job = entry(&place.to_string(), &format!("{day}T15:00:00Z"), &format!("{day}T16:00:00Z"));
            job["agreement"] = json!({"code": agreement});
            batch.push(job);
        }
        record(&admin, json!(batch)).await;
        let refs = |found: &Value| found["nodes"].as_array().unwrap().iter().map(|c| c["timeEntry"]["externalRef"]["id"].as_str().unwrap().to_owned()).collect::<String>();
        for (filter, expected) in [
            (json!({}), "01234"),
            (json!({"agreement": {"code": "MSA-1"}}), "023"),
            (json!({"periodFrom": "2026-10-01"}), "234"),
            (json!({"periodUntil": "2026-10-31"}), "012"),
            (json!({"periodFrom": "2026-10-15", "periodUntil": "2026-10-15", "kind": ["EXTRA_HOURS"]}), "2"),
            (json!({"kind": ["OVERAGE"]}), ""),
            (json!({"status": ["FINAL", "INVOICED"]}), ""),
            (json!({"status": ["PROVISIONAL"]}), "01234"),
            (json!({"status": []}), ""),
        ] {
            assert_eq!(refs(&charges(&admin, filter.clone()).await), expected, "{filter}");
        }
        let (mut pages, mut after) = (String::new(), Value::Null);
        loop {
            let page = admin.ask_with(CHARGES, json!({"first": 2, "after": after})).await["charges"].clone();
            pages.push_str(&refs(&page));
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == json!(false) {
                break;
            }
        }
        assert_eq!(pages, "01234");
        let periods = admin.ask("{ agreement(by: {code: \"MSA-2\"}) { periods(first: 20) { totalCount nodes { id from until closed closedAt total { amount currency } agreement { number } } } } }").await;
        let periods = &periods["agreement"]["periods"];
        assert_eq!((&periods["totalCount"], &periods["nodes"][0]["from"], &periods["nodes"][10]["until"]), (&json!(11), &json!("2026-01-01"), &json!("2026-11-30")));
        assert_eq!((&periods["nodes"][8]["total"], &periods["nodes"][9]["total"]), (&json!({"amount": "225.00", "currency": "USD"}), &json!({"amount": "0.00", "currency": "USD"})));
        let node = admin.ask_with("query ($id: ID!) { node(id: $id) { id ... on BillingPeriod { from agreement { number } } } }", json!({"id": periods["nodes"][8]["id"]})).await;
        assert_eq!(node["node"], json!({"id": periods["nodes"][8]["id"], "from": "2026-09-01", "agreement": {"number": "MSA-2"}}));
    }
}
