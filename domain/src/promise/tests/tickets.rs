//! Past tickets under the rules of a promise.

use proptest::{collection::vec, prelude::*};
use serde_json::json;

use super::super::*;
use crate::{
    calendar::tests::calendar,
    sla::clock::{ClockRules, clocks},
    terms::RecoveryCommitment,
    ticket::{About, Event, Happening, Ticket},
    time::{Duration, later, parse_instant},
    words::{ClockState, FailureScenario, Priority, WaitingReason},
};

fn at(text: &str) -> jiff::Timestamp {
    parse_instant(text).unwrap()
}

fn now() -> jiff::Timestamp {
    at("2026-06-01T12:00:00Z")
}

/// Monday to Friday from nine to five, UTC.
fn office() -> Calendar {
    calendar("UTC", "MON-FRI 09:00-17:00", &[])
}

fn tier(targets: &[(&str, &str, &str)]) -> Tier {
    let target = |(priority, milestone, within): &(&str, &str, &str)| {
        json!({"priority": priority, "milestone": milestone, "opened_in": [], "strength": "GUARANTEE", "attainment": "80",
            "limit": {"WITHIN": {"time": within, "clock": "BUSINESS_HOURS"}}})
    };
    let targets: Vec<_> = targets.iter().map(target).collect();
    let credits = json!([{"from": "50", "below": "80", "credit": "5"}, {"from": null, "below": "50", "credit": "10"}]);
    serde_json::from_value(
        json!({"targets": targets, "waiting": [{"reason": "PARTS", "stops": ["RESPONSE", "RESOLUTION"]}],
        "credits": credits, "credit_cap": "12", "credit_minimum_tickets": 2}),
    )
    .unwrap()
}

fn scheme<'a>(tier: &'a Tier, calendar: &'a Calendar) -> Scheme<'a> {
    Scheme { service: None, tier, calendar: Some(calendar), target_calendars: BTreeMap::new() }
}

fn ticket(opened: &str, events: &[(&str, Happening)]) -> Ticket {
    let event = |(place, (when, what)): (usize, &(&str, Happening))| Event {
        id: format!("{place:03}"),
        at: at(when),
        what: *what,
    };
    let about = About { scenario: Some(FailureScenario::HardwareFailure), ..About::default() };
    let events = events.iter().enumerate().map(event).collect();
    Ticket { opened_at: at(opened), priority: Priority::P1, about, events }
}

/// The case that a ticket is of a target of a response within two hours.
fn response(ticket: &Ticket) -> Option<TimedCase> {
    let (tier, office) = (tier(&[("P1", "RESPONSE", "PT2H")]), office());
    let mut cases = vec![Vec::new()];
    scheme(&tier, &office).add_cases(ticket, now(), &mut cases);
    assert!(cases[0].len() <= 1);
    cases[0].first().copied()
}

#[test]
fn a_ticket_is_a_case_by_the_promises_own_clock() {
    use Happening::{Cancelled, PriorityChanged, Resolved, Responded, Resumed, Waiting};
    let parts = Waiting { reason: WaitingReason::Parts, replaces: false };
    let client = Waiting { reason: WaitingReason::Client, replaces: false };
    let gone = Resumed { reason: None };
    // Opened on a Friday at 16:00: an hour of it is left.
    let friday = "2026-03-06T16:00:00Z";
    for (events, expected) in [
        // The next Monday at 09:30: an hour of Friday and half an hour of Monday.
        (vec![("2026-03-09T09:30:00Z", Responded), ("2026-03-09T10:00:00Z", Resolved)], Some(("PT1H30M", true))),
        // Never answered but resolved: that is the answer, too late.
        (vec![("2026-03-09T11:00:00Z", Resolved)], Some(("PT3H", true))),
        // On Friday at 20:00, when an hour had run out since 17:00: a moment more would have done.
        (vec![("2026-03-06T20:00:00Z", Responded), ("2026-03-09T11:00:00Z", Resolved)], Some(("PT1H0.000001S", true))),
        // It waited for parts from 16:30 to Monday at 10:00; for the client waiting stops no response.
        (
            vec![("2026-03-06T16:30:00Z", parts), ("2026-03-09T10:00:00Z", gone), ("2026-03-09T10:15:00Z", Resolved)],
            Some(("PT45M", true)),
        ),
        (
            vec![("2026-03-06T16:30:00Z", client), ("2026-03-09T10:00:00Z", gone), ("2026-03-09T10:15:00Z", Resolved)],
            Some(("PT2H15M", true)),
        ),
        // Cancelled in time says nothing; cancelled too late was not kept.
        (vec![("2026-03-06T16:30:00Z", Cancelled)], None),
        (vec![("2026-03-09T12:00:00Z", Cancelled)], Some(("PT4H", false))),
        // Answered in time, and still open: a case once it is closed. Answered too late it is one already.
        (vec![("2026-03-06T16:30:00Z", Responded)], Some(("PT30M", false))),
        (vec![("2026-03-09T12:00:00Z", Responded)], Some(("PT4H", false))),
        // It became a P2, of which nothing is promised.
        (vec![("2026-03-06T16:30:00Z", PriorityChanged { priority: Priority::P2 })], None),
    ] {
        let found = response(&ticket(friday, &events)).map(|case| (case.needs.to_string(), case.closed));
        assert_eq!(found, expected.map(|(needs, closed): (&str, bool)| (needs.to_owned(), closed)), "{events:?}");
    }
}

#[test]
fn open_tickets_speak_only_when_they_are_past_it() {
    let cases: Vec<TimedCase> = ["2026-03-06T16:30:00Z", "2026-03-09T12:00:00Z"]
        .iter()
        .filter_map(|answered| response(&ticket("2026-03-06T16:00:00Z", &[(answered, Happening::Responded)])))
        .collect();
    let evidence = Evidence::of_times(&cases, "80".parse().unwrap());
    assert_eq!(evidence.sample, Sample { size: 1, kept: 0 });
}

#[test]
fn a_recovery_is_measured_on_tickets_of_its_failure() {
    let recovery = |scenario| RecoveryCommitment {
        scenario,
        component: None,
        fix_within: Duration::from_hours(8),
        clock: crate::words::Clock::AroundTheClock,
        strength: PromiseStrength::Guarantee,
    };
    let office = office();
    let case = |scenario, ticket: &Ticket| {
        let (recovery, tier) = (recovery(scenario), tier(&[]));
        let rules = RecoveryRules::new(&recovery, tier.waiting(), &office).unwrap();
        rules.case(ticket, now()).map(|case| (case.needs.to_string(), case.given.to_string(), case.closed))
    };
    let mended = ticket(
        "2026-03-06T16:00:00Z",
        &[
            ("2026-03-06T17:00:00Z", Happening::PriorityChanged { priority: Priority::P4 }),
            ("2026-03-06T18:00:00Z", Happening::Waiting { reason: WaitingReason::Parts, replaces: false }),
            ("2026-03-06T20:00:00Z", Happening::Resumed { reason: None }),
            ("2026-03-06T23:00:00Z", Happening::Resolved),
        ],
    );
    let found = Some(("PT5H".to_owned(), "PT8H".to_owned(), true));
    assert_eq!(case(FailureScenario::HardwareFailure, &mended), found);
    assert_eq!(case(FailureScenario::NetworkFailure, &mended), None);
}

#[test]
fn a_rehearsal_counts_what_would_have_been_judged_and_earned() {
    let (tier, office) = (tier(&[("P1", "RESPONSE", "PT2H"), ("P1", "RESOLUTION", "PT8H")]), office());
    let scheme = scheme(&tier, &office);
    let month = |from: &str, to: &str| Span::new(at(from), at(to)).unwrap();
    let periods =
        [month("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"), month("2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z")];
    let mut rehearsal = Rehearsal::new(&scheme, &periods, now());
    let answered = |opened: &str, responded: &str, resolved: &str| {
        ticket(opened, &[(responded, Happening::Responded), (resolved, Happening::Resolved)])
    };
    // One in time; one answered too late; one resolved too late, since its eight hours were over on the day it was opened;
    // and one that is never answered.
    for ticket in [
        answered("2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z", "2026-03-02T12:00:00Z"),
        answered("2026-03-03T09:00:00Z", "2026-03-03T12:00:00Z", "2026-03-03T13:00:00Z"),
        answered("2026-03-31T09:00:00Z", "2026-03-31T10:00:00Z", "2026-04-02T10:00:00Z"),
        ticket("2026-04-30T16:00:00Z", &[]),
    ] {
        rehearsal.add(&ticket, true);
    }
    let lines = rehearsal.lines(None);
    let tallies: Vec<(u64, u64, u64)> = lines.iter().map(|(_, _, t)| (t.met, t.breached, t.running)).collect();
    assert_eq!((rehearsal.tickets(), tallies), (4, vec![(2, 1, 1), (2, 1, 1)]));
    // What is open at the end of April is past both targets by June.
    let samples: Vec<Sample> = lines.iter().map(|(_, checked, _)| checked.evidence.sample).collect();
    assert_eq!(samples, [Sample { size: 4, kept: 2 }, Sample { size: 4, kept: 2 }]);
    // March: 2 of 3 answered and 2 of 3 resolved in time, 66.66 %, which earns 5 % each. April: nothing was judged.
    let earned: Vec<Option<String>> = rehearsal
        .periods(None)
        .into_iter()
        .map(|period| period.earned.map(|earned| earned.percent.to_string()))
        .collect();
    assert_eq!(earned, [Some("10".to_owned()), None]);
    assert_eq!(total(rehearsal.periods(None).iter()).to_string(), "10");
}

proptest! {
    #[test]
    fn the_least_target_that_would_have_been_kept_is_the_first_that_is(
        moments in vec((0_i32..60, any::<bool>()), 0..4), responded in 0_i32..60, opened in 0_i32..24,
    ) {
        // In steps of an hour from Friday on, so that nights, a weekend and waiting all come up.
        let hour = |hours: i32| later(at("2026-03-06T00:00:00Z"), Duration::from_hours(hours)).unwrap();
        let mut events: Vec<Event> = moments.iter().enumerate().map(|(place, (after, waits))| Event {
            id: format!("{place}"),
            at: hour(opened + after),
            what: if *waits {
                Happening::Waiting { reason: WaitingReason::Parts, replaces: false }
            } else {
                Happening::Resumed { reason: None }
            },
        }).collect();
        events.push(Event { id: "r".into(), at: hour(opened + responded), what: Happening::Responded });
        let ticket = Ticket { opened_at: hour(opened), priority: Priority::P1, about: About::default(), events };
        let (office, none) = (office(), BTreeMap::new());
        let with = |target: Duration| {
            let tier = tier(&[("P1", "RESPONSE", &target.to_string())]);
            let rules = ClockRules { tier: &tier, calendar: &office, target_calendars: &none, suspended: Vec::new() };
            let found = clocks(&rules, &ticket, now());
            (found[0].state == ClockState::Met, found[0].needed())
        };
        let moment = Duration::from_micros(1);
        let needed = with(moment).1;
        prop_assert!(needed == Duration::ZERO || with(needed).0, "{needed} would not do");
        prop_assert!(needed <= moment || !with(needed.minus(moment)).0, "less than {needed} would do");
    }
}
