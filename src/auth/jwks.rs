//! Reading the keys that an issuer publishes: a JSON Web Key Set, with nothing left to a token's say.

use std::{fmt, ops::RangeInclusive};

use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{
    KeySet, RepeatedKid, VerificationKey,
    caller::is_plain_text,
    json::Object,
    key_set::{ED_25519, ED_DSA, ES_256, ES_384, Signing},
    verify::MOST_NAME_CHARS,
};

/// The most keys in a set. Issuers publish two or three, large ones a dozen.
const MOST_KEYS: usize = 100;

/// Members that only a secret key has: of RSA and of elliptic curves (RFC 7518 §6.2.2, §6.3.2), and symmetric (§6.4).
const SECRET_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The moduli taken: what is shorter can be factored, what is longer makes verifying slow (NIST SP 800-131A).
const RSA_BITS: RangeInclusive<usize> = 2048..=8192;

/// The exponents taken (FIPS 186-5 §5.4); every issuer seen publishes the first.
const RSA_EXPONENTS: RangeInclusive<u64> = 65_537..=0x1_FFFF_FFFF;

/// Why a set is refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwksError {
    /// Not an object with an array of objects named `keys`, or a name in one of them is there twice.
    #[error("it is not a JSON Web Key Set")]
    NotASet,
    /// More than a hundred.
    #[error("it has more than {MOST_KEYS} keys")]
    TooMany,
    /// It publishes a symmetric key or the private part of another: nothing it says of whom it is can be relied on.
    #[error("it gives away a secret key")]
    Secret,
    /// With two keys of one id, which one a token names would be a guess.
    #[error(transparent)]
    RepeatedKid(#[from] RepeatedKid),
    /// No key is left.
    #[error("it has no usable key{}", listed(.0))]
    NoneUsable(Vec<LeftOut>),
}

fn listed(left_out: &[LeftOut]) -> String {
    let each: Vec<_> = left_out.iter().map(ToString::to_string).collect();
    if each.is_empty() { String::new() } else { format!(": {}", each.join("; ")) }
}

/// A key of a set that is passed over, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its id, if it has one that can be shown.
    pub kid: Option<String>,
    /// What is wrong with it.
    pub reason: Unusable,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kid {
            Some(kid) => write!(f, "{kid:?} {}", self.reason),
            None => write!(f, "one without an id {}", self.reason),
        }
    }
}

/// Why a key of a set is passed over. The others are taken: sets hold keys for encryption, and keys of new kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// `kid` is missing, or not 1 to 255 characters without control characters.
    #[error("has no id that a token could name")]
    Kid,
    /// `use` is not `sig`.
    #[error("is not for signatures (use)")]
    Use,
    /// `key_ops` does not list `verify`.
    #[error("is not for verifying (key_ops)")]
    KeyOps,
    /// Neither RSA, P-256, P-384 nor Ed25519.
    #[error("is of a kind or curve that is not taken")]
    Kind,
    /// `alg` is not a signature algorithm of this kind of key.
    #[error("is for an algorithm that is not taken (alg)")]
    Algorithm,
    /// Shorter than 2048 bits, or longer than 8192.
    #[error("has a modulus that is not of 2048 to 8192 bits")]
    Size,
    /// An exponent under 65537, over 33 bits, or even.
    #[error("has an exponent that is not taken")]
    Exponent,
    /// Made by chips whose primes can be guessed (ROCA, CVE-2017-15361).
    #[error("was made by a broken generator (ROCA)")]
    Roca,
    /// A member is missing or not as it must be, or the point is not on the curve.
    #[error("is not written as a key of its kind is")]
    Malformed,
}

/// What an issuer publishes, as far as it is of use.
#[derive(Debug)]
pub struct PublishedKeys {
    /// The keys that verify.
    pub keys: KeySet,
    /// The keys that were passed over.
    pub left_out: Vec<LeftOut>,
}

impl PublishedKeys {
    /// Reads a JSON Web Key Set.
    ///
    /// Each key is pinned to one algorithm: its `alg`; without one, RS256 for RSA (what issuers that leave it out sign
    /// with, and the default of OpenID Connect), else what the curve says. A key is passed over if it is not for
    /// verifying (`use`, `key_ops`), has no `kid`, is of a kind that is not taken, or is weak.
    ///
    /// Source: RFC 7517, RFC 7518 §6, RFC 8037, RFC 8725 §3.1, RFC 9864.
    ///
    /// # Errors
    /// [`JwksError`] when the set cannot be relied on, or no key of it is of use.
    pub fn read(json: &[u8]) -> Result<Self, JwksError> {
        let published = Object::read_list(json, "keys").ok_or(JwksError::NotASet)?;
        if published.len() > MOST_KEYS {
            return Err(JwksError::TooMany);
        }
        if published.iter().any(is_secret) {
            return Err(JwksError::Secret);
        }
        let (mut keys, mut left_out) = (Vec::new(), Vec::new());
        for jwk in &published {
            match verification_key(jwk) {
                Ok(key) => keys.push(key),
                Err(reason) => left_out.push(LeftOut { kid: kid(jwk), reason }),
            }
        }
        if keys.is_empty() {
            return Err(JwksError::NoneUsable(left_out));
        }
        Ok(Self { keys: KeySet::new(keys)?, left_out })
    }
}

fn is_secret(jwk: &Object) -> bool {
    jwk.text("kty") == Some("oct") || SECRET_MEMBERS.into_iter().any(|name| jwk.has(name))
}

fn kid(jwk: &Object) -> Option<String> {
    jwk.text("kid").filter(|kid| is_plain_text(kid, MOST_NAME_CHARS)).map(str::to_owned)
}

fn verification_key(jwk: &Object) -> Result<VerificationKey, Unusable> {
    if jwk.has("use") && jwk.text("use") != Some("sig") {
        return Err(Unusable::Use);
    }
    if jwk.get("key_ops").is_some_and(|ops| !lists_verify(ops)) {
        return Err(Unusable::KeyOps);
    }
    match (jwk.text("kty"), jwk.text("crv")) {
        (Some("RSA"), _) => rsa_key(jwk),
        (Some("EC"), Some("P-256")) => point_key(jwk, 32, &[ES_256]),
        (Some("EC"), Some("P-384")) => point_key(jwk, 48, &[ES_384]),
        (Some("OKP"), Some("Ed25519")) => edwards_key(jwk),
        _ => Err(Unusable::Kind),
    }
}

fn lists_verify(ops: &Value) -> bool {
    ops.as_array().is_some_and(|ops| ops.iter().all(Value::is_string) && ops.iter().any(|op| op == "verify"))
}

/// The algorithm that the key's `alg` names, the first of `choices` if it names none.
fn pinned<T: Copy>(jwk: &Object, choices: &[T], name: impl Fn(T) -> &'static str) -> Result<T, Unusable> {
    let named = match jwk.get("alg") {
        None => choices.first(),
        Some(alg) => choices.iter().find(|&&choice| alg == name(choice)),
    };
    named.copied().ok_or(Unusable::Algorithm)
}

fn point_key(jwk: &Object, coordinate_bytes: usize, choices: &[Signing]) -> Result<VerificationKey, Unusable> {
    let signing = pinned(jwk, choices, |signing| signing.alg)?;
    let (x, y) = (octets(jwk, "x")?, octets(jwk, "y")?);
    if x.len() != coordinate_bytes || y.len() != coordinate_bytes {
        return Err(Unusable::Malformed);
    }
    // The point, uncompressed (SEC 1 §2.3.3).
    let point = [&[4][..], &x, &y].concat();
    VerificationKey::new(kid(jwk).ok_or(Unusable::Kid)?, signing, &point).ok_or(Unusable::Malformed)
}

fn edwards_key(jwk: &Object) -> Result<VerificationKey, Unusable> {
    let signing = pinned(jwk, &[ED_DSA, ED_25519], |signing| signing.alg)?;
    let x = octets(jwk, "x")?;
    VerificationKey::new(kid(jwk).ok_or(Unusable::Kid)?, signing, &x).ok_or(Unusable::Malformed)
}

/// The algorithms of RSA keys; a key that names none is for the first.
const RSA_SIGNINGS: [(&str, &RsaParameters); 6] = [
    ("RS256", &RSA_PKCS1_2048_8192_SHA256),
    ("RS384", &RSA_PKCS1_2048_8192_SHA384),
    ("RS512", &RSA_PKCS1_2048_8192_SHA512),
    ("PS256", &RSA_PSS_2048_8192_SHA256),
    ("PS384", &RSA_PSS_2048_8192_SHA384),
    ("PS512", &RSA_PSS_2048_8192_SHA512),
];

fn rsa_key(jwk: &Object) -> Result<VerificationKey, Unusable> {
    let (alg, parameters) = pinned(jwk, &RSA_SIGNINGS, |(alg, _)| alg)?;
    let (n, e) = (positive(jwk, "n")?, positive(jwk, "e")?);
    if !RSA_BITS.contains(&bits(&n)) {
        return Err(Unusable::Size);
    }
    let exponent = if e.len() > 8 { 0 } else { e.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte)) };
    if !RSA_EXPONENTS.contains(&exponent) || exponent % 2 == 0 {
        return Err(Unusable::Exponent);
    }
    if is_roca(&n) {
        return Err(Unusable::Roca);
    }
    let parsed = RsaPublicKeyComponents { n, e }.to_parsed_public_key(parameters);
    let key = parsed.map_err(|_| Unusable::Malformed)?;
    Ok(VerificationKey::parsed(kid(jwk).ok_or(Unusable::Kid)?, alg, key))
}

/// How many bits a number has whose first byte is not zero.
fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

/// The moduli of a broken generator are powers of 65537 modulo each of these primes; of others, one in 2^27 is.
const ROCA_PRIMES: [u32; 17] = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];

/// Whether the modulus has the fingerprint of ROCA (Nemec et al., "The Return of Coppersmith's Attack", §4).
fn is_roca(modulus: &[u8]) -> bool {
    ROCA_PRIMES.into_iter().all(|prime| {
        let rest = modulus.iter().fold(0, |rest, &byte| (rest * 256 + u32::from(byte)) % prime);
        let mut powers = std::iter::successors(Some(1), |power| Some(power * 65_537 % prime)).take(prime as usize);
        powers.any(|power| power == rest)
    })
}

/// A member that is bytes in base64url without padding.
fn octets(jwk: &Object, name: &str) -> Result<Vec<u8>, Unusable> {
    jwk.text(name).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok()).ok_or(Unusable::Malformed)
}

/// A member that is a number above zero, big-endian, without zeros in front (RFC 7518 §2).
fn positive(jwk: &Object, name: &str) -> Result<Vec<u8>, Unusable> {
    octets(jwk, name).ok().filter(|bytes| bytes.first().is_some_and(|&first| first != 0)).ok_or(Unusable::Malformed)
}

#[cfg(test)]
mod tests;
