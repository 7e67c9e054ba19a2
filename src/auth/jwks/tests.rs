//! Sets as issuers publish them, and as nobody should.

use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::json;

use super::*;

mod wycheproof;

/// The RSA key of RFC 7517 A.1, its modulus.
const N: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

/// The keys of RFC 7517 A.1 and RFC 8037 A.2, bare: what they are, and an id.
fn rsa() -> Value {
    json!({"kty": "RSA", "kid": "r", "n": N, "e": "AQAB"})
}

fn p256() -> Value {
    let (x, y) = ("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM");
    json!({"kty": "EC", "crv": "P-256", "kid": "e", "x": x, "y": y})
}

fn p384() -> Value {
    let pair = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();
    let (x, y) = pair.public_key().as_ref()[1..].split_at(48);
    let [x, y] = [x, y].map(|part| URL_SAFE_NO_PAD.encode(part));
    json!({"kty": "EC", "crv": "P-384", "kid": "e", "x": x, "y": y})
}

fn ed25519() -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "kid": "o", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
}

fn with(mut jwk: Value, name: &str, value: Value) -> Value {
    jwk[name] = value;
    jwk
}

fn without(mut jwk: Value, name: &str) -> Value {
    jwk.as_object_mut().unwrap().remove(name);
    jwk
}

fn read(keys: &[Value]) -> Result<PublishedKeys, JwksError> {
    PublishedKeys::read(json!({"keys": keys, "issuer": "whoever"}).to_string().as_bytes())
}

/// The algorithm the one key is pinned to, or why it is left out.
fn alg(jwk: Value) -> Result<&'static str, Unusable> {
    match read(&[jwk]) {
        Ok(published) => Ok(published.keys.iter().next().unwrap().alg()),
        Err(JwksError::NoneUsable(left_out)) => Err(left_out[0].reason),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_key_is_pinned_to_one_algorithm() {
    for (jwk, unsaid, others) in [
        (rsa(), "RS256", &["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"][..]),
        (p256(), "ES256", &["ES256"]),
        (p384(), "ES384", &["ES384"]),
        (ed25519(), "EdDSA", &["EdDSA", "Ed25519"]),
    ] {
        assert_eq!(alg(jwk.clone()), Ok(unsaid));
        for &said in others {
            assert_eq!(alg(with(jwk.clone(), "alg", json!(said))), Ok(said));
        }
        let wrong =
            ["none", "HS256", "HS512", "ES256K", "ES512", "RSA-OAEP", "rs256", "Ed448", ""].map(|alg| json!(alg));
        for wrong in wrong.into_iter().chain([json!(null), json!(["RS256"]), json!(7)]) {
            assert_eq!(alg(with(jwk.clone(), "alg", wrong.clone())), Err(Unusable::Algorithm), "{jwk} {wrong}");
        }
    }
    assert_eq!(alg(with(p256(), "alg", json!("ES384"))), Err(Unusable::Algorithm));
    assert_eq!(alg(with(ed25519(), "alg", json!("RS256"))), Err(Unusable::Algorithm));
}

#[test]
fn a_key_must_be_for_verifying_and_have_an_id() {
    for jwk in [rsa(), p256(), p384(), ed25519()] {
        let check = |name: &str, value: Value, error: Option<Unusable>| {
            assert_eq!(alg(with(jwk.clone(), name, value.clone())).err(), error, "{name} {value}");
        };
        check("use", json!("sig"), None);
        check("key_ops", json!(["verify"]), None);
        check("key_ops", json!(["sign", "verify"]), None);
        check("x5c", json!(["MIIB"]), None);
        for wrong in [json!("enc"), json!("Sig"), json!(null), json!(["sig"])] {
            check("use", wrong, Some(Unusable::Use));
        }
        for wrong in
            [json!([]), json!(["sign"]), json!(["encrypt"]), json!("verify"), json!(["verify", 7]), json!(null)]
        {
            check("key_ops", wrong, Some(Unusable::KeyOps));
        }
        let long = "x".repeat(256);
        for wrong in [json!(""), json!(7), json!(null), json!("a\nb"), json!(long)] {
            check("kid", wrong, Some(Unusable::Kid));
        }
        assert_eq!(alg(without(jwk.clone(), "kid")), Err(Unusable::Kid));
        assert_eq!(alg(with(jwk.clone(), "kty", json!("AKP"))), Err(Unusable::Kind));
        assert_eq!(alg(without(jwk, "kty")), Err(Unusable::Kind));
    }
    for curve in ["P-521", "secp256k1", "Ed448", "X25519", "p-256"] {
        assert_eq!(alg(with(p256(), "crv", json!(curve))), Err(Unusable::Kind));
        assert_eq!(alg(with(ed25519(), "crv", json!(curve))), Err(Unusable::Kind));
    }
}

#[test]
fn a_weak_or_broken_key_is_left_out() {
    let modulus = URL_SAFE_NO_PAD.decode(N).unwrap();
    let b64 = |bytes: &[u8]| json!(URL_SAFE_NO_PAD.encode(bytes));
    let top = |bits: u8| b64(&[&[bits][..], &modulus[1..]].concat());
    // The same bytes one after the other, so the same point, cut in another place.
    let [x, y] = ["x", "y"].map(|name| URL_SAFE_NO_PAD.decode(p256()[name].as_str().unwrap()).unwrap());
    let shifted = with(with(p256(), "x", b64(&[&x, &y[..1]].concat())), "y", b64(&y[1..]));
    let cases = [
        (with(rsa(), "n", b64(&modulus[128..])), Unusable::Size),
        (with(rsa(), "n", top(0x7f)), Unusable::Size),
        (with(rsa(), "n", b64(&modulus.repeat(5))), Unusable::Size),
        (with(rsa(), "n", b64(&[&[0][..], &modulus].concat())), Unusable::Malformed),
        (with(rsa(), "n", json!("")), Unusable::Malformed),
        (with(rsa(), "n", json!(format!("{N}=="))), Unusable::Malformed),
        (without(rsa(), "n"), Unusable::Malformed),
        (with(rsa(), "e", json!("AQ")), Unusable::Exponent),
        (with(rsa(), "e", json!("Aw")), Unusable::Exponent),
        (with(rsa(), "e", json!("AQAA")), Unusable::Exponent),
        (with(rsa(), "e", json!("AQAC")), Unusable::Exponent),
        (with(rsa(), "e", b64(&[0xff; 5])), Unusable::Exponent),
        (with(rsa(), "e", b64(&[0xff; 9])), Unusable::Exponent),
        (with(rsa(), "e", json!("AAEAAQ")), Unusable::Malformed),
        (with(rsa(), "e", json!(65537)), Unusable::Malformed),
        (with(p256(), "x", p256()["y"].clone()), Unusable::Malformed),
        (with(p256(), "crv", json!("P-384")), Unusable::Malformed),
        (with(p256(), "x", b64(&[0; 33])), Unusable::Malformed),
        (shifted, Unusable::Malformed),
        (without(p384(), "y"), Unusable::Malformed),
        (with(ed25519(), "x", b64(&[7; 31])), Unusable::Malformed),
        (with(ed25519(), "x", json!("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp")), Unusable::Malformed),
    ];
    for (jwk, reason) in cases {
        assert_eq!(alg(jwk.clone()), Err(reason), "{jwk}");
    }
}

#[test]
fn the_fingerprint_of_a_broken_generator_is_known() {
    assert!(!is_roca(&URL_SAFE_NO_PAD.decode(N).unwrap()));
    // A power of 65537 is one modulo every prime.
    assert!(is_roca(&65_537_u64.pow(3).to_be_bytes()));
}

#[test]
fn what_is_of_no_use_is_passed_over_and_named() {
    let encrypting = with(with(rsa(), "kid", json!("enc")), "use", json!("enc"));
    let new = json!({"kty": "AKP", "kid": "pq", "alg": "ML-DSA-65", "pub": "AA"});
    let nameless = without(ed25519(), "kid");
    let published = read(&[encrypting.clone(), rsa(), new.clone(), p256(), nameless.clone()]).unwrap();
    assert_eq!(published.keys.iter().map(VerificationKey::kid).collect::<Vec<_>>(), ["r", "e"]);
    let reasons: Vec<_> = published.left_out.iter().map(ToString::to_string).collect();
    let expected = [
        "\"enc\" is not for signatures (use)",
        "\"pq\" is of a kind or curve that is not taken",
        "one without an id has no id that a token could name",
    ];
    assert_eq!(reasons, expected);
    let none = read(&[encrypting, new]).unwrap_err().to_string();
    assert_eq!(none, format!("it has no usable key: {}; {}", expected[0], expected[1]));
}

#[test]
fn a_set_that_cannot_be_relied_on_is_refused_whole() {
    let check = |keys: &[Value], error: JwksError| assert_eq!(read(keys).unwrap_err(), error);
    check(&[], JwksError::NoneUsable(Vec::new()));
    check(&[rsa(), p256(), rsa()], JwksError::RepeatedKid(RepeatedKid("r".into())));
    check(&vec![rsa(); 101], JwksError::TooMany);
    check(&[rsa(), json!({"kty": "oct", "kid": "h", "k": "AAAA"})], JwksError::Secret);
    check(&[rsa(), json!({"kty": "oct", "kid": "h"})], JwksError::Secret);
    for name in SECRET_MEMBERS {
        check(&[ed25519(), with(rsa(), name, json!("AAAA"))], JwksError::Secret);
    }
    let (twice, key) = (r#"{"kty":"RSA","kty":"oct"}"#, rsa());
    for text in [
        "",
        "null",
        "[]",
        "{}",
        "not json",
        r#"{"keys": {}}"#,
        r#"{"keys": null}"#,
        r#"{"keys": [[]]}"#,
        r#"{"keys": ["x"]}"#,
        &format!(r#"{{"keys": [{twice}, {key}]}}"#),
        &format!(r#"{{"keys": [], "keys": [{key}]}}"#),
        &format!(r#"{{"keys": [{key}]}} {{}}"#),
        &key.to_string(),
        &json!([{"keys": [key]}]).to_string(),
    ] {
        assert_eq!(PublishedKeys::read(text.as_bytes()).unwrap_err(), JwksError::NotASet, "{text}");
    }
    assert_eq!(read(&[]).unwrap_err().to_string(), "it has no usable key");
}
