//! Webhooks by the Standard Webhooks specification, version 1.0.0: keys, signatures, headers, and when to try again.
//!
//! Architecture invariant: pure. No connection, no clock, no database: what is signed, when, and by which key is handed in.

mod keys;
mod message;
mod schedule;

pub use keys::{KeyError, SignatureKind, WebhookKey};
pub use message::{Message, signed_headers};
pub use schedule::{ATTEMPTS_MOST, Jitter, retry_after};
