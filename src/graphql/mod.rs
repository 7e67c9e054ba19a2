//! The API's face: types, inputs, roots, and who may see which field.
//!
//! Architecture invariant: nothing else names async-graphql. Resolvers read through the store and write through use cases;
//! no rule is decided here.

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
mod tickets;
mod types;
mod words;

use async_graphql::{EmptySubscription, MergedObject, Schema};

use mutation::Mutation;
use nodes::Node;
use query::Query;
use scopes::ScopeGuard;
pub use serve::{Api, ApiError, Reply, ReplyOutcome, Taken};
use tickets::{TicketMutation, TicketQuery};

/// What can be asked.
#[derive(Debug, Default, MergedObject)]
#[graphql(name = "Query")]
struct Queries(Query, TicketQuery);

/// What can be done. Everything that is put is found by its code, everything that is recorded by what its source calls it:
/// made when it is new, else replaced.
#[derive(Debug, Default, MergedObject)]
#[graphql(name = "Mutation")]
struct Mutations(Mutation, TicketMutation);

/// The schema with its roots.
type RemitSchema = Schema<Queries, Mutations, EmptySubscription>;

fn schema() -> RemitSchema {
    Schema::build(Queries::default(), Mutations::default(), EmptySubscription)
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
