//! A subscription, from its JSON to the JSON of each of its answers.
//!
//! What was subscribed to is answered anew for each event: with the caller as it is then, and the time that it is then.
//! So whoever may see less than before gets less, and who may see nothing gets nothing.

use std::{
    collections::{HashSet, VecDeque},
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use async_graphql::{Request, Response, parser::types::ExecutableDocument};
use futures_util::StreamExt;

use super::{
    RemitSchema,
    context::Serving,
    errors,
    feed::gone,
    request::{GraphqlRequest, OperationKind, Outline, Prepared},
    scopes::Roots,
    serve::{Api, Reply, Taken},
    subscription::{Event, Occasion, Topic},
};
use crate::{
    app::{App, Next, Reading, Session},
    store::{ChangeRecord, Scope, StoreError, Subject, Uuid},
};

/// Changes that were read together share what they load. After so long they are read anew: what is slow to be sent is not
/// to be answered with what was so long ago.
const FRESH: Duration = Duration::from_secs(1);

/// What an operation came to, where it may be one that listens.
#[derive(Debug)]
pub enum Listening {
    /// It has its one answer.
    Answered(Reply),
    /// It listens.
    Events(Box<Events>),
}

/// What somebody has subscribed to.
pub struct Events {
    app: Arc<App>,
    schema: RemitSchema,
    operation: Operation,
    topic: Topic,
    reading: Reading,
    /// What was read and has not been answered with, and when it was read.
    changes: VecDeque<ChangeRecord>,
    events: VecDeque<Event>,
    read_at: Instant,
}

/// An operation that is run many times.
#[derive(Clone)]
struct Operation {
    document: ExecutableDocument,
    name: Option<String>,
    variables: async_graphql::Variables,
    roots: Roots,
    outline: Arc<Outline>,
}

/// What waiting for an event comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waited {
    /// There is something: [`Events::answer`] answers with it.
    Event,
    /// The server is about to end.
    Closing,
}

impl Operation {
    fn of(prepared: Prepared) -> Self {
        let roots = Roots { fields: prepared.roots, is_mutation: false };
        let Prepared { document, operation_name, variables, outline, .. } = prepared;
        Self { document, name: operation_name, variables, roots, outline }
    }

    /// Runs it on an occasion, in a task of its own: what panics takes this answer with it and nothing else.
    async fn run(&self, schema: &RemitSchema, serving: Serving, occasion: Occasion) -> Option<Response> {
        let mut request = Request::new(String::new()).variables(self.variables.clone());
        request.operation_name.clone_from(&self.name);
        request.set_parsed_query(self.document.clone());
        let request = request.data(serving).data(self.roots.clone()).data(occasion);
        let schema = schema.clone();
        let run = async move { schema.execute_stream(request).next().await };
        match tokio::spawn(run).await {
            Ok(response) => response.map(|mut response| {
                self.outline.complete(&mut response);
                response
            }),
            Err(failed) => {
                tracing::error!(error = %failed, "a subscription panicked");
                None
            }
        }
    }
}

impl Api {
    /// Answers a request on behalf of a caller, or begins to listen.
    pub async fn listen(&self, session: Session, request: &GraphqlRequest, taken: Taken) -> Listening {
        if request.dry_run || self.kind(request) != Some(OperationKind::Subscription) {
            return Listening::Answered(self.answer(session, request, taken).await);
        }
        let ready = self.ready(request).and_then(|prepared| {
            self.spend(&session, &prepared)?;
            Ok(prepared)
        });
        match ready {
            Ok(prepared) => self.begin(session, Operation::of(prepared)).await,
            Err(refused) => Listening::Answered(refused),
        }
    }

    async fn begin(&self, session: Session, operation: Operation) -> Listening {
        let topic = Arc::new(OnceLock::new());
        let serving = Serving { app: Arc::clone(self.app()), session: session.clone() };
        let refused_at = operation.run(self.guarded(), serving, Occasion::Beginning(Arc::clone(&topic))).await;
        let Some(topic) = topic.get().cloned() else {
            return Listening::Answered(Reply::not_begun(refused_at));
        };
        match self.app().read_along(&session.scope, topic.after(), topic.subjects()).await {
            Ok(reading) => Listening::Events(Box::new(Events {
                app: Arc::clone(self.app()),
                schema: self.guarded().clone(),
                operation,
                topic,
                reading,
                changes: VecDeque::new(),
                events: VecDeque::new(),
                read_at: Instant::now(),
            })),
            Err(fault) => Listening::Answered(failed(fault.into())),
        }
    }
}

impl Events {
    /// Waits until there is something to answer with. Nothing is lost when the waiting is given up.
    ///
    /// # Errors
    /// The last answer, where it cannot go on.
    pub async fn wait(&mut self, scope: &Scope) -> Result<Waited, Reply> {
        while self.changes.is_empty() && self.events.is_empty() {
            match self.reading.next(scope).await.map_err(|fault| failed(fault.into()))? {
                Next::Closing => return Ok(Waited::Closing),
                Next::Gone(why) => return Err(failed(gone(why))),
                Next::Changes(changes) => self.changes.extend(changes),
            }
        }
        Ok(Waited::Event)
    }

    /// Answers with the next event, as it is for the caller now; none: for this caller there is nothing in it.
    ///
    /// # Errors
    /// The last answer, where it cannot go on.
    pub async fn answer(&mut self, session: &Session) -> Result<Option<Reply>, Reply> {
        let one_by_one = matches!(self.topic, Topic::Changes { .. });
        if self.events.is_empty() || (one_by_one && self.read_at.elapsed() > FRESH) {
            let changes = self.visible(session).await.map_err(|fault| failed(fault.into()))?;
            self.events = self.topic.events(changes).into();
            self.read_at = Instant::now();
        }
        // What happened stays at hand until it is answered with, or until all of it is an event.
        let answered = if one_by_one { 1 } else { self.changes.len() };
        self.changes.drain(..answered.min(self.changes.len()));
        let event = self.events.pop_front();
        let Some(event) = event else { return Ok(None) };
        let serving = Serving { app: Arc::clone(&self.app), session: session.clone() };
        let response = self.operation.run(&self.schema, serving, Occasion::Event(event)).await;
        Ok(response.map(|response| Reply::event(Some(response))))
    }

    /// The changes at hand, without those of drafts for a caller who is bound to a client.
    async fn visible(&self, session: &Session) -> Result<Vec<ChangeRecord>, StoreError> {
        let changes: Vec<ChangeRecord> = self.changes.iter().cloned().collect();
        if !session.scope.is_client_bound() {
            return Ok(changes);
        }
        let of_terms = |change: &&ChangeRecord| change.subject == Subject::Terms;
        let terms: Vec<Uuid> = changes.iter().filter(of_terms).map(|change| change.subject_id).collect();
        let offered = self.app.store().terms(&session.scope, &terms).await?;
        let offered: HashSet<Uuid> = offered.into_iter().map(|terms| terms.id).collect();
        let is_seen = |change: &ChangeRecord| change.subject != Subject::Terms || offered.contains(&change.subject_id);
        Ok(changes.into_iter().filter(|change| session.scope.sees(change) && is_seen(change)).collect())
    }
}

/// The answer that ends a subscription.
fn failed(error: async_graphql::Error) -> Reply {
    Reply::event(Some(Response::from_errors(vec![errors::of_no_field(error)])))
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Events").field("topic", &self.topic).finish_non_exhaustive()
    }
}
