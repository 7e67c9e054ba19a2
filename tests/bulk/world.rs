//! A provider with several of everything that is listed.

use serde_json::{Value, json};

use crate::{
    support::{Remit, User, fixtures, receiver::Receiver},
    time::work,
};

/// How many of each there are at least: more than a page of an export.
pub(super) const LEAST: usize = 3;

/// Fills a provider.
pub(super) async fn fill<'a>(remit: &'a Remit) -> User<'a> {
    let admin = remit.admin("acme");
    fixtures::catalogue(&admin).await;
    more_of_the_catalogue(&admin).await;
    for number in ["MSA-1", "MSA-2", "MSA-3"] {
        fixtures::agreement_in_force(&admin, number).await;
    }
    what_happened(&admin).await;
    access(&admin).await;
    deliveries(remit, &admin).await;
    admin
}

async fn more_of_the_catalogue(admin: &User<'_>) {
    for code in ["SILVER", "BRONZE"] {
        let tier = with(fixtures::tier(), "code", code);
        admin.done("putSlaTier", tier, "").await;
        admin.done("putCalendar", with(fixtures::calendar(), "code", code), "").await;
        admin.done("putClient", json!({"code": code, "name": code}), "").await;
    }
}

async fn what_happened(admin: &User<'_>) {
    let each = |make: fn(usize) -> Value| (0..LEAST).map(make).collect::<Vec<_>>();
    let tickets = each(
        |n| json!({"ref": of("psa", n), "agreement": {"code": "MSA-1"}, "title": "A fault", "priority": "P2", "openedAt": day(n)}),
    );
    admin.done("recordTickets", json!({"tickets": tickets}), "").await;
    let outages = each(
        |n| json!({"ref": of("monitor", n), "agreement": {"code": "MSA-1"}, "subject": "Mail", "startedAt": day(n)}),
    );
    admin.done("recordOutages", json!({"outages": outages}), "").await;
    let runs = each(
        |n| json!({"ref": of("vault", n), "agreement": {"code": "MSA-1"}, "subject": "Servers", "startedAt": day(n)}),
    );
    admin.done("recordBackupRuns", json!({"runs": runs}), "").await;
    let measurements = each(|n| {
        json!({"ref": of("rmm", n), "agreement": {"code": "MSA-1"}, "component": "HARDWARE", "metric": "uptime",
               "value": "99.5", "unit": "%", "from": day(n)})
    });
    admin.done("recordMeasurements", json!({"measurements": measurements}), "").await;
    // On Sundays, which are not in the fee.
    let hour = |n: usize, hour: &str| format!("2026-11-{:02}T{hour}:00:00Z", 1 + 7 * n);
    let entries: Vec<Value> = (0..LEAST).map(|n| work::entry(&n.to_string(), &hour(n, "10"), &hour(n, "11"))).collect();
    work::record(admin, json!(entries)).await;
}

async fn access(admin: &User<'_>) {
    for n in 0..LEAST {
        let client = json!({"code": format!("psa-{n}"), "name": "A PSA", "scopes": ["tickets:read"]});
        admin.done("putApiClient", client, "").await;
        let tokens = json!({"tokens": {"jti": format!("jti-{n}")}, "reason": "Lost."});
        admin.done("revokeTokens", tokens, "").await;
    }
}

async fn deliveries(remit: &Remit, admin: &User<'_>) {
    let receiver = Receiver::start().await;
    for code in ["CRM", "ERP", "PORTAL"] {
        admin.done("putWebhook", json!({"code": code, "url": receiver.url(), "types": ["CLIENT"]}), "").await;
    }
    admin.done("putClient", json!({"code": "SILVER", "name": "Silver"}), "").await;
    let delivery = remit.deliver();
    receiver.takes(LEAST).await;
    delivery.stop().await;
}

fn of(system: &str, n: usize) -> Value {
    json!({"system": system, "id": n.to_string()})
}

fn day(n: usize) -> String {
    format!("2026-11-{:02}T15:00:00Z", 16 + n)
}

fn with(mut value: Value, field: &str, content: &str) -> Value {
    value[field] = content.into();
    value
}
