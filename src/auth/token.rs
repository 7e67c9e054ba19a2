//! Making a token with the server's own key.

use std::{str::FromStr, sync::Arc};

use aws_lc_rs::rand;
use jsonwebtoken::{Algorithm, Header};
use serde::Serialize;

use super::{ClientCode, ProviderCode, ScopeSet, SigningKey, caller::is_plain_text, verify::MOST_NAME_CHARS};

/// How long a token holds: 1 second to 366 days, as text `90s`, `30m`, `1h` or `7d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ttl(u32);

/// The text is not a time to live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a time to live is a whole number with s, m, h or d, such as 1h, from 1s to 366d")]
pub struct TtlError;

impl Ttl {
    const MOST_SECONDS: u32 = 366 * 86_400;

    /// The time to live of so many seconds, if it can be one.
    ///
    /// # Errors
    /// [`TtlError`].
    pub fn of_seconds(seconds: u32) -> Result<Self, TtlError> {
        if (1..=Self::MOST_SECONDS).contains(&seconds) { Ok(Self(seconds)) } else { Err(TtlError) }
    }

    /// The time in seconds.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.0
    }
}

impl FromStr for Ttl {
    type Err = TtlError;
    fn from_str(text: &str) -> Result<Self, TtlError> {
        Self::of_seconds(seconds_in(text).ok_or(TtlError)?)
    }
}

/// The seconds that a whole number with s, m, h or d says.
pub(super) fn seconds_in(text: &str) -> Option<u32> {
    let (count, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit_seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    if !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    count.parse::<u32>().ok()?.checked_mul(unit_seconds)
}

/// Why no token was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The subject or the software's name would be refused when the token is used.
    #[error("{0} must be 1 to {MOST_NAME_CHARS} characters without control characters")]
    Name(&'static str),
    /// `now` lies before 1970 or beyond what a token can state.
    #[error("the clock is out of range")]
    Clock,
    /// The key did not sign, or there was no randomness for the token's id.
    #[error("the token could not be signed")]
    Signature,
}

/// What a token is to say.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    /// The tenant.
    pub provider: ProviderCode,
    /// What it allows.
    pub scopes: ScopeSet,
    /// The one client it is bound to, for a client's portal.
    pub client: Option<ClientCode>,
    /// Who it is for (`sub`).
    pub subject: String,
    /// The software that will use it (`client_id`).
    pub client_id: String,
    /// How long it holds.
    pub ttl: Ttl,
    /// How often all tokens of the API client had been revoked; none for what is no API client's.
    pub cut: Option<u64>,
}

/// Somebody who makes tokens: a key, the issuer it speaks for, and who is to take them.
#[derive(Clone, Debug)]
pub struct TokenIssuer {
    key: Arc<SigningKey>,
    name: String,
    audience: String,
}

impl TokenIssuer {
    /// The issuer that the verifiers of `audience` know as `name` by `key`.
    pub fn new(key: Arc<SigningKey>, name: impl Into<String>, audience: impl Into<String>) -> Self {
        Self { key, name: name.into(), audience: audience.into() }
    }

    /// What it is called in tokens (`iss`).
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Signs a token that holds from `now` on, in unix seconds.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(&self, request: &TokenRequest, now: i64) -> Result<String, SignError> {
        request.sign(&self.key, &self.name, &self.audience, now)
    }
}

/// The claims of RFC 9068 and Remit's own three.
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    client_id: &'a str,
    iat: i64,
    exp: i64,
    jti: uuid::Uuid,
    scope: String,
    provider: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cut: Option<u64>,
}

impl TokenRequest {
    /// The token, signed: an RFC 9068 access token that holds from `now` on.
    ///
    /// - `issuer`, `audience`: as the verifier expects them.
    /// - `now`: unix seconds.
    ///
    /// # Errors
    /// [`SignError`]; a token that is made is one that a verifier with the same key, issuer and audience takes.
    pub fn sign(&self, key: &SigningKey, issuer: &str, audience: &str, now: i64) -> Result<String, SignError> {
        let claims = Claims {
            iss: issuer,
            aud: audience,
            sub: plain("the subject", &self.subject)?,
            client_id: plain("the client id", &self.client_id)?,
            iat: now,
            exp: now.checked_add(self.ttl.0.into()).ok_or(SignError::Clock)?,
            jti: token_id(now)?,
            scope: self.scopes.to_string(),
            provider: self.provider.as_str(),
            client: self.client.as_ref().map(ClientCode::as_str),
            cut: self.cut,
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some("at+jwt".into());
        header.kid = Some(key.kid().into());
        jsonwebtoken::encode(&header, &claims, key.private()).map_err(|_| SignError::Signature)
    }
}

fn plain<'a>(what: &'static str, text: &'a str) -> Result<&'a str, SignError> {
    if is_plain_text(text, MOST_NAME_CHARS) { Ok(text) } else { Err(SignError::Name(what)) }
}

/// A UUIDv7 of `now`, so that tokens sort by when they were made.
fn token_id(now: i64) -> Result<uuid::Uuid, SignError> {
    let millis = u64::try_from(now).ok().and_then(|seconds| seconds.checked_mul(1000)).ok_or(SignError::Clock)?;
    let mut random = [0; 10];
    rand::fill(&mut random).map_err(|_| SignError::Signature)?;
    Ok(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::{super::*, *};

    const NOW: i64 = 1_800_000_000;

    fn request() -> TokenRequest {
        TokenRequest {
            provider: "acme".parse().unwrap(),
            scopes: "coverage:read agreements:read".parse().unwrap(),
            client: None,
            subject: "psa".into(),
            client_id: "ticket-desk".into(),
            ttl: "1h".parse().unwrap(),
            cut: None,
        }
    }

    #[test]
    fn a_signed_token_is_taken_and_says_what_was_asked() {
        let key = SigningKey::generate().unwrap();
        let verifier = Verifier::new(KeySet::from(&key), "remit", "remit");
        let plain = request();
        let caller = verifier.verify(&plain.sign(&key, "remit", "remit", NOW).unwrap(), NOW).unwrap();
        assert_eq!((caller.subject(), caller.client_id(), caller.client()), ("psa", "ticket-desk", None));
        assert_eq!((caller.provider(), caller.scopes()), (&plain.provider, plain.scopes));
        assert_eq!((caller.expires_at(), caller.jti().map(str::len)), (NOW + 3600, Some(36)));

        let portal = TokenRequest { client: Some("Müller & Söhne".parse().unwrap()), ..request() };
        let bound = verifier.verify(&portal.sign(&key, "remit", "remit", NOW).unwrap(), NOW).unwrap();
        assert_eq!(bound.client(), portal.client.as_ref());
        assert_ne!(bound.jti(), caller.jti());
    }

    #[test]
    fn what_would_be_refused_later_is_not_signed() {
        let key = SigningKey::generate().unwrap();
        let check = |request: TokenRequest, now, error| {
            assert_eq!(request.sign(&key, "remit", "remit", now), Err(error), "{request:?}");
        };
        check(TokenRequest { subject: String::new(), ..request() }, NOW, SignError::Name("the subject"));
        check(TokenRequest { subject: "a\nb".into(), ..request() }, NOW, SignError::Name("the subject"));
        check(TokenRequest { client_id: "x".repeat(256), ..request() }, NOW, SignError::Name("the client id"));
        check(request(), -1, SignError::Clock);
        check(request(), i64::MAX, SignError::Clock);
    }

    #[test]
    fn a_time_to_live_is_bounded() {
        for (text, seconds) in [("1s", 1), ("90s", 90), ("30m", 1_800), ("1h", 3_600), ("366d", 31_622_400)] {
            assert_eq!(text.parse::<Ttl>().map(Ttl::seconds), Ok(seconds), "{text}");
        }
        let bad = "|0s|0d|367d|31622401s|s|1|h1|1H|+1h|-1h|1 h|1.5h|1h30m|9999999999d|99999999h|1ü|ü|٣h";
        for text in bad.split('|') {
            assert_eq!(text.parse::<Ttl>(), Err(TtlError), "{text:?}");
        }
    }
}
