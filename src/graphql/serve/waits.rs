//! Requests that wait for what is still to happen: without a turn, and without the deadline's counting.
//!
//! A field that has found nothing and would wait says so and is answered with nothing. When the request has run, and some
//! of its fields would wait, it gives its turn back, waits, and runs once more.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_graphql::Context;
use remit_domain::Timestamp;
use tokio::{select, time::Instant};

use crate::{
    app::{App, Waiting},
    auth::Caller,
};

/// What the fields of one run would wait for.
#[derive(Clone, Debug)]
pub(crate) struct Waits {
    since: Instant,
    found: Arc<Mutex<Vec<Waiting>>>,
}

impl Waits {
    /// Of a request that begins now.
    pub(super) fn begin() -> Self {
        Self { since: Instant::now(), found: Arc::default() }
    }

    /// What time it is, if it was so late when the request began.
    pub(super) fn time(&self, then: Timestamp) -> Timestamp {
        then.checked_add(self.since.elapsed()).unwrap_or(then)
    }

    /// How long a field still waits, of so long from the beginning; not at all where nobody waits with it.
    pub(crate) fn left(ctx: &Context<'_>, wait: Duration) -> Duration {
        ctx.data_opt::<Self>().map_or(Duration::ZERO, |waits| wait.saturating_sub(waits.since.elapsed()))
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
}

/// Waits until some may find something, and the caller may still see it. Not so where their time is up, the token is
/// revoked, or the server is about to end.
pub(super) async fn until_something(app: &App, caller: &Caller, mut waiting: Vec<Waiting>) -> bool {
    select! {
        biased;
        () = app.revoked(caller) => false,
        heard = Waiting::any(&mut waiting) => heard,
    }
}
