//! Webhooks: put and read, delivered signed and in order, tried again, given up, replayed; and nobody held up.

mod admin;
mod delivery;
mod isolation;
mod servers;

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::support::{
    Remit, User,
    receiver::{Received, Receiver},
    turns::settle,
};

/// Puts a webhook for a receiver, with more than that; its secret.
async fn put(user: &User<'_>, code: &str, receiver: &Receiver, more: Value) -> Option<String> {
    let mut input = json!({"code": code, "url": receiver.url()});
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    let payload = user.done("putWebhook", input, "secret webhook { id }").await;
    payload["secret"].as_str().map(str::to_owned)
}

/// Puts a client anew, so that there is a change of it.
async fn rename(user: &User<'_>, client: &str, name: usize) {
    user.done("putClient", json!({"code": client, "name": format!("Name {name}")}), "").await;
}

/// A webhook's fields.
async fn webhook(user: &User<'_>, code: &str, selection: &str) -> Value {
    let query = format!("query ($code: String!) {{ webhook(by: {{code: $code}}) {{ {selection} }} }}");
    user.ask_with(&query, json!({"code": code})).await["webhook"].clone()
}

/// The deliveries to a webhook that have become one of these, or all.
async fn deliveries(user: &User<'_>, code: &str, states: &[&str], selection: &str) -> Vec<Value> {
    let query = format!(
        "query ($filter: WebhookDeliveryFilter!) {{ webhookDeliveries(first: 500, filter: $filter) {{ nodes {{ {selection} }} }} }}"
    );
    let filter = json!({"webhook": {"code": code}, "state": states});
    let answer = user.ask_with(&query, json!({"filter": filter})).await;
    answer["webhookDeliveries"]["nodes"].as_array().unwrap().clone()
}

/// Waits until so many attempts of deliveries to a webhook were put down: until then time must not pass.
async fn attempted(user: &User<'_>, code: &str, count: usize) {
    for _ in 0..600 {
        let attempts = deliveries(user, code, &[], "attempts { at }").await;
        let found: usize = attempts.iter().map(|delivery| delivery["attempts"].as_array().unwrap().len()).sum();
        if found == count {
            return;
        }
        assert!(found < count, "{found} attempts, not {count}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("attempt {count} was not made");
}

/// Lets everything be sent to a provider's webhooks that is to be sent now.
pub(crate) async fn send_all(remit: &Remit, provider: &str) {
    let query = "{ changes(first: 0) { head } webhooks { nodes { paused cursor pending } } }";
    settle(remit).await;
    let (admin, delivery) = (remit.admin(provider), remit.deliver());
    let owes = async || {
        let found = admin.ask(query).await;
        let waits = |webhook: &Value| {
            let is_behind = webhook["cursor"] != found["changes"]["head"] || webhook["pending"] != 0;
            is_behind && webhook["paused"] == false
        };
        found["webhooks"]["nodes"].as_array().unwrap().iter().any(waits)
    };
    let until = Instant::now() + Duration::from_secs(60);
    while owes().await {
        assert!(Instant::now() < until, "something is not sent");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    delivery.stop().await;
}

/// The ids of messages by the subject they are about, in the order in which they arrived first.
fn by_subject(messages: &[Received]) -> HashMap<String, Vec<String>> {
    let mut found: HashMap<String, Vec<String>> = HashMap::new();
    for message in messages {
        let of_subject = found.entry(message.body["data"]["subjectId"].as_str().unwrap().to_owned()).or_default();
        if !of_subject.contains(&message.id) {
            of_subject.push(message.id.clone());
        }
    }
    found
}

/// The types of messages, in order.
fn types(messages: &[Received]) -> Vec<&str> {
    messages.iter().map(|message| message.body["type"].as_str().unwrap()).collect()
}
