//! Who asks.

use async_graphql::{Context, Object, Result};

use super::ClientNode;
use crate::{graphql::context::Serving, store::Handle};

/// Who asks, as the token says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Viewer;

/// Who asks, as the token says.
#[Object]
impl Viewer {
    /// The token's subject.
    async fn subject<'a>(&self, ctx: &Context<'a>) -> Result<&'a str> {
        Ok(Serving::of(ctx)?.session.caller.subject())
    }

    /// What the token allows.
    async fn scopes(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        Ok(Serving::of(ctx)?.session.caller.scopes().iter().map(|scope| scope.to_string()).collect())
    }

    /// The provider whose objects the token reaches.
    async fn provider<'a>(&self, ctx: &Context<'a>) -> Result<&'a str> {
        Ok(Serving::of(ctx)?.session.caller.provider().as_str())
    }

    /// The client that the token is bound to; null: it is bound to none, or to one that is not there.
    async fn client(&self, ctx: &Context<'_>) -> Result<Option<ClientNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let Some(client) = session.scope.client() else { return Ok(None) };
        let found = app.store().find_clients(&session.scope, &[Handle::Id(client)]).await?;
        Ok(ClientNode::all(found.into_values().collect()).next())
    }
}
