//! Requests with a key: one effect and one answer, however often they come, and however many at once.

use remit::auth::ScopeSet;
use remit_domain::Timestamp;
use sea_orm::{ConnectionTrait, Database, Statement};
use serde_json::{Value, json};

use crate::support::{NOW, Remit, both, claims, fixtures};

const PUT: &str = "mutation ($code: String!, $name: String!) { putClient(input: {code: $code, name: $name}) { client { id name } errors { code path } } }";
const CREATE: &str = "mutation ($number: String!) { createAgreement(input: {number: $number, title: \"T\", client: {code: \"NORTHWIND\"}, currency: \"EUR\"}) {
    agreement { id number } errors { code path } } }";

const RENAME: &str = "mutation ($revision: Int!) { updateAgreement(input: {agreement: {code: \"MSA-1\"}, title: \"New\", revision: $revision}) {
    agreement { revision } errors { code path } } }";

fn client(name: &str) -> Value {
    json!({"code": "A", "name": name})
}

async fn execute(remit: &Remit, sql: &str) {
    Database::connect(remit.database_url()).await.unwrap().execute_unprepared(sql).await.unwrap();
}

/// What is kept of answers, as text.
async fn kept(remit: &Remit) -> Vec<String> {
    let connection = Database::connect(remit.database_url()).await.unwrap();
    let all = Statement::from_string(connection.get_database_backend(), "SELECT key, request, answer FROM kept_answer");
    let rows = connection.query_all_raw(all).await.unwrap();
    let text = |row: &sea_orm::QueryResult, column: &str| row.try_get::<String>("", column).unwrap();
    rows.iter().map(|row| ["key", "request", "answer"].map(|column| text(row, column)).join(" ")).collect()
}

/// How many changes the feed has.
async fn changes(user: &crate::support::User<'_>) -> usize {
    let mut found = usize::MAX;
    // On PostgreSQL the newest are held for a moment by what other tests write.
    for _ in 0..40 {
        let now =
            user.ask("{ changes(first: 500) { nodes { event } } }").await["changes"]["nodes"].as_array().unwrap().len();
        if now == found {
            return now;
        }
        found = now;
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    found
}

both! {
    async fn the_same_request_has_one_effect_and_one_answer(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        admin.send(CREATE, json!({"number": "MSA-1"})).await;
        let first = admin.send_keyed("k1", RENAME, json!({"revision": 1})).await;
        assert_eq!(first["data"]["updateAgreement"], json!({"agreement": {"revision": 2}, "errors": []}), "{first}");
        for key in ["k1", "\"k1\""] {
            let again = admin.send_keyed(key, RENAME, json!({"revision": 1})).await;
            assert_eq!(again["data"], first["data"]);
        }
        // Another server, and one that the first had not been: the same.
        let beside = remit.beside().await;
        assert_eq!(beside.admin("acme").send_keyed("k1", RENAME, json!({"revision": 1})).await["data"], first["data"]);
        // Without the key, and with another one, it is another request.
        let stale = admin.send_keyed("k2", RENAME, json!({"revision": 1})).await;
        for answer in [&stale, &admin.send(RENAME, json!({"revision": 1})).await] {
            assert_eq!(answer["data"]["updateAgreement"]["errors"][0]["code"], "STALE_REVISION", "{answer}");
        }
        // A refusal is an answer: it stays what it was.
        admin.done("updateAgreement", json!({"agreement": {"code": "MSA-1"}, "title": "Other", "revision": 2}), "").await;
        assert_eq!(admin.send_keyed("k2", RENAME, json!({"revision": 1})).await["data"], stale["data"]);
        let refused = "mutation { putClient(input: {code: \"A\", name: \"\"}) { client { id } errors { code } } }";
        let invalid = admin.send_keyed("k4", refused, json!({})).await;
        assert_eq!(admin.send_keyed("k4", refused, json!({})).await["data"], invalid["data"]);
    }

    async fn another_request_under_the_same_key_is_refused(remit: Remit) {
        let admin = remit.admin("acme");
        let first = admin.send_keyed("k", PUT, client("One")).await;
        // The order of variables is no matter.
        let turned = serde_json::from_str(r#"{"name": "One", "code": "A"}"#).unwrap();
        assert_eq!(admin.send_keyed("k", PUT, turned).await["data"], first["data"]);
        let mismatch = json!({"client": null, "errors": [{"code": "IDEMPOTENCY_MISMATCH", "path": []}]});
        let spaced = PUT.replace("{ id name }", "{ name id }");
        for (query, variables) in [(PUT, client("Two")), (spaced.as_str(), client("One"))] {
            let other = admin.send_keyed("k", query, variables).await;
            assert_eq!(other["data"]["putClient"], mismatch, "{other}");
            assert_eq!(other.get("errors"), None);
        }
        let entries = "mutation { recordTimeEntries(input: {entries: []}) { results { outcome } errors { code } } }";
        let other = admin.send_keyed("k", entries, json!({})).await;
        assert_eq!(other["data"]["recordTimeEntries"], json!({"results": [], "errors": [{"code": "IDEMPOTENCY_MISMATCH"}]}), "{other}");
        // A token that may less does not get what one that may more was answered.
        let less = remit.user("acme", "clients:write").send_keyed("k", PUT, client("One")).await;
        assert_eq!(less["data"]["putClient"]["errors"][0]["code"], "IDEMPOTENCY_MISMATCH", "{less}");
        assert_eq!(admin.ask("{ client(by: {code: \"A\"}) { name } }").await["client"]["name"], "One");
        assert_eq!(changes(&admin).await, 1);
        // Another provider's key is another key, and so is the key of somebody bound to a client.
        let others = remit.admin("zenith").send_keyed("k", PUT, client("Two")).await;
        assert_eq!(others["data"]["putClient"]["client"]["name"], "Two", "{others}");
        let bound = remit.portal("acme", "A", &ScopeSet::all().to_string()).send_keyed("k", PUT, client("One")).await;
        assert_eq!(bound["errors"][0]["extensions"]["code"], "FORBIDDEN", "{bound}");
    }

    async fn equal_requests_at_once_have_one_effect_and_one_answer(remit: Remit) {
        let beside = remit.beside().await;
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let before = changes(&admin).await;
        admin.send(CREATE, json!({"number": "MSA-1"})).await;
        for round in 1..6 {
            let number = format!("MSA-{round}");
            let (key, another) = (format!("key {round}"), format!("other {round}"));
            let (here, there, other) = (remit.admin("acme"), beside.admin("acme"), remit.admin("acme"));
            let send = async |user: &crate::support::User<'_>| user.send_keyed(&key, &RENAME.replace("New", &number), json!({"revision": round})).await;
            // Another key, and none, go on beside them.
            let (a, b, c, d, put, plain) = tokio::join!(send(&here), send(&there), send(&here), send(&there),
                other.send_keyed(&another, PUT, client(&number)), other.send(PUT, json!({"code": "B", "name": number})));
            assert_eq!(a["data"]["updateAgreement"]["errors"], json!([]), "{a}");
            for answer in [&b, &c, &d] {
                assert_eq!(answer["data"], a["data"]);
            }
            assert_eq!((&put["data"]["putClient"]["errors"], &plain["data"]["putClient"]["errors"]), (&json!([]), &json!([])), "{put} {plain}");
        }
        assert_eq!(changes(&admin).await, before + 16);
    }

    async fn a_request_with_a_key_is_done_as_a_whole_or_not_at_all(remit: Remit) {
        let clerk = remit.user("acme", "clients:write clients:read");
        let both = "mutation { putClient(input: {code: \"A\", name: \"A\"}) { client { code } errors { code } }
            putService(input: {code: \"S\", name: \"S\", kind: SUPPORT}) { errors { code } } }";
        let refused = clerk.send_keyed("k", both, json!({})).await;
        assert_eq!((&refused["data"], &refused["errors"][0]["extensions"]["code"]), (&Value::Null, &json!("FORBIDDEN")), "{refused}");
        assert_eq!(clerk.ask("{ clients { totalCount } }").await["clients"]["totalCount"], 0);
        assert!(kept(&remit).await.is_empty(), "nothing was answered that would have to stay so");
        // Two that are done have their changes in order, and see each other.
        let admin = remit.admin("acme");
        let twice = "mutation { first: putClient(input: {code: \"A\", name: \"One\"}) { client { name } errors { code } }
            second: putClient(input: {code: \"A\", name: \"Two\"}) { client { name } errors { code } }
            third: createAgreement(input: {number: \"N\", title: \"T\", client: {code: \"A\"}, currency: \"EUR\"}) { agreement { client { name } } errors { code } }
            fourth: createAgreement(input: {number: \"N\", title: \"T\", client: {code: \"A\"}, currency: \"USD\"}) { errors { code } }
            fifth: putClient(input: {code: \"A\", name: \"Three\"}) { client { name } errors { code } } }";
        let done = admin.send_keyed("k2", twice, json!({})).await;
        let expected = json!({"first": {"client": {"name": "One"}, "errors": []}, "second": {"client": {"name": "Two"}, "errors": []},
            "third": {"agreement": {"client": {"name": "Two"}}, "errors": []}, "fourth": {"errors": [{"code": "ALREADY_EXISTS"}]},
            "fifth": {"client": {"name": "Three"}, "errors": []}});
        assert_eq!(done["data"], expected, "{done}");
        assert_eq!(admin.send_keyed("k2", twice, json!({})).await["data"], expected);
        assert_eq!(changes(&admin).await, 4);
        let told = admin.ask("{ changes { nodes { event } } }").await["changes"]["nodes"].clone();
        assert_eq!(told, json!([{"event": "client.put"}, {"event": "client.put"}, {"event": "agreement.created"}, {"event": "client.put"}]));
    }

    async fn a_secret_that_is_shown_once_is_shown_again_to_who_lost_the_answer(remit: Remit) {
        let admin = remit.admin("acme");
        let put = "mutation { putWebhook(input: {code: \"X\", url: \"https://crm.example/\"}) { secret errors { code } } }";
        let key = "8e03978e-40d5-43dd-bc93-6894a57f9324";
        let first = admin.send_keyed(key, put, json!({})).await;
        let secret = first["data"]["putWebhook"]["secret"].as_str().unwrap().to_owned();
        assert!(secret.starts_with("whsec_"));
        assert_eq!(admin.send_keyed(key, put, json!({})).await["data"], first["data"]);
        // Who reads the database finds neither the key nor the secret there.
        let rows = kept(&remit).await;
        assert_eq!(rows.len(), 1);
        assert!(!rows[0].contains(key) && !rows[0].contains(&secret) && !rows[0].contains("putWebhook"), "{rows:?}");
        // What is sealed opens by its own key only.
        execute(&remit, "UPDATE kept_answer SET answer = 'AAAA' || substr(answer, 5)").await;
        let broken = admin.send_keyed(key, put, json!({})).await;
        assert_eq!(broken["errors"][0]["extensions"]["code"], "INTERNAL", "{broken}");
    }

    async fn what_a_request_with_a_key_revokes_is_taken_no_more(remit: Remit) {
        let (admin, other) = (remit.admin("acme"), remit.user("acme", "clients:read"));
        let revoke = "mutation ($jti: String!) { revokeTokens(input: {tokens: {jti: $jti}, reason: \"Lost.\"}) { errors { code } } }";
        let done = admin.send_keyed("k", revoke, json!({"jti": claims(&other.token)["jti"]})).await;
        assert_eq!(done["data"]["revokeTokens"]["errors"], json!([]), "{done}");
        let refused = other.send("{ viewer { subject } }", json!({})).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "at once where it was said");
    }

    async fn answers_are_kept_for_thirty_five_days(remit: Remit) {
        let admin = remit.admin("acme");
        admin.send_keyed("k", PUT, client("One")).await;
        let days = |days: i64| format!("UPDATE kept_answer SET made_at = made_at - {}", days * 86_400_000_000);
        execute(&remit, &days(35)).await;
        let other = admin.send_keyed("k", PUT, client("Two")).await;
        assert_eq!(other["data"]["putClient"]["errors"][0]["code"], "IDEMPOTENCY_MISMATCH", "{other}");
        let now: Timestamp = NOW.parse().unwrap();
        let before = now.checked_sub(remit::store::ANSWERS_KEPT).unwrap();
        assert_eq!(remit.store.forget_answers(before).await.unwrap(), 0);
        execute(&remit, "UPDATE kept_answer SET made_at = made_at - 1").await;
        // It is forgotten, whether or not somebody has tidied up yet.
        let anew = admin.send_keyed("k", PUT, client("Three")).await;
        assert_eq!(anew["data"]["putClient"]["client"]["name"], "Three", "{anew}");
        assert_eq!(admin.send_keyed("k", PUT, client("Three")).await["data"], anew["data"]);
        execute(&remit, &days(36)).await;
        assert_eq!(remit.store.forget_answers(before).await.unwrap(), 1);
    }

    async fn keys_are_for_what_writes_and_are_texts(remit: Remit) {
        let admin = remit.admin("acme");
        for _ in 0..2 {
            let asked = admin.send_keyed("k", "{ clients { totalCount } }", json!({})).await;
            assert_eq!(asked["data"]["clients"]["totalCount"], 0, "a query is asked anew");
        }
        assert!(kept(&remit).await.is_empty());
        for key in ["", "\"", "ü", &"k".repeat(256)] {
            let refused = admin.send_keyed(key, PUT, client("One")).await;
            assert_eq!(refused["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{key}: {refused}");
        }
        let twice = remit.request(reqwest::Method::POST, "/graphql").bearer_auth(&admin.token);
        let twice = twice.header("idempotency-key", "a").header("idempotency-key", "b").json(&json!({"query": "{ viewer { provider } }"}));
        assert_eq!(twice.send().await.unwrap().status(), 400);
        // Each request of a batch has its own.
        let batch = json!([{"query": PUT, "variables": client("One")}, {"query": PUT, "variables": client("Two")}]);
        let mut answers = Vec::new();
        for _ in 0..2 {
            let request = remit.request(reqwest::Method::POST, "/graphql").bearer_auth(&admin.token);
            let answer: Value = request.header("idempotency-key", "batch").json(&batch).send().await.unwrap().json().await.unwrap();
            answers.push(answer.as_array().unwrap().iter().map(|one| one["data"]["putClient"]["client"]["name"].clone()).collect::<Vec<_>>());
        }
        assert_eq!(answers, [[json!("One"), json!("Two")], [json!("One"), json!("Two")]]);
        assert_eq!(changes(&admin).await, 2);
        // What is only priced is not done, and its key stays free.
        let priced = json!({"query": PUT, "variables": client("Four"), "extensions": {"cost": {"dryRun": true}}});
        let request = remit.request(reqwest::Method::POST, "/graphql").bearer_auth(&admin.token);
        request.header("idempotency-key", "priced").json(&priced).send().await.unwrap();
        let done = admin.send_keyed("priced", PUT, client("Five")).await;
        assert_eq!(done["data"]["putClient"]["client"]["name"], "Five", "{done}");
    }
}
