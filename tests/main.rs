//! Whole conversations with a server over HTTP, every one on SQLite and on PostgreSQL.

mod support;

mod agreements;
mod catalogue;
mod coverage;
mod spine;
mod statements;
