//! The API's face: types, inputs, roots, and who may see which field.
//!
//! Architecture invariant: nothing else names async-graphql. Resolvers read through the store and write through use cases;
//! no rule is decided here.

mod access;
mod admission;
mod as_json;
mod billing;
mod bulk;
mod cohort;
mod context;
mod costs;
mod errors;
mod facts;
mod federation;
mod feed;
mod ids;
mod in_turn;
mod inputs;
mod listen;
mod mutation;
mod nodes;
mod paging;
mod payload;
mod payloads;
mod plain;
mod query;
mod reference;
mod rehearsal;
pub mod request;
mod scalars;
mod scopes;
mod serve;
mod subscription;
mod tickets;
mod types;
mod webhooks;
mod words;

use async_graphql::{MergedObject, Schema, SchemaBuilder, ValidationMode};

pub use admission::AdmissionRules;
pub use bulk::{BulkExport, PAGE_DEFAULT as EXPORT_PAGE};
use federation::Federation;
pub use listen::{Events, Listening, Waited};
use mutation::Mutation;
use nodes::Node;
use query::Query;
use scopes::{ScopeGuard, Unguarded};
pub use serve::{Api, ApiError, ApiRules, ExportPage, Reply, ReplyOutcome, Taken, Then};
use subscription::Subscription;

/// What can be asked.
#[derive(MergedObject)]
#[graphql(name = "Query")]
struct Published(Query);

/// What can be asked, by callers and by routers.
#[derive(MergedObject)]
#[graphql(name = "Query")]
struct Served(Query, Federation);

/// The schema that is served.
type RemitSchema = Schema<Served, Mutation, Subscription>;

/// The schema with a guard that holds each field of an answer to the table of scopes.
fn guarded_schema() -> RemitSchema {
    served().extension(ScopeGuard).finish()
}

/// The schema for operations of which [`scopes::Demands`] has told that the caller may see every field.
fn open_schema() -> RemitSchema {
    // Complete validation is what `request` does.
    served().validation_mode(ValidationMode::Fast).data(Unguarded).finish()
}

fn served() -> SchemaBuilder<Served, Mutation, Subscription> {
    let query = Served(Query::default(), Federation);
    Schema::build(query, Mutation::default(), Subscription).register_output_type::<Node>()
}

/// The schema without what only routers ask.
fn plain_schema() -> Schema<Published, Mutation, Subscription> {
    Schema::build(Published(Query::default()), Mutation::default(), Subscription)
        .register_output_type::<Node>()
        .finish()
}

/// The schema in GraphQL's schema language.
#[must_use]
pub fn sdl() -> String {
    costs::published(&plain_schema().sdl())
}

/// Every code that an error of a request may have.
#[must_use]
pub fn error_codes() -> &'static [&'static str] {
    &errors::CODES
}

/// Whether the table of scopes has a rule for a field; a test holds every field of the schema to it.
#[must_use]
pub fn has_scope_rule(parent: &str, field: &str) -> bool {
    scopes::rule(parent, field).is_some()
}

/// Whether a field is not for tokens that are bound to a client; tests hold such tokens to it.
#[must_use]
pub fn is_for_staff(parent: &str, field: &str) -> bool {
    matches!(scopes::rule(parent, field), Some(scopes::Rule::Staff(_)))
}
