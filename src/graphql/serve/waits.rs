//! Requests that wait for what is still to happen: without a turn, and without the deadline's counting.
//!
//! A field that has found nothing and would wait says so and is answered with nothing. When the request has run, and some
//! of its fields would wait, it gives its turn back, forgets what it was answered, which may be large, waits, and runs again.
//! Each run has its own turn and deadline, and is paid for.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_graphql::Context;
use remit_domain::Timestamp;
use tokio::{select, time::Instant};

use crate::{
    app::{App, Waiting},
    auth::Caller,
};

/// What the fields of a request would wait for, in all its runs.
#[derive(Clone, Debug)]
pub(crate) struct Waits {
    since: Instant,
    is_over: Arc<AtomicBool>,
    found: Arc<Mutex<Vec<Waiting>>>,
}

/// What waiting comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waited {
    /// There may be something.
    Something,
    /// The time is up, or the server is about to end.
    Over,
    /// The token holds no longer.
    Revoked,
}

impl Waits {
    /// Of a request that begins now.
    pub(super) fn begin() -> Self {
        Self { since: Instant::now(), is_over: Arc::default(), found: Arc::default() }
    }

    /// What time it is, if it was so late when the request began.
    pub(super) fn time(&self, then: Timestamp) -> Timestamp {
        then.checked_add(self.since.elapsed()).unwrap_or(then)
    }

    /// How long a field still waits, of so long from the beginning; not at all where nobody waits with it.
    pub(crate) fn left(ctx: &Context<'_>, wait: Duration) -> Duration {
        let waits = ctx.data_opt::<Self>().filter(|waits| !waits.is_over.load(Ordering::Relaxed));
        waits.map_or(Duration::ZERO, |waits| wait.saturating_sub(waits.since.elapsed()))
    }

    /// Says what a field would wait for.
    pub(crate) fn put(ctx: &Context<'_>, waiting: Waiting) {
        if let Some(waits) = ctx.data_opt::<Self>() {
            waits.found.lock().unwrap_or_else(PoisonError::into_inner).push(waiting);
        }
    }

    /// What there is to wait for.
    pub(super) fn take(&self) -> Vec<Waiting> {
        std::mem::take(&mut *self.found.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until some may find something. Once that is over, no field waits any more.
    pub(super) async fn wait(&self, app: &App, caller: &Caller, mut waiting: Vec<Waiting>) -> Waited {
        let waited = select! {
            biased;
            () = app.revoked(caller) => Waited::Revoked,
            heard = Waiting::any(&mut waiting) => if heard { Waited::Something } else { Waited::Over },
        };
        self.is_over.store(waited != Waited::Something, Ordering::Relaxed);
        waited
    }
}
