//! Who asks.

use std::{fmt, str::FromStr};

use super::{Scope, ScopeSet};

/// The text is not a code of the kind asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Not a [`ProviderCode`].
    #[error("a provider's code is 1 to 64 of a-z, 0-9 and -")]
    Provider,
    /// Not the id of an API client.
    #[error("an API client is called by its provider's code, a dot and 1 to 64 letters, digits, '.', '_' and '-'")]
    ApiClient,
    /// Not a [`ClientCode`].
    #[error("a client's code is 1 to 64 characters without control characters")]
    Client,
}

/// The tenant: 1 to 64 of `a-z`, `0-9` and `-`, as in a token's `provider` claim.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderCode(String);

impl ProviderCode {
    /// The code, if it is one.
    ///
    /// # Errors
    /// [`CodeError::Provider`].
    pub fn new(code: impl Into<String>) -> Result<Self, CodeError> {
        let code = code.into();
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=64).contains(&code.len()) && code.bytes().all(allowed) {
            return Ok(Self(code));
        }
        Err(CodeError::Provider)
    }

    /// The code's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A provider's client, as in a token's `client` claim: 1 to 64 characters, none of them a control character.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientCode(String);

impl ClientCode {
    /// The code, if it is one.
    ///
    /// # Errors
    /// [`CodeError::Client`].
    pub fn new(code: impl Into<String>) -> Result<Self, CodeError> {
        let code = code.into();
        if is_plain_text(&code, 64) { Ok(Self(code)) } else { Err(CodeError::Client) }
    }

    /// The code's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Reading (as a command line does) and showing a code are its constructor and its text.
macro_rules! by_code {
    ($($name:ident),+) => {$(
        impl FromStr for $name {
            type Err = CodeError;
            fn from_str(code: &str) -> Result<Self, CodeError> {
                Self::new(code)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

by_code!(ProviderCode, ClientCode);

/// Whether the text is 1 to `most` characters, none of them a control character.
pub(super) fn is_plain_text(text: &str, most: usize) -> bool {
    !text.is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control)
}

/// Who asks: the proof that somebody may, for one provider, with these scopes.
///
/// Made by a [`Verifier`](super::Verifier) from a token that holds, by [`Caller::operator`], or by [`Caller::webhook`]; there
/// is no other way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub(in crate::auth) subject: String,
    pub(in crate::auth) client_id: String,
    pub(in crate::auth) provider: ProviderCode,
    pub(in crate::auth) client: Option<ClientCode>,
    pub(in crate::auth) scopes: ScopeSet,
    pub(in crate::auth) jti: Option<String>,
    pub(in crate::auth) issued_at: i64,
    pub(in crate::auth) expires_at: i64,
    pub(in crate::auth) cut: Option<u64>,
}

impl Caller {
    /// The server's operator, on the same machine, with every scope at one provider for an hour from `now`.
    ///
    /// Only for commands whose caller has the database in hand already, such as filling a demo. Never reachable by a
    /// request: a request's caller comes from its token.
    ///
    /// - `now`: unix seconds.
    #[must_use]
    pub fn operator(provider: ProviderCode, now: i64) -> Self {
        Self {
            subject: "operator".into(),
            client_id: "remit".into(),
            provider,
            client: None,
            scopes: ScopeSet::all(),
            jti: Some("operator".into()),
            issued_at: now,
            expires_at: now.saturating_add(3600),
            cut: None,
        }
    }

    /// A webhook of a provider, with the scopes of the caller who put it.
    ///
    /// Only for making what the webhook sends. Never reachable by a request.
    ///
    /// - `now`: unix seconds.
    #[must_use]
    pub fn webhook(provider: ProviderCode, code: &str, scopes: ScopeSet, now: i64) -> Self {
        Self { subject: format!("webhook:{code}"), scopes, jti: None, ..Self::operator(provider, now) }
    }

    /// Who is behind the request, as the issuer names them (`sub`).
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The software that asks (`client_id`).
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The tenant: every question and every write stays within it.
    #[must_use]
    pub const fn provider(&self) -> &ProviderCode {
        &self.provider
    }

    /// The one client the caller is bound to; none for the provider's own software and staff.
    #[must_use]
    pub const fn client(&self) -> Option<&ClientCode> {
        self.client.as_ref()
    }

    /// What the caller may ask for.
    #[must_use]
    pub const fn scopes(&self) -> ScopeSet {
        self.scopes
    }

    /// Whether the caller may do what `scope` stands for.
    #[must_use]
    pub const fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(scope)
    }

    /// The token's own id, for logs and revocation (`jti`); none if its issuer sends none and need not.
    #[must_use]
    pub fn jti(&self) -> Option<&str> {
        self.jti.as_deref()
    }

    /// When the token was issued, in unix seconds rounded down.
    #[must_use]
    pub const fn issued_at(&self) -> i64 {
        self.issued_at
    }

    /// How often all tokens of this API client had been revoked when this one was given; none for what is no API client's.
    #[must_use]
    pub const fn cut(&self) -> Option<u64> {
        self.cut
    }

    /// When the token runs out, in unix seconds; a caller is not to be kept beyond it.
    #[must_use]
    pub const fn expires_at(&self) -> i64 {
        self.expires_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_providers_code_is_short_and_plain() {
        for code in ["a", "acme", "acme-2", "-", "007", &"x".repeat(64)] {
            assert_eq!(ProviderCode::new(code).map(|made| made.to_string()).as_deref(), Ok(code));
        }
        for code in ["", "Acme", "ac me", "acme_2", "akmé", "acme\n", "acme\0", "a/b", &"x".repeat(65)] {
            assert_eq!(ProviderCode::new(code), Err(CodeError::Provider), "{code:?}");
        }
    }

    #[test]
    fn a_clients_code_is_text_counted_in_characters() {
        for code in ["N", "NORTHWIND", "Müller & Söhne", "客户", &"ü".repeat(64)] {
            assert_eq!(ClientCode::new(code).map(|made| made.to_string()).as_deref(), Ok(code));
        }
        for code in ["", "a\nb", "a\u{85}b", "\0", &"ü".repeat(65)] {
            assert_eq!(ClientCode::new(code), Err(CodeError::Client), "{code:?}");
        }
    }

    #[test]
    fn the_operator_may_do_everything_at_one_provider() {
        let operator = Caller::operator("acme".parse().unwrap(), 1_000);
        assert!(Scope::ALL.iter().all(|&scope| operator.may(scope)));
        assert_eq!((operator.provider().as_str(), operator.client(), operator.expires_at()), ("acme", None, 4_600));
    }
}
