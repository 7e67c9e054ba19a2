//! Whole conversations with a server over HTTP, every one on SQLite and on PostgreSQL.

mod support;

mod agreements;
mod catalogue;
mod coverage;
mod documents;
mod spine;
mod statements;
