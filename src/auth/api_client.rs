//! Software that gets its tokens from this server: how it is called, and its secrets.

use std::{fmt, str::FromStr};

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
    rand,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{CodeError, ProviderCode};

/// What an API client calls itself (`client_id`): its provider's code, a dot, and its own code of 1 to 64 letters,
/// digits, `.`, `_` and `-`. A provider's code has no dot, so the first one parts the two.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiClientId {
    provider: ProviderCode,
    code: String,
}

impl ApiClientId {
    /// The id of a provider's API client.
    ///
    /// # Errors
    /// [`CodeError::ApiClient`] when `code` is none.
    pub fn new(provider: ProviderCode, code: impl Into<String>) -> Result<Self, CodeError> {
        let code = code.into();
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if (1..=64).contains(&code.len()) && code.bytes().all(allowed) {
            return Ok(Self { provider, code });
        }
        Err(CodeError::ApiClient)
    }

    /// Whose it is.
    #[must_use]
    pub const fn provider(&self) -> &ProviderCode {
        &self.provider
    }

    /// Its code, unique per provider.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }
}

impl FromStr for ApiClientId {
    type Err = CodeError;
    fn from_str(text: &str) -> Result<Self, CodeError> {
        let (provider, code) = text.split_once('.').ok_or(CodeError::ApiClient)?;
        Self::new(ProviderCode::new(provider)?, code)
    }
}

impl fmt::Display for ApiClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.provider, self.code)
    }
}

/// No randomness was to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no secret could be made")]
pub struct NoSecret;

/// A secret of an API client, shown once to whoever made it and kept nowhere.
///
/// `remit_` and 256 random bits in base64url: recognised by scanners for lost secrets, and beyond guessing.
pub struct ApiSecret(String);

impl ApiSecret {
    /// What every secret begins with.
    pub const PREFIX: &'static str = "remit_";

    /// A new secret.
    ///
    /// # Errors
    /// [`NoSecret`].
    pub fn generate() -> Result<Self, NoSecret> {
        let mut random = [0; 32];
        rand::fill(&mut random).map_err(|_| NoSecret)?;
        Ok(Self(format!("{}{}", Self::PREFIX, URL_SAFE_NO_PAD.encode(random))))
    }

    /// The secret itself, to be shown this once.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> SecretHash {
        SecretHash(hash(&self.0))
    }
}

/// Never the secret.
impl fmt::Debug for ApiSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ApiSecret").finish_non_exhaustive()
    }
}

/// What is kept of a secret: its SHA-256 in base64url.
///
/// A password is hashed slowly because people choose few; of 2^256 random secrets none is found by trying, however fast
/// each try is, and there are no two alike that a salt would have to tell apart.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretHash(String);

impl SecretHash {
    /// The hash as it was kept.
    #[must_use]
    pub fn kept(text: String) -> Self {
        Self(text)
    }

    /// The hash as it is kept.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is that of `given`; how long that takes says nothing of the secret.
    #[must_use]
    pub fn is_of(&self, given: &str) -> bool {
        verify_slices_are_equal(self.0.as_bytes(), hash(given).as_bytes()).is_ok()
    }
}

/// Not even the hash.
impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SecretHash").finish_non_exhaustive()
    }
}

fn hash(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, secret.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_providers_code_and_its_own() {
        for (text, provider, code) in
            [("acme.psa", "acme", "psa"), ("a-1.CRM_2.eu-west", "a-1", "CRM_2.eu-west"), ("a..", "a", ".")]
        {
            let id: ApiClientId = text.parse().unwrap();
            assert_eq!((id.provider().as_str(), id.code(), id.to_string().as_str()), (provider, code, text));
        }
        let long = format!("acme.{}", "x".repeat(65));
        for text in ["", "acme", "acme.", ".psa", "Acme.psa", "acme.p a", "acme.ü", "acme.p:a", "acme.a\n", &long] {
            assert!(text.parse::<ApiClientId>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn secrets_are_long_and_different_and_known_by_their_hash() {
        let (one, two) = (ApiSecret::generate().unwrap(), ApiSecret::generate().unwrap());
        assert!(one.expose().len() == 49 && one.expose().starts_with("remit_"));
        assert_ne!(one.expose(), two.expose());
        let kept = SecretHash::kept(one.hash().as_str().to_owned());
        assert!(kept.is_of(one.expose()) && !kept.is_of(two.expose()));
        for other in ["", "remit_", &one.expose()[..48], &format!("{} ", one.expose()), kept.as_str()] {
            assert!(!kept.is_of(other), "{other}");
        }
    }

    #[test]
    fn no_secret_is_shown_by_accident() {
        let secret = ApiSecret::generate().unwrap();
        let shown = format!("{secret:?} {:?}", secret.hash());
        assert!(!shown.contains(secret.expose()) && !shown.contains(secret.hash().as_str()), "{shown}");
    }
}
