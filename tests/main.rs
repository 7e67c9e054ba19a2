//! Whole conversations with a server over HTTP, every one on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod support;

mod access;
mod agreement_files;
mod agreements;
mod architecture;
mod audit;
mod bulk;
mod calendar_import;
mod canary;
mod catalogue;
mod clocks;
mod commitments;
mod connections;
mod contract;
mod coverage;
mod demo;
mod document;
mod documents;
mod examples;
mod facts;
mod faults;
mod federation;
mod feed;
mod fields;
mod fuzz;
mod idempotency;
mod issuers;
mod judges;
mod kept;
mod life;
mod limits;
mod metrics;
mod obligations;
mod promises;
mod ratecards;
mod rating_cases;
mod real_inputs;
mod requests;
mod rights;
mod spine;
mod statements;
mod storage;
mod subscriptions;
mod tenancy;
mod ticket_import;
mod tickets;
mod time;
mod together;
mod waiting;
mod webhooks;
