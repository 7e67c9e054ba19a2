//! A request before it runs: its text bounded, parsed, its values checked against the schema.
//!
//! Text and variables go in, a document the engine can run comes out, or every reason it cannot. Nothing here does IO
//! or knows who asks. The stages, in order:
//!
//! 1. `scan` bounds the text before a parser sees it, and `parse` reads it.
//! 2. `limits` bounds the parsed document before anything walks it fragment by fragment.
//! 3. `validate` judges it by the whole of the specification; what passes is kept by [`Documents`] with what it costs, and
//!    comes here no more.
//! 4. `bind` checks every argument against [`Shapes`], so a wrong value is `BAD_USER_INPUT` with the way to it.
//! 5. `rewrite` takes out what was left out: an input field whose variable was not given is not null, it is absent.
//!
//! An export's query is made into that of a page by `export` before it takes the same way.
//!
//! The engine validates nothing again. What it answers is given its form by the operation's [`Outline`]; `presence` keeps
//! objects of which nothing is taken from becoming null.

mod bind;
mod check;
mod cost;
mod documents;
mod error;
mod export;
mod idempotency;
mod incoming;
mod limits;
mod mirror;
mod outline;
mod parse;
mod places;
pub(super) mod presence;
mod reach;
mod rewrite;
mod scan;
pub(super) mod selection;
mod shapes;
mod suggest;
#[cfg(test)]
mod tests;
mod trusted;
mod validate;
mod variables;
mod written;

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Request, Variables, parser::types::ExecutableDocument};

pub use cost::Price;
pub use documents::{DocumentRules, Documents, Hash, hash};
pub use error::RequestError;
pub use export::Way;
pub use idempotency::IdempotencyKey;
pub use incoming::GraphqlRequest;
pub use limits::Limits;
pub use mirror::Named;
pub use outline::Outline;
pub use shapes::{ScalarCheck, Shapes};
pub use trusted::TrustedDocuments;

use super::scopes::Demands;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationKind {
    /// Reads.
    Query,
    /// Writes, one root field after the other.
    Mutation,
    /// Listens.
    Subscription,
}

/// A document ready for the engine.
#[derive(Debug)]
pub struct Prepared {
    /// The document without what was left out of the request.
    pub document: ExecutableDocument,
    /// The hash of the document's text.
    pub hash: Hash,
    /// The operation to run; absent only for the one anonymous operation of a document.
    pub operation_name: Option<String>,
    /// What that operation does.
    pub kind: OperationKind,
    /// The operation's root fields, those in fragments too: response key to field name.
    pub roots: Arc<HashMap<String, String>>,
    /// What its answer looks like.
    pub outline: Arc<Outline>,
    /// What it asks of a token.
    pub(in crate::graphql) demands: Demands,
    /// What it costs.
    pub price: Price,
    /// Whether its objects may be written at once: it may be run twice, each key is asked for once, and each object costs one.
    pub(in crate::graphql) may_be_json: bool,
    /// The values of the variables the operation declares: as given, or else their default.
    pub variables: Variables,
}

impl Prepared {
    /// The request for the engine, which does not parse again.
    ///
    /// Defaults of variables travel as values, for the engine forgets them in `@skip` and `@include`.
    #[must_use]
    pub fn into_request(self) -> Request {
        let mut request = Request::new(String::new()).variables(self.variables);
        request.operation_name = self.operation_name;
        request.set_parsed_query(self.document);
        request
    }
}
