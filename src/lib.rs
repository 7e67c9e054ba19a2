//! The system of record for the agreements between managed service providers and their clients.

pub mod auth;
pub mod config;
