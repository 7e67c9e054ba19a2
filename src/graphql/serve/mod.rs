//! One request, from its JSON to the JSON of its answer: checked, priced, let in, run, and told.

mod bulk;
mod keyed;
mod messages;
mod reply;
mod run;
mod waits;

use std::{sync::Arc, time::Duration};

use async_graphql::Value;
use futures_util::future::BoxFuture;
use remit_domain::Timestamp;

use super::{
    RemitSchema,
    admission::{Admission, AdmissionRules, Refused},
    as_json::AsJson,
    context::Serving,
    costs, errors, guarded_schema, open_schema,
    payload::Payloads,
    request::{DocumentRules, Documents, GraphqlRequest, OperationKind, Prepared, RequestError, Shapes},
    scalars,
};
use crate::{
    app::{App, Session},
    telemetry::{Metrics, Outcome},
};
pub use bulk::{ExportPage, Then};
use keyed::Keyed;
pub use reply::{Reply, ReplyOutcome};
use reply::{Told, limited, priced, refused, told};
use run::equipped;
pub(crate) use run::{Ran, Reached, run};
use waits::Waited;
pub(crate) use waits::Waits;

/// What the API takes, and how long it works on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiRules {
    /// Which documents are taken.
    pub documents: DocumentRules,
    /// What is let in.
    pub admission: AdmissionRules,
    /// How long a request may take, waiting for its turn included: 30 seconds, after which whoever asked has mostly gone. One
    /// that asked to wait for changes has as long before it waits, and again thereafter.
    pub deadline: Duration,
}

impl Default for ApiRules {
    fn default() -> Self {
        let (documents, admission) = (DocumentRules::default(), AdmissionRules::default());
        Self { documents, admission, deadline: Duration::from_secs(30) }
    }
}

/// The API: a schema, the documents that may run on it, and who may run them when.
#[derive(Clone)]
pub struct Api {
    app: Arc<App>,
    /// For what needs a look at each field.
    guarded: RemitSchema,
    /// For what the caller may see all of.
    open: RemitSchema,
    documents: Arc<Documents>,
    payloads: Arc<Payloads>,
    admission: Arc<Admission>,
    metrics: Arc<Metrics>,
    deadline: Duration,
}

/// Which operations are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Queries and mutations.
    All,
    /// Queries.
    QueriesOnly,
}

/// The schema and what is made from it do not go together, or a trusted document may not run.
#[derive(Debug, thiserror::Error)]
#[error("the API cannot be set up: {0}")]
pub struct ApiError(String);

impl Api {
    /// The API on some use cases, by its usual rules.
    ///
    /// # Errors
    /// [`ApiError`] when the schema's own text cannot be read back.
    pub fn new(app: App) -> Result<Self, ApiError> {
        Self::by(app, ApiRules::default())
    }

    /// The API on some use cases.
    ///
    /// # Errors
    /// [`ApiError`] when the schema's own text cannot be read back, or a trusted document may not run.
    pub fn by(app: App, rules: ApiRules) -> Result<Self, ApiError> {
        let (guarded, open) = (guarded_schema(), open_schema());
        let sdl = costs::published(&guarded.sdl());
        let payloads = Payloads::new(rules.documents.limits, rules.deadline);
        let documents = Documents::new(&sdl, &scalars::root_checks(), rules.documents).map_err(ApiError)?;
        Ok(Self {
            app: Arc::new(app),
            guarded,
            open,
            documents: Arc::new(documents),
            payloads: Arc::new(payloads),
            admission: Arc::new(Admission::new(&rules.admission)),
            metrics: Arc::default(),
            deadline: rules.deadline,
        })
    }

    /// The use cases it is on.
    #[must_use]
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// What its inputs look like.
    #[must_use]
    pub fn shapes(&self) -> &Shapes {
        self.documents.shapes()
    }

    /// What was counted of its requests.
    #[must_use]
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// The documents that have passed.
    #[must_use]
    pub fn documents(&self) -> &Documents {
        &self.documents
    }

    /// How many requests run now, and how many wait for their turn.
    #[must_use]
    pub fn load(&self) -> (usize, usize) {
        self.admission.load()
    }

    /// Whether a request's document and values would be taken; nothing is executed.
    #[must_use]
    pub fn check(&self, request: &GraphqlRequest) -> bool {
        self.documents.prepare(request).is_ok()
    }

    /// The schema that guards each field.
    pub(super) fn guarded(&self) -> &RemitSchema {
        &self.guarded
    }

    /// The schema that an operation is run on.
    fn schema(&self, session: &Session, prepared: &Prepared) -> &RemitSchema {
        if prepared.demands.are_met_by(session) { &self.open } else { &self.guarded }
    }

    /// Takes what a subscription costs from the budgets, once for all that it will tell.
    pub(super) fn spend(&self, session: &Session, prepared: &Prepared) -> Result<(), Reply> {
        let cost = prepared.price.requested();
        let spent = self.admission.spend(&session.caller, cost, session.now);
        spent.map_err(|refused| limited(&refused, cost, self.admission.state(&session.caller, session.now)))
    }

    /// Answers a request on behalf of a caller.
    ///
    /// The future is boxed, so that what answers is compiled with the library and not again with whatever asks.
    pub fn answer<'a>(&'a self, session: Session, request: &'a GraphqlRequest, taken: Taken) -> BoxFuture<'a, Reply> {
        Box::pin(async move {
            let counting = self.metrics.begin();
            let reply = self.answered(session, request, taken).await;
            counting.end(outcome(&reply), reply.codes.iter().filter_map(|code| errors::place(code)));
            reply
        })
    }

    async fn answered(&self, session: Session, request: &GraphqlRequest, taken: Taken) -> Reply {
        let prepared = match self.prepare(request, taken) {
            Ok(prepared) => prepared,
            Err(reply) => return reply,
        };
        let (caller, requested) = (session.caller.clone(), prepared.price.requested());
        let state = |now| self.admission.state(&caller, now);
        if request.dry_run {
            return priced(requested, state(session.now));
        }
        let mut now = session.now;
        match self.until_found(session, request, prepared, &mut now).await {
            Ok((Told { mut response, executed }, actual)) => {
                reply::with_cost(&mut response, requested, Some(actual), state(now));
                reply::of(response, executed)
            }
            Err(TurnedAway::ForNow(refused)) => limited(&refused, requested, state(now)),
            Err(TurnedAway::Revoked) => reply::revoked(),
        }
    }

    /// Runs a request; where some of its fields found nothing and would wait, waits and runs it again.
    ///
    /// - `now`: what time it is for the request, which moves on while it waits.
    async fn until_found(
        &self,
        session: Session,
        request: &GraphqlRequest,
        mut prepared: Prepared,
        now: &mut Timestamp,
    ) -> Result<(Told, u64), TurnedAway> {
        let (hash, waits) = (prepared.hash, Waits::begin());
        loop {
            let ran = self.worked(session.clone().at(*now), request, prepared, &waits).await?;
            let waiting = waits.take();
            if waiting.is_empty() || matches!(ran.0.response.data, Value::Null) {
                return Ok(ran);
            }
            // Only its hash was sent, and it is not kept any more: what was found holds.
            let Ok(again) = self.documents.prepare_again(hash, request) else { return Ok(ran) };
            drop(ran);
            let _bystander = self.admission.stand_by(&session.caller)?;
            if waits.wait(&self.app, &session.caller, waiting).await == Waited::Revoked {
                return Err(TurnedAway::Revoked);
            }
            prepared = again;
            *now = waits.time(session.now);
        }
    }

    /// Runs a request in the manner that suits it.
    async fn worked(
        &self,
        session: Session,
        request: &GraphqlRequest,
        prepared: Prepared,
        waits: &Waits,
    ) -> Result<(Told, u64), Refused> {
        let session = if prepared.kind == OperationKind::Query { session.of_query() } else { session };
        let schema = self.schema(&session, &prepared);
        let manner = match Keyed::of(schema, &self.app, &session, request, &prepared) {
            Some(keyed) => Manner::Keyed(Box::new(keyed)),
            None if prepared.may_be_json && prepared.demands.are_met_by(&session) => {
                Manner::AsJson(Box::new(request.clone()))
            }
            None => Manner::Ordinary,
        };
        self.paid(session, prepared, manner, waits.clone()).await
    }

    /// Takes what a request may cost from the budgets, runs it, and gives back what it did not come to; what it did.
    async fn paid(
        &self,
        session: Session,
        prepared: Prepared,
        manner: Manner,
        waits: Waits,
    ) -> Result<(Told, u64), Refused> {
        let (caller, now) = (session.caller.clone(), session.now);
        let (price, outline) = (prepared.price.clone(), Arc::clone(&prepared.outline));
        let requested = price.requested();
        self.admission.spend(&caller, requested, now)?;
        let let_in = self.let_in(session, prepared, manner, waits).await;
        let (ran, actual) = match let_in {
            Ok(Some(Ran::Done(mut response))) => {
                outline.complete(&mut response);
                let actual = price.actual(&response.data, &response.errors);
                (Ok(Ran::Done(response)), actual)
            }
            // Nothing tells how far it came.
            Ok(Some(ran @ (Ran::Panicked | Ran::Late { .. }))) => (Ok(ran), requested),
            Ok(None) => (Ok(Ran::Late { reached: Vec::new(), writing: false }), 0),
            Err(refused) => (Err(refused), 0),
        };
        self.admission.give_back(&caller, requested, actual);
        ran.map(|ran| (told(ran), actual))
    }

    /// What kind of operation a request runs; none: its document or values would be refused.
    #[must_use]
    pub fn kind(&self, request: &GraphqlRequest) -> Option<OperationKind> {
        self.documents.prepare(request).ok().map(|prepared| prepared.kind)
    }

    fn prepare(&self, request: &GraphqlRequest, taken: Taken) -> Result<Prepared, Reply> {
        let prepared = self.ready(request)?;
        match (taken, prepared.kind) {
            (Taken::QueriesOnly, OperationKind::Mutation) => {
                let error = RequestError::request("GET takes queries only; send mutations by POST");
                Err(Reply { outcome: ReplyOutcome::NotAQuery, ..refused(&[error]) })
            }
            (_, OperationKind::Subscription) if !request.dry_run => {
                let text = "a subscription is listened to by WebSocket or as an event stream, see `accept`";
                Err(refused(&[RequestError::request(text)]))
            }
            _ => Ok(prepared),
        }
    }

    /// A request of any kind, ready to run and no dearer than one may be.
    pub(super) fn ready(&self, request: &GraphqlRequest) -> Result<Prepared, Reply> {
        let prepared = self.documents.prepare(request).map_err(|errors| refused(&errors))?;
        self.documents.affordable(&prepared).map_err(|error| refused(&[error]))?;
        Ok(prepared)
    }

    /// Waits for a turn and runs, both before the deadline; none: it was late before it began.
    async fn let_in(
        &self,
        session: Session,
        prepared: Prepared,
        manner: Manner,
        waits: Waits,
    ) -> Result<Option<Ran>, Refused> {
        let started = tokio::time::Instant::now();
        let turn = self.admission.turn(&session.caller, prepared.price.requested());
        let Ok(turn) = tokio::time::timeout(self.deadline, turn).await else { return Ok(None) };
        let turn = turn?;
        let left = self.deadline.saturating_sub(started.elapsed());
        if left.is_zero() {
            return Ok(None);
        }
        let writing = prepared.kind == OperationKind::Mutation;
        let schema = self.schema(&session, &prepared).clone();
        let reached = Reached::default();
        let serving = Serving { app: Arc::clone(&self.app), session };
        let equip = {
            let (payloads, documents, reached) = (self.payloads.clone(), self.documents.clone(), reached.clone());
            let waits = waits.clone();
            move |prepared| {
                let request = equipped(serving.clone(), prepared, reached.clone());
                request.data(Arc::clone(&payloads)).data(Arc::clone(&documents)).data(waits.clone())
            }
        };
        let (documents, hash) = (Arc::clone(&self.documents), prepared.hash);
        let work = Box::pin(async move {
            let request = equip(prepared);
            match manner {
                Manner::Ordinary => schema.execute(request).await,
                Manner::Keyed(keyed) => keyed.execute(request).await,
                Manner::AsJson(asked) => {
                    let mut response = schema.execute(request.data(AsJson)).await;
                    if response.errors.is_empty() {
                        return response;
                    }
                    drop(waits.take());
                    match documents.prepare_again(hash, &asked) {
                        Ok(prepared) => schema.execute(equip(prepared)).await,
                        // Only its hash was sent, and it is not kept any more: what is said of the errors holds.
                        Err(_) => {
                            response.data = Value::Null;
                            response
                        }
                    }
                }
            }
        });
        Ok(Some(run((work, reached), writing, turn, left).await))
    }
}

/// Why a request is not answered.
enum TurnedAway {
    /// It was not let in.
    ForNow(Refused),
    /// The token was revoked while it waited.
    Revoked,
}

impl From<Refused> for TurnedAway {
    fn from(refused: Refused) -> Self {
        Self::ForNow(refused)
    }
}

/// How a request is run.
enum Manner {
    /// As it is.
    Ordinary,
    /// Once for its key.
    Keyed(Box<Keyed>),
    /// With its objects written at once, and as it is, should anything fail.
    AsJson(Box<GraphqlRequest>),
}

/// How an answer counts.
fn outcome(reply: &Reply) -> Outcome {
    match reply.outcome {
        ReplyOutcome::Executed if reply.codes.contains(&"TIMEOUT") => Outcome::TimedOut,
        ReplyOutcome::Executed => Outcome::Executed,
        ReplyOutcome::Refused | ReplyOutcome::NotAQuery | ReplyOutcome::Unauthenticated => Outcome::Refused,
        ReplyOutcome::Limited { .. } => Outcome::Limited,
    }
}
