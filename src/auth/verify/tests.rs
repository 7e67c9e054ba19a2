//! Tokens built by hand, each signed with the right key unless the line says otherwise.

use jsonwebtoken::{Algorithm, EncodingKey};

use super::{super::*, *};

mod issuers;
mod seen;

const NOW: i64 = 1_800_000_000;

/// A token in the making: header and claims as pairs of a name and raw JSON, so that any wrong form can be written.
#[derive(Clone)]
struct Draft {
    header: Vec<(String, String)>,
    claims: Vec<(String, String)>,
}

impl Draft {
    /// A token that holds.
    fn good(key: &SigningKey) -> Self {
        let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect();
        let mut header: Vec<(String, String)> = pairs(&[("typ", r#""at+jwt""#), ("alg", r#""EdDSA""#)]);
        header.push(("kid".into(), format!("{:?}", key.kid())));
        let claims = pairs(&[
            ("iss", r#""remit""#),
            ("aud", r#""remit""#),
            ("sub", r#""psa""#),
            ("client_id", r#""desk""#),
            ("jti", r#""t-1""#),
            ("iat", "1800000000"),
            ("exp", "1800003600"),
            ("scope", r#""coverage:read""#),
            ("provider", r#""acme""#),
        ]);
        Self { header, claims }
    }

    /// The header with the name set to the raw value, in place of what it was.
    fn head(mut self, name: &str, raw: &str) -> Self {
        self.header.retain(|(known, _)| known != name);
        self.header.push((name.into(), raw.into()));
        self
    }

    /// The claims with the name set to the raw value, in place of what it was.
    fn claim(mut self, name: &str, raw: &str) -> Self {
        self.claims.retain(|(known, _)| known != name);
        self.claims.push((name.into(), raw.into()));
        self
    }

    /// Without the name, in header and claims.
    fn without(mut self, name: &str) -> Self {
        self.header.retain(|(known, _)| known != name);
        self.claims.retain(|(known, _)| known != name);
        self
    }

    fn header_json(&self) -> String {
        object(&self.header)
    }

    fn claims_json(&self) -> String {
        object(&self.claims)
    }

    fn signed(&self, key: &SigningKey) -> String {
        signed(self.header_json(), self.claims_json(), key)
    }
}

fn object(pairs: &[(String, String)]) -> String {
    let members: Vec<_> = pairs.iter().map(|(name, raw)| format!("\"{name}\":{raw}")).collect();
    format!("{{{}}}", members.join(","))
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn signed(header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>, key: &SigningKey) -> String {
    let message = format!("{}.{}", b64(header), b64(claims));
    with_signature(&message, key.private(), Algorithm::EdDSA)
}

fn with_signature(message: &str, key: &EncodingKey, algorithm: Algorithm) -> String {
    format!("{message}.{}", jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap())
}

fn bench() -> (SigningKey, Verifier, Draft) {
    let key = SigningKey::generate().unwrap();
    let verifier = Verifier::new(KeySet::from(&key), "remit", "remit");
    let good = Draft::good(&key);
    (key, verifier, good)
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

#[test]
fn a_wrong_form_is_refused() {
    let (key, verifier, draft) = bench();
    let good = draft.signed(&key);
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (header, claims) = message.split_once('.').unwrap();
    let long = draft.clone().claim("note", &quoted(&"x".repeat(8 * 1024))).signed(&key);
    let cases: Vec<(String, TokenError)> = vec![
        (String::new(), TokenError::Malformed),
        ("..".into(), TokenError::Malformed),
        ("token".into(), TokenError::Malformed),
        (header.into(), TokenError::Malformed),
        (message.into(), TokenError::Malformed),
        (format!("{message}."), TokenError::Malformed),
        (format!(".{claims}.{signature}"), TokenError::Malformed),
        (format!("{header}..{signature}"), TokenError::Malformed),
        (format!("{good}."), TokenError::Malformed),
        (format!(".{good}"), TokenError::Malformed),
        (format!("{good}.{signature}"), TokenError::Malformed),
        (format!("{header}.a.b.{claims}.{signature}"), TokenError::Malformed),
        (format!("{good}=="), TokenError::Malformed),
        (format!("{header}=.{claims}.{signature}"), TokenError::Malformed),
        (format!(" {good}"), TokenError::Malformed),
        (format!("{good}\n"), TokenError::Malformed),
        (good.replacen('.', " .", 1), TokenError::Malformed),
        (format!("{}+/.{claims}.{signature}", &header[..header.len() - 2]), TokenError::Malformed),
        (format!("{}é.{claims}.{signature}", &header[..header.len() - 2]), TokenError::Malformed),
        (with_stray_bits(&good), TokenError::Malformed),
        (long, TokenError::TooLong),
    ];
    refuse_all(&verifier, cases, 21);
}

/// The same signature bytes with the last character's unused bits set: another text for the same token.
fn with_stray_bits(good: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = good.split_at(good.len() - 1);
    let value = ALPHABET.iter().position(|&c| c == last.as_bytes()[0]).unwrap();
    format!("{rest}{}", char::from(ALPHABET[value | 1]))
}

#[test]
fn a_wrong_header_is_refused() {
    let (key, verifier, good) = bench();
    let head = |name: &str, raw: &str| good.clone().head(name, raw).signed(&key);
    let raw = |header: &str| signed(header, good.claims_json(), &key);
    let twice = |name: &str, value: &str| {
        let header = good.header_json();
        raw(&format!("{},\"{name}\":{value}}}", &header[..header.len() - 1]))
    };
    let kid = quoted(key.kid());
    let cases = vec![
        (raw(r#"["EdDSA","at+jwt"]"#), TokenError::Header),
        (raw("null"), TokenError::Header),
        (raw("\"at+jwt\""), TokenError::Header),
        (raw("{}{}"), TokenError::Header),
        (raw("{"), TokenError::Header),
        (signed(b"{\"typ\":\"\xff\"}", good.claims_json(), &key), TokenError::Header),
        (twice("kid", &kid), TokenError::Header),
        (twice("kid", "\"other\""), TokenError::Header),
        (twice("alg", "\"none\""), TokenError::Header),
        (twice("al\\u0067", "\"EdDSA\""), TokenError::Header),
        (twice("typ", "\"at+jwt\""), TokenError::Header),
        (head("crit", r#"["exp"]"#), TokenError::HeaderName("crit")),
        (head("crit", "[]"), TokenError::HeaderName("crit")),
        (head("crit", "null"), TokenError::HeaderName("crit")),
        (head("b64", "false"), TokenError::HeaderName("b64")),
        (head("b64", "true"), TokenError::HeaderName("b64")),
        (head("jwk", &key.jwks()["keys"][0].to_string()), TokenError::HeaderName("jwk")),
        (head("jku", "\"https://keys.example/jwks\""), TokenError::HeaderName("jku")),
        (head("x5u", "\"https://keys.example/x5u\""), TokenError::HeaderName("x5u")),
        (head("x5c", r#"["MIIB"]"#), TokenError::HeaderName("x5c")),
        (head("zip", "\"DEF\""), TokenError::HeaderName("zip")),
        (head("enc", "\"A256GCM\""), TokenError::HeaderName("enc")),
        (good.clone().without("typ").signed(&key), TokenError::Type),
        (head("typ", "\"JWT\""), TokenError::Type),
        (head("typ", "\"id+jwt\""), TokenError::Type),
        (head("typ", "\"\""), TokenError::Type),
        (head("typ", "\"at+jwt \""), TokenError::Type),
        (head("typ", "\"application/jwt\""), TokenError::Type),
        (head("typ", "null"), TokenError::Type),
        (head("typ", r#"["at+jwt"]"#), TokenError::Type),
        (good.clone().without("alg").signed(&key), TokenError::Algorithm),
        (head("alg", "null"), TokenError::Algorithm),
        (head("alg", r#"["EdDSA"]"#), TokenError::Algorithm),
        (head("alg", "\"none\""), TokenError::Algorithm),
        (head("alg", "\"nOnE\""), TokenError::Algorithm),
        (head("alg", "\"eddsa\""), TokenError::Algorithm),
        (head("alg", "\"ES256\""), TokenError::Algorithm),
        (head("alg", "\"RS256\""), TokenError::Algorithm),
        (good.clone().without("kid").signed(&key), TokenError::UnknownKey),
        (head("kid", "null"), TokenError::UnknownKey),
        (head("kid", "7"), TokenError::UnknownKey),
        (head("kid", "\"\""), TokenError::UnknownKey),
        (head("kid", "\"other\""), TokenError::UnknownKey),
        (head("kid", &format!("[{kid}]")), TokenError::UnknownKey),
        (head("kid", "\"../../dev/null\""), TokenError::UnknownKey),
    ];
    refuse_all(&verifier, cases, 45);
}

#[test]
fn a_wrong_signature_is_refused() {
    let (key, verifier, draft) = bench();
    let stranger = SigningKey::generate().unwrap();
    let good = draft.signed(&key);
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (header, _) = message.split_once('.').unwrap();
    let other_claims = b64(draft.clone().claim("provider", "\"other\"").claims_json());
    let spaced_header = b64(format!(" {}", draft.header_json()));
    let hmac = draft.clone().head("alg", "\"HS256\"");
    let hmac_message = format!("{}.{}", b64(hmac.header_json()), b64(hmac.claims_json()));
    let public = URL_SAFE_NO_PAD.decode(key.jwks()["keys"][0]["x"].as_str().unwrap()).unwrap();
    let none = b64(draft.clone().head("alg", "\"none\"").header_json());
    let embedded = draft.clone().head("jwk", &stranger.jwks()["keys"][0].to_string());
    let secret = |secret: &[u8]| with_signature(&hmac_message, &EncodingKey::from_secret(secret), Algorithm::HS256);
    let cases = vec![
        (draft.signed(&stranger), TokenError::Signature),
        (draft.clone().head("kid", &quoted(stranger.kid())).signed(&stranger), TokenError::UnknownKey),
        (embedded.signed(&stranger), TokenError::HeaderName("jwk")),
        (format!("{header}.{other_claims}.{signature}"), TokenError::Signature),
        (format!("{spaced_header}.{}.{signature}", b64(draft.claims_json())), TokenError::Signature),
        (format!("{message}.{}", b64([0; 64])), TokenError::Signature),
        (format!("{message}.{}", b64([0; 1])), TokenError::Signature),
        (format!("{message}.{}", b64([7; 65])), TokenError::Signature),
        (format!("{message}.{}", b64(with_order_added(signature))), TokenError::Signature),
        (format!("{none}.{}.{signature}", b64(draft.claims_json())), TokenError::Algorithm),
        (format!("{none}.{}.", b64(draft.claims_json())), TokenError::Malformed),
        (secret(&public), TokenError::Algorithm),
        (secret(key.jwks()["keys"][0]["x"].as_str().unwrap().as_bytes()), TokenError::Algorithm),
        (secret(b""), TokenError::Algorithm),
    ];
    refuse_all(&verifier, cases, 14);
}

/// The signature with the group's order added to S: it satisfies the equation, and RFC 8032 refuses it.
fn with_order_added(signature: &str) -> Vec<u8> {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let mut carry = 0;
    for (byte, order) in bytes[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    bytes
}

#[test]
fn wrong_claims_are_refused() {
    let (key, verifier, good) = bench();
    let raw = |claims: &str| signed(good.header_json(), claims, &key);
    let twice = |name: &str, value: &str| {
        let claims = good.claims_json();
        raw(&format!("{},\"{name}\":{value}}}", &claims[..claims.len() - 1]))
    };
    let by_position = r#"["remit","remit","psa","desk","t-1",1800000000,1800003600,"coverage:read","acme"]"#;
    let mut cases = vec![
        (raw(by_position), TokenError::Claims),
        (raw(&format!("[{}]", good.claims_json())), TokenError::Claims),
        (raw("null"), TokenError::Claims),
        (raw("true"), TokenError::Claims),
        (raw("1800003600"), TokenError::Claims),
        (raw("\"remit\""), TokenError::Claims),
        (raw("not json"), TokenError::Claims),
        (raw(&good.claims_json().replace('}', ",}")), TokenError::Claims),
        (signed(good.header_json(), b"{\"iss\":\"\xc3\x28\"}", &key), TokenError::Claims),
        (raw("{}"), TokenError::Issuer),
        (twice("provider", "\"other\""), TokenError::Claims),
        (twice("exp", "1900000000"), TokenError::Claims),
        (twice("\\u0070rovider", "\"acme\""), TokenError::Claims),
    ];
    // Claim, and the raw values it must not have; `-` stands for leaving it out.
    let long = quoted(&"x".repeat(256));
    let (long, far) = (long.as_str(), quoted(&"x".repeat(65)));
    let wrong: [(&'static str, TokenError, &[&str]); 13] = [
        (
            "iss",
            TokenError::Issuer,
            &["-", "null", "7", "true", "{}", r#"["remit"]"#, r#""Remit""#, r#""remit/""#, r#""""#],
        ),
        (
            "aud",
            TokenError::Audience,
            &["-", "null", "7", "true", r#"{"remit":1}"#, r#""other""#, r#""""#, r#""remit remit""#],
        ),
        (
            "aud",
            TokenError::Audience,
            &["[]", "[null]", r#"["other"]"#, r#"["remit",7]"#, r#"[["remit"]]"#, r#"["Remit"]"#],
        ),
        (
            "exp",
            TokenError::Claim("exp"),
            &["-", "null", "true", r#""1800003600""#, "[1800003600]", "{}", "-1", "1e300", "253402300800"],
        ),
        ("exp", TokenError::Expired, &["0", "1799999969", "1799999970", "1799999970.0", "1.7e9"]),
        (
            "iat",
            TokenError::Claim("iat"),
            &["-", "null", "false", r#""1800000000""#, "[1800000000]", "-1", "18446744073709551615"],
        ),
        ("iat", TokenError::NotYet, &["1800000031", "1800000030.5", "1900000000"]),
        ("nbf", TokenError::Claim("nbf"), &["null", "true", r#""1""#, "[]", "-1", "1e300"]),
        ("nbf", TokenError::NotYet, &["1800000031", "1800003599"]),
        ("sub", TokenError::Claim("sub"), &["-", "null", "7", r#""""#, r#"["psa"]"#, r#""a\nb""#, long]),
        (
            "provider",
            TokenError::Claim("provider"),
            &["-", "null", "7", r#""""#, r#""Acme""#, r#""ac me""#, r#"["acme"]"#, &far],
        ),
        (
            "client",
            TokenError::Claim("client"),
            &["null", "7", r#""""#, "[]", r#"["NORTHWIND"]"#, r#""A\u0000""#, &far],
        ),
        ("scope", TokenError::Claim("scope"), &["null", "7", "true", r#"["coverage:read"]"#, "{}"]),
    ];
    for (name, error, values) in wrong {
        cases.extend(values.iter().map(|&value| (changed(&good, name, value).signed(&key), error)));
    }
    for name in ["client_id", "jti"] {
        let values = ["-", "null", "7", r#""""#, r#"["a"]"#, "\"a\\u0007\"", long];
        cases.extend(values.map(|value| (changed(&good, name, value).signed(&key), TokenError::Claim(name))));
    }
    refuse_all(&verifier, cases, 109);
}

fn changed(good: &Draft, name: &str, value: &str) -> Draft {
    if value == "-" { good.clone().without(name) } else { good.clone().claim(name, value) }
}

/// Every token is refused with its error; `count` keeps a table from shrinking unseen.
fn refuse_all(verifier: &Verifier, cases: Vec<(String, TokenError)>, count: usize) {
    assert_eq!(cases.len(), count);
    for (token, error) in cases {
        assert_eq!(verifier.verify(&token, NOW), Err(error), "{}", shown(&token));
    }
}

/// The token's parts as text, for the message of a failed case.
fn shown(token: &str) -> String {
    let text = |part: &str| String::from_utf8_lossy(&URL_SAFE_NO_PAD.decode(part).unwrap_or_default()).into_owned();
    token.split('.').take(2).map(text).collect::<Vec<_>>().join(" . ")
}

#[test]
fn good_tokens_are_taken() {
    let (key, verifier, good) = bench();
    let take =
        |draft: &Draft, now: i64| verifier.verify(&draft.signed(&key), now).map_err(|e| (e, draft.claims_json()));
    let check = |draft: &Draft, now| drop(take(draft, now).unwrap());
    check(&good, NOW);
    for (name, value) in [
        ("aud", r#"["remit"]"#),
        ("aud", r#"["other","remit"]"#),
        ("aud", r#"["remit","remit"]"#),
        ("exp", "1799999971"),
        ("exp", "1800003600.75"),
        ("exp", "1.8000036e9"),
        ("exp", "253402300799"),
        ("iat", "0"),
        ("iat", "1800000030"),
        ("iat", "1799999999.5"),
        ("nbf", "1800000030"),
        ("nbf", "0"),
        ("client", "\"NORTHWIND\""),
        ("sub", &quoted(&"ü".repeat(255))),
        ("auth_time", "\"whatever\""),
        ("crit", "[]"),
        ("cnf", r#"{"jkt":"x","a":[1,{"b":null}]}"#),
    ] {
        check(&good.clone().claim(name, value), NOW);
    }
    for (name, value) in [
        ("typ", "\"AT+JWT\""),
        ("typ", "\"application/at+jwt\""),
        ("typ", "\"Application/At+Jwt\""),
        ("cty", "\"x\""),
        ("x5t", "\"x\""),
    ] {
        check(&good.clone().head(name, value), NOW);
    }
    check(&good, NOW - 30);
    check(&good, NOW + 3_629);
    assert_eq!(take(&good, NOW - 31).unwrap_err().0, TokenError::NotYet);
    assert_eq!(take(&good, NOW + 3_630).unwrap_err().0, TokenError::Expired);
    assert_eq!(take(&good.clone().claim("exp", "1800003600.75"), NOW).unwrap().expires_at(), NOW + 3_600);
    assert!(take(&good.clone().without("scope"), NOW).unwrap().scopes().is_empty());
    let mixed = take(&good.clone().claim("scope", "\"openid coverage:read tickets:*\""), NOW).unwrap();
    assert_eq!(mixed.scopes().to_string(), "coverage:read");
}

#[test]
fn a_bearer_token_is_found_in_its_header() {
    let check = |value, found| assert_eq!(bearer(value), found, "{value:?}");
    check(None, Err(TokenError::Missing));
    check(Some("Bearer a.b.c"), Ok("a.b.c"));
    check(Some("bearer a.b.c"), Ok("a.b.c"));
    check(Some("BEARER   a.b.c"), Ok("a.b.c"));
    for value in ["", " ", "Bearer", "Bearer ", "Bearer\ta", "Basic YTpi", "a.b.c", "Bearera.b.c x", " Bearer a"] {
        check(Some(value), Err(TokenError::NotBearer));
    }
}

#[test]
fn a_refusal_fits_a_header() {
    assert_eq!(TokenError::Missing.challenge(), "Bearer");
    assert_eq!(
        TokenError::Claim("exp").challenge(),
        "Bearer error=\"invalid_token\", error_description=\"the token claim exp is missing or not as it must be\""
    );
    use TokenError::*;
    let all = [
        NotBearer,
        TooLong,
        Malformed,
        Header,
        HeaderName("crit"),
        Type,
        Algorithm,
        UnknownKey,
        Signature,
        Claims,
        Claim("exp"),
        Issuer,
        Audience,
        Expired,
        NotYet,
    ];
    let allowed = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
    assert!(all.iter().all(|error: &TokenError| error.to_string().chars().all(allowed)));
}
