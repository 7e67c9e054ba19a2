//! `/oauth/token`: tokens for software that has a secret here, for installations without an identity provider.
//!
//! The client credentials grant of RFC 6749 §4.4, and no other. What its metadata says is in RFC 8414.

mod asked;
mod attempts;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    Server,
    body::{self, Unread},
};
use crate::{
    app::NotGranted,
    auth::{ApiClientId, Scope, ScopeError, ScopeSet, TokenIssuer},
};
use asked::{Asked, Refusal};
use attempts::Attempts;

/// The largest body: four parameters and room for long scopes.
const BODY_MAX: usize = 16 * 1024;

/// Who makes tokens here, and how often it was asked in vain.
#[derive(Clone, Debug)]
pub struct TokenEndpoint {
    issuer: TokenIssuer,
    attempts: Arc<Attempts>,
}

impl TokenEndpoint {
    /// Where tokens of an issuer are to be had.
    #[must_use]
    pub fn new(issuer: TokenIssuer) -> Self {
        Self { issuer, attempts: Arc::default() }
    }
}

/// A refusal as RFC 6749 §5.2 has it.
struct Refused {
    status: StatusCode,
    error: &'static str,
    description: String,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Refused {
    fn new(status: StatusCode, error: &'static str, description: impl Into<String>) -> Self {
        Self { status, error, description: description.into(), header: None }
    }

    fn client(description: &str) -> Self {
        let challenge = HeaderValue::from_static("Basic realm=\"remit\", charset=\"UTF-8\"");
        let header = Some((header::WWW_AUTHENTICATE, challenge));
        Self { header, ..Self::new(StatusCode::UNAUTHORIZED, "invalid_client", description) }
    }

    fn later(status: StatusCode, seconds: u64, description: &str) -> Self {
        let header = Some((header::RETRY_AFTER, HeaderValue::from(seconds)));
        Self { header, ..Self::new(status, "temporarily_unavailable", description) }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Request(why) => Self::new(StatusCode::BAD_REQUEST, "invalid_request", why),
            Refusal::Client(why) => Self::client(why),
            Refusal::GrantType => Self::new(
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                "the grant_type must be client_credentials",
            ),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = json!({"error": self.error, "error_description": self.description});
        let mut response = answer(self.status, &body);
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

/// An answer that nobody keeps (RFC 6749 §5.1).
fn answer(status: StatusCode, body: &Value) -> Response {
    let headers =
        [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
    (status, headers, body.to_string()).into_response()
}

/// `POST /oauth/token`.
pub(super) async fn token(State(server): State<Arc<Server>>, request: Request) -> Response {
    let address = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(from)| from.ip());
    match grant(&server, address, request).await {
        Ok(body) => answer(StatusCode::OK, &body),
        Err(refused) => refused.into_response(),
    }
}

async fn grant(server: &Server, address: Option<IpAddr>, request: Request) -> Result<Value, Refused> {
    let none_here = || Refused::new(StatusCode::NOT_FOUND, "invalid_request", "this server takes no tokens of its own");
    let TokenEndpoint { issuer, attempts } = server.tokens.as_ref().ok_or_else(none_here)?;
    let headers = request.headers().clone();
    let body = body::read(request.into_body(), BODY_MAX, server.rules.body_within).await.map_err(|why| match why {
        Unread::TooLarge => Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", "the body is too large"),
        Unread::Late => Refused::new(StatusCode::REQUEST_TIMEOUT, "invalid_request", body::LATE),
    })?;
    let asked = Asked::read(&headers, &body)?;
    let now = (server.clock)();
    let id: Option<ApiClientId> = asked.client_id.parse().ok();
    let wait = |seconds| Refused::later(StatusCode::TOO_MANY_REQUESTS, seconds, "too many attempts have failed");
    attempts.admit(id.as_ref(), address, now.as_second()).map_err(wait)?;
    let failed = |description: &str| {
        attempts.failed(id.as_ref(), address, now.as_second());
        tracing::info!(client_id = %spelled(id.as_ref()), address = ?address, description, "no token was given");
        Refused::client(description)
    };
    let Some(id) = &id else { return Err(failed(UNKNOWN)) };
    let scopes = scopes(asked.scope.as_deref())?;
    let granted = server.api.app().grant_token(id, &asked.secret, scopes, now).await.map_err(|why| match why {
        NotGranted::Unknown => failed(UNKNOWN),
        NotGranted::Ended(why) => failed(why),
        NotGranted::Scope(why) => Refused::new(StatusCode::BAD_REQUEST, "invalid_scope", why),
        NotGranted::Fault(fault) => {
            tracing::error!(error = %fault, "a token cannot be given");
            Refused::later(StatusCode::SERVICE_UNAVAILABLE, 5, "the database cannot be reached")
        }
    })?;
    attempts.succeeded(id.clone(), address, now.as_second());
    let token = issuer.sign(&granted, now.as_second()).map_err(|error| {
        tracing::error!(%error, "a token cannot be signed");
        Refused::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "the token cannot be signed")
    })?;
    tracing::info!(client_id = %id, scope = %granted.scopes, "a token was given");
    Ok(json!({
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": granted.ttl.seconds(),
        "scope": granted.scopes.to_string(),
    }))
}

/// What is said whether there is no such API client or the secret is wrong.
const UNKNOWN: &str = "there is no such client, or the secret is not its own";

fn spelled(id: Option<&ApiClientId>) -> String {
    id.map_or_else(|| "none that can be".into(), ToString::to_string)
}

/// The scopes that are asked for; a word that is none is refused, not passed over.
fn scopes(asked: Option<&str>) -> Result<Option<ScopeSet>, Refused> {
    let refused = |ScopeError(word)| {
        // What RFC 6749 allows in a description; nothing of what else a word may hold is given back.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b":._-".contains(&byte);
        let word =
            if (1..=64).contains(&word.len()) && word.bytes().all(plain) { word } else { "what is asked for".into() };
        Refused::new(StatusCode::BAD_REQUEST, "invalid_scope", format!("{word} is no scope"))
    };
    let read = |words: &str| {
        let words: Vec<&str> = words.split(' ').filter(|word| !word.is_empty()).collect();
        if words.is_empty() {
            return Err(refused(ScopeError(String::new())));
        }
        words.into_iter().map(str::parse).collect::<Result<_, _>>().map_err(refused)
    };
    asked.map(read).transpose()
}

/// `GET /.well-known/oauth-authorization-server` (RFC 8414): only where the issuer is called by the URL that it is at.
pub(super) async fn metadata(State(server): State<Arc<Server>>) -> Response {
    let Some(issuer) = server.tokens.as_ref().map(|tokens| tokens.issuer.name()).and_then(origin) else {
        let text = "the server's own issuer is not called by a URL without a path";
        return (StatusCode::NOT_FOUND, text).into_response();
    };
    let scopes: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    let body = json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}/oauth/token"),
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "scopes_supported": scopes,
    });
    ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// The issuer's name, if it is a URL without a path, so that what is served is below it.
fn origin(name: &str) -> Option<&str> {
    let url = url::Url::parse(name).ok().filter(|url| matches!(url.scheme(), "https" | "http"))?;
    let bare = url.query().is_none() && url.fragment().is_none() && url.path() == "/" && !name.ends_with('/');
    bare.then_some(name)
}
