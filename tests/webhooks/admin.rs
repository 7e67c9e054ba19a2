//! Putting, reading, rotating, trying out, removing.

use serde_json::{Value, json};

use super::{deliveries, put, webhook};
use crate::support::{
    both, code, fixtures,
    receiver::{Answer, Receiver},
};

const ALL: &str =
    "code url description types events selection selectionProblems scopes paused failures failingSince pending dead
    keys { signature publicKey madeAt until }";

both! {
    async fn a_webhook_is_put_and_its_secret_is_shown_once(remit: Remit) {
        let user = remit.user("acme", "webhooks:write changes:read agreements:read agreements:write");
        let input = json!({"code": "CRM", "url": "https://crm.example/hook", "types": ["AGREEMENT", "TERMS"], "events": ["terms.*", "agreement.created", "terms.*"]});
        let made = user.done("putWebhook", input.clone(), &format!("secret webhook {{ id {ALL} }}")).await;
        let secret = made["secret"].as_str().unwrap();
        assert!(secret.starts_with("whsec_") && secret.len() == 50, "{secret}");
        let mut expected = json!({"code": "CRM", "url": "https://crm.example/hook", "description": "", "types": ["AGREEMENT", "TERMS"],
            "events": ["agreement.created", "terms.*"], "selection": null, "selectionProblems": [], "scopes": ["agreements:read", "changes:read"],
            "paused": false, "failures": 0, "failingSince": null, "pending": 0, "dead": 0,
            "keys": [{"signature": "HMAC", "publicKey": null, "madeAt": "2026-11-23T12:00:00Z", "until": null}]});
        assert_eq!(webhook(&user, "CRM", ALL).await, expected);
        // Again, and changed: the rest stays, and no secret is shown.
        let again = user.done("putWebhook", input, "secret").await;
        assert_eq!(again["secret"], Value::Null);
        let changed = json!({"code": "CRM", "types": null, "description": "Ours", "paused": true, "selection": "{ event }"});
        assert_eq!(user.done("putWebhook", changed, "secret").await["secret"], Value::Null);
        (expected["types"], expected["description"], expected["paused"], expected["selection"]) = (json!([]), json!("Ours"), json!(true), json!("{ event }"));
        assert_eq!(webhook(&user, "CRM", ALL).await, expected);
        // It is a node, in the list, and nobody else's.
        let id = &made["webhook"]["id"];
        let found = user.ask_with("query ($id: ID!) { node(id: $id) { ... on Webhook { code } } webhooks { totalCount nodes { code } } }", json!({"id": id})).await;
        assert_eq!(found, json!({"node": {"code": "CRM"}, "webhooks": {"totalCount": 1, "nodes": [{"code": "CRM"}]}}));
        let others = remit.admin("zenith").ask_with("query ($id: ID!) { node(id: $id) { id } webhook(by: {code: \"CRM\"}) { code } webhooks { totalCount } }", json!({"id": id})).await;
        assert_eq!(others, json!({"node": null, "webhook": null, "webhooks": {"totalCount": 0}}));
    }

    async fn a_url_that_cannot_be_called_is_refused(remit: Remit) {
        let admin = remit.admin("acme");
        for url in [
            "crm.example", "ftp://crm.example/", "https://user:pass@crm.example/", "https://crm.example/#a", "http://crm.example/?",
            "https://10.0.0.1/", "https://169.254.169.254/latest", "https://[::1]/", "https://0/", "https://[::ffff:10.0.0.1]/", "https://[fd00:ec2::254]/",
        ] {
            let refused = admin.denied("putWebhook", json!({"code": "X", "url": url})).await;
            // A name without TLS might lead into a network that is named; this one will not, and is told so when it is called.
            let expected: &[&str] = if url.starts_with("http://crm") { &[] } else { &["INVALID input.url"] };
            assert_eq!(refused, expected, "{url}");
        }
        assert_eq!(admin.denied("putWebhook", json!({"code": "Y"})).await, ["INVALID input.url"]);
        let long = format!("https://crm.example/{}", "x".repeat(2048));
        assert_eq!(admin.denied("putWebhook", json!({"code": "Y", "url": long})).await, ["INVALID input.url"]);
        for events in [json!(["terms"]), json!(["*"]), json!(["terms.*", ""]), json!(["nope.*"]), json!(["terms.*", "terms.gone"])] {
            let refused = admin.denied("putWebhook", json!({"code": "Y", "url": "https://crm.example/", "events": events})).await;
            assert_eq!(refused, [format!("INVALID input.events.{}", events.as_array().unwrap().len() - 1)]);
        }
        // What a name leads to is seen when it is called.
        admin.done("putWebhook", json!({"code": "Y", "url": "https://localhost:1/"}), "").await;
        let tried = admin.done("testWebhook", json!({"webhook": {"code": "X"}}), "attempt { status problem }").await;
        assert_eq!(tried["attempt"]["status"], Value::Null);
        assert!(!tried["attempt"]["problem"].as_str().unwrap().is_empty(), "{tried}");
    }

    async fn webhooks_are_for_staff_who_may_read_the_feed(remit: Remit) {
        let put = "mutation { putWebhook(input: {code: \"X\", url: \"https://crm.example/\"}) { secret } }";
        let refused = async |user: crate::support::User<'_>, query: &str| code(&user.refused(query, json!({})).await[0]);
        assert_eq!(refused(remit.user("acme", "webhooks:write"), put).await, "FORBIDDEN changes:read");
        assert_eq!(refused(remit.user("acme", "changes:read"), put).await, "FORBIDDEN webhooks:write");
        let everything = remit::auth::ScopeSet::all().to_string();
        for query in [put, "{ webhooks { nodes { code } } }", "{ webhook(by: {code: \"X\"}) { code } }", "{ webhookDeliveries { nodes { id } } }"] {
            assert_eq!(refused(remit.portal("acme", "NORTHWIND", &everything), query).await, "FORBIDDEN webhooks:write", "{query}");
        }
        assert_eq!(refused(remit.user("acme", "changes:read"), "{ node(id: \"whk_0193f000000070008000000000000001\") { id } }").await, "FORBIDDEN webhooks:write");
        let bound = remit.portal("acme", "NORTHWIND", &everything);
        remit.admin("acme").done("putClient", json!({"code": "NORTHWIND", "name": "N"}), "").await;
        let id = remit.admin("acme").done("putWebhook", json!({"code": "X", "url": "https://crm.example/"}), "webhook { id }").await["webhook"]["id"].clone();
        let seen = bound.send("query ($id: ID!) { node(id: $id) { __typename } }", json!({"id": id})).await;
        assert_eq!(seen["data"]["node"], Value::Null, "{seen}");
    }

    async fn a_selection_is_held_to_the_schema_and_the_scopes(remit: Remit) {
        let user = remit.user("acme", "webhooks:write changes:read agreements:read");
        for (selection, problem) in [
            ("{ event price }", "`price`"),
            ("{ event subject }", ""),
            ("{ event { at } }", ""),
            ("{ subject { ... on Price { id } } }", "`Price`"),
            ("{ subject { ... on Service { name } } }", "Service.name needs the scope catalogue:read."),
            ("{ subject { ... on Agreement { client { code } } } }", "Client.code needs the scope clients:read."),
            ("{ subject { ... on Agreement { termsAt { version } } } }", "(at:)"),
            ("{ subject { ... on Agreement { title(short: true) } } }", "short"),
            ("{ subject { ... on Agreement { termsAt(at: \"noon\") { version } } } }", "noon"),
            ("{ subject { ... on Agreement { termsAt(at: $at) { version } } } }", "at"),
            ("{ subject { ...Named } }", "Named"),
            ("event", ""),
            ("{ event } other: change { at }", "A selection is written in braces"),
            ("{ event } } query Other { change { at }", ""),
            ("{ event } } fragment Named on Change { at ", ""),
        ] {
            let input = json!({"code": "X", "url": "https://crm.example/", "selection": selection});
            let payload = user.call("putWebhook", input, "secret").await;
            let messages: Vec<&str> = payload["errors"].as_array().unwrap().iter().map(|error| error["message"].as_str().unwrap()).collect();
            assert!(messages.iter().any(|message| message.contains(problem)), "{selection}: {messages:?}");
            assert_eq!((&payload["secret"], &payload["errors"][0]["path"]), (&Value::Null, &json!(["input", "selection"])));
        }
        let deep = format!("{{ subject {{ ... on Agreement {{ {} id {} }} }} }}", "versions { agreement { ".repeat(8), "} } ".repeat(8));
        assert_eq!(user.denied("putWebhook", json!({"code": "X", "url": "https://crm.example/", "selection": deep})).await, ["INVALID input.selection"]);
        let good = "{ event subject { __typename id ... on Agreement { number terms { version } } ... on AgreementTerms { version } } }";
        user.done("putWebhook", json!({"code": "X", "url": "https://crm.example/", "selection": good}), "").await;
        // With fewer scopes it fits no more, and that is said.
        let fewer = remit.user("acme", "webhooks:write changes:read");
        let put = fewer.done("putWebhook", json!({"code": "X"}), "webhook { scopes selectionProblems }").await;
        assert_eq!(put["webhook"]["scopes"], json!(["changes:read"]));
        assert_eq!(put["webhook"]["selectionProblems"][0], "Agreement.number needs the scope agreements:read.");
    }

    async fn a_key_is_rotated_and_the_old_one_goes_on_for_a_while(remit: Remit) {
        let admin = remit.admin("acme");
        let receiver = Receiver::start().await;
        let first = put(&admin, "X", &receiver, json!({})).await.unwrap();
        let keys = "keys { signature until publicKey }";
        assert_eq!(admin.denied("putWebhook", json!({"code": "X", "signature": "ED25519"})).await, ["INVALID input.signature"]);
        assert_eq!(admin.denied("rotateWebhookSecret", json!({"webhook": {"code": "X"}, "keepOldFor": "PT721H"})).await, ["INVALID input.keepOldFor"]);
        let rotated = admin.done("rotateWebhookSecret", json!({"webhook": {"code": "X"}}), &format!("secret webhook {{ {keys} }}")).await;
        assert_ne!(rotated["secret"].as_str().unwrap(), first);
        let untils: Vec<&Value> = rotated["webhook"]["keys"].as_array().unwrap().iter().map(|key| &key["until"]).collect();
        assert_eq!(untils, [&Value::Null, &json!("2026-11-24T12:00:00Z")]);
        // Another kind, and the others end at once.
        let at_once = json!({"webhook": {"code": "X"}, "signature": "ED25519", "keepOldFor": "PT0S"});
        let rotated = admin.done("rotateWebhookSecret", at_once, &format!("secret webhook {{ {keys} }}")).await;
        let public = rotated["webhook"]["keys"][0]["publicKey"].as_str().unwrap();
        assert!(public.starts_with("whpk_") && public.len() == 49, "{public}");
        assert_eq!(rotated, json!({"secret": null, "errors": [], "webhook": {"keys": [{"signature": "ED25519", "until": null, "publicKey": public}]}}));
        let kept = admin.done("rotateWebhookSecret", json!({"webhook": {"code": "X"}}), "secret webhook { keys { signature } }").await;
        assert_eq!(kept["webhook"]["keys"], json!([{"signature": "ED25519"}, {"signature": "ED25519"}]));
        let unknown = admin.denied("rotateWebhookSecret", json!({"webhook": {"code": "Y"}})).await;
        assert_eq!(unknown, ["NOT_FOUND input.webhook"]);
    }

    async fn a_test_is_sent_at_once_and_once(remit: Remit) {
        let admin = remit.admin("acme");
        let receiver = Receiver::start().await;
        put(&admin, "X", &receiver, json!({})).await;
        let test = json!({"webhook": {"code": "X"}});
        let tried = admin.done("testWebhook", test.clone(), "attempt { status problem answer }").await;
        assert_eq!(tried["attempt"], json!({"status": 204, "problem": null, "answer": ""}));
        let [message] = receiver.received().try_into().unwrap();
        assert_eq!(message.body, json!({"type": "webhook.test", "timestamp": "2026-11-23T12:00:00Z", "data": {"webhook": "X"}}));
        receiver.answer(Answer::Status(503, vec![("x-why", "busy".into())]));
        let tried = admin.done("testWebhook", test.clone(), "attempt { status problem }").await;
        assert_eq!(tried["attempt"], json!({"status": 503, "problem": "the answer was 503 Service Unavailable"}));
        receiver.answer(Answer::Status(302, vec![("location", receiver.url())]));
        let tried = admin.done("testWebhook", test, "attempt { status problem }").await;
        assert_eq!(tried["attempt"], json!({"status": 302, "problem": "the answer was 302 Found, and no redirect is followed"}));
        assert_eq!(receiver.received().len(), 3);
        assert_eq!(deliveries(&admin, "X", &[], "id").await, Vec::<Value>::new());
    }

    async fn what_is_removed_is_gone(remit: Remit) {
        let admin = remit.admin("acme");
        let receiver = Receiver::start_as(Answer::Status(500, vec![])).await;
        put(&admin, "X", &receiver, json!({})).await;
        let delivery = remit.deliver();
        fixtures::catalogue(&admin).await;
        receiver.until("a message", |all| !all.is_empty()).await;
        let removed = admin.done("deleteWebhook", json!({"webhook": {"code": "X"}}), "webhook { code pending dead keys { signature } }").await;
        assert_eq!(removed["webhook"], json!({"code": "X", "pending": 0, "dead": 0, "keys": []}));
        assert_eq!(admin.denied("deleteWebhook", json!({"webhook": {"code": "X"}})).await, ["NOT_FOUND input.webhook"]);
        assert_eq!(admin.ask("{ webhookDeliveries { totalCount } }").await, json!({"webhookDeliveries": {"totalCount": 0}}));
        delivery.stop().await;
    }

    async fn trying_out_a_receiver_that_hangs_keeps_nobody_waiting(remit: Remit) {
        let admin = remit.admin("acme");
        let receiver = Receiver::start_as(Answer::Silence).await;
        put(&admin, "X", &receiver, json!({})).await;
        let test = || admin.call("testWebhook", json!({"webhook": {"code": "X"}}), "attempt { status }");
        let fifth = async {
            receiver.until("four at once", |all| all.len() == 4).await;
            let refused = admin.denied("testWebhook", json!({"webhook": {"code": "X"}})).await;
            assert_eq!(webhook(&admin, "X", "code").await["code"], "X");
            receiver.answer(Answer::Taken);
            refused
        };
        let (a, b, c, d, refused) = tokio::join!(test(), test(), test(), test(), fifth);
        for tried in [a, b, c, d, test().await] {
            assert_eq!(tried, json!({"attempt": {"status": 204}, "errors": []}));
        }
        assert_eq!(refused, ["CONFLICT input.webhook"]);
    }
}
