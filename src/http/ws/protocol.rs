//! The messages of graphql-transport-ws, the WebSocket subprotocol of the `graphql-ws` packages.

use serde_json::{Map, Value, json};

use crate::graphql::request::GraphqlRequest;

/// The subprotocol.
pub(super) const NAME: &str = "graphql-transport-ws";
/// The most bytes of a reason to close: a control frame holds no more.
const REASON_MAX: usize = 123;

/// What a client says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Message {
    Init(Map<String, Value>),
    Ping(Option<Value>),
    Pong,
    Subscribe { id: String, request: GraphqlRequest },
    Complete { id: String },
}

/// Why the server closes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Close {
    pub(super) code: u16,
    pub(super) reason: String,
}

impl Close {
    fn new(code: u16, reason: impl Into<String>) -> Self {
        let mut reason = reason.into();
        let mut end = reason.len().min(REASON_MAX);
        while !reason.is_char_boundary(end) {
            end -= 1;
        }
        reason.truncate(end);
        Self { code, reason }
    }

    /// The server ends; whoever comes again finds another one, or this one anew.
    pub(super) fn going_away() -> Self {
        Self::new(1001, "Going away")
    }

    /// Nobody can be let in now; whoever comes again may be.
    pub(super) fn later() -> Self {
        Self::new(1013, "Try again later")
    }

    pub(super) fn invalid(why: impl std::fmt::Display) -> Self {
        Self::new(4400, format!("Invalid message: {why}"))
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(4401, "Unauthorized")
    }

    /// There is no token, or it does not hold, or holds no longer.
    pub(super) fn forbidden() -> Self {
        Self::new(4403, "Forbidden")
    }

    pub(super) fn subprotocol() -> Self {
        Self::new(4406, "Subprotocol not acceptable")
    }

    pub(super) fn not_initialised() -> Self {
        Self::new(4408, "Connection initialisation timeout")
    }

    pub(super) fn subscriber_exists(id: &str) -> Self {
        let (before, after) = ("Subscriber for ", " already exists");
        let room = REASON_MAX - before.len() - after.len();
        // An id as long as its sender likes is cut rather than the reason.
        let kept: String = id
            .chars()
            .scan(0, |used, c| {
                *used += c.len_utf8();
                (*used <= room).then_some(c)
            })
            .collect();
        Self::new(4409, format!("{before}{kept}{after}"))
    }

    pub(super) fn initialised_twice() -> Self {
        Self::new(4429, "Too many initialisation requests")
    }
}

/// Reads what a client says.
///
/// # Errors
/// 4400 with what is wrong.
pub(super) fn read(text: &str) -> Result<Message, Close> {
    let value: Value = serde_json::from_str(text).map_err(|_| Close::invalid("it is not JSON"))?;
    let Value::Object(mut message) = value else { return Err(Close::invalid("it is no JSON object")) };
    let kind = match message.remove("type") {
        Some(Value::String(kind)) => kind,
        Some(_) => return Err(Close::invalid("`type` is no string")),
        None => return Err(Close::invalid("`type` is missing")),
    };
    match kind.as_str() {
        "connection_init" => Ok(Message::Init(payload(&mut message)?.unwrap_or_default())),
        "ping" => Ok(Message::Ping(payload(&mut message)?.map(Value::Object))),
        "pong" => payload(&mut message).map(|_| Message::Pong),
        "subscribe" => {
            let id = id(&mut message)?;
            let payload = message.remove("payload").ok_or_else(|| Close::invalid("`payload` is missing"))?;
            let request = GraphqlRequest::from_json(payload).map_err(|error| Close::invalid(error.message))?;
            Ok(Message::Subscribe { id, request })
        }
        "complete" => Ok(Message::Complete { id: id(&mut message)? }),
        _ => Err(Close::invalid("clients do not send this `type`")),
    }
}

fn payload(message: &mut Map<String, Value>) -> Result<Option<Map<String, Value>>, Close> {
    match message.remove("payload") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(payload)) => Ok(Some(payload)),
        Some(_) => Err(Close::invalid("`payload` is no object")),
    }
}

fn id(message: &mut Map<String, Value>) -> Result<String, Close> {
    match message.remove("id") {
        Some(Value::String(id)) if !id.is_empty() => Ok(id),
        Some(_) => Err(Close::invalid("`id` is no string, or an empty one")),
        None => Err(Close::invalid("`id` is missing")),
    }
}

/// The token of an initialisation's payload: `{"authorization": "Bearer …"}`, as most clients send it, in any case of
/// letters, also below `headers`.
pub(super) fn token(payload: &Map<String, Value>) -> Option<&str> {
    let named = |name: &str| {
        let found = payload.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    };
    match (named("authorization"), named("headers")) {
        (Some(Value::String(header)), _) => crate::auth::bearer(Some(header)).ok(),
        (None, Some(Value::Object(headers))) => token(headers),
        _ => None,
    }
}

pub(super) fn acknowledged() -> String {
    json!({"type": "connection_ack"}).to_string()
}

/// The answer to a ping, with what it brought.
pub(super) fn pong(payload: Option<Value>) -> String {
    match payload {
        Some(payload) => json!({"type": "pong", "payload": payload}).to_string(),
        None => json!({"type": "pong"}).to_string(),
    }
}

/// An answer, which is JSON already.
pub(super) fn next(id: &str, answer: &str) -> String {
    format!(r#"{{"id":{},"type":"next","payload":{answer}}}"#, Value::from(id))
}

/// The errors of an answer that has nothing else.
pub(super) fn error(id: &str, answer: &str) -> String {
    let errors = serde_json::from_str(answer).map(|mut answer: Value| answer["errors"].take()).unwrap_or_default();
    json!({"id": id, "type": "error", "payload": errors}).to_string()
}

pub(super) fn complete(id: &str) -> String {
    json!({"id": id, "type": "complete"}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_to_the_letter() {
        let request = GraphqlRequest { query: "{a}".into(), ..GraphqlRequest::default() };
        for (text, message) in [
            (r#"{"type":"connection_init"}"#, Message::Init(Map::new())),
            (r#"{"type":"connection_init","payload":null}"#, Message::Init(Map::new())),
            (r#"{"type":"ping"}"#, Message::Ping(None)),
            (r#"{"type":"ping","payload":{"n":1}}"#, Message::Ping(Some(json!({"n": 1})))),
            (r#"{"type":"pong","payload":{}}"#, Message::Pong),
            (
                r#"{"id":"1","type":"subscribe","payload":{"query":"{a}"}}"#,
                Message::Subscribe { id: "1".into(), request },
            ),
            (r#"{"id":"1","type":"complete","more":1}"#, Message::Complete { id: "1".into() }),
        ] {
            assert_eq!(read(text), Ok(message), "{text}");
        }
        for text in [
            "",
            "hi",
            "[]",
            "{}",
            r#"{"type":1}"#,
            r#"{"type":"next","id":"1","payload":{}}"#,
            r#"{"type":"connection_ack"}"#,
            r#"{"type":"connection_init","payload":""}"#,
            r#"{"type":"ping","payload":[1]}"#,
            r#"{"type":"subscribe","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":7,"payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","id":"1","payload":{}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":{}}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":[]}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","operationName":1}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","extensions":""}}"#,
            r#"{"type":"complete"}"#,
        ] {
            let close = read(text).unwrap_err();
            assert_eq!(close.code, 4400, "{text}");
            assert!(close.reason.starts_with("Invalid message: "), "{}", close.reason);
        }
    }

    #[test]
    fn a_reason_fits_a_frame() {
        for id in ["x".repeat(500), "ü".repeat(500), "🦀".repeat(500)] {
            let Close { code, reason } = Close::subscriber_exists(&id);
            assert_eq!(code, 4409);
            assert!(reason.len() <= 123 && reason.ends_with(" already exists"), "{reason}");
        }
        assert_eq!(Close::subscriber_exists("a").reason, "Subscriber for a already exists");
        assert!(Close::invalid("ü".repeat(500)).reason.len() <= 123);
    }

    #[test]
    fn the_token_is_found_where_clients_put_it() {
        let found = |payload: Value| token(payload.as_object().unwrap()).map(str::to_owned);
        for payload in [
            json!({"authorization": "Bearer a.b.c"}),
            json!({"Authorization": "bearer a.b.c"}),
            json!({"headers": {"Authorization": "Bearer a.b.c"}}),
        ] {
            assert_eq!(found(payload).as_deref(), Some("a.b.c"));
        }
        for payload in
            [json!({}), json!({"authorization": 1}), json!({"authorization": "a.b.c"}), json!({"headers": []})]
        {
            assert_eq!(found(payload), None);
        }
    }

    #[test]
    fn an_answer_is_wrapped_as_it_is() {
        assert_eq!(
            next("a\"b", r#"{"data":{"b":1,"a":2}}"#),
            r#"{"id":"a\"b","type":"next","payload":{"data":{"b":1,"a":2}}}"#
        );
        let errors: Value = serde_json::from_str(&error("1", r#"{"errors":[{"message":"no"}]}"#)).unwrap();
        assert_eq!(errors, json!({"id": "1", "type": "error", "payload": [{"message": "no"}]}));
    }
}
