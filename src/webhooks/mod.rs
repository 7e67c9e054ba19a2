//! Webhooks by the Standard Webhooks specification, version 1.0.0: keys, signatures, headers, and when to try again.
//!
//! Architecture invariant: no connection, no clock, no database. What is signed, when, and by which key is handed in.

mod filter;
mod keys;
mod message;
mod schedule;

use std::time::Duration;

pub use filter::{is_filter, lets_through};
pub use keys::{KeyError, SignatureKind, WebhookKey};
pub use message::{Message, signed_headers};
pub use schedule::{ATTEMPTS_MOST, Jitter, retry_after};

/// How long a receiver may take to answer.
pub const TIMEOUT: Duration = Duration::from_secs(15);
