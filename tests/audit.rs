//! The audit trail: every write is in it with who did it, and nothing takes it out.

use reqwest::Method;
use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};

use crate::support::{User, both, code, fixtures};

/// The trail as `event type`, in its order.
async fn events(admin: &User<'_>, arguments: &str) -> Vec<String> {
    let found = admin.ask(&format!("{{ audit(first: 500{arguments}) {{ nodes {{ event type }} }} }}")).await;
    let nodes = found["audit"]["nodes"].as_array().unwrap();
    nodes.iter().map(|node| format!("{} {}", node["event"].as_str().unwrap(), node["type"].as_str().unwrap())).collect()
}

fn claim(user: &User<'_>, name: &str) -> Value {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let claims = URL_SAFE_NO_PAD.decode(user.token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice::<Value>(&claims).unwrap()[name].take()
}

both! {
    async fn who_did_what_is_put_down_with_the_write(remit: Remit) {
        let admin = remit.admin("acme");
        let body = json!({"query": "mutation { putClient(input: {code: \"C\", name: \"C\"}) { client { id } } }"});
        let request = admin.request(Method::POST, "/graphql").header("x-request-id", "trace-7");
        let answer: Value = request.json(&body).send().await.unwrap().json().await.unwrap();
        let trail = admin.ask("{ audit { nodes { id at event type subjectId detail requestId actor { subject clientId jti client } } totalCount } }").await;
        let mut node = trail["audit"]["nodes"][0].clone();
        let id = node["id"].take();
        assert_eq!(node, json!({"id": null, "at": "2026-11-23T12:00:00Z", "event": "client.put", "type": "CLIENT",
            "subjectId": answer["data"]["putClient"]["client"]["id"], "detail": null, "requestId": "trace-7",
            "actor": {"subject": "tester", "clientId": "tests", "jti": claim(&admin, "jti"), "client": null}}));
        assert_eq!(trail["audit"]["totalCount"], 1);
        let found = admin.ask_with("query ($id: ID!) { node(id: $id) { id ... on AuditEntry { event } } }", json!({"id": id})).await;
        assert_eq!(found["node"], json!({"id": id, "event": "client.put"}));
        // What changes nothing, and what is refused, is not in it.
        admin.done("putClient", json!({"code": "C", "name": "C"}), "").await;
        admin.denied("putClient", json!({"code": "", "name": "C"})).await;
        assert_eq!(events(&admin, "").await.len(), 1);
        // Without an id of one's own the request has the one that comes back.
        let request = admin.request(Method::POST, "/graphql");
        let response = request.json(&json!({"query": "mutation { putClient(input: {code: \"C\", name: \"D\"}) { client { id } } }"})).send().await.unwrap();
        let given = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        let trail = admin.ask("{ audit(last: 1) { nodes { requestId } } }").await;
        assert_eq!(trail["audit"]["nodes"], json!([{"requestId": given}]));
    }

    async fn the_trail_is_found_by_object_by_actor_and_by_time(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "A").await;
        let portal = remit.portal("acme", "NORTHWIND", "obligations:write");
        let attest = json!({"agreement": {"code": "A"}, "code": "BACKUP-DISK", "state": "MET", "since": "2026-11-01T00:00:00Z"});
        portal.done("recordObligationStatus", attest, "").await;
        let all = events(&admin, "").await;
        let life = ["agreement.created AGREEMENT", "terms.drafted TERMS", "terms.offered TERMS", "terms.activated TERMS"];
        assert_eq!(all[8..12], life.map(str::to_owned));
        assert_eq!(all.len(), 13, "{all:?}");
        let bound = admin.ask("{ audit(last: 1) { nodes { type actor { client } } } }").await;
        assert_eq!(bound["audit"]["nodes"], json!([{"type": "OBLIGATION", "actor": {"client": "NORTHWIND"}}]));
        let terms = admin.ask("{ agreement(by: {code: \"A\"}) { terms { id } } }").await["agreement"]["terms"]["id"].clone();
        for (filter, count) in [
            (format!("subjectId: {terms}"), 3),
            ("types: [AGREEMENT, TERMS]".into(), 4),
            ("types: []".into(), 0),
            ("subjectId: \"nothing\"".into(), 0),
            ("actor: \"tester\"".into(), 13),
            ("actor: \"somebody\"".into(), 0),
            ("from: \"2026-11-23T12:00:00Z\"".into(), 13),
            ("from: \"2026-11-23T12:00:00.000001Z\"".into(), 0),
            ("to: \"2026-11-23T12:00:00Z\"".into(), 0),
            ("from: \"2026-11-23T12:00:00Z\", to: \"2026-11-23T12:00:00.000001Z\", types: [CLIENT]".into(), 1),
        ] {
            let found = admin.ask(&format!("{{ audit(filter: {{{filter}}}) {{ nodes {{ id }} totalCount }} }}")).await;
            let nodes = found["audit"]["nodes"].as_array().unwrap().len();
            assert_eq!((nodes, &found["audit"]["totalCount"]), (count, &json!(count)), "{filter}");
        }
        // Page by page, forward and back, each entry once.
        let (mut forward, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = admin.ask_with("query ($after: String) { audit(first: 5, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }", json!({"after": after})).await;
            forward.extend(page["audit"]["nodes"].as_array().unwrap().clone());
            after = page["audit"]["pageInfo"]["endCursor"].clone();
            if page["audit"]["pageInfo"]["hasNextPage"] == json!(false) {
                break;
            }
        }
        let whole = admin.ask("{ audit { nodes { id } } }").await;
        assert_eq!(json!(forward), whole["audit"]["nodes"]);
        let last = admin.ask_with("query ($before: String) { audit(last: 5, before: $before) { nodes { id } } }", json!({"before": after})).await;
        assert_eq!(last["audit"]["nodes"], json!(forward[7..12]));
    }

    async fn the_trail_is_for_the_providers_own_staff(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let id = admin.ask("{ audit(first: 1) { nodes { id } } }").await["audit"]["nodes"][0]["id"].clone();
        let by_id = "query ($id: ID!) { node(id: $id) { id } }";
        for user in [remit.user("acme", "agreements:read changes:read"), remit.portal("acme", "NORTHWIND", "audit:read agreements:read")] {
            for (query, variables) in [("{ audit { totalCount } }", json!({})), (by_id, json!({"id": id}))] {
                assert_eq!(code(&user.refused(query, variables).await[0]), "FORBIDDEN audit:read", "{query}");
            }
        }
        let zenith = remit.user("zenith", "audit:read");
        assert_eq!(zenith.ask("{ audit { totalCount nodes { id } } }").await["audit"], json!({"totalCount": 0, "nodes": []}));
        assert_eq!(zenith.ask_with(by_id, json!({"id": id})).await["node"], Value::Null);
    }

    async fn what_was_given_and_taken_is_in_it_and_no_secret_is(remit: Remit) {
        let admin = remit.admin("acme");
        let put = json!({"code": "psa", "name": "PSA", "scopes": ["coverage:read", "time:write"]});
        let secret = admin.done("putApiClient", put, "secret").await["secret"].as_str().unwrap().to_owned();
        admin.done("putApiClient", json!({"code": "psa", "scopes": ["coverage:read"]}), "").await;
        admin.done("rotateApiClient", json!({"apiClient": {"code": "psa"}}), "").await;
        admin.done("putApiClient", json!({"code": "psa", "disabled": true}), "").await;
        fixtures::catalogue(&admin).await;
        let bound = json!({"code": "psa", "client": {"code": "NORTHWIND"}, "tokenTtl": "PT2H", "expiresAt": "2027-01-01T00:00:00Z"});
        admin.done("putApiClient", bound, "").await;
        let trail = admin.ask("{ audit { nodes { event detail } } }").await;
        let nodes = trail["audit"]["nodes"].as_array().unwrap().iter();
        let of_access = |node: &&Value| ["apiClient", "tokens"].iter().any(|of| node["event"].as_str().unwrap().starts_with(of));
        let found: Vec<&Value> = nodes.filter(of_access).collect();
        let cut = json!({"event": "tokens.revoked", "detail": "software acme.psa, issued before 2026-11-23T12:00:00Z"});
        let hour = "psa with the scopes coverage:read, tokens for 3600 s";
        let expected = [
            json!({"event": "apiClient.made", "detail": "psa with the scopes coverage:read time:write, tokens for 3600 s"}),
            json!({"event": "apiClient.changed", "detail": hour}), cut.clone(),
            json!({"event": "apiClient.rotated", "detail": hour}),
            json!({"event": "apiClient.disabled", "detail": format!("{hour}, disabled")}), cut.clone(),
            json!({"event": "apiClient.changed", "detail": "psa with the scopes coverage:read, for the client NORTHWIND, tokens for 7200 s, until 2027-01-01T00:00:00Z, disabled"}), cut,
        ];
        assert_eq!(found, expected.iter().collect::<Vec<_>>());
        assert!(!trail.to_string().contains(&secret));
    }

    async fn no_statement_takes_anything_out_of_it(remit: Remit) {
        fixtures::catalogue(&remit.admin("acme")).await;
        let connection = Database::connect(remit.database_url()).await.unwrap();
        let mut tries = vec!["UPDATE audit SET actor = 'nobody'", "DELETE FROM audit", "DELETE FROM provider WHERE id = 'acme'", "UPDATE provider SET id = 'other' WHERE id = 'acme'"];
        match connection.get_database_backend() {
            sea_orm::DbBackend::Postgres => tries.extend(["TRUNCATE audit", "TRUNCATE provider CASCADE"]),
            _ => tries.extend(["INSERT OR REPLACE INTO audit SELECT * FROM audit", "REPLACE INTO audit (provider_id, id, at, event, object, object_id, actor, client_id) SELECT provider_id, id, 0, '', '', object_id, '', '' FROM audit"]),
        }
        let before = events(&remit.admin("acme"), "").await;
        for statement in tries {
            let refused = connection.execute_unprepared(statement).await.expect_err(statement).to_string().to_lowercase();
            assert!(refused.contains("only ever added to") || refused.contains("foreign key"), "{statement}: {refused}");
        }
        assert_eq!(events(&remit.admin("acme"), "").await, before);
    }
}
