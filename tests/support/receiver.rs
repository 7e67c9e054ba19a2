//! A receiver of webhooks on this machine.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::IntoResponse,
};
use serde_json::Value;
use tokio::{sync::Notify, task::JoinHandle, time::timeout};

/// How long a test waits for messages before it fails: other tests' transactions can hold the feed up.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a receiver answers.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// It takes the message.
    Taken,
    /// This status, with these headers.
    Status(u16, Vec<(&'static str, String)>),
    /// Nothing, until it answers something else.
    Silence,
    /// It takes the message after a while.
    Slow(Duration),
}

/// A message as it arrived, whatever was answered.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) timestamp: i64,
    pub(crate) signatures: String,
    pub(crate) text: String,
    pub(crate) body: Value,
    pub(crate) taken: bool,
}

#[derive(Default)]
struct Inner {
    received: Vec<Received>,
    answer: Option<Answer>,
    /// What is answered to messages of these subjects.
    by_subject: HashMap<String, Answer>,
}

/// A receiver; gone when dropped.
pub(crate) struct Receiver {
    address: SocketAddr,
    state: Shared,
    server: JoinHandle<()>,
}

#[derive(Clone, Default)]
struct Shared {
    inner: Arc<Mutex<Inner>>,
    changed: Arc<Notify>,
}

impl Receiver {
    /// One that takes everything.
    pub(crate) async fn start() -> Self {
        Self::start_as(Answer::Taken).await
    }

    pub(crate) async fn start_as(answer: Answer) -> Self {
        let state = Shared::default();
        state.inner.lock().unwrap().answer = Some(answer);
        let router = Router::new().fallback(receive).with_state(state.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, state, server }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Answers something else from now on.
    pub(crate) fn answer(&self, answer: Answer) {
        self.state.inner.lock().unwrap().answer = Some(answer);
        self.state.changed.notify_waiters();
    }

    /// Answers something else to what is about one subject.
    pub(crate) fn answer_about(&self, subject: &str, answer: Answer) {
        self.state.inner.lock().unwrap().by_subject.insert(subject.to_owned(), answer);
    }

    /// Everything that has arrived.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.state.inner.lock().unwrap().received.clone()
    }

    /// What has arrived and was taken.
    pub(crate) fn taken(&self) -> Vec<Received> {
        self.received().into_iter().filter(|message| message.taken).collect()
    }

    /// Waits until what has arrived is as it should be.
    #[track_caller]
    pub(crate) fn until<F>(&self, what: &str, done: F) -> impl Future<Output = Vec<Received>> + use<F>
    where
        F: Fn(&[Received]) -> bool,
    {
        let place = std::panic::Location::caller();
        let (state, what) = (self.state.clone(), what.to_owned());
        let waiting = async move {
            loop {
                let changed = state.changed.notified();
                let received = state.inner.lock().unwrap().received.clone();
                if done(&received) {
                    return received;
                }
                changed.await;
            }
        };
        let inner = Arc::clone(&self.state.inner);
        async move {
            let waited = timeout(PATIENCE, waiting).await;
            waited.unwrap_or_else(|_| {
                let events: Vec<String> =
                    inner.lock().unwrap().received.iter().map(|m| format!("{} {}", m.body["type"], m.taken)).collect();
                panic!("{place}: {what} did not come; there are {events:?}")
            })
        }
    }

    /// Waits until so many messages were taken.
    #[track_caller]
    pub(crate) fn takes(&self, count: usize) -> impl Future<Output = Vec<Received>> {
        let waiting =
            self.until(&format!("message {count}"), move |all| all.iter().filter(|m| m.taken).count() >= count);
        async move { waiting.await.into_iter().filter(|message| message.taken).collect() }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn receive(State(state): State<Shared>, uri: Uri, headers: HeaderMap, text: String) -> impl IntoResponse {
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    let body: Value = serde_json::from_str(&text).unwrap();
    let subject = body["data"]["subjectId"].as_str().unwrap_or_default().to_owned();
    let current = |state: &Shared| {
        let inner = state.inner.lock().unwrap();
        inner.by_subject.get(&subject).or(inner.answer.as_ref()).cloned().unwrap()
    };
    let mut answer = current(&state);
    let place = {
        let mut inner = state.inner.lock().unwrap();
        inner.received.push(Received {
            path: uri.path().to_owned(),
            id: header("webhook-id"),
            timestamp: header("webhook-timestamp").parse().unwrap(),
            signatures: header("webhook-signature"),
            text,
            body,
            taken: matches!(answer, Answer::Taken),
        });
        inner.received.len() - 1
    };
    state.changed.notify_waiters();
    while let Answer::Silence = answer {
        let changed = state.changed.notified();
        answer = current(&state);
        if matches!(answer, Answer::Silence) {
            changed.await;
        }
    }
    let (status, headers) = match answer {
        Answer::Status(status, headers) => (status, headers),
        Answer::Slow(time) => {
            tokio::time::sleep(time).await;
            state.inner.lock().unwrap().received[place].taken = true;
            state.changed.notify_waiters();
            (204, Vec::new())
        }
        _ => (204, Vec::new()),
    };
    let mut response = StatusCode::from_u16(status).unwrap().into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}
