//! Tokens of an identity provider of the user's own: its keys are fetched, its claims read by its names.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
        RsaKeyPair,
    },
};
use axum::{Router, routing::get};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use remit::{
    auth::{ClaimNames, Dialect, Issuer, JtiRule, Leeway, ScopeForm, Verifier},
    config::KeySource,
    jwks::OutsideKeys,
};
use remit_domain::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Backend, NOW, Remit, code};

const ISSUER: &str = "https://login.example/tenant/v2.0";

fn now() -> i64 {
    NOW.parse::<Timestamp>().unwrap().as_second()
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A key of the identity provider.
enum Key {
    Rsa(Box<RsaKeyPair>),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl Key {
    fn rsa() -> Self {
        Self::Rsa(Box::new(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()))
    }

    fn ec() -> Self {
        Self::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    fn ed() -> Self {
        Self::Ed(Ed25519KeyPair::generate().unwrap())
    }

    /// The public half. That of RSA says no algorithm, as Entra ID's do not.
    fn jwk(&self, kid: &str) -> Value {
        match self {
            Self::Rsa(pair) => {
                let (n, e) = (pair.public_key().modulus(), pair.public_key().exponent());
                let (n, e) = (b64(n.big_endian_without_leading_zero()), b64(e.big_endian_without_leading_zero()));
                json!({"kty": "RSA", "use": "sig", "kid": kid, "n": n, "e": e, "x5c": ["MIIB"]})
            }
            Self::Ec(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "kid": kid, "x": b64(x), "y": b64(y)})
            }
            Self::Ed(pair) => json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": b64(pair.public_key())}),
        }
    }

    fn sign(&self, alg: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair) => {
                let padding = if alg.starts_with('P') { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &random, message, &mut signature).unwrap();
                signature
            }
            Self::Ec(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::Ed(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// A token with these claims, the header that many send, and the key's own signature.
    fn token(&self, alg: &str, kid: &str, claims: &Value) -> String {
        let header = json!({"alg": alg, "typ": "JWT", "kid": kid});
        let message = format!("{}.{}", b64(header.to_string()), b64(claims.to_string()));
        format!("{message}.{}", b64(self.sign(alg, message.as_bytes())))
    }
}

/// What the provider says in a token, at `now`.
fn claims(now: i64) -> Value {
    json!({
        "iss": ISSUER, "aud": "api://remit", "sub": "u-1", "azp": "desk", "tid": "acme", "iat": now, "exp": now + 3600,
        "roles": ["coverage:read", "agreements:read", "Some.Other"], "oid": "0", "ver": "2.0",
    })
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

/// The identity provider's key set, served and counted.
struct Provider {
    source: KeySource,
    set: Arc<Mutex<Value>>,
    asked: Arc<AtomicUsize>,
}

impl Provider {
    async fn start(keys: Vec<Value>) -> Self {
        let (set, asked) = (Arc::new(Mutex::new(json!({"keys": keys}))), Arc::new(AtomicUsize::new(0)));
        let (served, counted) = (Arc::clone(&set), Arc::clone(&asked));
        let answer = async move || {
            counted.fetch_add(1, Ordering::SeqCst);
            served.lock().unwrap().to_string()
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/keys", get(answer))).await });
        Self { source: KeySource::Url(url.parse().unwrap()), set, asked }
    }

    fn publish(&self, keys: &[Value]) {
        *self.set.lock().unwrap() = json!({"keys": keys});
    }
}

/// A server that trusts the provider at `source`, and itself by `own` if that is given.
async fn trusting(source: &KeySource, own: Option<&str>) -> (Remit, Arc<OutsideKeys>) {
    let keys = OutsideKeys::new(source.clone()).unwrap();
    let [provider, client, scope, client_id] = ["tid", "customer", "roles", "azp"].map(str::to_owned);
    let dialect = Dialect {
        claims: ClaimNames { provider, client, scope, client_id },
        types: "at+jwt,JWT".parse().unwrap(),
        jti: JtiRule::Optional,
        scope: ScopeForm::TextOrList,
    };
    let outside = Issuer::outside(ISSUER, dialect, keys.ring());
    let remit = Remit::start_trusting(Backend::Sqlite, Some(Arc::clone(&keys)), |key| {
        let own = own.map(|name| Issuer::own(name, key));
        Verifier::trusting([outside].into_iter().chain(own), "api://remit", Leeway::default())
    });
    (remit.await, keys)
}

/// The status, and the viewer or else the error's code and message.
async fn ask(remit: &Remit, token: &str) -> (u16, Value) {
    let request = remit.request(Method::POST, "/graphql").bearer_auth(token);
    let query = json!({"query": "{ viewer { subject provider scopes client { code } } }"});
    let response = request.json(&query).send().await.unwrap();
    let status = response.status().as_u16();
    let mut answer: Value = response.json().await.unwrap();
    match answer["data"]["viewer"].take() {
        Value::Null => (status, json!([code(&answer["errors"][0]), answer["errors"][0]["message"]])),
        viewer => (status, viewer),
    }
}

async fn is_refused(remit: &Remit, token: &str, message: &str) {
    assert_eq!(ask(remit, token).await, (401, json!(["UNAUTHENTICATED", message])), "{token}");
}

#[tokio::test]
async fn tokens_of_an_outside_issuer_are_taken() {
    let keys = [("r", "RS256", Key::rsa()), ("e", "ES256", Key::ec()), ("o", "EdDSA", Key::ed())];
    let provider = Provider::start(keys.iter().map(|(kid, _, key)| key.jwk(kid)).collect()).await;
    let (remit, _) = trusting(&provider.source, None).await;
    for (kid, alg, key) in &keys {
        let (status, viewer) = ask(&remit, &key.token(alg, kid, &claims(now()))).await;
        let scopes = ["agreements:read", "coverage:read"];
        assert_eq!((status, viewer["scopes"].clone()), (200, json!(scopes)), "{alg}");
        assert_eq!(viewer["subject"], "u-1");
        assert_eq!((&viewer["provider"], &viewer["client"]), (&json!("acme"), &Value::Null));
    }
    assert_eq!(provider.asked.load(Ordering::SeqCst), 1, "the first token brought the keys");
    let bound = with(claims(now()), "customer", json!("NORTHWIND"));
    let (status, viewer) = ask(&remit, &keys[0].2.token("RS256", "r", &bound)).await;
    assert_eq!((status, &viewer["client"]), (200, &Value::Null), "no such client: the token sees nothing");
}

#[tokio::test]
async fn wrong_tokens_of_an_outside_issuer_are_refused() {
    let (rsa, ec, stranger) = (Key::rsa(), Key::ec(), Key::rsa());
    let provider = Provider::start(vec![rsa.jwk("r"), ec.jwk("e")]).await;
    let (remit, _) = trusting(&provider.source, None).await;
    let good = claims(now());
    assert_eq!(ask(&remit, &rsa.token("RS256", "r", &good)).await.0, 200);
    let alg = "the token header alg is not that of the key";
    let signature = "the token signature does not hold";
    let unknown = "the token header kid names no known key";
    let claim = |name: &str| format!("the token claim {name} is missing or not as it must be");
    for (token, message) in [
        (stranger.token("RS256", "r", &good), signature),
        (ec.token("ES256", "r", &good), alg),
        (rsa.token("PS256", "r", &good), alg),
        (rsa.token("none", "r", &good), alg),
        (stranger.token("RS256", "other", &good), unknown),
    ] {
        is_refused(&remit, &token, message).await;
    }
    for (name, value, message) in [
        ("iss", json!("https://login.example/other/v2.0"), "the token is of another issuer".to_owned()),
        ("aud", json!("desk"), "the token is for another audience".into()),
        ("exp", json!(now() - 31), "the token has expired".into()),
        ("nbf", json!(now() + 31), "the token does not hold yet".into()),
        ("sub", Value::Null, claim("sub")),
        ("tid", Value::Null, claim("provider")),
        ("azp", json!(""), claim("client_id")),
        ("roles", json!({"coverage:read": true}), claim("scope")),
        ("customer", json!(["NORTHWIND"]), claim("client")),
    ] {
        is_refused(&remit, &rsa.token("RS256", "r", &with(good.clone(), name, value)), &message).await;
    }
    // The public key as a shared secret (RFC 8725 §2.1).
    let header = b64(json!({"alg": "HS256", "typ": "JWT", "kid": "r"}).to_string());
    let message = format!("{header}.{}", b64(good.to_string()));
    let secret = hmac::Key::new(hmac::HMAC_SHA256, rsa.jwk("r").to_string().as_bytes());
    is_refused(&remit, &format!("{message}.{}", b64(hmac::sign(&secret, message.as_bytes()))), alg).await;
    // The server's own key is nobody here.
    is_refused(&remit, &remit.user("acme", "coverage:read").token, unknown).await;
}

#[tokio::test]
async fn the_servers_own_tokens_are_taken_beside_them_by_a_name_of_their_own() {
    let key = Key::ec();
    let provider = Provider::start(vec![key.jwk("e")]).await;
    let (remit, _) = trusting(&provider.source, Some("remit")).await;
    let own = remit.sign_for("acme", "coverage:read", "remit", "api://remit");
    assert_eq!(ask(&remit, &own).await.0, 200);
    let as_the_other = remit.sign_for("acme", "coverage:read", ISSUER, "api://remit");
    is_refused(&remit, &as_the_other, "the token is of another issuer").await;
    let as_the_server = with(claims(now()), "iss", json!("remit"));
    is_refused(&remit, &key.token("ES256", "e", &as_the_server), "the token is of another issuer").await;
}

#[tokio::test]
async fn keys_are_rotated_without_a_restart_and_a_flood_is_not_passed_on() {
    let (old, new) = (Key::rsa(), Key::ec());
    let provider = Provider::start(vec![old.jwk("old")]).await;
    let (remit, keys) = trusting(&provider.source, None).await;
    let (before, after) = (old.token("RS256", "old", &claims(now())), new.token("ES256", "new", &claims(now())));
    assert_eq!(ask(&remit, &before).await.0, 200);
    provider.publish(&[old.jwk("old"), new.jwk("new")]);
    assert_eq!((ask(&remit, &after).await.0, ask(&remit, &before).await.0), (200, 200));
    for n in 0..60 {
        is_refused(
            &remit,
            &old.token("RS256", &format!("k{n}"), &claims(now())),
            "the token header kid names no known key",
        )
        .await;
    }
    assert_eq!(provider.asked.load(Ordering::SeqCst), 2, "the clock of the test stands still");
    provider.publish(&[new.jwk("new")]);
    keys.tend(now() + 300).await;
    assert_eq!(ask(&remit, &after).await.0, 200);
    is_refused(&remit, &before, "the token header kid names no known key").await;
}

#[tokio::test]
async fn without_the_issuers_keys_the_server_runs_and_is_not_ready() {
    let key = Key::ec();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}/keys", listener.local_addr().unwrap());
    drop(listener);
    let (remit, keys) = trusting(&KeySource::Url(nobody.parse().unwrap()), Some("remit")).await;
    keys.tend(now()).await;
    let status = async |path: &str| {
        let response = remit.request(Method::GET, path).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    assert_eq!(status("/healthz").await.0, 200);
    assert_eq!(status("/readyz").await, (503, "the issuer's keys are not known yet".into()));
    let token = key.token("ES256", "e", &claims(now()));
    assert_eq!(ask(&remit, &token).await, (503, json!(["UNAVAILABLE", "The issuer's keys are not known yet."])));
    assert_eq!(ask(&remit, &remit.sign_for("acme", "", "remit", "api://remit")).await.0, 200, "its own need no issuer");

    let provider = Provider::start(vec![key.jwk("e")]).await;
    let (remit, keys) = trusting(&provider.source, None).await;
    keys.tend(now()).await;
    assert_eq!(remit.request(Method::GET, "/readyz").send().await.unwrap().status(), 200);
}

/// A server started as a user starts it, gone when dropped.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn remit(folder: &std::path::Path, arguments: &[&str], settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_remit"));
    command.args(arguments).current_dir(folder).envs(settings.iter().copied()).env("REMIT_LISTEN", "127.0.0.1:0");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[tokio::test]
async fn the_settings_are_enough_to_connect_an_issuer() {
    let (folder, key) = (tempfile::tempdir().unwrap(), Key::rsa());
    std::fs::write(folder.path().join("keys.json"), json!({"keys": [key.jwk("r")]}).to_string()).unwrap();
    let settings = [
        ("REMIT_JWKS_FILE", "keys.json"),
        ("REMIT_ISSUER", ISSUER),
        ("REMIT_AUDIENCE", "api://remit"),
        ("REMIT_CLAIM_PROVIDER", "tid"),
        ("REMIT_CLAIM_SCOPE", "roles"),
        ("REMIT_CLAIM_CLIENT_ID", "azp"),
        ("REMIT_ACCEPT_TYP", "JWT"),
        ("REMIT_REQUIRE_JTI", "false"),
    ];
    let mut started = Started(remit(folder.path(), &["serve"], &settings).spawn().unwrap());
    let mut lines = BufReader::new(started.0.stderr.take().unwrap()).lines().map(Result::unwrap);
    let line = lines.find(|line| line.contains("serving")).unwrap();
    let port: String = line.rsplit("127.0.0.1:").next().unwrap().chars().take_while(char::is_ascii_digit).collect();
    let post = async |token: &str| {
        let request = reqwest::Client::new().post(format!("http://127.0.0.1:{port}/graphql")).bearer_auth(token);
        request.json(&json!({"query": "{ viewer { provider } }"})).send().await.unwrap().status().as_u16()
    };
    let now = Timestamp::now().as_second();
    assert_eq!(post(&key.token("RS256", "r", &claims(now))).await, 200);
    assert_eq!(post(&key.token("RS256", "r", &claims(now - 7_200))).await, 401);

    let refused = |arguments: &[&str], settings: &[(&str, &str)]| {
        let output = remit(folder.path(), arguments, settings).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let token = refused(&["token", "--provider", "acme", "--scope", "coverage:read"], &settings);
    assert!(token.contains("REMIT_OWN_ISSUER"), "{token}");
    let missing = refused(&["serve"], &[("REMIT_JWKS_FILE", "none.json")]);
    assert!(
        missing.ends_with("os error 2)\n") && missing.contains("remit: the key file \"none.json\" cannot"),
        "{missing}"
    );
    let both = refused(&["serve"], &[("REMIT_JWKS_FILE", "a"), ("REMIT_JWKS_URL", "https://a/")]);
    assert!(both.contains("cannot be given beside"), "{both}");
}
