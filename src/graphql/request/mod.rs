//! A request before it runs: its text bounded, parsed, its values checked against the schema.
//!
//! Text and variables go in, a document the engine can run comes out, or every reason it cannot. Nothing here does IO
//! or knows who asks. The stages, in order:
//!
//! 1. `scan` bounds the text before a parser sees it, and `parse` reads it.
//! 2. `limits` bounds the parsed document before anything walks it fragment by fragment.
//! 3. `validate` judges it by the whole of the specification; what passes is kept by [`Documents`] and comes here no more.
//! 4. `bind` checks every argument against [`Shapes`], so a wrong value is `BAD_USER_INPUT` with the way to it.
//! 5. `rewrite` takes out what was left out: an input field whose variable was not given is not null, it is absent.
//!
//! The engine validates nothing again.

mod bind;
mod check;
mod documents;
mod error;
mod limits;
mod mirror;
mod parse;
mod places;
mod rewrite;
mod scan;
mod shapes;
#[cfg(test)]
mod tests;
mod validate;
mod variables;
mod written;

use std::collections::HashMap;

use async_graphql::{Request, Variables, parser::types::ExecutableDocument};
use serde_json::{Map, Value};

pub use documents::{Documents, Hash, hash};
pub use error::RequestError;
pub use limits::Limits;
pub use mirror::Named;
pub use shapes::{ScalarCheck, Shapes};

/// One GraphQL request as it arrived.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GraphqlRequest {
    /// The document's text.
    pub query: String,
    /// Which of the document's operations to run; needed where there are several.
    pub operation_name: Option<String>,
    /// Values by variable name. Those the operation does not declare are ignored.
    pub variables: Map<String, Value>,
}

impl GraphqlRequest {
    /// Reads a request from a JSON object, by name; members it does not know are ignored.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` when the JSON is no object, `query` is no string, `operationName` neither string nor null, or
    /// `variables` or `extensions` neither object nor null.
    pub fn from_json(json: &Value) -> Result<Self, RequestError> {
        let Some(members) = json.as_object() else {
            return Err(RequestError::request(format!("A request is a JSON object, not {}.", kind(json))));
        };
        optional_object(members, "extensions")?;
        Ok(Self {
            query: query(members)?,
            operation_name: operation_name(members)?,
            variables: optional_object(members, "variables")?.cloned().unwrap_or_default(),
        })
    }
}

fn query(members: &Map<String, Value>) -> Result<String, RequestError> {
    match members.get("query") {
        Some(Value::String(query)) => Ok(query.clone()),
        Some(other) => Err(RequestError::request(format!("`query` is a string, not {}.", kind(other)))),
        None => Err(RequestError::request("`query` is missing: the document to run, as a string.")),
    }
}

fn operation_name(members: &Map<String, Value>) -> Result<Option<String>, RequestError> {
    match members.get("operationName") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(name)) => Ok(Some(name.clone())),
        Some(other) => Err(RequestError::request(format!("`operationName` is a string or null, not {}.", kind(other)))),
    }
}

fn optional_object<'a>(
    members: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<&'a Map<String, Value>>, RequestError> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(other) => Err(RequestError::request(format!("`{name}` is an object or null, not {}.", kind(other)))),
    }
}

fn kind(json: &Value) -> &'static str {
    match json {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationKind {
    /// Reads.
    Query,
    /// Writes, one root field after the other.
    Mutation,
    /// Listens.
    Subscription,
}

/// A document ready for the engine.
#[derive(Debug)]
pub struct Prepared {
    /// The document without what was left out of the request.
    pub document: ExecutableDocument,
    /// The operation to run; absent only for the one anonymous operation of a document.
    pub operation_name: Option<String>,
    /// What that operation does.
    pub kind: OperationKind,
    /// The operation's root fields, those in fragments too: response key to field name.
    pub roots: HashMap<String, String>,
    /// The values of the variables the operation declares: as given, or else their default.
    pub variables: Variables,
}

impl Prepared {
    /// The request for the engine, which does not parse again.
    ///
    /// Defaults of variables travel as values, for the engine forgets them in `@skip` and `@include`.
    #[must_use]
    pub fn into_request(self) -> Request {
        let mut request = Request::new(String::new()).variables(self.variables);
        request.operation_name = self.operation_name;
        request.set_parsed_query(self.document);
        request
    }
}
