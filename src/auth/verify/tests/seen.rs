//! Tokens that were taken before are known, and held to the same each time.

use super::*;

/// A verifier, its issuer's keys, and the key they begin with.
fn ringed() -> (Verifier, Arc<Keyring>, SigningKey) {
    let key = SigningKey::generate().unwrap();
    let ring = Arc::new(Keyring::from(KeySet::from(&key)));
    let issuer = Issuer::outside("remit", Dialect::default(), Arc::clone(&ring));
    (Verifier::trusting([issuer], "remit", Leeway::default()), ring, key)
}

#[test]
fn a_token_seen_before_is_the_same_caller() {
    let (key, verifier, good) = bench();
    let token = good.signed(&key);
    let first = verifier.verify(&token, NOW).unwrap();
    assert!(Arc::ptr_eq(&first, &verifier.verify(&token, NOW).unwrap()), "found, not verified again");
    assert_eq!((first.issued_at(), first.expires_at()), (NOW, NOW + 3_600));
    // Each byte counts, and what one verifier has seen says nothing to another.
    let (message, signature) = token.rsplit_once('.').unwrap();
    let zeros = format!("{message}.{}", b64([0; 64]));
    assert_eq!(verifier.verify(&zeros, NOW), Err(TokenError::Signature));
    assert_eq!(verifier.verify(&format!("{message}.{signature}="), NOW), Err(TokenError::Malformed));
    let (_, stranger, _) = bench();
    assert_eq!(stranger.verify(&token, NOW), Err(TokenError::UnknownKey));
}

#[test]
fn a_token_seen_before_is_held_to_its_life_each_time() {
    let (key, verifier, good) = bench();
    let token = good.claim("nbf", "1800000100").signed(&key);
    for (now, answer) in [
        (NOW + 69, Some(TokenError::NotYet)),
        (NOW + 70, None),
        (NOW + 69, Some(TokenError::NotYet)),
        (NOW + 3_629, None),
        (NOW + 3_630, Some(TokenError::Expired)),
        (NOW + 3_629, None),
        (NOW - 1, Some(TokenError::NotYet)),
    ] {
        assert_eq!(verifier.verify(&token, now).err(), answer, "{now}");
    }
}

#[test]
fn a_token_seen_before_falls_with_its_key() {
    let (verifier, ring, key) = ringed();
    let token = Draft::good(&key).signed(&key);
    assert!(verifier.verify(&token, NOW).is_ok());
    let other = SigningKey::generate().unwrap();
    ring.replace(KeySet::new([other.verification_key(), key.verification_key()]).unwrap());
    assert!(verifier.verify(&token, NOW).is_ok(), "its key is still there");
    ring.replace(KeySet::from(&other));
    assert_eq!(verifier.verify(&token, NOW), Err(TokenError::UnknownKey));
    ring.replace(KeySet::from(&key));
    assert!(verifier.verify(&token, NOW).is_ok());
}

#[test]
fn only_tokens_that_hold_are_kept_and_no_more_than_there_is_room_for() {
    let (verifier, _, key) = ringed();
    let good = Draft::good(&key);
    for bad in [good.clone().claim("aud", "\"other\""), good.clone().claim("exp", "1"), good.clone().without("jti")] {
        assert!(verifier.verify(&bad.signed(&key), NOW).is_err());
    }
    assert_eq!(verifier.seen.len(), 0);
    for n in 0..9_000 {
        let seen = Seen {
            caller: Arc::new(Caller::operator("acme".parse().unwrap(), NOW)),
            life: Life { from: 0.0, until: 1.0 },
            keys: Arc::default(),
            ring: Arc::default(),
        };
        verifier.seen.keep(SeenTokens::name(&n.to_string()), seen);
    }
    assert!((1..=8 * 1024).contains(&verifier.seen.len()), "{}", verifier.seen.len());
}
