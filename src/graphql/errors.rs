//! Errors as they leave: each with a code, none with anything internal.

use async_graphql::{Error, ErrorExtensions, PathSegment, Pos, ServerError, Value};
use tracing::error;

use crate::{auth::Scope, store::StoreError};

/// The most characters of the engine's own messages, which repeat names as long as the caller wrote them.
const MESSAGE_MAX: usize = 300;

/// The caller's scopes do not reach a field.
pub(crate) fn forbidden(scope: Scope, why: &str) -> Error {
    Error::new(why).extend_with(|_, extensions| {
        extensions.set("code", "FORBIDDEN");
        extensions.set("requiredScope", scope.as_str());
    })
}

/// A value of an input is not one that can be; `path` leads from the argument inward.
pub(crate) fn bad_input(path: &[&str], why: impl Into<String>) -> Error {
    let path: Vec<Value> = path.iter().map(|&part| Value::from(part)).collect();
    Error::new(why.into()).extend_with(|_, extensions| {
        extensions.set("code", "BAD_USER_INPUT");
        extensions.set("inputPath", Value::List(path.clone()));
    })
}

/// Gives an error that carries no code yet its code, and hides what only the server's log may know.
pub(crate) fn settle(error: &mut ServerError) {
    if error.extensions.as_ref().is_some_and(|extensions| extensions.get("code").is_some()) {
        return;
    }
    let (code, message) = match error.source::<StoreError>() {
        Some(fault @ StoreError::Unavailable(_)) => {
            error!(error = %chain(fault), "the database cannot be reached");
            (
                "UNAVAILABLE",
                "The database cannot be reached. What was being written may or may not be there.".to_owned(),
            )
        }
        Some(fault) => {
            error!(error = %chain(fault), "a statement failed");
            ("INTERNAL", "Something went wrong on the server.".to_owned())
        }
        None if error.path.is_empty() => {
            ("GRAPHQL_VALIDATION_FAILED", error.message.chars().take(MESSAGE_MAX).collect())
        }
        None => {
            error!(error = %error.message, "a resolver failed");
            ("INTERNAL", "Something went wrong on the server.".to_owned())
        }
    };
    error.message = message;
    error.extensions.get_or_insert_default().set("code", code);
}

/// An error that is of no field, with its code.
pub(crate) fn of_no_field(error: Error) -> ServerError {
    let mut error = error.into_server_error(Pos::default());
    // What has a place in the answer is told from what is the document's fault.
    error.path = vec![PathSegment::Field(String::new())];
    settle(&mut error);
    (error.path, error.locations) = (Vec::new(), Vec::new());
    error
}

/// Every code that an error of a request may have.
pub(crate) const CODES: [&str; 13] = [
    "UNAUTHENTICATED",
    "FORBIDDEN",
    "BAD_USER_INPUT",
    "CURSOR_EXPIRED",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "QUERY_TOO_COMPLEX",
    "QUERY_TOO_DEEP",
    "RATE_LIMITED",
    "PERSISTED_QUERY_NOT_FOUND",
    "TIMEOUT",
    "UNAVAILABLE",
    "INTERNAL",
];

/// The place of a code among [`CODES`].
pub(crate) fn place(code: &str) -> Option<usize> {
    CODES.iter().position(|known| *known == code)
}

/// The code of a settled error.
pub(crate) fn code(error: &ServerError) -> &'static str {
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    let known = |code: &Value| CODES.into_iter().find(|known| *code == Value::from(*known));
    code.and_then(known).unwrap_or("INTERNAL")
}

/// An error with what lies under it, for the log.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut under = error.source();
    while let Some(cause) = under {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        under = cause.source();
    }
    text
}
