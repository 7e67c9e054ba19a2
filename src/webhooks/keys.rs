//! Keys that messages are signed by.

use std::fmt;

use aws_lc_rs::{
    hmac, rand,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// How many bytes a key has: of HMAC the specification asks for 24 to 64, of Ed25519 it is the seed's length.
const KEY_BYTES: usize = 32;

/// How messages are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignatureKind {
    /// HMAC-SHA256 by a secret that both sides know (`v1`).
    Hmac,
    /// Ed25519 by a key that never leaves the server; receivers verify by its public half (`v1a`).
    Ed25519,
}

impl SignatureKind {
    /// The name that stands before each signature.
    const fn version(self) -> &'static str {
        match self {
            Self::Hmac => "v1",
            Self::Ed25519 => "v1a",
        }
    }

    /// What a key's text begins with.
    const fn prefix(self) -> &'static str {
        match self {
            Self::Hmac => "whsec_",
            Self::Ed25519 => "whsk_",
        }
    }
}

/// Why there is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The system gave no randomness.
    #[error("no key could be made")]
    NotMade,
    /// The text is no key. It is not shown.
    #[error("the text is no key to sign webhooks by")]
    NotAKey,
}

/// A key that messages are signed by.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookKey {
    kind: SignatureKind,
    bytes: [u8; KEY_BYTES],
}

impl WebhookKey {
    /// A new key of the system's randomness.
    ///
    /// # Errors
    /// [`KeyError::NotMade`].
    pub fn generate(kind: SignatureKind) -> Result<Self, KeyError> {
        let mut bytes = [0; KEY_BYTES];
        rand::fill(&mut bytes).map_err(|_| KeyError::NotMade)?;
        Ok(Self { kind, bytes })
    }

    /// The key that a text spells: `whsec_` or `whsk_` and base64.
    ///
    /// # Errors
    /// [`KeyError::NotAKey`].
    pub fn read(text: &str) -> Result<Self, KeyError> {
        let kinds = [SignatureKind::Hmac, SignatureKind::Ed25519];
        let found = kinds.into_iter().find_map(|kind| Some((kind, text.strip_prefix(kind.prefix())?)));
        let (kind, encoded) = found.ok_or(KeyError::NotAKey)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| KeyError::NotAKey)?;
        let bytes = bytes.try_into().map_err(|_| KeyError::NotAKey)?;
        Ok(Self { kind, bytes })
    }

    /// How it signs.
    #[must_use]
    pub fn kind(&self) -> SignatureKind {
        self.kind
    }

    /// The text that spells the key: whoever has it can sign.
    #[must_use]
    pub fn secret(&self) -> String {
        format!("{}{}", self.kind.prefix(), STANDARD.encode(self.bytes))
    }

    /// The public half of an Ed25519 key, `whpk_` and base64; an HMAC key has none.
    #[must_use]
    pub fn public_key(&self) -> Option<String> {
        let pair = self.pair()?;
        Some(format!("whpk_{}", STANDARD.encode(pair.public_key())))
    }

    /// The signature of a text, with the name of how it was made before it.
    #[must_use]
    pub fn sign(&self, text: &[u8]) -> String {
        let signature = match self.pair() {
            Some(pair) => STANDARD.encode(pair.sign(text)),
            None => STANDARD.encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.bytes), text)),
        };
        format!("{},{signature}", self.kind.version())
    }

    fn pair(&self) -> Option<Ed25519KeyPair> {
        match self.kind {
            SignatureKind::Hmac => None,
            // Every seed of this length is a key.
            SignatureKind::Ed25519 => Ed25519KeyPair::from_seed_unchecked(&self.bytes).ok(),
        }
    }
}

/// The kind only; never the key.
impl fmt::Debug for WebhookKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookKey").field("kind", &self.kind).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};

    use super::*;

    #[test]
    fn keys_have_one_spelling_and_are_not_shown() {
        for kind in [SignatureKind::Hmac, SignatureKind::Ed25519] {
            let key = WebhookKey::generate(kind).unwrap();
            assert_eq!(WebhookKey::read(&key.secret()), Ok(key.clone()));
            assert_ne!(WebhookKey::generate(kind).unwrap(), key);
            assert_eq!(format!("{key:?}"), format!("WebhookKey {{ kind: {kind:?}, .. }}"));
        }
        for text in ["", "whsec_", "whsec_AAAA", "whpk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "AAAA", "whsec_!"]
        {
            assert_eq!(WebhookKey::read(text), Err(KeyError::NotAKey), "{text}");
        }
    }

    #[test]
    fn hmac_is_that_of_rfc_4231() {
        // Test case 3: a key of twenty times 0xaa, here filled up with zeros, which HMAC does by itself.
        let mut bytes = [0; KEY_BYTES];
        bytes[..20].fill(0xaa);
        let key = WebhookKey { kind: SignatureKind::Hmac, bytes };
        let signature = STANDARD.decode(key.sign(&[0xdd; 50]).strip_prefix("v1,").unwrap()).unwrap();
        let hex: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
        assert_eq!(key.public_key(), None);
    }

    #[test]
    fn ed25519_is_that_of_rfc_8032() {
        // Section 7.1, test 2.
        let hex = |text: &str| -> Vec<u8> {
            (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
        };
        let seed = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        let public = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        let signature = hex(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        );
        let key = WebhookKey { kind: SignatureKind::Ed25519, bytes: seed.try_into().unwrap() };
        assert_eq!(key.public_key(), Some(format!("whpk_{}", STANDARD.encode(&public))));
        assert_eq!(key.sign(&[0x72]), format!("v1a,{}", STANDARD.encode(&signature)));
        assert!(UnparsedPublicKey::new(&ED25519, &public).verify(&[0x72], &signature).is_ok());
    }
}
