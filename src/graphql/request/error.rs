//! What is wrong with a request, said before anything runs.

use async_graphql::Pos;
use serde_json::{Value, json};

/// A request refused, or one thing wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestError {
    /// `BAD_USER_INPUT`, `GRAPHQL_PARSE_FAILED`, `GRAPHQL_VALIDATION_FAILED`, `QUERY_TOO_DEEP`, `QUERY_TOO_COMPLEX`
    /// or `PERSISTED_QUERY_NOT_FOUND`.
    pub code: &'static str,
    /// What is wrong and what would do, for whoever sent the request.
    pub message: String,
    /// Line and column in the document, both from 1; empty where no place is to blame.
    pub locations: Vec<(usize, usize)>,
    /// For a value refused: from the argument's name inward, list positions from 0.
    pub input_path: Option<Vec<String>>,
}

impl RequestError {
    /// The error as a response carries it: `message`, `locations` if any, `extensions.code` and, where a value was
    /// refused, `extensions.inputPath`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut error = json!({ "message": self.message, "extensions": { "code": self.code } });
        if !self.locations.is_empty() {
            let place = |&(line, column): &(usize, usize)| json!({ "line": line, "column": column });
            error["locations"] = self.locations.iter().map(place).collect();
        }
        if let Some(path) = &self.input_path {
            error["extensions"]["inputPath"] = json!(path);
        }
        error
    }

    /// The document's text is not GraphQL.
    pub(super) fn syntax(message: impl Into<String>, at: Pos) -> Self {
        Self::new("GRAPHQL_PARSE_FAILED", message).at(at)
    }

    /// The document reads well but makes no sense.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new("GRAPHQL_VALIDATION_FAILED", message)
    }

    /// More levels than a document may have.
    pub(super) fn too_deep(message: impl Into<String>) -> Self {
        Self::new("QUERY_TOO_DEEP", message)
    }

    /// The document that is named is not here, or may not be brought.
    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new("PERSISTED_QUERY_NOT_FOUND", message)
    }

    /// More of something than a document may have.
    pub(crate) fn too_complex(message: impl Into<String>) -> Self {
        Self::new("QUERY_TOO_COMPLEX", message)
    }

    /// A value that cannot be; the path leads from the argument inward.
    pub(super) fn input(message: impl Into<String>, path: Vec<String>) -> Self {
        Self { input_path: Some(path), ..Self::request(message) }
    }

    /// The request itself is not one, whatever the document says.
    pub(crate) fn request(message: impl Into<String>) -> Self {
        Self::new("BAD_USER_INPUT", message)
    }

    /// The same error with its place in the document.
    pub(super) fn at(self, at: Pos) -> Self {
        Self { locations: vec![(at.line, at.column)], ..self }
    }

    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), locations: Vec::new(), input_path: None }
    }
}
