//! The keys that tokens are verified by.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey, VerificationAlgorithm,
};

use super::{SigningKey, TokenError};

/// A signature algorithm: the word in a token's `alg`, and what verifies it.
#[derive(Clone, Copy)]
pub(super) struct Signing {
    pub(super) alg: &'static str,
    pub(super) verified_by: &'static dyn VerificationAlgorithm,
}

pub(super) const ED_DSA: Signing = Signing { alg: "EdDSA", verified_by: &ED25519 };
/// The same under the name that says which curve (RFC 9864).
pub(super) const ED_25519: Signing = Signing { alg: "Ed25519", verified_by: &ED25519 };
pub(super) const ES_256: Signing = Signing { alg: "ES256", verified_by: &ECDSA_P256_SHA256_FIXED };
pub(super) const ES_384: Signing = Signing { alg: "ES384", verified_by: &ECDSA_P384_SHA384_FIXED };

/// A key that tokens are verified by, with the one algorithm it is for.
#[derive(Clone)]
pub struct VerificationKey {
    kid: String,
    alg: &'static str,
    key: ParsedPublicKey,
}

impl VerificationKey {
    /// The key whose public half the library reads from `bytes`: of an elliptic curve, its point.
    pub(super) fn new(kid: String, signing: Signing, bytes: &[u8]) -> Option<Self> {
        let key = ParsedPublicKey::new(signing.verified_by, bytes).ok()?;
        Some(Self { kid, alg: signing.alg, key })
    }

    /// A key that has been read already.
    pub(super) const fn parsed(kid: String, alg: &'static str, key: ParsedPublicKey) -> Self {
        Self { kid, alg, key }
    }

    /// The name that a token's header calls it by.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The `alg` that a token's header must have.
    #[must_use]
    pub const fn alg(&self) -> &'static str {
        self.alg
    }

    /// Whether `signature` is this key's over `message`, by this key's algorithm.
    pub(super) fn verifies(&self, message: &str, signature: &[u8]) -> bool {
        self.key.verify_sig(message.as_bytes(), signature).is_ok()
    }
}

impl fmt::Debug for VerificationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerificationKey").field("kid", &self.kid).field("alg", &self.alg).finish_non_exhaustive()
    }
}

/// Two keys of a set go by one name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key id {0:?} is there twice")]
pub struct RepeatedKid(pub String);

/// The keys that tokens of one issuer are verified by, each known by its id. The default holds none.
#[derive(Clone, Debug, Default)]
pub struct KeySet(Vec<VerificationKey>);

impl KeySet {
    /// The set of these keys.
    ///
    /// # Errors
    /// [`RepeatedKid`]: with two keys of one id, which one a token names would be a guess.
    pub fn new(keys: impl IntoIterator<Item = VerificationKey>) -> Result<Self, RepeatedKid> {
        let mut set = Vec::<VerificationKey>::new();
        for key in keys {
            if set.iter().any(|known| known.kid == key.kid) {
                return Err(RepeatedKid(key.kid));
            }
            set.push(key);
        }
        Ok(Self(set))
    }

    /// The keys, in the order in which they were published.
    pub fn iter(&self) -> impl Iterator<Item = &VerificationKey> {
        self.0.iter()
    }

    /// The key a token's header names, if `alg` is the algorithm that key is for.
    ///
    /// # Errors
    /// [`TokenError::UnknownKey`], or [`TokenError::Algorithm`] when the key is for another one.
    pub(super) fn require(&self, kid: &str, alg: &str) -> Result<&VerificationKey, TokenError> {
        let key = self.0.iter().find(|key| key.kid == kid).ok_or(TokenError::UnknownKey)?;
        if alg == key.alg { Ok(key) } else { Err(TokenError::Algorithm) }
    }
}

/// A server that trusts its own tokens only.
impl From<&SigningKey> for KeySet {
    fn from(key: &SigningKey) -> Self {
        Self(vec![key.verification_key()])
    }
}

/// A key set that can be replaced while tokens are verified by it: shared by the verifier and whoever fetches keys.
#[derive(Debug, Default)]
pub struct Keyring(RwLock<Arc<KeySet>>);

impl Keyring {
    /// The keys as they are now; the set stays whole, whatever replaces it meanwhile.
    #[must_use]
    pub fn keys(&self) -> Arc<KeySet> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether these are the keys as they are now: the very set, not one like it.
    pub(super) fn is_current(&self, keys: &Arc<KeySet>) -> bool {
        Arc::ptr_eq(&self.0.read().unwrap_or_else(PoisonError::into_inner), keys)
    }

    /// Puts other keys in place of those there are: what is not among them verifies nothing any more.
    pub fn replace(&self, keys: KeySet) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }
}

impl From<KeySet> for Keyring {
    fn from(keys: KeySet) -> Self {
        Self(RwLock::new(Arc::new(keys)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_finds_a_key_by_id_and_pins_its_algorithm() {
        let (one, two) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
        let set = KeySet::new([one.verification_key(), two.verification_key()]).unwrap();
        assert_eq!(set.require(two.kid(), "EdDSA").unwrap().kid, two.kid());
        for alg in ["none", "HS256", "ES256", "eddsa", "Ed25519", ""] {
            assert_eq!(set.require(one.kid(), alg).unwrap_err(), TokenError::Algorithm, "{alg}");
        }
        assert_eq!(set.require("other", "EdDSA").unwrap_err(), TokenError::UnknownKey);
        let twice = KeySet::new([one.verification_key(), one.verification_key()]);
        assert_eq!(twice.unwrap_err(), RepeatedKid(one.kid().to_owned()));
    }

    #[test]
    fn a_ring_gives_what_was_put_last() {
        let (one, two) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
        let ring = Keyring::from(KeySet::from(&one));
        let before = ring.keys();
        ring.replace(KeySet::from(&two));
        assert!(before.require(one.kid(), "EdDSA").is_ok(), "a set in hand stays as it is");
        assert!(ring.keys().require(one.kid(), "EdDSA").is_err() && ring.keys().require(two.kid(), "EdDSA").is_ok());
        assert_eq!(Keyring::default().keys().iter().count(), 0);
    }
}
