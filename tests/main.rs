//! Whole conversations with a server over HTTP, every one on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod support;

mod agreements;
mod architecture;
mod calendar_import;
mod catalogue;
mod coverage;
mod demo;
mod documents;
mod limits;
mod real_inputs;
mod spine;
mod statements;
mod storage;
