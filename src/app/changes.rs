//! Reading the change feed, and waiting for what comes.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::{App, Session};
use crate::store::{FeedPage, FeedQuestion, Heard, StoreError};

impl App {
    /// What happened behind a place; where nothing did, waits for something that does, or until the time is up, the
    /// caller's token runs out, or the server is about to end.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn changes(
        &self,
        session: &Session,
        question: &FeedQuestion,
        wait: Duration,
    ) -> Result<FeedPage, StoreError> {
        let good_for = session.caller.expires_at().saturating_sub(session.now.as_second());
        let wait = wait.min(Duration::from_secs(good_for.try_into().unwrap_or_default()));
        if wait.is_zero() || question.limit == 0 {
            return self.store.changes(&session.scope, question).await;
        }
        // First follow, then read: what comes between the two is heard.
        let mut follower = self.store.follow(&session.scope).await?;
        let until = Instant::now() + wait;
        loop {
            let found = self.store.changes(&session.scope, question).await?;
            if !matches!(&found, FeedPage::Page(page) if page.items.is_empty()) {
                return Ok(found);
            }
            let concerns = |heard: &Heard| match heard {
                Heard::Changes(changes) => {
                    question.subjects.is_empty() || changes.iter().any(|c| question.subjects.contains(&c.subject))
                }
                Heard::TooMuch | Heard::Closing => true,
            };
            let something = async {
                loop {
                    let heard = follower.hear().await;
                    if concerns(&heard) {
                        return heard;
                    }
                }
            };
            match timeout_at(until, something).await {
                Ok(Heard::Changes(_) | Heard::TooMuch) => {}
                Ok(Heard::Closing) | Err(_) => return Ok(found),
            }
        }
    }
}
