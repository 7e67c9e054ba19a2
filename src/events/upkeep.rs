//! Forgetting what is kept no longer, and saying when the feed does not move on.

use std::time::Duration;

use remit_domain::Timestamp;
use tokio::time::{MissedTickBehavior, interval};

use crate::store::{ANSWERS_KEPT, Blocker, FeedStanding, Store, StoreError};

/// A transaction that is open for so long holds the feed up: readers notice.
const HELD_TOO_LONG: Duration = Duration::from_secs(30);
/// How often it is looked for one.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// How often what is old is forgotten, at most and at least; between them a tenth of the time that it is kept.
const FORGET_EVERY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(3600));

/// What keeping house goes by.
#[derive(Clone, Debug)]
pub struct Upkeep {
    /// What is kept.
    pub store: Store,
    /// What time it is.
    pub clock: fn() -> Timestamp,
    /// How long changes can be read.
    pub changes_kept: Duration,
}

/// Keeps house for as long as the server runs. Several servers may do it on one database.
pub async fn keep_house(upkeep: Upkeep) {
    let mut forgetting = interval((upkeep.changes_kept / 10).clamp(FORGET_EVERY.0, FORGET_EVERY.1));
    let mut looking = interval(LOOK_EVERY);
    for ticks in [&mut forgetting, &mut looking] {
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    }
    let mut told = None;
    loop {
        let done = tokio::select! {
            _ = forgetting.tick() => upkeep.forget().await,
            _ = looking.tick() => upkeep.look(&mut told).await,
        };
        if let Err(error) = done {
            tracing::warn!(%error, "keeping house failed; trying again");
        }
    }
}

impl Upkeep {
    async fn forget(&self) -> Result<(), StoreError> {
        let Ok(before) = (self.clock)().checked_sub(self.changes_kept) else { return Ok(()) };
        let forgotten = self.store.forget_changes(before).await?;
        if forgotten > 0 {
            tracing::info!(forgotten, %before, "old changes were forgotten");
        }
        if let Ok(before) = (self.clock)().checked_sub(ANSWERS_KEPT) {
            self.store.forget_answers(before).await?;
        }
        Ok(())
    }

    /// Says once who holds the feed up, and once that it moves on.
    async fn look(&self, told: &mut Option<Blocker>) -> Result<(), StoreError> {
        let FeedStanding { held_for, blocker } = self.store.feed_standing().await?;
        let now = blocker.filter(|_| held_for >= HELD_TOO_LONG);
        match (&now, &*told) {
            (Some(blocker), before) if before.as_ref().map(|b| b.pid) != Some(blocker.pid) => {
                let seconds = held_for.as_secs();
                tracing::warn!(%blocker, seconds, "an open transaction holds up the change feed");
            }
            (None, Some(_)) => tracing::info!("the change feed moves on"),
            _ => {}
        }
        *told = now;
        Ok(())
    }
}
