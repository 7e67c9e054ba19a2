//! One connection, from its first byte to its end: who says nothing, or takes nothing, does not hold it for long.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
    http::{HeaderValue, Request, header},
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
/// The bytes of an answer that HTTP/2 is given at once: it asks for more when some of them are taken, by which that is seen.
const PIECE: usize = 64 * 1024;
/// How long to wait for more of a beginning that has not all come.
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);
/// How HTTP/2 begins. What begins like it and goes no further would be waited for without end.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A place among the connections that are held, given back when the last has dropped it: the connection, or what it was
/// upgraded to.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    _permit: Arc<OwnedSemaphorePermit>,
}

impl Seat {
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
        seat: Seat,
        mut stopping: watch::Receiver<bool>,
    ) {
        let Self { router, builder, rests_within, taken_within } = self;
        // Where nobody is left to tell, the server has ended.
        let mut stops = pin!(async { drop(stopping.wait_for(|stops| *stops).await) });
        let spoken = select! {
            // What has been sent before the server is told to stop is still answered.
            biased;
            spoken = timeout(rests_within, spoken(&stream)) => spoken,
            () = &mut stops => return,
        };
        let Ok(spoken) = spoken else { return };
        let work = Work::default();
        let piece = if spoken == Spoken::Http2 { PIECE } else { usize::MAX };
        let service = service_fn(|request: Request<Incoming>| {
            let is_read = Arc::new(AtomicBool::new(request.body().is_end_stream()));
            let mut request = request.map(|body| Body::new(Question { body, is_read: Arc::clone(&is_read) }));
            request.extensions_mut().insert(ConnectInfo(from));
            request.extensions_mut().insert(seat.clone());
            let (mut router, working) = (router.clone(), work.begin());
            async move {
                // A router is always ready.
                let mut response = router.call(request).await?;
                if spoken == Spoken::Other && !is_read.load(Ordering::Relaxed) {
                    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
                }
                Ok::<_, Infallible>(response.map(|body| Answer::new(body, working.of.clone(), piece)))
            }
        });
        let mut stream = TimeoutWriter::new(stream);
        stream.set_timeout(Some(taken_within));
        let mut connection = pin!(builder.serve_connection_with_upgrades(TokioIo::new(Box::pin(stream)), service));
        let ended = select! {
            ended = connection.as_mut() => ended,
            () = stops => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
            // HTTP/1 looks after itself: there the next head has to come in time.
            () = work.rests_for(rests_within), if spoken == Spoken::Http2 => {
                connection.as_mut().graceful_shutdown();
                // What is on its way is still answered, and may be taken.
                select! {
                    ended = connection => ended,
                    () = work.rests_for(rests_within.saturating_add(taken_within)) => Ok(()),
                }
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
    /// When it last became nothing, or something was taken.
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

    /// The other end has taken something.
    fn goes_on(&self) {
        self.load().rests_since = Instant::now();
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

/// The body of a request. One that is answered before all of it was read leaves its rest in the way of the next, so its
/// connection ends, which the answer is to say (RFC 9112 §9.6).
struct Question {
    body: Incoming,
    is_read: Arc<AtomicBool>,
}

impl HttpBody for Question {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if self.body.is_end_stream() || matches!(polled, Poll::Ready(None)) {
            self.is_read.store(true, Ordering::Relaxed);
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

/// The body of an answer. The server is at it from when more is asked for until there is some; in between, whoever asked is
/// to take what there is.
struct Answer {
    body: Body,
    /// What there is of it and was not asked for.
    rest: Bytes,
    /// How much is given at once.
    piece: usize,
    work: Work,
    working: Option<Working>,
}

impl Answer {
    fn new(body: Body, work: Work, piece: usize) -> Self {
        Self { body, rest: Bytes::new(), piece, work, working: None }
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.rest.is_empty() {
            let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
                if self.working.is_none() {
                    self.working = Some(self.work.begin());
                }
                return Poll::Pending;
            };
            self.working = None;
            match frame.map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(data))) => self.rest = data,
                Some(Ok(Err(trailers))) => return Poll::Ready(Some(Ok(trailers))),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        self.work.goes_on();
        let piece = self.piece.min(self.rest.len());
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(piece)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (rest, behind) = (self.rest.len() as u64, self.body.size_hint());
        let mut hint = SizeHint::new();
        hint.set_lower(behind.lower().saturating_add(rest));
        if let Some(upper) = behind.upper() {
            hint.set_upper(upper.saturating_add(rest));
        }
        hint
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
        let mut answer = pin!(Answer::new(Body::from_stream(body), work.clone(), 2));
        let mut look = async || {
            let polled = std::future::poll_fn(|cx| Poll::Ready(answer.as_mut().poll_frame(cx))).await;
            let given = polled.map(|frame| frame.map_or(0, |frame| frame.unwrap().into_data().unwrap().len()));
            (given, work.load().count)
        };
        assert_eq!(look().await, (Poll::Pending, 1));
        parts.send(Bytes::from_static(b"abc")).await.unwrap();
        assert_eq!(look().await, (Poll::Ready(2), 0), "there is something to take");
        assert_eq!(look().await, (Poll::Ready(1), 0), "some of it was taken");
        assert_eq!(look().await, (Poll::Pending, 1), "all was taken, and there is no more yet");
        drop(parts);
        assert_eq!(look().await, (Poll::Ready(0), 0));
    }
}
