//! Many write at once, on one agreement with few hours: what comes of it is what one after another would have made.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{
    charges, lines,
    periods::pooled,
    tickets::{by_priority, ticket},
    work::{entry, record},
};
use crate::support::{Remit, User, both, fixtures};

/// How many write at once.
const WRITERS: usize = 8;

/// An hour's work early in the morning, when every hour costs.
fn hour(place: usize) -> Value {
    let (day, at) = (1 + place % 20, 6 + place / 20);
    entry(
        &format!("w{place:02}"),
        &format!("2026-11-{day:02}T{at:02}:00:00Z"),
        &format!("2026-11-{day:02}T{:02}:00:00Z", at + 1),
    )
}

/// Ten hours a month, and blocks of five and of three that were bought; one is not paid for.
async fn few_hours(admin: &User<'_>) {
    fixtures::catalogue(admin).await;
    pooled(admin, "MSA-1", "2026-11-01").await;
    for (code, hours, until, paid) in [
        ("FIRST", "PT5H", json!("2026-11-10"), true),
        ("LAST", "PT3H", Value::Null, true),
        ("OPEN", "PT9H", Value::Null, false),
    ] {
        let block = json!({"agreement": {"code": "MSA-1"}, "code": code, "hours": hours, "from": "2026-11-01", "until": until, "paid": paid});
        admin.done("putPrepaidHours", block, "").await;
    }
}

/// Runs one task for each writer; each does its share one after another.
async fn at_once(remit: &Arc<Remit>, work: &[(&'static str, Value)]) {
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let remit = Arc::clone(remit);
        let own: Vec<(&'static str, Value)> = work.iter().skip(writer).step_by(WRITERS).cloned().collect();
        writers.spawn(async move {
            let admin = remit.admin("acme");
            for (mutation, input) in own {
                let done = admin.done(mutation, input, "results { outcome errors { code message } }").await;
                assert_eq!(done["results"][0]["errors"], json!([]), "{mutation}");
            }
        });
    }
    while let Some(ended) = writers.join_next().await {
        ended.unwrap();
    }
}

/// What was drawn from each lot in November, in hours, with how much there was.
async fn drawn(admin: &User<'_>) -> Vec<(String, u64, u64)> {
    let query = "{ agreement(by: {code: \"MSA-1\"}) { periods { nodes { hours { event ofPeriod prepaid hours } } } } }";
    let found = admin.ask(query).await;
    let ledger = found["agreement"]["periods"]["nodes"][0]["hours"].as_array().unwrap().clone();
    let hours =
        |line: &Value| -> u64 { line["hours"].as_str().unwrap().trim_matches(['P', 'T', 'H']).parse().unwrap() };
    let of = |event: &'static str, lot: &Value| {
        let same = |line: &&Value| {
            line["event"] == event && line["prepaid"] == lot["prepaid"] && line["ofPeriod"] == lot["ofPeriod"]
        };
        ledger.iter().filter(same).map(hours).sum()
    };
    let lots = ledger.iter().filter(|line| line["event"] == "ADDED");
    lots.map(|lot| (lot["prepaid"].as_str().unwrap_or("fee").to_owned(), of("DRAWN", lot), of("ADDED", lot))).collect()
}

both! {
    async fn nobody_overdraws_a_pool(remit: Remit) {
        let remit = Arc::new(remit);
        let (admin, other) = (remit.admin("acme"), remit.admin("other"));
        few_hours(&admin).await;
        few_hours(&other).await;
        let work: Vec<Value> = (0..40).map(hour).collect();
        let inputs: Vec<(&str, Value)> = work.iter().map(|job| ("recordTimeEntries", json!({"entries": [job]}))).collect();
        at_once(&remit, &inputs).await;
        let drawn = drawn(&admin).await;
        assert_eq!(drawn, [("fee".into(), 10, 10), ("FIRST".into(), 5, 5), ("LAST".into(), 3, 3)]);
        // Those that were worked first are covered, in whatever order they arrived: eighteen hours of forty.
        let found = charges(&admin, json!({})).await;
        let covered: Vec<bool> = found["nodes"].as_array().unwrap().iter().map(|charge| charge["included"] == "PT1H").collect();
        assert_eq!(covered, (0..40).map(|place| place < 18).collect::<Vec<_>>());
        for job in work.iter().rev() {
            record(&other, json!([job])).await;
        }
        assert_eq!(lines(&found), lines(&charges(&other, json!({})).await));
    }

    async fn tickets_and_the_work_on_them_may_come_at_once(remit: Remit) {
        let remit = Arc::new(remit);
        let (admin, other) = (remit.admin("acme"), remit.admin("other"));
        by_priority(&admin).await;
        by_priority(&other).await;
        let named = |place: usize| {
            let mut job = hour(place);
            job["ticket"] = json!({"external": {"system": "PSA", "id": format!("T{}", place % 5)}});
            ("recordTimeEntries", json!({"entries": [job]}))
        };
        let told = |place: usize| {
            let priority = if place < 2 { "P1" } else { "P3" };
            ("recordTickets", json!({"tickets": [ticket(&format!("T{place}"), priority)]}))
        };
        // Each writer meets a ticket that another one is about to record, or has a piece of work that names one.
        let work: Vec<(&str, Value)> = (0..20).flat_map(|place| [Some(named(place)), (place < 5).then(|| told(place))]).flatten().collect();
        at_once(&remit, &work).await;
        for (mutation, input) in (0..5).map(told).chain((0..20).map(named)) {
            other.done(mutation, input, "").await;
        }
        let (found, expected) = (lines(&charges(&admin, json!({})).await), lines(&charges(&other, json!({})).await));
        assert_eq!(found, expected);
        assert!(expected.iter().any(|line| line.contains(" 200.00 ")) && expected.iter().any(|line| line.contains(" 100.00 ")), "{expected:?}");
    }
}
