//! Parts of days that close or open.

use proptest::prelude::*;

use super::{super::*, weekly};
use crate::words::Weekday;

fn office(week: &str) -> Hours {
    Hours::new("Europe/London", weekly(week), &[Weekday::Saturday, Weekday::Sunday]).unwrap()
}

/// A stretch such as `2026-12-24T12:00 2026-12-24T17:00`.
fn stretch(text: &str) -> Stretch {
    let (from, to) = text.split_once(' ').unwrap();
    Stretch { name: "Party".into(), from: from.parse().unwrap(), to: to.parse().unwrap() }
}

/// `2026-12-24 09:00–12:00,13:00–17:00`.
#[allow(clippy::needless_pass_by_value, reason = "it stands behind map")]
fn spelled(found: Vec<Exception>) -> Vec<String> {
    let hours = |e: &Exception| e.periods.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    found.iter().map(|e| format!("{} {}", e.date, hours(e))).collect()
}

fn closed(week: &str, list: &[&str]) -> Vec<String> {
    let stretches: Vec<Stretch> = list.iter().map(|text| stretch(text)).collect();
    spelled(closing(&stretches, &office(week)).unwrap())
}

#[test]
fn a_stretch_that_closes_is_taken_from_the_weekly_hours() {
    let week = "MON-FRI 09:00-17:00";
    assert_eq!(closed(week, &["2026-12-24T12:00 2026-12-24T18:00"]), ["2026-12-24 09:00–12:00"]);
    assert_eq!(closed(week, &["2026-12-24T12:00 2026-12-24T13:00"]), ["2026-12-24 09:00–12:00,13:00–17:00"]);
    assert_eq!(closed(week, &["2026-12-24T08:00 2026-12-24T17:00"]), ["2026-12-24 "]);
    // Outside the hours it takes nothing, on a weekend neither.
    assert_eq!(closed(week, &["2026-12-24T17:00 2026-12-24T20:00", "2026-12-26T09:00 2026-12-26T12:00"]), [""; 0]);
    // Over midnight it takes from both days, and two stretches of one day are one exception.
    assert_eq!(
        closed(week, &["2026-12-23T15:00 2026-12-24T10:00", "2026-12-24T12:00 2026-12-24T13:00"]),
        ["2026-12-23 09:00–15:00", "2026-12-24 10:00–12:00,13:00–17:00"]
    );
    assert_eq!(closed("MON-SUN 00:00-24:00", &["2026-12-24T22:00 2026-12-25T00:00"]), ["2026-12-24 00:00–22:00"]);
}

#[test]
fn nothing_is_taken_from_hours_past_midnight() {
    let night = office("MON-FRI 22:00-06:00");
    let error = closing(&[stretch("2026-12-24T12:00 2026-12-24T13:00")], &night).unwrap_err();
    assert_eq!(error, StretchError::PastMidnight("MONDAY 22:00–06:00".into()));
}

#[test]
fn a_stretch_that_opens_is_the_hours_of_its_date() {
    let opened = |list: &[&str]| opening(&list.iter().map(|text| stretch(text)).collect::<Vec<_>>()).map(spelled);
    assert_eq!(
        opened(&["2026-12-26T10:00 2026-12-26T14:00", "2026-12-26T16:00 2026-12-27T02:00"]).unwrap(),
        ["2026-12-26 10:00–14:00,16:00–02:00"]
    );
    assert_eq!(opened(&["2026-12-26T20:00 2026-12-27T00:00"]).unwrap(), ["2026-12-26 20:00–24:00"]);
    assert_eq!(opened(&["2026-12-26T10:00 2026-12-28T11:00"]).unwrap_err(), StretchError::TooLong("Party".into()));
    assert_eq!(opened(&["2026-12-26T10:00 2026-12-26T10:00"]).unwrap_err(), StretchError::NoLength("Party".into()));
}

#[test]
fn wall_times_go_from_zone_to_zone() {
    let moved = |wall: &str, from: &str, to: &str| {
        wall_of(instant_of(wall.parse().unwrap(), from).unwrap(), to).unwrap().to_string()
    };
    assert_eq!(moved("2026-12-24T12:00:00", "Europe/Berlin", "America/New_York"), "2026-12-24T06:00:00");
    // The hour that is skipped is read as if the clocks had not gone forward; the one that comes twice is the first.
    assert_eq!(moved("2026-03-29T02:30:00", "Europe/Berlin", "UTC"), "2026-03-29T01:30:00");
    assert_eq!(moved("2026-10-25T02:30:00", "Europe/Berlin", "UTC"), "2026-10-25T00:30:00");
    assert!(instant_of("2026-10-25T02:30:00".parse().unwrap(), "W. Europe Standard Time").is_err());
}

proptest! {
    /// Minute by minute: open before, and in no stretch.
    #[test]
    fn what_is_left_is_what_no_stretch_covers(parts in prop::collection::vec((0_i16..2880, 1_i16..2000), 1..4)) {
        let day = jiff::civil::date(2026, 12, 23);
        let wall = |minute: i16| day.at(0, 0, 0, 0).checked_add(std::time::Duration::from_secs(u64::try_from(minute).unwrap() * 60)).unwrap();
        let stretches: Vec<Stretch> = parts.iter().map(|(from, length)| Stretch { name: "s".into(), from: wall(*from), to: wall(from + length) }).collect();
        let found = closing(&stretches, &office("MON-FRI 08:00-12:30, MON-FRI 13:15-24:00")).unwrap();
        for minute in 0..2880_i16 {
            let at = wall(minute);
            let of_day = i64::from(minute) % 1440 * 60;
            let usual = (8 * 3600..12 * 3600 + 1800).contains(&of_day) || (13 * 3600 + 900..86_400).contains(&of_day);
            let expected = usual && !stretches.iter().any(|s| s.from <= at && at < s.to);
            let open = found.iter().find(|e| e.date == at.date()).map_or(usual, |e| {
                e.periods.iter().any(|p| (i64::from(p.opens().seconds())..i64::from(p.closes().seconds())).contains(&of_day))
            });
            prop_assert_eq!(open, expected, "{}", at);
        }
    }
}
