//! Several issuers, and issuers that write tokens in their own way.

use super::*;

const OUTSIDE: &str = "https://issuer.example/v2.0";

/// What many issuers send: other names, `typ: JWT` or none, no `jti`.
fn lenient() -> Dialect {
    let [provider, client, scope, client_id] =
        ["https://remit.example/tenant", "customer", "scp", "azp"].map(str::to_owned);
    Dialect {
        claims: ClaimNames { provider, client, scope, client_id },
        types: "at+jwt,JWT,none".parse().unwrap(),
        jti: JtiRule::Optional,
        scope: ScopeForm::TextOrList,
    }
}

/// A key of the issuer outside, a verifier that trusts it and the server's own, and a token that it takes.
fn outside() -> (SigningKey, SigningKey, Verifier, Draft) {
    let (theirs, ours) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
    let ring = Arc::new(Keyring::from(KeySet::from(&theirs)));
    let issuers = [Issuer::outside(OUTSIDE, lenient(), ring), Issuer::own("remit", &ours)];
    let verifier = Verifier::trusting(issuers, "remit", Leeway::default());
    let good = Draft::good(&theirs).head("typ", "\"JWT\"").without("jti").without("provider").without("scope");
    let good = good.without("client_id").claim("iss", &quoted(OUTSIDE)).claim("azp", "\"app\"");
    (theirs, ours, verifier, good.claim("https://remit.example/tenant", "\"acme\"").claim("scp", "\"coverage:read\""))
}

#[test]
fn claims_go_by_the_issuers_names() {
    let (key, _, verifier, good) = outside();
    let take = |draft: &Draft| verifier.verify(&draft.signed(&key), NOW);
    let caller = take(&good).unwrap();
    assert_eq!((caller.subject(), caller.client_id(), caller.jti()), ("psa", "app", None));
    assert_eq!((caller.provider().as_str(), caller.client()), ("acme", None));
    assert!(caller.may(Scope::CoverageRead));
    let bound = take(&good.clone().claim("customer", "\"NORTHWIND\"").claim("jti", "\"t-9\"")).unwrap();
    assert_eq!((bound.client().map(ClientCode::as_str), bound.jti()), (Some("NORTHWIND"), Some("t-9")));
    // The names of others mean nothing here.
    let foreign = good.clone().claim("client", "\"OTHER\"").claim("provider", "7").claim("scope", "\"audit:read\"");
    assert_eq!(take(&foreign), take(&good));
    for (scp, scopes) in [
        (r#"["coverage:read","agreements:read"]"#, "agreements:read coverage:read"),
        (r#"["coverage:read audit:read","openid"]"#, ""),
        ("[]", ""),
        ("\"\"", ""),
    ] {
        assert_eq!(take(&good.clone().claim("scp", scp)).unwrap().scopes().to_string(), scopes, "{scp}");
    }
    assert!(take(&good.clone().without("scp")).unwrap().scopes().is_empty());
    for typ in ["\"JWT\"", "\"jwt\"", "\"application/jwt\"", "\"at+jwt\""] {
        assert!(take(&good.clone().head("typ", typ)).is_ok(), "{typ}");
    }
    assert!(take(&good.without("typ")).is_ok());
}

#[test]
fn a_waiver_waives_nothing_else() {
    let (key, _, verifier, good) = outside();
    let mut cases = Vec::new();
    let wrong: [(&'static str, TokenError, &[&str]); 13] = [
        ("iss", TokenError::Issuer, &["-", "null", "\"remit\"", r#""https://issuer.example/v2.0/""#]),
        ("iss", TokenError::Issuer, &[r#""HTTPS://issuer.example/v2.0""#, r#"["https://issuer.example/v2.0"]"#]),
        ("aud", TokenError::Audience, &["-", "null", "[]", "\"app\"", r#"["app"]"#]),
        ("exp", TokenError::Claim("exp"), &["-", "null", "\"1800003600\""]),
        ("exp", TokenError::Expired, &["1799999970"]),
        ("iat", TokenError::Claim("iat"), &["-", "null"]),
        ("nbf", TokenError::NotYet, &["1800000031"]),
        ("sub", TokenError::Claim("sub"), &["-", "null", "\"\"", "7"]),
        ("jti", TokenError::Claim("jti"), &["null", "7", "\"\"", "\"a\\u0007\""]),
        ("azp", TokenError::Claim("client_id"), &["-", "null", "\"\"", r#"["app"]"#]),
        ("customer", TokenError::Claim("client"), &["null", "\"\"", "7", r#"["NORTHWIND"]"#]),
        ("scp", TokenError::Claim("scope"), &["null", "7", "{}", r#"["coverage:read",7]"#, r#"[["coverage:read"]]"#]),
        ("https://remit.example/tenant", TokenError::Claim("provider"), &["-", "null", "\"Acme\"", r#"["acme"]"#]),
    ];
    for (name, error, values) in wrong {
        cases.extend(values.iter().map(|&value| (changed(&good, name, value).signed(&key), error)));
    }
    for typ in ["\"id_token\"", "\"\"", "null", "[]", "\"jwt \""] {
        cases.push((good.clone().head("typ", typ).signed(&key), TokenError::Type));
    }
    refuse_all(&verifier, cases, 48);
}

#[test]
fn a_key_speaks_for_its_own_issuer_alone() {
    let (theirs, ours, verifier, good) = outside();
    let own = Draft::good(&ours);
    assert!(verifier.verify(&own.signed(&ours), NOW).is_ok());
    let kid = |key: &SigningKey| quoted(key.kid());
    let renamed = good.clone().claim("iss", "\"remit\"").claim("provider", "\"acme\"");
    let cases = vec![
        // RFC 8725 §3.8: the right key with another's name.
        (renamed.clone().head("typ", "\"at+jwt\"").signed(&theirs), TokenError::Issuer),
        (own.clone().claim("iss", &quoted(OUTSIDE)).signed(&ours), TokenError::Issuer),
        (own.clone().head("kid", &kid(&theirs)).signed(&ours), TokenError::Signature),
        (good.clone().head("kid", &kid(&ours)).head("typ", "\"at+jwt\"").signed(&theirs), TokenError::Signature),
        // What is waived for the issuer outside is not for the server's own tokens.
        (own.clone().head("typ", "\"JWT\"").signed(&ours), TokenError::Type),
        (own.clone().without("typ").signed(&ours), TokenError::Type),
        (own.clone().without("jti").signed(&ours), TokenError::Claim("jti")),
        (own.clone().claim("scope", r#"["coverage:read"]"#).signed(&ours), TokenError::Claim("scope")),
        (own.without("client_id").claim("azp", "\"app\"").signed(&ours), TokenError::Claim("client_id")),
    ];
    refuse_all(&verifier, cases, 9);
}

#[test]
fn two_issuers_may_call_their_keys_the_same() {
    let (one, two) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
    let jwks = |key: &SigningKey| {
        let mut set = key.jwks();
        set["keys"][0]["kid"] = "1".into();
        Arc::new(Keyring::from(PublishedKeys::read(set.to_string().as_bytes()).unwrap().keys))
    };
    let issuer = |name: &str, key| Issuer::outside(name, Dialect::default(), jwks(key));
    let verifier = Verifier::trusting([issuer("one", &one), issuer("two", &two)], "remit", Leeway::default());
    let token = |iss: &str, key| Draft::good(key).head("kid", "\"1\"").claim("iss", &quoted(iss)).signed(key);
    assert!(verifier.verify(&token("one", &one), NOW).is_ok());
    assert!(verifier.verify(&token("two", &two), NOW).is_ok());
    let stranger = SigningKey::generate().unwrap();
    let cases = vec![
        (token("one", &two), TokenError::Issuer),
        (token("two", &one), TokenError::Issuer),
        (token("one", &stranger), TokenError::Signature),
    ];
    refuse_all(&verifier, cases, 3);
}

/// RFC 8725 §3.11 and §3.12, RFC 9068 §4 and §5: what the same issuer signs for other uses.
#[test]
fn a_token_of_another_kind_is_refused() {
    let (key, _, verifier, good) = outside();
    let mut cases: Vec<(String, TokenError)> = Vec::new();
    for typ in ["id+jwt", "logout+jwt", "secevent+jwt", "dpop+jwt", "oauth-authz-req+jwt", "token-introspection+jwt"] {
        cases.push((good.clone().head("typ", &quoted(typ)).signed(&key), TokenError::Type));
    }
    // An ID token: for the software that signs in, not for this server (RFC 9068 §5).
    let id_token = good.clone().claim("aud", "\"app\"").claim("nonce", "\"n\"");
    cases.push((id_token.clone().signed(&key), TokenError::Audience));
    cases.push((id_token.claim("aud", r#"["app","other"]"#).signed(&key), TokenError::Audience));
    // A logout token has no tenant and no exp that RFC 9068 asks for.
    let logout = good.clone().claim("events", "{}").without("exp");
    cases.push((logout.signed(&key), TokenError::Claim("exp")));
    // An encrypted token has five parts.
    cases.push((format!("{}.AA.AA", good.signed(&key)), TokenError::Malformed));
    // A key for one algorithm is for no other of its kind (RFC 8725 §3.1), by whatever name.
    for alg in ["Ed25519", "Ed448", "ES256", "HS256", "none", "RS256"] {
        cases.push((good.clone().head("alg", &quoted(alg)).signed(&key), TokenError::Algorithm));
    }
    refuse_all(&verifier, cases, 16);
}

#[test]
fn a_key_under_its_new_name_takes_that_name_alone() {
    let key = SigningKey::generate().unwrap();
    let mut set = key.jwks();
    set["keys"][0]["alg"] = "Ed25519".into();
    let keys = PublishedKeys::read(set.to_string().as_bytes()).unwrap().keys;
    let verifier = Verifier::new(keys, "remit", "remit");
    assert!(verifier.verify(&Draft::good(&key).head("alg", "\"Ed25519\"").signed(&key), NOW).is_ok());
    refuse_all(&verifier, vec![(Draft::good(&key).signed(&key), TokenError::Algorithm)], 1);
}

#[test]
fn the_leeway_is_what_was_set() {
    let key = SigningKey::generate().unwrap();
    for (leeway, seconds) in [("0s", 0), ("2m", 120)] {
        let verifier = Verifier::trusting([Issuer::own("remit", &key)], "remit", leeway.parse().unwrap());
        let verify = |now| verifier.verify(&Draft::good(&key).signed(&key), now).err();
        assert_eq!(verify(NOW - seconds), None, "{leeway}");
        assert_eq!(verify(NOW - seconds - 1), Some(TokenError::NotYet), "{leeway}");
        assert_eq!(verify(NOW + 3_600 + seconds - 1), None, "{leeway}");
        assert_eq!(verify(NOW + 3_600 + seconds), Some(TokenError::Expired), "{leeway}");
    }
}

#[test]
fn keys_that_are_gone_verify_nothing_and_new_ones_do() {
    let (old, new) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
    let ring = Arc::new(Keyring::default());
    let issuer = Issuer::outside("remit", Dialect::default(), Arc::clone(&ring));
    let verifier = Verifier::trusting([issuer], "remit", Leeway::default());
    let verify = |key| verifier.verify(&Draft::good(key).signed(key), NOW).err();
    assert_eq!(verify(&old), Some(TokenError::UnknownKey));
    ring.replace(KeySet::from(&old));
    assert_eq!((verify(&old), verify(&new)), (None, Some(TokenError::UnknownKey)));
    ring.replace(KeySet::new([old.verification_key(), new.verification_key()]).unwrap());
    assert_eq!((verify(&old), verify(&new)), (None, None));
    ring.replace(KeySet::from(&new));
    assert_eq!((verify(&old), verify(&new)), (Some(TokenError::UnknownKey), None));
}
