//! HTTP: who asks, in which form, and how it is answered.
//!
//! Architecture invariant: nothing else names axum. This is an entry point, so the clock is read here and handed down.

mod asker;
mod body;
mod bulk;
mod connection;
mod editor;
mod events;
mod graphql;
mod listening;
mod metrics;
mod negotiation;
mod oauth;
mod operation;
mod rules;
mod ws;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use futures_util::future::BoxFuture;
use remit_domain::Timestamp;
pub use rules::HttpRules;
use tokio::{net::TcpListener, time::timeout};
use tower_http::{
    compression::{
        CompressionLayer,
        predicate::{NotForContentType, Predicate as _, SizeAbove},
    },
    cors::CorsLayer,
};
use tracing::{Instrument as _, info_span};

pub use oauth::TokenEndpoint;

use crate::{auth::Verifier, graphql::Api, jwks::OutsideKeys, store::Uuid};

/// What the handlers need.
pub struct Server {
    /// The API.
    pub api: Api,
    /// Who holds tokens to the rules.
    pub verifier: Arc<Verifier>,
    /// The keys of an outside issuer, if the verifier trusts one.
    pub outside: Option<Arc<OutsideKeys>>,
    /// The public keys of the server's own issuer, as a JWK set.
    pub jwks: serde_json::Value,
    /// Where API clients get their tokens, if the server takes tokens of its own.
    pub tokens: Option<TokenEndpoint>,
    /// What is taken, and how it is answered.
    pub rules: HttpRules,
    /// What time it is.
    pub clock: fn() -> Timestamp,
}

/// Everything that is served.
pub fn router(server: Server) -> Router {
    let mut router = Router::new()
        .route("/graphql", get(graphql::get).post(graphql::post))
        .route("/graphql/stream", get(graphql::get).post(graphql::post))
        .route("/graphql/ws", any(ws::open))
        .route("/bulk/{handle}", get(bulk::get))
        .merge(editor::routes())
        .route("/healthz", get(async || "ok"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics::metrics))
        .route("/.well-known/jwks.json", get(jwks))
        .route("/.well-known/oauth-authorization-server", get(oauth::metadata))
        .route("/oauth/token", post(oauth::token))
        .method_not_allowed_fallback(graphql::another_method);
    if server.rules.compress {
        // What goes out line by line has to arrive line by line.
        let worth_it = SizeAbove::new(COMPRESSED_ABOVE).and(NotForContentType::SSE);
        router = router.layer(CompressionLayer::new().gzip(true).compress_when(worth_it));
    }
    if !server.rules.origins.is_empty() {
        router = router.layer(cross_origin(&server.rules.origins));
    }
    let server = Arc::new(server);
    router.layer(middleware::from_fn_with_state(Arc::clone(&server), headers)).with_state(server)
}

/// Bytes below which compressing costs more than sending.
const COMPRESSED_ABOVE: u16 = 1_024;

/// Lets pages of these origins send requests and read answers. Tokens go in a header, never in a cookie, so nothing goes
/// with a request that its page did not have.
fn cross_origin(origins: &[String]) -> CorsLayer {
    let origins: Vec<HeaderValue> = origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect();
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::ACCEPT,
            HeaderName::from_static("idempotency-key"),
            REQUEST_ID,
        ])
        .expose_headers([header::RETRY_AFTER, REQUEST_ID])
        .max_age(Duration::from_secs(3600))
}

/// Serves on a listener until `stop` comes true; requests that have begun are answered first.
///
/// The futures are boxed, so that what serves is compiled with the library and not again with whatever calls this.
pub fn serve_on(listener: TcpListener, server: Server, stop: BoxFuture<'static, ()>) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let rules = server.rules.clone();
        listening::listen(listener, router(server), &rules, stop).await;
    })
}

/// How long the database may take to say that it is there: less than whoever asks waits for most of the time.
const READY_WITHIN: Duration = Duration::from_secs(2);

/// Whether requests can be served: the database answers and has every step, and an outside issuer's keys were read.
async fn readyz(State(server): State<Arc<Server>>) -> Response {
    let unready = |reason: &'static str| (StatusCode::SERVICE_UNAVAILABLE, reason).into_response();
    let is_ready = timeout(READY_WITHIN, server.api.app().store().is_ready()).await;
    if is_ready != Ok(true) {
        return unready("the database does not answer");
    }
    if server.outside.as_ref().is_some_and(|keys| !keys.are_known()) {
        return unready("the issuer's keys are not known yet");
    }
    "ready".into_response()
}

async fn jwks(State(server): State<Arc<Server>>) -> Response {
    ([(header::CONTENT_TYPE, "application/jwk-set+json")], server.jwks.to_string()).into_response()
}

/// The header with a request's id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives every request and its answer an id, the caller's own where it is one, and the answer headers that keep pages
/// from being misread.
async fn headers(State(server): State<Arc<Server>>, mut request: Request, next: Next) -> Response {
    let given = request.headers().get(REQUEST_ID).filter(|id| is_request_id(id)).cloned();
    let made = || HeaderValue::from_str(&Uuid::now_v7().to_string());
    let id = given.map_or_else(made, Ok).unwrap_or(HeaderValue::from_static("none"));
    request.headers_mut().insert(REQUEST_ID, id.clone());
    let span = info_span!("request", id = id.to_str().ok());
    let mut response = next.run(request).instrument(span).await;
    server.api.metrics().answered(response.status().as_u16());
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, id);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // A page may have said more.
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn is_request_id(id: &HeaderValue) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    (1..=64).contains(&id.len()) && id.as_bytes().iter().all(allowed)
}
