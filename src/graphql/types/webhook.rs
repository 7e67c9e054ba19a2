//! Webhooks and their deliveries.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use remit_domain::{Timestamp, time};
use tokio::sync::OnceCell;

use super::{ChangeNode, SubjectType};
use crate::{
    graphql::{
        cohort::Member,
        context::Serving,
        ids::Kind,
        paging::{Item, changes_cursor},
        payload::Payloads,
        scalars::{DateTime, Duration},
    },
    store::{self, Attempt, Backlog, Delivered, DeliveryRecord, Handle, KeyRecord, Uuid, WebhookRecord},
    webhooks::{self, WebhookKey},
};

/// How a webhook's messages are signed, by the Standard Webhooks specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "webhooks::SignatureKind")]
pub(crate) enum WebhookSignature {
    /// HMAC-SHA256 by a secret that both sides know (`v1`).
    Hmac,
    /// Ed25519: receivers verify by a public key, and have nothing to keep secret (`v1a`).
    #[graphql(name = "ED25519")]
    Ed25519,
}

/// What has become of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "store::DeliveryState")]
pub(crate) enum WebhookDeliveryState {
    /// It is to be sent, for the first time or again.
    Pending,
    /// The receiver has taken it.
    Delivered,
    /// It was given up. It stays to be read, and can be replayed.
    Dead,
}

/// What webhooks read together relate to.
#[derive(Debug, Default)]
pub(crate) struct Related {
    keys: OnceCell<Vec<KeyRecord>>,
    backlogs: OnceCell<HashMap<Uuid, Backlog>>,
}

/// A webhook in the API.
#[derive(Clone, Debug)]
pub(crate) struct WebhookNode(Member<WebhookRecord, Related>);

impl WebhookNode {
    pub(crate) fn all(records: Vec<WebhookRecord>) -> impl Iterator<Item = Self> {
        Member::all(records).map(Self)
    }

    pub(crate) fn one(record: WebhookRecord) -> Option<Self> {
        Self::all(vec![record]).next()
    }

    pub(crate) fn uuid(&self) -> Uuid {
        self.0.id
    }

    fn ids(&self) -> Vec<Uuid> {
        self.0.siblings().iter().map(|webhook| webhook.id).collect()
    }

    async fn backlog(&self, ctx: &Context<'_>) -> Result<Backlog> {
        let Serving { app, session } = Serving::of(ctx)?;
        let load = || async { app.store().webhook_backlogs(&session.scope, &self.ids()).await };
        let found = self.0.related().backlogs.get_or_try_init(load).await?;
        Ok(found.get(&self.0.id).copied().unwrap_or_default())
    }
}

impl Item for WebhookNode {
    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0.code)
    }
}

/// Where a provider's changes are delivered to, by the Standard Webhooks specification.
#[Object(name = "Webhook")]
impl WebhookNode {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        Kind::Webhook.id(self.0.id)
    }

    /// The code, unique per provider; it never changes.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Where to.
    async fn url(&self) -> &str {
        &self.0.url
    }

    /// What it is for.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// Of which kinds of object it gets changes; empty: of all.
    async fn types(&self) -> Vec<SubjectType> {
        self.0.subjects.iter().copied().map(Into::into).collect()
    }

    /// Which events it gets, `terms.activated` or `terms.*`; empty: all.
    async fn events(&self) -> &[String] {
        &self.0.events
    }

    /// What is sent of each change: a selection on Change. Null: what stands in the guide.
    async fn selection(&self) -> Option<&str> {
        self.0.selection.as_deref()
    }

    /// Why the selection does not fit the schema of now, or the webhook's scopes; empty: it fits. While it does not, messages
    /// have what they have without a selection, and say why in `errors`.
    async fn selection_problems(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        Ok(ctx.data::<Arc<Payloads>>()?.problems_of(&self.0))
    }

    /// What the selection may read: the reading scopes of the token with which the webhook was put last.
    async fn scopes(&self) -> Vec<&str> {
        self.0.scopes.split_whitespace().collect()
    }

    /// Whether somebody has paused it. The server never does.
    async fn paused(&self) -> bool {
        self.0.paused
    }

    /// The cursor of `changes` up to which changes were taken up.
    async fn cursor(&self) -> String {
        changes_cursor(self.0.place)
    }

    /// How many attempts failed since the last one that did not.
    async fn failures(&self) -> i32 {
        i32::try_from(self.0.failures).unwrap_or(i32::MAX)
    }

    /// When the first of them was; null: the last attempt did not fail.
    async fn failing_since(&self) -> Option<DateTime> {
        self.0.failing_since.map(DateTime)
    }

    /// How many deliveries are on their way.
    async fn pending(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(i32::try_from(self.backlog(ctx).await?.pending).unwrap_or(i32::MAX))
    }

    /// How many deliveries were given up, as far as they are kept.
    async fn dead(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(i32::try_from(self.backlog(ctx).await?.dead).unwrap_or(i32::MAX))
    }

    /// What its messages are signed by now, the newest first; never the secrets.
    async fn keys(&self, ctx: &Context<'_>) -> Result<Vec<WebhookKeyNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let load = || async { app.store().webhook_keys(&session.scope, &self.ids()).await };
        let found = self.0.related().keys.get_or_try_init(load).await?;
        let own = found.iter().filter(|key| key.webhook_id == self.0.id);
        Ok(own.filter(|key| key.until.is_none_or(|until| session.now < until)).filter_map(WebhookKeyNode::of).collect())
    }
}

/// What a webhook's messages are signed by.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "WebhookKey")]
pub(crate) struct WebhookKeyNode {
    /// How it signs.
    signature: WebhookSignature,
    /// Of an Ed25519 key the half that receivers verify by, `whpk_…`; null: an HMAC key has none.
    public_key: Option<String>,
    /// When it was made.
    made_at: DateTime,
    /// The first instant at which it signs no more; null: not before another takes its place.
    until: Option<DateTime>,
}

impl WebhookKeyNode {
    fn of(record: &KeyRecord) -> Option<Self> {
        let key = WebhookKey::read(&record.secret).ok()?;
        let (made_at, until) = (DateTime(record.made_at), record.until.map(DateTime));
        Some(Self { signature: key.kind().into(), public_key: key.public_key(), made_at, until })
    }
}

/// What deliveries read together relate to.
#[derive(Debug, Default)]
pub(crate) struct DeliveryRelated {
    webhooks: OnceCell<HashMap<Uuid, WebhookNode>>,
    changes: OnceCell<HashMap<Uuid, ChangeNode>>,
}

/// A delivery in the API.
#[derive(Clone, Debug)]
pub(crate) struct DeliveryNode {
    member: Member<DeliveryRecord, DeliveryRelated>,
    key: String,
}

impl DeliveryNode {
    pub(crate) fn all(records: Vec<DeliveryRecord>) -> impl Iterator<Item = Self> {
        Member::all(records).map(|member: Member<DeliveryRecord, _>| Self { key: member.id.to_string(), member })
    }

    pub(crate) fn uuid(&self) -> Uuid {
        self.member.id
    }

    async fn load_webhooks(&self, ctx: &Context<'_>) -> Result<HashMap<Uuid, WebhookNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let mut handles: Vec<Handle> = self.member.siblings().iter().map(|d| Handle::Id(d.webhook_id)).collect();
        handles.dedup();
        let found = app.store().find_webhooks(&session.scope, &handles).await?;
        let found: HashMap<Uuid, WebhookRecord> = found.into_values().map(|record| (record.id, record)).collect();
        Ok(WebhookNode::all(found.into_values().collect()).map(|node| (node.uuid(), node)).collect())
    }

    /// The changes of the whole cohort, as a cohort of their own.
    async fn load_changes(&self) -> HashMap<Uuid, ChangeNode> {
        let change = |delivery: &DeliveryRecord| match &delivery.what {
            Delivered::Change(change) => Some((delivery.id, change.clone())),
            Delivered::Gap => None,
        };
        let (ids, records): (Vec<Uuid>, Vec<_>) = self.member.siblings().iter().filter_map(change).unzip();
        ids.into_iter().zip(ChangeNode::all(records)).collect()
    }
}

impl Item for DeliveryNode {
    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.key)
    }
}

/// A change on its way to a webhook, arrived there, or given up.
#[Object(name = "WebhookDelivery")]
impl DeliveryNode {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        Kind::WebhookDelivery.id(self.member.id)
    }

    /// Where to.
    async fn webhook(&self, ctx: &Context<'_>) -> Result<Option<WebhookNode>> {
        let found = self.member.related().webhooks.get_or_try_init(|| self.load_webhooks(ctx)).await?;
        Ok(found.get(&self.member.webhook_id).cloned())
    }

    /// The `webhook-id` of its message: the same at every attempt and every webhook, so that receivers can tell what they
    /// have had.
    async fn message_id(&self) -> String {
        format!("msg_{}", self.member.message.simple())
    }

    /// The `type` of its message: what happened in words of the subject, or webhook.gap.
    async fn event(&self) -> &str {
        &self.member.event
    }

    /// What happened; null for webhook.gap.
    async fn change(&self) -> Option<ChangeNode> {
        let changes = self.member.related().changes.get_or_init(|| self.load_changes()).await;
        changes.get(&self.member.id).cloned()
    }

    /// What has become of it.
    async fn state(&self) -> WebhookDeliveryState {
        self.member.state.into()
    }

    /// When it was taken up, or put in again.
    async fn queued_at(&self) -> DateTime {
        DateTime(self.member.queued_at)
    }

    /// When it arrived, or was given up.
    async fn settled_at(&self) -> Option<DateTime> {
        self.member.settled_at.map(DateTime)
    }

    /// The last 30 attempts, oldest first.
    async fn attempts(&self) -> Vec<WebhookAttempt> {
        self.member.attempts.iter().filter_map(WebhookAttempt::of).collect()
    }
}

/// One time that a message was sent.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct WebhookAttempt {
    /// When.
    at: DateTime,
    /// How long it took.
    took: Duration,
    /// The HTTP status that was answered; null: there was no answer.
    status: Option<i32>,
    /// Why it failed; null: the receiver has taken the message.
    problem: Option<String>,
    /// The beginning of what was answered, up to 500 bytes.
    answer: String,
}

impl WebhookAttempt {
    pub(crate) fn of(attempt: &Attempt) -> Option<Self> {
        Some(Self {
            at: DateTime(Timestamp::from_microsecond(attempt.at).ok()?),
            took: Duration(time::Duration::from_micros(attempt.took)),
            status: attempt.status.map(i32::from),
            problem: attempt.problem.clone(),
            answer: attempt.answer.clone(),
        })
    }
}
