//! `/graphql/ws`: operations over one socket, by graphql-transport-ws.

mod protocol;
mod talk;

use std::sync::Arc;

use axum::{
    Extension,
    extract::{State, WebSocketUpgrade, ws::WebSocket},
    http::HeaderMap,
    response::Response,
};

use super::{Server, connection::Seat, graphql};
use protocol::Close;
use talk::Talk;

/// The largest message of a client: as large as a request.
const MESSAGE_MAX: usize = 1024 * 1024;

/// `/graphql/ws`. Who has no way to send a header sends the token with the initialisation.
pub(super) async fn open(
    State(server): State<Arc<Server>>,
    upgrade: WebSocketUpgrade,
    seat: Option<Extension<Seat>>,
    headers: HeaderMap,
) -> Response {
    let upgrade = upgrade.protocols([protocol::NAME]).max_message_size(MESSAGE_MAX).max_frame_size(MESSAGE_MAX);
    let speaks = upgrade.selected_protocol().is_some();
    let token = graphql::token(&headers).ok().map(str::to_owned);
    upgrade.on_upgrade(async move |socket: WebSocket| {
        // A socket is held like a connection, and its own has ended.
        let _seat = seat;
        if speaks {
            Talk::new(server, socket, token).hold().await;
        } else {
            talk::close(socket, Some(Close::subprotocol())).await;
        }
    })
}
