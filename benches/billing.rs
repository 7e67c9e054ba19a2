//! What recording, closing and pulling cost. `cargo bench -p remit --bench billing`.
//!
//! On SQLite in a file of its own, and where `REMIT_BENCH_DATABASE_URL` names an empty database, such as one of PostgreSQL,
//! on that too. Each figure is the median and the least of some rounds, in milliseconds, through the whole API but HTTP; no
//! round finds what another has written.

mod scene;

use std::time::Instant;

use scene::{Scene, agreement, catalogue, say};
use serde_json::{Map, Value, json};

/// A page of charges as a billing system pulls it.
const PAGE: &str = "{ charges(first: 500, filter: {periodFrom: \"2026-10-01\", periodUntil: \"2026-10-31\"}) { pageInfo { hasNextPage endCursor } nodes {
    id kind status client { id code name } agreement { id number title } hoursClass from to worked included charged hourlyRate { amount currency } amount { amount currency }
    reasons { code clause text } invoiceRef } } }";

/// How many rounds a figure is of.
const ROUNDS: usize = 15;

fn main() {
    scene::on_each_database(measure);
}

async fn measure(scene: Scene) {
    let scene = &scene;
    catalogue(scene).await;
    agreement(scene, "PLAIN", "2026-10-01", false).await;
    agreement(scene, "POOL", "2026-10-01", true).await;
    for number in ["PLAIN", "POOL"] {
        let mut times = Vec::new();
        for round in 0..ROUNDS {
            let batch = entries(number, &format!("r{round}"), "2026-11", 500);
            let begun = Instant::now();
            scene.put("recordTimeEntries", json!({"entries": batch}), "results { outcome }").await;
            times.push(begun.elapsed().as_secs_f64() * 1_000.0);
        }
        say(&format!("record 500 entries, {number}"), times);
    }
    agreement(scene, "LARGE", "2026-10-01", true).await;
    for part in 0..20 {
        let batch = entries("LARGE", &format!("p{part}"), "2026-10", 500);
        scene.put("recordTimeEntries", json!({"entries": batch}), "results { outcome }").await;
    }
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        scene.ask(PAGE.replace("\n    ", " "), Map::new()).await;
        times.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    say("a page of 500 charges with client, agreement, reasons", times);
    let begun = Instant::now();
    scene
        .put("closeBillingPeriod", json!({"agreement": {"code": "LARGE"}, "from": "2026-10-01"}), "period { closed }")
        .await;
    say("close a period of 10,000 entries", vec![begun.elapsed().as_secs_f64() * 1_000.0]);
}

/// An hour and a bit, spread over the days of a month.
fn entries(number: &str, prefix: &str, month: &str, count: usize) -> Vec<Value> {
    let entry = |place: usize| {
        let (day, hour, minute) = (1 + place % 20, place % 21, place % 60);
        json!({
            "ref": {"system": "PSA", "id": format!("{number}-{prefix}-{place}")},
            "agreement": {"code": number},
            "service": {"code": "HELPDESK"},
            "role": "engineer",
            "technician": format!("tech-{}", place % 40),
            "startedAt": format!("{month}-{day:02}T{hour:02}:{minute:02}:00Z"),
            "endedAt": format!("{month}-{day:02}T{:02}:{:02}:00Z", hour + 1, (minute + 7) % 60),
        })
    };
    (0..count).map(entry).collect()
}
