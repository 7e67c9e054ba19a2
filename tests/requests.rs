//! The way of a request: priced, let in, answered in time, counted; and what the rules of a server can change of it.

use std::time::Duration;

use remit::{
    graphql::{
        AdmissionRules, ApiRules,
        request::{DocumentRules, Limits, TrustedDocuments, hash},
    },
    http::HttpRules,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::support::{Remit, User, both, by, code, fixtures, ruled, socket::EventStream, turns::Held};

const SUBJECT: &str = "{ viewer { subject } }";
const CLIENTS: &str = "{ clients { nodes { code } } }";

/// Sends a whole body; status, the header `retry-after`, and the answer.
async fn send(user: &User<'_>, body: Value) -> (StatusCode, Option<String>, Value) {
    let request = user.remit.request(Method::POST, "/graphql").bearer_auth(&user.token);
    let response = request.json(&body).send().await.unwrap();
    let wait = response.headers().get("retry-after").map(|wait| wait.to_str().unwrap().to_owned());
    (response.status(), wait, response.json().await.unwrap())
}

both! {
    async fn an_answer_says_what_it_cost(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let answer = admin.send(CLIENTS, json!({})).await;
        let count = answer["data"]["clients"]["nodes"].as_array().unwrap().len();
        let cost = json!({"requested": 51, "actual": 1 + count, "remaining": null, "resets": null});
        assert_eq!(answer["extensions"]["cost"], cost);
        let (status, _, dry) = send(&admin, json!({"query": CLIENTS, "extensions": {"cost": {"dryRun": true}}})).await;
        let expected = json!({"requested": 51, "actual": null, "remaining": null, "resets": null});
        assert_eq!((status, dry), (StatusCode::OK, json!({"data": null, "extensions": {"cost": expected}})));
        let subscription = "subscription { changed(types: [CLIENT]) { node { event subject { ... on Client { code } } } } }";
        let dry = json!({"query": subscription, "extensions": {"cost": {"dryRun": true}}});
        let (status, _, priced) = send(&admin, dry.clone()).await;
        assert!(status == StatusCode::OK && priced["extensions"]["cost"]["requested"].as_u64().unwrap() > 0, "{priced}");
        let request = admin.request(Method::POST, "/graphql").header("accept", "text/event-stream").json(&dry);
        let mut stream = EventStream::of(request.send().await.unwrap());
        assert_eq!(stream.next().await.unwrap(), ("next".into(), priced), "it is priced and not begun");
        assert_eq!(stream.next().await.unwrap().0, "complete");
    }

    async fn an_error_does_not_make_it_cheaper(remit: Remit) {
        let admin = remit.user("acme", "clients:read");
        let answer = admin.send("{ changes(first: 20) { nodes { event } } clients(first: 20) { nodes { code } } }", json!({})).await;
        let cost = &answer["extensions"]["cost"];
        assert_eq!((&answer["data"], &cost["requested"]), (&json!(null), &json!(42)));
        assert_eq!(cost["actual"], 21, "the clients may have been read, and were lost with what was forbidden");
    }

    async fn a_path_says_which_methods_it_takes(remit: Remit) {
        let admin = remit.admin("acme");
        for (method, path, allow) in [
            (Method::DELETE, "/graphql", "GET,HEAD,POST"),
            (Method::PUT, "/bulk/a", "GET,HEAD"),
            (Method::GET, "/oauth/token", "POST"),
            (Method::POST, "/readyz", "GET,HEAD"),
        ] {
            let answer = admin.request(method, path).send().await.unwrap();
            assert_eq!((answer.status(), answer.headers()["allow"].to_str().unwrap()), (StatusCode::METHOD_NOT_ALLOWED, allow), "{path}");
            assert_eq!(code(&answer.json::<Value>().await.unwrap()["errors"][0]), "BAD_USER_INPUT", "{path}");
        }
    }

    async fn what_costs_too_much_is_refused_before_it_runs(remit: Remit) {
        let admin = remit.admin("acme");
        let query = "{ clients(first: 500) { nodes { agreements(first: 500) { nodes { versions { services { components { code } } } } } } } }";
        let before = remit.store.statements();
        let errors = admin.refused(query, json!({})).await;
        assert_eq!((code(&errors[0]), remit.store.statements()), ("QUERY_TOO_COMPLEX".to_owned(), before));
        let introspection = format!("{{ __schema {{ types {{ {} name {} }} }} }}", "fields { type { ".repeat(4), "} } ".repeat(4));
        assert_eq!(code(&admin.refused(&introspection, json!({})).await[0]), "QUERY_TOO_DEEP");
    }

    async fn a_persisted_query_is_sent_once(remit: Remit) {
        let admin = remit.admin("acme");
        let hex: String = hash(SUBJECT).iter().map(|byte| format!("{byte:02x}")).collect();
        let extensions = json!({"persistedQuery": {"version": 1, "sha256Hash": hex}});
        let get = || {
            let request = remit.request(Method::GET, "/graphql").bearer_auth(&admin.token);
            request.query(&[("extensions", extensions.to_string())]).send()
        };
        let first: Value = get().await.unwrap().json().await.unwrap();
        assert_eq!((code(&first["errors"][0]).as_str(), &first["errors"][0]["message"]), ("PERSISTED_QUERY_NOT_FOUND", &json!("PersistedQueryNotFound")));
        let (_, _, with_text) = send(&admin, json!({"query": SUBJECT, "extensions": extensions})).await;
        assert_eq!(with_text["data"]["viewer"]["subject"], "tester");
        let second: Value = get().await.unwrap().json().await.unwrap();
        assert_eq!(second["data"], with_text["data"]);
    }

    async fn figures_are_told_and_no_secret_is_among_them(remit: Remit) {
        let secret = remit.user("canary-tenant", "catalogue:read");
        secret.ask(SUBJECT).await;
        secret.ask(SUBJECT).await;
        secret.refused("{ canaryField }", json!({})).await;
        secret.refused("{ clients { nodes { code } } }", json!({})).await;
        let response = remit.request(Method::GET, "/metrics").send().await.unwrap();
        assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/plain; version=0.0.4"));
        let page = response.text().await.unwrap();
        for line in [
            "remit_requests_total{outcome=\"executed\"} 3",
            "remit_requests_total{outcome=\"refused\"} 1",
            "remit_errors_total{code=\"FORBIDDEN\"} 1",
            "remit_errors_total{code=\"GRAPHQL_VALIDATION_FAILED\"} 1",
            "remit_document_hits_total 1",
            "remit_documents 2",
            "remit_running 0",
            "remit_waiting 0",
        ] {
            assert!(page.lines().any(|told| told == line), "{line}\n{page}");
        }
        assert!(!page.contains("canary") && !page.contains(&secret.token), "{page}");
    }

    async fn large_answers_are_compressed_for_who_takes_that(remit: Remit) {
        let admin = remit.admin("acme");
        for (query, accepts, compressed) in [
            ("{ __schema { types { name description } } }", "gzip, br", true),
            ("{ __schema { types { name description } } }", "identity", false),
            (SUBJECT, "gzip", false),
        ] {
            let request = remit.request(Method::POST, "/graphql").bearer_auth(&admin.token).header("accept-encoding", accepts);
            let response = request.json(&json!({"query": query})).send().await.unwrap();
            let found = response.headers().get("content-encoding").map(|form| form.to_str().unwrap().to_owned());
            assert_eq!(found.as_deref(), compressed.then_some("gzip"), "{query} {accepts}");
        }
    }

    async fn no_page_of_another_origin_is_let_in(remit: Remit) {
        let preflight = remit.request(Method::OPTIONS, "/graphql").header("origin", "https://evil.example");
        let response = preflight.header("access-control-request-method", "POST").send().await.unwrap();
        assert!(response.headers().keys().all(|name| !name.as_str().starts_with("access-control")), "{response:?}");
        let form = remit.request(Method::POST, "/graphql").bearer_auth(remit.admin("acme").token).header("content-type", "text/plain");
        assert_eq!(form.body(json!({"query": SUBJECT}).to_string()).send().await.unwrap().status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }

    async fn http_2_is_spoken(remit: Remit) {
        let client = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
        let request = client.post(format!("http://{}/graphql", remit.address)).bearer_auth(remit.admin("acme").token);
        let response = request.json(&json!({"query": SUBJECT})).send().await.unwrap();
        assert_eq!((response.version(), response.status()), (reqwest::Version::HTTP_2, StatusCode::OK));
    }
}

ruled! {
    async fn a_spent_budget_says_when_to_come_back(remit: (
        by(|rules| rules.admission = AdmissionRules { token_budget: Some(100), provider_budget: Some(140), ..AdmissionRules::default() }),
        HttpRules::default(),
    )) {
        let (one, other, elsewhere) = (remit.admin("acme"), remit.admin("acme"), remit.admin("umbrella"));
        let (status, _, first) = send(&one, json!({"query": CLIENTS})).await;
        let expected = json!({"requested": 51, "actual": 1, "remaining": 99, "resets": "2026-11-23T12:00:00.6Z"});
        assert_eq!((status, &first["extensions"]["cost"]), (StatusCode::OK, &expected), "what was not used is given back");
        let fields: String = (0..2).map(|n| format!("c{n}: clients {{ nodes {{ code }} }} ")).collect();
        let (status, wait, refused) = send(&one, json!({"query": format!("{{ {fields} }}")})).await;
        assert_eq!((status, wait.as_deref()), (StatusCode::TOO_MANY_REQUESTS, Some("1")), "one more than there is");
        assert_eq!((code(&refused["errors"][0]).as_str(), &refused["errors"][0]["extensions"]["retryAfter"]), ("RATE_LIMITED", &json!(1)));
        assert!(refused.get("data").is_none());
        assert_eq!(refused["extensions"]["cost"]["remaining"], 99);
        for _ in 0..3 {
            send(&other, json!({"query": SUBJECT})).await;
        }
        // What costs more than a whole budget takes that much of it and no more.
        let dear: String = (0..4).map(|n| format!("c{n}: clients {{ nodes {{ code }} }} ")).collect();
        let rich = remit.admin("initech");
        let (status, _, whole) = send(&rich, json!({"query": format!("{{ {dear} }}")})).await;
        let expected = json!({"requested": 204, "actual": 4, "remaining": 96, "resets": "2026-11-23T12:00:02.4Z"});
        assert_eq!((status, &whole["extensions"]["cost"]), (StatusCode::OK, &expected));
        assert_eq!(send(&elsewhere, json!({"query": CLIENTS})).await.0, StatusCode::OK);
    }

    async fn bounds_are_settings(remit: (
        by(|rules| rules.documents = DocumentRules {
            limits: Limits { depth: 2, list: 2, cost: 60, ..Limits::default() },
            no_introspection: true,
            suggestions: true,
            trusted: TrustedDocuments::default(),
        }),
        HttpRules { body: 2_000, batch: 2, compress: false, ..HttpRules::default() },
    )) {
        let admin = remit.admin("acme");
        for (query, expected) in [
            ("{ clients { nodes { code } } }", "QUERY_TOO_DEEP"),
            ("{ nodes(ids: [\"a\", \"b\", \"c\"]) { id } }", "BAD_USER_INPUT ids"),
            ("{ clients { totalCount } services { totalCount } coverages(inputs: []) { verdict } slaTiers { totalCount } calendars { totalCount } a: coverages(inputs: []) { verdict } }", "QUERY_TOO_COMPLEX"),
            ("{ __schema { types { name } } }", "GRAPHQL_VALIDATION_FAILED"),
        ] {
            assert_eq!(code(&admin.refused(query, json!({})).await[0]), expected, "{query}");
        }
        let near = admin.refused("{ veiwer { subject } }", json!({})).await;
        assert!(near[0]["message"].as_str().unwrap().ends_with("Did you mean `viewer`?"), "{near:?}");
        let long = format!("{SUBJECT} #{}", "x".repeat(2_000));
        assert_eq!(send(&admin, json!({"query": long})).await.0, StatusCode::PAYLOAD_TOO_LARGE);
        let batch = json!([{"query": SUBJECT}, {"query": SUBJECT}, {"query": SUBJECT}]);
        assert_eq!(send(&admin, batch).await.0, StatusCode::BAD_REQUEST);
    }

    async fn only_trusted_documents_are_taken_where_they_are_all(remit: (
        by(|rules| rules.documents.trusted = TrustedDocuments::read(&json!({"who": SUBJECT}).to_string()).unwrap().exclusive()),
        HttpRules::default(),
    )) {
        let admin = remit.admin("acme");
        let (_, _, named) = send(&admin, json!({"documentId": "who"})).await;
        assert_eq!(named["data"]["viewer"]["subject"], "tester");
        assert_eq!(admin.ask(SUBJECT).await, named["data"]);
        assert_eq!(code(&admin.refused("{ viewer { scopes } }", json!({})).await[0]), "PERSISTED_QUERY_NOT_FOUND");
        let request = remit.request(Method::GET, "/graphql").bearer_auth(&admin.token).query(&[("documentId", "who")]);
        assert_eq!(request.send().await.unwrap().json::<Value>().await.unwrap()["data"], named["data"]);
    }

    async fn pages_of_named_origins_are_let_in(remit: (
        ApiRules::default(),
        HttpRules { origins: vec!["https://portal.example".into()], ..HttpRules::default() },
    )) {
        for (origin, let_in) in [("https://portal.example", true), ("https://portal.example.evil", false), ("null", false)] {
            let request = remit.request(Method::OPTIONS, "/graphql").header("origin", origin);
            let request = request.header("access-control-request-method", "POST").header("access-control-request-headers", "authorization,content-type");
            let response = request.send().await.unwrap();
            let allowed = response.headers().get("access-control-allow-origin").map(|origin| origin.to_str().unwrap());
            assert_eq!(allowed, let_in.then_some(origin));
            assert!(response.headers().get("access-control-allow-credentials").is_none());
        }
    }

    /// The write that was begun is finished, and the next request finds it.
    async fn a_deadline_says_how_far_it_came(remit: (
        by(|rules| rules.deadline = Duration::from_millis(700)),
        HttpRules::default(),
    )) {
        let admin = remit.admin("acme");
        admin.done("putClient", json!({"code": "FIRST", "name": "First"}), "").await;
        let held = Held::writes(&remit, "acme").await;
        let query = "mutation { putClient(input: {code: \"LATE\", name: \"Late\"}) { client { id } } }";
        let late = admin.send(query, json!({})).await;
        assert_eq!((code(&late["errors"][0]).as_str(), &late["errors"][0]["path"]), ("TIMEOUT", &json!(["putClient"])), "{late}");
        let cost = &late["extensions"]["cost"];
        assert!(cost["actual"].as_u64() > Some(0) && cost["actual"] == cost["requested"], "{cost}");
        held.release().await;
        let begun = Instant::now();
        while admin.ask("{ client(by: {code: \"LATE\"}) { name } }").await["client"].is_null() {
            assert!(begun.elapsed() < Duration::from_secs(20), "the write is not there");
            sleep(Duration::from_millis(50)).await;
        }
    }

    async fn what_floods_is_sent_away_and_others_are_not(remit: (
        by(|rules| rules.admission = AdmissionRules { running: 1, waiting: 1, ..AdmissionRules::default() }),
        HttpRules::default(),
    )) {
        let (admin, other) = (remit.admin("acme"), remit.admin("umbrella"));
        let held = Held::writes(&remit, "acme").await;
        let put = json!({"query": "mutation { putClient(input: {code: \"A\", name: \"A\"}) { client { id } } }"});
        let ((runs, waits), (status, wait, refused), theirs) = tokio::join!(
            async { tokio::join!(send(&admin, put.clone()), async {
                until_load(&remit, 1, 0).await;
                send(&admin, json!({"query": SUBJECT})).await
            }) },
            async {
                until_load(&remit, 1, 1).await;
                let refused = send(&admin, json!({"query": SUBJECT})).await;
                held.release().await;
                refused
            },
            async {
                until_load(&remit, 1, 1).await;
                send(&other, json!({"query": SUBJECT})).await
            },
        );
        assert_eq!((status, wait.as_deref(), code(&refused["errors"][0]).as_str()), (StatusCode::TOO_MANY_REQUESTS, Some("1"), "RATE_LIMITED"));
        assert_eq!([runs.0, waits.0, theirs.0], [StatusCode::OK; 3]);
    }
}

/// Waits until so many requests run and at least so many wait.
async fn until_load(remit: &Remit, running: usize, waiting: usize) {
    let begun = Instant::now();
    loop {
        let (runs, waits) = remit.api.load();
        if runs == running && waits >= waiting {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{runs} run and {waits} wait");
        sleep(Duration::from_millis(5)).await;
    }
}
