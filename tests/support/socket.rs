//! A WebSocket of a test, and an event stream.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use super::Remit;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// One end of a WebSocket.
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens a socket that speaks a subprotocol, or none.
    pub(crate) async fn open(remit: &Remit, subprotocol: Option<&str>) -> Self {
        Self::open_with(remit, subprotocol, None).await
    }

    /// Opens one with a header.
    pub(crate) async fn open_with(remit: &Remit, subprotocol: Option<&str>, authorization: Option<&str>) -> Self {
        let mut request = format!("ws://{}/graphql/ws", remit.address).into_client_request().unwrap();
        let headers = [("sec-websocket-protocol", subprotocol), ("authorization", authorization)];
        for (name, value) in headers.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let (socket, answer) = connect_async(request).await.unwrap();
        let spoken = answer.headers().get("sec-websocket-protocol").map(|value| value.to_str().unwrap());
        assert_eq!(spoken, subprotocol);
        Self(socket)
    }

    /// Opens one and has it acknowledged.
    pub(crate) async fn acknowledged(remit: &Remit, token: &str) -> Self {
        let mut socket = Self::open(remit, Some("graphql-transport-ws")).await;
        let payload = json!({"authorization": format!("Bearer {token}")});
        socket.say(json!({"type": "connection_init", "payload": payload})).await;
        assert_eq!(socket.hear().await, json!({"type": "connection_ack"}));
        socket
    }

    pub(crate) async fn say(&mut self, message: Value) {
        self.say_text(&message.to_string()).await;
    }

    pub(crate) async fn say_text(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    pub(crate) async fn say_binary(&mut self) {
        self.0.send(Message::binary(vec![1])).await.unwrap();
    }

    /// Begins an operation.
    pub(crate) async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({"query": query, "variables": variables});
        self.say(json!({"id": id, "type": "subscribe", "payload": payload})).await;
    }

    /// The next message.
    #[track_caller]
    pub(crate) fn hear(&mut self) -> impl Future<Output = Value> {
        let place = std::panic::Location::caller();
        async move { self.within(PATIENCE).await.unwrap_or_else(|| panic!("{place}: nothing comes")) }
    }

    /// The next message; none: nothing comes in that time, pings left out.
    pub(crate) async fn within(&mut self, time: Duration) -> Option<Value> {
        let next = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                    Some(Ok(Message::Ping(_))) => {}
                    other => panic!("{other:?}"),
                }
            }
        };
        timeout(time, next).await.ok()
    }

    /// The data of the next answer to an operation.
    #[track_caller]
    pub(crate) fn data(&mut self, id: &str) -> impl Future<Output = Value> {
        let (place, id) = (std::panic::Location::caller(), id.to_owned());
        let heard = self.hear();
        async move {
            let mut message = heard.await;
            let what = (message["type"].as_str(), message["id"].as_str());
            assert_eq!(what, (Some("next"), Some(id.as_str())), "{place}: {message:#}");
            assert!(message["payload"].get("errors").is_none(), "{place}: {message:#}");
            message["payload"]["data"].take()
        }
    }

    /// That nothing comes for a while.
    #[track_caller]
    pub(crate) fn silent(&mut self) -> impl Future<Output = ()> {
        let place = std::panic::Location::caller();
        async move {
            match timeout(Duration::from_millis(400), self.0.next()).await {
                Err(_) | Ok(Some(Ok(Message::Ping(_)))) => {}
                Ok(other) => panic!("{place}: {other:?}"),
            }
        }
    }

    /// Why the server closes; what else comes before is passed over.
    #[track_caller]
    pub(crate) fn closed(&mut self) -> impl Future<Output = (u16, String)> {
        let place = std::panic::Location::caller();
        async move {
            loop {
                match timeout(PATIENCE, self.0.next()).await.unwrap_or_else(|_| panic!("{place}: it stays open")) {
                    Some(Ok(Message::Close(Some(frame)))) => return (frame.code.into(), frame.reason.to_string()),
                    Some(Ok(Message::Text(_) | Message::Ping(_))) => {}
                    other => panic!("{place}: {other:?}"),
                }
            }
        }
    }
}

/// The events of a stream: name and data.
pub(crate) struct EventStream {
    answer: reqwest::Response,
    text: String,
}

impl EventStream {
    pub(crate) fn of(answer: reqwest::Response) -> Self {
        let kind = answer.headers()["content-type"].to_str().unwrap();
        assert_eq!((answer.status().as_u16(), kind), (200, "text/event-stream; charset=utf-8"));
        Self { answer, text: String::new() }
    }

    /// The next event; none: the stream has ended. Comments are passed over.
    pub(crate) async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                match field("event:") {
                    Some(name) => {
                        let data = field("data:").filter(|data| !data.is_empty()).map(serde_json::from_str);
                        return Some((name.to_owned(), data.map_or(Value::Null, Result::unwrap)));
                    }
                    None => continue,
                }
            }
            let chunk = timeout(PATIENCE, self.answer.chunk()).await.expect("the stream goes on").unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}
