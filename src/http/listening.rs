//! Taking connections: bounded in number, in what they may hold open, and in how they end.

use std::{net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, http::Request};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
};
use tokio::{
    net::{TcpListener, TcpStream},
    select,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tower_service::Service as _;
use tracing::{debug, warn};

use super::HttpRules;

/// How long to wait after a connection could not be taken, as when there is no file descriptor left.
const AFTER_FAILURE: Duration = Duration::from_millis(100);
/// Requests at once on one connection of HTTP/2.
const STREAMS: u32 = 100;

/// Serves until `stop` comes true. No new connection is taken then; requests that have begun are answered first, for as
/// long as the rules let them.
pub(super) async fn listen(listener: TcpListener, router: Router, rules: &HttpRules, stop: impl Future<Output = ()>) {
    let connections = Arc::new(Semaphore::new(rules.connections));
    let builder = builder(rules);
    let graceful = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let taken = select! {
            () = &mut stop => break,
            taken = take(&listener, &connections) => taken,
        };
        let Some(Taken { stream, from, place }) = taken else { continue };
        let within = rules.headers_within;
        let router = router.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(from));
            // A router is always ready.
            router.clone().call(request)
        });
        let (builder, watcher) = (builder.clone(), graceful.watcher());
        tokio::spawn(async move {
            if timeout(within, spoken(&stream)).await.is_ok() {
                let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
                if let Err(error) = watcher.watch(connection).await {
                    debug!(error = %error, "a connection ended");
                }
            }
            drop(place);
        });
    }
    drop(listener);
    if timeout(rules.stopping_within, graceful.shutdown()).await.is_err() {
        warn!("requests were still running when the time to stop was up");
    }
}

fn builder(rules: &HttpRules) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(rules.headers_within);
    let idle = rules.headers_within;
    builder.http2().timer(TokioTimer::new()).max_concurrent_streams(STREAMS).keep_alive_interval(idle);
    builder
}

/// How HTTP/2 begins. What begins like it and goes no further would be waited for without end.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Waits until a connection has said which HTTP it speaks, or that it has ended.
async fn spoken(stream: &TcpStream) {
    let mut begun = [0; PREFACE.len()];
    while let Ok(count) = stream.peek(&mut begun).await {
        let said = begun.get(..count).unwrap_or_default();
        if said.is_empty() || count == PREFACE.len() || !PREFACE.starts_with(said) {
            return;
        }
        sleep(BETWEEN_LOOKS).await;
    }
}

/// How long to wait for more of a beginning that has not all come.
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// A connection, whose it is, and its place among those that are held.
struct Taken {
    stream: TcpStream,
    from: SocketAddr,
    place: OwnedSemaphorePermit,
}

/// The next connection, as soon as there is room for one.
async fn take(listener: &TcpListener, room: &Arc<Semaphore>) -> Option<Taken> {
    let place = Arc::clone(room).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, from)) => {
            // Answers are sent whole: none waits for more to come.
            drop(stream.set_nodelay(true));
            Some(Taken { stream, from, place })
        }
        Err(error) => {
            warn!(error = %error, "a connection could not be taken");
            sleep(AFTER_FAILURE).await;
            None
        }
    }
}
