//! The API's face: types, inputs, roots, and who may see which field.
//!
//! Architecture invariant: nothing else names async-graphql. Resolvers read through the store and write through use cases;
//! no rule is decided here.

mod billing;
mod cohort;
mod context;
mod errors;
mod feed;
mod ids;
mod inputs;
mod mutation;
mod nodes;
mod paging;
mod payloads;
mod query;
mod reference;
pub mod request;
mod scalars;
mod scopes;
mod serve;
mod types;
mod words;

use async_graphql::{EmptySubscription, Schema};

use mutation::Mutation;
use nodes::Node;
use query::Query;
use scopes::ScopeGuard;
pub use serve::{Api, ApiError, Reply, ReplyOutcome, Taken};

/// The schema with its roots.
type RemitSchema = Schema<Query, Mutation, EmptySubscription>;

fn schema() -> RemitSchema {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription)
        .register_output_type::<Node>()
        .extension(ScopeGuard)
        .finish()
}

/// The schema in GraphQL's schema language.
#[must_use]
pub fn sdl() -> String {
    schema().sdl()
}

/// Whether the table of scopes has a rule for a field; a test holds every field of the schema to it.
#[must_use]
pub fn has_scope_rule(parent: &str, field: &str) -> bool {
    scopes::rule(parent, field).is_some()
}
