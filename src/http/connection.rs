//! One connection, from its first byte to its end: who says nothing, or takes nothing, does not hold it for long.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
    http::Request,
};
use hyper::{
    body::{Body as HttpBody, Frame, Incoming, SizeHint},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::{
    net::TcpStream,
    select,
    sync::{OwnedSemaphorePermit, watch},
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_io_timeout::TimeoutWriter;
use tower_service::Service as _;
use tracing::debug;

use super::HttpRules;

/// Requests at once on one connection of HTTP/2.
const STREAMS: u32 = 100;
/// How many times as long as nothing may be taken a connection that is at rest may still take what was answered.
const LINGERS: u32 = 4;
/// How long to wait for more of a beginning that has not all come.
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);
/// How HTTP/2 begins. What begins like it and goes no further would be waited for without end.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A place among the connections that are held, given back when the last has dropped it: the connection, or what it was
/// upgraded to.
#[derive(Clone, Debug)]
pub(super) struct Place {
    _permit: Arc<OwnedSemaphorePermit>,
}

impl Place {
    pub(super) fn new(permit: OwnedSemaphorePermit) -> Self {
        Self { _permit: Arc::new(permit) }
    }
}

/// What every connection is served by.
#[derive(Clone)]
pub(super) struct Connections {
    router: Router,
    builder: Builder<TokioExecutor>,
    rests_within: Duration,
    taken_within: Duration,
}

impl Connections {
    pub(super) fn new(router: Router, rules: &HttpRules) -> Self {
        let mut builder = Builder::new(TokioExecutor::new());
        let rests_within = rules.headers_within;
        builder.http1().timer(TokioTimer::new()).header_read_timeout(rests_within);
        builder.http2().timer(TokioTimer::new()).max_concurrent_streams(STREAMS).keep_alive_interval(rests_within);
        Self { router, builder, rests_within, taken_within: rules.taken_within }
    }

    /// Holds a connection to its end.
    ///
    /// - `stopping`: comes true when no more requests are to be taken.
    pub(super) async fn hold(
        self,
        stream: TcpStream,
        from: SocketAddr,
        place: Place,
        mut stopping: watch::Receiver<bool>,
    ) {
        let Self { router, builder, rests_within, taken_within } = self;
        let Ok(spoken) = timeout(rests_within, spoken(&stream)).await else { return };
        let work = Work::default();
        let service = service_fn(|request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(from));
            request.extensions_mut().insert(place.clone());
            let (mut router, working) = (router.clone(), work.begin());
            async move {
                // A router is always ready.
                let response = router.call(request).await?;
                Ok::<_, Infallible>(response.map(|body| Answer {
                    body,
                    work: working.of.clone(),
                    working: Some(working),
                }))
            }
        });
        let mut stream = TimeoutWriter::new(stream);
        stream.set_timeout(Some(taken_within));
        let mut connection = pin!(builder.serve_connection_with_upgrades(TokioIo::new(Box::pin(stream)), service));
        // Where nobody is left to tell, the server has ended.
        let stops = async { drop(stopping.wait_for(|stops| *stops).await) };
        let ended = select! {
            ended = connection.as_mut() => ended,
            () = stops => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
            // HTTP/1 looks after itself: there the next head has to come in time.
            () = work.rests_for(rests_within), if spoken == Spoken::Http2 => {
                connection.as_mut().graceful_shutdown();
                timeout(taken_within.saturating_mul(LINGERS), connection).await.unwrap_or(Ok(()))
            }
        };
        if let Err(error) = ended {
            debug!(error = %error, "a connection ended");
        }
    }
}

/// What a connection has begun with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spoken {
    /// HTTP/2.
    Http2,
    /// HTTP/1, or nothing that is known; or it has ended.
    Other,
}

/// Waits until a connection has said which HTTP it speaks, or that it has ended.
async fn spoken(stream: &TcpStream) -> Spoken {
    let mut begun = [0; PREFACE.len()];
    while let Ok(count) = stream.peek(&mut begun).await {
        let said = begun.get(..count).unwrap_or_default();
        if said == PREFACE {
            return Spoken::Http2;
        }
        if said.is_empty() || !PREFACE.starts_with(said) {
            return Spoken::Other;
        }
        sleep(BETWEEN_LOOKS).await;
    }
    Spoken::Other
}

/// What a connection waits for the server for.
#[derive(Clone, Debug)]
struct Work(Arc<Mutex<Load>>);

#[derive(Clone, Copy, Debug)]
struct Load {
    count: usize,
    /// When it last became nothing.
    rests_since: Instant,
}

/// One of the things that the server is at.
#[derive(Debug)]
struct Working {
    of: Work,
}

impl Drop for Working {
    fn drop(&mut self) {
        let mut load = self.of.load();
        load.count -= 1;
        load.rests_since = Instant::now();
    }
}

impl Default for Work {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Load { count: 0, rests_since: Instant::now() })))
    }
}

impl Work {
    fn begin(&self) -> Working {
        self.load().count += 1;
        Working { of: self.clone() }
    }

    /// Waits until there has been nothing to do for so long.
    async fn rests_for(&self, time: Duration) {
        loop {
            let Load { count, rests_since } = *self.load();
            let until = if count == 0 { rests_since } else { Instant::now() } + time;
            if until <= Instant::now() {
                return;
            }
            sleep_until(until).await;
        }
    }

    /// What a holder of the lock left is whole: nothing in between can fail.
    fn load(&self) -> MutexGuard<'_, Load> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The body of an answer. The server is at it from when the next part is asked for until there is one; in between, whoever
/// asked is to take what there is.
struct Answer {
    body: Body,
    work: Work,
    working: Option<Working>,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if polled.is_ready() {
            self.working = None;
        } else if self.working.is_none() {
            self.working = Some(self.work.begin());
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_rests_when_nothing_has_been_done_for_so_long() {
        let (work, long) = (Work::default(), Duration::from_millis(50));
        let (one, two) = (work.begin(), work.begin());
        let (rested, ended) = tokio::join!(
            async {
                work.rests_for(long).await;
                Instant::now()
            },
            async {
                sleep(long * 2).await;
                drop(one);
                sleep(long * 2).await;
                let ended = Instant::now();
                drop(two);
                ended
            },
        );
        assert!(rested >= ended + long, "{:?}", rested - ended);
    }

    #[tokio::test]
    async fn the_server_is_at_a_body_while_there_is_nothing_of_it_to_take() {
        let (parts, body) = tokio::sync::mpsc::channel::<Bytes>(1);
        let body = futures_util::stream::unfold(body, async |mut body| {
            let part = body.recv().await?;
            Some((Ok::<_, Infallible>(part), body))
        });
        let work = Work::default();
        let working = work.begin();
        let mut answer = pin!(Answer { body: Body::from_stream(body), work: work.clone(), working: Some(working) });
        let mut look = async || {
            let polled = std::future::poll_fn(|cx| Poll::Ready(answer.as_mut().poll_frame(cx))).await;
            (polled.is_ready(), work.load().count)
        };
        assert_eq!(look().await, (false, 1));
        parts.send(Bytes::from_static(b"a")).await.unwrap();
        assert_eq!(look().await, (true, 0), "there is something to take");
        assert_eq!(look().await, (false, 1), "it was taken, and there is no more yet");
        drop(parts);
        assert_eq!(look().await, (true, 0));
    }
}
