//! The API's face: types, inputs, roots, and who may see which field.
//!
//! Architecture invariant: nothing else names async-graphql. Resolvers read through the store and write through use cases;
//! no rule is decided here.

mod cohort;
mod context;
mod errors;
mod ids;
mod inputs;
mod mutation;
mod paging;
mod query;
mod reference;
pub mod request;
mod scalars;
mod scopes;
mod types;
mod words;

use async_graphql::{EmptySubscription, Schema};

use mutation::Mutation;
use query::{Node, Query};
use scopes::ScopeGuard;

/// The schema with its roots.
type RemitSchema = Schema<Query, Mutation, EmptySubscription>;

fn schema() -> RemitSchema {
    Schema::build(Query, Mutation, EmptySubscription).register_output_type::<Node>().extension(ScopeGuard).finish()
}

/// The schema in GraphQL's schema language.
#[must_use]
pub fn sdl() -> String {
    schema().sdl()
}
