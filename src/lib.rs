//! The system of record for the agreements between managed service providers and their clients.
//!
//! | module | knows |
//! |---|---|
//! | [`config`] | settings |
//! | [`auth`] | tokens: who asks |
//! | [`store`] | the database |
//! | [`app`] | the use cases |
//! | [`graphql`] | the API |

pub mod app;
pub mod auth;
pub mod config;
pub mod graphql;
pub mod store;
