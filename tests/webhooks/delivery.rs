//! What arrives: signed, filtered, in order, again, in the end given up; replayed, and told of what is missing.

use std::{collections::HashMap, time::Duration};

use remit::webhooks::WebhookKey;
use remit_domain::Timestamp;
use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};

use super::{attempted, by_subject, deliveries, put, rename, types, webhook};
use crate::support::{
    NOW, Remit, both, fixtures,
    receiver::{Answer, Received, Receiver},
};

/// Whether a message has this key's signature.
fn is_signed(message: &Received, secret: &str) -> bool {
    let text = format!("{}.{}.{}", message.id, message.timestamp, message.text);
    let signature = WebhookKey::read(secret).unwrap().sign(text.as_bytes());
    message.signatures.split(' ').any(|found| found == signature)
}

async fn execute(remit: &Remit, sql: &str) {
    Database::connect(remit.database_url()).await.unwrap().execute_unprepared(sql).await.unwrap();
}

fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours * 3600)
}

both! {
    async fn changes_arrive_signed_and_as_they_were_asked_for(remit: Remit) {
        let admin = remit.admin("acme");
        let [all, some, more] = [Receiver::start().await, Receiver::start().await, Receiver::start().await];
        fixtures::catalogue(&admin).await;
        // What happened before a webhook was put is not sent to it.
        let secret = put(&admin, "ALL", &all, json!({})).await.unwrap();
        put(&admin, "SOME", &some, json!({"types": ["TERMS", "AGREEMENT"], "events": ["agreement.*", "terms.activated"]})).await;
        let reader = remit.user("acme", "webhooks:write changes:read agreements:read");
        let selection = "{ event subject { __typename ... on Agreement { number } ... on AgreementTerms { version agreement { number } } } externalRefs { id } }";
        put(&reader, "MORE", &more, json!({"events": ["terms.activated", "client.put"], "selection": selection})).await;
        let delivery = remit.deliver();
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        admin.done("putClient", json!({"code": "NORTHWIND", "name": "Northwind Ltd"}), "").await;
        let messages = all.takes(5).await;
        assert!(messages.iter().all(|message| is_signed(message, &secret) && message.timestamp == NOW.parse::<Timestamp>().unwrap().as_second()));
        let ids = admin.ask("{ agreement(by: {code: \"MSA-1\"}) { id client { id } terms { id } } changes { edges { cursor node { event } } } }").await;
        let [agreement, client, terms] = [&ids["agreement"]["id"], &ids["agreement"]["client"]["id"], &ids["agreement"]["terms"]["id"]];
        let cursor = ids["changes"]["edges"].as_array().unwrap().iter().find(|edge| edge["node"]["event"] == "terms.activated").unwrap()["cursor"].clone();
        let activated = messages.iter().find(|message| message.body["type"] == "terms.activated").unwrap();
        let expected = json!({"type": "terms.activated", "timestamp": NOW, "cursor": cursor, "data": {"type": "TERMS", "kind": "UPDATED",
            "event": "terms.activated", "subjectId": terms, "agreementId": agreement, "clientId": client, "at": NOW}});
        assert_eq!(activated.body, expected);
        let order: Vec<&str> = activated.text.split('"').filter(|word| ["type", "timestamp", "cursor", "data"].contains(word)).collect();
        assert_eq!(order, ["type", "timestamp", "cursor", "data", "type"], "members come in the order that people read");
        let mut filtered = types(&some.takes(2).await).into_iter().map(str::to_owned).collect::<Vec<_>>();
        filtered.sort_unstable();
        assert_eq!(filtered, ["agreement.created", "terms.activated"]);
        let selected: HashMap<String, Value> = more.takes(2).await.into_iter().map(|m| (m.body["type"].as_str().unwrap().to_owned(), m.body)).collect();
        let subject = json!({"__typename": "AgreementTerms", "version": 1, "agreement": {"number": "MSA-1"}});
        assert_eq!(selected["terms.activated"]["data"], json!({"event": "terms.activated", "subject": subject, "externalRefs": []}));
        assert_eq!(selected["terms.activated"].get("errors"), None);
        // What the webhook's scopes do not reach is null.
        assert_eq!(selected["client.put"]["data"]["subject"], Value::Null);
        // The same message has the same id at each receiver, and is known to have arrived.
        assert!(some.taken().iter().all(|message| messages.iter().any(|other| other.id == message.id)));
        attempted(&admin, "ALL", 5).await;
        let arrived = deliveries(&admin, "ALL", &["DELIVERED"], "messageId event change { event } webhook { code } attempts { status problem } settledAt").await;
        assert_eq!(arrived.len(), 5);
        for delivery in &arrived {
            assert_eq!(delivery["change"]["event"], delivery["event"]);
            assert_eq!((&delivery["webhook"]["code"], &delivery["settledAt"]), (&json!("ALL"), &json!(NOW)));
            assert_eq!(delivery["attempts"], json!([{"status": 204, "problem": null}]));
            assert!(messages.iter().any(|message| delivery["messageId"] == message.id.as_str()));
        }
        assert_eq!(all.received().len(), 5);
        delivery.stop().await;
    }

    async fn each_subject_has_its_order_whatever_the_receiver_answers(remit: Remit) {
        let admin = remit.admin("acme");
        let receiver = Receiver::start().await;
        put(&admin, "X", &receiver, json!({})).await;
        let delivery = remit.deliver();
        let clients = ["A", "B", "C", "D", "E"];
        for turn in 0..6 {
            // In every other turn nothing is taken.
            receiver.answer(if turn % 2 == 1 { Answer::Status(500, vec![]) } else { Answer::Taken });
            for client in clients {
                rename(&admin, client, turn).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        receiver.answer(Answer::Taken);
        let mut taken = Vec::new();
        for _ in 0..200 {
            delivery.pass(hours(1));
            tokio::time::sleep(Duration::from_millis(50)).await;
            taken = receiver.taken();
            if by_subject(&taken).values().map(Vec::len).sum::<usize>() == 30 {
                break;
            }
        }
        let changes = admin.ask("{ changes(first: 500) { nodes { subjectId } } }").await;
        let (found, feed) = (by_subject(&taken), changes["changes"]["nodes"].as_array().unwrap());
        assert_eq!((found.len(), feed.len(), taken.len()), (5, 30, 30), "each once, since all that was answered was heard");
        let queue = deliveries(&admin, "X", &[], "messageId change { subjectId }").await;
        for (subject, ids) in found {
            let expected: Vec<&str> =
                queue.iter().filter(|d| d["change"]["subjectId"] == subject.as_str()).map(|d| d["messageId"].as_str().unwrap()).collect();
            assert_eq!(ids, expected, "{subject}");
        }
        delivery.stop().await;
    }

    async fn what_is_not_taken_is_tried_for_three_days_and_then_kept_to_be_read(remit: Remit) {
        let admin = remit.admin("acme");
        let receiver = Receiver::start_as(Answer::Status(500, vec![])).await;
        put(&admin, "X", &receiver, json!({})).await;
        let delivery = remit.deliver();
        rename(&admin, "A", 1).await;
        rename(&admin, "A", 2).await;
        attempted(&admin, "X", 1).await;
        // The second change of the subject waits for the first.
        let (mut attempts, planned) = (1, [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]);
        for seconds in planned {
            delivery.pass(Duration::from_secs(seconds - 1));
            tokio::time::sleep(Duration::from_millis(1_100)).await;
            assert_eq!(receiver.received().len(), attempts, "nothing before its time");
            delivery.pass(Duration::from_secs(seconds / 5 + 2));
            attempts += 1;
            // With the last one it is given up, and the second has its turn.
            attempted(&admin, "X", attempts + usize::from(attempts == 10)).await;
        }
        let first = &receiver.received()[0].id;
        assert!(receiver.received()[..10].iter().all(|message| message.id == *first));
        assert_ne!(receiver.received()[10].id, *first);
        let [dead] = deliveries(&admin, "X", &["DEAD"], "id messageId attempts { status problem at } settledAt").await.try_into().unwrap();
        assert_eq!((dead["attempts"].as_array().unwrap().len(), dead["messageId"].as_str().unwrap()), (10, first.as_str()));
        assert_eq!(dead["attempts"][9]["problem"], "the answer was 500 Internal Server Error");
        let state = webhook(&admin, "X", "paused dead pending failures failingSince").await;
        assert_eq!(state, json!({"paused": false, "dead": 1, "pending": 1, "failures": 11, "failingSince": NOW}));
        // The receiver is back: what waits is not kept waiting, and what was given up can be put in again.
        receiver.answer(Answer::Taken);
        rename(&admin, "B", 1).await;
        let taken = receiver.takes(2).await;
        attempted(&admin, "X", 13).await;
        assert_eq!(webhook(&admin, "X", "dead pending failures failingSince").await, json!({"dead": 1, "pending": 0, "failures": 0, "failingSince": null}));
        admin.done("replayWebhook", json!({"webhook": {"code": "X"}, "deliveries": [dead["id"]]}), "").await;
        let taken_again = receiver.takes(3).await;
        assert_eq!((taken.len(), &taken_again[2].id), (2, first));
        attempted(&admin, "X", 14).await;
        let arrived = deliveries(&admin, "X", &["DELIVERED"], "attempts { status }").await;
        let lengths: Vec<usize> = arrived.iter().map(|delivery| delivery["attempts"].as_array().unwrap().len()).collect();
        assert_eq!(lengths, [11, 2, 1]);
        let wrong = json!({"webhook": {"code": "X"}, "deliveries": ["whd_0193f000000070008000000000000001"]});
        assert_eq!(admin.denied("replayWebhook", wrong).await, ["NOT_FOUND input.deliveries"]);
        delivery.stop().await;
    }

    async fn a_receiver_is_left_alone_for_as_long_as_it_asks(remit: Remit) {
        let admin = remit.admin("acme");
        let receiver = Receiver::start_as(Answer::Status(429, vec![("retry-after", "3600".into())])).await;
        put(&admin, "X", &receiver, json!({})).await;
        let delivery = remit.deliver();
        rename(&admin, "A", 1).await;
        attempted(&admin, "X", 1).await;
        receiver.answer(Answer::Taken);
        delivery.pass(Duration::from_secs(3_590));
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        assert_eq!(receiver.received().len(), 1);
        delivery.pass(Duration::from_secs(20));
        receiver.takes(1).await;
        delivery.stop().await;
    }

    async fn everything_behind_a_cursor_is_sent_again(remit: Remit) {
        let admin = remit.admin("acme");
        let receiver = Receiver::start().await;
        put(&admin, "X", &receiver, json!({"types": ["CLIENT"]})).await;
        let delivery = remit.deliver();
        fixtures::catalogue(&admin).await;
        for turn in 0..3 {
            rename(&admin, "A", turn).await;
        }
        let first = receiver.takes(4).await;
        let changes = admin.ask("{ changes(types: [CLIENT]) { edges { cursor } } }").await;
        let cursor = changes["changes"]["edges"][1]["cursor"].clone();
        admin.done("replayWebhook", json!({"webhook": {"code": "X"}, "after": cursor}), "").await;
        let again = receiver.takes(6).await;
        // The client that was put three times: its last two.
        let of = |messages: &[Received]| by_subject(messages).into_values().find(|ids| ids.len() > 1).unwrap();
        assert_eq!(of(&again[4..]), of(&first)[1..]);
        assert_eq!(deliveries(&admin, "X", &[], "id").await.len(), 4, "they are the same deliveries");
        for (input, refused) in [
            (json!({"webhook": {"code": "X"}}), "INVALID input"),
            (json!({"webhook": {"code": "X"}, "after": cursor, "deliveries": []}), "INVALID input"),
            (json!({"webhook": {"code": "X"}, "after": "x"}), "INVALID input.after"),
            (json!({"webhook": {"code": "Y"}, "after": cursor}), "NOT_FOUND input.webhook"),
        ] {
            assert_eq!(admin.denied("replayWebhook", input).await, [refused]);
        }
        delivery.stop().await;
    }

    async fn a_paused_webhook_gets_later_what_happened_meanwhile(remit: Remit) {
        let admin = remit.admin("acme");
        let receiver = Receiver::start().await;
        put(&admin, "X", &receiver, json!({"paused": true})).await;
        let delivery = remit.deliver();
        rename(&admin, "A", 1).await;
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        assert!(receiver.received().is_empty());
        admin.done("putWebhook", json!({"code": "X", "paused": false}), "").await;
        receiver.takes(1).await;
        // What is no longer kept when its turn comes is missed, and the receiver is told.
        admin.done("putWebhook", json!({"code": "X", "paused": true}), "").await;
        rename(&admin, "A", 2).await;
        let after: Timestamp = "2026-11-23T12:00:01Z".parse().unwrap();
        for _ in 0..100 {
            if remit.store.forget_changes(after).await.unwrap() > 0 && admin.ask("{ changes { nodes { event } } }").await["changes"]["nodes"] == json!([]) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        admin.done("putWebhook", json!({"code": "X", "paused": false}), "").await;
        let told = receiver.takes(2).await;
        let text = "Changes were not taken up in time and are no longer kept. Read everything anew.";
        assert_eq!(told[1].body, json!({"type": "webhook.gap", "timestamp": NOW, "data": {"message": text}}));
        rename(&admin, "A", 3).await;
        assert_eq!(types(&receiver.takes(3).await), ["client.put", "webhook.gap", "client.put"]);
        let gap = deliveries(&admin, "X", &[], "event change { event } attempts { status }").await;
        assert_eq!(gap[1], json!({"event": "webhook.gap", "change": null, "attempts": [{"status": 204}]}));
        delivery.stop().await;
    }

    async fn messages_are_signed_by_old_and_new_keys_for_a_while(remit: Remit) {
        let admin = remit.admin("acme");
        let receiver = Receiver::start().await;
        let old = put(&admin, "X", &receiver, json!({})).await.unwrap();
        let new = admin.done("rotateWebhookSecret", json!({"webhook": {"code": "X"}, "keepOldFor": "PT1H"}), "secret").await["secret"].as_str().unwrap().to_owned();
        let delivery = remit.deliver();
        rename(&admin, "A", 1).await;
        let both = receiver.takes(1).await;
        assert!(is_signed(&both[0], &old) && is_signed(&both[0], &new));
        delivery.pass(hours(1));
        rename(&admin, "A", 2).await;
        let only = receiver.takes(2).await;
        assert!(!is_signed(&only[1], &old) && is_signed(&only[1], &new));
        delivery.stop().await;
    }

    async fn a_selection_that_fits_no_more_is_said_and_holds_nothing_up(remit: Remit) {
        let admin = remit.admin("acme");
        let receiver = Receiver::start().await;
        put(&admin, "X", &receiver, json!({"selection": "{ event }"})).await;
        // As a version of the server wrote it that had such a field.
        execute(&remit, "UPDATE webhook SET selection = '{ event price }'").await;
        let problems = webhook(&admin, "X", "selectionProblems").await["selectionProblems"].clone();
        assert!(problems[0].as_str().unwrap().contains("`price`"), "{problems}");
        let delivery = remit.deliver();
        rename(&admin, "A", 1).await;
        let [message] = receiver.takes(1).await.try_into().unwrap();
        assert_eq!((&message.body["data"]["event"], &message.body["data"]["type"]), (&json!("client.put"), &json!("CLIENT")));
        assert_eq!(message.body["errors"][0]["message"], problems[0]);
        delivery.stop().await;
    }
}
