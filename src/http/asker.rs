//! Who stays and listens: asked anew, for as long as it lasts, whether the token still holds.

use std::{sync::Arc, time::Duration};

use super::{
    Server,
    graphql::{Rejection, session, verify},
};
use crate::{app::Session, auth::Caller};

/// Somebody with a token, for longer than one request.
#[derive(Clone)]
pub(super) struct Asker {
    server: Arc<Server>,
    token: String,
}

impl Asker {
    pub(super) fn new(server: Arc<Server>, token: String) -> Self {
        Self { server, token }
    }

    pub(super) fn server(&self) -> &Arc<Server> {
        &self.server
    }

    /// Who asks, as it is now.
    pub(super) async fn session(&self) -> Result<Session, Rejection> {
        session(&self.server, &self.token).await
    }

    /// Whether the token still holds, as far as is known: while it cannot be looked at, it does.
    pub(super) async fn holds(&self) -> bool {
        let verified = verify(&self.server, &self.token, (self.server.clock)().as_second()).await;
        !verified.is_err_and(|rejection| rejection.is_of_token())
    }

    /// How long the token is good for: to the second of its `exp`, without the leeway that requests are given.
    pub(super) fn good_for(&self, caller: &Caller) -> Duration {
        let seconds = caller.expires_at().saturating_sub((self.server.clock)().as_second());
        Duration::from_secs(seconds.try_into().unwrap_or_default())
    }
}
