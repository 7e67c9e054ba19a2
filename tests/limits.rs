//! What is too large, too deep, of the wrong form, or no request at all: each answered clearly, and nothing hangs.

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{Remit, both, code};

const INTROSPECTION: &str = "query IntrospectionQuery { __schema { queryType { name } mutationType { name } types { ...FullType } directives { name locations args { ...InputValue } } } }
    fragment FullType on __Type { kind name description fields(includeDeprecated: true) { name args { ...InputValue } type { ...TypeRef } isDeprecated }
      inputFields { ...InputValue } interfaces { ...TypeRef } enumValues(includeDeprecated: true) { name } possibleTypes { ...TypeRef } }
    fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
    fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }";

/// Fragments that are each spread twice: of thirty, 2^30 selections in 1.2 KB.
fn bomb(fragments: usize) -> String {
    let last = fragments;
    let fragments: String =
        (0..fragments).map(|n| format!("fragment f{n} on Query {{ ...f{} ...f{} }} ", n + 1, n + 1)).collect();
    format!("{{ ...f0 }} {fragments} fragment f{last} on Query {{ viewer {{ subject }} }}")
}

async fn post(remit: &Remit, kind: &str, body: String) -> Response {
    let request = remit.request(Method::POST, "/graphql").bearer_auth(remit.admin("acme").token);
    request.header("content-type", kind).body(body).send().await.unwrap()
}

both! {
    async fn a_body_that_was_packed_is_not_unpacked(remit: Remit) {
        let packed = |encoding: &'static str| {
            let request = remit.admin("acme").request(reqwest::Method::POST, "/graphql").header("content-encoding", encoding);
            request.json(&json!({"query": "{ viewer { subject } }"})).send()
        };
        let answer = packed("gzip").await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.headers()["accept-encoding"].to_str().unwrap()), (415, "identity"));
        assert_eq!(packed("identity").await.unwrap().status(), 200);
    }

    async fn documents_have_bounds(remit: Remit) {
        let admin = remit.admin("acme");
        let deep = |levels: usize| format!("{{ clients {{ nodes {} {{ id }} {} }} }}", "{ agreements { nodes { client ".repeat(levels), "} } }".repeat(levels));
        let aliases: String = (0..51).map(|n| format!("a{n}: viewer {{ subject }} ")).collect();
        for (document, expected) in [
            (bomb(30), "QUERY_TOO_DEEP"),
            (bomb(16), "QUERY_TOO_COMPLEX"),
            ("{".repeat(60_000), "QUERY_TOO_DEEP"),
            (format!("{{ node(id: {}", "[".repeat(50_000)), "QUERY_TOO_DEEP"),
            (format!("{{ {aliases} }}"), "QUERY_TOO_COMPLEX"),
            (deep(5), "QUERY_TOO_DEEP"),
            (format!("{{ viewer {{ subject }} }} #{}", "x".repeat(66_000)), "QUERY_TOO_COMPLEX"),
            ("fragment a on Query { ...b } fragment b on Query { ...a } { ...a }".into(), "GRAPHQL_VALIDATION_FAILED"),
        ] {
            let errors = admin.refused(&document, json!({})).await;
            assert_eq!(code(&errors[0]), expected, "{}", &document[..document.len().min(60)]);
        }
        assert!(admin.ask(INTROSPECTION).await["__schema"]["types"].as_array().unwrap().len() > 80);
    }

    async fn bodies_that_are_no_requests_are_refused_clearly(remit: Remit) {
        let query = json!({"query": "{ viewer { subject } }"}).to_string();
        for (kind, body, status) in [
            ("application/json", "{".to_owned(), 400),
            ("application/json", "[1]".into(), 400),
            ("application/json", "[]".into(), 400),
            ("application/json", "\"{ viewer { subject } }\"".into(), 400),
            ("application/json", "{\"query\": \"{ viewer { \\ud800 } }\"}".into(), 400),
            ("application/json", "{\"query\": 1}".into(), 400),
            ("application/json", "{\"query\": \"{ viewer { subject } }\", \"variables\": [1]}".into(), 400),
            ("application/json", format!("[{}]", [query.as_str(); 11].join(",")), 400),
            ("application/json", format!("{{\"query\": \"{}\"}}", "x".repeat(1_100_000)), 413),
            ("text/plain", query.clone(), 415),
            ("application/x-www-form-urlencoded", "query=%7Bviewer%7Bsubject%7D%7D".into(), 415),
        ] {
            let response = post(&remit, kind, body.clone()).await;
            assert_eq!(response.status(), status, "{kind} {}", &body[..body.len().min(60)]);
            let answer: Value = response.json().await.unwrap();
            assert!(answer.get("data").is_none() && code(&answer["errors"][0]) == "BAD_USER_INPUT", "{answer}");
        }
        let batch: Value = post(&remit, "application/json", format!("[{query},{query}]")).await.json().await.unwrap();
        let data: Vec<&Value> = batch.as_array().unwrap().iter().map(|answer| &answer["data"]).collect();
        assert_eq!(data, [&json!({"viewer": {"subject": "tester"}}); 2]);
    }

    async fn the_form_of_an_answer_says_whether_it_was_executed(remit: Remit) {
        for (accept, query, status) in [
            ("application/json", "{ viewer { subject } }", 200),
            ("application/json", "{ nothing }", 200),
            ("application/graphql-response+json", "{ viewer { subject } }", 200),
            ("application/graphql-response+json", "{ nothing }", 400),
            ("text/html", "{ viewer { subject } }", 406),
        ] {
            let request = remit.request(Method::POST, "/graphql").bearer_auth(remit.admin("acme").token).header("accept", accept);
            let response = request.json(&json!({"query": query})).send().await.unwrap();
            assert_eq!(response.status(), status, "{accept} {query}");
            let form = response.headers()["content-type"].to_str().unwrap();
            let expected = if accept == "text/html" { "application/json" } else { accept };
            assert!(form.starts_with(expected), "{form}");
        }
    }
}
