//! What `/metrics` tells of what waits: deliveries to webhooks, and those who wait for changes.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::support::{
    NOW, Remit, User, both,
    receiver::{Answer, Receiver},
};

/// Waits until a figure has a value.
async fn becomes(remit: &Remit, figure: &str, value: &str) {
    let wanted = format!("{figure} {value}");
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let page = remit.request(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
        if page.lines().any(|line| line == wanted) {
            return;
        }
        let found: Vec<&str> = page.lines().filter(|line| line.starts_with(figure)).collect();
        assert!(Instant::now() < until, "not {wanted}: {found:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn put_client(user: &User<'_>, code: &str) {
    user.done("putClient", json!({"code": code, "name": code}), "").await;
}

both! {
    async fn what_waits_for_webhooks_is_told(remit: Remit) {
        let admin = remit.admin("acme");
        becomes(&remit, "remit_webhook_deliveries", "0").await;
        let receiver = Receiver::start_as(Answer::Status(500, Vec::new())).await;
        admin.done("putWebhook", json!({"code": "CRM", "url": receiver.url(), "types": ["CLIENT"]}), "").await;
        put_client(&admin, "A").await;
        put_client(&remit.admin("zenith"), "B").await;
        becomes(&remit, "remit_webhooks_behind", "1").await;
        let delivery = remit.deliver();
        becomes(&remit, "remit_webhook_deliveries", "1").await;
        becomes(&remit, "remit_webhooks_behind", "0").await;
        becomes(&remit, "remit_webhook_oldest_seconds", "0").await;
        let oldest = remit.store.webhooks_waiting().await.unwrap().oldest;
        assert_eq!(oldest.map(|at| at.to_string()).as_deref(), Some(NOW));
        receiver.answer(Answer::Taken);
        delivery.pass(Duration::from_secs(3600));
        becomes(&remit, "remit_webhook_deliveries", "0").await;
        assert_eq!(remit.store.webhooks_waiting().await.unwrap().oldest, None);
        delivery.stop().await;
    }

    async fn who_waits_for_changes_is_told(remit: Remit) {
        let admin = remit.admin("acme");
        put_client(&admin, "A").await;
        crate::support::turns::settle(&remit).await;
        let head = admin.ask("{ changes(first: 0) { head } }").await["changes"]["head"].clone();
        becomes(&remit, "remit_feed_followers", "0").await;
        let wait = "query ($after: String) { changes(after: $after, wait: \"PT30S\") { nodes { event } } }";
        let waiting = admin.ask_with(wait, json!({"after": head}));
        let woken = async {
            becomes(&remit, "remit_feed_followers", "1").await;
            becomes(&remit, "remit_feed_providers", "1").await;
            becomes(&remit, "remit_feed_unheard", "0").await;
            put_client(&admin, "B").await;
        };
        let (heard, ()) = tokio::join!(waiting, woken);
        assert_eq!(heard["changes"]["nodes"], json!([{"event": "client.put"}]));
        becomes(&remit, "remit_feed_followers", "0").await;
    }
}
