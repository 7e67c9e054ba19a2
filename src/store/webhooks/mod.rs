//! Webhooks: where a provider's changes go, and what is on its way (E2).
//!
//! | file | does |
//! |---|---|
//! | `endpoint` | the webhooks themselves, and what they sign by |
//! | `delivery` | what is on its way, has arrived or was given up |
//! | `queue` | takes changes up from the feed |
//! | `lane` | shares the work among the servers: who sends what, and what came of it |
//! | `waiting` | how much waits to be delivered |
//!
//! Whoever delivers acts for nobody in particular: it is given the work with the scope of the provider whose it is.

mod delivery;
mod endpoint;
mod lane;
mod queue;
mod waiting;

pub use delivery::{Attempt, Delivered, DeliveryFilter, DeliveryRecord, DeliveryState};
pub use endpoint::{Backlog, KeyRecord, WebhookRecord};
pub use lane::{Claimed, DueWebhook, Fate};
pub use queue::{Behind, Queued};
pub use waiting::WebhooksWaiting;

use sea_orm::{DatabaseTransaction, DbBackend};

use super::{Store, StoreError};

/// Begins a write of the delivery's own, which is no provider's turn and leaves no row in the feed.
async fn begin(store: &Store) -> Result<DatabaseTransaction, StoreError> {
    Ok(store.writes().begin().await?)
}

/// The database's own time in microseconds, as an expression. Who holds a lease is a matter of the time that passes, which
/// the clocks of several servers do not agree on.
fn database_time(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint",
        _ => "CAST(unixepoch('subsec') * 1000000 AS INTEGER)",
    }
}
