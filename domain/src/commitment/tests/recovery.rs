//! What became of failures, by the commitment's own clock.

use super::*;
use crate::{
    commitment::{Mending, Recovery, mending},
    promise::RecoveryRules,
    sla::clock::Suspended,
    terms::RecoveryCommitment,
    ticket::{About, Event, Happening, Ticket},
    words::{CommitmentState, ComponentClass, FailureScenario, Priority, WaitingReason},
};

const CANCELLED: Happening = Happening::Cancelled;
const RESOLVED: Happening = Happening::Resolved;
const REOPENED: Happening = Happening::Reopened;
const RESUMED: Happening = Happening::Resumed { reason: None };
const WAITING: Happening = Happening::Waiting { reason: WaitingReason::Client, replaces: false };

/// Servers that fail are mended within eight business hours.
fn servers() -> RecoveryCommitment {
    RecoveryCommitment {
        scenario: FailureScenario::SystemFailure,
        component: Some(ComponentClass::Server),
        fix_within: Duration::from_hours(8),
        clock: Clock::BusinessHours,
        strength: PromiseStrength::Target,
    }
}

fn failure(opened: &str, events: &[(&str, Happening)]) -> Ticket {
    let event = |(place, (when, what)): (usize, &(&str, Happening))| Event {
        id: format!("{place:03}"),
        at: at(when),
        what: *what,
    };
    let about = About {
        scenario: Some(FailureScenario::SystemFailure),
        component: Some(ComponentClass::Server),
        ..About::default()
    };
    let events = events.iter().enumerate().map(event).collect();
    Ticket { opened_at: at(opened), priority: Priority::P3, about, events }
}

/// What became of a failure in March, asked in the middle of April.
fn in_march(ticket: &Ticket, suspended: &[Suspended]) -> Option<Mending> {
    let (servers, office) = (servers(), office("UTC"));
    let rules = RecoveryRules::new(&servers, &[], &office).unwrap();
    let march = span("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z");
    mending(&rules, ticket, suspended, march, at("2026-04-15T00:00:00Z"))
}

#[test]
fn a_failure_is_held_against_its_own_clock_once() {
    let (in_time, too_late) =
        (|text| Some(Mending::InTime(duration(text))), |text| Some(Mending::TooLate(duration(text))));
    for (opened, events, expected) in [
        ("2026-03-03T09:00:00Z", vec![("2026-03-03T15:00:00Z", RESOLVED)], in_time("PT6H")),
        // It waited for the client from Friday 16:30 to Monday 10:00.
        (
            "2026-03-06T16:00:00Z",
            vec![
                ("2026-03-06T16:30:00Z", WAITING),
                ("2026-03-09T10:00:00Z", RESUMED),
                ("2026-03-09T16:00:00Z", RESOLVED),
            ],
            in_time("PT6H30M"),
        ),
        ("2026-03-10T09:00:00Z", vec![("2026-03-11T10:00:00Z", RESOLVED)], too_late("PT10H")),
        // Not mended at the end, and late since four.
        ("2026-03-31T08:00:00Z", vec![], too_late("PT9H")),
        // Mended in April: in March it ran.
        ("2026-03-31T16:00:00Z", vec![("2026-04-01T10:00:00Z", RESOLVED)], Some(Mending::Running)),
        // Mended, or late, in February.
        ("2026-02-26T09:00:00Z", vec![("2026-02-27T09:30:00Z", RESOLVED)], None),
        ("2026-02-26T09:00:00Z", vec![("2026-03-02T09:30:00Z", RESOLVED)], None),
        ("2026-03-03T09:00:00Z", vec![("2026-03-03T10:00:00Z", CANCELLED)], None),
        // Mended in February, and again in March, an hour and two after it was opened.
        (
            "2026-02-26T09:00:00Z",
            vec![
                ("2026-02-26T10:00:00Z", RESOLVED),
                ("2026-03-03T09:00:00Z", REOPENED),
                ("2026-03-03T10:00:00Z", RESOLVED),
            ],
            in_time("PT2H"),
        ),
        // Mended in March, and open again at its end.
        (
            "2026-03-03T09:00:00Z",
            vec![("2026-03-03T10:00:00Z", RESOLVED), ("2026-03-31T16:00:00Z", REOPENED)],
            Some(Mending::Running),
        ),
    ] {
        assert_eq!(in_march(&failure(opened, &events), &[]), expected, "{opened} {events:?}");
    }
}

#[test]
fn time_in_which_an_unmet_obligation_holds_it_does_not_count() {
    let late = failure("2026-03-10T09:00:00Z", &[("2026-03-11T10:00:00Z", RESOLVED)]);
    let held = Suspended {
        from: at("2026-03-10T10:00:00Z"),
        until: Some(at("2026-03-10T16:00:00Z")),
        obligation: 0,
        title: "A firewall".into(),
    };
    assert_eq!(in_march(&late, &[held]), Some(Mending::InTime(duration("PT4H"))));
}

#[test]
fn a_ticket_of_another_failure_says_nothing() {
    let mended = failure("2026-03-03T09:00:00Z", &[("2026-03-03T15:00:00Z", RESOLVED)]);
    for about in [
        About { scenario: Some(FailureScenario::NetworkFailure), ..mended.about.clone() },
        About { component: Some(ComponentClass::Workstation), ..mended.about.clone() },
        About { component: None, ..mended.about.clone() },
        About { scenario: None, ..mended.about.clone() },
    ] {
        assert_eq!(in_march(&Ticket { about, ..mended.clone() }, &[]), None);
    }
}

#[test]
fn one_failure_that_is_late_is_enough() {
    let took = |hours| Duration::from_hours(hours);
    let of = |all: &[Mending]| {
        let mut recovery = Recovery::default();
        all.iter().for_each(|one| recovery.add(*one));
        recovery
    };
    let (kept, missed, running) = (Mending::InTime(took(3)), Mending::TooLate(took(9)), Mending::Running);
    for (all, while_it_lasts, when_it_is_over) in [
        (vec![], CommitmentState::NotKnown, CommitmentState::NotKnown),
        (vec![running], CommitmentState::Running, CommitmentState::Running),
        (vec![kept, running], CommitmentState::Running, CommitmentState::Kept),
        (vec![kept, kept, missed, running], CommitmentState::NotKept, CommitmentState::NotKept),
    ] {
        let recovery = of(&all);
        assert_eq!((recovery.state(false), recovery.state(true)), (while_it_lasts, when_it_is_over), "{all:?}");
    }
    let all = of(&[kept, missed, kept, running]);
    assert_eq!(all, Recovery { kept: 2, missed: 1, running: 1, longest: Some(took(9)) });
}
