//! What a rule costs. `cargo bench -p remit-domain`.

use std::{collections::BTreeMap, hint::black_box, sync::Arc};

use divan::{Bencher, counter::ItemsCount};
use remit_domain::{
    Currency, Duration, Timestamp,
    billing::{Account, Entry, Periods, VersionTerms, rate_period},
    calendar::{Calendar, Exceptions, Hours},
    coverage::ObligationStates,
    lifecycle::{Life, Stage, Version},
    rating::{Span, Times},
    sla::{
        Tier,
        clock::{ClockRules, clocks},
    },
    terms::{AgreedTerms, Sections},
    ticket::{About, Event, Happening, Ticket},
    time::{later, parse_instant},
    words::{EntryBilling, Priority, WaitingReason},
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

/// Answers within four business hours, plans within eight, mends within two days of them.
fn tier() -> Tier {
    let target = |milestone: &str, within: &str| {
        format!(
            r#"{{"priority":"P3","milestone":"{milestone}","limit":{{"WITHIN":{{"time":"{within}","clock":"BUSINESS_HOURS"}}}},
                "opened_in":[],"strength":"TARGET","attainment":"95"}}"#
        )
    };
    let targets = [target("RESPONSE", "PT4H"), target("PLAN", "PT8H"), target("RESOLUTION", "PT18H")].join(",");
    serde_json::from_str(&format!(r#"{{"targets":[{targets}]}}"#)).expect("a tier")
}

/// A ticket that is answered, waits twice for the client, and is mended two weeks later.
fn ticket(opened_at: Timestamp) -> Ticket {
    let event = |hours: i32, id: &str, what| Event {
        id: id.into(),
        at: later(opened_at, Duration::from_hours(hours)).expect("an instant"),
        what,
    };
    let waiting = Happening::Waiting { reason: WaitingReason::Client, replaces: false };
    let resumed = Happening::Resumed { reason: None };
    let events = vec![
        event(2, "a", Happening::Responded),
        event(5, "b", waiting),
        event(30, "c", resumed),
        event(100, "d", waiting),
        event(200, "e", resumed),
        event(336, "f", Happening::Resolved),
    ];
    Ticket { opened_at, priority: Priority::P3, about: About::default(), events }
}

/// The state of all clocks of a ticket: three milestones, six events.
#[divan::bench]
fn clocks_of_a_ticket(bencher: Bencher<'_, '_>) {
    let (calendar, tier, none) = (office(), tier(), std::collections::BTreeMap::new());
    let rules = ClockRules { tier: &tier, calendar: &calendar, target_calendars: &none, suspended: Vec::new() };
    let tickets: Vec<Ticket> = instants().into_iter().map(ticket).collect();
    let now = parse_instant("2027-06-01T00:00:00Z").expect("instant");
    bencher.counter(ItemsCount::new(tickets.len())).bench(|| {
        for ticket in &tickets {
            black_box(clocks(&rules, black_box(ticket), now));
        }
    });
}

#[divan::bench]
fn compile(bencher: Bencher<'_, '_>) {
    let (hours, exceptions) = definition();
    bencher.bench(|| black_box(Calendar::compile(&hours, &exceptions)));
}

/// A month's work under three rules with a pool, each entry by itself: what is counted is entries.
#[divan::bench(args = [500, 10_000])]
fn rate_a_month(bencher: Bencher<'_, '_>, count: usize) {
    let world = World::new();
    let account = world.account();
    let periods = Periods::begun(&account, parse_instant("2026-11-30T00:00:00Z").expect("instant"), None);
    let period = *periods.all().last().expect("a period");
    let entries = entries(count);
    let rated = rate_period(&account, &period, &[], &entries);
    assert_eq!(rated.entries.len(), count);
    bencher.counter(ItemsCount::new(count)).bench(|| black_box(rate_period(&account, &period, &[], &entries)));
}

/// An agreement with a price list.
struct World {
    life: Life,
    terms: Vec<VersionTerms>,
    states: ObligationStates,
}

impl World {
    fn new() -> Self {
        let rule = |code: &str, class: &str, factor: &str| {
            format!(
                r#"{{"code":"{code}","item_code":null,"hours_class":["{class}"],"priority":[],"work_kind":[],"role":[],"during":[],"treatment":{{"MULTIPLIER":"{factor}"}},"minimum":null,"increment":null,"call_out":null}}"#
            )
        };
        let rules = [
            rule("H", "HOLIDAY", "2"),
            rule("W", "WEEKEND", "2"),
            rule("A", "AFTER_HOURS", "1.5"),
            rule("B", "BUSINESS", "1"),
        ];
        let policy = format!(
            r#"{{"rates":[{}],"roles":[{{"role":"engineer","hourly":{{"amount":"150","currency":"USD2"}}}}],"rounding":{{"aggregate":"ENTRY","order":"ROUND_THEN_MINIMUM","minima":"EACH","minimum":"PT0S","increment":"PT15M"}},"included":{{"per_period":"PT40H","draws":[{{"hours_class":[],"role":[],"work_kind":[],"factor":"1.5"}}],"rollover_periods":1,"rollover_cap":null,"overage_hourly":null}}}}"#,
            rules.join(",")
        );
        let begins = parse_instant("2026-11-01T04:00:00Z").expect("instant");
        let stage = Stage::Accepted { offered_at: begins, by: String::new(), at: begins };
        let policy = serde_json::from_str(&policy).expect("a policy");
        let agreed = AgreedTerms {
            currency: Currency::new("USD", 2).expect("a currency"),
            sections: Arc::new(Sections { extra_hours: Some(policy), ..Sections::default() }),
            calendar: Arc::new(office()),
            tier: Arc::new(
                serde_json::from_str(
                    r#"{"targets":[],"waiting":[],"credits":[],"credit_cap":null,"credit_minimum_tickets":1}"#,
                )
                .expect("a tier"),
            ),
            lines: Vec::new(),
            rate_calendars: vec![None; 4],
            availability_calendars: Vec::new(),
            target_calendars: BTreeMap::new(),
        };
        Self {
            life: Life {
                versions: vec![Version { number: 1, stage, begins: Some(begins), ends: None }],
                ..Life::default()
            },
            terms: vec![VersionTerms { number: 1, agreed: Arc::new(agreed) }],
            states: ObligationStates::new(),
        }
    }

    fn account(&self) -> Account<'_> {
        let currency = Currency::new("USD", 2).expect("a currency");
        let (life, terms, states) = (&self.life, &self.terms, &self.states);
        Account { currency, life, terms, states, blocks: &[] }
    }
}

/// An hour and seven minutes each, spread over November: a third of them cross an edge of the hours.
fn entries(count: usize) -> Vec<Entry> {
    let start = parse_instant("2026-11-01T06:00:00Z").expect("instant").as_second();
    let entry = |place: usize| {
        let second = start + i64::try_from(place * 7_919 % 2_400_000).expect("a second");
        let at = |second| Timestamp::from_second(second).expect("instant");
        Entry {
            id: place as u128,
            system: "PSA".into(),
            reference: format!("T-{place}"),
            span: Span { from: at(second), to: at(second + 4_020) },
            breaks: Vec::new(),
            times: Times::Known,
            role: "engineer".into(),
            technician: None,
            work_kind: None,
            service: None,
            priority: None,
            ticket: None,
            billing: EntryBilling::ByTerms,
            approved: false,
        }
    };
    (0..count).map(entry).collect()
}
