//! Questions that wait for what is still to happen: nobody is kept waiting by them, and nothing counts but their answer.

use std::time::Duration;

use futures_util::future::join_all;
use remit::{graphql::AdmissionRules, http::HttpRules};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use crate::support::{Remit, User, both, by, code, fixtures, ruled, turns::settle};

/// More clients than anybody made: such a page takes a whole place, or two.
const WAIT: &str = "query($after: String, $wait: Duration) { clients(first: 100) { nodes { code } }
    changes(first: 100, after: $after, wait: $wait) { nodes { event } pageInfo { endCursor } } }";

const SUBJECT: &str = "{ viewer { subject } }";

async fn head(user: &User<'_>) -> Value {
    settle(user.remit).await;
    user.ask("{ changes(first: 0) { head } }").await["changes"]["head"].clone()
}

async fn wait(user: &User<'_>, after: &Value, wait: &str) -> Value {
    user.send(WAIT, json!({"after": after, "wait": wait})).await
}

async fn put(user: &User<'_>, code: &str) {
    user.done("putClient", json!({"code": code, "name": code}), "").await;
}

/// Waits until so many follow the feed, and none of them has a turn.
async fn until_waiting(remit: &Remit, count: u64) {
    let found = async {
        while remit.store.following().followers < count || remit.api.load() != (0, 0) {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(20), found).await.expect("those who wait have no turn");
}

fn of<'a>(answer: &'a Value, name: &str) -> &'a Value {
    assert!(answer.get("errors").is_none(), "{answer}");
    &answer["data"][name]["nodes"]
}

ruled! {
    async fn who_waits_takes_nobodys_turn(remit: (
        by(|rules| rules.admission = AdmissionRules { running: 1, ..AdmissionRules::default() }),
        HttpRules::default(),
    )) {
        let admin = remit.admin("acme");
        put(&admin, "FIRST").await;
        let start = head(&admin).await;
        let waiting = join_all((0..12).map(|_| wait(&admin, &start, "PT50S")));
        let others = async {
            until_waiting(&remit, 12).await;
            let begun = Instant::now();
            put(&remit.admin("zenith"), "X").await;
            assert_eq!(admin.ask("{ clients { totalCount } }").await["clients"]["totalCount"], 1);
            put(&admin, "SECOND").await;
            begun
        };
        let (answers, begun) = tokio::join!(waiting, others);
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
        for answer in answers {
            assert_eq!(of(&answer, "changes"), &json!([{"event": "client.put"}]));
            assert_eq!(of(&answer, "clients").as_array().unwrap().len(), 2, "all of it is answered as it was then");
        }
    }

    async fn waiting_is_not_taking_long(remit: (
        by(|rules| rules.deadline = Duration::from_millis(800)),
        HttpRules::default(),
    )) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let start = head(&admin).await;
        let begun = Instant::now();
        let nothing = wait(&admin, &start, "PT1.5S").await;
        assert_eq!((of(&nothing, "changes"), &nothing["data"]["changes"]["pageInfo"]["endCursor"]), (&json!([]), &start));
        assert!(begun.elapsed() >= Duration::from_millis(1_500));
        let (something, ()) = tokio::join!(wait(&admin, &start, "PT50S"), async {
            sleep(Duration::from_millis(1_200)).await;
            put(&admin, "LATE").await;
        });
        assert_eq!(of(&something, "changes"), &json!([{"event": "client.put"}]));
    }

    async fn so_many_of_a_provider_wait_and_no_more(remit: (
        by(|rules| rules.admission = AdmissionRules { waiting: 4, ..AdmissionRules::default() }),
        HttpRules::default(),
    )) {
        let (admin, other) = (remit.admin("acme"), remit.admin("zenith"));
        let start = head(&admin).await;
        let (two, ()) = tokio::join!(join_all((0..2).map(|_| wait(&admin, &start, "PT50S"))), async {
            until_waiting(&remit, 2).await;
            let refused = wait(&admin, &start, "PT50S").await;
            assert_eq!((code(&refused["errors"][0]).as_str(), &refused["errors"][0]["extensions"]["retryAfter"]), ("RATE_LIMITED", &json!(5)));
            assert_eq!(of(&wait(&admin, &start, "PT0S").await, "changes"), &json!([]), "who does not wait is not refused");
            assert_eq!(of(&wait(&other, &json!(null), "PT0.1S").await, "changes"), &json!([]));
            put(&admin, "NEW").await;
        });
        for answer in two {
            assert_eq!(of(&answer, "changes"), &json!([{"event": "client.put"}]));
        }
    }

    async fn every_look_is_paid_for(remit: (
        by(|rules| rules.admission = AdmissionRules { token_budget: Some(10_000), ..AdmissionRules::default() }),
        HttpRules::default(),
    )) {
        let (admin, writer) = (remit.admin("acme"), remit.admin("acme"));
        let start = head(&admin).await;
        let (answer, ()) = tokio::join!(wait(&admin, &start, "PT50S"), async {
            until_waiting(&remit, 1).await;
            assert!(admin.send(SUBJECT, json!({})).await["extensions"]["cost"]["remaining"].as_u64() > Some(9_900), "nothing is held back");
            put(&writer, "NEW").await;
        });
        // The page and its information twice, then a client and a change.
        let cost = &answer["extensions"]["cost"];
        assert_eq!((cost["actual"].as_u64(), of(&answer, "changes").as_array().unwrap().len()), (Some(5), 1));
    }
}

both! {
    async fn a_revoked_token_waits_no_longer(remit: Remit) {
        let (admin, reader) = (remit.admin("acme"), remit.user("acme", "changes:read catalogue:read clients:read"));
        let start = head(&admin).await;
        let begun = Instant::now();
        let (answer, ()) = tokio::join!(wait(&reader, &start, "PT50S"), async {
            until_waiting(&remit, 1).await;
            let jti = crate::support::claims(&reader.token)["jti"].clone();
            admin.done("revokeTokens", json!({"tokens": {"jti": jti}, "reason": "Lost."}), "").await;
        });
        assert_eq!(code(&answer["errors"][0]), "UNAUTHENTICATED", "{answer}");
        assert!(begun.elapsed() < Duration::from_secs(20));
        let again = reader.request(reqwest::Method::POST, "/graphql").json(&json!({"query": "{ viewer { subject } }"}));
        assert_eq!(again.send().await.unwrap().status(), 401);
    }

    async fn each_request_of_a_batch_is_asked_by_a_token_that_holds(remit: Remit) {
        let (admin, reader) = (remit.admin("acme"), remit.user("acme", "changes:read clients:read"));
        let start = head(&admin).await;
        let changes = "query($after: String) { changes(after: $after, wait: \"PT50S\") { nodes { event } } }";
        let batch = json!([{"query": SUBJECT}, {"query": changes, "variables": {"after": start}}, {"query": SUBJECT}]);
        let (answers, ()) = tokio::join!(
            async { reader.request(reqwest::Method::POST, "/graphql").json(&batch).send().await.unwrap().json::<Value>().await.unwrap() },
            async {
                until_waiting(&remit, 1).await;
                let jti = crate::support::claims(&reader.token)["jti"].clone();
                admin.done("revokeTokens", json!({"tokens": {"jti": jti}, "reason": "Lost."}), "").await;
            },
        );
        assert_eq!(answers[0]["data"]["viewer"]["subject"], "tester");
        for place in [1, 2] {
            assert_eq!(code(&answers[place]["errors"][0]), "UNAUTHENTICATED", "{answers}");
        }
    }

    async fn what_fails_beside_it_does_not_end_the_waiting(remit: Remit) {
        let (admin, reader) = (remit.admin("acme"), remit.user("acme", "changes:read"));
        let start = head(&admin).await;
        let query = "query($after: String) { client(by: {code: \"A\"}) { code } changes(after: $after, wait: \"PT50S\") { nodes { event } } }";
        let (answer, ()) = tokio::join!(reader.send(query, json!({"after": start})), async {
            until_waiting(&remit, 1).await;
            put(&admin, "A").await;
        });
        assert_eq!(answer["data"], json!({"client": null, "changes": {"nodes": [{"event": "client.put"}]}}));
        assert_eq!(code(&answer["errors"][0]), "FORBIDDEN clients:read");
    }

    async fn several_wait_until_one_of_them_has_something(remit: Remit) {
        let admin = remit.admin("acme");
        let start = head(&admin).await;
        let query = "query($after: String) { short: changes(after: $after, wait: \"PT0.2S\") { nodes { event } }
            services: changes(after: $after, types: [SERVICE], wait: \"PT50S\") { nodes { event } }
            clients: changes(after: $after, types: [CLIENT], wait: \"PT50S\") { nodes { event } } }";
        let (answer, ()) = tokio::join!(admin.send(query, json!({"after": start})), async {
            sleep(Duration::from_millis(500)).await;
            put(&admin, "NEW").await;
        });
        let put = json!([{"event": "client.put"}]);
        assert_eq!((of(&answer, "short"), of(&answer, "services"), of(&answer, "clients")), (&put, &json!([]), &put));
    }
}
