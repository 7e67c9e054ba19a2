//! Requests that their callers gave a key: one effect and one answer, however often they come.
//!
//! A request with a key is one transaction, whatever number of mutations it has: what it writes and what it is answered are
//! kept together or not at all. Neither the key nor the answer is kept in the clear: the row is found by a hash of the key
//! and its caller, and the answer, which may hold a secret that is shown once, is sealed by the key.

use std::{fmt::Write as _, sync::Arc};

use async_graphql::{PathSegment, Request, Response, ServerError, Value};
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    digest::{SHA256, digest},
    hmac::{self, HMAC_SHA256},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value as Json, json};

use crate::{
    app::{App, Session},
    auth::Caller,
    graphql::{
        RemitSchema,
        context::Serving,
        errors,
        request::{GraphqlRequest, IdempotencyKey, OperationKind, Prepared},
    },
    store::{Begun, KeptAnswer, StoreError, Uuid},
};

/// The mutations that a key has no use for: they write nothing, and take their time.
const WRITING_NOTHING: [&str; 1] = ["testWebhook"];

/// The mutations after which tokens may be taken no more: that is heeded once the request is committed.
const REVOKING: [&str; 2] = ["putApiClient", "revokeTokens"];

/// Runs one request that has a key.
pub(super) struct Keyed {
    schema: RemitSchema,
    app: Arc<App>,
    session: Session,
    named: Named,
    revokes: bool,
}

/// What a request and its key come to.
struct Named {
    /// The key, and whose it is, as a hash.
    key: String,
    /// What is asked, as a hash.
    request: String,
    /// What seals the answer.
    seal: [u8; 32],
    /// What the answer to the first root field is named.
    root: String,
}

impl Named {
    fn of(key: &IdempotencyKey, caller: &Caller, request: &GraphqlRequest, prepared: &Prepared) -> Self {
        let secret = hmac::Key::new(HMAC_SHA256, key.as_str().as_bytes());
        let owner = json!([caller.client().map(ToString::to_string), caller.client_id(), caller.subject()]).to_string();
        let derived = |purpose: &str| hmac::sign(&secret, format!("{purpose}\n{owner}").as_bytes());
        let mut seal = [0; 32];
        seal.copy_from_slice(derived("answer").as_ref());
        let variables = Json::Object(request.variables.clone());
        let asked = json!([hex(&prepared.hash), prepared.operation_name, variables, caller.scopes().to_string()]);
        Self {
            key: hex(derived("key").as_ref()),
            request: hex(digest(&SHA256, asked.to_string().as_bytes()).as_ref()),
            seal,
            root: prepared.roots.keys().min().cloned().unwrap_or_default(),
        }
    }

    fn seal(&self, answer: String) -> Option<String> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, &self.seal).ok()?;
        let mut sealed = answer.into_bytes();
        let nonce = key.seal_in_place_append_tag(Aad::from(self.request.as_bytes()), &mut sealed).ok()?;
        Some(STANDARD.encode([nonce.as_ref().as_slice(), &sealed].concat()))
    }

    fn open(&self, sealed: &str) -> Option<Response> {
        let mut sealed = STANDARD.decode(sealed).ok()?;
        let (nonce, sealed) = sealed.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let key = RandomizedNonceKey::new(&AES_256_GCM, &self.seal).ok()?;
        let answer = key.open_in_place(nonce, Aad::from(self.request.as_bytes()), sealed).ok()?;
        serde_json::from_slice(answer).ok()
    }
}

impl Keyed {
    /// What runs a request, if it has a key and may write.
    pub(super) fn of(
        schema: &RemitSchema,
        app: &Arc<App>,
        session: &Session,
        request: &GraphqlRequest,
        prepared: &Prepared,
    ) -> Option<Self> {
        let key = request.key.as_ref().filter(|_| prepared.kind == OperationKind::Mutation)?;
        if prepared.roots.values().all(|name| WRITING_NOTHING.contains(&name.as_str())) {
            return None;
        }
        let named = Named::of(key, &session.caller, request, prepared);
        let revokes = prepared.roots.values().any(|name| REVOKING.contains(&name.as_str()));
        Some(Self { schema: schema.clone(), app: Arc::clone(app), session: session.clone(), named, revokes })
    }

    /// Runs the request, or answers it as it was answered before.
    pub(super) async fn execute(self, request: Request) -> Response {
        self.run(request).await.unwrap_or_else(|fault| {
            let mut error = ServerError::new(fault.to_string(), None);
            error.source = Some(Arc::new(fault));
            error.path = vec![PathSegment::Field(self.named.root.clone())];
            Response::from_errors(vec![error])
        })
    }

    async fn run(&self, request: Request) -> Result<Response, StoreError> {
        let Self { schema, app, session, named, revokes } = self;
        let turn = match app.store().begin_keyed(&session.scope, &named.key, session.now).await? {
            Begun::First(turn) => turn,
            Begun::Answered(kept) if kept.request == named.request => {
                let unreadable = || self.unreadable("it was not sealed by its key");
                return named.open(&kept.answer).ok_or_else(unreadable);
            }
            // Each of its mutations refuses.
            Begun::Answered(_) => {
                let refusing = Serving { app: Arc::new(app.on(app.store().refusing())), session: session.clone() };
                return Ok(schema.execute(request.data(refusing)).await);
            }
        };
        let serving = Serving { app: Arc::new(app.on(turn.store())), session: session.clone() };
        let mut response = schema.execute(request.data(serving)).await;
        response.errors.iter_mut().for_each(errors::settle);
        if !is_final(&response) {
            // Nothing of it stays, not even what went well before.
            response.data = Value::Null;
            return Ok(response);
        }
        let answer = serde_json::to_string(&response).map_err(|error| self.unreadable(&error.to_string()))?;
        let answer = named.seal(answer).ok_or_else(|| self.unreadable("it cannot be sealed"))?;
        turn.commit(KeptAnswer { request: named.request.clone(), answer }).await?;
        if *revokes {
            app.heed_revocations().await;
        }
        Ok(response)
    }

    fn unreadable(&self, why: &str) -> StoreError {
        StoreError::Unreadable { what: "answer", id: Uuid::nil(), why: format!("{why} ({})", self.named.key) }
    }
}

/// Whether an answer is what the request comes to. What the server is at fault for may go well the next time, and where one
/// of the mutations was not let in, the others are not done without it.
fn is_final(response: &Response) -> bool {
    let fault = |error: &ServerError| matches!(errors::code(error), "INTERNAL" | "UNAVAILABLE" | "TIMEOUT");
    response.data != Value::Null && !response.errors.iter().any(|error| error.path.len() <= 1 || fault(error))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").ok();
        text
    })
}
