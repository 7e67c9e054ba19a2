//! Worked cases, a line a question.

use super::*;

/// How a clock stands, in one line: `RUNNING due 2026-03-09T17:00:00Z used PT4H left PT0S`.
fn stands(office: &Office, ticket: &Ticket, of: &str, when: &str) -> String {
    let rules = office.rules();
    let found = clocks(&rules, ticket, at(when));
    let Some(clock) = found.iter().find(|clock| clock.milestone == milestone(of)) else { return "none".into() };
    check_proof(clock, at(when));
    let due = clock.due.map(|due| format!(" due {due}")).unwrap_or_default();
    let stopped = clock.stopped_at.map(|stopped| format!(" stopped {stopped}")).unwrap_or_default();
    let breached = clock.breached_at.map(|breached| format!(" breached {breached}")).unwrap_or_default();
    format!("{}{due}{stopped}{breached} used {} left {}", clock.state, clock.elapsed, clock.remaining)
}

pub(super) fn each(office: &Office, ticket: &Ticket, of: &str, cases: &[(&str, &str)]) {
    for (when, expected) in cases {
        assert_eq!(stands(office, ticket, of, when), *expected, "at {when}");
    }
}

/// Four business hours from Friday four o'clock on; New York, before summer time begins on Sunday.
pub(super) const FRIDAY: &str = "2026-03-06T16:00:00-05:00";

pub(super) fn four_hours() -> Office {
    let waiting: (&str, &[&str]) = ("CLIENT", &["RESOLUTION"]);
    Office::new(tier(&["P3 RESOLUTION PT4H", "P4 RESOLUTION PT8H"], &[waiting]), office())
}

#[test]
fn waiting_takes_out_the_counted_time_it_lasts() {
    let held = [("2026-03-06T16:30:00-05:00", "WAITING CLIENT"), ("2026-03-09T09:30:00-04:00", "RESUMED")];
    let again = [("2026-03-09T10:00:00-04:00", "WAITING CLIENT"), ("2026-03-09T11:00:00-04:00", "RESUMED")];
    let later = [("2026-03-09T12:00:00-04:00", "PRIORITY_CHANGED P4")];
    let due = |events: &[(&str, &str)]| {
        stands(&four_hours(), &ticket(FRIDAY, "P3", events), "RESOLUTION", "2026-03-09T12:30:00-04:00")
    };
    assert_eq!(due(&held), "RUNNING due 2026-03-09T17:00:00Z used PT3H30M left PT30M");
    assert_eq!(due(&[held, again].concat()), "RUNNING due 2026-03-09T18:00:00Z used PT2H30M left PT1H30M");
    assert_eq!(due(&[&held[..], &later].concat()), "RUNNING due 2026-03-09T21:00:00Z used PT3H30M left PT4H30M");
}

#[test]
fn a_held_clock_is_not_due_and_says_what_is_left() {
    let events = [("2026-03-06T16:30:00-05:00", "WAITING CLIENT"), ("2026-03-09T09:30:00-04:00", "RESUMED")];
    let ticket = ticket(FRIDAY, "P3", &events);
    each(
        &four_hours(),
        &ticket,
        "RESOLUTION",
        &[
            ("2026-03-06T15:59:59-05:00", "none"),
            ("2026-03-06T16:00:00-05:00", "RUNNING due 2026-03-09T16:00:00Z used PT0S left PT4H"),
            ("2026-03-06T16:29:59-05:00", "RUNNING due 2026-03-09T16:00:00Z used PT29M59S left PT3H30M1S"),
            ("2026-03-06T16:30:00-05:00", "PAUSED used PT30M left PT3H30M"),
            ("2026-03-09T09:29:59-04:00", "PAUSED used PT30M left PT3H30M"),
            ("2026-03-09T09:30:00-04:00", "RUNNING due 2026-03-09T17:00:00Z used PT30M left PT3H30M"),
            ("2026-03-09T13:00:00-04:00", "RUNNING due 2026-03-09T17:00:00Z used PT4H left PT0S"),
            (
                "2026-03-09T13:00:00.000001-04:00",
                "BREACHED due 2026-03-09T17:00:00Z breached 2026-03-09T17:00:00Z used PT4H0.000001S left PT0S",
            ),
            (
                "2026-03-09T18:00:00-04:00",
                "BREACHED due 2026-03-09T17:00:00Z breached 2026-03-09T17:00:00Z used PT8H left PT0S",
            ),
        ],
    );
}

#[test]
fn the_proof_names_what_did_not_count() {
    let events = [
        ("2026-03-06T16:30:00-05:00", "WAITING CLIENT"),
        ("2026-03-09T09:30:00-04:00", "RESUMED"),
        ("2026-03-09T14:00:00-04:00", "RESOLVED"),
    ];
    let (office, ticket) = (four_hours(), ticket(FRIDAY, "P3", &events));
    let rules = office.rules();
    let proof = |when: &str| {
        let found = clocks(&rules, &ticket, at(when));
        let say = |s: &crate::sla::ClockSegment| format!("{} {}{}", s.to, if s.counts { "+ " } else { "" }, s.why);
        let (segments, ahead) = (found[0].segments(), found[0].ahead());
        (segments.iter().map(say).collect::<Vec<_>>(), ahead.iter().map(say).collect::<Vec<_>>())
    };
    let (segments, ahead) = proof("2026-03-09T10:00:00-04:00");
    assert_eq!(
        segments,
        [
            "2026-03-06T21:30:00Z + open hours",
            "2026-03-06T22:00:00Z waiting for the client",
            "2026-03-09T13:00:00Z closed",
            "2026-03-09T13:30:00Z waiting for the client",
            "2026-03-09T14:00:00Z + open hours",
        ]
    );
    assert_eq!(ahead, ["2026-03-09T17:00:00Z + open hours"]);
    let (segments, ahead) = proof("2026-03-10T10:00:00-04:00");
    assert_eq!(
        segments[4..],
        ["2026-03-09T17:00:00Z + open hours", "2026-03-09T18:00:00Z + open hours, past the due time"]
    );
    assert_eq!(ahead, [""; 0]);
}

#[test]
fn what_waiting_stops_is_the_tiers_to_say() {
    let targets = [
        "P1 RESPONSE PT8H AROUND_THE_CLOCK",
        "P1 PLAN PT8H AROUND_THE_CLOCK",
        "P1 WORKAROUND PT8H AROUND_THE_CLOCK",
        "P1 RESOLUTION PT8H AROUND_THE_CLOCK",
    ];
    let held = |rules: &[(&str, &[&str])], reason: &str| -> Vec<&'static str> {
        let office = Office::new(tier(&targets, rules), office());
        let ticket = ticket("2026-03-06T12:00:00Z", "P1", &[("2026-03-06T13:00:00Z", &format!("WAITING {reason}"))]);
        let rules = office.rules();
        let found = clocks(&rules, &ticket, at("2026-03-06T14:00:00Z"));
        found.iter().filter(|clock| clock.state == ClockState::Paused).map(|clock| clock.milestone.as_str()).collect()
    };
    assert_eq!(held(&[], "CLIENT"), ["PLAN", "WORKAROUND", "RESOLUTION"]);
    assert_eq!(held(&[], "PARTS"), [""; 0]);
    assert_eq!(held(&[("PARTS", &["RESOLUTION"])], "PARTS"), ["RESOLUTION"]);
    // A rule for another reason leaves the client's as it is; one of its own replaces it.
    assert_eq!(held(&[("PARTS", &["RESOLUTION"])], "CLIENT"), ["PLAN", "WORKAROUND", "RESOLUTION"]);
    assert_eq!(held(&[("CLIENT", &["RESPONSE"])], "CLIENT"), ["RESPONSE"]);
    assert_eq!(held(&[("CLIENT", &[])], "CLIENT"), [""; 0]);
}

#[test]
fn the_last_of_several_waits_lets_go() {
    let all: &[&str] = &["RESOLUTION"];
    let office =
        Office::new(tier(&["P1 RESOLUTION PT8H AROUND_THE_CLOCK"], &[("PARTS", all), ("THIRD_PARTY", all)]), office());
    let events = [
        ("2026-03-06T12:00:00Z", "WAITING CLIENT"),
        ("2026-03-06T13:00:00Z", "WAITING PARTS"),
        ("2026-03-06T14:00:00Z", "RESUMED CLIENT"),
        ("2026-03-06T14:30:00Z", "RESUMED CLIENT"),
        ("2026-03-06T15:00:00Z", "RESUMED PARTS"),
        ("2026-03-06T16:00:00Z", "WAITING PARTS"),
        ("2026-03-06T17:00:00Z", "WAITING THIRD_PARTY !"),
        ("2026-03-06T18:00:00Z", "RESUMED THIRD_PARTY"),
        // It does not wait any more, so this changes nothing.
        ("2026-03-06T19:00:00Z", "RESUMED"),
    ];
    let ticket = ticket("2026-03-06T11:00:00Z", "P1", &events);
    each(
        &office,
        &ticket,
        "RESOLUTION",
        &[
            ("2026-03-06T14:45:00Z", "PAUSED used PT1H left PT7H"),
            ("2026-03-06T15:00:00Z", "RUNNING due 2026-03-06T22:00:00Z used PT1H left PT7H"),
            ("2026-03-06T17:30:00Z", "PAUSED used PT2H left PT6H"),
            ("2026-03-06T19:00:00Z", "RUNNING due 2026-03-07T00:00:00Z used PT3H left PT5H"),
        ],
    );
}

#[test]
fn what_ran_out_as_a_wait_began_has_run_out() {
    let office = Office::new(tier(&["P1 RESOLUTION PT1H AROUND_THE_CLOCK"], &[]), office());
    let ticket = ticket("2026-03-06T12:00:00Z", "P1", &[("2026-03-06T13:00:00Z", "WAITING CLIENT")]);
    each(
        &office,
        &ticket,
        "RESOLUTION",
        &[
            ("2026-03-06T13:00:00Z", "RUNNING due 2026-03-06T13:00:00Z used PT1H left PT0S"),
            (
                "2026-03-06T13:00:01Z",
                "BREACHED due 2026-03-06T13:00:00Z breached 2026-03-06T13:00:00Z used PT1H left PT0S",
            ),
        ],
    );
}

#[test]
fn a_milestone_is_met_up_to_its_due_time() {
    let office =
        Office::new(tier(&["P1 RESPONSE PT1H AROUND_THE_CLOCK", "P1 RESOLUTION PT4H AROUND_THE_CLOCK"], &[]), office());
    let responded =
        |when: &str| ticket("2026-03-06T12:00:00Z", "P1", &[(when, "RESPONDED"), ("2026-03-06T15:00:00Z", "RESOLVED")]);
    for (when, expected) in [
        ("2026-03-06T12:30:00Z", "MET due 2026-03-06T13:00:00Z stopped 2026-03-06T12:30:00Z used PT30M left PT30M"),
        ("2026-03-06T13:00:00Z", "MET due 2026-03-06T13:00:00Z stopped 2026-03-06T13:00:00Z used PT1H left PT0S"),
        (
            "2026-03-06T13:00:00.000001Z",
            "BREACHED due 2026-03-06T13:00:00Z stopped 2026-03-06T13:00:00.000001Z breached 2026-03-06T13:00:00Z used PT1H0.000001S left PT0S",
        ),
        // Resolving is a response too, if it comes first.
        (
            "2026-03-06T15:30:00Z",
            "BREACHED due 2026-03-06T13:00:00Z stopped 2026-03-06T15:00:00Z breached 2026-03-06T13:00:00Z used PT3H left PT0S",
        ),
    ] {
        assert_eq!(stands(&office, &responded(when), "RESPONSE", "2026-03-07T00:00:00Z"), expected, "{when}");
    }
    let fast = ticket(
        "2026-03-06T12:00:00Z",
        "P1",
        &[("2026-03-06T12:10:00Z", "RESOLVED"), ("2026-03-06T16:00:00Z", "RESPONDED")],
    );
    assert_eq!(
        stands(&office, &fast, "RESPONSE", "2026-03-07T00:00:00Z"),
        "MET due 2026-03-06T13:00:00Z stopped 2026-03-06T12:10:00Z used PT10M left PT50M"
    );
}

#[test]
fn another_priority_counts_from_the_opening() {
    let office = Office::new(
        tier(&["P1 RESPONSE PT1H", "P2 RESPONSE PT2H", "P3 RESPONSE PT8H", "P3 PLAN PT2H"], &[]),
        calendar("America/New_York", "MON-FRI 08:00-17:00", &[]),
    );
    let opened = "2026-11-23T09:00:00-05:00";
    let raised = ticket(opened, "P3", &[("2026-11-23T12:00:00-05:00", "PRIORITY_CHANGED P1")]);
    each(
        &office,
        &raised,
        "RESPONSE",
        &[
            ("2026-11-23T11:59:59-05:00", "RUNNING due 2026-11-23T22:00:00Z used PT2H59M59S left PT5H1S"),
            (
                "2026-11-23T12:00:00-05:00",
                "BREACHED due 2026-11-23T15:00:00Z breached 2026-11-23T17:00:00Z used PT3H left PT0S",
            ),
        ],
    );
    // P1 plans nothing, so the clock ends; it would begin at the opening again under a priority that does.
    assert_eq!(
        stands(&office, &raised, "PLAN", "2026-11-23T12:00:00-05:00"),
        "BREACHED due 2026-11-23T16:00:00Z breached 2026-11-23T16:00:00Z used PT3H left PT0S"
    );
    let early = ticket(
        opened,
        "P3",
        &[("2026-11-23T10:00:00-05:00", "PRIORITY_CHANGED P1"), ("2026-11-23T10:30:00-05:00", "PRIORITY_CHANGED P3")],
    );
    each(
        &office,
        &early,
        "PLAN",
        &[
            (
                "2026-11-23T10:15:00-05:00",
                "CANCELLED due 2026-11-23T16:00:00Z stopped 2026-11-23T15:00:00Z used PT1H left PT1H",
            ),
            ("2026-11-23T10:30:00-05:00", "RUNNING due 2026-11-23T16:00:00Z used PT1H30M left PT30M"),
        ],
    );
    // A target that there was not before begins at the opening, and what came before it is judged by it.
    let late = ticket(
        opened,
        "P1",
        &[("2026-11-23T10:00:00-05:00", "PLANNED"), ("2026-11-23T13:00:00-05:00", "PRIORITY_CHANGED P3")],
    );
    each(
        &office,
        &late,
        "PLAN",
        &[
            ("2026-11-23T12:59:59-05:00", "none"),
            (
                "2026-11-23T13:00:00-05:00",
                "MET due 2026-11-23T16:00:00Z stopped 2026-11-23T15:00:00Z used PT1H left PT1H",
            ),
        ],
    );
    // A breach before the change stays; so does a response once given.
    let missed = ticket(opened, "P1", &[("2026-11-23T12:00:00-05:00", "PRIORITY_CHANGED P3")]);
    assert_eq!(
        stands(&office, &missed, "RESPONSE", "2026-11-23T12:00:00-05:00"),
        "BREACHED due 2026-11-23T15:00:00Z breached 2026-11-23T15:00:00Z used PT3H left PT0S"
    );
    let given = ticket(
        opened,
        "P3",
        &[("2026-11-23T11:30:00-05:00", "RESPONDED"), ("2026-11-23T12:00:00-05:00", "PRIORITY_CHANGED P1")],
    );
    assert_eq!(
        stands(&office, &given, "RESPONSE", "2026-11-23T12:00:00-05:00"),
        "MET due 2026-11-23T22:00:00Z stopped 2026-11-23T16:30:00Z used PT2H30M left PT5H30M"
    );
    // At one instant the priority goes first.
    let together = ticket(
        opened,
        "P3",
        &[("2026-11-23T09:30:00-05:00", "RESPONDED"), ("2026-11-23T09:30:00-05:00", "PRIORITY_CHANGED P2")],
    );
    assert_eq!(
        stands(&office, &together, "RESPONSE", "2026-11-23T09:30:00-05:00"),
        "MET due 2026-11-23T16:00:00Z stopped 2026-11-23T14:30:00Z used PT30M left PT1H30M"
    );
}
