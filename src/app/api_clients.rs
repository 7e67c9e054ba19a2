//! Software that gets its tokens from this server: who may ask for what, its secrets, and what it gets.
//!
//! Nobody grants what they do not have: whoever makes, changes or gives a secret to an API client has each of its scopes.
//! What takes something away from an API client revokes the tokens that it has.

use std::{sync::Arc, time::Duration};

use remit_domain::{Timestamp, time::later};
use tokio::time::timeout;

use super::{App, Failure, Outcome, Session, UserError, UserErrorCode, terms::Given};
use crate::{
    auth::{ApiClientId, ApiSecret, ClientCode, Revocable, ScopeSet, TokenRequest, Ttl, TtlError},
    store::{
        ApiClientRecord, AuditedKind, ClaimedClient, Handle, Note, RevocationRecord, SecretRecord, StoreError, Tx, Uuid,
    },
};

/// The longest that an API client's token holds: a day. They are had anew for a request.
pub const TOKEN_SECONDS_MAX: u32 = 86_400;
/// The shortest: a minute.
pub const TOKEN_SECONDS_MIN: u32 = 60;
/// How long it holds when nothing is said.
const TOKEN_SECONDS: u32 = 3_600;
/// The longest that an old secret is taken beside a new one: thirty days.
const OVERLAP_MAX: remit_domain::Duration = remit_domain::Duration::from_hours(720);
/// How many secrets are taken at once, so that rotating again and again leaves no heap of them.
const SECRETS_MAX: usize = 5;
/// How exactly it is put down when a secret was used.
const USE_SECONDS: i64 = 60;
/// How long a token waits for that.
const USE_PUT_DOWN_WITHIN: Duration = Duration::from_millis(250);

/// What an API client is to be; what is not given stays.
#[derive(Clone, Debug)]
pub struct PutApiClient {
    /// What it calls itself; found by this.
    pub id: ApiClientId,
    /// Its name; a new one must have one.
    pub name: Given<String>,
    /// What its tokens may allow; of a new one it must be said.
    pub scopes: Given<ScopeSet>,
    /// The one client that its tokens are bound to.
    pub client: Given<Option<Handle>>,
    /// How long a token holds, in seconds, from a minute to a day.
    pub token_seconds: Given<u32>,
    /// From when on it gets no tokens.
    pub expires_at: Given<Option<Timestamp>>,
    /// Whether it gets none because somebody says so.
    pub disabled: Given<bool>,
}

/// Another secret for an API client.
#[derive(Clone, Debug)]
pub struct RotateApiClient {
    /// Which.
    pub api_client: Handle,
    /// How long the secrets that it has are taken still.
    pub overlap: remit_domain::Duration,
}

/// Why an API client gets no token.
#[derive(Debug)]
pub enum NotGranted {
    /// There is no such API client, or the secret is none of its own: nobody is told which.
    Unknown,
    /// Its secret is right, and it gets no tokens any more.
    Ended(&'static str),
    /// It asks for more than it may have.
    Scope(String),
    /// The database does not answer.
    Fault(StoreError),
}

impl From<StoreError> for NotGranted {
    fn from(error: StoreError) -> Self {
        Self::Fault(error)
    }
}

fn refuse(code: UserErrorCode, field: &str, text: impl Into<String>) -> Failure {
    UserError::new(code, &["input", field], text).into()
}

/// Refuses to grant what the caller does not have.
fn require_held(session: &Session, scopes: ScopeSet, field: &str) -> Outcome<()> {
    let lacking: ScopeSet = scopes.iter().filter(|scope| !session.caller.may(*scope)).collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let text = format!("nobody grants what they do not have: your token lacks {lacking}");
    Err(refuse(UserErrorCode::Invalid, field, text))
}

fn new_secret(api_client: Uuid, now: Timestamp) -> Outcome<(ApiSecret, SecretRecord)> {
    let secret = ApiSecret::generate().map_err(|error| StoreError::NoRandomness(error.to_string()))?;
    let (id, hash) = (Uuid::now_v7(), secret.hash());
    let record =
        SecretRecord { id, api_client_id: api_client, hash, created_at: now, expires_at: None, last_used_at: None };
    Ok((secret, record))
}

impl App {
    /// Makes an API client, with its first secret, or changes one. What is so already changes nothing, so a retry finds
    /// what was made; its secret is not shown again.
    ///
    /// # Errors
    /// Refused when the caller lacks a scope that it has or is to have, a new one has no name or scopes, its client is
    /// unknown, or a time is out of range.
    pub async fn put_api_client(
        &self,
        session: &Session,
        put: PutApiClient,
    ) -> Outcome<(ApiClientRecord, Option<ApiSecret>)> {
        let mut tx = self.store.begin(&session.scope, session.now).await?;
        let old = tx.api_client(&Handle::Code(put.id.code().to_owned())).await?;
        let id = put.id.clone();
        let new = self.api_client_as_put(session, old.as_ref(), put).await?;
        require_held(session, new.scopes, "scopes")?;
        let Some(old) = old else {
            let (secret, kept) = new_secret(new.id, session.now)?;
            tx.put_api_client(&new, true).await?;
            tx.add_api_secret(&kept).await?;
            tx.note(noted(&new, self.bound_to(session, &new).await?.as_deref(), "apiClient.made"));
            tx.commit().await?;
            return Ok((new, Some(secret)));
        };
        require_held(session, old.scopes, "code")?;
        if new == old {
            return Ok((old, None));
        }
        tx.put_api_client(&new, false).await?;
        let event = if new.disabled_at > old.disabled_at { "apiClient.disabled" } else { "apiClient.changed" };
        tx.note(noted(&new, self.bound_to(session, &new).await?.as_deref(), event));
        let narrower = takes_away(&old, &new);
        if narrower {
            revoke_tokens(&mut tx, session, &id).await?;
        }
        tx.commit().await?;
        if narrower {
            self.heed_revocations().await;
        }
        Ok((new, None))
    }

    /// The code of the client that an API client's tokens are bound to.
    async fn bound_to(&self, session: &Session, record: &ApiClientRecord) -> Result<Option<String>, StoreError> {
        let Some(client) = record.client_id else { return Ok(None) };
        let found = self.store.find_clients(&session.scope, &[Handle::Id(client)]).await?;
        Ok(found.into_values().next().map(|client| client.code))
    }

    async fn api_client_as_put(
        &self,
        session: &Session,
        old: Option<&ApiClientRecord>,
        put: PutApiClient,
    ) -> Outcome<ApiClientRecord> {
        let needed = |field: &str| refuse(UserErrorCode::Invalid, field, "a new API client needs it");
        let token_seconds = put.token_seconds.or(old.map(|old| old.token_seconds)).unwrap_or(TOKEN_SECONDS);
        if !(TOKEN_SECONDS_MIN..=TOKEN_SECONDS_MAX).contains(&token_seconds) {
            return Err(refuse(UserErrorCode::Invalid, "tokenTtl", "must be whole seconds from PT1M to PT24H"));
        }
        let client_id = match put.client {
            None => old.and_then(|old| old.client_id),
            Some(None) => None,
            Some(Some(handle)) => {
                let found = self.store.find_clients(&session.scope, std::slice::from_ref(&handle)).await?;
                let unknown = || refuse(UserErrorCode::NotFound, "client", "no such client");
                Some(found.get(&handle).ok_or_else(unknown)?.id)
            }
        };
        let was_disabled = old.and_then(|old| old.disabled_at);
        Ok(ApiClientRecord {
            id: old.map_or_else(Uuid::now_v7, |old| old.id),
            code: put.id.code().to_owned(),
            name: put.name.or_else(|| old.map(|old| old.name.clone())).ok_or_else(|| needed("name"))?,
            scopes: put.scopes.or(old.map(|old| old.scopes)).ok_or_else(|| needed("scopes"))?,
            client_id,
            token_seconds,
            created_at: old.map_or(session.now, |old| old.created_at),
            expires_at: put.expires_at.unwrap_or(old.and_then(|old| old.expires_at)),
            disabled_at: match put.disabled {
                None => was_disabled,
                Some(true) => was_disabled.or(Some(session.now)),
                Some(false) => None,
            },
        })
    }

    /// Gives an API client another secret; those that it has are taken for the overlap still. Each time it is another
    /// one, so the answer to a retry is the secret to use.
    ///
    /// # Errors
    /// Refused when there is no such API client, the caller lacks one of its scopes, the overlap is longer than thirty
    /// days, or it has too many secrets that are taken still.
    pub async fn rotate_api_client(
        &self,
        session: &Session,
        rotate: RotateApiClient,
    ) -> Outcome<(ApiClientRecord, ApiSecret)> {
        let ends = later(session.now, rotate.overlap).filter(|_| rotate.overlap <= OVERLAP_MAX);
        let Some(ends) = ends else {
            return Err(refuse(UserErrorCode::Invalid, "overlap", format!("must be at most {OVERLAP_MAX}")));
        };
        let mut tx = self.store.begin(&session.scope, session.now).await?;
        let Some(record) = tx.api_client(&rotate.api_client).await? else {
            return Err(refuse(UserErrorCode::NotFound, "apiClient", "no such API client"));
        };
        require_held(session, record.scopes, "apiClient")?;
        tx.end_api_secrets(record.id, ends).await?;
        let living = tx.api_secrets(record.id).await?.iter().filter(|secret| secret.is_taken(session.now)).count();
        if living >= SECRETS_MAX {
            let text =
                format!("it has {living} secrets that are taken still; rotate with an overlap of PT0S to end them");
            return Err(refuse(UserErrorCode::Conflict, "overlap", text));
        }
        let (secret, kept) = new_secret(record.id, session.now)?;
        tx.add_api_secret(&kept).await?;
        tx.note(noted(&record, self.bound_to(session, &record).await?.as_deref(), "apiClient.rotated"));
        tx.commit().await?;
        Ok((record, secret))
    }

    /// The token that an API client gets for its secret, to be signed.
    ///
    /// - `scopes`: what it asks for; none: all that it may have.
    ///
    /// # Errors
    /// [`NotGranted`].
    pub async fn grant_token(
        &self,
        id: &ApiClientId,
        secret: &str,
        scopes: Option<ScopeSet>,
        now: Timestamp,
    ) -> Result<TokenRequest, NotGranted> {
        let Some(claimed) = self.store.claimed_api_client(id).await? else { return Err(NotGranted::Unknown) };
        let ClaimedClient { record, bound_to, secrets, cuts } = claimed;
        let right = secrets.iter().find(|kept| kept.is_taken(now) && kept.hash.is_of(secret));
        let used = right.ok_or(NotGranted::Unknown)?;
        if record.disabled_at.is_some() {
            return Err(NotGranted::Ended("the client is disabled"));
        }
        if record.expires_at.is_some_and(|end| end <= now) {
            return Err(NotGranted::Ended("the client has expired"));
        }
        let scopes = scopes.unwrap_or(record.scopes);
        if let Some(beyond) = scopes.iter().find(|scope| !record.scopes.contains(*scope)) {
            return Err(NotGranted::Scope(format!("the client may not have {beyond}")));
        }
        self.put_down_use(id, used, now).await;
        let unreadable = |why: String| StoreError::Unreadable { what: "API client", id: record.id, why };
        Ok(TokenRequest {
            provider: id.provider().clone(),
            scopes,
            client: bound_to.map(ClientCode::new).transpose().map_err(|error| unreadable(error.to_string()))?,
            subject: id.to_string(),
            client_id: id.to_string(),
            ttl: token_life(&record, now).map_err(|error| unreadable(error.to_string()))?,
            cut: Some(cuts),
        })
    }

    /// Puts down that a secret was used, to the minute. A token is got all the same when that fails, or takes long because
    /// others write; and where many wait already, the next use is put down.
    async fn put_down_use(&self, id: &ApiClientId, used: &SecretRecord, now: Timestamp) {
        if used.last_used_at.is_some_and(|last| now.as_second() - last.as_second() < USE_SECONDS) {
            return;
        }
        let Ok(turn) = Arc::clone(&self.uses).try_acquire_owned() else { return };
        let (store, id, secret) = (self.store.clone(), id.clone(), used.id);
        let put_down = tokio::spawn(async move {
            if let Err(error) = store.secret_used(&id, secret, now).await {
                tracing::warn!(%error, client_id = %id, "when the secret was used is not put down");
            }
            drop(turn);
        });
        timeout(USE_PUT_DOWN_WITHIN, put_down).await.ok();
    }
}

impl SecretRecord {
    /// Whether it is taken at an instant.
    #[must_use]
    pub fn is_taken(&self, at: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| at < end)
    }
}

/// How long a token holds that is issued now: never beyond its API client.
fn token_life(record: &ApiClientRecord, now: Timestamp) -> Result<Ttl, TtlError> {
    let left = record.expires_at.map(|end| end.as_second().saturating_sub(now.as_second()).max(1));
    let left = left.map_or(u32::MAX, |seconds| u32::try_from(seconds).unwrap_or(u32::MAX));
    Ttl::of_seconds(record.token_seconds.min(left))
}

/// Whether the tokens that an API client has allow more than those it would get now.
fn takes_away(old: &ApiClientRecord, new: &ApiClientRecord) -> bool {
    let fewer = old.scopes.iter().any(|scope| !new.scopes.contains(scope));
    let ends_sooner = new.expires_at.is_some_and(|end| old.expires_at.is_none_or(|before| end < before));
    let disabled = new.disabled_at.is_some() && old.disabled_at.is_none();
    fewer || ends_sooner || disabled || old.client_id != new.client_id
}

async fn revoke_tokens(tx: &mut Tx, session: &Session, id: &ApiClientId) -> Outcome<()> {
    let record = RevocationRecord {
        id: Uuid::now_v7(),
        what: Revocable::Software(id.to_string(), session.now),
        reason: "What the API client may have was cut down.".into(),
        revoked_by: session.caller.subject().to_owned(),
        revoked_at: session.now,
    };
    Ok(tx.add_revocation(&record).await?)
}

/// What the audit trail is told: what the API client is and may have from now on.
///
/// - `bound_to`: the code of its client.
fn noted(record: &ApiClientRecord, bound_to: Option<&str>, event: &'static str) -> Note {
    let bound = bound_to.map_or(String::new(), |code| format!(", for the client {code}"));
    let ends = record.expires_at.map_or(String::new(), |end| format!(", until {end}"));
    let state = if record.disabled_at.is_some() { ", disabled" } else { "" };
    let (code, scopes, seconds) = (&record.code, record.scopes, record.token_seconds);
    let detail = format!("{code} with the scopes {scopes}{bound}, tokens for {seconds} s{ends}{state}");
    Note { kind: AuditedKind::ApiClient, id: record.id, event, detail: Some(detail) }
}
