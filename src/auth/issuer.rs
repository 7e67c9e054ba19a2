//! Whose tokens are taken, and how each issuer writes them.

use std::{str::FromStr, sync::Arc};

use super::{KeySet, Keyring, SigningKey, token::seconds_in};

/// By how much an issuer's clock may differ from ours: 0 to 300 seconds, as text `30s` or `2m`. The default is 30.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leeway(u32);

/// The text is not a leeway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a leeway is a whole number with s or m, from 0s to 5m")]
pub struct LeewayError;

impl Leeway {
    const MOST_SECONDS: u32 = 300;

    /// The leeway in seconds.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.0
    }
}

impl Default for Leeway {
    fn default() -> Self {
        Self(30)
    }
}

impl FromStr for Leeway {
    type Err = LeewayError;
    fn from_str(text: &str) -> Result<Self, LeewayError> {
        seconds_in(text).filter(|&seconds| seconds <= Self::MOST_SECONDS).map(Self).ok_or(LeewayError)
    }
}

/// What an issuer calls the claims that have no name everywhere. The default is RFC 9068's, and Remit's own two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimNames {
    /// The tenant.
    pub provider: String,
    /// The one client the token is bound to.
    pub client: String,
    /// What the token allows.
    pub scope: String,
    /// The software that asks.
    pub client_id: String,
}

impl Default for ClaimNames {
    fn default() -> Self {
        let [provider, client, scope, client_id] = ["provider", "client", "scope", "client_id"].map(str::to_owned);
        Self { provider, client, scope, client_id }
    }
}

/// Which values of a token header's `typ` are taken, as text words with commas between: `at+jwt`, `JWT`, and `none` for
/// a header without it. The default is `at+jwt` alone (RFC 9068 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenTypes {
    at_jwt: bool,
    jwt: bool,
    none: bool,
}

/// A word names no type of token, or there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the types of tokens are at+jwt, JWT and none, with commas between")]
pub struct TokenTypesError;

impl TokenTypes {
    /// Whether a header may have this `typ`, or none. Media types may be written in full, and in any case (RFC 7515 §4.1.9).
    pub(super) fn allow(self, typ: Option<&str>) -> bool {
        match typ.map(str::to_ascii_lowercase).as_deref() {
            None => self.none,
            Some("at+jwt" | "application/at+jwt") => self.at_jwt,
            Some("jwt" | "application/jwt") => self.jwt,
            Some(_) => false,
        }
    }
}

impl Default for TokenTypes {
    fn default() -> Self {
        Self { at_jwt: true, jwt: false, none: false }
    }
}

impl FromStr for TokenTypes {
    type Err = TokenTypesError;
    fn from_str(words: &str) -> Result<Self, TokenTypesError> {
        let mut types = Self { at_jwt: false, jwt: false, none: false };
        for word in words.split(',').map(str::trim) {
            let named = match word.to_ascii_lowercase().as_str() {
                "at+jwt" => &mut types.at_jwt,
                "jwt" => &mut types.jwt,
                "none" => &mut types.none,
                _ => return Err(TokenTypesError),
            };
            *named = true;
        }
        Ok(types)
    }
}

/// Whether a token must have an id of its own (`jti`). One that is there must be as it must be, either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JtiRule {
    /// As RFC 9068 asks.
    #[default]
    Required,
    /// For issuers that send none.
    Optional,
}

/// How a scope may be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScopeForm {
    /// Words with spaces between (RFC 8693 §4.2).
    #[default]
    Text,
    /// That, or an array with a word in each element.
    TextOrList,
}

/// How an issuer writes its tokens. The default is RFC 9068 to the letter.
///
/// What is not here is waived for nobody: signature, `iss`, `aud`, `exp`, `iat`, `sub`, and the tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dialect {
    /// What the claims are called.
    pub claims: ClaimNames,
    /// Which `typ` is taken.
    pub types: TokenTypes,
    /// Whether `jti` must be there.
    pub jti: JtiRule,
    /// How the scope may be written.
    pub scope: ScopeForm,
}

/// Somebody whose tokens are taken: a name, and the keys that speak for it and for no other issuer.
#[derive(Clone, Debug)]
pub struct Issuer {
    pub(super) name: String,
    pub(super) dialect: Dialect,
    pub(super) keys: Arc<Keyring>,
    /// Whether it is this server, which knows what it said when.
    pub(super) is_own: bool,
}

impl Issuer {
    /// The server itself, whose tokens name `name` as their issuer.
    #[must_use]
    pub fn own(name: impl Into<String>, key: &SigningKey) -> Self {
        let keys = Arc::new(Keyring::from(KeySet::from(key)));
        Self { is_own: true, ..Self::outside(name, Dialect::default(), keys) }
    }

    /// Another, whose tokens name `name` exactly as their issuer.
    ///
    /// - `keys`: what it publishes, put there by whoever fetches it.
    pub fn outside(name: impl Into<String>, dialect: Dialect, keys: Arc<Keyring>) -> Self {
        Self { name: name.into(), dialect, keys, is_own: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leeway_is_bounded() {
        for (text, seconds) in [("0s", 0), ("30s", 30), ("1m", 60), ("5m", 300), ("300s", 300)] {
            assert_eq!(text.parse::<Leeway>().map(Leeway::seconds), Ok(seconds), "{text}");
        }
        for text in ["", "s", "30", "301s", "6m", "1h", "-1s", "+1s", "1.5s", " 1s", "99999999999s"] {
            assert_eq!(text.parse::<Leeway>(), Err(LeewayError), "{text:?}");
        }
        assert_eq!(Leeway::default().seconds(), 30);
    }

    #[test]
    fn types_are_named_one_by_one() {
        let every = [None, Some("at+jwt"), Some("Application/AT+JWT"), Some("JWT"), Some("application/jwt")];
        let check = |words: &str, allowed: [bool; 5]| {
            let types: TokenTypes = words.parse().unwrap();
            assert_eq!(every.map(|typ| types.allow(typ)), allowed, "{words}");
            for typ in ["", "id+jwt", "logout+jwt", "dpop+jwt", "none", "at+jwt ", "jwt;x=1"] {
                assert!(!types.allow(Some(typ)), "{words} {typ:?}");
            }
        };
        check("at+jwt", [false, true, true, false, false]);
        check("JWT", [false, false, false, true, true]);
        check("at+jwt, jwt", [false, true, true, true, true]);
        check("at+jwt,JWT,none", [true; 5]);
        assert_eq!("at+jwt".parse(), Ok(TokenTypes::default()));
        for words in ["", ",", "at+jwt,", "any", "*", "at+jwt jwt"] {
            assert_eq!(words.parse::<TokenTypes>(), Err(TokenTypesError), "{words:?}");
        }
    }
}
