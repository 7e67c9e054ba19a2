//! From a token to a caller, or to the reason why not.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{
    Caller, ClientCode, Dialect, Issuer, JtiRule, KeySet, Keyring, Leeway, ProviderCode, Revocations, ScopeForm,
    ScopeSet,
    caller::is_plain_text,
    json::Object,
    seen::{Life, Seen, SeenTokens},
};

/// The longest token read. Header and claims of a generous token are under 2 KiB.
const MOST_TOKEN_BYTES: usize = 8 * 1024;

/// The most characters of `sub`, `client_id` and `jti`.
pub const MOST_NAME_CHARS: usize = 255;

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
    /// The header's `typ` is not that of an access token (RFC 9068), nor another that its issuer may send.
    #[error("the token header typ is not at+jwt, or another that its issuer may send")]
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
    /// The claim is missing where it must be there, or is not what it must be. Named as RFC 9068 and Remit name it,
    /// whatever the issuer calls it.
    #[error("the token claim {0} is missing or not as it must be")]
    Claim(&'static str),
    /// `iss` is not the issuer that the key speaks for.
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
    /// It was revoked, or its subject or software was.
    #[error("the token was revoked")]
    Revoked,
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
#[derive(Debug)]
pub struct Verifier {
    issuers: Vec<Issuer>,
    audience: String,
    leeway: Leeway,
    seen: SeenTokens,
    revocations: Arc<Revocations>,
}

impl Verifier {
    /// A verifier of tokens by `issuer` for `audience`, signed by one of `keys` and written as RFC 9068 says.
    pub fn new(keys: KeySet, issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        let issuer = Issuer::outside(issuer, Dialect::default(), Arc::new(Keyring::from(keys)));
        Self::trusting([issuer], audience, Leeway::default())
    }

    /// A verifier of tokens for `audience` by any of `issuers`, each known by its own keys.
    pub fn trusting(issuers: impl IntoIterator<Item = Issuer>, audience: impl Into<String>, leeway: Leeway) -> Self {
        let (issuers, audience) = (issuers.into_iter().collect(), audience.into());
        Self { issuers, audience, leeway, seen: SeenTokens::default(), revocations: Arc::default() }
    }

    /// The same, refusing what is revoked besides.
    #[must_use]
    pub fn heeding(self, revocations: Arc<Revocations>) -> Self {
        Self { revocations, ..self }
    }

    /// Who holds `token`, if it holds at `now`.
    ///
    /// Times are taken with the leeway. Unknown claims and header names are passed over; those that RFC 7515 or RFC 9068
    /// give a meaning are read by that meaning or refused. The key that verifies the signature says whose token it is:
    /// `iss` must name that issuer, and the claims are read in its dialect.
    ///
    /// A token that was seen before is known by its bytes, and its signature is not verified again while its issuer has
    /// the same keys; whether it holds at `now` is asked each time.
    ///
    /// - `now`: unix seconds.
    ///
    /// Source: RFC 7515, RFC 7519, RFC 8725, RFC 9068.
    ///
    /// # Errors
    /// [`TokenError`], the first reason found: form, header, key, signature, claims, then whether it is revoked.
    pub fn verify(&self, token: &str, now: i64) -> Result<Arc<Caller>, TokenError> {
        if token.len() > MOST_TOKEN_BYTES {
            return Err(TokenError::TooLong);
        }
        let caller = self.caller(token, now)?;
        if self.revocations.refuse(&caller) { Err(TokenError::Revoked) } else { Ok(caller) }
    }

    /// Who holds a token, be it revoked or not.
    fn caller(&self, token: &str, now: i64) -> Result<Arc<Caller>, TokenError> {
        let name = SeenTokens::name(token);
        if let Some(seen) = self.seen.find(&name) {
            return match seen.life.require(now, self.leeway) {
                Ok(()) => Ok(Arc::clone(&seen.caller)),
                Err(over) => {
                    self.seen.forget(&name);
                    Err(over)
                }
            };
        }
        let seen = self.read(token, now)?;
        let caller = Arc::clone(&seen.caller);
        self.seen.keep(name, seen);
        Ok(caller)
    }

    /// Verifies a token that was not seen before.
    fn read(&self, token: &str, now: i64) -> Result<Seen, TokenError> {
        let parts = Parts::split(token)?;
        let (issuer, keys) = self.signer(&parts)?;
        let claims = Object::read(&parts.claims).ok_or(TokenError::Claims)?;
        if claims.text("iss") != Some(&issuer.name) {
            return Err(TokenError::Issuer);
        }
        self.require_meant_for_us(&claims)?;
        let (life, issued) = life(&claims)?;
        life.require(now, self.leeway)?;
        let caller = Arc::new(read_caller(&claims, issuer, life.until, issued)?);
        Ok(Seen { caller, life, keys, ring: Arc::clone(&issuer.keys) })
    }

    /// The issuer one of whose keys signed, and these keys, once the header says nothing that would have to be refused.
    ///
    /// Two issuers may have keys of one id; then the signature decides.
    fn signer(&self, parts: &Parts<'_>) -> Result<(&Issuer, Arc<KeySet>), TokenError> {
        let header = Object::read(&parts.header).ok_or(TokenError::Header)?;
        if let Some(name) = REFUSED_HEADER_NAMES.into_iter().find(|name| header.has(name)) {
            return Err(TokenError::HeaderName(name));
        }
        if header.has("typ") && header.text("typ").is_none() {
            return Err(TokenError::Type);
        }
        let typ = header.text("typ");
        if !self.issuers.iter().any(|issuer| issuer.dialect.types.allow(typ)) {
            return Err(TokenError::Type);
        }
        let kid = header.text("kid").ok_or(TokenError::UnknownKey)?;
        let alg = header.text("alg").ok_or(TokenError::Algorithm)?;
        let mut refusal = TokenError::UnknownKey;
        for issuer in &self.issuers {
            match issuer.signed(parts, typ, kid, alg) {
                Ok(keys) => return Ok((issuer, keys)),
                Err(TokenError::UnknownKey) => {}
                Err(error) => refusal = error,
            }
        }
        Err(refusal)
    }

    fn require_meant_for_us(&self, claims: &Object) -> Result<(), TokenError> {
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

impl Issuer {
    /// The issuer's keys, if the one that `kid` names signed by its own algorithm, in a token of a type it may send.
    fn signed(&self, parts: &Parts<'_>, typ: Option<&str>, kid: &str, alg: &str) -> Result<Arc<KeySet>, TokenError> {
        let keys = self.keys.keys();
        let key = keys.require(kid, alg)?;
        if !self.dialect.types.allow(typ) {
            return Err(TokenError::Type);
        }
        if !key.verifies(parts.message, &parts.signature) {
            return Err(TokenError::Signature);
        }
        Ok(keys)
    }
}

/// A token taken apart: what is signed, and the bytes of signature, header and claims.
struct Parts<'a> {
    message: &'a str,
    signature: Vec<u8>,
    header: Vec<u8>,
    claims: Vec<u8>,
}

impl<'a> Parts<'a> {
    fn split(token: &'a str) -> Result<Self, TokenError> {
        let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, claims) = message.split_once('.').ok_or(TokenError::Malformed)?;
        Ok(Self { message, signature: decode(signature)?, header: decode(header)?, claims: decode(claims)? })
    }
}

/// The bytes of a part that is not empty; padding, other alphabets and stray last bits are refused.
fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    if part.is_empty() {
        return Err(TokenError::Malformed);
    }
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed)
}

/// How long the token holds, and when it was issued, in unix seconds.
fn life(claims: &Object) -> Result<(Life, f64), TokenError> {
    let until = seconds(claims, "exp")?;
    let issued = seconds(claims, "iat")?;
    let not_before = if claims.has("nbf") { seconds(claims, "nbf")? } else { issued };
    Ok((Life { from: issued.max(not_before), until }, issued))
}

/// A claim that is an instant: a number of unix seconds, fractions allowed, from 1970 to 9999.
fn seconds(claims: &Object, name: &'static str) -> Result<f64, TokenError> {
    let seconds = claims.get(name).and_then(Value::as_f64);
    seconds.filter(|seconds| (0.0..=LATEST_SECONDS).contains(seconds)).ok_or(TokenError::Claim(name))
}

fn read_caller(claims: &Object, issuer: &Issuer, until: f64, issued: f64) -> Result<Caller, TokenError> {
    let Issuer { dialect, is_own, .. } = issuer;
    let called = &dialect.claims;
    let jti_may_miss = dialect.jti == JtiRule::Optional && !claims.has("jti");
    Ok(Caller {
        subject: name(claims, "sub", "sub")?,
        client_id: name(claims, "client_id", &called.client_id)?,
        jti: if jti_may_miss { None } else { Some(name(claims, "jti", "jti")?) },
        provider: optional(claims, "provider", &called.provider, ProviderCode::new)?
            .ok_or(TokenError::Claim("provider"))?,
        client: optional(claims, "client", &called.client, ClientCode::new)?,
        scopes: scopes(claims, dialect)?,
        issued_at: issued as i64,
        expires_at: until as i64,
        cut: claims.get("cut").filter(|_| *is_own).and_then(Value::as_u64),
    })
}

/// A claim that names somebody or something: 1 to 255 characters, none of them a control character.
///
/// - `called`: what the issuer calls it.
fn name(claims: &Object, claim: &'static str, called: &str) -> Result<String, TokenError> {
    let text = claims.text(called).filter(|text| is_plain_text(text, MOST_NAME_CHARS));
    text.map(str::to_owned).ok_or(TokenError::Claim(claim))
}

/// A claim that may be left out, but if it is there is a string that `read` takes. Null is there.
fn optional<'a, T, E>(
    claims: &'a Object,
    claim: &'static str,
    called: &str,
    read: impl Fn(&'a str) -> Result<T, E>,
) -> Result<Option<T>, TokenError> {
    let refused = TokenError::Claim(claim);
    match claims.get(called) {
        None => Ok(None),
        Some(Value::String(text)) => read(text).map(Some).map_err(|_| refused),
        Some(_) => Err(refused),
    }
}

/// What the token allows; nothing if it does not say.
fn scopes(claims: &Object, dialect: &Dialect) -> Result<ScopeSet, TokenError> {
    match (claims.get(&dialect.claims.scope), dialect.scope) {
        (None, _) => Ok(ScopeSet::NONE),
        (Some(Value::String(words)), _) => Ok(ScopeSet::from_claim(words)),
        (Some(Value::Array(words)), ScopeForm::TextOrList) if words.iter().all(Value::is_string) => {
            Ok(words.iter().filter_map(|word| word.as_str()?.parse().ok()).collect())
        }
        _ => Err(TokenError::Claim("scope")),
    }
}

#[cfg(test)]
mod tests;
