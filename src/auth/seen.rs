//! Tokens that were verified before: what costs a signature once is then found by the token's bytes.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, SHA256_OUTPUT_LEN, digest};
use quick_cache::sync::Cache;

use super::{Caller, KeySet, Keyring, Leeway, TokenError};

/// How many tokens are kept. One takes about half a kilobyte, at the very most two.
const TOKENS_MAX: usize = 8 * 1024;

/// From when and until when a token holds, in unix seconds, without leeway.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Life {
    pub(super) from: f64,
    pub(super) until: f64,
}

impl Life {
    /// Holds the life to an instant in unix seconds.
    ///
    /// # Errors
    /// [`TokenError::Expired`], [`TokenError::NotYet`].
    pub(super) fn require(self, now: i64, leeway: Leeway) -> Result<(), TokenError> {
        let (now, leeway) = (now as f64, f64::from(leeway.seconds()));
        if now >= self.until + leeway {
            return Err(TokenError::Expired);
        }
        if now + leeway < self.from { Err(TokenError::NotYet) } else { Ok(()) }
    }
}

/// What a token came to when it was verified, and by which keys.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) caller: Arc<Caller>,
    pub(super) life: Life,
    /// The keys of its issuer as they were then.
    pub(super) keys: Arc<KeySet>,
    /// Where they are now.
    pub(super) ring: Arc<Keyring>,
}

/// The name of a token in memory: its SHA-256, so that no memory holds tokens that others could use.
pub(super) type TokenName = [u8; SHA256_OUTPUT_LEN];

/// The tokens that were verified before, the least used ones forgotten first.
///
/// Only tokens that hold come in, so that a flood of others pushes nothing out. What is found counts only as long as
/// the issuer's keys are the very set that verified it: any other set, and the signature is verified anew.
#[derive(Debug)]
pub(super) struct SeenTokens(Cache<TokenName, Arc<Seen>>);

impl Default for SeenTokens {
    fn default() -> Self {
        Self(Cache::new(TOKENS_MAX))
    }
}

impl SeenTokens {
    /// What the token is called here.
    pub(super) fn name(token: &str) -> TokenName {
        let mut name = TokenName::default();
        name.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        name
    }

    /// What was found out about a token, if it still counts.
    pub(super) fn find(&self, name: &TokenName) -> Option<Arc<Seen>> {
        self.0.get(name).filter(|seen| seen.ring.is_current(&seen.keys))
    }

    /// Keeps what was found out about a token.
    pub(super) fn keep(&self, name: TokenName, seen: Seen) {
        self.0.insert(name, Arc::new(seen));
    }

    /// Forgets a token.
    pub(super) fn forget(&self, name: &TokenName) {
        self.0.remove(name);
    }
}

#[cfg(test)]
impl SeenTokens {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
