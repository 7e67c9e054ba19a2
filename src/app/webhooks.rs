//! Webhooks: put, removed, given new keys, tried out, set back.

use std::time::Duration;

use remit_domain::{Timestamp, text::Code};
use serde_json::json;
use url::Url;

use super::{App, Failure, Outcome, Session, UserErrorCode, open::refuse};
use crate::{
    auth::{Scope, ScopeSet},
    outbound::{Call, GuardedClient, OutboundError},
    store::{
        Attempt, AuditedKind, FeedPage, FeedQuestion, Handle, KeyRecord, Note, Place, Scope as Rows, StoreError,
        Subject, Tx, Uuid, WebhookRecord,
    },
    webhooks::{Message, SignatureKind, WebhookKey, signed_headers},
};

/// The most webhooks of a provider.
const WEBHOOKS_MOST: u64 = 50;
/// How much of an answer is kept, in bytes.
const ANSWER_KEPT: usize = 500;

/// What a webhook is to be.
#[derive(Clone, Debug)]
pub struct PutWebhook {
    /// Its code.
    pub code: Code,
    /// Where to.
    pub url: Option<Url>,
    /// What it is for.
    pub description: Option<String>,
    /// Of which kinds of object; empty: all.
    pub subjects: Option<Vec<Subject>>,
    /// Which events; empty: all.
    pub events: Option<Vec<String>>,
    /// What is sent of each change.
    pub selection: Option<Option<String>>,
    /// Whether nothing is sent for now.
    pub paused: Option<bool>,
    /// How a new webhook's messages are signed.
    pub signature: Option<SignatureKind>,
}

/// A new key for a webhook.
#[derive(Clone, Debug)]
pub struct RotateSecret {
    /// The webhook.
    pub webhook: Handle,
    /// How messages are signed from now on; none: as before.
    pub signature: Option<SignatureKind>,
    /// Until when they are signed by the keys of before too.
    pub keep_until: Timestamp,
}

/// What is delivered anew.
#[derive(Clone, Debug)]
pub enum Replay {
    /// Everything behind a place of the feed.
    After(Place),
    /// These deliveries.
    Deliveries(Vec<Uuid>),
}

/// A webhook, and its new secret, which is shown this once.
pub type WithSecret = (WebhookRecord, Option<String>);

/// What came of sending something.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The attempt, for the record.
    pub attempt: Attempt,
    /// How long the receiver asked to be left alone.
    pub asked: Option<Duration>,
}

impl App {
    /// The same use cases, on a server that delivers.
    #[must_use]
    pub fn delivering(self, outbound: GuardedClient) -> Self {
        Self { outbound: Some(outbound), ..self }
    }

    /// Makes or changes a webhook. From now on it reads with the scopes that the caller has now, those that write left
    /// out. Only what happens after it was made is delivered, unless it is set back.
    ///
    /// # Errors
    /// Refused when the URL cannot be called, or the provider has too many webhooks.
    pub async fn put_webhook(&self, session: &Session, put: PutWebhook) -> Outcome<WithSecret> {
        if let Some(url) = &put.url {
            self.check_url(url)?;
        }
        let head = self.store.feed_head(&session.scope).await?;
        let mut tx = self.store.begin(&session.scope, session.now).await?;
        let old = tx.webhook(&Handle::Code(put.code.to_string())).await?;
        let webhook = to_be(session, &put, old.as_ref(), head)?;
        let secret = match &old {
            Some(_) if put.signature.is_some() => {
                return Err(refuse(
                    UserErrorCode::Invalid,
                    "signature",
                    "a webhook that is there gets a new key by rotating",
                ));
            }
            Some(old) if *old == webhook => return Ok((webhook, None)),
            Some(_) => {
                tx.update_webhook(&webhook).await?;
                tx.note(noted(&webhook, "webhook.changed"));
                None
            }
            None => {
                if tx.webhook_count().await? >= WEBHOOKS_MOST {
                    let text = format!("there are {WEBHOOKS_MOST} webhooks already: remove one first");
                    return Err(refuse(UserErrorCode::Conflict, "code", &text));
                }
                tx.add_webhook(&webhook).await?;
                tx.note(noted(&webhook, "webhook.made"));
                let kind = put.signature.unwrap_or(SignatureKind::Hmac);
                add_key(&tx, webhook.id, kind, session.now).await?
            }
        };
        tx.commit().await?;
        Ok((webhook, secret))
    }

    /// Removes a webhook with all that is on its way, and with what is known of its deliveries.
    ///
    /// # Errors
    /// Refused when it is not there.
    pub async fn delete_webhook(&self, session: &Session, handle: &Handle) -> Outcome<WebhookRecord> {
        let (mut tx, webhook) = self.open_webhook(session, handle).await?;
        tx.delete_webhook(webhook.id).await?;
        tx.note(noted(&webhook, "webhook.deleted"));
        tx.commit().await?;
        Ok(webhook)
    }

    /// Gives a webhook a new key. Its messages are signed by the keys of before too, until a given instant.
    ///
    /// # Errors
    /// Refused when it is not there.
    pub async fn rotate_webhook_secret(&self, session: &Session, rotate: RotateSecret) -> Outcome<WithSecret> {
        let (mut tx, webhook) = self.open_webhook(session, &rotate.webhook).await?;
        let kind = match rotate.signature {
            Some(kind) => kind,
            None => self
                .signs_by(&session.scope, &webhook, session.now)
                .await?
                .first()
                .map_or(SignatureKind::Hmac, WebhookKey::kind),
        };
        let secret = add_key(&tx, webhook.id, kind, rotate.keep_until).await?;
        tx.note(noted(&webhook, "webhook.rotated"));
        tx.commit().await?;
        Ok((webhook, secret))
    }

    /// Delivers anew what was delivered or given up, and at once what waits for its next attempt.
    ///
    /// # Errors
    /// Refused when the webhook or a delivery is not there, or what is behind the place is no longer kept.
    pub async fn replay_webhook(&self, session: &Session, handle: &Handle, replay: Replay) -> Outcome<WebhookRecord> {
        let (mut tx, webhook) = self.open_webhook(session, handle).await?;
        match &replay {
            Replay::After(place) => {
                let question = FeedQuestion { after: Some(*place), subjects: webhook.kinds(), limit: 0 };
                if let FeedPage::Gone(_) = self.store.changes(&session.scope, &question).await? {
                    let text = "what comes behind it is no longer kept, or never was: read everything anew";
                    return Err(refuse(UserErrorCode::Invalid, "after", text));
                }
                tx.set_webhook_place(webhook.id, *place).await?;
            }
            Replay::Deliveries(ids) => {
                let found = self.store.find_deliveries(&session.scope, ids).await?;
                let known = |id: &Uuid| found.iter().any(|d| d.id == *id && d.webhook_id == webhook.id);
                if !ids.iter().all(known) {
                    return Err(refuse(UserErrorCode::NotFound, "deliveries", "the webhook has no such delivery"));
                }
                tx.requeue_deliveries(webhook.id, ids).await?;
            }
        }
        tx.hasten_webhook(webhook.id).await?;
        tx.note(noted(&webhook, "webhook.replayed"));
        tx.commit().await?;
        Ok(webhook)
    }

    /// Sends a message of type `webhook.test` now, and once.
    ///
    /// # Errors
    /// Refused when the webhook is not there, or too many are being tried out. That the receiver does not take it is an
    /// answer.
    pub async fn test_webhook(&self, session: &Session, handle: &Handle) -> Outcome<(WebhookRecord, Attempt)> {
        let mut found = self.store.find_webhooks(&session.scope, std::slice::from_ref(handle)).await?;
        let webhook = found.remove(handle).ok_or_else(unknown)?;
        let Ok(_turn) = self.trials.try_acquire() else {
            let text = "other webhooks are being tried out: again in a few seconds";
            return Err(refuse(UserErrorCode::Conflict, "webhook", text));
        };
        let data = json!({"webhook": webhook.code});
        let body = json!({"type": "webhook.test", "timestamp": session.now.to_string(), "data": data}).to_string();
        let sent = self.send(&session.scope, &webhook, Uuid::now_v7(), &body, session.now).await?;
        Ok((webhook, sent.attempt))
    }

    /// Sends a message to a webhook's receiver, signed by each key that signs now.
    ///
    /// - `message`: its id, the same each time that it is sent.
    ///
    /// # Errors
    /// [`StoreError`] when the keys cannot be read. That the receiver does not take it is an attempt.
    pub async fn send(
        &self,
        scope: &Rows,
        webhook: &WebhookRecord,
        message: Uuid,
        body: &str,
        now: Timestamp,
    ) -> Result<Sent, StoreError> {
        let keys = self.signs_by(scope, webhook, now).await?;
        let message = Message { id: &format!("msg_{}", message.simple()), timestamp: now.as_second(), body };
        let headers = signed_headers(&message, &keys);
        let call = match (Url::parse(&webhook.url), &self.outbound) {
            (Ok(url), Some(outbound)) => outbound.post(&url, &headers, body.into(), ANSWER_KEPT).await,
            _ => return Ok(Sent::not_made("this server does not deliver".to_owned(), now)),
        };
        Ok(sent(call, now))
    }

    /// The keys that sign now, the newest first.
    async fn signs_by(
        &self,
        scope: &Rows,
        webhook: &WebhookRecord,
        now: Timestamp,
    ) -> Result<Vec<WebhookKey>, StoreError> {
        let keys = self.store.webhook_keys(scope, &[webhook.id]).await?;
        let valid = keys.iter().filter(|key| key.until.is_none_or(|until| now < until));
        let read = |key: &KeyRecord| {
            let unreadable = |why: String| StoreError::Unreadable { what: "webhook key", id: key.id, why };
            WebhookKey::read(&key.secret).map_err(|error| unreadable(error.to_string()))
        };
        valid.map(read).collect()
    }

    async fn open_webhook(&self, session: &Session, handle: &Handle) -> Outcome<(Tx, WebhookRecord)> {
        let tx = self.store.begin(&session.scope, session.now).await?;
        let webhook = tx.webhook(handle).await?.ok_or_else(unknown)?;
        Ok((tx, webhook))
    }

    fn check_url(&self, url: &Url) -> Result<(), Failure> {
        let checked = self.outbound.as_ref().map(|outbound| outbound.check(url));
        match checked {
            Some(Ok(())) => Ok(()),
            Some(Err(refused)) => Err(refuse(UserErrorCode::Invalid, "url", refused.to_string())),
            None => Err(refuse(UserErrorCode::Conflict, "url", "this server does not deliver")),
        }
    }
}

/// What came of a call, for the record.
fn sent(Call { outcome, took }: Call, now: Timestamp) -> Sent {
    let took = i64::try_from(took.as_micros()).unwrap_or(i64::MAX);
    let attempt = |status, problem, answer| Attempt { at: now.as_microsecond(), took, status, problem, answer };
    let answer = match outcome {
        Ok(answer) => answer,
        Err(error) => {
            let problem = match error {
                OutboundError::Unreachable(why) => format!("there was no answer: {why}"),
                error => error.to_string(),
            };
            return Sent { attempt: attempt(None, Some(problem), String::new()), asked: None };
        }
    };
    let problem = match answer.status() {
        _ if answer.is_success() => None,
        300..=399 => Some(format!("the answer was {}, and no redirect is followed", answer.status_line())),
        _ => Some(format!("the answer was {}", answer.status_line())),
    };
    let asked = answer.header("retry-after").find_map(|value| value.trim().parse().ok()).map(Duration::from_secs);
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    Sent { attempt: attempt(Some(answer.status()), problem, text), asked }
}

impl Sent {
    /// That a message was not even sent.
    #[must_use]
    pub fn not_made(problem: String, now: Timestamp) -> Self {
        let (status, problem, answer) = (None, Some(problem), String::new());
        Self { attempt: Attempt { at: now.as_microsecond(), took: 0, status, problem, answer }, asked: None }
    }

    /// Whether the receiver has taken it.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        self.attempt.problem.is_none()
    }
}

fn unknown() -> Failure {
    refuse(UserErrorCode::NotFound, "webhook", "no such webhook")
}

/// A webhook as it is to be: what is left out stays.
fn to_be(session: &Session, put: &PutWebhook, old: Option<&WebhookRecord>, head: Place) -> Outcome<WebhookRecord> {
    let url = put.url.as_ref().map(ToString::to_string).or_else(|| old.map(|old| old.url.clone()));
    let url = url.ok_or_else(|| refuse(UserErrorCode::Invalid, "url", "a new webhook needs one"))?;
    let fresh = WebhookRecord {
        id: Uuid::now_v7(),
        code: put.code.to_string(),
        url: String::new(),
        description: String::new(),
        subjects: Vec::new(),
        events: Vec::new(),
        selection: None,
        scopes: String::new(),
        paused: false,
        place: head,
        failures: 0,
        failing_since: None,
        made_at: session.now,
    };
    let old = old.cloned().unwrap_or(fresh);
    Ok(WebhookRecord {
        url,
        description: put.description.clone().unwrap_or(old.description),
        subjects: put.subjects.clone().unwrap_or(old.subjects),
        events: put.events.clone().unwrap_or(old.events),
        selection: put.selection.clone().unwrap_or(old.selection),
        scopes: reading(session.caller.scopes()).to_string(),
        paused: put.paused.unwrap_or(old.paused),
        ..old
    })
}

/// That something was done to a webhook, for the audit trail.
fn noted(webhook: &WebhookRecord, event: &'static str) -> Note {
    let paused = if webhook.paused { ", paused" } else { "" };
    // The URL may hold a secret; its host does not.
    let host = Url::parse(&webhook.url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let detail = format!("{} to {host} with the scopes {}{paused}", webhook.code, webhook.scopes);
    Note { kind: AuditedKind::Webhook, id: webhook.id, event, detail: Some(detail) }
}

/// The scopes among these that read.
fn reading(scopes: ScopeSet) -> ScopeSet {
    scopes.iter().filter(|scope: &Scope| scope.as_str().ends_with(":read")).collect()
}

/// Makes a webhook's newest key; the text of one that receivers have to have.
async fn add_key(tx: &Tx, webhook: Uuid, kind: SignatureKind, others_until: Timestamp) -> Outcome<Option<String>> {
    let key = WebhookKey::generate(kind).map_err(|error| {
        let why = error.to_string();
        Failure::Fault(StoreError::Unreadable { what: "webhook key", id: webhook, why })
    })?;
    let record =
        KeyRecord { id: Uuid::now_v7(), webhook_id: webhook, secret: key.secret(), made_at: tx.at(), until: None };
    tx.add_webhook_key(&record, others_until).await?;
    Ok((kind == SignatureKind::Hmac).then_some(record.secret))
}
