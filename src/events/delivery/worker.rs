//! Sending one delivery after another to one webhook.

use std::{pin::pin, sync::Arc, time::Duration};

use remit_domain::Timestamp;
use tokio::time::sleep;

use super::crew::{AtWork, Crews, DOWN};
use crate::{
    app::{Sent, Session},
    auth::{Caller, ProviderCode, ScopeSet},
    store::{Attempt, Claimed, Fate, Scope, StoreError},
    webhooks::{Jitter, retry_after},
};

/// How often a claim is renewed while a message is on its way.
const RENEW_EVERY: Duration = Duration::from_secs(2);
/// How long a receiver that is down is left alone between two deliveries.
const DOWN_PAUSE: Duration = Duration::from_secs(1);

/// What a worker does next.
enum Next {
    /// Another delivery.
    Another,
    /// The same, after a while: the receiver is down.
    Slower,
    /// Nothing: there is nothing due, or others are enough.
    Home,
}

impl Crews {
    /// Works for a webhook until nothing is due.
    pub(super) async fn work(self, scope: Scope, at_work: AtWork) {
        while !self.is_closing() {
            match self.deliver_one(&scope, &at_work).await {
                Ok(Next::Another) => {}
                Ok(Next::Slower) => sleep(DOWN_PAUSE).await,
                Ok(Next::Home) => return,
                Err(error) => {
                    tracing::warn!(%error, "a delivery cannot be put down; it may be sent again");
                    sleep(DOWN_PAUSE).await;
                    return;
                }
            }
        }
    }

    async fn deliver_one(&self, scope: &Scope, at_work: &AtWork) -> Result<Next, StoreError> {
        let store = self.store();
        let Some(claimed) = store.claim_delivery(scope, at_work.webhook(), self.now()).await? else {
            return Ok(Next::Home);
        };
        if claimed.webhook.paused {
            store.release_claim(&claimed).await?;
            return Ok(Next::Home);
        }
        let sent = self.send(&claimed).await?;
        let (now, fate) = (self.now(), self.fate(&claimed, &sent));
        if !store.settle_claim(&claimed, &sent.attempt, fate, now).await? {
            return Ok(Next::Another);
        }
        tell(&claimed, &sent, fate);
        let failures = store.note_webhook_health(&claimed, fate, DOWN, now).await?;
        Ok(match fate {
            Fate::Delivered if claimed.webhook.failures >= DOWN => {
                // It has come back: there is work for a whole crew.
                self.call();
                Next::Another
            }
            _ if failures < DOWN => Next::Another,
            _ if at_work.has_company() => Next::Home,
            _ => Next::Slower,
        })
    }

    /// Makes the message and sends it, and keeps the claim meanwhile.
    async fn send(&self, claimed: &Claimed) -> Result<Sent, StoreError> {
        let mut sending = pin!(self.make_and_send(claimed));
        loop {
            tokio::select! {
                sent = &mut sending => return sent,
                () = sleep(RENEW_EVERY) => drop(self.store().renew_claim(claimed).await),
            }
        }
    }

    async fn make_and_send(&self, claimed: &Claimed) -> Result<Sent, StoreError> {
        let (api, now) = (&self.delivery().api, self.now());
        let Claimed { scope, webhook, delivery, .. } = claimed;
        let made = match session(claimed, now) {
            Some(session) => api.message(session, webhook, delivery).await,
            None => Err("the webhook's provider has no name".to_owned()),
        };
        match made {
            Ok(body) => api.app().send(scope, webhook, delivery.message, &body, now).await,
            Err(problem) => Ok(Sent::not_made(problem, now)),
        }
    }

    fn fate(&self, claimed: &Claimed, sent: &Sent) -> Fate {
        if sent.is_taken() {
            return Fate::Delivered;
        }
        let (delivery, now) = (&claimed.delivery, self.now());
        let age = Duration::try_from(now.duration_since(delivery.queued_at)).unwrap_or_default();
        let wait = retry_after(delivery.failures.saturating_add(1), age, Jitter::draw(), sent.asked);
        wait.and_then(|wait| now.checked_add(wait).ok()).map_or(Fate::Dead, Fate::Again)
    }
}

/// Who reads what a webhook sends: the webhook, with the scopes that it was put with.
fn session(claimed: &Claimed, now: Timestamp) -> Option<Session> {
    let provider = ProviderCode::new(claimed.provider()).ok()?;
    let scopes = ScopeSet::from_claim(&claimed.webhook.scopes);
    let caller = Caller::webhook(provider, &claimed.webhook.code, scopes, now.as_second());
    Some(Session { caller: Arc::new(caller), scope: claimed.scope.clone(), now })
}

/// Says what the operator should know: that a receiver is down, that it is back, that something was given up.
fn tell(claimed: &Claimed, sent: &Sent, fate: Fate) {
    let (provider, webhook, failures) = (claimed.provider(), &claimed.webhook.code, claimed.webhook.failures);
    let Attempt { problem, .. } = &sent.attempt;
    match fate {
        Fate::Dead => {
            let (event, problem) = (&claimed.delivery.event, problem.as_deref().unwrap_or_default());
            tracing::warn!(provider, webhook, event, problem, "a delivery was given up; it can be replayed");
        }
        Fate::Delivered if failures >= DOWN => tracing::info!(provider, webhook, "a webhook's receiver is back"),
        Fate::Again(_) if failures + 1 == DOWN => {
            let problem = problem.as_deref().unwrap_or_default();
            tracing::warn!(provider, webhook, problem, "a webhook's receiver is down");
        }
        _ => {}
    }
}
