//! A server of a test's own, and somebody to talk to it.

pub(crate) mod command;
mod database;
mod deliverer;
pub(crate) mod fixtures;
pub(crate) mod receiver;
pub(crate) mod socket;
pub(crate) mod turns;

use std::{net::SocketAddr, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use remit::{
    app::App,
    auth::{ClientCode, Issuer, Leeway, ProviderCode, ScopeSet, SigningKey, TokenIssuer, TokenRequest, Verifier},
    graphql::{Api, ApiRules},
    http::{HttpRules, Server, TokenEndpoint, serve_on},
    jwks::OutsideKeys,
    outbound::GuardedClient,
    store::Store,
};
use remit_domain::Timestamp;
use serde_json::{Value, json};

use database::Database;
pub(crate) use database::{AnotherCluster, Backend};
pub(crate) use deliverer::Deliverer;

/// Declares tests that run on both databases: `both! { async fn name(remit: Remit) { … } }`.
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($remit:ident: Remit) $body:block)+) => {
        $(mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn conversation($remit: $crate::support::Remit) $body

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                conversation($crate::support::Remit::start($crate::support::Backend::Sqlite).await).await;
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                conversation($crate::support::Remit::start($crate::support::Backend::Postgres).await).await;
            }
        })+
    };
}
pub(crate) use both;

/// Declares tests on a server with rules of its own, on both databases.
macro_rules! ruled {
    ($($(#[$meta:meta])* async fn $name:ident($remit:ident: $rules:expr) $body:block)+) => {
        $(mod $name {
            use super::*;

            async fn conversation(backend: $crate::support::Backend) {
                let (api, http) = $rules;
                let $remit = $crate::support::Remit::start_by(backend, api, http).await;
                $body
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                conversation($crate::support::Backend::Sqlite).await;
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                conversation($crate::support::Backend::Postgres).await;
            }
        })+
    };
}
pub(crate) use ruled;

/// The usual rules but for a change.
pub(crate) fn by(change: impl FnOnce(&mut ApiRules)) -> ApiRules {
    let mut rules = ApiRules::default();
    change(&mut rules);
    rules
}

/// When it is in every test: a Monday noon in London.
pub(crate) const NOW: &str = "2026-11-23T12:00:00Z";

/// A database without tables.
pub(crate) async fn empty_database(backend: Backend) -> Database {
    Database::empty(backend).await
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// Trusts the server's own tokens.
fn trust_own(key: &SigningKey) -> Verifier {
    Verifier::trusting([Issuer::own("remit", key)], "remit", Leeway::default())
}

/// What a token of somebody of a provider says.
fn asks(provider: &str, scopes: &str) -> TokenRequest {
    TokenRequest {
        provider: ProviderCode::new(provider).unwrap(),
        scopes: scopes.parse().unwrap(),
        client: None,
        subject: "tester".into(),
        client_id: "tests".into(),
        ttl: "1h".parse().unwrap(),
        cut: None,
    }
}

/// By which rules a server runs, and what time it is there.
pub(crate) struct Rules {
    pub(crate) api: ApiRules,
    pub(crate) http: HttpRules,
    pub(crate) clock: fn() -> Timestamp,
}

impl Default for Rules {
    fn default() -> Self {
        Self { api: ApiRules::default(), http: HttpRules::default(), clock: now }
    }
}

/// A running server.
pub(crate) struct Remit {
    pub(crate) address: SocketAddr,
    pub(crate) store: Store,
    pub(crate) api: Api,
    pub(crate) clock: fn() -> Timestamp,
    key: Arc<SigningKey>,
    http: reqwest::Client,
    database: Arc<Database>,
}

impl Remit {
    /// Starts a server on an empty database, which takes its own tokens.
    pub(crate) async fn start(backend: Backend) -> Self {
        Self::start_trusting(backend, None, trust_own).await
    }

    /// Starts a server on an empty database, by rules of its own.
    pub(crate) async fn start_by(backend: Backend, api: ApiRules, http: HttpRules) -> Self {
        Self::start_with(backend, Rules { api, http, ..Rules::default() }).await
    }

    /// Starts a server on an empty database, by rules and a clock of its own.
    pub(crate) async fn start_with(backend: Backend, rules: Rules) -> Self {
        let key = Arc::new(SigningKey::generate().unwrap());
        Self::start_on(Arc::new(Database::new(backend).await), key, None, trust_own, rules).await
    }

    /// Starts a server on an empty database.
    ///
    /// - `trust`: whose tokens it takes, given its own key.
    pub(crate) async fn start_trusting(
        backend: Backend,
        outside: Option<Arc<OutsideKeys>>,
        trust: impl FnOnce(&SigningKey) -> Verifier,
    ) -> Self {
        let key = Arc::new(SigningKey::generate().unwrap());
        Self::start_on(Arc::new(Database::new(backend).await), key, outside, trust, Default::default()).await
    }

    /// Starts another server on the same database, with the same key.
    pub(crate) async fn beside(&self) -> Self {
        let other =
            Self::start_on(Arc::clone(&self.database), Arc::clone(&self.key), None, trust_own, Default::default())
                .await;
        // The first one has nobody to learn from, and its statements are counted.
        tokio::spawn(App::clone(other.api.app()).watch_revocations());
        other
    }

    /// Starts another server on the same database, with the same key, where it is another time.
    pub(crate) async fn beside_at(&self, clock: fn() -> Timestamp) -> Self {
        let rules = Rules { clock, ..Rules::default() };
        Self::start_on(Arc::clone(&self.database), Arc::clone(&self.key), None, trust_own, rules).await
    }

    /// Starts a server with the same key on another database, which is there already.
    pub(crate) async fn on(&self, url: String) -> Self {
        Self::start_on(Arc::new(Database::Postgres { url }), Arc::clone(&self.key), None, trust_own, Default::default())
            .await
    }

    async fn start_on(
        database: Arc<Database>,
        key: Arc<SigningKey>,
        outside: Option<Arc<OutsideKeys>>,
        trust: impl FnOnce(&SigningKey) -> Verifier,
        Rules { api, http: rules, clock }: Rules,
    ) -> Self {
        let store = Store::open(database.url()).await.unwrap();
        store.migrate().await.unwrap();
        let outbound = GuardedClient::new("127.0.0.0/8".parse().unwrap(), remit::webhooks::TIMEOUT).unwrap();
        let app = App::new(store.clone()).delivering(outbound);
        let verifier = Arc::new(trust(&key).heeding(app.revocations()));
        let tokens = Some(TokenEndpoint::new(TokenIssuer::new(Arc::clone(&key), "remit", "remit")));
        let api = Api::by(app, api).unwrap();
        let server = Server { api: api.clone(), verifier, outside, jwks: key.jwks(), tokens, rules, clock };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve_on(listener, server, Box::pin(std::future::pending())));
        Self { address, store, api, clock, key, http: reqwest::Client::new(), database }
    }

    /// Begins to deliver to webhooks, by a clock that the test moves.
    pub(crate) fn deliver(&self) -> Deliverer {
        Deliverer::start(self.api.clone())
    }

    /// Where its database is.
    pub(crate) fn database_url(&self) -> &str {
        self.database.url()
    }

    /// Somebody of a provider with some scopes.
    pub(crate) fn user(&self, provider: &str, scopes: &str) -> User<'_> {
        self.sign(provider, scopes, None, (self.clock)())
    }

    /// Somebody bound to a client.
    pub(crate) fn portal(&self, provider: &str, client: &str, scopes: &str) -> User<'_> {
        self.sign(provider, scopes, Some(client), (self.clock)())
    }

    /// Somebody with a token that was had elsewhere.
    pub(crate) fn holder(&self, token: impl Into<String>) -> User<'_> {
        User { remit: self, token: token.into() }
    }

    /// Somebody who may do everything.
    pub(crate) fn admin(&self, provider: &str) -> User<'_> {
        self.user(provider, &ScopeSet::all().to_string())
    }

    /// Somebody who may do everything, with a token that was issued at an instant.
    pub(crate) fn admin_since(&self, provider: &str, issued: &str) -> User<'_> {
        self.sign(provider, &ScopeSet::all().to_string(), None, issued.parse().unwrap())
    }

    fn sign(&self, provider: &str, scopes: &str, client: Option<&str>, issued: Timestamp) -> User<'_> {
        let request =
            TokenRequest { client: client.map(|code| ClientCode::new(code).unwrap()), ..asks(provider, scopes) };
        let token = request.sign(&self.key, "remit", "remit", issued.as_second()).unwrap();
        User { remit: self, token }
    }

    /// A token that is good for a short time only.
    pub(crate) fn short_lived(&self, provider: &str, scopes: &str, ttl: &str) -> String {
        let request = TokenRequest { ttl: ttl.parse().unwrap(), ..asks(provider, scopes) };
        request.sign(&self.key, "remit", "remit", now().as_second()).unwrap()
    }

    /// Somebody called `ahead`, whose token was issued so many seconds from now.
    pub(crate) fn ahead(&self, provider: &str, scopes: &str, seconds: i64) -> User<'_> {
        let request = TokenRequest { subject: "ahead".into(), ..asks(provider, scopes) };
        self.holder(request.sign(&self.key, "remit", "remit", now().as_second() + seconds).unwrap())
    }

    /// A token of the server's own key that names another issuer or audience.
    pub(crate) fn sign_for(&self, provider: &str, scopes: &str, issuer: &str, audience: &str) -> String {
        asks(provider, scopes).sign(&self.key, issuer, audience, now().as_second()).unwrap()
    }

    /// A request without a token, to be filled in.
    pub(crate) fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("http://{}{path}", self.address))
    }
}

/// Somebody with a token.
pub(crate) struct User<'a> {
    pub(crate) remit: &'a Remit,
    pub(crate) token: String,
}

impl User<'_> {
    /// A request with the token, to be filled in.
    pub(crate) fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.remit.request(method, path).bearer_auth(&self.token)
    }

    /// Sends a document with variables; the whole answer.
    pub(crate) async fn send(&self, query: &str, variables: Value) -> Value {
        let body = json!({"query": query, "variables": variables});
        let request = self.remit.request(reqwest::Method::POST, "/graphql").bearer_auth(&self.token);
        request.json(&body).send().await.unwrap().json().await.unwrap()
    }

    /// Sends a document with variables under a key; the whole answer.
    pub(crate) async fn send_keyed(&self, key: &str, query: &str, variables: Value) -> Value {
        let body = json!({"query": query, "variables": variables});
        let request = self.remit.request(reqwest::Method::POST, "/graphql").bearer_auth(&self.token);
        request.header("idempotency-key", key).json(&body).send().await.unwrap().json().await.unwrap()
    }

    /// Asks something that must succeed; its data.
    #[track_caller]
    pub(crate) fn ask(&self, query: &str) -> impl Future<Output = Value> {
        self.ask_with(query, json!({}))
    }

    /// Asks something with variables that must succeed; its data.
    #[track_caller]
    pub(crate) fn ask_with(&self, query: &str, variables: Value) -> impl Future<Output = Value> {
        let place = std::panic::Location::caller();
        async move {
            let mut answer = self.send(query, variables).await;
            assert!(answer.get("errors").is_none(), "{place}: {query}\n{answer:#}");
            answer["data"].take()
        }
    }

    /// Asks something that must be refused; its errors.
    #[track_caller]
    pub(crate) fn refused(&self, query: &str, variables: Value) -> impl Future<Output = Vec<Value>> {
        let place = std::panic::Location::caller();
        async move {
            let mut answer = self.send(query, variables).await;
            match answer["errors"].take() {
                Value::Array(errors) if !errors.is_empty() => errors,
                _ => panic!("{place}: not refused: {query}\n{answer:#}"),
            }
        }
    }

    /// Calls a mutation whose payload's selection is given; the payload.
    #[track_caller]
    pub(crate) fn call(&self, mutation: &str, input: Value, selection: &str) -> impl Future<Output = Value> {
        let first = mutation.chars().next().unwrap().to_ascii_uppercase();
        let kind = format!("{first}{}Input", &mutation[1..]);
        let document = format!(
            "mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ {selection} errors {{ code message path }} }} }}"
        );
        let name = mutation.to_owned();
        let asked = std::panic::Location::caller();
        async move {
            let mut answer = self.send(&document, json!({"input": input})).await;
            assert!(answer.get("errors").is_none(), "{asked}: {name} {input:#}\n{answer:#}");
            answer["data"][&name].take()
        }
    }

    /// Calls a mutation that must succeed; the payload.
    #[track_caller]
    pub(crate) fn done(&self, mutation: &str, input: Value, selection: &str) -> impl Future<Output = Value> {
        let asked = std::panic::Location::caller();
        let called = self.call(mutation, input, selection);
        let name = mutation.to_owned();
        async move {
            let payload = called.await;
            assert_eq!(payload["errors"], json!([]), "{asked}: {name}");
            payload
        }
    }

    /// Calls a mutation that must be refused; the codes and paths of its errors, `INVALID input.code`.
    #[track_caller]
    pub(crate) fn denied(&self, mutation: &str, input: Value) -> impl Future<Output = Vec<String>> {
        let called = self.call(mutation, input, "");
        async move {
            let payload = called.await;
            let errors = payload["errors"].as_array().unwrap();
            errors.iter().map(spelled).collect()
        }
    }
}

/// What a token says.
pub(crate) fn claims(token: &str) -> Value {
    let claims = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

/// An error's code with its path, `INVALID input.code`.
pub(crate) fn spelled(error: &Value) -> String {
    let path: Vec<&str> = error["path"].as_array().unwrap().iter().map(|part| part.as_str().unwrap()).collect();
    format!("{} {}", error["code"].as_str().unwrap(), path.join("."))
}

/// The code of a top-level error, with what goes with it: `FORBIDDEN coverage:read`, `BAD_USER_INPUT by.id`.
pub(crate) fn code(error: &Value) -> String {
    let extensions = &error["extensions"];
    let code = extensions["code"].as_str().unwrap_or("(no code)");
    if let Some(scope) = extensions["requiredScope"].as_str() {
        return format!("{code} {scope}");
    }
    match extensions["inputPath"].as_array() {
        Some(path) => {
            format!("{code} {}", path.iter().map(|part| part.as_str().unwrap()).collect::<Vec<_>>().join("."))
        }
        None => code.to_owned(),
    }
}
