//! Who may ask: API clients with their secrets, and what was revoked.

use std::{borrow::Cow, collections::HashMap};

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use tokio::sync::OnceCell;

use super::ClientNode;
use crate::{
    auth::{Revocable, Scope},
    graphql::{
        cohort::Member,
        context::Serving,
        ids::Kind,
        paging::Item,
        scalars::{DateTime, Duration},
    },
    store::{ApiClientRecord, Handle, RevocationRecord, SecretRecord, Uuid},
};

/// What API clients loaded together relate to.
#[derive(Debug, Default)]
pub(crate) struct Related {
    secrets: OnceCell<HashMap<Uuid, Vec<SecretRecord>>>,
    clients: OnceCell<HashMap<Uuid, ClientNode>>,
}

/// An API client in the API.
#[derive(Clone, Debug)]
pub(crate) struct ApiClientNode(Member<ApiClientRecord, Related>);

impl ApiClientNode {
    pub(crate) fn all(records: Vec<ApiClientRecord>) -> impl Iterator<Item = Self> {
        Member::all(records).map(Self)
    }

    pub(crate) fn uuid(&self) -> Uuid {
        self.0.id
    }

    async fn kept(&self, ctx: &Context<'_>) -> Result<&[SecretRecord]> {
        let Serving { app, session } = Serving::of(ctx)?;
        let ids: Vec<Uuid> = self.0.siblings().iter().map(|record| record.id).collect();
        let load = || app.store().api_secrets(&session.scope, &ids);
        let found = self.0.related().secrets.get_or_try_init(load).await?;
        Ok(found.get(&self.0.id).map_or(&[], Vec::as_slice))
    }

    async fn load_clients(&self, ctx: &Context<'_>) -> Result<HashMap<Uuid, ClientNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let mut bound: Vec<Uuid> = self.0.siblings().iter().filter_map(|record| record.client_id).collect();
        bound.sort_unstable();
        bound.dedup();
        let handles: Vec<Handle> = bound.into_iter().map(Handle::Id).collect();
        let found = app.store().find_clients(&session.scope, &handles).await?;
        Ok(ClientNode::all(found.into_values().collect()).map(|node| (node.uuid(), node)).collect())
    }
}

impl Item for ApiClientNode {
    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0.code)
    }
}

/// Software that gets its tokens from this server, at `/oauth/token`, by an id and a secret.
#[Object(name = "ApiClient")]
impl ApiClientNode {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        Kind::ApiClient.id(self.0.id)
    }

    /// The code, unique per provider; it never changes.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// What it calls itself when it asks for a token: the provider's code, a dot, and `code`. Its tokens have it as
    /// `client_id` and as `sub`.
    async fn client_id(&self, ctx: &Context<'_>) -> Result<String> {
        let provider = Serving::of(ctx)?.session.caller.provider();
        Ok(format!("{provider}.{}", self.0.code))
    }

    /// The name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What its tokens may allow.
    async fn scopes(&self) -> Vec<&'static str> {
        self.0.scopes.iter().map(Scope::as_str).collect()
    }

    /// The one client that its tokens are bound to; null: they see the provider's whole.
    async fn client(&self, ctx: &Context<'_>) -> Result<Option<ClientNode>> {
        let Some(client) = self.0.client_id else { return Ok(None) };
        let found = self.0.related().clients.get_or_try_init(|| self.load_clients(ctx)).await?;
        Ok(found.get(&client).cloned())
    }

    /// How long a token holds.
    async fn token_ttl(&self) -> Duration {
        Duration(remit_domain::Duration::from_micros(i64::from(self.0.token_seconds) * 1_000_000))
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// From when on it gets no tokens.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.expires_at.map(DateTime)
    }

    /// Whether somebody said that it gets no tokens.
    async fn disabled(&self) -> bool {
        self.0.disabled_at.is_some()
    }

    /// Since when it gets none.
    async fn disabled_at(&self) -> Option<DateTime> {
        self.0.disabled_at.map(DateTime)
    }

    /// When it got a token last, to the minute; null: never.
    async fn last_used_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        Ok(self.kept(ctx).await?.iter().filter_map(|secret| secret.last_used_at).max().map(DateTime))
    }

    /// Its secrets that are taken, oldest first: what is known of them, never the secrets themselves.
    async fn secrets(&self, ctx: &Context<'_>) -> Result<Vec<ApiSecret>> {
        let now = Serving::of(ctx)?.session.now;
        Ok(self.kept(ctx).await?.iter().filter(|secret| secret.is_taken(now)).map(Into::into).collect())
    }
}

/// What is known of a secret of an API client.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct ApiSecret {
    /// When it was made.
    created_at: DateTime,
    /// From when on it is not taken; null: it is taken until another replaces it.
    expires_at: Option<DateTime>,
    /// When a token was got with it last, to the minute; null: never.
    last_used_at: Option<DateTime>,
}

impl From<&SecretRecord> for ApiSecret {
    fn from(record: &SecretRecord) -> Self {
        Self {
            created_at: DateTime(record.created_at),
            expires_at: record.expires_at.map(DateTime),
            last_used_at: record.last_used_at.map(DateTime),
        }
    }
}

/// Something revoked, in the API.
#[derive(Clone, Debug)]
pub(crate) struct RevocationNode {
    record: RevocationRecord,
    key: String,
}

impl RevocationNode {
    pub(crate) fn of(record: RevocationRecord) -> Self {
        let key = record.id.simple().to_string();
        Self { record, key }
    }

    pub(crate) fn all(records: Vec<RevocationRecord>) -> impl Iterator<Item = Self> {
        records.into_iter().map(Self::of)
    }

    pub(crate) fn uuid(&self) -> Uuid {
        self.record.id
    }
}

impl Item for RevocationNode {
    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.key)
    }
}

/// Tokens that are taken no more, although they may hold still. Exactly one of `jti`, `subject` and `clientId` is set.
#[Object(name = "Revocation")]
impl RevocationNode {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        Kind::Revocation.id(self.record.id)
    }

    /// The one token with this id.
    async fn jti(&self) -> Option<&str> {
        match &self.record.what {
            Revocable::Token(jti) => Some(jti),
            _ => None,
        }
    }

    /// All tokens of this subject.
    async fn subject(&self) -> Option<&str> {
        match &self.record.what {
            Revocable::Subject(subject, _) => Some(subject),
            _ => None,
        }
    }

    /// All tokens of this software.
    async fn client_id(&self) -> Option<&str> {
        match &self.record.what {
            Revocable::Software(client_id, _) => Some(client_id),
            _ => None,
        }
    }

    /// Of a subject's or a software's only those that were issued before.
    async fn issued_before(&self) -> Option<DateTime> {
        match &self.record.what {
            Revocable::Subject(_, before) | Revocable::Software(_, before) => Some(DateTime(*before)),
            Revocable::Token(_) => None,
        }
    }

    /// Why.
    async fn reason(&self) -> &str {
        &self.record.reason
    }

    /// Who did it: the subject of the token.
    async fn revoked_by(&self) -> &str {
        &self.record.revoked_by
    }

    /// When.
    async fn revoked_at(&self) -> DateTime {
        DateTime(self.record.revoked_at)
    }
}
