//! HTTP: who asks, in which form, and how it is answered.
//!
//! Architecture invariant: nothing else names axum. This is an entry point, so the clock is read here and handed down.

mod editor;
mod graphql;
mod negotiation;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use remit_domain::Timestamp;
use tokio::net::TcpListener;

use crate::{auth::Verifier, graphql::Api, jwks::OutsideKeys, store::Uuid};

/// What the handlers need.
#[derive(Clone)]
pub struct Server {
    /// The API.
    pub api: Api,
    /// Who holds tokens to the rules.
    pub verifier: Arc<Verifier>,
    /// The keys of an outside issuer, if the verifier trusts one.
    pub outside: Option<Arc<OutsideKeys>>,
    /// The public keys of the server's own issuer, as a JWK set.
    pub jwks: serde_json::Value,
    /// What time it is.
    pub clock: fn() -> Timestamp,
}

/// Everything that is served.
pub fn router(server: Server) -> Router {
    Router::new()
        .route("/graphql", get(graphql::get).post(graphql::post))
        .merge(editor::routes())
        .route("/healthz", get(async || "ok"))
        .route("/readyz", get(readyz))
        .route("/.well-known/jwks.json", get(jwks))
        .layer(middleware::from_fn(headers))
        .with_state(server)
}

/// Serves on a listener until `stop` comes true; requests that have begun are answered first.
///
/// # Errors
/// When the listener fails.
pub async fn serve_on(
    listener: TcpListener,
    server: Server,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, router(server)).with_graceful_shutdown(stop).await
}

/// Whether requests can be served: the database answers and has every step, and an outside issuer's keys were read.
async fn readyz(State(server): State<Server>) -> Response {
    let unready = |reason: &'static str| (StatusCode::SERVICE_UNAVAILABLE, reason).into_response();
    if !server.api.app().store().is_ready().await {
        return unready("the database does not answer");
    }
    if server.outside.is_some_and(|keys| !keys.are_known()) {
        return unready("the issuer's keys are not known yet");
    }
    "ready".into_response()
}

async fn jwks(State(server): State<Server>) -> Response {
    ([(header::CONTENT_TYPE, "application/jwk-set+json")], server.jwks.to_string()).into_response()
}

/// Gives every answer an id, the caller's own where it is one, and headers that keep pages from being misread.
async fn headers(request: Request, next: Next) -> Response {
    let name = HeaderName::from_static("x-request-id");
    let given = request.headers().get(&name).filter(|id| is_request_id(id)).cloned();
    let id = given.or_else(|| HeaderValue::from_str(&Uuid::now_v7().to_string()).ok());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if let Some(id) = id {
        headers.insert(name, id);
    }
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
