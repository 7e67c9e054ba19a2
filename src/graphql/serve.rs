//! One request, from its JSON to the JSON of its answer.

use std::sync::Arc;

use async_graphql::{Response, Value};
use serde_json::json;

use super::{
    RemitSchema,
    context::Serving,
    errors,
    request::{Documents, GraphqlRequest, Limits, OperationKind, RequestError, Shapes},
    scalars, schema,
    scopes::Roots,
};
use crate::app::{App, Session};

/// The API: a schema, and the documents that may run on it.
#[derive(Clone)]
pub struct Api {
    app: App,
    schema: RemitSchema,
    documents: Arc<Documents>,
}

/// What became of a request.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Whether it was executed, and if not, why.
    pub outcome: ReplyOutcome,
    /// The answer as JSON text, its fields in the order in which they were asked for.
    pub body: String,
}

/// How far a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyOutcome {
    /// It was executed; the answer has `data`.
    Executed,
    /// Its document or variables were refused; the answer has no `data`.
    Refused,
    /// A mutation, where only queries are taken.
    NotAQuery,
}

/// Which operations are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Queries and mutations.
    All,
    /// Queries.
    QueriesOnly,
}

/// The schema and what is made from it do not go together: a fault of the program.
#[derive(Debug, thiserror::Error)]
#[error("the schema cannot be read back: {0}")]
pub struct ApiError(String);

impl Api {
    /// The API on some use cases.
    ///
    /// # Errors
    /// [`ApiError`] when the schema's own text cannot be read back.
    pub fn new(app: App) -> Result<Self, ApiError> {
        let schema = schema();
        let documents = Documents::new(&schema.sdl(), &scalars::checks(), Limits::default()).map_err(ApiError)?;
        Ok(Self { app, schema, documents: Arc::new(documents) })
    }

    /// The use cases it is on.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.app
    }

    /// What its inputs look like.
    #[must_use]
    pub fn shapes(&self) -> &Shapes {
        self.documents.shapes()
    }

    /// Whether a request's document and values would be taken; nothing is executed.
    #[must_use]
    pub fn check(&self, request: &GraphqlRequest) -> bool {
        self.documents.prepare(request).is_ok()
    }

    /// Answers a request on behalf of a caller.
    pub async fn answer(&self, session: Session, request: &GraphqlRequest, taken: Taken) -> Reply {
        let prepared = match self.documents.prepare(request) {
            Ok(prepared) => prepared,
            Err(errors) => return refused(&errors),
        };
        if taken == Taken::QueriesOnly && prepared.kind != OperationKind::Query {
            let error = RequestError::request("GET takes queries only; send mutations by POST");
            return Reply { outcome: ReplyOutcome::NotAQuery, ..refused(&[error]) };
        }
        let roots = Roots { fields: prepared.roots.clone(), is_mutation: prepared.kind == OperationKind::Mutation };
        let serving = Serving { app: self.app.clone(), session };
        let request = prepared.into_request().data(serving).data(roots);
        let schema = self.schema.clone();
        // A task of its own: what panics takes this request with it and nothing else, and a write that has begun is
        // finished although the caller has gone.
        match tokio::spawn(async move { schema.execute(request).await }).await {
            Ok(response) => reply(response),
            Err(failed) => {
                tracing::error!(error = %failed, "a request panicked");
                let error =
                    json!({"message": "Something went wrong on the server.", "extensions": {"code": "INTERNAL"}});
                Reply { outcome: ReplyOutcome::Executed, body: json!({"data": null, "errors": [error]}).to_string() }
            }
        }
    }
}

fn refused(errors: &[RequestError]) -> Reply {
    let errors: Vec<_> = errors.iter().map(RequestError::to_json).collect();
    Reply { outcome: ReplyOutcome::Refused, body: json!({ "errors": errors }).to_string() }
}

/// The most errors of a document that was not executed: its author mends the first ones first.
const ERRORS_MAX: usize = 20;

fn reply(mut response: Response) -> Reply {
    response.errors.iter_mut().for_each(errors::settle);
    let failed = !response.errors.is_empty() && response.errors.iter().all(|error| error.path.is_empty());
    let not_executed = failed && response.data == Value::Null;
    if not_executed {
        response.errors.truncate(ERRORS_MAX);
        return Reply { outcome: ReplyOutcome::Refused, body: json!({ "errors": response.errors }).to_string() };
    }
    // A response has no form that JSON lacks.
    Reply { outcome: ReplyOutcome::Executed, body: serde_json::to_string(&response).unwrap_or_default() }
}
