//! What can be asked of webhooks and done with them.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object, Result};

use super::{
    context::Serving,
    errors::forbidden,
    ids::Kind,
    inputs::{DeleteWebhookInput, PutWebhookInput, ReplayWebhookInput, RotateWebhookSecretInput, TestWebhookInput},
    paging::{Connection, List, Slice},
    payload::Payloads,
    payloads::{
        DeleteWebhookPayload, PutWebhookPayload, ReplayWebhookPayload, RotateWebhookSecretPayload, TestWebhookPayload,
        perform, read, settle,
    },
    reference::Ref,
    types::{DeliveryNode, WebhookAttempt, WebhookDeliveryState, WebhookNode},
};
use crate::{
    app::{Problems, UserErrorCode},
    auth::{Scope, ScopeSet},
    store::{DeliveryFilter, Uuid},
};

/// Which deliveries a list holds.
#[derive(Debug, Default, InputObject)]
pub(crate) struct WebhookDeliveryFilter {
    /// To this webhook.
    webhook: Option<Ref>,
    /// Of which has become one of these.
    state: Option<Vec<WebhookDeliveryState>>,
}

/// What can be asked of webhooks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct WebhookQuery;

/// What can be asked of webhooks.
#[Object]
impl WebhookQuery {
    /// A webhook.
    async fn webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How it is named.")] by: Ref,
    ) -> Result<Option<WebhookNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let handle = by.named(Kind::Webhook);
        let found = app.store().find_webhooks(&session.scope, &[handle]).await?;
        Ok(WebhookNode::all(found.into_values().collect()).next())
    }

    /// The webhooks, by code.
    async fn webhooks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Connection<WebhookNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let window = Slice { first, after, last, before }.window(&List::Webhooks)?;
        let page = app.store().page_webhooks(&session.scope, &window).await?;
        Ok(Connection::of(List::Webhooks, &window, page, WebhookNode::all))
    }

    /// What is on its way to webhooks, has arrived or was given up, in the order in which it was taken up. What arrived is
    /// kept for a week, what was given up for 90 days. A filter by a webhook that is not there gives an empty page.
    async fn webhook_deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which.")] filter: Option<WebhookDeliveryFilter>,
    ) -> Result<Connection<DeliveryNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let WebhookDeliveryFilter { webhook, state } = filter.unwrap_or_default();
        let states = state.unwrap_or_default().into_iter().map(Into::into).collect();
        let mut filter = DeliveryFilter { webhook: None, states };
        let window = Slice { first, after, last, before }.window(&List::WebhookDeliveries(filter.clone()))?;
        if let Some(webhook) = webhook {
            let handle = webhook.named(Kind::Webhook);
            let found = app.store().find_webhooks(&session.scope, &[handle]).await?.into_values().next();
            // No webhook has this id.
            filter.webhook = Some(found.map_or(Uuid::nil(), |webhook| webhook.id));
        }
        let page = app.store().page_deliveries(&session.scope, &filter, &window).await?;
        Ok(Connection::of(List::WebhookDeliveries(filter), &window, page, DeliveryNode::all))
    }
}

/// What can be done with webhooks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct WebhookMutation;

/// What can be done with webhooks.
#[Object]
impl WebhookMutation {
    /// Makes or changes a webhook. It gets what happens from now on, and reads with the token's scopes; the token needs
    /// `changes:read` too.
    async fn put_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be.")] input: PutWebhookInput,
    ) -> Result<PutWebhookPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let scopes = session.caller.scopes();
        if !scopes.contains(Scope::ChangesRead) {
            return Err(forbidden(
                Scope::ChangesRead,
                "A webhook sends changes: this needs a token with changes:read.",
            ));
        }
        let payloads = ctx.data::<Arc<Payloads>>()?;
        let put = read(|p| {
            check_selection(p, payloads, input.selection(), scopes);
            input.read(p)
        });
        let (done, errors) = settle(perform(put, |put| app.put_webhook(session, put)).await)?;
        let (webhook, secret) = done.unzip();
        Ok(PutWebhookPayload { webhook: webhook.and_then(WebhookNode::one), secret: secret.flatten(), errors })
    }

    /// Removes a webhook, with all that is on its way and all that is known of its deliveries.
    async fn delete_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: DeleteWebhookInput,
    ) -> Result<DeleteWebhookPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let delete = async |handle| app.delete_webhook(session, &handle).await;
        let (webhook, errors) = settle(perform(read(|p| input.read(p)), delete).await)?;
        Ok(DeleteWebhookPayload { webhook: webhook.and_then(WebhookNode::one), errors })
    }

    /// Gives a webhook a new key. For a while its messages are signed by the old one too.
    async fn rotate_webhook_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and for how long the old key goes on.")] input: RotateWebhookSecretInput,
    ) -> Result<RotateWebhookSecretPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let rotate = |rotate| app.rotate_webhook_secret(session, rotate);
        let (done, errors) = settle(perform(read(|p| input.read(p, session.now)), rotate).await)?;
        let (webhook, secret) = done.unzip();
        Ok(RotateWebhookSecretPayload { webhook: webhook.and_then(WebhookNode::one), secret: secret.flatten(), errors })
    }

    /// Sends a message of type `webhook.test` at once, and once, and tells what came of it.
    async fn test_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: TestWebhookInput,
    ) -> Result<TestWebhookPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let test = async |handle| app.test_webhook(session, &handle).await;
        let (done, errors) = settle(perform(read(|p| input.read(p)), test).await)?;
        let (webhook, attempt) = done.unzip();
        let attempt = attempt.as_ref().and_then(WebhookAttempt::of);
        Ok(TestWebhookPayload { webhook: webhook.and_then(WebhookNode::one), attempt, errors })
    }

    /// Sends anew, in order and with the ids of before, what arrived or was given up, and at once what waits for its next
    /// attempt.
    async fn replay_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "To which webhook, and what.")] input: ReplayWebhookInput,
    ) -> Result<ReplayWebhookPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let replay = async |(handle, replay)| app.replay_webhook(session, &handle, replay).await;
        let (webhook, errors) = settle(perform(read(|p| input.read(p)), replay).await)?;
        Ok(ReplayWebhookPayload { webhook: webhook.and_then(WebhookNode::one), errors })
    }
}

/// Puts down what of a selection does not fit the schema or the scopes.
fn check_selection(p: &mut Problems, payloads: &Payloads, selection: Option<&str>, scopes: ScopeSet) {
    for problem in selection.map(|selection| payloads.problems(selection, scopes)).unwrap_or_default() {
        p.at("selection", |p| p.refuse(UserErrorCode::Invalid, problem));
    }
}
