//! Who waits for something new, and what wakes them.
//!
//! A commit rings at once for those who wait on the same server, and by NOTIFY for those on the others. A bell can be
//! missed: a server may end between its commit and the ring, PgBouncer may swallow it, another process may write the same
//! SQLite file, and what was rung for may not be final yet. So whoever follows a provider also looks by himself, every
//! second. Many who follow one provider share one reading of its feed.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use sea_orm::{
    DatabaseConnection, DbBackend,
    sqlx::{self, PgPool, postgres::PgListener},
};
use tokio::{
    sync::{Notify, broadcast, watch},
    task::AbortHandle,
    time::{sleep, timeout},
};

use super::{ChangeRecord, FeedQuestion, Place, read};
use crate::store::{Scope, Store, StoreError, conn::Conn, scope::Visible};

/// The channel of NOTIFY; its payload is a provider's code.
const CHANNEL: &str = "remit_changes";
/// Rings within this time go to the other servers together: NOTIFY makes the cluster's writers wait for each other.
const GATHERED: Duration = Duration::from_millis(5);
/// How long until the next look, after the ring and then on: what was rung for may be final a little later.
const LOOKS: [Duration; 5] = [
    Duration::from_millis(10),
    Duration::from_millis(40),
    Duration::from_millis(160),
    Duration::from_millis(400),
    Duration::from_secs(1),
];
/// The most changes read at once.
const READ_AT_ONCE: u64 = 500;
/// How many readings a follower may be behind before it has to read by itself.
const BEHIND_MAX: usize = 64;

/// Those who wait for something new, by provider.
pub(in crate::store) struct Hub {
    reads: Conn,
    /// What is listened and rung by.
    pool: DatabaseConnection,
    followed: Mutex<HashMap<String, Weak<Followed>>>,
    to_notify: Mutex<Rings>,
    listening: Mutex<Option<AbortHandle>>,
    /// Counts the rings, for those who wait for whatever is new.
    rung: watch::Sender<u64>,
    closing: watch::Sender<bool>,
}

/// For whom the other servers are to be rung, and whether somebody is about to.
#[derive(Default)]
struct Rings {
    providers: BTreeSet<String>,
    ringing: bool,
}

/// One provider's feed, read for all who follow it.
struct Followed {
    provider: String,
    /// Up to where it was read and handed out.
    place: Mutex<Place>,
    wake: Arc<Notify>,
    handed_out: broadcast::Sender<Arc<[ChangeRecord]>>,
}

/// Somebody who waits for what is new at a provider.
#[derive(Debug)]
pub struct Follower {
    /// The reading goes on for as long as somebody has it.
    _followed: Arc<Followed>,
    handed_out: broadcast::Receiver<Arc<[ChangeRecord]>>,
    closing: watch::Receiver<bool>,
    start: Place,
}

/// Somebody who waits for whatever is new. A ring can be missed: look from time to time too.
#[derive(Debug)]
pub struct Rung(watch::Receiver<u64>);

impl Rung {
    /// Waits until somebody has rung since the last time.
    pub async fn next(&mut self) {
        // The hub lives as long as the store that it was asked of; without it nobody rings.
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// How those who wait for something new stand, on this server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Following {
    /// Providers whose feed is followed.
    pub providers: u64,
    /// Those who follow one.
    pub followers: u64,
    /// Readings that somebody has not heard yet, where most are: of 64 he would have to read by himself.
    pub unheard: u64,
}

/// What a follower hears.
#[derive(Clone, Debug)]
pub enum Heard {
    /// What is new, in order. The first ones may be older than the follower's own reading.
    Changes(Arc<[ChangeRecord]>),
    /// So much that it has to be read.
    TooMuch,
    /// The server is about to end.
    Closing,
}

impl Follower {
    /// The place behind which this follower hears everything.
    #[must_use]
    pub fn start(&self) -> Place {
        self.start
    }

    /// Waits for something new. Nothing is lost when the waiting is given up.
    pub async fn hear(&mut self) -> Heard {
        tokio::select! {
            changes = self.handed_out.recv() => changes.map_or(Heard::TooMuch, Heard::Changes),
            _ = self.closing.wait_for(|closing| *closing) => Heard::Closing,
        }
    }
}

impl Store {
    /// Follows what is new at the caller's provider, on whichever server it is written. The caller is to hold each change
    /// to its own scope.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn follow(&self, scope: &Scope) -> Result<Follower, StoreError> {
        self.hub().follow(scope.provider()).await
    }

    /// Hears that something is new at some provider, on whichever server it is written.
    #[must_use]
    pub fn rings(&self) -> Rung {
        self.hub().listen();
        Rung(self.hub().rung.subscribe())
    }

    /// How those who wait for something new stand.
    #[must_use]
    pub fn following(&self) -> Following {
        let all = held(&self.hub().followed);
        all.values().filter_map(Weak::upgrade).fold(Following::default(), |sum, followed| Following {
            providers: sum.providers + 1,
            followers: sum.followers + followed.handed_out.receiver_count() as u64,
            unheard: sum.unheard.max(followed.handed_out.len() as u64),
        })
    }

    /// Waits until the server is about to end.
    pub fn stopping(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut closing = self.hub().closing.subscribe();
        // A hub that is gone ends everything, too.
        async move { drop(closing.wait_for(|closing| *closing).await) }
    }

    /// Lets everybody who waits for something new go, now and from now on: the server is about to end.
    pub fn stop_following(&self) {
        self.hub().closing.send_replace(true);
    }
}

impl Hub {
    pub(in crate::store) fn new(reads: Conn, pool: DatabaseConnection) -> Self {
        Self {
            reads,
            pool,
            followed: Mutex::default(),
            to_notify: Mutex::default(),
            listening: Mutex::default(),
            rung: watch::Sender::new(0),
            closing: watch::Sender::new(false),
        }
    }

    async fn follow(self: &Arc<Self>, provider: &str) -> Result<Follower, StoreError> {
        self.listen();
        let known = held(&self.followed).get(provider).and_then(Weak::upgrade);
        let followed = match known {
            Some(followed) => followed,
            None => {
                let head = read::head(&self.reads, provider).await?;
                self.begin(provider, head)
            }
        };
        // In this order: what is handed out between the two is then heard twice rather than never.
        let handed_out = followed.handed_out.subscribe();
        let start = *held(&followed.place);
        Ok(Follower { _followed: followed, handed_out, closing: self.closing.subscribe(), start })
    }

    /// Begins to read a provider's feed from a place on, unless somebody else has begun meanwhile.
    fn begin(self: &Arc<Self>, provider: &str, head: Place) -> Arc<Followed> {
        let mut all = held(&self.followed);
        if let Some(followed) = all.get(provider).and_then(Weak::upgrade) {
            return followed;
        }
        let followed = Arc::new(Followed {
            provider: provider.to_owned(),
            place: Mutex::new(head),
            wake: Arc::default(),
            handed_out: broadcast::Sender::new(BEHIND_MAX),
        });
        all.insert(provider.to_owned(), Arc::downgrade(&followed));
        tokio::spawn(hand_out(Arc::downgrade(self), Arc::downgrade(&followed), self.reads.clone()));
        followed
    }

    /// Tells those who follow a provider, here and on the other servers, that something was committed.
    pub(in crate::store) fn ring(self: &Arc<Self>, provider: &str) {
        self.wake(provider);
        if self.pool.get_database_backend() != DbBackend::Postgres {
            return;
        }
        let mut rings = held(&self.to_notify);
        rings.providers.insert(provider.to_owned());
        if !std::mem::replace(&mut rings.ringing, true) {
            tokio::spawn(notify(Arc::clone(self)));
        }
    }

    fn wake(&self, provider: &str) {
        self.rung.send_modify(|rings| *rings = rings.wrapping_add(1));
        if let Some(followed) = held(&self.followed).get(provider).and_then(Weak::upgrade) {
            followed.wake.notify_one();
        }
    }

    fn wake_all(&self) {
        self.rung.send_modify(|rings| *rings = rings.wrapping_add(1));
        held(&self.followed).values().filter_map(Weak::upgrade).for_each(|followed| followed.wake.notify_one());
    }

    /// Begins to hear the other servers, with the first who follows.
    fn listen(self: &Arc<Self>) {
        if self.pool.get_database_backend() != DbBackend::Postgres {
            return;
        }
        let mut listening = held(&self.listening);
        if listening.is_none() {
            let pool = self.pool.get_postgres_connection_pool().clone();
            *listening = Some(tokio::spawn(listen(Arc::downgrade(self), pool)).abort_handle());
        }
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        if let Some(listening) = held(&self.listening).take() {
            listening.abort();
        }
    }
}

/// Reads a provider's feed for all who follow it, until nobody does.
async fn hand_out(hub: Weak<Hub>, followed: Weak<Followed>, reads: Conn) {
    let mut quiet = 0;
    while let Some(here) = followed.upgrade() {
        let question = FeedQuestion { after: Some(*held(&here.place)), subjects: None, limit: READ_AT_ONCE };
        match read::read(&reads, &here.provider, Visible::All, &question).await {
            Ok(page) if !page.items.is_empty() => {
                quiet = 0;
                if let Some(last) = page.items.last() {
                    *held(&here.place) = last.place;
                }
                // Nobody may be there to take it any more.
                here.handed_out.send(page.items.into()).ok();
                continue;
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "the feed cannot be read; trying again"),
        }
        // Whoever waits keeps nobody alive: the reading ends with the last follower.
        let wake = Arc::clone(&here.wake);
        drop(here);
        let pause = LOOKS.get(quiet).copied().unwrap_or(LOOKS[LOOKS.len() - 1]);
        quiet = if timeout(pause, wake.notified()).await.is_ok() { 0 } else { quiet.saturating_add(1) };
    }
    if let Some(hub) = hub.upgrade() {
        held(&hub.followed).retain(|_, followed| followed.strong_count() > 0);
    }
}

/// Rings the other servers for everybody that was put down, until nobody is left.
async fn notify(hub: Arc<Hub>) {
    loop {
        sleep(GATHERED).await;
        let providers: Vec<String> = {
            let mut rings = held(&hub.to_notify);
            rings.ringing = !rings.providers.is_empty();
            std::mem::take(&mut rings.providers).into_iter().collect()
        };
        if providers.is_empty() {
            return;
        }
        let rung = sqlx::query("SELECT pg_notify($1, provider) FROM unnest($2) AS provider").bind(CHANNEL);
        // They look by themselves soon.
        rung.bind(providers).execute(hub.pool.get_postgres_connection_pool()).await.ok();
    }
}

/// Hears the other servers, for as long as the hub is there.
async fn listen(hub: Weak<Hub>, pool: PgPool) {
    while let Some(here) = hub.upgrade() {
        // What was rung while nobody heard is looked for.
        here.wake_all();
        drop(here);
        if let Err(error) = hear_others(&hub, &pool).await {
            tracing::debug!(%error, "the other servers cannot be heard; trying again");
        }
        sleep(Duration::from_secs(1)).await;
    }
}

async fn hear_others(hub: &Weak<Hub>, pool: &PgPool) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    while let Some(rung) = listener.try_recv().await? {
        let Some(hub) = hub.upgrade() else { break };
        hub.wake(rung.payload());
    }
    Ok(())
}

/// What a mutex holds; nothing here can be left half done by a panic.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub").field("followed", &held(&self.followed).len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Followed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Followed").field("provider", &self.provider).finish_non_exhaustive()
    }
}
