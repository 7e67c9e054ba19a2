//! The change feed: each change once, in order, to whoever keeps his cursor (E1).

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use remit::{
    auth::{Caller, ProviderCode},
    events::{Upkeep, keep_house},
    store::{Blocker, Change, ChangeKind, FeedStanding, Scope, Subject, Uuid},
};
use remit_domain::Timestamp;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DbBackend, Statement};
use serde_json::{Value, json};

use crate::support::{AnotherCluster, Backend, NOW, Remit, User, both, code, fixtures, turns::settle};

const PAGE: &str = "query ($first: Int, $after: String, $types: [SubjectType!], $wait: Duration) {
    changes(first: $first, after: $after, types: $types, wait: $wait) {
        edges { cursor node { type kind event subjectId at } } pageInfo { hasNextPage endCursor } } }";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

async fn operator(remit: &Remit) -> Scope {
    remit.store.scope(&Caller::operator(ProviderCode::new("acme").unwrap(), 0)).await.unwrap()
}

/// Writes one change of some ticket, beside others.
async fn record(remit: &Remit, scope: &Scope, ticket: Uuid, event: &'static str) {
    let mut tx = remit.store.begin_recording(scope, now(), &[ticket]).await.unwrap();
    let (subject, kind) = (Subject::Ticket, ChangeKind::Updated);
    tx.changed(Change { subject, id: ticket, kind, event, agreement: None, client: None, clock: None });
    tx.commit().await.unwrap();
}

/// Writes many changes at once, and of more objects than one statement tells of.
async fn record_many(remit: &Remit, scope: &Scope, tickets: &[Uuid]) {
    let mut tx = remit.store.begin_recording(scope, now(), &[]).await.unwrap();
    for (kind, event) in [(ChangeKind::Created, "first"), (ChangeKind::Updated, "second")] {
        for id in tickets.iter().copied() {
            tx.changed(Change {
                subject: Subject::Ticket,
                id,
                kind,
                event,
                agreement: None,
                client: None,
                clock: None,
            });
        }
    }
    tx.commit().await.unwrap();
}

/// A page of the feed: its cursors with what they stand at, and where to read on.
async fn page(user: &User<'_>, first: usize, after: Option<&str>) -> (Vec<(String, Value)>, Option<String>) {
    let answer = user.ask_with(PAGE, json!({"first": first, "after": after})).await;
    let edge = |edge: &Value| (edge["cursor"].as_str().unwrap().to_owned(), edge["node"].clone());
    let edges = answer["changes"]["edges"].as_array().unwrap().iter().map(edge).collect();
    (edges, answer["changes"]["pageInfo"]["endCursor"].as_str().map(str::to_owned))
}

/// Everything behind a cursor, read in pages.
async fn all(user: &User<'_>, first: usize, after: Option<String>) -> Vec<(String, Value)> {
    let (mut read, mut after) = (Vec::new(), after);
    loop {
        let (edges, end) = page(user, first, after.as_deref()).await;
        if edges.is_empty() {
            assert_eq!(end, after, "an empty page ends where it began");
            return read;
        }
        read.extend(edges);
        after = end;
    }
}

/// Makes each commit on a PostgreSQL take its time, so that they end in another order than they began.
async fn delay_commits(remit: &Remit) {
    if !remit.database_url().starts_with("postgres:") {
        return;
    }
    let connection = Database::connect(remit.database_url()).await.unwrap();
    let delay = "CREATE FUNCTION delay() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_sleep(random() * 0.04); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER delay AFTER INSERT ON change DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION delay()";
    connection.execute_unprepared(delay).await.unwrap();
}

/// The events of each subject, in the order of the feed.
fn by_subject(read: &[(String, Value)]) -> HashMap<String, Vec<String>> {
    let mut found: HashMap<String, Vec<String>> = HashMap::new();
    for (_, change) in read {
        let text = |name: &str| change[name].as_str().unwrap().to_owned();
        found.entry(text("subjectId")).or_default().push(text("event"));
    }
    found
}

const WRITERS: usize = 16;
const WRITES: [&str; 12] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"];

both! {
    async fn a_large_write_is_told_in_its_order(remit: Remit) {
        let scope = operator(&remit).await;
        let tickets: Vec<Uuid> = (0..700).map(|_| Uuid::now_v7()).collect();
        record_many(&remit, &scope, &tickets).await;
        settle(&remit).await;
        let told: Vec<String> = all(&remit.user("acme", "changes:read"), 100, None).await.iter().map(|(_, change)| change["event"].to_string()).collect();
        assert_eq!(told.len(), 1400);
        assert!(told.is_sorted(), "what came second is told before what came first");
    }

    async fn sixteen_writers_and_no_reader_misses_a_change(remit: Remit) {
        delay_commits(&remit).await;
        let remit = Arc::new(remit);
        let writing = Arc::new(AtomicBool::new(true));
        let scope = operator(&remit).await;
        // Each writer has a ticket of its own, and all take turns at one more.
        let (shared, tickets) = (Uuid::now_v7(), (0..WRITERS).map(|_| Uuid::now_v7()));
        let writers: Vec<_> = tickets
            .map(|ticket| {
                let (remit, scope) = (Arc::clone(&remit), scope.clone());
                tokio::spawn(async move {
                    for (place, event) in WRITES.into_iter().enumerate() {
                        record(&remit, &scope, if place % 4 == 3 { shared } else { ticket }, event).await;
                    }
                })
            })
            .collect();
        let readers: Vec<_> = [1, 3, 7, 100]
            .map(|first| {
                let (remit, writing) = (Arc::clone(&remit), Arc::clone(&writing));
                tokio::spawn(async move {
                    let user = remit.user("acme", "changes:read");
                    let mut read: Vec<(String, Value)> = Vec::new();
                    loop {
                        let last = !writing.load(Ordering::Relaxed);
                        read.extend(all(&user, first, read.last().map(|(cursor, _)| cursor.clone())).await);
                        if last {
                            return read;
                        }
                    }
                })
            })
            .into();
        for writer in writers {
            writer.await.unwrap();
        }
        settle(&remit).await;
        writing.store(false, Ordering::Relaxed);
        let user = remit.user("acme", "changes:read");
        let everything = all(&user, 500, None).await;
        assert_eq!(everything.len(), WRITERS * WRITES.len());
        for reader in readers {
            assert_eq!(reader.await.unwrap(), everything, "who reads along sees what who comes later sees");
        }
        for (subject, events) in by_subject(&everything) {
            if subject.contains(&shared.simple().to_string()) {
                assert_eq!(events.len(), WRITERS * WRITES.len() / 4);
            } else {
                assert_eq!(events, ["0", "1", "2", "4", "5", "6", "8", "9", "10"], "a writer's own changes, in order");
            }
        }
        for (place, (cursor, _)) in everything.iter().enumerate() {
            let (rest, _) = page(&user, 500, Some(cursor)).await;
            assert_eq!(rest, everything[place + 1..], "behind the cursor of change {place}");
        }
    }

    async fn a_change_says_what_and_whose_and_shows_what_the_token_reaches(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "A").await;
        let references = json!([{"system": "crm", "id": "17"}]);
        let client = json!({"code": "CONTOSO", "name": "Contoso", "externalRefs": references});
        admin.done("putClient", client, "").await;
        settle(&remit).await;
        let query = "{ changes { head nodes { type kind event at subjectId agreementId clientId percent
            externalRefs { system id } subject { __typename id ... on Client { code } ... on Agreement { number } } } pageInfo { endCursor } } }";
        let read = admin.ask(query).await;
        let nodes = read["changes"]["nodes"].as_array().unwrap();
        let agreement = admin.ask("{ agreement(by: {code: \"A\"}) { id client { id } pending { id } terms { id } } }").await;
        let (agreement, of) = (agreement["agreement"]["id"].clone(), agreement["agreement"]["client"]["id"].clone());
        let created = nodes.iter().find(|node| node["event"] == "agreement.created").unwrap();
        let expected = json!({"type": "AGREEMENT", "kind": "CREATED", "event": "agreement.created", "at": NOW, "subjectId": agreement,
            "agreementId": agreement, "clientId": of, "percent": null, "externalRefs": [],
            "subject": {"__typename": "Agreement", "id": agreement, "number": "A"}});
        assert_eq!(created, &expected);
        let last = nodes.last().unwrap();
        assert_eq!((&last["event"], &last["subject"]["code"], &last["externalRefs"]), (&json!("client.put"), &json!("CONTOSO"), &references));
        assert_eq!(read["changes"]["head"], read["changes"]["pageInfo"]["endCursor"]);
        for node in nodes {
            assert_eq!(node["subjectId"], node["subject"]["id"], "{node}");
        }
        // What the scopes do not reach is null, not an error.
        let catalogue = remit.user("acme", "changes:read catalogue:read");
        let read = catalogue.ask("{ changes { nodes { type subject { __typename } } } }").await;
        for node in read["changes"]["nodes"].as_array().unwrap() {
            let of_catalogue = ["SERVICE", "SLA_TIER", "CALENDAR"].contains(&node["type"].as_str().unwrap());
            assert_eq!(node["subject"].is_null(), !of_catalogue, "{node}");
        }
        // Nor is there anything of another provider, or for a client.
        assert_eq!(remit.admin("zenith").ask(query).await["changes"]["nodes"], json!([]));
        let portal = remit.portal("acme", "NORTHWIND", "changes:read agreements:read");
        assert_eq!(code(&portal.refused("{ changes { nodes { event } } }", json!({})).await[0]), "FORBIDDEN changes:read");
        let other = remit.user("acme", "agreements:read");
        assert_eq!(code(&other.refused("{ changes { nodes { event } } }", json!({})).await[0]), "FORBIDDEN changes:read");
    }

    async fn the_feed_can_be_read_by_kind(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "A").await;
        settle(&remit).await;
        let of = async |types: Value, after: Value| {
            let read = admin.ask_with(PAGE, json!({"first": 3, "types": types, "after": after})).await;
            let events: Vec<String> = read["changes"]["edges"].as_array().unwrap().iter().map(|edge| edge["node"]["event"].as_str().unwrap().to_owned()).collect();
            (events, read["changes"]["pageInfo"].clone())
        };
        let (events, info) = of(json!(["TERMS", "CLIENT", "CLIENT"]), json!(null)).await;
        assert_eq!((events.join(" ").as_str(), &info["hasNextPage"]), ("client.put terms.drafted terms.offered", &json!(true)));
        let (events, info) = of(json!(["TERMS", "CLIENT"]), info["endCursor"].clone()).await;
        assert_eq!((events.join(" ").as_str(), &info["hasNextPage"]), ("terms.activated", &json!(false)));
        let end = info["endCursor"].clone();
        assert_eq!(of(json!(["TERMS"]), end.clone()).await, (Vec::new(), json!({"hasNextPage": false, "endCursor": end})));
        assert_eq!(of(json!(["TICKET"]), json!(null)).await, (Vec::new(), json!({"hasNextPage": false, "endCursor": null})));
        // An empty list names no kind.
        assert_eq!(of(json!([]), json!(null)).await, (Vec::new(), json!({"hasNextPage": false, "endCursor": null})));
    }

    async fn a_cursor_that_cannot_be_kept_to_is_refused(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        settle(&remit).await;
        let read = all(&admin, 500, None).await;
        let refused = async |after: &str| code(&admin.refused(PAGE, json!({"after": after})).await[0]);
        for bad in ["", "x", "c2VydmljZXMKQkFDS1VQ", "Y2hhbmdlcwoxLjI"] {
            assert_eq!(refused(bad).await, "BAD_USER_INPUT after", "{bad}");
        }
        assert_eq!(code(&admin.refused(PAGE, json!({"first": 501})).await[0]), "BAD_USER_INPUT first");
        assert_eq!(code(&admin.refused(PAGE, json!({"wait": "PT61S"})).await[0]), "BAD_USER_INPUT wait");
        // "changes", then a place far ahead of this feed, and one of an epoch to come.
        for ahead in ["Y2hhbmdlcwoxLjkwMDAwMDAwMDAuOTAwMDAwMDAwMA", "Y2hhbmdlcwo5OS4xLjE"] {
            assert_eq!(refused(ahead).await, "CURSOR_EXPIRED after");
        }
        // What is older than kept is forgotten; who has not read so far is told.
        let forgotten = remit.store.forget_changes(now()).await.unwrap();
        assert_eq!(forgotten, 0, "what happened now is not older than now");
        let forgotten = remit.store.forget_changes(now() + Duration::from_secs(1)).await.unwrap();
        assert_eq!(forgotten, 8);
        let (before_last, last) = (&read[read.len() - 2].0, &read[read.len() - 1].0);
        assert_eq!(refused(before_last).await, "CURSOR_EXPIRED after");
        assert_eq!(page(&admin, 5, Some(last)).await, (Vec::new(), Some(last.clone())));
        // Where all is forgotten, the end of the feed is behind it, and can be read on from.
        assert_eq!(admin.ask("{ changes(first: 0) { head } }").await["changes"]["head"], json!(last));
        admin.done("putClient", json!({"code": "CONTOSO", "name": "Contoso"}), "").await;
        settle(&remit).await;
        assert_eq!(page(&admin, 5, Some(last)).await.0[0].1["event"], "client.put");
        // By kind, only what is gone of that kind counts.
        let tier = read.iter().find(|(_, change)| change["event"] == "tier.put").unwrap();
        let of = async |kind: &str| admin.send(PAGE, json!({"after": tier.0, "types": [kind]})).await;
        assert!(of("SLA_TIER").await.get("errors").is_none() && of("TICKET").await.get("errors").is_none());
        assert_eq!(code(&of("CALENDAR").await["errors"][0]), "CURSOR_EXPIRED after");
        // Forgetting again moves nothing back.
        remit.store.forget_changes(now()).await.unwrap();
        assert_eq!(refused(before_last).await, "CURSOR_EXPIRED after");
    }

    async fn a_question_waits_for_an_answer(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let other = remit.beside().await;
        let head = async || {
            settle(&remit).await;
            let read = admin.ask("{ changes(first: 0) { head pageInfo { endCursor } } }").await;
            assert_eq!(read["changes"]["pageInfo"]["endCursor"], json!(null));
            read["changes"]["head"].clone()
        };
        let wait = |remit: &Remit, head: &Value, wait: &str, types: Value| {
            let (user, variables) = (remit.admin("acme").token, json!({"after": head, "wait": wait, "types": types}));
            let request = remit.request(reqwest::Method::POST, "/graphql").bearer_auth(user).json(&json!({"query": PAGE, "variables": variables}));
            async move {
                let start = Instant::now();
                let answer: Value = request.send().await.unwrap().json().await.unwrap();
                let events: Vec<String> = answer["data"]["changes"]["edges"].as_array().unwrap().iter().map(|edge| edge["node"]["event"].as_str().unwrap().to_owned()).collect();
                (events.join(" "), answer["data"]["changes"]["pageInfo"]["endCursor"].clone(), start.elapsed())
            }
        };
        let start = head().await;
        // Nothing comes: the time is waited out, and the cursor stays.
        let (events, end, took) = wait(&remit, &start, "PT0.3S", json!(null)).await;
        assert_eq!((events.as_str(), &end), ("", &start));
        assert!(took >= Duration::from_millis(300), "{took:?}");
        // Something comes, here or on another server.
        for server in [&remit, &other] {
            let waiting = tokio::spawn(wait(server, &head().await, "PT20S", json!(["TERMS", "CLIENT"])));
            tokio::time::sleep(Duration::from_millis(200)).await;
            let code = format!("C{}", server.address.port());
            remit.admin("acme").done("putService", json!({"code": code, "name": code, "kind": "CLOUD"}), "").await;
            remit.admin("zenith").done("putClient", json!({"code": code, "name": code}), "").await;
            tokio::time::sleep(Duration::from_millis(200)).await;
            assert!(!waiting.is_finished(), "another kind of object and another provider's change wake nobody");
            remit.admin("acme").done("putClient", json!({"code": code, "name": code}), "").await;
            let (events, _, took) = waiting.await.unwrap();
            assert!(events.starts_with("client.put"), "{events}");
            assert!(took < Duration::from_secs(10), "{took:?}");
        }
        // A server that is about to end lets go.
        let waiting = tokio::spawn(wait(&other, &head().await, "PT20S", json!(["TICKET"])));
        tokio::time::sleep(Duration::from_millis(200)).await;
        other.store.stop_following();
        let (events, _, took) = waiting.await.unwrap();
        assert!(events.is_empty() && took < Duration::from_secs(10));
    }
}

both! {
    async fn the_server_forgets_by_itself(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        settle(&remit).await;
        let an_hour_later: fn() -> Timestamp = || now() + Duration::from_secs(3600);
        let upkeep = |kept| Upkeep { store: remit.store.clone(), clock: an_hour_later, changes_kept: Duration::from_secs(kept) };
        let kept = tokio::time::timeout(Duration::from_millis(500), keep_house(upkeep(3600))).await;
        assert!(kept.is_err(), "it keeps house for as long as the server runs");
        assert_eq!(all(&admin, 500, None).await.len(), 8);
        let keeping = tokio::spawn(keep_house(upkeep(10)));
        let until = Instant::now() + Duration::from_secs(20);
        while !all(&admin, 500, None).await.is_empty() {
            assert!(Instant::now() < until);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        keeping.abort();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_notices_that_its_database_stands_elsewhere() {
    let remit = Remit::start(Backend::Postgres).await;
    let admin = remit.admin("acme");
    admin.done("putClient", json!({"code": "A", "name": "A"}), "").await;
    let connection = Database::connect(remit.database_url()).await.unwrap();
    // As if the cluster had been another one until now.
    connection.execute_unprepared("UPDATE feed SET cluster = 'another/00000001'").await.unwrap();
    admin.done("putClient", json!({"code": "B", "name": "B"}), "").await;
    admin.done("putClient", json!({"code": "C", "name": "C"}), "").await;
    let rows = connection
        .query_all_raw(Statement::from_string(DbBackend::Postgres, "SELECT epoch FROM change ORDER BY at, epoch"))
        .await
        .unwrap();
    let epochs: Vec<i64> = rows.iter().map(|row| row.try_get("", "epoch").unwrap()).collect();
    assert_eq!(epochs, [1, 2, 2]);
}

/// Uses up transaction numbers, so that a fresh cluster begins far below.
async fn use_up_transactions(url: &str) {
    let connection = Database::connect(url).await.unwrap();
    let use_up = "DO $$ BEGIN FOR i IN 1..20000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$";
    connection.execute_unprepared(use_up).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reading_goes_on_where_a_dump_was_restored_into_a_fresh_cluster() {
    let fresh = AnotherCluster::start();
    let (Some(mut dump), Some(mut restore)) = (fresh.program("pg_dump"), fresh.program("psql")) else {
        println!("not run: this PostgreSQL comes without pg_dump and psql");
        return;
    };
    let remit = Remit::start(Backend::Postgres).await;
    use_up_transactions(remit.database_url()).await;
    let admin = remit.admin("acme");
    fixtures::catalogue(&admin).await;
    settle(&remit).await;
    let before = all(&admin, 500, None).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dump.sql");
    assert!(dump.arg(remit.database_url()).arg("-f").arg(&file).status().unwrap().success());
    // Somebody reads what the dump does not have.
    admin.done("putClient", json!({"code": "LOST", "name": "Lost"}), "").await;
    settle(&remit).await;
    let ahead = all(&admin, 500, None).await.pop().unwrap().0;
    let name = remit.database_url().rsplit('/').next().unwrap();
    let connection = Database::connect(format!("{}/postgres", fresh.url)).await.unwrap();
    connection.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    let url = format!("{}/{name}", fresh.url);
    let restored = restore.arg(&url).args(["-q", "-v", "ON_ERROR_STOP=1", "-f"]).arg(&file).output().unwrap();
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    let remit = remit.on(url).await;
    let admin = remit.admin("acme");
    assert_eq!(all(&admin, 3, None).await, before, "the restored feed is what it was");
    admin.done("putClient", json!({"code": "AFTER", "name": "After"}), "").await;
    let after = all(&admin, 500, None).await;
    assert_eq!((after.len(), &after[..before.len()]), (before.len() + 1, &before[..]));
    for (place, (cursor, _)) in before.iter().enumerate() {
        assert_eq!(page(&admin, 500, Some(cursor)).await.0, after[place + 1..], "behind change {place}");
    }
    let refused = admin.refused(PAGE, json!({"after": ahead})).await;
    assert_eq!(code(&refused[0]), "CURSOR_EXPIRED after");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_left_open_elsewhere_is_named_and_nothing_is_lost() {
    // A cluster of its own: everybody's feeds in it stand still.
    let cluster = AnotherCluster::start();
    let connection = Database::connect(format!("{}/postgres", cluster.url)).await.unwrap();
    connection.execute_unprepared("CREATE DATABASE remit").await.unwrap();
    let remit = Remit::start(Backend::Sqlite).await.on(format!("{}/remit", cluster.url)).await;
    let admin = remit.admin("acme");
    let mut options = ConnectOptions::new(format!("{}/postgres?application_name=forgotten", cluster.url));
    let elsewhere = Database::connect(options.max_connections(1).clone()).await.unwrap();
    elsewhere.execute_unprepared("BEGIN; SELECT pg_current_xact_id()").await.unwrap();
    fixtures::catalogue(&admin).await;
    let read = all(&admin, 500, None).await.len();
    assert_eq!(read, 0, "what a transaction before them could still precede is not shown");
    let standing = remit.store.feed_standing().await.unwrap();
    let Some(Blocker { name, state, database, .. }) = standing.blocker else { panic!("nobody is named") };
    assert_eq!((name.as_str(), state.as_str(), database.as_str()), ("forgotten", "idle in transaction", "postgres"));
    assert!(standing.held_for > Duration::ZERO);
    let waiting = admin.ask_with(PAGE, json!({"wait": "PT20S"}));
    let end = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        elsewhere.execute_unprepared("ROLLBACK").await.unwrap();
    };
    let (read, ()) = tokio::join!(waiting, end);
    assert!(!read["changes"]["edges"].as_array().unwrap().is_empty());
    assert_eq!(all(&admin, 500, None).await.len(), 8);
    assert_eq!(remit.store.feed_standing().await.unwrap(), FeedStanding::default());
}
