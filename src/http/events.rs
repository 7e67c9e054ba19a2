//! Operations as event streams: the distinct connections mode of the `graphql-sse` packages' protocol.
//!
//! One request, one operation, one stream: `next` with each answer, then `complete`. A document that is refused is told in
//! the stream too, for a browser's EventSource shows nobody the body of a failure.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt as _, stream};
use tokio::{
    sync::mpsc,
    task::AbortHandle,
    time::{Instant, sleep_until, timeout},
};

use super::{
    asker::Asker,
    operation::{self, Outlet, Said, What},
};
use crate::{
    auth::Caller,
    graphql::{Taken, request::GraphqlRequest},
};

/// How often a comment goes through a silent stream, so that nobody between takes it for dead; then it is looked, too,
/// whether the token still holds.
const BEAT: Duration = Duration::from_secs(10);
/// How many answers are kept for who is slow to take them.
const KEPT: usize = 16;

/// A stream that is sent to somebody.
struct Streaming {
    asker: Asker,
    caller: Arc<Caller>,
    receiver: mpsc::Receiver<Said>,
    task: AbortHandle,
    /// When the token ends.
    until: Instant,
    place: Place,
}

/// How far a stream has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Opening,
    Running,
    Ended,
}

impl Drop for Streaming {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Answers with the stream of an operation.
pub(super) fn stream(asker: Asker, caller: Arc<Caller>, request: GraphqlRequest, taken: Taken) -> Response {
    let (sender, receiver) = mpsc::channel(KEPT);
    let outlet = Outlet { sender, operation: 0 };
    let task = tokio::spawn(operation::run(asker.clone(), request, taken, outlet)).abort_handle();
    let until = Instant::now() + asker.good_for(&caller);
    let streaming = Streaming { asker, caller, receiver, task, until, place: Place::Opening };
    let texts = stream::unfold(streaming, |mut streaming| async move {
        let text = streaming.next().await?;
        Some((Ok::<_, Infallible>(text), streaming))
    });
    // Whoever sends it may ask once more after its end.
    let body = Body::from_stream(texts.fuse());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (StatusCode::OK, headers, body).into_response()
}

impl Streaming {
    /// What is sent next; none: it has ended.
    async fn next(&mut self) -> Option<String> {
        match self.place {
            Place::Ended => None,
            // Some clients take a stream as open only when they have seen something of it.
            Place::Opening => {
                self.place = Place::Running;
                Some(":\n\n".to_owned())
            }
            Place::Running => {
                let said = tokio::select! {
                    said = timeout(BEAT, self.receiver.recv()) => said,
                    () = self.asker.server().api.app().revoked(&self.caller) => return Some(self.end(FORBIDDEN)),
                    () = sleep_until(self.until) => return Some(self.end(FORBIDDEN)),
                };
                match said {
                    Ok(Some(Said { what, .. })) => Some(self.tell(what)),
                    // The server ends: without `complete`, so that whoever listened comes again.
                    Ok(None) => None,
                    Err(_) if self.asker.holds().await => Some(":\n\n".to_owned()),
                    Err(_) => Some(self.end(FORBIDDEN)),
                }
            }
        }
    }

    fn tell(&mut self, what: What) -> String {
        match what {
            What::Next(answer) => next(&answer),
            What::Failed(answer) => self.end(&answer),
            What::Forbidden => self.end(FORBIDDEN),
            What::Complete => {
                self.place = Place::Ended;
                COMPLETE.to_owned()
            }
        }
    }

    /// The last answer.
    fn end(&mut self, answer: &str) -> String {
        self.place = Place::Ended;
        format!("{}{COMPLETE}", next(answer))
    }
}

const COMPLETE: &str = "event: complete\ndata:\n\n";
const FORBIDDEN: &str =
    r#"{"errors":[{"message":"The token holds no longer.","extensions":{"code":"UNAUTHENTICATED"}}]}"#;

/// An answer; JSON on one line.
fn next(answer: &str) -> String {
    format!("event: next\ndata: {answer}\n\n")
}
