//! Telling what happens to the clocks of tickets by itself.

use std::{sync::Arc, time::Duration};

use remit_domain::Timestamp;
use tokio::time::{MissedTickBehavior, interval};

use crate::app::App;

/// How often it is looked for what is due: an index says at once that nothing is.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Watches clocks for as long as the server runs. Several servers may do it on one database: each ticket is told of by one
/// of them, and what one leaves undone another does.
pub async fn watch_clocks(app: Arc<App>, clock: fn() -> Timestamp) {
    let mut looking = interval(LOOK_EVERY);
    looking.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looking.tick().await;
        match app.catch_up_all(clock()).await {
            Ok(0) => {}
            Ok(tickets) => tracing::debug!(tickets, "clocks were written anew"),
            Err(error) => tracing::warn!(%error, "watching clocks failed; trying again"),
        }
    }
}
