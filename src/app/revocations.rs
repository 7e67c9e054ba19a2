//! Revoking tokens, and knowing what was revoked wherever.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
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

/// How far an instant before which tokens were issued may be to come: as far as an issuer's clock may be ahead.
const AHEAD_MICROS: i64 = 300_000_000;

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
    /// The instant that was said.
    fn issued_before(&self) -> Option<Timestamp> {
        match self {
            Self::Token(_) => None,
            Self::Subject(_, before) | Self::Software(_, before) => *before,
        }
    }

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
    /// Refused when the instant is more than five minutes to come, as far as an issuer's clock may be ahead: a slip there
    /// would shut somebody out for good.
    pub async fn revoke(&self, session: &Session, revoke: Revoke) -> Outcome<RevocationRecord> {
        let latest = session.now.as_microsecond().saturating_add(AHEAD_MICROS);
        if revoke.what.issued_before().is_some_and(|before| before.as_microsecond() > latest) {
            let text = "must be no more than five minutes to come, or new tokens would be shut out for good";
            return Err(UserError::new(UserErrorCode::Invalid, &["input", "issuedBefore"], text).into());
        }
        let asked = Instant::now();
        let mut tx = self.store.begin(&session.scope, session.now).await?;
        // Tokens were issued while this waited for its turn; they know whole seconds.
        let waited = asked.elapsed().as_secs();
        let waited = Duration::from_secs(if waited > 0 { waited + 1 } else { 0 });
        let now = session.now.checked_add(waited).unwrap_or(session.now);
        let is_cut = revoke.what.issued_before().is_none();
        let what = revoke.what.until(now);
        let known = tx.revocation_of(&what).await?;
        if let Some(known) = known.filter(|known| !is_cut || matches!(known.what, Revocable::Token(_))) {
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
