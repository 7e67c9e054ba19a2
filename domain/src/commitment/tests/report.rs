use super::{super::*, *};
use crate::{
    sla::CreditStep,
    span::Spans,
    terms::{CreditTrigger, PerformanceExpectation},
    words::{CommitmentState, Comparator, ComponentClass, Party},
};

fn outage(from: &str, to: &str) -> Outage {
    Outage { subject: "Mail".into(), from: at(from), to: Some(at(to)), member: None, cause: None, maintenance: None }
}

fn since(from: &str) -> Spans {
    Some(Span::new(at(from), Timestamp::MAX).unwrap()).into()
}

/// Each window's first day with its state, what was down, and what it earns.
fn shown(judged: &[Judged<JudgedAvailability>]) -> Vec<String> {
    let one = |judged: &Judged<JudgedAvailability>| {
        let JudgedAvailability { availability, credits } = &judged.measured;
        let credits: Vec<String> = credits.iter().map(|earned| earned.credit.to_string()).collect();
        format!("{} {} {} [{}]", judged.days.first, judged.state, availability.downtime, credits.join(" "))
    };
    judged.iter().map(one).collect()
}

#[test]
fn windows_are_judged_by_what_is_known_of_them() {
    let calendar = office("UTC");
    let percent = |text: &str| text.parse().unwrap();
    let credits = vec![CreditStep::new(None, percent("99.9"), percent("5")).unwrap()];
    let commitment = AvailabilityCommitment { credits, ..mail() };
    let outages = [
        outage("2026-03-30T10:00:00Z", "2026-03-30T11:00:00Z"),
        outage("2026-05-02T10:00:00Z", "2026-05-02T10:30:00Z"),
    ];
    let in_force = since("2026-01-10T00:00:00Z");
    let asked =
        |to: &str, now: &str| Asked { stretch: span("2025-12-01T00:00:00Z", to), now: at(now), in_force: &in_force };
    let found =
        |to, now, known: &Spans| shown(&availability_outcome(&commitment, &calendar, asked(to, now), &outages, known));
    let known = since("2026-02-01T00:00:00Z");
    assert_eq!(
        found("2026-06-01T00:00:00Z", "2026-05-20T00:00:00Z", &known),
        [
            "2026-01-01 NOT_KNOWN PT0S []",
            "2026-02-01 KEPT PT0S []",
            "2026-03-01 NOT_KEPT PT1H [5]",
            "2026-04-01 KEPT PT0S []",
            "2026-05-01 RUNNING PT30M []",
        ]
    );
    // Known to be too much is enough to tell, known or not.
    assert_eq!(
        found("2026-04-01T00:00:00Z", "2026-05-20T00:00:00Z", &Spans::default())[2],
        "2026-03-01 NOT_KEPT PT1H [5]"
    );
    assert_eq!(found("2026-06-01T00:00:00Z", "2026-03-30T11:00:00Z", &known)[2], "2026-03-01 NOT_KEPT PT1H []");
    // What is still to come is not asked about.
    assert_eq!(
        found("2026-12-01T00:00:00Z", "2026-02-10T00:00:00Z", &known),
        ["2026-01-01 NOT_KNOWN PT0S []", "2026-02-01 RUNNING PT0S []"]
    );
    let never = Asked { in_force: &Spans::default(), ..asked("2026-06-01T00:00:00Z", "2026-05-20T00:00:00Z") };
    assert_eq!(availability_outcome(&commitment, &calendar, never, &outages, &known).len(), 0);
}

#[test]
fn triggers_look_at_the_windows_before_the_first_that_is_asked_about() {
    let calendar = office("UTC");
    let trigger = CreditTrigger {
        at_most: "99.9".parse().unwrap(),
        times: 2.try_into().unwrap(),
        within_periods: 3.try_into().unwrap(),
        credit: "6".parse().unwrap(),
    };
    let commitment = AvailabilityCommitment { credit_triggers: vec![trigger], ..mail() };
    let outages = ["2026-01-05", "2026-03-05", "2026-06-05"]
        .map(|day| outage(&format!("{day}T10:00:00Z"), &format!("{day}T12:00:00Z")));
    let (in_force, known) = (since("2025-06-01T00:00:00Z"), since("2025-06-01T00:00:00Z"));
    let asked = Asked {
        stretch: span("2026-03-01T00:00:00Z", "2026-07-01T00:00:00Z"),
        now: at("2026-08-01T00:00:00Z"),
        in_force: &in_force,
    };
    let credits: Vec<String> = shown(&availability_outcome(&commitment, &calendar, asked, &outages, &known));
    assert_eq!(
        credits,
        [
            "2026-03-01 NOT_KEPT PT2H [6]",
            "2026-04-01 KEPT PT0S []",
            "2026-05-01 KEPT PT0S []",
            "2026-06-01 NOT_KEPT PT2H []"
        ]
    );
    // Bad periods of a time without terms are none.
    let in_force = since("2026-02-01T00:00:00Z");
    let judged = availability_outcome(&commitment, &calendar, Asked { in_force: &in_force, ..asked }, &outages, &known);
    assert_eq!(shown(&judged)[0], "2026-03-01 NOT_KEPT PT2H []");
}

#[test]
fn expectations_and_backups_are_judged_only_while_terms_are_in_force() {
    let calendar = office("UTC");
    let in_force = Spans::from(Some(span("2026-02-10T00:00:00Z", "2026-03-10T00:00:00Z")));
    let asked = Asked {
        stretch: span("2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z"),
        now: at("2026-08-01T00:00:00Z"),
        in_force: &in_force,
    };
    let expectation = PerformanceExpectation {
        component: ComponentClass::Hardware,
        metric: "uptime".into(),
        comparator: Comparator::AtLeast,
        value: "99".parse().unwrap(),
        unit: "%".into(),
        window: Window::CalendarMonth,
        measured_by: Party::Provider,
        strength: PromiseStrength::Target,
    };
    let measured = |value: &str, from: &str| Measurement {
        component: ComponentClass::Hardware,
        metric: "Uptime".into(),
        value: value.parse().unwrap(),
        unit: "%".into(),
        from: at(from),
        to: None,
    };
    let values = [
        measured("1", "2026-02-09T23:59:59Z"),
        measured("100", "2026-02-10T00:00:00Z"),
        measured("50", "2026-03-01T00:00:00Z"),
    ];
    let found = performance_outcome(&expectation, &calendar, asked, &values);
    let states: Vec<String> = found.iter().map(|judged| format!("{} {}", judged.days.first, judged.state)).collect();
    assert_eq!(states, ["2026-02-01 KEPT", "2026-03-01 NOT_KEPT"]);
    assert_eq!(together(found.iter().map(|judged| judged.state)), CommitmentState::NotKept);
    let before = Asked { stretch: span("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"), ..asked };
    assert_eq!(backup_outcome(&tables::servers(), before, &[]), None);
    assert_eq!(backup_outcome(&tables::servers(), asked, &[]), Some(Backups::unknown(&tables::servers())));
}
