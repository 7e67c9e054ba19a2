//! What no bytes may bring about, as functions of bytes: each panics where they do.
//!
//! `cargo fuzz` looks for such bytes for as long as it is let; the tests try the seeds and some thousand changes of them.

use std::sync::LazyLock;

use remit::{
    app::{App, Session},
    auth::{Caller, KeySet, ProviderCode, SigningKey, TokenRequest, Verifier},
    demo::Folder,
    graphql::{Api, Taken, request::GraphqlRequest},
    store::Store,
};
use remit_domain::{Duration, Timestamp};
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

/// A server's insides on an empty database.
struct Scene {
    runtime: Runtime,
    api: Api,
    session: Session,
    _folder: Folder,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let runtime = Runtime::new().expect("a runtime");
    let folder = Folder::new().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("fuzz.db").display());
    let (api, session) = runtime.block_on(async {
        let store = Store::open(&url).await.expect("a database");
        store.migrate().await.expect("tables");
        let api = Api::new(App::new(store)).expect("an API");
        let now: Timestamp = "2026-11-23T12:00:00Z".parse().expect("an instant");
        let caller = Caller::operator(ProviderCode::new("fuzz").expect("a provider"), now.as_second());
        let session = api.app().session(caller, now).await.expect("a session");
        (api, session)
    });
    Scene { runtime, api, session, _folder: folder }
});

impl Scene {
    /// Asks something that takes a text; the answer, which is never the server's own fault.
    fn ask(&self, query: &str, text: &str) -> Value {
        let variables = Map::from_iter([("text".to_owned(), json!(text))]);
        let request = GraphqlRequest { query: query.to_owned(), variables, ..GraphqlRequest::default() };
        let reply = self.runtime.block_on(self.api.answer(self.session.clone(), &request, Taken::All));
        let faults = ["INTERNAL", "UNAVAILABLE", "TIMEOUT"];
        assert!(!reply.codes.iter().any(|code| faults.contains(code)), "{text:?} is answered by {}", reply.body);
        serde_json::from_str(&reply.body).expect("JSON")
    }
}

/// Documents and whole requests: taken or refused.
pub fn guard(bytes: &[u8]) {
    let whole = serde_json::from_slice::<Value>(bytes).ok().and_then(|json| GraphqlRequest::from_json(json).ok());
    let query = String::from_utf8_lossy(bytes).into_owned();
    for request in whole.into_iter().chain([GraphqlRequest { query, ..GraphqlRequest::default() }]) {
        let _ = SCENE.api.check(&request);
    }
}

/// Cursors: what is none is refused as bad input.
pub fn cursors(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    SCENE.ask("query ($text: String!) { agreements(after: $text) { edges { cursor } } }", &text);
    SCENE.ask("query ($text: String!) { charges(before: $text, last: 1) { edges { cursor } } }", &text);
    SCENE.ask("query ($text: String!) { changes(after: $text) { edges { cursor } } }", &text);
}

/// Ids: one of nothing names nothing.
pub fn ids(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let answer = SCENE.ask("query ($text: ID!) { node(id: $text) { id } client(by: {id: $text}) { id } }", &text);
    let named = |root: &str| answer.pointer(&format!("/data/{root}/id")).is_some();
    assert!(!named("node") && !named("client"), "{text:?} names something: {answer}");
}

/// Durations: what is one is written as it can be read again.
pub fn durations(bytes: &[u8]) {
    let Ok(read) = String::from_utf8_lossy(bytes).parse::<Duration>() else { return };
    let written = read.to_string();
    assert_eq!(written.parse(), Ok(read), "{written} is read as another");
}

/// When the token was signed.
const SIGNED_AT: i64 = 1_800_000_000;

static TOKEN: LazyLock<(Verifier, String)> = LazyLock::new(|| {
    let key = SigningKey::generate().expect("a key");
    let request = TokenRequest {
        provider: ProviderCode::new("fuzz").expect("a provider"),
        scopes: "agreements:read coverage:read".parse().expect("scopes"),
        client: None,
        subject: "psa".into(),
        client_id: "fuzz".into(),
        ttl: "1h".parse().expect("a time"),
        cut: None,
    };
    let token = request.sign(&key, "remit", "remit", SIGNED_AT).expect("a token");
    (Verifier::new(KeySet::from(&key), "remit", "remit"), token)
});

/// Tokens: only the one that was signed holds, however little another differs.
pub fn tokens(bytes: &[u8]) {
    let (verifier, signed) = &*TOKEN;
    assert!(verifier.verify(signed, SIGNED_AT).is_ok(), "the signed one does not hold");
    let text = String::from_utf8_lossy(bytes);
    assert!(verifier.verify(&text, SIGNED_AT).is_err(), "{text:?} holds");
    // The signed one with some of its characters replaced.
    let Some((&place, put)) = bytes.split_first() else { return };
    let (place, put) = (usize::from(place) * signed.len() / 256, String::from_utf8_lossy(put));
    let end = (place + put.chars().count()).min(signed.len());
    let forged = format!("{}{put}{}", &signed[..place], &signed[end..]);
    assert!(forged == *signed || verifier.verify(&forged, SIGNED_AT).is_err(), "{forged:?} holds beside {signed:?}");
}
