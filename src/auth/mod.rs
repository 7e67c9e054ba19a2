//! Who asks, and what they may ask for.
//!
//! A [`Caller`] is the proof: only the [`Verifier`] makes one, from a token whose signature, header and claims all hold
//! (or the server's operator, on the same machine). Whatever needs to know the tenant takes a caller, so that a question
//! without one cannot be put.
//!
//! Tokens are RFC 9068 access tokens. The library checks the signature and nothing else: of header and claims it lets
//! through what must be refused, so both are read here, name by name. The algorithm is that of the configured key,
//! never the token's say. Nothing in here owns a clock.

mod caller;
mod json;
mod keys;
mod scope;
mod token;
mod verify;

pub use caller::{Caller, ClientCode, CodeError, ProviderCode};
pub use keys::{KeyError, KeySet, SigningKey, VerificationKey};
pub use scope::{Scope, ScopeError, ScopeSet};
pub use token::{SignError, TokenRequest, Ttl, TtlError};
pub use verify::{TokenError, Verifier, bearer};
