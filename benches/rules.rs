//! What a rule costs. `cargo bench -p remit-domain`.

use std::hint::black_box;

use divan::{Bencher, counter::ItemsCount};
use remit_domain::{
    Duration, Timestamp,
    calendar::{Calendar, Exceptions, Hours},
    time::parse_instant,
};

fn main() {
    divan::main();
}

/// Office hours in New York with twelve years of ten holidays.
fn definition() -> (Hours, Exceptions) {
    let days = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"];
    let weekly: Vec<String> =
        days.iter().map(|day| format!(r#"{{"weekday":"{day}","opens":"08:00","closes":"17:00"}}"#)).collect();
    let hours =
        format!(r#"{{"zone":"America/New_York","weekly":[{}],"weekend":["SATURDAY","SUNDAY"]}}"#, weekly.join(","));
    let holidays: Vec<String> = (2025..2037)
        .flat_map(|year| {
            (1..=10).map(move |month| {
                format!(r#"{{"date":"{year}-{month:02}-15","name":"Holiday","holiday":true,"periods":[]}}"#)
            })
        })
        .collect();
    let exceptions = format!("[{}]", holidays.join(","));
    (serde_json::from_str(&hours).expect("hours"), serde_json::from_str(&exceptions).expect("exceptions"))
}

fn office() -> Calendar {
    let (hours, exceptions) = definition();
    Calendar::compile(&hours, &exceptions)
}

/// Instants spread over a year.
fn instants() -> Vec<Timestamp> {
    let start = parse_instant("2026-01-01T00:00:00Z").expect("instant").as_second();
    (0..1_000).map(|n| Timestamp::from_second(start + n * 31_357).expect("instant")).collect()
}

/// A working day, and ten years of them.
const SPANS: [i32; 2] = [9, 23_400];

#[divan::bench(args = SPANS)]
fn due(bencher: Bencher<'_, '_>, hours: i32) {
    let (calendar, instants) = (office(), instants());
    let within = Duration::from_hours(hours);
    bencher.counter(ItemsCount::new(instants.len())).bench(|| {
        for from in &instants {
            black_box(calendar.due(black_box(*from), within));
        }
    });
}

#[divan::bench(args = SPANS)]
fn open_time(bencher: Bencher<'_, '_>, hours: i32) {
    let (calendar, instants) = (office(), instants());
    let later = |from: &Timestamp| calendar.due(*from, Duration::from_hours(hours)).expect("due");
    let spans: Vec<(Timestamp, Timestamp)> = instants.iter().map(|from| (*from, later(from))).collect();
    bencher.counter(ItemsCount::new(spans.len())).bench(|| {
        for (from, to) in &spans {
            let _ = black_box(calendar.open_time(black_box(*from), *to));
        }
    });
}

#[divan::bench]
fn compile(bencher: Bencher<'_, '_>) {
    let (hours, exceptions) = definition();
    bencher.bench(|| black_box(Calendar::compile(&hours, &exceptions)));
}
