//! Many ask at once, or record at once: what goes together comes back as each one's own.

use std::{future::Future, sync::Arc, time::Duration};

use reqwest::Method;
use sea_orm::{ConnectionTrait, Database, DbBackend, TransactionTrait};
use serde_json::{Value, json};

use crate::{
    support::{Remit, both, claims, fixtures},
    time::{
        charges, lines,
        work::{entry, record},
    },
};

/// Has these begin while nobody gets on: on PostgreSQL nobody reads agreements, on SQLite nobody writes. What came of each.
async fn held_up<T: Send + 'static>(remit: &Remit, tasks: Vec<impl Future<Output = T> + Send + 'static>) -> Vec<T> {
    let connection = Database::connect(remit.database_url()).await.unwrap();
    let holding = connection.begin().await.unwrap();
    let taking = match connection.get_database_backend() {
        DbBackend::Postgres => "LOCK TABLE agreement IN ACCESS EXCLUSIVE MODE",
        _ => "UPDATE feed SET last_sequence = last_sequence",
    };
    holding.execute_unprepared(taking).await.unwrap();
    let working: Vec<_> = tasks.into_iter().map(tokio::spawn).collect();
    tokio::time::sleep(Duration::from_millis(500)).await;
    holding.rollback().await.unwrap();
    let mut results = Vec::new();
    for work in working {
        results.push(work.await.unwrap());
    }
    results
}

const AGREEMENT: &str =
    "query ($number: String!) { agreement(by: {code: $number}) { id number client { name } terms { id } } }";

/// Records an entry by a token and a request of its own; what came of it, and the token's id.
async fn record_as(remit: Arc<Remit>, request: String, entry: Value) -> (Value, Value) {
    let admin = remit.admin("acme");
    let query = "mutation ($input: RecordTimeEntriesInput!) { recordTimeEntries(input: $input) { results { outcome timeEntry { id } errors { code path } } } }";
    let body = json!({"query": query, "variables": {"input": {"entries": [entry]}}});
    let answer =
        admin.request(Method::POST, "/graphql").header("x-request-id", request).json(&body).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    (answer["data"]["recordTimeEntries"]["results"][0].clone(), claims(&admin.token)["jti"].clone())
}

/// An hour's work on one of many agreements.
fn on(number: &str, id: &str) -> Value {
    let mut job = entry(id, "2026-11-18T20:00:00-05:00", "2026-11-18T21:00:00-05:00");
    job["agreement"] = json!({"code": number});
    job
}

/// Has these recorded at once; what came of each, in their order.
async fn at_once(remit: &Arc<Remit>, entries: &[Value]) -> Vec<(Value, Value)> {
    let entries = entries.iter().enumerate();
    let tasks = entries.map(|(place, entry)| record_as(Arc::clone(remit), format!("together-{place}"), entry.clone()));
    held_up(remit, tasks.collect()).await
}

both! {
    async fn agreements_that_many_ask_for_at_once_are_each_ones_own(remit: Remit) {
        let remit = Arc::new(remit);
        let numbers: Vec<String> = (0..4).map(|place| format!("MSA-{place}")).collect();
        let mut known = Vec::new();
        for provider in ["acme", "other"] {
            let admin = remit.admin(provider);
            fixtures::catalogue(&admin).await;
            admin.done("putClient", json!({"code": "CONTOSO", "name": "Contoso"}), "").await;
            for number in &numbers {
                fixtures::agreement_in_force(&admin, number).await;
                let found = admin.ask_with(AGREEMENT, json!({"number": number})).await;
                known.push((provider, None, number.clone(), found.clone()));
                known.push((provider, Some("NORTHWIND"), number.clone(), found));
                known.push((provider, Some("CONTOSO"), number.clone(), json!({"agreement": null})));
            }
            known.push((provider, None, "MSA-9".to_owned(), json!({"agreement": null})));
        }
        // As many as run at once.
        for some in known.chunks(16) {
            let ask = |(provider, client, number, _): &(&'static str, Option<&'static str>, String, Value)| {
                let (remit, provider, client, number) = (Arc::clone(&remit), *provider, *client, number.clone());
                async move {
                    let user = match client {
                        Some(client) => remit.portal(provider, client, "agreements:read clients:read"),
                        None => remit.admin(provider),
                    };
                    user.ask_with(AGREEMENT, json!({"number": number})).await
                }
            };
            let found = held_up(&remit, some.iter().map(ask).collect()).await;
            for ((provider, client, number, expected), found) in some.iter().zip(found) {
                assert_eq!(found, *expected, "{provider} {client:?} {number}");
            }
        }
    }

    async fn agreements_that_many_ask_for_at_once_are_found_together(remit: Remit) {
        let remit = Arc::new(remit);
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        for place in 0..12 {
            fixtures::agreement_in_force(&admin, &format!("MSA-{place}")).await;
        }
        let ask = |place: usize| {
            let remit = Arc::clone(&remit);
            async move {
                let number = format!("MSA-{place}");
                let found = remit.admin("acme").ask_with("query ($number: String!) { agreement(by: {code: $number}) { number } }", json!({"number": number})).await;
                assert_eq!(found["agreement"]["number"], number);
            }
        };
        let before = remit.store.statements();
        held_up(&remit, (0..12).map(ask).collect()).await;
        let sent = remit.store.statements() - before;
        // One goes alone, and six together once they have come; the others have waited for too long. SQLite does not hold them up.
        assert!(sent <= if remit.database_url().starts_with("sqlite") { 12 } else { 7 }, "{sent} statements");
    }

    async fn entries_that_many_record_at_once_are_one_write_and_each_ones_own(remit: Remit) {
        let remit = Arc::new(remit);
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let numbers: Vec<String> = (0..12).map(|place| format!("MSA-{place:02}")).collect();
        for number in &numbers {
            fixtures::agreement_in_force(&admin, number).await;
        }
        let mut alone = 0;
        for number in &numbers {
            let before = remit.store.statements();
            record(&admin, json!([on(number, &format!("before on {number}"))])).await;
            alone = remit.store.statements() - before;
        }
        let entries: Vec<Value> = numbers.iter().map(|number| on(number, &format!("of {number}"))).collect();
        let before = remit.store.statements();
        let recorded = at_once(&remit, &entries).await;
        let sent = remit.store.statements() - before;
        // Six are one write at least.
        assert!(sent <= 9 * alone, "{sent} statements, {alone} for one");
        let trail = admin.ask("{ audit(last: 12) { nodes { event subjectId requestId actor { jti } } } }").await;
        let trail = trail["audit"]["nodes"].as_array().unwrap();
        for (place, (result, jti)) in recorded.iter().enumerate() {
            assert_eq!((&result["outcome"], &result["errors"]), (&json!("CREATED"), &json!([])));
            let told = json!({"event": "time.recorded", "subjectId": result["timeEntry"]["id"], "requestId": format!("together-{place}"), "actor": {"jti": jti}});
            assert!(trail.contains(&told), "{told} in {trail:?}");
        }
        let found = charges(&admin, json!({})).await;
        assert_eq!(lines(&found).len(), 24);
    }

    async fn what_cannot_go_together_comes_out_as_it_would_alone(remit: Remit) {
        let remit = Arc::new(remit);
        let (admin, other) = (remit.admin("acme"), remit.admin("other"));
        for provider in [&admin, &other] {
            fixtures::catalogue(provider).await;
            for number in ["MSA-0", "MSA-1", "MSA-2", "MSA-3"] {
                fixtures::agreement_in_force(provider, number).await;
            }
            record(provider, json!([on("MSA-0", "moves")])).await;
        }
        let mut entries = vec![
            on("MSA-0", "first"), on("MSA-0", "second"), on("MSA-1", "twice"), on("MSA-1", "twice"), on("MSA-2", "moves"),
            on("MSA-3", "unknown service"), on("MSA-9", "unknown agreement"), on("MSA-3", "by id"), on("MSA-3", "by code"),
        ];
        entries[5]["service"] = json!({"code": "NONE"});
        let third = admin.ask("{ agreement(by: {code: \"MSA-3\"}) { id } }").await;
        entries[7]["agreement"] = json!({"id": third["agreement"]["id"]});
        let recorded = at_once(&remit, &entries).await;
        let outcomes: Vec<&str> = recorded.iter().map(|(result, _)| result["outcome"].as_str().unwrap()).collect();
        let twice = [outcomes[2], outcomes[3]];
        assert!(twice == ["CREATED", "UNCHANGED"] || twice == ["UNCHANGED", "CREATED"], "{twice:?}");
        assert_eq!([&outcomes[..2], &outcomes[4..]].concat(), ["CREATED", "CREATED", "UPDATED", "REJECTED", "REJECTED", "CREATED", "CREATED"]);
        for (place, field) in [(5, "service"), (6, "agreement")] {
            let error = json!([{"code": "NOT_FOUND", "path": ["input", "entries", "0", field]}]);
            assert_eq!(recorded[place].0["errors"], error);
        }
        let by_request = admin.ask("{ audit(first: 500) { nodes { subjectId requestId } } }").await;
        let by_request = by_request["audit"]["nodes"].as_array().unwrap();
        let moved = json!({"subjectId": recorded[4].0["timeEntry"]["id"], "requestId": "together-4"});
        assert!(by_request.contains(&moved), "{moved} in {by_request:?}");
        entries[7]["agreement"] = json!({"code": "MSA-3"});
        for entry in entries {
            record(&other, json!([entry])).await;
        }
        let sorted = |found: Value| {
            let mut lines = lines(&found);
            lines.sort();
            lines
        };
        assert_eq!(sorted(charges(&admin, json!({})).await), sorted(charges(&other, json!({})).await));
    }
}
