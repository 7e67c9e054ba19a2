//! From a token to a caller, or to the reason why not.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{Caller, ClientCode, KeySet, ProviderCode, ScopeSet, VerificationKey, caller::is_plain_text, json::Object};

/// The longest token read. Header and claims of a generous token are under 2 KiB.
const MOST_TOKEN_BYTES: usize = 8 * 1024;

/// The longest `sub`, `client_id` and `jti`.
pub(super) const MOST_NAME_CHARS: usize = 255;

/// By how many seconds the issuer's clock may differ from ours.
const LEEWAY_SECONDS: f64 = 30.0;

/// The last instant a claim may name, the end of the year 9999 in unix seconds.
const LATEST_SECONDS: f64 = 253_402_300_799.0;

/// Header names that change how a token is to be read, or bring a key along. None is understood, so none is passed over.
const REFUSED_HEADER_NAMES: [&str; 8] = ["crit", "b64", "jwk", "jku", "x5u", "x5c", "zip", "enc"];

/// Why a request has no caller. The texts are stable, fit a header, and say nothing that the sender does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TokenError {
    /// There is no `Authorization` header.
    #[error("no token")]
    Missing,
    /// The `Authorization` header is of another scheme, or has no token.
    #[error("the Authorization header is not of the form Bearer and a token")]
    NotBearer,
    /// More than 8 KiB.
    #[error("the token is too long")]
    TooLong,
    /// Not three parts in base64url without padding.
    #[error("the token is not three parts in base64url")]
    Malformed,
    /// The header is not a JSON object, or has a name twice.
    #[error("the token header is not a JSON object with different names")]
    Header,
    /// The header has a name that is not understood and may not be passed over.
    #[error("the token header may not have {0}")]
    HeaderName(&'static str),
    /// The header's `typ` is not that of an access token (RFC 9068).
    #[error("the token header typ is not at+jwt")]
    Type,
    /// `alg` is missing, or is not what the key is for.
    #[error("the token header alg is not that of the key")]
    Algorithm,
    /// `kid` is missing or names no key here.
    #[error("the token header kid names no known key")]
    UnknownKey,
    /// The signature is not the key's.
    #[error("the token signature does not hold")]
    Signature,
    /// The claims are not a JSON object, or one is there twice.
    #[error("the token claims are not a JSON object with different names")]
    Claims,
    /// The claim is missing where it must be there, or is not what it must be.
    #[error("the token claim {0} is missing or not as it must be")]
    Claim(&'static str),
    /// `iss` is not the configured issuer.
    #[error("the token is of another issuer")]
    Issuer,
    /// `aud` does not name this server.
    #[error("the token is for another audience")]
    Audience,
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `nbf` or `iat` is still to come.
    #[error("the token does not hold yet")]
    NotYet,
}

impl TokenError {
    /// The `WWW-Authenticate` header of the refusal (RFC 6750 §3): no error code where no token was sent.
    #[must_use]
    pub fn challenge(&self) -> String {
        match self {
            Self::Missing => "Bearer".into(),
            _ => format!("Bearer error=\"invalid_token\", error_description=\"{self}\""),
        }
    }
}

/// The token in an `Authorization` header's value: `Bearer`, in any case, and the token.
///
/// # Errors
/// [`TokenError::Missing`] without a header, [`TokenError::NotBearer`] when it is something else.
pub fn bearer(header_value: Option<&str>) -> Result<&str, TokenError> {
    let (scheme, rest) = header_value.ok_or(TokenError::Missing)?.split_once(' ').ok_or(TokenError::NotBearer)?;
    let token = rest.trim_start_matches(' ');
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() { Ok(token) } else { Err(TokenError::NotBearer) }
}

/// Tells tokens that hold from those that do not.
#[derive(Clone, Debug)]
pub struct Verifier {
    keys: KeySet,
    issuer: String,
    audience: String,
}

impl Verifier {
    /// A verifier of tokens by `issuer` for `audience`, signed by one of `keys`.
    pub fn new(keys: KeySet, issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self { keys, issuer: issuer.into(), audience: audience.into() }
    }

    /// Who holds `token`, if it holds at `now`.
    ///
    /// Times are taken with 30 seconds of leeway. Unknown claims and header names are passed over; those that RFC 7515
    /// or RFC 9068 give a meaning are read by that meaning or refused.
    ///
    /// - `now`: unix seconds.
    ///
    /// Source: RFC 7515, RFC 7519, RFC 8725, RFC 9068.
    ///
    /// # Errors
    /// [`TokenError`], the first reason found: form, header, key, signature, then the claims.
    pub fn verify(&self, token: &str, now: i64) -> Result<Caller, TokenError> {
        let parts = Parts::split(token)?;
        if !self.key_for(&parts.header)?.verifies(parts.message, parts.signature) {
            return Err(TokenError::Signature);
        }
        let claims = Object::read(&parts.claims).ok_or(TokenError::Claims)?;
        self.require_meant_for_us(&claims)?;
        let expires_at = require_alive(&claims, now)?;
        read_caller(&claims, expires_at)
    }

    /// The key the header names, once the header says nothing that would have to be refused.
    fn key_for(&self, header: &[u8]) -> Result<&VerificationKey, TokenError> {
        let header = Object::read(header).ok_or(TokenError::Header)?;
        if let Some(name) = REFUSED_HEADER_NAMES.into_iter().find(|name| header.has(name)) {
            return Err(TokenError::HeaderName(name));
        }
        let typ = header.text("typ").ok_or(TokenError::Type)?.to_ascii_lowercase();
        if !matches!(typ.as_str(), "at+jwt" | "application/at+jwt") {
            return Err(TokenError::Type);
        }
        let kid = header.text("kid").ok_or(TokenError::UnknownKey)?;
        self.keys.require(kid, header.text("alg").ok_or(TokenError::Algorithm)?)
    }

    fn require_meant_for_us(&self, claims: &Object) -> Result<(), TokenError> {
        if claims.text("iss") != Some(&self.issuer) {
            return Err(TokenError::Issuer);
        }
        let named = match claims.get("aud") {
            Some(Value::String(one)) => *one == self.audience,
            Some(Value::Array(some)) => {
                some.iter().all(Value::is_string) && some.contains(&self.audience.as_str().into())
            }
            _ => false,
        };
        if named { Ok(()) } else { Err(TokenError::Audience) }
    }
}

/// A token taken apart: what is signed, the signature as written, and the bytes of header and claims.
struct Parts<'a> {
    message: &'a str,
    signature: &'a str,
    header: Vec<u8>,
    claims: Vec<u8>,
}

impl<'a> Parts<'a> {
    fn split(token: &'a str) -> Result<Self, TokenError> {
        if token.len() > MOST_TOKEN_BYTES {
            return Err(TokenError::TooLong);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, claims) = message.split_once('.').ok_or(TokenError::Malformed)?;
        decode(signature)?;
        Ok(Self { message, signature, header: decode(header)?, claims: decode(claims)? })
    }
}

/// The bytes of a part that is not empty; padding, other alphabets and stray last bits are refused.
fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    if part.is_empty() {
        return Err(TokenError::Malformed);
    }
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed)
}

/// When the token runs out, in whole unix seconds, if it is alive at `now`.
fn require_alive(claims: &Object, now: i64) -> Result<i64, TokenError> {
    let now = now as f64;
    let expires = seconds(claims, "exp")?;
    if now >= expires + LEEWAY_SECONDS {
        return Err(TokenError::Expired);
    }
    let issued = seconds(claims, "iat")?;
    let not_before = if claims.has("nbf") { seconds(claims, "nbf")? } else { issued };
    if now + LEEWAY_SECONDS < issued.max(not_before) {
        return Err(TokenError::NotYet);
    }
    Ok(expires as i64)
}

/// A claim that is an instant: a number of unix seconds, fractions allowed, from 1970 to 9999.
fn seconds(claims: &Object, name: &'static str) -> Result<f64, TokenError> {
    let seconds = claims.get(name).and_then(Value::as_f64);
    seconds.filter(|seconds| (0.0..=LATEST_SECONDS).contains(seconds)).ok_or(TokenError::Claim(name))
}

fn read_caller(claims: &Object, expires_at: i64) -> Result<Caller, TokenError> {
    Ok(Caller {
        subject: name(claims, "sub")?,
        client_id: name(claims, "client_id")?,
        jti: name(claims, "jti")?,
        provider: optional(claims, "provider", ProviderCode::new)?.ok_or(TokenError::Claim("provider"))?,
        client: optional(claims, "client", ClientCode::new)?,
        scopes: optional(claims, "scope", |claim| Ok::<_, TokenError>(ScopeSet::from_claim(claim)))?
            .unwrap_or_default(),
        expires_at,
    })
}

/// A claim that names somebody or something: 1 to 255 characters, none of them a control character.
fn name(claims: &Object, name: &'static str) -> Result<String, TokenError> {
    let text = claims.text(name).filter(|text| is_plain_text(text, MOST_NAME_CHARS));
    text.map(str::to_owned).ok_or(TokenError::Claim(name))
}

/// A claim that may be left out, but if it is there is a string that `read` takes. Null is there.
fn optional<'a, T, E>(
    claims: &'a Object,
    name: &'static str,
    read: impl Fn(&'a str) -> Result<T, E>,
) -> Result<Option<T>, TokenError> {
    let refused = TokenError::Claim(name);
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => read(text).map(Some).map_err(|_| refused),
        Some(_) => Err(refused),
    }
}

#[cfg(test)]
mod tests;
