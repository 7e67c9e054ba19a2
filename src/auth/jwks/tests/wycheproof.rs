//! The JSON Web Signature vectors of Project Wycheproof: each is refused, or verified, as the file says.
//!
//! They are not part of the project. Where the file is not, the test says so.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;

use super::super::*;
use crate::auth::{Dialect, Issuer, Keyring, Leeway, TokenError, Verifier};

/// Where the vectors lie, from the project's folder.
const VECTORS: &str = "../shared/data/wycheproof_jws.json";

/// How many are verified.
const VERIFIED: usize = 29;

/// Why vectors that are valid are refused all the same, and how many.
const REFUSED: [(&str, usize); 4] = [
    ("P-521 is not taken", 2),
    ("a token without claims is none", 6),
    ("symmetric keys are not taken", 16),
    ("the key is for PS256, the token says PS384", 2),
];

#[test]
fn every_vector_ends_as_it_must() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(VECTORS);
    let Ok(text) = fs::read_to_string(&path) else {
        return eprintln!("skipped: {} is not there", path.display());
    };
    let file: Value = serde_json::from_str(&text).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 475);
    let (mut verified, mut refused) = (0, BTreeMap::new());
    for vector in vectors {
        let keys = &file["keysets"][vector["keyset"].as_str().unwrap()];
        match (vector["result"].as_str().unwrap(), verdict(keys, vector["jws"].as_str().unwrap())) {
            ("valid", Ok(())) => verified += 1,
            ("valid", Err(refusal)) => *refused.entry(reason(vector, keys, &refusal)).or_insert(0_usize) += 1,
            ("invalid", Err(_)) => {}
            (_, verdict) => panic!("{vector:#} ends as {verdict:?}"),
        }
    }
    assert_eq!((verified, refused), (VERIFIED, BTreeMap::from(REFUSED)));
}

/// Why a valid vector is refused; the test fails if there is no good reason.
fn reason(vector: &Value, keys: &Value, refusal: &str) -> &'static str {
    let key = &keys["keys"][0];
    let jws = vector["jws"].as_str().unwrap();
    match refusal {
        "it gives away a secret key" if key["kty"] == "oct" => "symmetric keys are not taken",
        refusal if refusal.starts_with("it has no usable key") && key["crv"] == "P-521" => "P-521 is not taken",
        "the token is not three parts in base64url" if jws.contains("..") => "a token without claims is none",
        "the token header alg is not that of the key" if key["alg"] == "PS256" => {
            "the key is for PS256, the token says PS384"
        }
        _ => panic!("{vector:#} is refused: {refusal}"),
    }
}

/// Whether the signature is verified: then there is nothing left to refuse but the claims, which the vectors have not.
fn verdict(keys: &Value, jws: &str) -> Result<(), String> {
    let published = PublishedKeys::read(keys.to_string().as_bytes()).map_err(|error| error.to_string())?;
    let dialect = Dialect { types: "at+jwt,JWT,none".parse().unwrap(), ..Dialect::default() };
    let issuer = Issuer::outside("remit", dialect, Keyring::from(published.keys).into());
    match Verifier::trusting([issuer], "remit", Leeway::default()).verify(jws, 0) {
        Err(TokenError::Claims | TokenError::Issuer) => Ok(()),
        Err(refusal) => Err(refusal.to_string()),
        Ok(caller) => panic!("{caller:?}"),
    }
}
