//! GraphQL over HTTP, by the specification of that name: POST and GET, statuses, forms.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::{Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use super::{
    HttpRules, REQUEST_ID, Server,
    asker::Asker,
    body::{self, Unread},
    events,
    negotiation::{Form, is_json, takes_events},
};
use crate::{
    app::Session,
    auth::{Caller, TokenError, bearer},
    graphql::{
        Reply, ReplyOutcome, Taken,
        request::{GraphqlRequest, IdempotencyKey, OperationKind, RequestError},
    },
    store::StoreError,
};

/// A request that is not answered by the API.
pub(super) struct Rejection {
    status: StatusCode,
    code: &'static str,
    message: String,
    header: Option<(header::HeaderName, String)>,
}

impl Rejection {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), header: None }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_USER_INPUT", message)
    }

    /// Whether it is the token that does not hold; else nothing is known against it.
    pub(super) fn is_of_token(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
    }

    /// What is said, as the JSON of an answer.
    pub(super) fn body(&self) -> String {
        json!({"errors": [{"message": self.message, "extensions": {"code": self.code}}]}).to_string()
    }

    pub(super) fn into_response(self, form: Form) -> Response {
        let mut response = answer(self.status, form, self.body());
        if let Some((name, value)) = self.header.and_then(|(n, v)| Some((n, HeaderValue::from_str(&v).ok()?))) {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl From<TokenError> for Rejection {
    fn from(error: TokenError) -> Self {
        let header = Some((header::WWW_AUTHENTICATE, error.challenge()));
        Self { header, ..Self::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", error.to_string()) }
    }
}

impl From<StoreError> for Rejection {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = %error, "a session cannot begin");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", "The database cannot be reached.")
    }
}

impl From<RequestError> for Rejection {
    fn from(error: RequestError) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error.code, error.message)
    }
}

/// Any path by a method that it does not take; which it takes is said in `allow`.
pub(super) async fn another_method() -> Response {
    let text = "this path does not take the method";
    Rejection::new(StatusCode::METHOD_NOT_ALLOWED, "BAD_USER_INPUT", text).into_response(Form::Json)
}

/// `POST /graphql`: a request, or a batch of them.
pub(super) async fn post(State(server): State<Arc<Server>>, request: Request) -> Response {
    let form = Form::accepted(request.headers());
    let served = serve_post(&server, request, form).await;
    served.unwrap_or_else(|rejection| rejection.into_response(form.unwrap_or(Form::Json)))
}

async fn serve_post(server: &Arc<Server>, request: Request, form: Option<Form>) -> Result<Response, Rejection> {
    let (Parts { headers, .. }, body) = request.into_parts();
    let session = authenticate(server, &headers).await?;
    let streamed = takes_events(&headers);
    let form = form.or(streamed.then_some(Form::Json)).ok_or_else(not_acceptable)?;
    if !is_json(&headers) {
        let text = "send the request as application/json in UTF-8";
        return Err(Rejection::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "BAD_USER_INPUT", text));
    }
    let encoding = headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes);
    if encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case(b"identity")) {
        let text = "send the request as it is, without a content-encoding";
        let header = Some((header::ACCEPT_ENCODING, "identity".to_owned()));
        return Err(Rejection { header, ..Rejection::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "BAD_USER_INPUT", text) });
    }
    let key = key(&headers)?;
    let asker = streamed.then(|| asker(server, &headers)).transpose()?;
    match (asker, json_of(body, &server.rules).await?) {
        (Some(asker), single) => {
            stream(asker, &session, GraphqlRequest { key, ..GraphqlRequest::from_json(single)? }, Taken::All)
        }
        (None, Value::Array(batch)) => {
            let requests = batch_of(batch, key.as_ref(), server.rules.batch)?;
            Ok(serve_batch(server, session, token(&headers)?, &requests, form).await)
        }
        (None, single) => {
            let request = GraphqlRequest { key, ..GraphqlRequest::from_json(single)? };
            let reply = server.api.answer(session, &request, Taken::All).await;
            Ok(replied(reply, form))
        }
    }
}

/// The requests of a batch.
///
/// - `key`: the key of the whole batch; each request has one of its own from it, by its place.
/// - `most`: how many there may be.
fn batch_of(batch: Vec<Value>, key: Option<&IdempotencyKey>, most: usize) -> Result<Vec<GraphqlRequest>, Rejection> {
    if batch.is_empty() || batch.len() > most {
        return Err(Rejection::bad_request(format!("a batch has 1 to {most} requests, not {}", batch.len())));
    }
    let read = |(place, json): (usize, Value)| {
        let key = key.map(|key| key.at(place));
        Ok(GraphqlRequest { key, ..GraphqlRequest::from_json(json)? })
    };
    batch.into_iter().enumerate().map(read).collect()
}

/// Answers a batch, one request after the other. One that was not let in does not keep the others out; each is asked by
/// whoever holds the token by then, at the time that it is then.
async fn serve_batch(
    server: &Server,
    mut session: Session,
    token: &str,
    requests: &[GraphqlRequest],
    form: Form,
) -> Response {
    let mut answers = Vec::with_capacity(requests.len());
    let mut wait = None;
    for (place, request) in requests.iter().enumerate() {
        if place > 0 {
            let now = (server.clock)();
            if let Err(rejection) = verify(server, token, now.as_second()).await {
                answers.push(rejection.body().into());
                continue;
            }
            session = session.at(now);
        }
        let Reply { body, outcome, .. } = server.api.answer(session.clone(), request, Taken::All).await;
        if let ReplyOutcome::Limited { retry_after } = outcome {
            wait = wait.max(Some(retry_after));
        }
        answers.push(body);
    }
    let mut response = answer(StatusCode::OK, form, format!("[{}]", answers.join(",")));
    retry_after(&mut response, wait);
    response
}

/// `GET /graphql`: a query in the URL.
pub(super) async fn get(State(server): State<Arc<Server>>, uri: Uri, headers: HeaderMap) -> Response {
    let form = Form::accepted(&headers);
    let served = serve_get(&server, &uri, &headers, form).await;
    served.unwrap_or_else(|rejection| rejection.into_response(form.unwrap_or(Form::Json)))
}

async fn serve_get(
    server: &Arc<Server>,
    uri: &Uri,
    headers: &HeaderMap,
    form: Option<Form>,
) -> Result<Response, Rejection> {
    let session = authenticate(server, headers).await?;
    if takes_events(headers) {
        return stream(
            asker(server, headers)?,
            &session,
            GraphqlRequest::from_json(parameters(uri)?)?,
            Taken::QueriesOnly,
        );
    }
    let form = form.ok_or_else(not_acceptable)?;
    let request = GraphqlRequest::from_json(parameters(uri)?)?;
    let reply = server.api.answer(session, &request, Taken::QueriesOnly).await;
    let outcome = reply.outcome;
    let mut response = replied(reply, form);
    if outcome == ReplyOutcome::NotAQuery {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    }
    Ok(response)
}

/// The request that a URL spells, as the JSON that a body would be.
fn parameters(uri: &Uri) -> Result<Value, Rejection> {
    let pairs: Query<Vec<(String, String)>> =
        Query::try_from_uri(uri).map_err(|_| Rejection::bad_request("the URL's query cannot be read"))?;
    let mut fields = Map::new();
    for (name, text) in pairs.0 {
        let value = match name.as_str() {
            "variables" | "extensions" if !text.is_empty() => serde_json::from_str(&text)
                .map_err(|error| Rejection::bad_request(format!("the parameter {name} is not JSON: {error}")))?,
            "variables" | "extensions" => Value::Null,
            "operationName" if text.is_empty() => Value::Null,
            "query" | "operationName" | "documentId" => Value::String(text),
            _ => continue,
        };
        if fields.insert(name.clone(), value).is_some() {
            return Err(Rejection::bad_request(format!("the parameter {name} is given twice")));
        }
    }
    Ok(Value::Object(fields))
}

/// What the caller calls the request.
fn key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Rejection> {
    let mut given = headers.get_all("idempotency-key").iter();
    let (first, second) = (given.next(), given.next());
    if second.is_some() {
        return Err(Rejection::bad_request("`Idempotency-Key` is given twice"));
    }
    // What is not ASCII is no key.
    let read = |value: &HeaderValue| IdempotencyKey::read(value.to_str().unwrap_or_default());
    Ok(first.map(read).transpose()?)
}

/// Who asks.
pub(super) async fn authenticate(server: &Server, headers: &HeaderMap) -> Result<Session, Rejection> {
    let session = session(server, token(headers)?).await?;
    Ok(match headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()) {
        Some(id) => session.of_request(id),
        None => session,
    })
}

/// Who asks and stays.
pub(super) fn asker(server: &Arc<Server>, headers: &HeaderMap) -> Result<Asker, Rejection> {
    Ok(Asker::new(Arc::clone(server), token(headers)?.to_owned()))
}

/// Answers with an event stream. A mutation by GET is refused as it is without one.
fn stream(asker: Asker, session: &Session, request: GraphqlRequest, taken: Taken) -> Result<Response, Rejection> {
    if taken == Taken::QueriesOnly && asker.server().api.kind(&request) == Some(OperationKind::Mutation) {
        let text = "GET takes queries and subscriptions only; send mutations by POST";
        let header = Some((header::ALLOW, "POST".to_owned()));
        return Err(Rejection { header, ..Rejection::new(StatusCode::METHOD_NOT_ALLOWED, "BAD_USER_INPUT", text) });
    }
    Ok(events::stream(asker, Arc::clone(&session.caller), request, taken))
}

/// The token that a request brings.
pub(super) fn token(headers: &HeaderMap) -> Result<&str, TokenError> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (first, second) = (given.next(), given.next());
    if second.is_some() {
        return Err(TokenError::NotBearer);
    }
    bearer(first.map(|value| value.to_str().map_err(|_| TokenError::NotBearer)).transpose()?)
}

/// Whose token it is, and what that caller may touch now.
pub(super) async fn session(server: &Server, token: &str) -> Result<Session, Rejection> {
    let now = (server.clock)();
    let caller = verify(server, token, now.as_second()).await?;
    Ok(server.api.app().session(caller, now).await?)
}

/// Whose token it is. A key that is not known may be one that its issuer has just begun to sign with.
pub(super) async fn verify(server: &Server, token: &str, now: i64) -> Result<Arc<Caller>, Rejection> {
    let Some(keys) = &server.outside else { return Ok(server.verifier.verify(token, now)?) };
    let seen = keys.looks();
    let mut verified = server.verifier.verify(token, now);
    if verified == Err(TokenError::UnknownKey) && keys.look_again(seen, now).await {
        verified = server.verifier.verify(token, now);
    }
    if verified == Err(TokenError::UnknownKey) && !keys.are_known() {
        let text = "The issuer's keys are not known yet.";
        return Err(Rejection::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", text));
    }
    Ok(verified?)
}

/// The JSON of a body that is not too large and comes in time.
async fn json_of(body: Body, rules: &HttpRules) -> Result<Value, Rejection> {
    let most = rules.body;
    let bytes = body::read(body, most, rules.body_within).await.map_err(|why| match why {
        Unread::TooLarge => {
            let text = format!("a body has at most {most} bytes");
            Rejection::new(StatusCode::PAYLOAD_TOO_LARGE, "BAD_USER_INPUT", text)
        }
        Unread::Late => Rejection::new(StatusCode::REQUEST_TIMEOUT, "TIMEOUT", body::LATE),
    })?;
    serde_json::from_slice(&bytes).map_err(|error| Rejection::bad_request(format!("the body is not JSON: {error}")))
}

fn not_acceptable() -> Rejection {
    let text = "answers are application/graphql-response+json or application/json";
    Rejection::new(StatusCode::NOT_ACCEPTABLE, "BAD_USER_INPUT", text)
}

fn status(outcome: ReplyOutcome, form: Form) -> StatusCode {
    match (outcome, form) {
        (ReplyOutcome::NotAQuery, _) => StatusCode::METHOD_NOT_ALLOWED,
        (ReplyOutcome::Unauthenticated, _) => StatusCode::UNAUTHORIZED,
        (ReplyOutcome::Limited { .. }, _) => StatusCode::TOO_MANY_REQUESTS,
        (ReplyOutcome::Refused, Form::GraphqlResponse) => StatusCode::BAD_REQUEST,
        (ReplyOutcome::Refused, Form::Json) | (ReplyOutcome::Executed, _) => StatusCode::OK,
    }
}

fn answer(status: StatusCode, form: Form, body: impl Into<Bytes>) -> Response {
    (status, [(header::CONTENT_TYPE, form.content_type())], body.into()).into_response()
}

/// A reply with the status that goes with it.
pub(super) fn replied(reply: Reply, form: Form) -> Response {
    let wait = match reply.outcome {
        ReplyOutcome::Limited { retry_after } => Some(retry_after),
        _ => None,
    };
    let mut response = answer(status(reply.outcome, form), form, reply.body.into_bytes());
    retry_after(&mut response, wait);
    if reply.outcome == ReplyOutcome::Unauthenticated
        && let Ok(challenge) = HeaderValue::from_str(&TokenError::Revoked.challenge())
    {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// Says when to come back, in seconds.
fn retry_after(response: &mut Response, wait: Option<u64>) {
    if let Some(wait) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
    }
}
