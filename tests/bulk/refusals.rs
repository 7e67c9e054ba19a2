//! What is not exported, and what is said of it.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use super::{export, lines, nodes, text, url};
use crate::support::{Backend, Remit, Rules, both, code};

const ASK: &str = "query ($input: BulkExportInput!) { bulkExport(input: $input) { url } }";

both! {
    async fn only_a_query_of_one_connection_is_exported(remit: Remit) {
        let admin = remit.admin("acme");
        for query in [
            "{ viewer { subject } }",
            "{ agreements { nodes { id } } clients { nodes { id } } }",
            "{ agreements { nodes { id } totalCount } }",
            "{ agreements { edges { node { id } } } }",
            "{ agreements { all: nodes { id } } }",
            "query ($yes: Boolean!) { agreements { nodes @include(if: $yes) { id } } }",
            "{ agreements(first: 10) { nodes { id } } }",
            "{ agreements(after: null) { nodes { id } } }",
            "{ agreements(last: 10) { nodes { id } } }",
            "{ nodes(ids: []) { ... on Client { agreements { nodes { id } } } } }",
            "{ ...all } fragment all on Query { agreements { nodes { id } } }",
            "query a { agreements { nodes { id } } } query b { agreements { nodes { id } } }",
            "mutation { putClient(input: {code: \"A\", name: \"A\"}) { client { agreements { nodes { id } } } } }",
            "subscription { agreementChanged { id } }",
            "{ agreements { nodes { nothing } } }",
            "{ agreements { nodes { id } }",
            "{ agreements(filter: {status: NEVER}) { nodes { id } } }",
            "",
        ] {
            let errors = admin.refused(ASK, json!({"input": {"query": query}})).await;
            assert_eq!(code(&errors[0]), "BAD_USER_INPUT input.query", "{query}: {errors:?}");
        }
        assert_eq!(admin.ask("{ clients { totalCount } }").await["clients"]["totalCount"], 0);
    }

    async fn the_rest_of_the_question_is_held_to_its_rules(remit: Remit) {
        let admin = remit.admin("acme");
        let query = "query ($client: Ref) { agreements(filter: {client: $client}) { nodes { id } } }";
        for (input, expected) in [
            (json!({"query": query, "pageSize": 0}), "BAD_USER_INPUT input.pageSize"),
            (json!({"query": query, "pageSize": 501}), "BAD_USER_INPUT input.pageSize"),
            (json!({"query": query, "variables": [1]}), "BAD_USER_INPUT input.variables"),
            (json!({"query": query, "variables": {"client": {"code": 1}}}), "BAD_USER_INPUT input.query"),
            (json!({"query": format!("{query}{}", " ".repeat(6_000))}), "BAD_USER_INPUT input.query"),
            (json!({"query": "{ agreements { nodes { client { agreements(first: 500) { nodes { client { agreements(first: 500) { nodes { id } } } } } } } } }"}), "BAD_USER_INPUT input.query"),
        ] {
            let errors = admin.refused(ASK, json!({"input": input})).await;
            assert_eq!(code(&errors[0]), expected, "{input}: {errors:?}");
        }
        let reader = remit.user("acme", "agreements:read");
        for (query, scope) in [
            ("{ tickets { nodes { id } } }", "FORBIDDEN tickets:read"),
            ("{ agreement(by: {code: \"A\"}) { charges { nodes { id } } } }", "FORBIDDEN charges:read"),
        ] {
            assert_eq!(code(&reader.refused(ASK, json!({"input": {"query": query}})).await[0]), scope, "{query}");
        }
        let portal = remit.portal("acme", "NORTHWIND", "changes:read");
        let errors = portal.refused(ASK, json!({"input": {"query": "{ changes { nodes { event } } }"}})).await;
        assert_eq!(code(&errors[0]), "FORBIDDEN changes:read");
    }

    async fn a_url_that_is_none_is_said_so(remit: Remit) {
        let admin = remit.admin("acme");
        let good = url(&admin, "{ clients { nodes { code } } }", 1).await;
        let unauthorized = remit.request(Method::GET, &good).send().await.unwrap();
        assert_eq!(unauthorized.status(), 401);
        assert!(unauthorized.headers().contains_key("www-authenticate"));
        let stale = remit::graphql::BulkExport::new("{ clients { nodes { gone } } }", serde_json::Map::new(), 1).handle();
        for (path, status, expected) in [
            ("/bulk/nonsense".to_owned(), 400, "BAD_USER_INPUT"),
            (format!("/bulk/{stale}"), 400, "GRAPHQL_VALIDATION_FAILED"),
        ] {
            let response = admin.request(Method::GET, &path).send().await.unwrap();
            assert_eq!(response.status(), status, "{path}");
            assert_eq!(code(&response.json::<serde_json::Value>().await.unwrap()["errors"][0]), expected);
        }
        for wrong in ["after=a&after=b", "after=a&before=b&after=c"] {
            let path = format!("{good}?{wrong}");
            assert_eq!(remit.request(Method::GET, &path).send().await.unwrap().status(), 401, "who asks comes first");
            let response = admin.request(Method::GET, &path).send().await.unwrap();
            assert_eq!(response.status(), 400, "{wrong}");
            assert_eq!(code(&response.json::<serde_json::Value>().await.unwrap()["errors"][0]), "BAD_USER_INPUT");
        }
        let response = admin.request(Method::GET, &format!("{good}?after=nonsense")).send().await.unwrap();
        let said = lines(&response.text().await.unwrap());
        assert_eq!((said.len(), code(&said[0]["errors"][0])), (1, "BAD_USER_INPUT after".to_owned()), "{said:?}");
    }

    async fn a_list_below_what_is_not_there_is_empty(remit: Remit) {
        let admin = remit.admin("acme");
        let exported = export(&admin, "{ agreement(by: {code: \"NOPE\"}) { charges { nodes { id } } } }", 1).await;
        assert_eq!(nodes(&exported).len(), 0);
    }

    async fn a_server_that_is_about_to_end_says_so(remit: Remit) {
        let admin = remit.admin("acme");
        let url = url(&admin, "{ clients { nodes { code } } }", 1).await;
        remit.store.stop_following();
        let said = lines(&text(&admin, &url).await);
        assert_eq!((said.len(), code(&said[0]["errors"][0])), (1, "UNAVAILABLE".to_owned()), "{said:?}");
    }
}

#[tokio::test]
async fn a_page_that_takes_too_long_ends_its_export() {
    let mut rules = Rules::default();
    rules.api.deadline = Duration::ZERO;
    let remit = Remit::start_with(Backend::Sqlite, rules).await;
    let export = remit::graphql::BulkExport::new("{ clients { nodes { code } } }", serde_json::Map::new(), 1);
    let said = lines(&text(&remit.admin("acme"), &format!("/bulk/{}", export.handle())).await);
    assert_eq!((said.len(), code(&said[0]["errors"][0])), (1, "TIMEOUT".to_owned()), "{said:?}");
}
