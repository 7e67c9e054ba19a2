//! Taking connections: bounded in number, and answered to their end when the server stops.

use std::{net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use tokio::{
    net::{TcpListener, TcpStream},
    select,
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};
use tracing::warn;

use super::{
    HttpRules,
    connection::{Connections, Seat},
};

/// How long to wait after a connection could not be taken, as when there is no file descriptor left.
const AFTER_FAILURE: Duration = Duration::from_millis(100);

/// Serves until `stop` comes true. No new connection is taken then; requests that have begun are answered first, for as
/// long as the rules let them.
pub(super) async fn listen(listener: TcpListener, router: Router, rules: &HttpRules, stop: impl Future<Output = ()>) {
    let room = Arc::new(Semaphore::new(rules.connections));
    let connections = Connections::new(router, rules);
    let (stopping, stops) = watch::channel(false);
    let mut stop = pin!(stop);
    loop {
        let taken = select! {
            () = &mut stop => break,
            taken = take(&listener, &room) => taken,
        };
        if let Some((stream, from, seat)) = taken {
            tokio::spawn(connections.clone().hold(stream, from, seat, stops.clone()));
        }
    }
    drop((listener, stops));
    stopping.send_replace(true);
    // Each connection hears it for as long as it is held.
    if timeout(rules.stopping_within, stopping.closed()).await.is_err() {
        warn!("requests were still running when the time to stop was up");
    }
}

/// The next connection, whose it is, and its place among those that are held, as soon as there is room for one.
async fn take(listener: &TcpListener, room: &Arc<Semaphore>) -> Option<(TcpStream, SocketAddr, Seat)> {
    let seat = Seat::new(Arc::clone(room).acquire_owned().await.ok()?);
    match listener.accept().await {
        Ok((stream, from)) => {
            // Answers are sent whole: none waits for more to come.
            drop(stream.set_nodelay(true));
            Some((stream, from, seat))
        }
        Err(error) => {
            warn!(error = %error, "a connection could not be taken");
            sleep(AFTER_FAILURE).await;
            None
        }
    }
}
