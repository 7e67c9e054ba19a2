//! Revoking tokens, and knowing what was revoked wherever.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use remit_domain::Timestamp;

use super::{App, Outcome, Session, UserError, UserErrorCode};
use crate::{
    auth::{Caller, Revocable, Revocations},
    store::{RevocationRecord, StoreError, Uuid},
};

/// How often it is seen whether other servers have revoked anything. A tenth of the ten seconds that are promised is
/// left for a slow database several times over.
const LOOK: Duration = Duration::from_secs(2);

/// No look yet.
const NEVER: u64 = u64::MAX;

/// What is revoked, as this server knows it.
#[derive(Clone, Debug)]
pub(super) struct KnownRevocations {
    list: Arc<Revocations>,
    /// How many rows it was made of.
    count: Arc<AtomicU64>,
}

impl Default for KnownRevocations {
    fn default() -> Self {
        Self { list: Arc::default(), count: Arc::new(AtomicU64::new(NEVER)) }
    }
}

/// What is to be revoked, and why.
#[derive(Clone, Debug)]
pub struct Revoke {
    /// Which tokens; those of a name that were issued before an instant, none: before now.
    pub what: RevokedTokens,
    /// Why.
    pub reason: String,
}

/// Which tokens.
#[derive(Clone, Debug)]
pub enum RevokedTokens {
    /// The one with this `jti`.
    Token(String),
    /// Those of this subject, issued before an instant.
    Subject(String, Option<Timestamp>),
    /// Those of this software (`client_id`), issued before an instant.
    Software(String, Option<Timestamp>),
}

impl RevokedTokens {
    fn until(self, now: Timestamp) -> Revocable {
        match self {
            Self::Token(jti) => Revocable::Token(jti),
            Self::Subject(name, before) => Revocable::Subject(name, before.unwrap_or(now)),
            Self::Software(name, before) => Revocable::Software(name, before.unwrap_or(now)),
        }
    }
}

impl App {
    /// What is revoked, as this server knows it, for whoever takes tokens.
    #[must_use]
    pub fn revocations(&self) -> Arc<Revocations> {
        Arc::clone(&self.revocations.list)
    }

    /// Waits until a caller's token is revoked.
    pub async fn revoked(&self, caller: &Caller) {
        let list = self.revocations();
        let mut changes = list.changes();
        while !list.refuse(caller) {
            // The list is held here, so it goes on telling.
            changes.changed().await.ok();
        }
    }

    /// Revokes tokens of the caller's provider: here at once, on every other server within ten seconds. What is revoked already stays as it is, and is the answer.
    ///
    /// # Errors
    /// Refused when the instant is still to come: a slip there would shut somebody out for good.
    pub async fn revoke(&self, session: &Session, revoke: Revoke) -> Outcome<RevocationRecord> {
        let what = revoke.what.until(session.now);
        if let Revocable::Subject(_, before) | Revocable::Software(_, before) = &what
            && *before > session.now
        {
            let text = "only tokens that were issued up to now can be revoked";
            return Err(UserError::new(UserErrorCode::Invalid, &["input", "issuedBefore"], text).into());
        }
        let mut tx = self.store.begin(&session.scope, session.now).await?;
        if let Some(known) = tx.revocation_of(&what).await? {
            return Ok(known);
        }
        let revoked_by = session.caller.subject().to_owned();
        let record =
            RevocationRecord { id: Uuid::now_v7(), what, reason: revoke.reason, revoked_by, revoked_at: session.now };
        tx.add_revocation(&record).await?;
        tx.commit().await?;
        self.heed_revocations().await;
        Ok(record)
    }

    /// Learns what was revoked, if there is anything new.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer; what was known stays known.
    pub async fn learn_revocations(&self) -> Result<(), StoreError> {
        let KnownRevocations { list, count } = &self.revocations;
        let known = Some(count.load(Ordering::Acquire)).filter(|known| *known != NEVER);
        // What a request with a key has revoked counts once it is committed, which it may never be.
        if let Some(then) = self.store.outside().revoked(known).await? {
            list.replace(then.revoked);
            count.store(then.count, Ordering::Release);
        }
        Ok(())
    }

    /// The same after something was revoked here; if the database fails now, the next look will find it.
    pub async fn heed_revocations(&self) {
        if let Err(error) = self.learn_revocations().await {
            tracing::warn!(%error, "what was revoked is committed and will be heeded with the next look");
        }
    }

    /// Keeps learning what was revoked until it is dropped.
    pub async fn watch_revocations(self) {
        let mut failing = false;
        loop {
            tokio::time::sleep(LOOK).await;
            let learned = self.learn_revocations().await;
            match &learned {
                Err(error) if !failing => {
                    tracing::warn!(%error, "what was revoked elsewhere cannot be learned; what is known is heeded");
                }
                _ => {}
            }
            failing = learned.is_err();
        }
    }
}
