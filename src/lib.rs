//! The system of record for the agreements between managed service providers and their clients.
//!
//! | module | knows |
//! |---|---|
//! | [`cli`] | the commands |
//! | [`config`] | the settings |
//! | [`http`] | HTTP: the entry point of requests |
//! | [`graphql`] | the API |
//! | [`auth`] | tokens: who asks |
//! | [`jwks`] | the keys of an outside issuer: fetched and kept |
//! | [`outbound`] | calls to other servers |
//! | [`app`] | the use cases |
//! | [`events`] | what the server does without being asked |
//! | [`pdf`] | documents as PDF |
//! | [`store`] | the database |
//! | [`webhooks`] | Standard Webhooks: keys, signatures, when to try again |
//! | [`ical`] | iCalendar files |
//! | [`files`] | agreements as files: read, checked, applied, written |
//! | [`ticket_log`] | tickets from the event log of another system |
//! | [`demo`] | a believable provider to try everything on |
//! | [`telemetry`] | what the server says about itself |

// That the future of a resolver may go to another thread is shown through all that it holds, futures of futures.
#![recursion_limit = "256"]

pub mod app;
pub mod auth;
pub mod cli;
pub mod config;
pub mod demo;
pub mod events;
pub mod files;
pub mod graphql;
pub mod http;
pub mod ical;
pub mod jwks;
pub mod outbound;
pub mod pdf;
pub mod store;
pub mod telemetry;
pub mod ticket_log;
pub mod webhooks;
