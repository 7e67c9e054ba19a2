//! The choice of target, and worked deadlines.

use std::path::PathBuf;

use serde_json::Value;

use super::{Limit, Opening, Target, Tier, TierError, TierParts, WaitingRule};
use crate::{
    Duration, Percent, Timestamp,
    calendar::{Calendar, Exception, Exceptions, Hours, WallPeriod, WeeklyPeriod},
    time::{elapsed, parse_instant},
    words::{Clock, Delivery, HoursClass, Milestone, Priority, PromiseStrength, WaitingReason, Weekday},
};

fn target(priority: Priority, limit: Limit, opened_in: &[HoursClass]) -> Target {
    let (milestone, strength) = (Milestone::Response, PromiseStrength::Target);
    Target {
        priority,
        milestone,
        limit,
        opened_in: opened_in.to_vec(),
        channels: Vec::new(),
        delivery: None,
        calendar: None,
        strength,
        attainment: Percent::ALL,
    }
}

fn within(text: &str, clock: Clock) -> Limit {
    Limit::new(Some(text.parse().unwrap()), None, clock).unwrap()
}

fn opening(class: HoursClass) -> Opening<'static> {
    Opening { class, channel: None, delivery: None }
}

fn tier(targets: Vec<Target>) -> Result<Tier, TierError> {
    Tier::new(TierParts { targets, ..TierParts::default() })
}

/// Monday to Friday between two wall times.
fn office(zone: &str, hours: &str, holidays: &[&str]) -> Calendar {
    let (opens, closes) = hours.split_once('-').unwrap();
    let period = WallPeriod::new(opens.parse().unwrap(), closes.parse().unwrap()).unwrap();
    let weekly = Weekday::ALL[..5].iter().map(|weekday| WeeklyPeriod { weekday: *weekday, period }).collect();
    let hours = Hours::new(zone, weekly, &[Weekday::Saturday, Weekday::Sunday]).unwrap();
    let holiday = |date: &&str| Exception {
        date: date.parse().unwrap(),
        name: "Holiday".into(),
        holiday: true,
        periods: Vec::new(),
    };
    Calendar::compile(&hours, &Exceptions::new(holidays.iter().map(holiday).collect()).unwrap())
}

fn due(limit: Limit, calendar: &Calendar, opened: &str) -> Option<Timestamp> {
    target(Priority::P1, limit, &[]).due(calendar, parse_instant(opened).unwrap())
}

#[test]
fn a_target_for_a_channel_or_a_delivery_is_more_specific() {
    let limit = |text: &str| within(text, Clock::BusinessHours);
    let plain = target(Priority::P1, limit("PT4H"), &[]);
    let phone = Target { channels: vec!["phone".into(), "chat".into()], ..target(Priority::P1, limit("PT1H"), &[]) };
    let on_site = Target { delivery: Some(Delivery::OnSite), ..target(Priority::P1, limit("PT8H"), &[]) };
    let night = target(Priority::P1, limit("PT2H"), &[HoursClass::AfterHours]);
    let tier = tier(vec![plain, phone.clone(), on_site.clone(), night]).unwrap();
    for (class, channel, delivery, place) in [
        (HoursClass::Business, None, None, 0),
        (HoursClass::Business, Some("mail"), None, 0),
        (HoursClass::Business, Some("phone"), None, 1),
        (HoursClass::AfterHours, Some("phone"), Some(Delivery::OnSite), 1),
        (HoursClass::AfterHours, None, Some(Delivery::OnSite), 2),
        (HoursClass::Business, None, Some(Delivery::Remote), 0),
        (HoursClass::AfterHours, Some("mail"), None, 3),
    ] {
        let found = tier.target(Priority::P1, Milestone::Response, &Opening { class, channel, delivery });
        assert_eq!(found.map(|(place, _)| place), Some(place), "{class} {channel:?} {delivery:?}");
    }
    let same = Target { channels: vec!["chat".into()], ..phone.clone() };
    assert!(matches!(
        super::tests::tier(vec![phone.clone(), same]),
        Err(TierError::Ambiguous { place: 1, first: 1, .. })
    ));
    let other = Target { channels: vec!["mail".into()], ..phone };
    assert!(super::tests::tier(vec![other.clone(), Target { channels: vec!["fax".into()], ..other }]).is_ok());
    assert!(super::tests::tier(vec![on_site.clone(), Target { delivery: Some(Delivery::Remote), ..on_site }]).is_ok());
}

#[test]
fn the_target_with_the_fewest_classes_applies() {
    use HoursClass::{AfterHours, Business, Holiday, Weekend};
    let limits = ["PT1H", "PT2H", "PT3H"].map(|text| within(text, Clock::BusinessHours));
    let targets = vec![
        target(Priority::P1, limits[0], &[]),
        target(Priority::P1, limits[1], &[AfterHours, Weekend]),
        target(Priority::P1, limits[2], &[Weekend]),
    ];
    let tier = tier(targets).unwrap();
    for (class, place) in [(Business, 0), (AfterHours, 1), (Weekend, 2), (Holiday, 0)] {
        assert_eq!(
            tier.target(Priority::P1, Milestone::Response, &opening(class)).map(|(place, _)| place),
            Some(place),
            "{class}"
        );
    }
    assert!(tier.target(Priority::P2, Milestone::Response, &opening(Business)).is_none());
    assert!(tier.target(Priority::P1, Milestone::Plan, &opening(Business)).is_none());
}

#[test]
fn targets_that_no_rule_chooses_between_are_refused() {
    use HoursClass::{AfterHours, Business, Weekend};
    let limit = within("PT1H", Clock::BusinessHours);
    let pair =
        |a: &[HoursClass], b: &[HoursClass]| tier(vec![target(Priority::P1, limit, a), target(Priority::P1, limit, b)]);
    assert!(pair(&[Business], &[Weekend]).is_ok());
    assert!(pair(&[Business], &[Business, Weekend]).is_ok());
    for (a, b, class) in [
        (&[][..], &[][..], Business),
        (&[], HoursClass::ALL, Business),
        (&[Business, Weekend], &[AfterHours, Weekend], Weekend),
    ] {
        let (priority, milestone) = (Priority::P1, Milestone::Response);
        let expected = TierError::Ambiguous { place: 1, first: 1, priority, milestone, class };
        assert_eq!(pair(a, b), Err(expected));
    }
    let rule = WaitingRule { reason: WaitingReason::Client, stops: Vec::new() };
    let twice = Tier::new(TierParts { waiting: vec![rule.clone(), rule], ..TierParts::default() });
    assert_eq!(twice, Err(TierError::SameReason { place: 1, reason: WaitingReason::Client }));
}

#[test]
fn a_limit_is_one_thing_in_range() {
    let hour = Some(Duration::from_hours(1));
    let (business, around) = (Clock::BusinessHours, Clock::AroundTheClock);
    for (time, days, clock, refusal) in [
        (hour, None, around, None),
        (None, Some(1), business, None),
        (hour, Some(1), business, Some(TierError::LimitNotOne)),
        (None, None, business, Some(TierError::LimitNotOne)),
        (None, Some(1), around, Some(TierError::BusinessDaysAroundTheClock)),
        (None, Some(0), business, Some(TierError::BusinessDaysRange)),
        (None, Some(1001), business, Some(TierError::BusinessDaysRange)),
        (Some(Duration::ZERO), None, business, Some(TierError::WithinRange)),
        (Some(Duration::from_hours(87_601)), None, business, Some(TierError::WithinRange)),
    ] {
        assert_eq!(Limit::new(time, days, clock).err(), refusal, "{time:?} {days:?} {clock}");
    }
}

#[test]
fn deadlines_come_out_as_worked() {
    let new_york = |hours: &str, holidays: &[&str]| office("America/New_York", hours, holidays);
    let (eight, thanksgiving) = ("08:00-17:00", &["2026-11-26"][..]);
    let business = |text: &str| within(text, Clock::BusinessHours);
    let around = |text: &str| within(text, Clock::AroundTheClock);
    for (limit, calendar, opened, expected) in [
        // Half an hour before closing on Friday.
        (business("PT1H"), new_york(eight, &[]), "2026-11-20T16:30:00-05:00", "2026-11-23T08:30:00-05:00"),
        (business("PT8H"), new_york(eight, &[]), "2026-11-20T16:30:00-05:00", "2026-11-23T15:30:00-05:00"),
        (business("PT4H"), new_york(eight, thanksgiving), "2026-11-25T16:00:00-05:00", "2026-11-27T11:00:00-05:00"),
        // Around the clock through both changes of the clocks.
        (around("PT1H"), new_york(eight, &[]), "2026-03-08T01:30:00-05:00", "2026-03-08T03:30:00-04:00"),
        (around("PT1H"), new_york(eight, &[]), "2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00"),
        // Opened in the night to Saturday.
        (business("PT4H"), new_york("09:00-17:00", &[]), "2022-07-02T00:20:41-04:00", "2022-07-04T13:00:00-04:00"),
        (
            Limit::BusinessDays(2),
            new_york(eight, thanksgiving),
            "2026-11-25T16:00:00-05:00",
            "2026-11-30T17:00:00-05:00",
        ),
    ] {
        assert_eq!(due(limit, &calendar, opened), Some(parse_instant(expected).unwrap()), "{opened}");
    }
}

#[test]
fn the_proof_adds_up_to_what_was_used() {
    let calendar = office("America/New_York", "08:00-17:00", &["2026-11-26"]);
    let opened = parse_instant("2026-11-25T16:00:00-05:00").unwrap();
    for (limit, used) in [
        (within("PT4H", Clock::BusinessHours), Duration::from_hours(4)),
        (within("PT72H", Clock::AroundTheClock), Duration::from_hours(72)),
        (within("PT100H", Clock::BusinessHours), Duration::from_hours(100)),
        (Limit::BusinessDays(1), Duration::from_hours(10)),
    ] {
        let target = target(Priority::P1, limit, &[]);
        let due = target.due(&calendar, opened).unwrap();
        let proof = target.segments(&calendar, opened, due);
        assert_eq!((proof.first().unwrap().from, proof.last().unwrap().to), (opened, due));
        assert!(proof.windows(2).all(|pair| pair[0].to == pair[1].from));
        let counted =
            proof.iter().filter(|s| s.counts).map(|s| elapsed(s.from, s.to)).fold(Duration::ZERO, Duration::plus);
        assert_eq!(counted, used, "{target}");
    }
    let four = target(Priority::P1, within("PT4H", Clock::BusinessHours), &[]);
    let proof = four.segments(&calendar, opened, four.due(&calendar, opened).unwrap());
    let why: Vec<&str> = proof.iter().map(|segment| segment.why.as_str()).collect();
    assert_eq!(why, ["open hours", "closed", "closed: Holiday", "closed", "open hours"]);
}

/// The worked deadlines that were handed to the project, where they are at hand: those without waiting or changes.
#[test]
fn handed_cases_come_out() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases/sla.json");
    let Ok(text) = std::fs::read_to_string(&file) else {
        println!("not there, so not run: {}", file.display());
        return;
    };
    let cases: Value = serde_json::from_str(&text).unwrap();
    let mut run = 0;
    for case in cases["cases"].as_array().unwrap().iter().filter(|case| case["events"] == serde_json::json!([])) {
        let calendar = &case["calendar"];
        let hours = calendar["weekly"].as_str().unwrap().strip_prefix("MON-FRI ").unwrap();
        let holidays: Vec<&str> =
            calendar["holidays"].as_array().into_iter().flatten().map(|day| day.as_str().unwrap()).collect();
        let office = office(calendar["timeZone"].as_str().unwrap(), hours, &holidays);
        let clock = if case["clock"] == "BUSINESS_HOURS" { Clock::BusinessHours } else { Clock::AroundTheClock };
        for (milestone, limit) in case["targets"].as_object().unwrap() {
            let expected = parse_instant(case["due"][milestone].as_str().unwrap()).unwrap();
            let found = due(within(limit.as_str().unwrap(), clock), &office, case["opened"].as_str().unwrap());
            assert_eq!(found, Some(expected), "{}: {milestone}", case["name"]);
            run += 1;
        }
    }
    assert!(run >= 7, "{run} deadlines");
}
