//! Who may ask: API clients and the tokens they get, and tokens that are taken no more.

use std::time::{Duration, Instant};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::{Method, header::AUTHORIZATION};
use serde_json::{Value, json};

use crate::support::{Remit, User, both, claims, code, command::run, fixtures, turns::Held};

const GRANT: &str = "grant_type=client_credentials";

/// Status, headers of interest and body of an answer of the token endpoint.
struct Answer {
    status: u16,
    retry_after: Option<String>,
    challenge: Option<String>,
    body: Value,
}

impl Answer {
    /// The status and the error, or the scope of the token that was given.
    fn short(&self) -> String {
        let said = self.body.get("error").or(self.body.get("scope")).and_then(Value::as_str);
        format!("{} {}", self.status, said.unwrap_or_default())
    }

    fn token(&self) -> String {
        self.body["access_token"].as_str().unwrap_or_else(|| panic!("{}", self.body)).to_owned()
    }
}

/// Asks for a token, with what a form says besides the grant.
async fn ask(remit: &Remit, basic: Option<(&str, &str)>, form: &str) -> Answer {
    let mut request = remit.request(Method::POST, "/oauth/token");
    if let Some((id, secret)) = basic {
        request = request.header(AUTHORIZATION, format!("Basic {}", STANDARD.encode(format!("{id}:{secret}"))));
    }
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(form.to_owned());
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["cache-control"], "no-store");
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (retry_after, challenge) = (header("retry-after"), header("www-authenticate"));
    Answer { status: response.status().as_u16(), retry_after, challenge, body: response.json().await.unwrap() }
}

/// Makes an API client; its secret.
async fn make(admin: &User<'_>, input: Value) -> String {
    let made = admin.done("putApiClient", input, "secret").await;
    made["secret"].as_str().unwrap().to_owned()
}

fn psa(scopes: &[&str]) -> Value {
    json!({"code": "psa", "name": "The PSA", "scopes": scopes})
}

async fn subject(user: &User<'_>) -> Result<Value, String> {
    let mut answer = user.send("{ viewer { subject } }", json!({})).await;
    match answer["errors"].as_array() {
        None => Ok(answer["data"]["viewer"]["subject"].take()),
        Some(errors) => Err(format!("{}: {}", code(&errors[0]), errors[0]["message"].as_str().unwrap())),
    }
}

const REVOKED: &str = "UNAUTHENTICATED: the token was revoked";

both! {
    async fn software_gets_tokens_by_its_secret(remit: Remit) {
        let admin = remit.admin("acme");
        let selection = "secret apiClient { id code clientId name scopes tokenTtl disabled expiresAt lastUsedAt client { id } secrets { createdAt expiresAt lastUsedAt } }";
        let made = admin.done("putApiClient", psa(&["tickets:write", "coverage:read"]), selection).await;
        let secret = made["secret"].as_str().unwrap();
        assert!(secret.starts_with("remit_"));
        let mut expected = json!({"code": "psa", "clientId": "acme.psa", "name": "The PSA", "scopes": ["coverage:read", "tickets:write"], "tokenTtl": "PT1H",
            "disabled": false, "expiresAt": null, "lastUsedAt": null, "client": null, "secrets": [{"createdAt": "2026-11-23T12:00:00Z", "expiresAt": null, "lastUsedAt": null}]});
        expected["id"] = made["apiClient"]["id"].clone();
        assert_eq!(made["apiClient"], expected);

        let answer = ask(&remit, Some(("acme.psa", secret)), GRANT).await;
        let mut body = answer.body.clone();
        body["access_token"] = Value::Null;
        assert_eq!((answer.status, body), (200, json!({"access_token": null, "token_type": "Bearer", "expires_in": 3600, "scope": "coverage:read tickets:write"})));
        let user = remit.holder(answer.token());
        let viewer = user.ask("{ viewer { subject provider scopes client { id } } }").await;
        assert_eq!(viewer["viewer"], json!({"subject": "acme.psa", "provider": "acme", "scopes": ["coverage:read", "tickets:write"], "client": null}));
        let used = admin.ask("{ apiClient(by: {code: \"psa\"}) { lastUsedAt secrets { lastUsedAt } } }").await;
        assert_eq!(used["apiClient"], json!({"lastUsedAt": "2026-11-23T12:00:00Z", "secrets": [{"lastUsedAt": "2026-11-23T12:00:00Z"}]}));

        // In the form, and with less than it may have.
        let narrow = ask(&remit, None, &format!("{GRANT}&client_id=acme.psa&client_secret={secret}&scope=coverage:read")).await;
        assert_eq!(narrow.short(), "200 coverage:read");
        assert_eq!(remit.holder(narrow.token()).ask("{ viewer { scopes } }").await["viewer"]["scopes"], json!(["coverage:read"]));

        // Putting the same again changes nothing and shows nothing.
        let again = admin.done("putApiClient", psa(&["tickets:write", "coverage:read"]), "secret apiClient { id }").await;
        assert_eq!(again, json!({"secret": null, "apiClient": {"id": expected["id"]}, "errors": []}));
        assert_eq!(ask(&remit, Some(("acme.psa", secret)), GRANT).await.status, 200);
    }

    async fn requests_for_tokens_are_refused_as_rfc_6749_says(remit: Remit) {
        let secret = make(&remit.admin("acme"), psa(&["coverage:read"])).await;
        let good = Some(("acme.psa", secret.as_str()));
        let scoped = |scope: &str| format!("{GRANT}&scope={scope}");
        for (basic, form, expected) in [
            (good, GRANT.to_owned(), "200 coverage:read"),
            (good, scoped("coverage:read+agreements:read"), "400 invalid_scope"),
            (good, scoped("openid"), "400 invalid_scope"),
            (good, scoped("%22%5C%0A"), "400 invalid_scope"),
            (good, scoped("+"), "400 invalid_scope"),
            (good, scoped("coverage:read%0Acoverage:read"), "400 invalid_scope"),
            (good, "grant_type=password".into(), "400 unsupported_grant_type"),
            (good, String::new(), "400 invalid_request"),
            (good, format!("{GRANT}&client_secret={secret}"), "400 invalid_request"),
            (None, GRANT.into(), "401 invalid_client"),
            (Some(("acme.psa", "remit_wrong")), GRANT.into(), "401 invalid_client"),
            (Some(("acme.other", secret.as_str())), GRANT.into(), "401 invalid_client"),
            (Some(("zenith.psa", secret.as_str())), GRANT.into(), "401 invalid_client"),
            (Some(("psa", secret.as_str())), GRANT.into(), "401 invalid_client"),
        ] {
            let answer = ask(&remit, basic, &form).await;
            assert_eq!(answer.short(), expected, "{basic:?} {form}");
            assert_eq!(answer.challenge.is_some_and(|c| c.starts_with("Basic ")), answer.status == 401);
        }
        // Whether there is such a client is not to be told from the answer.
        let wrong = ask(&remit, Some(("acme.psa", "remit_wrong")), GRANT).await;
        let unknown = ask(&remit, Some(("acme.none", "remit_wrong")), GRANT).await;
        assert_eq!(wrong.body, unknown.body);
        let json = remit.request(Method::POST, "/oauth/token").json(&json!({"grant_type": "client_credentials"})).send().await.unwrap();
        assert_eq!((json.status().as_u16(), json.json::<Value>().await.unwrap()["error"].clone()), (400, json!("invalid_request")));
        assert_eq!(remit.request(Method::GET, "/oauth/token").send().await.unwrap().status(), 405);
    }

    async fn failures_are_bounded_and_shut_nobody_out(remit: Remit) {
        let secret = make(&remit.admin("acme"), psa(&["coverage:read"])).await;
        let crm = make(&remit.admin("acme"), json!({"code": "crm", "name": "CRM", "scopes": ["coverage:read"]})).await;
        assert_eq!(ask(&remit, Some(("acme.psa", &secret)), GRANT).await.status, 200);
        for _ in 0..10 {
            assert_eq!(ask(&remit, Some(("acme.crm", "remit_wrong")), GRANT).await.short(), "401 invalid_client");
        }
        let held = ask(&remit, Some(("acme.crm", "remit_wrong")), GRANT).await;
        assert_eq!((held.short().as_str(), held.retry_after.as_deref()), ("429 temporarily_unavailable", Some("6")));
        assert_eq!(ask(&remit, Some(("acme.crm", &crm)), GRANT).await.status, 429, "it has never had a token from here");
        for n in 0..20 {
            ask(&remit, Some((&format!("acme.c{n}"), "remit_wrong")), GRANT).await;
        }
        let held = ask(&remit, Some(("acme.other", "remit_wrong")), GRANT).await;
        assert_eq!((held.status, held.retry_after.as_deref()), (429, Some("2")));
        assert_eq!(ask(&remit, Some(("acme.psa", &secret)), GRANT).await.status, 200, "it has had tokens from here");
    }

    async fn secrets_are_rotated_without_a_gap(remit: Remit) {
        let admin = remit.admin("acme");
        let first = make(&admin, psa(&["coverage:read"])).await;
        let rotate = async |overlap: &str| {
            let input = json!({"apiClient": {"code": "psa"}, "overlap": overlap});
            admin.done("rotateApiClient", input, "secret apiClient { secrets { expiresAt } }").await
        };
        let second = rotate("PT1H").await;
        assert_eq!(second["apiClient"]["secrets"], json!([{"expiresAt": "2026-11-23T13:00:00Z"}, {"expiresAt": null}]));
        let second = second["secret"].as_str().unwrap();
        for secret in [&first, second] {
            assert_eq!(ask(&remit, Some(("acme.psa", secret)), GRANT).await.status, 200);
        }
        // At once: the others end now.
        let third = rotate("PT0S").await;
        assert_eq!(third["apiClient"]["secrets"], json!([{"expiresAt": null}]));
        for secret in [&first, second] {
            assert_eq!(ask(&remit, Some(("acme.psa", secret)), GRANT).await.short(), "401 invalid_client");
        }
        for _ in 0..4 {
            rotate("PT24H").await;
        }
        let input = json!({"apiClient": {"code": "psa"}, "overlap": "PT24H"});
        assert_eq!(admin.denied("rotateApiClient", input).await, ["CONFLICT input.overlap"]);
        let long = json!({"apiClient": {"code": "psa"}, "overlap": "PT721H"});
        assert_eq!(admin.denied("rotateApiClient", long).await, ["INVALID input.overlap"]);
        assert_eq!(admin.denied("rotateApiClient", json!({"apiClient": {"code": "none"}})).await, ["NOT_FOUND input.apiClient"]);
    }

    async fn what_is_taken_away_takes_the_tokens_along(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let secret = make(&admin, psa(&["coverage:read", "clients:read"])).await;
        let good = Some(("acme.psa", secret.as_str()));
        let before = ask(&remit, good, GRANT).await.token();
        assert_eq!(subject(&remit.holder(&before)).await, Ok(json!("acme.psa")));
        // The clock of the test stands still, so a token of this very second is as old as the revocation.
        for change in [json!({"disabled": true}), json!({"disabled": false}), json!({"expiresAt": "2026-11-23T12:00:00Z"}), json!({"expiresAt": null})] {
            let mut input = json!({"code": "psa"});
            input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            admin.done("putApiClient", input, "").await;
            let expected = if change.get("disabled") == Some(&json!(true)) || change.get("expiresAt").is_some_and(Value::is_string) { "401 invalid_client" } else { "200 clients:read coverage:read" };
            assert_eq!(ask(&remit, good, GRANT).await.short(), expected, "{change}");
        }
        admin.done("putApiClient", json!({"code": "psa", "client": {"code": "NORTHWIND"}, "scopes": ["clients:read"]}), "").await;
        let bound = remit.holder(ask(&remit, good, GRANT).await.token());
        assert_eq!(bound.ask("{ viewer { client { code } scopes } }").await["viewer"], json!({"client": {"code": "NORTHWIND"}, "scopes": ["clients:read"]}));
        let revoked = admin.ask("{ revocations { nodes { clientId jti subject issuedBefore revokedBy } totalCount } }").await;
        let row = json!({"clientId": "acme.psa", "jti": null, "subject": null, "issuedBefore": "2026-11-23T12:00:00Z", "revokedBy": "tester"});
        assert_eq!(revoked["revocations"], json!({"nodes": [row, row, row], "totalCount": 3}), "each time that something was taken away");
    }

    async fn nobody_grants_what_they_do_not_have(remit: Remit) {
        let admin = remit.admin("acme");
        let granter = remit.user("acme", "tokens:write coverage:read");
        assert_eq!(granter.denied("putApiClient", psa(&["coverage:read", "charges:write"])).await, ["INVALID input.scopes"]);
        make(&granter, psa(&["coverage:read"])).await;
        make(&admin, json!({"code": "billing", "name": "Billing", "scopes": ["charges:write", "coverage:read"]})).await;
        // Neither by a secret of somebody mightier, nor by cutting them down.
        assert_eq!(granter.denied("rotateApiClient", json!({"apiClient": {"code": "billing"}})).await, ["INVALID input.apiClient"]);
        assert_eq!(granter.denied("putApiClient", json!({"code": "billing", "scopes": ["coverage:read"]})).await, ["INVALID input.code"]);
        let errors = remit.user("acme", "clients:write agreements:write").refused("{ apiClients { totalCount } }", json!({})).await;
        assert_eq!(code(&errors[0]), "FORBIDDEN tokens:write");
        let portal = remit.portal("acme", "NORTHWIND", "tokens:write coverage:read");
        for query in ["{ apiClients { totalCount } }", "{ revocations { totalCount } }", "mutation { putApiClient(input: {code: \"x\"}) { secret } }"] {
            assert_eq!(code(&portal.refused(query, json!({})).await[0]), "FORBIDDEN tokens:write", "{query}");
        }
        for (input, refused) in [
            (json!({"code": "new"}), "INVALID input.name"),
            (json!({"code": "new", "name": "x"}), "INVALID input.scopes"),
            (json!({"code": "a b", "name": "x", "scopes": []}), "INVALID input.code"),
            (json!({"code": "new", "name": "x", "scopes": ["nothing:read"]}), "INVALID input.scopes.0"),
            (json!({"code": "new", "name": "x", "scopes": [], "tokenTtl": "PT25H"}), "INVALID input.tokenTtl"),
            (json!({"code": "new", "name": "x", "scopes": [], "tokenTtl": "PT60.5S"}), "INVALID input.tokenTtl"),
            (json!({"code": "new", "name": "x", "scopes": [], "client": {"code": "NOBODY"}}), "NOT_FOUND input.client"),
        ] {
            assert_eq!(admin.denied("putApiClient", input.clone()).await, [refused], "{input}");
        }
    }

    async fn a_token_is_revoked_by_its_id_its_subject_or_its_software(remit: Remit) {
        let admin = remit.admin("acme");
        let (one, two) = (remit.user("acme", "coverage:read"), remit.user("acme", "coverage:read"));
        let claims = |user: &User<'_>| claims(&user.token);
        let revoke = json!({"tokens": {"jti": claims(&one)["jti"]}, "reason": "It was in a log."});
        let done = admin.done("revokeTokens", revoke.clone(), "revocation { id jti reason revokedAt }").await;
        assert_eq!((&done["revocation"]["jti"], &done["revocation"]["reason"]), (&claims(&one)["jti"], &json!("It was in a log.")));
        assert_eq!(admin.done("revokeTokens", revoke, "revocation { id }").await["revocation"]["id"], done["revocation"]["id"]);
        assert_eq!((subject(&one).await, subject(&two).await), (Err(REVOKED.into()), Ok(json!("tester"))));
        let response = remit.request(Method::POST, "/graphql").bearer_auth(&one.token).json(&json!({"query": "{ viewer { subject } }"})).send().await.unwrap();
        let challenge = response.headers()["www-authenticate"].to_str().unwrap().to_owned();
        assert_eq!((response.status().as_u16(), challenge.as_str()), (401, "Bearer error=\"invalid_token\", error_description=\"the token was revoked\""));

        // Issued at noon: not before noon, and not at another provider.
        let of_subject = |before: &str| json!({"tokens": {"subject": "tester"}, "issuedBefore": before, "reason": "Left."});
        admin.done("revokeTokens", of_subject("2026-11-23T12:00:00Z"), "").await;
        assert_eq!(subject(&two).await, Ok(json!("tester")));
        assert_eq!(admin.denied("revokeTokens", of_subject("2026-11-23T12:05:00.000001Z")).await, ["INVALID input.issuedBefore"]);
        // An issuer whose clock is ahead has issued tokens that are still to come.
        let ahead = remit.ahead("acme", "coverage:read", 25);
        assert_eq!(subject(&ahead).await, Ok(json!("ahead")));
        let tokens = json!({"tokens": {"subject": "ahead"}, "issuedBefore": "2026-11-23T12:01:00Z", "reason": "Left."});
        admin.done("revokeTokens", tokens, "").await;
        assert_eq!(subject(&ahead).await, Err(REVOKED.into()));
        let both = json!({"tokens": {"jti": "x"}, "issuedBefore": "2026-11-23T11:00:00Z", "reason": "x"});
        assert_eq!(admin.denied("revokeTokens", both).await, ["INVALID input.issuedBefore"]);
        remit.admin("zenith").done("revokeTokens", json!({"tokens": {"jti": claims(&two)["jti"]}, "reason": "x"}), "").await;
        assert_eq!(subject(&two).await, Ok(json!("tester")), "another provider's word counts for its own tokens only");
    }

    async fn commands_are_held_to_what_the_api_takes(remit: Remit) {
        let folder = tempfile::tempdir().unwrap();
        for (command, text) in [
            (vec!["revoke", "--provider", "acme", "--jti", "", "--reason", "x"], "--jti"),
            (vec!["revoke", "--provider", "acme", "--subject", "", "--reason", "x"], "--subject"),
            (vec!["revoke", "--provider", "acme", "--jti", "x", "--reason", " "], "--reason"),
            (vec!["client", "create", "psa", "--provider", "acme", "--scope", "coverage:read", "--name", "a\u{1b}[31m\nb"], "--name"),
        ] {
            let said = run(&remit, folder.path().to_owned(), command.iter().map(|word| (*word).to_owned()).collect()).await;
            assert!(!said.well && said.error.contains(text), "{command:?}: {said:?}");
        }
        assert_eq!(remit.admin("acme").ask("{ revocations { totalCount } apiClients { totalCount } }").await, json!({"revocations": {"totalCount": 0}, "apiClients": {"totalCount": 0}}));
    }

    async fn a_token_is_got_while_somebody_writes(remit: Remit) {
        let secret = make(&remit.admin("acme"), psa(&["coverage:read"])).await;
        let held = Held::writes(&remit, "acme").await;
        let begun = Instant::now();
        let given = ask(&remit, Some(("acme.psa", secret.as_str())), GRANT).await;
        assert!(given.status == 200 && begun.elapsed() < Duration::from_secs(3), "{} after {:?}", given.status, begun.elapsed());
        held.release().await;
    }

    async fn a_token_that_is_given_while_a_cut_waits_for_its_turn_falls_with_it(remit: Remit) {
        let admin = remit.admin("acme");
        let secret = make(&admin, psa(&["coverage:read"])).await;
        let good = Some(("acme.psa", secret.as_str()));
        ask(&remit, good, GRANT).await.token();
        for change in [json!({"code": "psa", "disabled": true}), json!({"code": "psa", "disabled": false, "scopes": []})] {
            let held = Held::writes(&remit, "acme").await;
            let cutting = admin.send("mutation($input: PutApiClientInput!) { putApiClient(input: $input) { errors { code } } }", json!({"input": change}));
            let given = async {
                tokio::time::sleep(Duration::from_millis(300)).await;
                let given = if change["disabled"] == true { Some(ask(&remit, good, GRANT).await.token()) } else { None };
                held.release().await;
                given
            };
            let (cut, given) = tokio::join!(cutting, given);
            assert_eq!(cut["data"]["putApiClient"]["errors"], json!([]), "{cut}");
            if let Some(given) = given {
                assert_eq!(subject(&remit.holder(given)).await, Err(REVOKED.into()));
            }
        }
        // Cut twice within one second, of which tokens know nothing finer.
        admin.done("putApiClient", json!({"code": "psa", "scopes": ["coverage:read"]}), "").await;
        let between = ask(&remit, good, GRANT).await.token();
        assert_eq!(subject(&remit.holder(&between)).await, Ok(json!("acme.psa")), "it came after the first cut");
        admin.done("putApiClient", json!({"code": "psa", "scopes": []}), "").await;
        assert_eq!(subject(&remit.holder(&between)).await, Err(REVOKED.into()));
        let again = ask(&remit, good, GRANT).await.token();
        assert_eq!(subject(&remit.holder(&again)).await, Ok(json!("acme.psa")));
        admin.done("revokeTokens", json!({"tokens": {"clientId": "acme.psa"}, "reason": "Lost."}), "").await;
        assert_eq!(subject(&remit.holder(&again)).await, Err(REVOKED.into()));
    }

    async fn what_one_server_revokes_the_others_heed_within_ten_seconds(remit: Remit) {
        let other = remit.beside().await;
        let (admin, user) = (remit.admin("acme"), remit.user("acme", "coverage:read"));
        let there = other.holder(&user.token);
        assert_eq!(subject(&there).await, Ok(json!("tester")));
        let jti = claims(&user.token)["jti"].take();
        admin.done("revokeTokens", json!({"tokens": {"jti": jti}, "reason": "Lost."}), "").await;
        assert_eq!(subject(&user).await, Err(REVOKED.into()), "at once where it was said");
        let began = Instant::now();
        while subject(&there).await.is_ok() {
            assert!(began.elapsed() < Duration::from_secs(10), "not heeded");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(subject(&there).await, Err(REVOKED.into()));
    }
}

#[tokio::test]
async fn the_metadata_is_there_where_the_issuer_is_a_url() {
    let remit = Remit::start(crate::support::Backend::Sqlite).await;
    let response = remit.request(Method::GET, "/.well-known/oauth-authorization-server").send().await.unwrap();
    assert_eq!(response.status(), 404, "`remit` is no URL");
}
