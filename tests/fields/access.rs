//! Who gets tokens, and whose are taken no more.

use serde_json::{Value, json};

use super::world::{Case, Look, field};

pub(super) fn cases() -> Vec<Case> {
    [software(), rotated(), revoked()].concat()
}

fn psa() -> Value {
    json!({"code": "NUMBER", "name": "PSA", "scopes": ["coverage:read", "agreements:read"], "tokenTtl": "PT1H"})
}

/// An API client, and the token that it gets for its secret.
fn software() -> Vec<Case> {
    let makes = |name, place, value| {
        field(name).then_learning("secret", "putApiClient", psa()).change(place, value).seen(Look::Token)
    };
    vec![
        makes("PutApiClientInput.code", "/steps/3/with/code", json!("OTHER-NUMBER")),
        makes("PutApiClientInput.name", "/steps/3/with/name", json!("RMM"))
            .seen(Look::Query("{ apiClient(by: {code: \"NUMBER\"}) { name } }")),
        makes("PutApiClientInput.scopes", "/steps/3/with/scopes", json!(["coverage:read"])),
        makes("PutApiClientInput.client", "/steps/3/with/client", json!({"code": "NORTHWIND"})),
        makes("PutApiClientInput.tokenTtl", "/steps/3/with/tokenTtl", json!("PT30M")),
        // In ten minutes.
        makes("PutApiClientInput.expiresAt", "/steps/3/with/expiresAt", json!("2026-11-23T12:10:00Z")),
        makes("PutApiClientInput.disabled", "/steps/3/with/disabled", json!(true)),
    ]
}

/// A secret that was rotated, and is taken no more.
fn rotated() -> Vec<Case> {
    let rotates = |name, place, value| {
        field(name)
            .then_learning("secret", "putApiClient", psa())
            .then("rotateApiClient", json!({"apiClient": {"code": "NUMBER"}, "overlap": "PT0S"}))
            .change(place, value)
            .seen(Look::Token)
    };
    vec![
        rotates("RotateApiClientInput.apiClient", "/steps/4/with/apiClient", json!({"code": "NOPE"})),
        rotates("RotateApiClientInput.overlap", "/steps/4/with/overlap", json!("PT1H")),
    ]
}

/// Tokens that are revoked, among them the one by which they are.
fn revoked() -> Vec<Case> {
    let revokes = |name, tokens: Value| {
        field(name)
            .alone()
            .learning("{ audit(last: 1) { nodes { actor { jti } } } }")
            .then("revokeTokens", json!({"tokens": tokens, "reason": "Was in a log."}))
            .seen(Look::Welcome)
    };
    let own = json!({"subject": "tester"});
    vec![
        revokes("RevokeTokensInput.tokens", own.clone()).change("/steps/4/with/tokens", json!({"clientId": "others"})),
        revokes("RevokeTokensInput.issuedBefore", own.clone())
            .change("/steps/4/with/issuedBefore", json!("2026-11-23T11:00:00Z")),
        revokes("RevokeTokensInput.reason", json!({"subject": "mallory"}))
            .change("/steps/4/with/reason", json!("Has left."))
            .seen(Look::Query("{ revocations { nodes { reason } } }")),
        revokes("TokensInput.subject", own).change("/steps/4/with/tokens/subject", json!("mallory")),
        revokes("TokensInput.clientId", json!({"clientId": "tests"}))
            .change("/steps/4/with/tokens/clientId", json!("others")),
        revokes("TokensInput.jti", json!({"jti": "LEARNT"}))
            .change("/steps/4/with/tokens/jti", json!("0195b7f2-8a53-7c11-9d5e-2f1f6f0b7a11")),
    ]
}
