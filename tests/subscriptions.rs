//! Subscriptions, over WebSocket by graphql-transport-ws and as event streams.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    User, both, claims, code, fixtures,
    socket::{EventStream, Socket},
};

const NAME: &str = "graphql-transport-ws";
const CHANGED: &str = "subscription ($after: String, $types: [SubjectType!]) {
    changed(after: $after, types: $types) { cursor node { event subject { ... on Client { code } } } } }";
const AGREEMENTS: &str =
    "subscription ($client: Ref) { agreementChanged(client: $client) { number title status pending { status } } }";

async fn put(user: &User<'_>, code: &str) {
    user.done("putClient", json!({"code": code, "name": code}), "").await;
}

fn error_code(message: &Value) -> String {
    assert_eq!(message["type"], "error", "{message:#}");
    code(&message["payload"][0])
}

both! {
    async fn a_socket_is_held_to_the_letter(remit: Remit) {
        let admin = remit.admin("acme");
        let init = json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {}", admin.token)}});
        // Before the acknowledgement.
        let mut socket = Socket::open(&remit, Some(NAME)).await;
        socket.subscribe("1", "{ viewer { subject } }", json!({})).await;
        assert_eq!(socket.closed().await, (4401, "Unauthorized".into()));
        for token in ["", "Bearer x.y.z"] {
            let mut socket = Socket::open(&remit, Some(NAME)).await;
            socket.say(json!({"type": "connection_init", "payload": {"authorization": token}})).await;
            assert_eq!(socket.closed().await, (4403, "Forbidden".into()));
        }
        let mut socket = Socket::open(&remit, Some(NAME)).await;
        assert_eq!(socket.closed().await, (4408, "Connection initialisation timeout".into()));
        let mut socket = Socket::open(&remit, None).await;
        assert_eq!(socket.closed().await, (4406, "Subprotocol not acceptable".into()));
        for text in ["", "{", "[]", r#"{"type":"x"}"#, r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#] {
            let mut socket = Socket::acknowledged(&remit, &admin.token).await;
            socket.say_text(text).await;
            assert_eq!(socket.closed().await.0, 4400, "{text}");
        }
        let mut socket = Socket::acknowledged(&remit, &admin.token).await;
        socket.say_binary().await;
        assert_eq!(socket.closed().await.0, 4400);
        // After it.
        let mut socket = Socket::acknowledged(&remit, &admin.token).await;
        socket.say(init.clone()).await;
        assert_eq!(socket.closed().await, (4429, "Too many initialisation requests".into()));
        let mut socket = Socket::acknowledged(&remit, &admin.token).await;
        let long = "x".repeat(300);
        socket.subscribe(&long, CHANGED, json!({})).await;
        socket.subscribe(&long, CHANGED, json!({})).await;
        let (closed, reason) = socket.closed().await;
        assert!(closed == 4409 && reason.starts_with("Subscriber for x") && reason.ends_with("already exists"), "{reason}");
        let mut socket = Socket::acknowledged(&remit, &admin.token).await;
        socket.say(json!({"type": "ping"})).await;
        assert_eq!(socket.hear().await, json!({"type": "pong"}));
        socket.say(json!({"type": "ping", "payload": {"n": [1]}})).await;
        assert_eq!(socket.hear().await, json!({"type": "pong", "payload": {"n": [1]}}));
        socket.say(json!({"type": "pong", "payload": {"n": 1}})).await;
        socket.say(json!({"type": "complete", "id": "never begun"})).await;
        // Operations with one answer, ids again once they are free, and what is no operation.
        for _ in 0..2 {
            socket.subscribe("1", "{ viewer { provider } }", json!({})).await;
            assert_eq!(socket.data("1").await, json!({"viewer": {"provider": "acme"}}));
            assert_eq!(socket.hear().await, json!({"type": "complete", "id": "1"}));
        }
        socket.subscribe("1", "mutation ($input: PutClientInput!) { putClient(input: $input) { client { code } } }", json!({"input": {"code": "A", "name": "A"}})).await;
        assert_eq!(socket.data("1").await["putClient"]["client"], json!({"code": "A"}));
        assert_eq!(socket.hear().await["type"], "complete");
        for (query, expected) in [
            ("{", "GRAPHQL_PARSE_FAILED"),
            ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
            ("subscription { changed(types: [NO]) { cursor } }", "BAD_USER_INPUT types.0"),
            ("subscription { changed(after: \"x\") { cursor } }", "BAD_USER_INPUT after"),
            ("subscription { changed { cursor } agreementChanged { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ] {
            socket.subscribe("2", query, json!({})).await;
            assert_eq!(error_code(&socket.hear().await), expected, "{query}");
        }
        // With the token in the header, as software does that is no browser.
        let bearer = format!("Bearer {}", admin.token);
        let mut socket = Socket::open_with(&remit, Some(NAME), Some(&bearer)).await;
        socket.say(json!({"type": "connection_init"})).await;
        assert_eq!(socket.hear().await, json!({"type": "connection_ack"}));
    }

    async fn what_happens_is_told_here_and_on_another_server(remit: Remit) {
        let (admin, other) = (remit.admin("acme"), remit.beside().await);
        put(&admin, "BEFORE").await;
        let mut sockets = [Socket::acknowledged(&remit, &admin.token).await, Socket::acknowledged(&other, &admin.token).await];
        for socket in &mut sockets {
            socket.subscribe("all", CHANGED, json!({})).await;
            socket.subscribe("services", CHANGED, json!({"types": ["SERVICE"]})).await;
            socket.subscribe("stopped", CHANGED, json!({})).await;
            socket.say(json!({"type": "complete", "id": "stopped"})).await;
            // What was said before has begun when this is answered.
            socket.subscribe("now", "{ viewer { subject } }", json!({})).await;
            assert_eq!((socket.data("now").await["viewer"]["subject"].take(), socket.hear().await["type"].take()), (json!("tester"), json!("complete")));
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        put(&remit.admin("zenith"), "THEIRS").await;
        put(&admin, "NEW").await;
        let mut cursor = Value::Null;
        for socket in &mut sockets {
            let mut told = socket.data("all").await["changed"].take();
            // On PostgreSQL the first may still have been held back when listening began.
            if told["node"]["subject"]["code"] == "BEFORE" {
                told = socket.data("all").await["changed"].take();
            }
            assert_eq!(told["node"], json!({"event": "client.put", "subject": {"code": "NEW"}}));
            cursor = told["cursor"].take();
        }
        admin.done("putService", json!({"code": "S", "name": "S", "kind": "CLOUD"}), "").await;
        for socket in &mut sockets {
            let mut ids = [socket.hear().await, socket.hear().await].map(|message| message["id"].as_str().unwrap().to_owned());
            ids.sort();
            assert_eq!(ids, ["all", "services"]);
            socket.silent().await;
        }
        // From a cursor on, whoever was away misses nothing.
        let mut late = Socket::acknowledged(&other, &admin.token).await;
        late.subscribe("late", CHANGED, json!({"after": cursor})).await;
        assert_eq!(late.data("late").await["changed"]["node"]["event"], "service.put");
        put(&admin, "LAST").await;
        assert_eq!(late.data("late").await["changed"]["node"]["subject"], json!({"code": "LAST"}));
        remit.store.forget_changes(crate::support::NOW.parse::<remit_domain::Timestamp>().unwrap() + Duration::from_secs(1)).await.unwrap();
        late.subscribe("too late", CHANGED, json!({"after": cursor})).await;
        assert_eq!(error_code(&late.hear().await), "CURSOR_EXPIRED after");
        // A server that ends says so.
        other.store.stop_following();
        assert_eq!(late.closed().await, (1001, "Going away".into()));
    }

    async fn agreements_are_told_of_as_they_are_now(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        put(&admin, "CONTOSO").await;
        let reader = remit.user("acme", "agreements:read");
        let portal = remit.portal("acme", "NORTHWIND", "agreements:read");
        let stranger = remit.portal("acme", "CONTOSO", "agreements:read");
        let mut listeners = Vec::new();
        for (user, client) in [(&reader, json!(null)), (&portal, json!(null)), (&stranger, json!(null)), (&reader, json!({"code": "CONTOSO"})), (&reader, json!({"code": "NOBODY"}))] {
            let mut socket = Socket::acknowledged(&remit, &user.token).await;
            socket.subscribe("a", AGREEMENTS, json!({"client": client})).await;
            socket.silent().await;
            listeners.push(socket);
        }
        let create = json!({"number": "A", "title": "Managed", "client": {"code": "NORTHWIND"}, "currency": "USD"});
        admin.done("createAgreement", create, "").await;
        let created = json!({"number": "A", "title": "Managed", "status": "DRAFT", "pending": null});
        for listener in &mut listeners[..2] {
            assert_eq!(listener.data("a").await["agreementChanged"], created);
        }
        // A draft is the provider's own business.
        admin.done("draftTerms", fixtures::draft("A"), "").await;
        let told = listeners[0].data("a").await["agreementChanged"].take();
        assert_eq!((&told["status"], &told["pending"]), (&json!("DRAFT"), &json!({"status": "DRAFT"})));
        listeners[1].silent().await;
        admin.done("offerTerms", json!({"agreement": {"code": "A"}}), "").await;
        for listener in &mut listeners[..2] {
            let told = listener.data("a").await["agreementChanged"].take();
            assert_eq!((&told["status"], &told["pending"]), (&json!("OFFERED"), &json!({"status": "OFFERED"})));
        }
        for listener in &mut listeners[2..] {
            listener.silent().await;
        }
        // What the scopes do not reach is refused before anything happens.
        for (user, query, expected) in [
            (&portal, CHANGED, "FORBIDDEN changes:read"),
            (&remit.portal("acme", "NORTHWIND", "changes:read agreements:read"), CHANGED, "FORBIDDEN changes:read"),
            (&remit.user("acme", "changes:read"), AGREEMENTS, "FORBIDDEN agreements:read"),
        ] {
            let mut socket = Socket::acknowledged(&remit, &user.token).await;
            socket.subscribe("a", query, json!({})).await;
            assert_eq!(error_code(&socket.hear().await), expected);
        }
    }

    async fn a_stream_is_one_operation(remit: Remit) {
        let admin = remit.admin("acme");
        let request = |path: &str, user: &User<'_>, query: &str| {
            let request = remit.request(reqwest::Method::POST, path).bearer_auth(&user.token);
            request.header("accept", "text/event-stream").header("accept-encoding", "gzip").json(&json!({"query": query}))
        };
        for path in ["/graphql", "/graphql/stream"] {
            let mut stream = EventStream::of(request(path, &admin, "subscription { changed { node { event } } }").send().await.unwrap());
            tokio::time::sleep(Duration::from_millis(400)).await;
            put(&admin, path).await;
            assert_eq!(stream.next().await.unwrap(), ("next".into(), json!({"data": {"changed": {"node": {"event": "client.put"}}}})));
        }
        let mut stream = EventStream::of(request("/graphql", &admin, "{ viewer { provider } }").send().await.unwrap());
        let (name, answer) = stream.next().await.unwrap();
        assert_eq!((name.as_str(), &answer["data"]), ("next", &json!({"viewer": {"provider": "acme"}})));
        assert_eq!(stream.next().await.unwrap(), ("complete".into(), Value::Null));
        assert_eq!(stream.next().await, None);
        let get = remit.request(reqwest::Method::GET, "/graphql").bearer_auth(&admin.token).header("accept", "text/event-stream");
        let mut stream = EventStream::of(get.query(&[("query", "{ viewer { provider } }")]).send().await.unwrap());
        assert_eq!(stream.next().await.unwrap().0, "next");
        // What is refused is told in the stream.
        for (user, query, expected) in [
            (&admin, "{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
            (&admin, "subscription { changed(after: \"x\") { cursor } }", "BAD_USER_INPUT after"),
            (&remit.user("acme", "changes:read"), "subscription { agreementChanged { id } }", "FORBIDDEN agreements:read"),
        ] {
            let mut stream = EventStream::of(request("/graphql", user, query).send().await.unwrap());
            let (name, answer) = stream.next().await.unwrap();
            assert_eq!((name.as_str(), code(&answer["errors"][0]).as_str()), ("next", expected));
            assert_eq!(stream.next().await.unwrap().0, "complete");
        }
        // Who may not ask at all, or asks wrongly, has no stream.
        let answer = remit.request(reqwest::Method::POST, "/graphql").header("accept", "text/event-stream").json(&json!({"query": "{a}"})).send().await.unwrap();
        assert_eq!(answer.status(), 401);
        let answer = request("/graphql", &admin, "").json(&json!({})).send().await.unwrap();
        assert_eq!(answer.status(), 400);
        let mutation = "mutation { putClient(input: {code: \"X\", name: \"X\"}) { client { code } } }";
        let get = remit.request(reqwest::Method::GET, "/graphql").bearer_auth(&admin.token).header("accept", "text/event-stream");
        let answer = get.query(&[("query", mutation)]).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.headers()["allow"].to_str().unwrap()), (405, "POST"));
        // A subscription without a stream is refused, and says where to go.
        let errors = admin.refused("subscription { changed { cursor } }", json!({})).await;
        assert_eq!(code(&errors[0]), "BAD_USER_INPUT");
        // The server ends: the stream is not complete, so that whoever listened comes again.
        let mut stream = EventStream::of(request("/graphql", &admin, "subscription { changed { cursor } }").send().await.unwrap());
        tokio::time::sleep(Duration::from_millis(300)).await;
        remit.store.stop_following();
        assert_eq!(stream.next().await, None);
    }

    async fn it_ends_when_the_token_is_revoked(remit: Remit) {
        let reader = remit.user("acme", "changes:read");
        let mut socket = Socket::acknowledged(&remit, &reader.token).await;
        socket.subscribe("a", CHANGED, json!({})).await;
        let request = reader.request(reqwest::Method::POST, "/graphql").header("accept", "text/event-stream");
        let mut stream = EventStream::of(request.json(&json!({"query": "subscription { changed { cursor } }"})).send().await.unwrap());
        let begun = std::time::Instant::now();
        let tokens = json!({"tokens": {"jti": claims(&reader.token)["jti"]}, "reason": "Lost."});
        remit.admin("acme").done("revokeTokens", tokens, "").await;
        assert_eq!(socket.closed().await, (4403, "Forbidden".into()));
        let (name, last) = stream.next().await.unwrap();
        assert_eq!((name.as_str(), code(&last["errors"][0]).as_str()), ("next", "UNAUTHENTICATED"));
        assert!(begun.elapsed() < Duration::from_secs(5), "they were told {:?} later, at the next beat", begun.elapsed());
    }

    async fn it_ends_with_the_token(remit: Remit) {
        let token = remit.short_lived("acme", "changes:read", "2s");
        let mut socket = Socket::acknowledged(&remit, &token).await;
        socket.subscribe("a", CHANGED, json!({})).await;
        let request = remit.request(reqwest::Method::POST, "/graphql").bearer_auth(&token).header("accept", "text/event-stream");
        let mut stream = EventStream::of(request.json(&json!({"query": "subscription { changed { cursor } }"})).send().await.unwrap());
        assert_eq!(socket.closed().await, (4403, "Forbidden".into()));
        let (name, last) = stream.next().await.unwrap();
        assert_eq!((name.as_str(), code(&last["errors"][0]).as_str()), ("next", "UNAUTHENTICATED"));
        assert_eq!(stream.next().await.unwrap().0, "complete");
        assert_eq!(stream.next().await, None);
    }
}
