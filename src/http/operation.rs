//! One operation of somebody who stays: its one answer, or one for each event.

use bytestring::ByteString;
use tokio::sync::mpsc;

use super::{asker::Asker, graphql::Rejection};
use crate::graphql::{Events, Listening, Reply, ReplyOutcome, Taken, Waited, request::GraphqlRequest};

/// What is to be sent of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// An answer, as JSON.
    Next(ByteString),
    /// The errors for which there is no answer, and no more will come, as the JSON of an answer.
    Failed(ByteString),
    /// No more will come.
    Complete,
    /// The token holds no longer.
    Forbidden,
}

impl From<Rejection> for What {
    fn from(rejection: Rejection) -> Self {
        if rejection.is_of_token() { Self::Forbidden } else { Self::Failed(rejection.body().into()) }
    }
}

/// Something to be sent, and of which operation.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) operation: u64,
    pub(super) what: What,
}

/// Where an operation says what is to be sent. It holds little: who is slow to listen is slow to be told.
#[derive(Clone, Debug)]
pub(super) struct Outlet {
    pub(super) sender: mpsc::Sender<Said>,
    pub(super) operation: u64,
}

/// Nobody listens any more, or nothing is left to say.
struct Ended;

impl Outlet {
    async fn say(&self, what: What) -> Result<(), Ended> {
        let ends = !matches!(what, What::Next(_));
        let said = Said { operation: self.operation, what };
        self.sender.send(said).await.map_err(|_| Ended)?;
        if ends { Err(Ended) } else { Ok(()) }
    }
}

/// Runs an operation to its end.
pub(super) async fn run(asker: Asker, request: GraphqlRequest, taken: Taken, outlet: Outlet) {
    // Either way there is nothing left to say.
    answer(&asker, &request, taken, &outlet).await.ok();
}

async fn answer(asker: &Asker, request: &GraphqlRequest, taken: Taken, outlet: &Outlet) -> Result<(), Ended> {
    let session = match asker.session().await {
        Ok(session) => session,
        Err(rejection) => return outlet.say(rejection.into()).await,
    };
    let scope = session.scope.clone();
    match asker.server().api.listen(session, request, taken).await {
        Listening::Answered(Reply { outcome: ReplyOutcome::Executed, body, .. }) => {
            outlet.say(What::Next(body)).await?;
            outlet.say(What::Complete).await
        }
        Listening::Answered(Reply { body, .. }) => outlet.say(What::Failed(body)).await,
        Listening::Events(mut events) => loop {
            match events.wait(&scope).await {
                Ok(Waited::Event) => tell(asker, &mut events, outlet).await?,
                Ok(Waited::Closing) => return Ok(()),
                Err(last) => outlet.say(What::Failed(last.body)).await?,
            }
        },
    }
}

/// Tells the next event, if there is anything in it for whoever asks now.
async fn tell(asker: &Asker, events: &mut Events, outlet: &Outlet) -> Result<(), Ended> {
    let session = match asker.session().await {
        Ok(session) => session,
        Err(rejection) => return outlet.say(rejection.into()).await,
    };
    match events.answer(&session).await {
        Ok(None) => Ok(()),
        Ok(Some(Reply { outcome: ReplyOutcome::Executed, body, .. })) => outlet.say(What::Next(body)).await,
        Ok(Some(last)) | Err(last) => outlet.say(What::Failed(last.body)).await,
    }
}
