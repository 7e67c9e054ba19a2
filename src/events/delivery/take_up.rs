//! Reading the feed for each webhook.

use super::crew::Crews;
use crate::{
    store::{Behind, ChangeRecord, FeedPage, FeedQuestion, Gone, Page, Queued, StoreError},
    webhooks::lets_through,
};

/// How many changes are read at once for a webhook.
const AT_ONCE: u64 = 500;

impl Crews {
    /// Puts on its way what is new for each webhook, one page of the feed each; whether there is more.
    pub(super) async fn take_up(&self) -> Result<bool, StoreError> {
        let mut more = false;
        for behind in self.store().webhooks_behind().await? {
            more |= self.take_up_page(&behind).await?;
        }
        Ok(more)
    }

    async fn take_up_page(&self, behind: &Behind) -> Result<bool, StoreError> {
        let Behind { scope, webhook } = behind;
        // Before the page is read: what is final now is in the page, if there is no other.
        let head = self.store().feed_head(scope).await?;
        let question = FeedQuestion { after: Some(webhook.place), subjects: webhook.kinds(), limit: AT_ONCE };
        let Page { items, more } = match self.store().changes(scope, &question).await? {
            FeedPage::Page(page) => page,
            FeedPage::Gone(gone) => return self.pass_gap(behind, gone).await,
        };
        let last = items.last().map_or(webhook.place, |change| change.place);
        // What lies before the head and is not in the page is of kinds that the webhook is not for.
        let place = if more { last } else { last.max(head) };
        if place == webhook.place {
            return Ok(false);
        }
        let changes: Vec<ChangeRecord> =
            items.into_iter().filter(|change| lets_through(&webhook.events, &change.event)).collect();
        let queued = Queued { changes: &changes, gap: false, place };
        Ok(self.store().queue_changes(behind, &queued, self.now()).await? && more)
    }

    /// Goes on behind what is no longer kept, and has the receiver told.
    async fn pass_gap(&self, behind: &Behind, gone: Gone) -> Result<bool, StoreError> {
        let Behind { scope, webhook } = behind;
        let place = match gone {
            Gone::Expired => self.store().feed_floor(scope, webhook.kinds().as_deref()).await?,
            Gone::Ahead => self.store().feed_head(scope).await?,
        };
        let code = &webhook.code;
        tracing::warn!(webhook = %code, from = %webhook.place, to = %place, "changes were not taken up in time and are no longer kept");
        let queued = Queued { changes: &[], gap: true, place };
        self.store().queue_changes(behind, &queued, self.now()).await
    }
}
