//! What recording tickets, their lists, their report and the scheduler cost. `cargo bench -p remit --bench tickets`.
//!
//! On SQLite in a file of its own, and where `REMIT_BENCH_DATABASE_URL` names an empty database, such as one of PostgreSQL,
//! on that too; through the whole API but HTTP. Measured with 25,000 tickets, and again with as many as
//! `REMIT_BENCH_TICKETS` says: what should not grow with them is then seen not to.

mod scene;

use std::time::Instant;

use remit_domain::{Duration, Timestamp, time::later};
use scene::{Scene, agreement, catalogue, say};
use serde_json::{Map, Value, json};

/// How many tickets there are when it is first measured.
const FIRST: usize = 25_000;
/// How many tickets are recorded at a time.
const BATCH: usize = 500;
/// How many tickets are open, opened in the last hours.
const OPEN: usize = 2_000;
/// How many rounds a figure is of.
const ROUNDS: usize = 25;

const REPORT: &str =
    "{ agreement(by: {code: \"MSA\"}) { slaReport(from: \"2025-11-01T00:00:00Z\", to: \"2026-12-01T00:00:00Z\") {
    lines { priority milestone met breached running attainmentPercent waited suspended } } } }";
/// What is due in the next hour, as a dispatcher's board asks for it.
const DUE_SOON: &str = "{ tickets(first: 50, filter: {state: RUNNING, dueBefore: \"2026-11-23T19:00:00Z\"}) { pageInfo { hasNextPage endCursor }
    nodes { id title priority openedAt clocks { milestone state due } } } }";
const NEWEST: &str =
    "{ tickets(last: 50) { pageInfo { hasPreviousPage startCursor } nodes { id title priority openedAt } } }";

fn main() {
    scene::on_each_database(measure);
}

async fn measure(scene: Scene) {
    let scene = &scene;
    catalogue(scene).await;
    agreement(scene, "MSA", "2025-10-01", false).await;
    let begun = Instant::now();
    record(scene, (OPEN..FIRST).map(closed)).await;
    record(scene, (0..OPEN).map(open)).await;
    said(scene, FIRST, begun).await;
    let more: Option<usize> = std::env::var("REMIT_BENCH_TICKETS").ok().and_then(|count| count.parse().ok());
    if let Some(count) = more.filter(|count| *count > FIRST) {
        let begun = Instant::now();
        record(scene, (FIRST..count).map(closed)).await;
        said(scene, count, begun).await;
    }
}

/// Says what things cost now that there are so many tickets, the last of them recorded since an instant.
async fn said(scene: &Scene, count: usize, begun: Instant) {
    println!("  with {count} tickets, the last recorded in {:.1} s", begun.elapsed().as_secs_f64());
    for (what, query) in [("the report of all", REPORT), ("50 due soon", DUE_SOON), ("the newest 50", NEWEST)] {
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            scene.ask(query.replace('\n', " "), Map::new()).await;
            times.push(milliseconds(begun));
        }
        say(what, times);
    }
    // The first pass does what is due by now, a second one has nothing to do.
    for what in ["a scheduler's pass", "one with nothing due"] {
        let begun = Instant::now();
        let done = scene.api.app().catch_up_all(at(count)).await.expect("a pass");
        say(&format!("{what}, {done} tickets"), vec![milliseconds(begun)]);
    }
}

/// Some minutes from now, later ones with more tickets: so every measurement finds some due.
fn at(count: usize) -> Timestamp {
    let minutes = if count == FIRST { 30 } else { 60 };
    later(instant("2026-11-23T18:00:00Z"), Duration::from_minutes(minutes)).expect("an instant")
}

fn milliseconds(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1_000.0
}

async fn record(scene: &Scene, tickets: impl Iterator<Item = Value>) {
    let mut tickets = tickets.peekable();
    while tickets.peek().is_some() {
        let batch: Vec<Value> = tickets.by_ref().take(BATCH).collect();
        scene.put("recordTickets", json!({"tickets": batch}), "results { outcome }").await;
    }
}

/// A ticket opened in the last year, answered, held once, and mended.
fn closed(place: usize) -> Value {
    let opened = (place * 7_919) % (364 * 24 * 60);
    let at = |minutes: usize| {
        let minutes = i32::try_from(opened + minutes).expect("a year");
        later(instant("2025-11-23T00:00:00Z"), Duration::from_minutes(minutes)).expect("an instant").to_string()
    };
    let event = |id: &str, kind: &str, minutes: usize| json!({"id": id, "kind": kind, "at": at(minutes)});
    let mut waiting = event("b", "WAITING", 60 + place % 30);
    waiting["waitingFor"] = json!("CLIENT");
    let events = json!([
        event("a", "RESPONDED", place % 400),
        waiting,
        event("c", "RESUMED", 120),
        event("d", "RESOLVED", 500 + place % 600),
    ]);
    ticket(place, &at(0), &events)
}

/// A ticket opened in the last four hours, which nobody has answered yet.
fn open(place: usize) -> Value {
    let seconds = i64::try_from(place * 4 * 3600 / OPEN).expect("hours");
    let opened =
        later(instant("2026-11-23T14:00:00Z"), Duration::from_micros(seconds * 1_000_000)).expect("an instant");
    ticket(place, &opened.to_string(), &json!([]))
}

fn ticket(place: usize, opened: &str, events: &Value) -> Value {
    json!({
        "ref": {"system": "psa", "id": place.to_string()}, "agreement": {"code": "MSA"}, "title": format!("Ticket {place}"),
        "service": {"code": "HELPDESK"}, "priority": format!("P{}", 1 + place % 4), "openedAt": opened, "events": events,
    })
}

fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}
