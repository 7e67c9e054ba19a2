use jiff::Timestamp;

use super::{super::*, *};
use crate::{
    decimal::Percent,
    share::Share,
    sla::CreditStep,
    span::Spans,
    terms::{BackupCommitment, CreditPer, CreditTrigger, PerformanceExpectation},
    words::{
        AvailabilityBase, BackupRunKind, CommitmentState, Comparator, ComponentClass, DownWhen, Party, RunOutcome,
    },
};

/// March in Berlin, an hour shorter than 31 days.
fn march() -> Span {
    span("2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z")
}

fn outage(from: &str, to: &str) -> Outage {
    Outage { subject: "Mail".into(), from: at(from), to: Some(at(to)), member: None, cause: None, maintenance: None }
}

/// Maintenance as planned, announced two days before.
fn maintenance(from: &str, until: &str, to: &str) -> Outage {
    let planned = Maintenance { announced_at: Some(later_by(at(from), -48)), from: at(from), until: at(until) };
    Outage { maintenance: Some(planned), ..outage(from, to) }
}

fn later_by(from: Timestamp, hours: i32) -> Timestamp {
    crate::time::later(from, Duration::from_hours(hours)).unwrap()
}

fn reckon(commitment: &AvailabilityCommitment, outages: &[Outage]) -> Availability {
    let part = Some(march()).into();
    let calendar = office("Europe/Berlin");
    let window = Measured { calendar: &calendar, whole: march(), part: &part, now: at("2026-06-01T00:00:00Z") };
    let found = availability(commitment, window, outages);
    let counted = found.segments.iter().filter(|s| s.counts).map(|s| crate::time::elapsed(s.from, s.to));
    assert_eq!(counted.fold(Duration::ZERO, Duration::plus), found.downtime, "{:#?}", found.segments);
    found
}

#[test]
fn downtime_is_what_is_left_of_outages() {
    let hour = outage("2026-03-10T10:00:00Z", "2026-03-10T11:00:00Z");
    let night = outage("2026-03-10T22:30:00Z", "2026-03-11T07:30:00Z");
    let cause = |cause: &str| Outage { cause: Some(cause.into()), ..hour.clone() };
    let member = |member: &str, from, to| Outage { member: Some(member.into()), ..outage(from, to) };
    let formula = |formula: Formula| AvailabilityCommitment { formula, ..mail() };
    let office_hours = AvailabilityCommitment { clock: Clock::BusinessHours, ..mail() };
    let excused = formula(Formula { excused: vec!["Power failure".into()], ..Formula::default() });
    let patient = formula(Formula { ignores_under: Some(duration("PT5M")), ..Formula::default() });
    let members = vec!["MX1".to_owned(), "MX2".to_owned()];
    let all_members =
        formula(Formula { down_when: DownWhen::AllMembers, members: members.clone(), ..Formula::default() });
    let any_member = formula(Formula { members, ..Formula::default() });
    let short = [
        outage("2026-03-10T10:00:00Z", "2026-03-10T10:03:00Z"),
        outage("2026-03-10T10:02:00Z", "2026-03-10T10:04:59Z"),
    ];
    let pair = [
        member("mx1", "2026-03-10T10:00:00Z", "2026-03-10T12:00:00Z"),
        member("MX2", "2026-03-10T11:30:00Z", "2026-03-10T14:00:00Z"),
    ];
    let across = outage("2026-03-31T20:00:00Z", "2026-04-02T00:00:00Z");
    let on = Outage { to: None, ..outage("2026-03-31T21:00:00Z", "2026-04-02T00:00:00Z") };
    for (what, commitment, outages, expected) in [
        ("an hour", mail(), vec![hour.clone()], "PT1H"),
        ("twice the same hour", mail(), vec![hour.clone(), hour.clone()], "PT1H"),
        ("half an hour of a night in office hours", office_hours.clone(), vec![night], "PT30M"),
        ("an excused cause, in other capitals", excused.clone(), vec![cause(" power FAILURE")], "PT0S"),
        ("another cause", excused, vec![cause("Fire")], "PT1H"),
        ("shorter together than five minutes", patient.clone(), short.to_vec(), "PT0S"),
        (
            "five minutes together",
            patient,
            vec![short[0].clone(), outage("2026-03-10T10:03:00Z", "2026-03-10T10:05:00Z")],
            "PT5M",
        ),
        ("all members at once", all_members.clone(), pair.to_vec(), "PT30M"),
        ("any member", any_member, pair.to_vec(), "PT4H"),
        ("one member and then the whole", all_members, vec![pair[0].clone(), hour], "PT1H"),
        ("beyond the month", mail(), vec![across], "PT2H"),
        ("not over yet", mail(), vec![on], "PT1H"),
    ] {
        assert_eq!(reckon(&commitment, &outages).downtime.to_string(), expected, "{what}");
    }
}

#[test]
fn announced_maintenance_is_free_up_to_the_allowance_and_overruns_count() {
    let agreed = |notice: Option<&str>, allowance: Option<&str>| AvailabilityCommitment {
        maintenance_notice: notice.map(duration),
        maintenance_allowance: allowance.map(duration),
        ..mail()
    };
    let two_hours = maintenance("2026-03-10T01:00:00Z", "2026-03-10T03:00:00Z", "2026-03-10T03:00:00Z");
    let again = maintenance("2026-03-20T01:00:00Z", "2026-03-20T03:00:00Z", "2026-03-20T03:00:00Z");
    let overrun = maintenance("2026-03-10T01:00:00Z", "2026-03-10T03:00:00Z", "2026-03-10T04:00:00Z");
    let sudden = Outage {
        maintenance: two_hours.maintenance.map(|m| Maintenance { announced_at: None, ..m }),
        ..two_hours.clone()
    };
    // Sunday the 15th, 02:00 to 06:00 in Berlin.
    let sunday = maintenance("2026-03-15T00:00:00Z", "2026-03-15T06:00:00Z", "2026-03-15T06:00:00Z");
    let in_window = |commitment: AvailabilityCommitment| AvailabilityCommitment {
        formula: Formula { maintenance: vec![weekly(Weekday::Sunday, "02:00", "06:00")], ..Formula::default() },
        ..commitment
    };
    let crash = outage("2026-03-15T01:00:00Z", "2026-03-15T02:00:00Z");
    for (what, commitment, outages, expected) in [
        ("nothing is agreed", agreed(None, None), vec![two_hours.clone()], "PT2H"),
        ("announced in time", agreed(Some("PT48H"), None), vec![two_hours.clone(), again.clone()], "PT0S"),
        ("announced too late", agreed(Some("PT48H0.000001S"), None), vec![two_hours.clone()], "PT2H"),
        ("not announced", agreed(Some("PT24H"), None), vec![sudden.clone()], "PT2H"),
        (
            "announced or not, up to the allowance",
            agreed(None, Some("PT3H")),
            vec![sudden.clone(), again.clone()],
            "PT1H",
        ),
        ("over the allowance", agreed(Some("PT24H"), Some("PT3H")), vec![again.clone(), two_hours.clone()], "PT1H"),
        ("longer than planned", agreed(Some("PT24H"), Some("PT10H")), vec![overrun], "PT1H"),
        ("announced by one, not by the other", agreed(Some("PT24H"), None), vec![two_hours, sudden], "PT2H"),
        ("a weekly window", in_window(agreed(None, None)), vec![sunday.clone()], "PT2H"),
        ("beside the allowance", in_window(agreed(None, Some("PT2H"))), vec![sunday, again], "PT2H"),
        ("no maintenance in its window", in_window(agreed(None, None)), vec![crash], "PT1H"),
    ] {
        assert_eq!(reckon(&commitment, &outages).downtime.to_string(), expected, "{what}");
    }
}

#[test]
fn the_share_is_of_the_window_or_of_thirty_days() {
    let down = [outage("2026-03-10T10:00:00Z", "2026-03-10T10:44:00Z")];
    let thirty = AvailabilityCommitment {
        formula: Formula { base: AvailabilityBase::ThirtyDays, ..Formula::default() },
        ..mail()
    };
    let found = reckon(&mail(), &down);
    assert_eq!((found.base, found.allowed), (duration("PT743H"), duration("PT44M34.8S")));
    // 44 of 44,580 minutes.
    assert_eq!(found.attained().unwrap().percent(), "99.901301".parse().unwrap());
    let found = reckon(&thirty, &down);
    assert_eq!((found.base, found.allowed), (duration("PT720H"), duration("PT43M12S")));
    // In force for a third of the time: a third of the base.
    let calendar = office("UTC");
    let whole = span("2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z");
    let part = Some(span("2026-04-11T00:00:00Z", "2026-04-21T00:00:00Z")).into();
    for (commitment, base) in [(mail(), "PT240H"), (thirty, "PT240H")] {
        let window = Measured { calendar: &calendar, whole, part: &part, now: at("2026-06-01T00:00:00Z") };
        let outages = [outage("2026-04-10T00:00:00Z", "2026-04-11T01:00:00Z")];
        let found = availability(&commitment, window, &outages);
        assert_eq!((found.base, found.downtime), (duration(base), duration("PT1H")));
    }
    // So far: the base has passed, the allowance is that of the whole.
    let window = Measured { calendar: &calendar, whole, part: &Some(whole).into(), now: at("2026-04-02T00:00:00Z") };
    let found = availability(&mail(), window, &[]);
    assert_eq!((found.base, found.allowed), (duration("PT24H"), duration("PT43M12S")));
}

#[test]
fn windows_follow_the_zone_of_the_calendar() {
    let berlin = office("Europe/Berlin");
    let found = |window, from, to, now| -> Vec<String> {
        let windows = windows(window, &berlin, span(from, to), at(now));
        windows.iter().map(|(days, span)| format!("{} {} {}", days.first, days.after, span.from())).collect()
    };
    let late = "2027-01-01T00:00:00Z";
    assert_eq!(
        found(Window::CalendarMonth, "2026-02-28T23:00:00Z", "2026-04-01T00:00:00Z", late),
        ["2026-03-01 2026-04-01 2026-02-28T23:00:00Z", "2026-04-01 2026-05-01 2026-03-31T22:00:00Z"]
    );
    assert_eq!(found(Window::CalendarMonth, "2026-03-01T00:00:00Z", "2026-03-31T22:00:00Z", late).len(), 1);
    assert_eq!(
        found(Window::CalendarQuarter, "2026-05-05T00:00:00Z", "2026-05-06T00:00:00Z", late),
        ["2026-04-01 2026-07-01 2026-03-31T22:00:00Z"]
    );
    assert_eq!(
        found(Window::CalendarYear, "2025-12-31T22:30:00Z", "2025-12-31T23:30:00Z", late),
        ["2025-01-01 2026-01-01 2024-12-31T23:00:00Z", "2026-01-01 2027-01-01 2025-12-31T23:00:00Z"]
    );
    // The last thirty whole days before the end or now, and those before them.
    assert_eq!(
        found(Window::Rolling30Days, "2026-03-01T00:00:00Z", "2026-12-01T00:00:00Z", "2026-04-15T12:00:00Z"),
        ["2026-02-14 2026-03-16 2026-02-13T23:00:00Z", "2026-03-16 2026-04-15 2026-03-15T23:00:00Z"]
    );
}

#[test]
fn the_deepest_step_each_trigger_and_each_stretch_earn() {
    let percent = |text: &str| text.parse::<Percent>().unwrap();
    let step = |from: Option<&str>, below: &str, credit: &str| {
        CreditStep::new(from.map(percent), percent(below), percent(credit)).unwrap()
    };
    let steps = [step(Some("99"), "99.9", "5"), step(Some("95"), "99", "10"), step(None, "95", "25")];
    let ladder = [step(None, "99.9", "5"), step(None, "99", "10"), step(None, "95", "25")];
    let share = |per_mille: u64| Share::new(per_mille, 1000).unwrap();
    for (attained, credit) in [
        (999, None),
        (998, Some("5")),
        (990, Some("5")),
        (989, Some("10")),
        (950, Some("10")),
        (949, Some("25")),
        (0, Some("25")),
    ] {
        for steps in [&steps, &ladder] {
            assert_eq!(deepest(steps, share(attained)).map(|s| s.credit), credit.map(percent), "{attained}");
        }
    }
    let trigger = CreditTrigger {
        at_most: percent("96.5"),
        times: 3.try_into().unwrap(),
        within_periods: 6.try_into().unwrap(),
        credit: percent("6"),
    };
    let agreed = AvailabilityCommitment { credit_triggers: vec![trigger], ..mail() };
    let window = |minutes: i32| Availability {
        base: Duration::from_minutes(1000),
        allowed: Duration::from_minutes(1),
        downtime: Duration::from_minutes(minutes),
        segments: Vec::new(),
    };
    let credits = |commitment: &AvailabilityCommitment, minutes, before: &[Option<Share>]| -> Vec<String> {
        earned(commitment, &window(minutes), before).iter().map(|earned| earned.credit.to_string()).collect()
    };
    let (good, bad) = (Some(share(999)), Some(share(965)));
    assert_eq!(credits(&agreed, 35, &[bad, good, None, good, bad]), ["6"]);
    assert_eq!(credits(&agreed, 34, &[bad, good, good, good, bad]), Vec::<String>::new());
    assert_eq!(credits(&agreed, 35, &[bad, good, good, good, good, bad]), Vec::<String>::new());
    let per = AvailabilityCommitment {
        credit_per: Some(CreditPer { each: duration("PT30M"), credit: percent("5") }),
        ..mail()
    };
    for (minutes, credit) in [(1, vec![]), (2, vec!["5"]), (31, vec!["5"]), (32, vec!["10"]), (1000, vec!["100"])] {
        assert_eq!(credits(&per, minutes, &[]), credit, "{minutes}");
    }
    let tried = AvailabilityCommitment { strength: PromiseStrength::BestEffort, ..per };
    assert_eq!(credits(&tried, 1000, &[]), Vec::<String>::new());
}

pub(super) fn servers() -> BackupCommitment {
    BackupCommitment {
        subject: "Servers".into(),
        every: duration("PT24H"),
        retention_days: 30,
        off_site: true,
        restore_test_every_days: Some(90),
        restore_within: Some(duration("PT4H")),
        strength: PromiseStrength::Guarantee,
    }
}

fn good(started: &str) -> BackupRun {
    BackupRun {
        subject: "Servers".into(),
        kind: BackupRunKind::Backup,
        started: at(started),
        ended: Some(later_by(at(started), 1)),
        outcome: Some(RunOutcome::Succeeded),
        off_site: Some(true),
        kept_until: Some(later_by(at(started), 30 * 24)),
    }
}

#[test]
fn backups_are_judged_part_by_part() {
    let since = |from: &str| -> Spans { Some(span(from, "2027-01-01T00:00:00Z")).into() };
    let (in_force, later) = (since("2026-01-01T00:00:00Z"), since("2026-03-02T00:00:00Z"));
    let looked = |now: &str| Looked {
        stretch: span("2026-03-02T00:00:00Z", "2026-03-05T00:00:00Z"),
        in_force: &in_force,
        now: at(now),
    };
    let nightly =
        ["2026-03-01T02:00:00Z", "2026-03-02T02:00:00Z", "2026-03-03T02:00:00Z", "2026-03-04T02:00:00Z"].map(good);
    let found = backups(&servers(), looked("2026-06-01T00:00:00Z"), &nightly);
    assert_eq!((found.interval.measured, found.interval.state), (Some(duration("PT24H")), CommitmentState::Kept));
    assert_eq!((found.retention.measured, found.retention.state), (Some(duration("PT720H")), CommitmentState::Kept));
    assert_eq!(found.off_site.unwrap().state, CommitmentState::Kept);
    assert_eq!(found.restore_test.unwrap().state, CommitmentState::NotKnown);
    assert_eq!(found.restore_within.unwrap().state, CommitmentState::NotKnown);
    assert_eq!((found.runs, found.failed, found.state()), (3, 0, CommitmentState::Kept));
    // One night went wrong: two days between good runs.
    let mut failed = nightly.clone();
    failed[2].outcome = Some(RunOutcome::Failed);
    let found = backups(&servers(), looked("2026-06-01T00:00:00Z"), &failed);
    assert_eq!(
        (found.interval.measured, found.state(), found.failed),
        (Some(duration("PT48H")), CommitmentState::NotKept, 1)
    );
    // The last run is more than a day ago, and the stretch is not over.
    let found = backups(&servers(), looked("2026-03-04T02:00:01Z"), &nightly[..3]);
    assert_eq!((found.interval.measured, found.interval.state), (Some(duration("PT24H1S")), CommitmentState::NotKept));
    let found = backups(&servers(), looked("2026-03-04T02:00:00Z"), &nightly[..3]);
    assert_eq!((found.interval.state, found.state()), (CommitmentState::Running, CommitmentState::Running));
    // Nothing was recorded, and nothing is known; of the time before the first record neither.
    assert_eq!(backups(&servers(), looked("2026-06-01T00:00:00Z"), &[]).state(), CommitmentState::NotKnown);
    let found = backups(&servers(), looked("2026-06-01T00:00:00Z"), &nightly[3..]);
    assert_eq!((found.interval.measured, found.interval.state), (Some(duration("PT22H")), CommitmentState::Kept));
    // What ran before the terms were in force counts as of their beginning.
    let young = Looked { in_force: &later, ..looked("2026-06-01T00:00:00Z") };
    let old = [good("2026-02-01T02:00:00Z"), nightly[2].clone(), nightly[3].clone()];
    assert_eq!(backups(&servers(), young, &old).interval.measured, Some(duration("PT26H")));
}

#[test]
fn copies_elsewhere_and_restores_are_judged_by_what_was_said() {
    let in_force: Spans = Some(span("2025-06-01T00:00:00Z", "2027-01-01T00:00:00Z")).into();
    let looked = Looked {
        stretch: span("2026-03-02T00:00:00Z", "2026-03-05T00:00:00Z"),
        in_force: &in_force,
        now: at("2026-06-01T00:00:00Z"),
    };
    let run = good("2026-03-03T02:00:00Z");
    let state = |run: BackupRun| backups(&servers(), looked, &[run]);
    assert_eq!(
        state(BackupRun { off_site: Some(false), ..run.clone() }).off_site.unwrap().state,
        CommitmentState::NotKept
    );
    assert_eq!(state(BackupRun { off_site: None, ..run.clone() }).off_site.unwrap().state, CommitmentState::NotKnown);
    let early = BackupRun { kept_until: Some(at("2026-03-20T00:00:00Z")), ..run.clone() };
    assert_eq!(state(early).retention.state, CommitmentState::NotKept);
    let restore =
        |hours| BackupRun { kind: BackupRunKind::Restore, ended: Some(later_by(run.started, hours)), ..run.clone() };
    for (hours, expected) in [(4, CommitmentState::Kept), (5, CommitmentState::NotKept)] {
        let found = state(restore(hours));
        assert_eq!(found.restore_within.unwrap().state, expected);
        assert_eq!(found.restore_test.unwrap().state, CommitmentState::Kept);
    }
    let old = BackupRun { started: at("2025-11-01T00:00:00Z"), ..restore(1) };
    let found = backups(&servers(), looked, &[old]);
    assert_eq!(found.restore_test.unwrap().state, CommitmentState::NotKept);
}

#[test]
fn a_stretch_of_the_past_has_its_gaps() {
    let runs = ["2026-03-01T02:00:00Z", "2026-03-02T02:00:00Z", "2026-03-04T02:00:00Z"].map(good);
    let (gaps, open) = gaps_of(&runs, span("2026-03-02T00:00:00Z", "2026-03-05T00:00:00Z"));
    assert_eq!((gaps, open), (vec![duration("PT24H"), duration("PT48H")], Some(duration("PT22H"))));
    assert_eq!(gaps_of(&[], span("2026-03-02T00:00:00Z", "2026-03-05T00:00:00Z")), (Vec::new(), None));
}

#[test]
fn the_mean_of_what_was_measured_is_held_against_what_was_expected() {
    let expectation = |comparator| PerformanceExpectation {
        component: ComponentClass::Hardware,
        metric: "Uptime".into(),
        comparator,
        value: "99.5".parse().unwrap(),
        unit: "%".into(),
        window: Window::CalendarMonth,
        measured_by: Party::Provider,
        strength: PromiseStrength::Target,
    };
    let measured = |value: &str, from: &str| Measurement {
        component: ComponentClass::Hardware,
        metric: "uptime".into(),
        value: value.parse().unwrap(),
        unit: "%".into(),
        from: at(from),
        to: None,
    };
    let whole = span("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z");
    let part: Spans = Some(whole).into();
    let now = at("2026-06-01T00:00:00Z");
    let other = Measurement { unit: "hours".into(), ..measured("1", "2026-03-05T00:00:00Z") };
    let list = [
        measured("99", "2026-03-01T00:00:00Z"),
        measured("100", "2026-03-31T23:59:59Z"),
        measured("1", "2026-04-01T00:00:00Z"),
        other,
    ];
    let found = |comparator, list: &[Measurement], now| performance(&expectation(comparator), whole, &part, list, now);
    let kept = found(Comparator::AtLeast, &list, now);
    assert_eq!((kept.mean, kept.count, kept.state), (Some("99.5".parse().unwrap()), 2, CommitmentState::Kept));
    assert_eq!(found(Comparator::AtMost, &list, now).state, CommitmentState::Kept);
    let third = [list[1].clone(), list[1].clone(), measured("98.499999", "2026-03-02T00:00:00Z")];
    assert_eq!(found(Comparator::AtLeast, &third, now).state, CommitmentState::NotKept);
    assert_eq!(found(Comparator::AtLeast, &third, at("2026-03-20T00:00:00Z")).state, CommitmentState::Running);
    assert_eq!(found(Comparator::AtLeast, &[], now).state, CommitmentState::NotKnown);
}
