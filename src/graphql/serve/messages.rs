//! What webhooks send.

use super::Api;
use crate::{
    app::Session,
    store::{DeliveryRecord, WebhookRecord},
};

impl Api {
    /// Why what a webhook selects does not fit the schema, or what the webhook may read; empty: it fits.
    #[must_use]
    pub fn selection_problems(&self, webhook: &WebhookRecord) -> Vec<String> {
        self.payloads.problems_of(webhook)
    }

    /// The body of the message that tells a webhook's receiver of a delivery.
    ///
    /// - `session`: the webhook's own.
    ///
    /// # Errors
    /// Why it could not be made, which is the server's fault. What the webhook may not read is in the message.
    pub async fn message(
        &self,
        session: Session,
        webhook: &WebhookRecord,
        delivery: &DeliveryRecord,
    ) -> Result<String, String> {
        self.payloads.message(&self.app, session, webhook, delivery).await
    }
}
