//! What is kept of a ticket: in any order, repeated, late, corrected.

use proptest::{collection::vec, option, prelude::*, sample::select};

use super::*;
use crate::time::parse_instant;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + minute * 60).unwrap()
}

const ARRIVED: &str = "2026-11-23T12:00:00Z";

fn arrived() -> Timestamp {
    parse_instant(ARRIVED).unwrap()
}

fn version(changed: Option<i64>, title: &str) -> TicketVersion {
    TicketVersion {
        changed_at: changed.map(at),
        title: title.into(),
        priority: Priority::P3,
        opened_at: at(0),
        deleted: false,
        details: Details::default(),
        current_priority: None,
        events: Vec::new(),
    }
}

fn happened(id: &str, minute: i64, what: Happening) -> GivenEvent {
    GivenEvent { id: id.into(), happened: Some((at(minute), what)) }
}

fn kept(versions: &[TicketVersion]) -> Kept {
    let mut versions = versions.iter().cloned();
    let mut kept = Kept::first(versions.next().unwrap(), arrived()).unwrap();
    for version in versions {
        kept.take(version, arrived()).unwrap();
    }
    kept
}

#[test]
fn an_older_version_changes_nothing_but_what_only_it_speaks_of() {
    let mut ticket =
        kept(&[TicketVersion { events: vec![happened("a", 5, Happening::Responded)], ..version(Some(10), "new") }]);
    let older = version(Some(9), "old");
    assert_eq!(ticket.take(older.clone(), arrived()), Ok(Taken { newest: false, changed: false, touched: false }));
    assert_eq!(ticket.title, "new");
    let known = TicketVersion { events: vec![happened("a", 4, Happening::Responded)], ..older.clone() };
    assert_eq!(ticket.take(known, arrived()), Ok(Taken { newest: false, changed: false, touched: false }));
    let unknown = TicketVersion { events: vec![happened("b", 3, Happening::Planned)], ..older };
    assert_eq!(ticket.take(unknown, arrived()), Ok(Taken { newest: false, changed: true, touched: true }));
    assert_eq!(ticket.ticket().events.len(), 2);
    // As old as what is known, it may correct it.
    assert_eq!(
        ticket.take(version(Some(10), "newer"), arrived()),
        Ok(Taken { newest: true, changed: true, touched: true })
    );
}

#[test]
fn without_a_time_the_last_to_arrive_wins() {
    let mut ticket = kept(&[version(Some(10), "first"), version(None, "second")]);
    assert_eq!(ticket.title, "second");
    assert!(!ticket.take(version(Some(9), "older"), arrived()).unwrap().changed);
    assert!(ticket.take(version(Some(11), "third"), arrived()).unwrap().changed);
    assert_eq!(ticket.title, "third");
}

#[test]
fn what_is_left_out_stays() {
    let details = |service: Option<Option<&str>>| Details {
        service: service.map(|s| s.map(|s| s.parse().unwrap())),
        ..Details::default()
    };
    let mut ticket = kept(&[TicketVersion { details: details(Some(Some("MAIL"))), ..version(None, "t") }]);
    assert!(!ticket.take(version(None, "t"), arrived()).unwrap().changed);
    assert_eq!(ticket.about().service.unwrap().as_str(), "MAIL");
    assert!(
        ticket.take(TicketVersion { details: details(Some(None)), ..version(None, "t") }, arrived()).unwrap().changed
    );
    assert_eq!(ticket.about().service, None);
}

#[test]
fn a_deleted_event_stays_away_from_what_is_older() {
    let deletion = GivenEvent { id: "a".into(), happened: None };
    let mut ticket = kept(&[TicketVersion { events: vec![deletion], ..version(Some(10), "t") }]);
    let older = TicketVersion { events: vec![happened("a", 1, Happening::Responded)], ..version(Some(5), "t") };
    assert!(!ticket.take(older.clone(), arrived()).unwrap().changed);
    let newer = TicketVersion { changed_at: Some(at(11)), ..older };
    assert!(ticket.take(newer, arrived()).unwrap().changed);
}

#[test]
fn a_stated_priority_is_a_change_where_events_do_not_give_it() {
    let stating = |changed, priority| TicketVersion { current_priority: Some(priority), ..version(changed, "t") };
    let changes = |kept: &Kept| -> Vec<(Timestamp, Priority)> {
        let change = |event: &&Event| match event.what {
            Happening::PriorityChanged { priority } => Some((event.at, priority)),
            _ => None,
        };
        kept.ticket().events_until(Timestamp::MAX).iter().filter_map(change).collect()
    };
    let mut ticket = kept(&[stating(Some(10), Priority::P3), stating(Some(20), Priority::P1)]);
    assert_eq!(changes(&ticket), [(at(20), Priority::P1)]);
    // A later sync that says the same moves nothing.
    assert!(!ticket.take(stating(Some(30), Priority::P1), arrived()).unwrap().changed);
    // The event itself, once it is told, takes its place.
    let event = happened("e", 19, Happening::PriorityChanged { priority: Priority::P1 });
    assert!(ticket.take(TicketVersion { events: vec![event], ..version(Some(31), "t") }, arrived()).unwrap().changed);
    assert_eq!(changes(&ticket), [(at(19), Priority::P1)]);
    assert_eq!(ticket.ticket().priority_at(at(18)), Priority::P3);
    // Without a time of its own it counts from when it arrives, and only as news.
    let mut ticket = kept(&[stating(None, Priority::P2)]);
    assert_eq!(changes(&ticket), [(arrived(), Priority::P2)]);
    let again = ticket.take(stating(None, Priority::P2), parse_instant("2026-12-01T00:00:00Z").unwrap());
    assert!(!again.unwrap().changed);
}

#[test]
fn a_ticket_has_so_many_events_and_no_more() {
    let events =
        |from: usize, to: usize| (from..to).map(|n| happened(&n.to_string(), 1, Happening::Responded)).collect();
    let many = TicketVersion { events: events(0, EVENTS_MAX), ..version(None, "t") };
    let mut ticket = Kept::first(many.clone(), arrived()).unwrap();
    assert_eq!(ticket.take(many, arrived()), Ok(Taken { newest: true, changed: false, touched: false }));
    let more =
        TicketVersion { title: "other".into(), events: events(EVENTS_MAX, EVENTS_MAX + 1), ..version(None, "t") };
    assert_eq!(ticket.take(more, arrived()), Err(Refused::TooManyEvents(EVENTS_MAX + 1)));
    assert_eq!(ticket.title, "t");
}

#[test]
fn a_version_that_says_an_event_in_two_ways_is_not_taken() {
    let saying = |events: Vec<GivenEvent>| TicketVersion { events, ..version(None, "t") };
    let (answered, mended) = (happened("a", 1, Happening::Responded), happened("b", 5, Happening::Resolved));
    let mut ticket = kept(&[saying(vec![answered.clone(), mended.clone(), answered.clone()])]);
    let before = ticket.clone();
    for other in [
        happened("a", 2, Happening::Responded),
        happened("a", 1, Happening::Planned),
        GivenEvent { id: "a".into(), happened: None },
    ] {
        let two_ways = saying(vec![answered.clone(), mended.clone(), other.clone()]);
        assert_eq!(ticket.take(two_ways.clone(), arrived()), Err(Refused::SaidTwoWays("a".into())));
        assert_eq!(Kept::first(two_ways, arrived()), Err(Refused::SaidTwoWays("a".into())));
        assert_eq!(ticket, before);
        // In a version of its own it is a correction.
        assert!(ticket.clone().take(saying(vec![other]), arrived()).unwrap().changed);
    }
}

fn some_happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        2 => select(Priority::ALL).prop_map(|priority| Happening::PriorityChanged { priority }),
        1 => select(WaitingReason::ALL).prop_map(|reason| Happening::Waiting { reason, replaces: false }),
        1 => Just(Happening::Resumed { reason: None }),
        1 => Just(Happening::Resolved),
    ]
}

fn some_version() -> impl Strategy<Value = TicketVersion> {
    let event = ("[a-e]", option::weighted(0.8, (0_i64..20, some_happening())));
    let service = option::of(option::of(select(&["MAIL", "HELP"][..])));
    (select(Priority::ALL), 0_i64..3, any::<bool>(), service, option::of(select(Priority::ALL)), vec(event, 0..4))
        .prop_map(|(priority, opened, deleted, service, current_priority, events)| TicketVersion {
            priority,
            opened_at: at(opened),
            deleted,
            details: Details { service: service.map(|s| s.map(|code| code.parse().unwrap())), ..Details::default() },
            current_priority,
            events: events
                .into_iter()
                .map(|(id, what)| GivenEvent { id, happened: what.map(|(minute, what)| (at(minute), what)) })
                .collect(),
            ..version(None, "t")
        })
}

/// The versions of a ticket in the order of their times, each event at most once in a version.
fn some_versions() -> impl Strategy<Value = Vec<TicketVersion>> {
    vec(some_version(), 1..6).prop_map(|mut versions| {
        for (place, version) in versions.iter_mut().enumerate() {
            version.changed_at = Some(at(10 * place as i64));
            version.title = format!("title {place}");
            let mut seen = Vec::new();
            version.events.retain(|event| {
                !seen.contains(&event.id) && {
                    seen.push(event.id.clone());
                    true
                }
            });
        }
        versions
    })
}

/// The same said in parts: each version's events apart, and some of it twice.
fn in_parts(versions: &[TicketVersion]) -> Vec<TicketVersion> {
    let part = |version: &TicketVersion| {
        let events =
            version.events.iter().map(|event| TicketVersion { events: vec![event.clone()], ..version.clone() });
        events.chain([TicketVersion { events: Vec::new(), ..version.clone() }, version.clone()]).collect::<Vec<_>>()
    };
    versions.iter().flat_map(part).collect()
}

proptest! {
    #[test]
    fn any_order_and_any_repetition_give_the_same((versions, shuffled) in some_versions().prop_flat_map(|versions| {
        let parts = in_parts(&versions);
        (Just(versions), Just(parts).prop_shuffle())
    })) {
        let (straight, other) = (kept(&versions), kept(&shuffled));
        prop_assert_eq!(straight.ticket(), other.ticket());
        prop_assert_eq!((&straight.title, straight.deleted, straight.changed_at), (&other.title, other.deleted, other.changed_at));
        // Nothing that was told before is news.
        let mut again = other.clone();
        for version in shuffled {
            let taken = again.take(version, arrived()).unwrap();
            prop_assert!(!taken.changed && !taken.touched);
        }
        let text = serde_json::to_string(&other).unwrap();
        prop_assert_eq!(serde_json::from_str::<Kept>(&text).unwrap(), other);
    }
}
