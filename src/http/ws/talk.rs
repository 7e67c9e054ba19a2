//! One socket, from its opening to its end.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::extract::ws::{CloseFrame, Message as Frame, WebSocket};
use serde_json::{Map, Value, json};
use tokio::{
    sync::mpsc,
    task::AbortHandle,
    time::{Instant, MissedTickBehavior, interval, sleep_until, timeout},
};

use super::protocol::{self, Close, Message};
use crate::{
    auth::Caller,
    graphql::{Taken, request::GraphqlRequest},
    http::{
        Server,
        asker::Asker,
        operation::{self, Outlet, Said, What},
    },
};

/// How long a client may take to initialise.
const INITIALISED_WITHIN: Duration = Duration::from_secs(3);
/// How often it is looked whether token and client are still good.
const BEAT: Duration = Duration::from_secs(10);
/// For how many beats a client may be silent, not even answering a ping.
const SILENT_BEATS: u32 = 3;
/// The most operations at once.
const OPERATIONS_MAX: usize = 100;
/// How many messages are kept for who is slow to take them.
const KEPT: usize = 16;

/// A socket and what runs on it.
pub(super) struct Talk {
    server: Arc<Server>,
    socket: WebSocket,
    /// The token of the request that opened the socket, for those who sent one.
    header: Option<String>,
    /// Who is acknowledged.
    asker: Option<(Asker, Arc<Caller>)>,
    /// When the client has to have initialised, and then when its token ends.
    until: Instant,
    running: HashMap<String, Running>,
    begun: u64,
    sender: mpsc::Sender<Said>,
    receiver: mpsc::Receiver<Said>,
}

/// An operation that runs.
struct Running {
    operation: u64,
    task: AbortHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The socket is gone, or is to be closed.
type Ended = Option<Close>;

impl Talk {
    pub(super) fn new(server: Arc<Server>, socket: WebSocket, header: Option<String>) -> Self {
        let (sender, receiver) = mpsc::channel(KEPT);
        let until = Instant::now() + INITIALISED_WITHIN;
        let running = HashMap::new();
        Self { server, socket, header, asker: None, until, running, begun: 0, sender, receiver }
    }

    /// Holds the conversation to its end.
    pub(super) async fn hold(mut self) {
        let Err(ended) = self.converse().await;
        self.running.clear();
        close(self.socket, ended).await;
    }

    async fn converse(&mut self) -> Result<std::convert::Infallible, Ended> {
        let stopping = self.server.api.app().store().stopping();
        tokio::pin!(stopping);
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut silent = 0;
        loop {
            tokio::select! {
                frame = self.socket.recv() => {
                    silent = 0;
                    match frame {
                        Some(Ok(Frame::Text(text))) => self.hear(protocol::read(&text).map_err(Some)?).await?,
                        Some(Ok(Frame::Binary(_))) => return Err(Some(Close::invalid("it is binary"))),
                        Some(Ok(Frame::Ping(_) | Frame::Pong(_))) => {}
                        Some(Ok(Frame::Close(_)) | Err(_)) | None => return Err(None),
                    }
                }
                Some(said) = self.receiver.recv() => self.tell(said).await?,
                () = sleep_until(self.until) => return Err(Some(self.overdue())),
                () = &mut stopping => return Err(Some(Close::going_away())),
                () = revoked(&self.server, self.asker.as_ref()) => return Err(Some(Close::forbidden())),
                _ = beat.tick() => {
                    silent += 1;
                    self.look(silent).await?;
                }
            }
        }
    }

    /// The time is up.
    fn overdue(&self) -> Close {
        if self.asker.is_some() { Close::forbidden() } else { Close::not_initialised() }
    }

    /// Looks whether client and token are still good.
    async fn look(&mut self, silent: u32) -> Result<(), Ended> {
        if silent > SILENT_BEATS {
            return Err(None);
        }
        if let Some((asker, _)) = &self.asker
            && !asker.holds().await
        {
            return Err(Some(Close::forbidden()));
        }
        self.send(Frame::Ping(Vec::new().into())).await
    }

    async fn hear(&mut self, message: Message) -> Result<(), Ended> {
        match message {
            Message::Init(_) if self.asker.is_some() => Err(Some(Close::initialised_twice())),
            Message::Init(payload) => self.initialise(&payload).await,
            Message::Ping(payload) => self.say(protocol::pong(payload)).await,
            Message::Pong => Ok(()),
            Message::Subscribe { id, request } => self.subscribe(id, request).await,
            Message::Complete { id } => {
                self.running.remove(&id);
                Ok(())
            }
        }
    }

    async fn initialise(&mut self, payload: &Map<String, Value>) -> Result<(), Ended> {
        let forbidden = || Some(Close::forbidden());
        let token = protocol::token(payload).map(str::to_owned).or_else(|| self.header.take()).ok_or_else(forbidden)?;
        let asker = Asker::new(self.server.clone(), token);
        let session = asker.session().await.map_err(|rejection| match rejection.is_of_token() {
            true => forbidden(),
            false => Some(Close::later()),
        })?;
        self.until = Instant::now() + asker.good_for(&session.caller);
        self.asker = Some((asker, session.caller));
        self.say(protocol::acknowledged()).await
    }

    async fn subscribe(&mut self, id: String, request: GraphqlRequest) -> Result<(), Ended> {
        let Some((asker, _)) = self.asker.clone() else { return Err(Some(Close::unauthorized())) };
        if self.running.contains_key(&id) {
            return Err(Some(Close::subscriber_exists(&id)));
        }
        if self.running.len() >= OPERATIONS_MAX {
            let text = format!("A socket runs at most {OPERATIONS_MAX} operations at once.");
            let error = json!({"errors": [{"message": text, "extensions": {"code": "RATE_LIMITED"}}]});
            return self.say(protocol::error(&id, &error.to_string())).await;
        }
        self.begun += 1;
        let outlet = Outlet { sender: self.sender.clone(), operation: self.begun };
        let task = tokio::spawn(operation::run(asker, request, Taken::All, outlet)).abort_handle();
        self.running.insert(id, Running { operation: self.begun, task });
        Ok(())
    }

    /// Tells what an operation says, unless it was completed meanwhile.
    async fn tell(&mut self, Said { operation, what }: Said) -> Result<(), Ended> {
        if what == What::Forbidden {
            return Err(Some(Close::forbidden()));
        }
        let found = self.running.iter().find(|(_, running)| running.operation == operation);
        let Some(id) = found.map(|(id, _)| id.clone()) else { return Ok(()) };
        if !matches!(what, What::Next(_)) {
            self.running.remove(&id);
        }
        match what {
            What::Next(answer) => self.say(protocol::next(&id, &answer)).await,
            What::Failed(answer) => self.say(protocol::error(&id, &answer)).await,
            What::Complete | What::Forbidden => self.say(protocol::complete(&id)).await,
        }
    }

    async fn say(&mut self, text: String) -> Result<(), Ended> {
        self.send(Frame::Text(text.into())).await
    }

    async fn send(&mut self, frame: Frame) -> Result<(), Ended> {
        match timeout(self.server.rules.taken_within, self.socket.send(frame)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(None),
        }
    }
}

/// Waits until the token of somebody who is acknowledged is revoked.
async fn revoked(server: &Server, asker: Option<&(Asker, Arc<Caller>)>) {
    match asker {
        Some((_, caller)) => server.api.app().revoked(caller).await,
        None => std::future::pending().await,
    }
}

/// Says why, if it is the server who closes, and lets both ends hear that the other has heard.
pub(super) async fn close(mut socket: WebSocket, why: Ended) {
    let heard = async {
        if let Some(Close { code, reason }) = why {
            socket.send(Frame::Close(Some(CloseFrame { code, reason: reason.into() }))).await?;
        }
        while let Some(Ok(_)) = socket.recv().await {}
        Ok::<(), axum::Error>(())
    };
    // Whoever does not answer is left alone.
    timeout(Duration::from_secs(5), heard).await.ok();
}
