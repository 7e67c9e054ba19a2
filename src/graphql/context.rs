//! What every resolver finds in its context.

use async_graphql::{Context, Result};

use crate::app::{App, Session};

/// The use cases and who asks, for one request.
#[derive(Clone, Debug)]
pub(crate) struct Serving {
    pub(crate) app: App,
    pub(crate) session: Session,
}

impl Serving {
    pub(crate) fn of<'a>(ctx: &Context<'a>) -> Result<&'a Self> {
        ctx.data::<Self>()
    }
}
