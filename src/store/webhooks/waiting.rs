//! How much waits to be delivered, for whoever watches the server.

use remit_domain::Timestamp;
use sea_orm::ConnectionTrait;

use crate::store::{Store, StoreError, statement};

/// What waits to be delivered, of all providers together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WebhooksWaiting {
    /// Deliveries that have neither arrived nor been given up.
    pub deliveries: u64,
    /// When the oldest of what they tell of happened.
    pub oldest: Option<Timestamp>,
    /// Webhooks for which the feed has more than was taken up, those that are paused left out. More than a moment: nobody
    /// delivers.
    pub behind: u64,
}

/// By the index on what has become of deliveries: of these, nothing has yet.
const WAITING: &str = "SELECT count(*) AS deliveries, min(at) AS oldest FROM webhook_delivery WHERE settled_at IS NULL";

impl Store {
    /// What waits to be delivered.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn webhooks_waiting(&self) -> Result<WebhooksWaiting, StoreError> {
        let backend = self.reads().get_database_backend();
        let row = self.reads().query_one_raw(statement(backend, WAITING, Vec::new())).await?;
        let (deliveries, oldest): (i64, Option<i64>) = match row {
            Some(row) => (row.try_get("", "deliveries")?, row.try_get("", "oldest")?),
            None => (0, None),
        };
        let behind = self.webhooks_behind().await?.len() as u64;
        let oldest = oldest.and_then(|micros| Timestamp::from_microsecond(micros).ok());
        Ok(WebhooksWaiting { deliveries: deliveries.try_into().unwrap_or_default(), oldest, behind })
    }
}
