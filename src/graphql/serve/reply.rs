//! What is said to whoever asked.

use async_graphql::{PathSegment, Response, ServerError, Value};
use bytestring::ByteString;
use serde_json::json;

use super::run::Ran;
use crate::{
    auth::TokenError,
    graphql::{
        admission::{BudgetState, Refused},
        as_json, errors,
        request::RequestError,
    },
};

/// The most errors of a document that was not executed: its author mends the first ones first.
const ERRORS_MAX: usize = 20;

/// What became of a request.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Whether it was executed, and if not, why.
    pub outcome: ReplyOutcome,
    /// The answer as JSON text, its fields in the order in which they were asked for.
    pub body: ByteString,
    /// The codes of its errors.
    pub codes: Vec<&'static str>,
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
    /// The token was revoked meanwhile.
    Unauthenticated,
    /// It was not let in.
    Limited {
        /// After how many seconds it may be.
        retry_after: u64,
    },
}

/// A response as it leaves, and whether anything was executed.
pub(super) struct Told {
    pub(super) response: Response,
    pub(super) executed: bool,
}

impl Reply {
    /// What a run of a subscription came to; none: it panicked.
    pub(in crate::graphql) fn event(response: Option<Response>) -> Self {
        let Told { response, executed } =
            told(response.map_or(Ran::Panicked, |response| Ran::Done(Box::new(response))));
        of(response, executed)
    }

    /// Why a subscription did not begin; none: it panicked.
    pub(in crate::graphql) fn not_begun(response: Option<Response>) -> Self {
        match response {
            Some(response) => of(told(Ran::Done(Box::new(response))).response, false),
            None => Self::event(None),
        }
    }
}

/// A refusal of what was asked.
pub(super) fn refused(errors: &[RequestError]) -> Reply {
    let codes = errors.iter().map(|error| error.code).collect();
    let errors: Vec<_> = errors.iter().map(RequestError::to_json).collect();
    Reply { outcome: ReplyOutcome::Refused, body: json!({ "errors": errors }).to_string().into(), codes }
}

/// A refusal of whoever asked, for now.
pub(super) fn limited(refused: &Refused, requested: u64, state: Option<BudgetState>) -> Reply {
    let extensions = json!({"code": RATE_LIMITED, "retryAfter": refused.retry_after});
    let body = json!({
        "errors": [{"message": refused.message, "extensions": extensions}],
        "extensions": {"cost": cost(requested, None, state)},
    });
    let outcome = ReplyOutcome::Limited { retry_after: refused.retry_after };
    Reply { outcome, body: body.to_string().into(), codes: vec![RATE_LIMITED] }
}

/// A refusal of whoever asked, for good.
pub(super) fn revoked() -> Reply {
    let text = TokenError::Revoked.to_string();
    let body = json!({"errors": [{"message": text, "extensions": {"code": UNAUTHENTICATED}}]});
    Reply { outcome: ReplyOutcome::Unauthenticated, body: body.to_string().into(), codes: vec![UNAUTHENTICATED] }
}

const UNAUTHENTICATED: &str = "UNAUTHENTICATED";
const RATE_LIMITED: &str = "RATE_LIMITED";

/// What a request would cost.
pub(super) fn priced(requested: u64, state: Option<BudgetState>) -> Reply {
    let body = json!({"data": null, "extensions": {"cost": cost(requested, None, state)}});
    Reply { outcome: ReplyOutcome::Executed, body: body.to_string().into(), codes: Vec::new() }
}

/// What a request came to, its errors settled.
pub(super) fn told(ran: Ran) -> Told {
    let mut response = match ran {
        Ran::Done(response) => *response,
        Ran::Panicked => {
            return Told { response: failed(INTERNAL, "INTERNAL", Vec::new()), executed: true };
        }
        Ran::Late { reached, writing } => {
            let message = if writing { LATE_WRITE } else { LATE };
            return Told { response: failed(message, "TIMEOUT", reached), executed: true };
        }
    };
    response.errors.iter_mut().for_each(errors::settle);
    let failed = !response.errors.is_empty() && response.errors.iter().all(|error| error.path.is_empty());
    let executed = !failed || response.data != Value::Null;
    if !executed {
        response.errors.truncate(ERRORS_MAX);
    }
    Told { response, executed }
}

const INTERNAL: &str = "Something went wrong on the server.";
const LATE: &str = "The request took too long. Ask for less at once.";
const LATE_WRITE: &str = "The request took too long. What was being written may or may not be there.";

fn failed(message: &str, code: &'static str, path: Vec<String>) -> Response {
    let mut error = ServerError::new(message, None);
    error.path = path.into_iter().map(PathSegment::Field).collect();
    error.extensions.get_or_insert_default().set("code", code);
    Response::from_errors(vec![error])
}

/// Says what a request cost.
pub(super) fn with_cost(response: &mut Response, requested: u64, actual: Option<u64>, state: Option<BudgetState>) {
    // Numbers and texts have a form in both.
    let cost = Value::from_json(cost(requested, actual, state)).unwrap_or_default();
    response.extensions.insert("cost".to_owned(), cost);
}

/// - `actual`: none for what did not run.
fn cost(requested: u64, actual: Option<u64>, state: Option<BudgetState>) -> serde_json::Value {
    let (remaining, resets) = state.map(|state| (state.remaining, state.resets.to_string())).unzip();
    json!({"requested": requested, "actual": actual, "remaining": remaining, "resets": resets})
}

/// The reply of a response.
pub(super) fn of(response: Response, executed: bool) -> Reply {
    let codes = response.errors.iter().map(errors::code).collect();
    if !executed {
        let mut body = json!({ "errors": response.errors });
        if !response.extensions.is_empty() {
            body["extensions"] = json!(response.extensions);
        }
        return Reply { outcome: ReplyOutcome::Refused, body: body.to_string().into(), codes };
    }
    let body = match response.errors.is_empty() {
        true => as_json::body(response),
        // A response has no form that JSON lacks.
        false => serde_json::to_string(&response).unwrap_or_default().into(),
    };
    Reply { outcome: ReplyOutcome::Executed, body, codes }
}
