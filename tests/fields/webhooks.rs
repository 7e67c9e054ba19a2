//! What is sent where, and how it is signed.

use serde_json::{Value, json};

use super::world::{Case, Look, field};

const OF_WEBHOOK: &str =
    "query ($filter: WebhookDeliveryFilter) { webhookDeliveries(filter: $filter) { nodes { event state } } }";

pub(super) fn cases() -> Vec<Case> {
    [put(), handled(), replayed(), listed()].concat()
}

/// A webhook of somebody who receives, and then a change.
fn told(name: &'static str) -> Case {
    field(name)
        .alone()
        .then("putWebhook", json!({"code": "NUMBER", "url": "RECEIVER"}))
        .then("putClient", json!({"code": "FABRIKAM", "name": "Fabrikam Ltd"}))
        .seen(Look::Sent)
}

fn put() -> Vec<Case> {
    let puts = |name, place, value| told(name).change(place, value);
    vec![
        puts("PutWebhookInput.code", "/steps/3/with/code", json!("OTHER-NUMBER"))
            .seen(Look::Query("{ webhook(by: {code: \"NUMBER\"}) { code } }")),
        puts("PutWebhookInput.url", "/steps/3/with/url", json!("RECEIVER/elsewhere")),
        puts("PutWebhookInput.description", "/steps/3/with/description", json!("The CRM's."))
            .seen(Look::Query("{ webhook(by: {code: \"NUMBER\"}) { description } }")),
        puts("PutWebhookInput.types", "/steps/3/with/types", json!(["AGREEMENT"])),
        puts("PutWebhookInput.events", "/steps/3/with/events", json!(["agreement.*"])),
        puts("PutWebhookInput.selection", "/steps/3/with/selection", json!("{ event }")),
        puts("PutWebhookInput.paused", "/steps/3/with/paused", json!(true)),
        puts("PutWebhookInput.signature", "/steps/3/with/signature", json!("ED25519")),
    ]
}

/// What is done with a webhook that is there.
fn handled() -> Vec<Case> {
    let does = |name, mutation, more: Value| {
        let mut input = json!({"webhook": {"code": "NUMBER"}});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        told(name).then(mutation, input)
    };
    let nope = json!({"code": "NOPE"});
    let rotates =
        |name, place, value| does(name, "rotateWebhookSecret", json!({"keepOldFor": "PT24H"})).change(place, value);
    vec![
        does("DeleteWebhookInput.webhook", "deleteWebhook", json!({})).change("/steps/5/with/webhook", nope.clone()),
        does("TestWebhookInput.webhook", "testWebhook", json!({})).change("/steps/5/with/webhook", nope.clone()),
        rotates("RotateWebhookSecretInput.webhook", "/steps/5/with/webhook", nope),
        rotates("RotateWebhookSecretInput.signature", "/steps/5/with/signature", json!("ED25519")),
        rotates("RotateWebhookSecretInput.keepOldFor", "/steps/5/with/keepOldFor", json!("PT0S")),
    ]
}

/// What has arrived comes once more.
fn replayed() -> Vec<Case> {
    let arrived = |name| told(name).then("deliver", json!({}));
    let of_deliveries = |name, place, value| {
        arrived(name)
            .learning("{ webhookDeliveries { nodes { id } } }")
            .then("replayWebhook", json!({"webhook": {"code": "NUMBER"}, "deliveries": ["LEARNT"]}))
            .change(place, value)
    };
    vec![
        of_deliveries("ReplayWebhookInput.webhook", "/steps/7/with/webhook", json!({"code": "NOPE"})),
        of_deliveries("ReplayWebhookInput.deliveries", "/steps/7/with/deliveries", json!([])),
        arrived("ReplayWebhookInput.after")
            .learning("{ changes(first: 1) { pageInfo { endCursor } } }")
            .then("replayWebhook", json!({"webhook": {"code": "NUMBER"}, "after": "LEARNT"}))
            .change("/steps/7/with/after", Value::Null),
    ]
}

fn listed() -> Vec<Case> {
    let lists = |name, first, other| {
        told(name).then("deliver", json!({})).seen(Look::Variables(
            OF_WEBHOOK,
            json!({"filter": first}),
            json!({"filter": other}),
        ))
    };
    vec![
        lists(
            "WebhookDeliveryFilter.webhook",
            json!({"webhook": {"code": "NUMBER"}}),
            json!({"webhook": {"code": "NOPE"}}),
        ),
        lists("WebhookDeliveryFilter.state", json!({"state": ["DELIVERED"]}), json!({"state": ["DEAD"]})),
    ]
}
