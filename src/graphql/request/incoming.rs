//! A request as it arrives.

use serde_json::{Map, Value};

use super::{IdempotencyKey, RequestError, documents::Hash};

/// One GraphQL request as it arrived.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GraphqlRequest {
    /// The document's text; empty where the request names a document that the server has.
    pub query: String,
    /// Which of the document's operations to run; needed where there are several.
    pub operation_name: Option<String>,
    /// Values by variable name. Those the operation does not declare are ignored.
    pub variables: Map<String, Value>,
    /// The document by the hash of its text (`extensions.persistedQuery`).
    pub persisted: Option<Hash>,
    /// The document by the name it has among those that the server trusts (`documentId`).
    pub document_id: Option<String>,
    /// Only say what it would cost (`extensions.cost.dryRun`).
    pub dry_run: bool,
    /// What its caller calls it, so that it has one effect and one answer however often it comes (`Idempotency-Key`).
    pub key: Option<IdempotencyKey>,
}

impl GraphqlRequest {
    /// Reads a request from a JSON object, by name; members it does not know are ignored.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` when the JSON is no object, a member is not of its type, or no document is given: neither
    /// `query` nor a name of one.
    pub fn from_json(json: Value) -> Result<Self, RequestError> {
        let mut members = match json {
            Value::Object(members) => members,
            other => return Err(RequestError::request(format!("A request is a JSON object, not {}.", kind(&other)))),
        };
        let extensions = optional_object(&members, "extensions", "extensions")?;
        let persisted = extensions.map(persisted).transpose()?.flatten();
        let dry_run = extensions.map(dry_run).transpose()?.unwrap_or_default();
        let names_document = members.contains_key("extensions") || members.contains_key("documentId");
        let document_id = optional_text(&mut members, "documentId")?;
        let query = match members.remove("query") {
            Some(Value::String(query)) => Some(query),
            Some(Value::Null) if names_document => None,
            Some(other) => return Err(RequestError::request(format!("`query` is a string, not {}.", kind(&other)))),
            None => None,
        };
        // An empty query is one, unless a document is named beside it.
        if query.is_none() && persisted.is_none() && document_id.is_none() {
            return Err(RequestError::request("`query` is missing: the document to run, as a string."));
        }
        Ok(Self {
            query: query.unwrap_or_default(),
            operation_name: optional_text(&mut members, "operationName")?,
            variables: match members.remove("variables") {
                None | Some(Value::Null) => Map::new(),
                Some(Value::Object(variables)) => variables,
                Some(other) => return Err(not_an_object("variables", &other)),
            },
            persisted,
            document_id,
            dry_run,
            key: None,
        })
    }
}

fn optional_text(members: &mut Map<String, Value>, name: &str) -> Result<Option<String>, RequestError> {
    match members.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(RequestError::request(format!("`{name}` is a string or null, not {}.", kind(&other)))),
    }
}

/// - `called`: the way to the member, for messages.
fn optional_object<'a>(
    members: &'a Map<String, Value>,
    name: &str,
    called: &str,
) -> Result<Option<&'a Map<String, Value>>, RequestError> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(other) => Err(not_an_object(called, other)),
    }
}

fn not_an_object(called: &str, other: &Value) -> RequestError {
    RequestError::request(format!("`{called}` is an object or null, not {}.", kind(other)))
}

/// `persistedQuery: {version: 1, sha256Hash: "…"}`, as clients of persisted queries send it.
fn persisted(extensions: &Map<String, Value>) -> Result<Option<Hash>, RequestError> {
    let Some(given) = optional_object(extensions, "persistedQuery", "extensions.persistedQuery")? else {
        return Ok(None);
    };
    if given.get("version") != Some(&Value::from(1)) {
        return Err(RequestError::request("`extensions.persistedQuery.version` is 1."));
    }
    let hash = given.get("sha256Hash").and_then(Value::as_str).and_then(read_hash);
    let wanted = "`extensions.persistedQuery.sha256Hash` is the SHA-256 of the document's text, in 64 letters of hex.";
    hash.map(Some).ok_or_else(|| RequestError::request(wanted))
}

/// A hash in hex.
pub(super) fn read_hash(hex: &str) -> Option<Hash> {
    if hex.len() != 64 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut hash = [0; 32];
    for (byte, place) in hash.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(hex.get(place..place + 2)?, 16).ok()?;
    }
    Some(hash)
}

/// `cost: {dryRun: true}`.
fn dry_run(extensions: &Map<String, Value>) -> Result<bool, RequestError> {
    let Some(cost) = optional_object(extensions, "cost", "extensions.cost")? else { return Ok(false) };
    match cost.get("dryRun") {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(wanted)) => Ok(*wanted),
        Some(other) => {
            Err(RequestError::request(format!("`extensions.cost.dryRun` is a boolean, not {}.", kind(other))))
        }
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
