//! Worked cases of what ends clocks, sets them going again, or holds them.

use super::{
    tables::{FRIDAY, each, four_hours},
    *,
};
use crate::sla::clock::{Judged, next_change};

#[test]
fn reopening_goes_on_with_what_was_left() {
    let office =
        Office::new(tier(&["P1 RESPONSE PT1H AROUND_THE_CLOCK", "P1 RESOLUTION PT4H AROUND_THE_CLOCK"], &[]), office());
    let events = [
        ("2026-03-06T13:00:00Z", "RESOLVED"),
        ("2026-03-07T12:00:00Z", "REOPENED"),
        ("2026-03-07T16:00:00Z", "RESOLVED"),
    ];
    let reopened = ticket("2026-03-06T12:00:00Z", "P1", &events);
    each(
        &office,
        &reopened,
        "RESOLUTION",
        &[
            ("2026-03-06T13:00:00Z", "MET due 2026-03-06T16:00:00Z stopped 2026-03-06T13:00:00Z used PT1H left PT3H"),
            ("2026-03-07T12:00:00Z", "RUNNING due 2026-03-07T15:00:00Z used PT1H left PT3H"),
            (
                "2026-03-08T12:00:00Z",
                "BREACHED due 2026-03-07T15:00:00Z stopped 2026-03-07T16:00:00Z breached 2026-03-07T15:00:00Z used PT5H left PT0S",
            ),
        ],
    );
    each(
        &office,
        &reopened,
        "RESPONSE",
        &[("2026-03-08T12:00:00Z", "MET due 2026-03-06T13:00:00Z stopped 2026-03-06T13:00:00Z used PT1H left PT0S")],
    );
    // Each judgement counts where it lies (S10).
    let rules = office.rules();
    let found = clocks(&rules, &reopened, at("2026-03-08T12:00:00Z"));
    let judged: Vec<_> = found[1].judgements.iter().map(|j| (j.at.to_string(), j.judged)).collect();
    assert_eq!(
        judged,
        [("2026-03-06T13:00:00Z".into(), Judged::Met), ("2026-03-07T15:00:00Z".into(), Judged::Breached)]
    );
    assert_eq!((found[1].span.from, found[1].earlier.len()), (at("2026-03-07T12:00:00Z"), 1));
    // A breach stays a breach.
    let late = ticket(
        "2026-03-06T12:00:00Z",
        "P1",
        &[
            ("2026-03-06T17:00:00Z", "RESOLVED"),
            ("2026-03-06T18:00:00Z", "REOPENED"),
            ("2026-03-06T18:30:00Z", "RESOLVED"),
        ],
    );
    each(
        &office,
        &late,
        "RESOLUTION",
        &[
            (
                "2026-03-06T18:10:00Z",
                "BREACHED due 2026-03-06T16:00:00Z breached 2026-03-06T16:00:00Z used PT5H10M left PT0S",
            ),
            (
                "2026-03-06T19:00:00Z",
                "BREACHED due 2026-03-06T16:00:00Z stopped 2026-03-06T18:30:00Z breached 2026-03-06T16:00:00Z used PT5H30M left PT0S",
            ),
        ],
    );
}

#[test]
fn cancelling_ends_what_is_open() {
    let office = Office::new(
        tier(
            &[
                "P1 RESPONSE PT1H AROUND_THE_CLOCK",
                "P1 RESOLUTION PT4H AROUND_THE_CLOCK",
                "P2 RESOLUTION PT9H AROUND_THE_CLOCK",
            ],
            &[],
        ),
        office(),
    );
    let events = [
        ("2026-03-06T14:00:00Z", "CANCELLED"),
        ("2026-03-06T14:30:00Z", "PRIORITY_CHANGED P2"),
        ("2026-03-06T15:00:00Z", "REOPENED"),
    ];
    let cancelled = ticket("2026-03-06T12:00:00Z", "P1", &events);
    each(
        &office,
        &cancelled,
        "RESPONSE",
        &[(
            "2026-03-06T20:00:00Z",
            "BREACHED due 2026-03-06T13:00:00Z stopped 2026-03-06T14:00:00Z breached 2026-03-06T13:00:00Z used PT2H left PT0S",
        )],
    );
    each(
        &office,
        &cancelled,
        "RESOLUTION",
        &[
            (
                "2026-03-06T14:45:00Z",
                "CANCELLED due 2026-03-06T16:00:00Z stopped 2026-03-06T14:00:00Z used PT2H left PT2H",
            ),
            ("2026-03-06T15:00:00Z", "RUNNING due 2026-03-06T17:00:00Z used PT2H left PT2H"),
        ],
    );
}

#[test]
fn a_business_day_is_worth_the_open_time_to_its_end() {
    let office = Office::new(tier(&["P1 RESOLUTION 1"], &[]), office());
    let held = [("2026-03-09T09:00:00-04:00", "WAITING CLIENT"), ("2026-03-09T11:00:00-04:00", "RESUMED")];
    each(
        &office,
        &ticket(FRIDAY, "P1", &held),
        "RESOLUTION",
        &[
            ("2026-03-06T16:00:00-05:00", "RUNNING due 2026-03-09T21:00:00Z used PT0S left PT9H"),
            ("2026-03-09T12:00:00-04:00", "RUNNING due 2026-03-10T15:00:00Z used PT2H left PT7H"),
        ],
    );
}

#[test]
fn an_unmet_obligation_holds_clocks() {
    let mut office = Office::new(tier(&["P1 RESPONSE PT4H AROUND_THE_CLOCK"], &[]), office());
    let stretch = |from: &str, until: Option<&str>| Suspended {
        from: at(from),
        until: until.map(at),
        obligation: 0,
        title: "A firewall".into(),
    };
    office.suspended =
        vec![stretch("2026-03-06T11:00:00Z", Some("2026-03-06T13:00:00Z")), stretch("2026-03-06T15:00:00Z", None)];
    let ticket = ticket("2026-03-06T12:00:00Z", "P1", &[]);
    each(
        &office,
        &ticket,
        "RESPONSE",
        &[
            ("2026-03-06T12:00:00Z", "PAUSED used PT0S left PT4H"),
            ("2026-03-06T13:00:00Z", "RUNNING due 2026-03-06T17:00:00Z used PT0S left PT4H"),
            ("2026-03-06T16:00:00Z", "PAUSED used PT2H left PT2H"),
        ],
    );
    let rules = office.rules();
    let found = clocks(&rules, &ticket, at("2026-03-06T16:00:00Z"));
    assert_eq!(found[0].suspended(), Duration::from_hours(2));
    assert_eq!(found[0].segments()[2].why, "suspended: \"A firewall\" is unmet");
    let asked = at("2026-03-06T12:30:00Z");
    let next = next_change(Some(&rules), &ticket, &clocks(&rules, &ticket, asked), asked, |_| Vec::new());
    assert_eq!(next, Some(at("2026-03-06T13:00:00Z")));
}

#[test]
fn what_obligations_took_out_is_told_apart_and_adds_up() {
    let mut office = Office::new(tier(&["P1 RESPONSE PT4H AROUND_THE_CLOCK"], &[]), office());
    let stretch = |obligation: usize, from: &str, until: Option<&str>| Suspended {
        from: at(from),
        until: until.map(at),
        obligation,
        title: "Some duty".into(),
    };
    // Half an hour of the first, then an hour and a half of the other, which began later; and an hour of the first again.
    office.suspended = vec![
        stretch(0, "2026-03-06T11:00:00Z", Some("2026-03-06T13:00:00Z")),
        stretch(2, "2026-03-06T12:30:00Z", Some("2026-03-06T14:00:00Z")),
        stretch(0, "2026-03-06T15:00:00Z", None),
    ];
    let rules = office.rules();
    let ticket = ticket("2026-03-06T12:00:00Z", "P1", &[]);
    let found = clocks(&rules, &ticket, at("2026-03-06T16:00:00Z"));
    let half_hours = |count: i64| Duration::from_micros(count * 30 * 60 * 1_000_000);
    assert_eq!(found[0].suspended_by(), [(0, half_hours(3)), (2, half_hours(3))].into());
    assert_eq!(found[0].suspended(), half_hours(6));
}

#[test]
fn the_next_change_is_known() {
    let (office, ticket) = (four_hours(), ticket(FRIDAY, "P3", &[]));
    let rules = office.rules();
    let next = |when: &str, percentages: &[u8]| {
        clocks(&rules, &ticket, at(when))[0].next_by_itself(percentages.iter().copied()).map(|next| next.to_string())
    };
    // Half of four hours is Monday ten o'clock, three quarters eleven.
    assert_eq!(next(FRIDAY, &[75, 50]).as_deref(), Some("2026-03-09T14:00:00Z"));
    assert_eq!(next("2026-03-09T10:00:00-04:00", &[50, 75]).as_deref(), Some("2026-03-09T15:00:00Z"));
    assert_eq!(next("2026-03-09T11:00:00-04:00", &[50, 75]).as_deref(), Some("2026-03-09T16:00:00.000001Z"));
    assert_eq!(next("2026-03-09T18:00:00-04:00", &[50]), None);
}
