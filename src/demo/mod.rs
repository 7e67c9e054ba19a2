//! A believable provider to try everything on.

mod data;
mod folder;
mod welcome;

use remit_domain::Timestamp;
use serde_json::{Map, Value};

pub use folder::Folder;
pub use welcome::{Welcome, welcome};

use crate::{
    auth::{Caller, CodeError, ProviderCode},
    graphql::{Api, Taken, request::GraphqlRequest},
    store::StoreError,
};

/// The provider that the demo is about.
pub const PROVIDER: &str = "brightwater";

/// Why the demo could not be filled.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The provider's code is none.
    #[error(transparent)]
    Provider(#[from] CodeError),
    /// The database does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The API refused a step.
    #[error("the demo's {step} was refused: {answer}")]
    Refused {
        /// Which.
        step: String,
        /// The answer.
        answer: String,
    },
}

/// Fills an empty database through the API, as an integration would.
///
/// # Errors
/// [`DemoError`] for the first step that is refused.
pub async fn fill(api: &Api, now: Timestamp) -> Result<(), DemoError> {
    let caller = Caller::operator(ProviderCode::new(PROVIDER)?, now.as_second());
    let session = api.app().session(caller, now).await?;
    for step in data::steps(now) {
        let request =
            GraphqlRequest { query: step.document(), variables: step.variables(), ..GraphqlRequest::default() };
        let reply = api.answer(session.clone(), &request, Taken::All).await;
        let answer: Value = serde_json::from_str(&reply.body).unwrap_or_default();
        let refused = &answer["data"][step.mutation]["errors"];
        if answer.get("errors").is_some() || *refused != Value::Array(Vec::new()) {
            return Err(DemoError::Refused { step: step.to_string(), answer: reply.body.into() });
        }
    }
    Ok(())
}

/// One mutation with its input.
struct Step {
    mutation: &'static str,
    input: Value,
}

impl Step {
    fn document(&self) -> String {
        let (mutation, first) = (self.mutation, self.mutation.chars().next().unwrap_or_default().to_uppercase());
        let kind = format!("{first}{}Input", self.mutation.chars().skip(1).collect::<String>());
        format!("mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ errors {{ code message path }} }} }}")
    }

    fn variables(&self) -> Map<String, Value> {
        Map::from_iter([("input".to_owned(), self.input.clone())])
    }
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.mutation, self.input)
    }
}
