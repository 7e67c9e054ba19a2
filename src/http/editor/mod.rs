//! The page at `/`: a place to type a query and read the schema. It loads nothing from elsewhere, so it works offline.

use axum::{
    Router,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};

/// What the page may do: run its own script, and talk to its own server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page, its style and its script.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/", get(async || served("text/html; charset=utf-8", include_str!("page.html"))))
        .route("/editor.css", get(async || served("text/css; charset=utf-8", include_str!("page.css"))))
        .route("/editor.js", get(async || served("text/javascript; charset=utf-8", include_str!("page.js"))))
}

fn served(kind: &'static str, text: &'static str) -> Response {
    let policy = HeaderValue::from_static(POLICY);
    ([(header::CONTENT_TYPE, HeaderValue::from_static(kind)), (header::CONTENT_SECURITY_POLICY, policy)], text)
        .into_response()
}
