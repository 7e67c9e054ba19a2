//! The roots of who may ask, and of who did what: API clients, revocations, the audit trail.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::{
    context::Serving,
    ids::{self, Kind},
    inputs::{PutApiClientInput, RevokeTokensInput, RotateApiClientInput},
    paging::{Connection, List, Slice},
    payloads::{UserError, perform, read, settle},
    reference::Ref,
    scalars::DateTime,
    types::{ApiClientNode, AuditNode, AuditedType, RevocationNode},
};
use crate::{
    auth::ApiSecret,
    store::{self, ApiClientRecord, Uuid},
};

/// Which entries of the audit trail a list holds.
#[derive(Debug, Default, InputObject)]
#[graphql(name = "AuditFilter")]
pub(crate) struct AuditFilterInput {
    /// Of these kinds of object.
    types: Option<Vec<AuditedType>>,
    /// Of the object with this id.
    subject_id: Option<ID>,
    /// By the token's subject.
    actor: Option<String>,
    /// Not before.
    from: Option<DateTime>,
    /// Before.
    to: Option<DateTime>,
}

impl AuditFilterInput {
    fn read(self) -> store::AuditFilter {
        // An id that is none of ours names nothing.
        let object = |id: ID| ids::read(&id).map_or(Uuid::nil(), |(_, uuid)| uuid);
        store::AuditFilter {
            kinds: self.types.map(|types| types.into_iter().map(Into::into).collect()),
            object: self.subject_id.map(object),
            actor: self.actor,
            from: self.from.map(|at| at.0),
            to: self.to.map(|at| at.0),
        }
    }
}

/// What can be asked of who may ask, and of who did what.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AccessQuery;

/// What can be asked of who may ask, and of who did what.
#[Object]
impl AccessQuery {
    /// An API client.
    async fn api_client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How it is named.")] by: Ref,
    ) -> Result<Option<ApiClientNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let handle = by.named(Kind::ApiClient);
        Ok(ApiClientNode::all(app.store().find_api_clients(&session.scope, &[handle]).await?).next())
    }

    /// The API clients, by code.
    async fn api_clients(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Connection<ApiClientNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let window = Slice { first, after, last, before }.window(&List::ApiClients)?;
        let page = app.store().page_api_clients(&session.scope, &window).await?;
        Ok(Connection::of(List::ApiClients, &window, page, ApiClientNode::all))
    }

    /// What was revoked, oldest first.
    async fn revocations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Connection<RevocationNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let window = Slice { first, after, last, before }.window(&List::Revocations)?;
        let page = app.store().page_revocations(&session.scope, &window).await?;
        Ok(Connection::of(List::Revocations, &window, page, RevocationNode::all))
    }

    /// Who did what to what, oldest first. What is being written while you read may take its place a moment later.
    async fn audit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which.")] filter: Option<AuditFilterInput>,
    ) -> Result<Connection<AuditNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let filter = filter.unwrap_or_default().read();
        let list = List::Audit(filter.clone());
        let window = Slice { first, after, last, before }.window(&list)?;
        let page = app.store().page_audit(&session.scope, &filter, &window).await?;
        Ok(Connection::of(list, &window, page, AuditNode::all))
    }
}

/// What putting an API client came to.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct PutApiClientPayload {
    /// The API client.
    api_client: Option<ApiClientNode>,
    /// Its first secret, when it is new: shown this once, and kept nowhere.
    secret: Option<String>,
    /// What was refused; then nothing was done.
    errors: Vec<UserError>,
}

/// What rotating came to.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct RotateApiClientPayload {
    /// The API client.
    api_client: Option<ApiClientNode>,
    /// Its new secret: shown this once, and kept nowhere.
    secret: Option<String>,
    /// What was refused; then nothing was done.
    errors: Vec<UserError>,
}

/// What revoking came to.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct RevokeTokensPayload {
    /// What is revoked.
    revocation: Option<RevocationNode>,
    /// What was refused; then nothing was done.
    errors: Vec<UserError>,
}

/// What can be done about who may ask.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AccessMutation;

/// What can be done about who may ask.
#[Object]
impl AccessMutation {
    /// Makes an API client, with its first secret, or changes one. What takes something away from it revokes its tokens.
    async fn put_api_client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be.")] input: PutApiClientInput,
    ) -> Result<PutApiClientPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let provider = session.caller.provider();
        let outcome = perform(read(|p| input.read(p, provider)), |put| app.put_api_client(session, put)).await;
        let (done, errors) = settle(outcome)?;
        let (api_client, secret) = shown(done);
        Ok(PutApiClientPayload { api_client, secret, errors })
    }

    /// Gives an API client another secret; those that it has are taken for a while still.
    async fn rotate_api_client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and for how long its secrets are taken still.")] input: RotateApiClientInput,
    ) -> Result<RotateApiClientPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let outcome = perform(read(|p| input.read(p)), |rotate| app.rotate_api_client(session, rotate)).await;
        let (done, errors) = settle(outcome)?;
        let (api_client, secret) = shown(done.map(|(record, secret)| (record, Some(secret))));
        Ok(RotateApiClientPayload { api_client, secret, errors })
    }

    /// Takes tokens no more: here at once, and on every other server, or where the request has an `Idempotency-Key`, within
    /// ten seconds.
    async fn revoke_tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: RevokeTokensInput,
    ) -> Result<RevokeTokensPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let outcome = perform(read(|p| input.read(p)), |revoke| app.revoke(session, revoke)).await;
        let (revocation, errors) = settle(outcome)?;
        Ok(RevokeTokensPayload { revocation: revocation.map(RevocationNode::of), errors })
    }
}

/// An API client with the secret that is shown this once.
fn shown(done: Option<(ApiClientRecord, Option<ApiSecret>)>) -> (Option<ApiClientNode>, Option<String>) {
    let (record, secret) = done.unzip();
    let node = record.and_then(|record| ApiClientNode::all(vec![record]).next());
    (node, secret.flatten().map(|secret| secret.expose().to_owned()))
}
