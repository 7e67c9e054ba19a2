//! Who asks, and what they may ask for.
//!
//! A [`Caller`] is the proof: only the [`Verifier`] makes one, from a token whose signature, header and claims all hold
//! (or the server's operator, on the same machine). Whatever needs to know the tenant takes a caller, so that a question
//! without one cannot be put.
//!
//! Tokens are RFC 9068 access tokens, or as near to them as an [`Issuer`]'s [`Dialect`] says. Libraries check the
//! signature and nothing else: of header, claims and published keys they let through what must be refused, so all are read
//! here, name by name. The algorithm is that of the key, never the token's say, and a key speaks for one issuer.
//! Nothing in here owns a clock or a connection.

mod api_client;
mod caller;
mod issuer;
mod json;
mod jwks;
mod key_set;
mod keys;
mod revocation;
mod scope;
mod seen;
mod token;
mod verify;

pub use api_client::{ApiClientId, ApiSecret, NoSecret, SecretHash};
pub use caller::{Caller, ClientCode, CodeError, ProviderCode};
pub use issuer::{ClaimNames, Dialect, Issuer, JtiRule, Leeway, LeewayError, ScopeForm, TokenTypes, TokenTypesError};
pub use jwks::{JwksError, LeftOut, PublishedKeys, Unusable};
pub use key_set::{KeySet, Keyring, RepeatedKid, VerificationKey};
pub use keys::{KeyError, SigningKey};
pub use revocation::{Revocable, Revocation, Revocations, Revoked};
pub use scope::{Scope, ScopeError, ScopeSet};
pub use token::{SignError, TokenIssuer, TokenRequest, Ttl, TtlError};
pub use verify::{MOST_NAME_CHARS, TokenError, Verifier, bearer};
