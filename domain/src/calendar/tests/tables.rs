//! Boundaries, a line a case.

use super::{super::CalendarError, Calendar, Exceptions, Hours, at, calendar, exceptions, period, weekly};
use crate::{
    time::Duration,
    words::{HoursClass, Weekday},
};

const NEW_YORK: &str = "America/New_York";
const OFFICE: &str = "MON-FRI 09:00-17:00";

fn due(calendar: &Calendar, from: &str, within: &str) -> Option<String> {
    calendar.due(at(from), within.parse().unwrap()).map(|due| due.to_string())
}

#[test]
fn opening_is_in_and_closing_is_out() {
    let office = calendar("UTC", OFFICE, &[]);
    for (instant, open) in [
        ("2026-11-23T08:59:59.999999Z", false),
        ("2026-11-23T09:00:00Z", true),
        ("2026-11-23T16:59:59.999999Z", true),
        ("2026-11-23T17:00:00Z", false),
        ("2026-11-22T12:00:00Z", false),
    ] {
        assert_eq!(office.is_open(at(instant)), open, "{instant}");
    }
    let late = calendar("UTC", "MON 18:00-24:00, TUE 22:00-02:00, SUN 20:00-04:00", &[]);
    for (instant, open) in [
        ("2026-11-23T23:59:59Z", true),
        ("2026-11-24T00:00:00Z", false),
        ("2026-11-25T01:59:59Z", true),
        ("2026-11-25T02:00:00Z", false),
        ("2026-11-23T03:59:59Z", true),
        ("2026-11-23T04:00:00Z", false),
    ] {
        assert_eq!(late.is_open(at(instant)), open, "{instant}");
    }
}

#[test]
fn due_times_fall_where_open_time_runs_out() {
    let office = calendar(NEW_YORK, "MON-FRI 08:00-17:00", &["2026-11-26 holiday"]);
    for (from, within, expected) in [
        // Half an hour on Friday, the rest on Monday.
        ("2026-11-20T16:30:00-05:00", "PT1H", "2026-11-23T13:30:00Z"),
        ("2026-11-20T16:30:00-05:00", "PT8H", "2026-11-23T20:30:00Z"),
        // Running out at closing is due at closing.
        ("2026-11-20T16:30:00-05:00", "PT30M", "2026-11-20T22:00:00Z"),
        // No time at all: at once when open, else at the next opening; closing time is closed.
        ("2026-11-20T16:30:00-05:00", "PT0S", "2026-11-20T21:30:00Z"),
        ("2026-11-20T17:00:00-05:00", "PT0S", "2026-11-23T13:00:00Z"),
        // Thanksgiving lies between.
        ("2026-11-25T16:00:00-05:00", "PT4H", "2026-11-27T16:00:00Z"),
        // Years are as exact as days: 52 weeks of 45 hours, less the holiday.
        ("2026-01-05T08:00:00-05:00", "PT2331H", "2027-01-01T22:00:00Z"),
    ] {
        assert_eq!(due(&office, from, within).as_deref(), Some(expected), "{from} {within}");
    }
}

#[test]
fn what_never_opens_long_enough_is_never_due() {
    let never = calendar("UTC", "", &[]);
    assert_eq!(due(&never, "2026-11-23T12:00:00Z", "PT1S"), None);
    assert_eq!(due(&never, "2026-11-23T12:00:00Z", "PT0S"), None);
    assert_eq!(never.next_opening(at("2026-11-23T12:00:00Z")), None);
    assert_eq!(never.due_in_business_days(at("2026-11-23T12:00:00Z"), 1), None);
    // One hour in all the years, and no more.
    let once = calendar("UTC", "", &["2026-12-01 09:00-10:00"]);
    assert_eq!(due(&once, "2026-11-23T12:00:00Z", "PT1H").as_deref(), Some("2026-12-01T10:00:00Z"));
    assert_eq!(due(&once, "2026-11-23T12:00:00Z", "PT1H0.000001S"), None);
    assert_eq!(due(&once, "2026-12-01T10:00:00Z", "PT0S"), None);
    // An hour a week is 5,217 or 5,218 hours in a hundred years.
    let weekly = calendar("UTC", "MON 09:00-10:00", &[]);
    assert!(due(&weekly, "2026-11-23T12:00:00Z", "PT5217H").is_some());
    assert_eq!(due(&weekly, "2026-11-23T12:00:00Z", "PT5219H"), None);
    assert_eq!(due(&weekly, "2399-12-31T23:59:59Z", "PT1H").as_deref(), Some("2400-01-03T10:00:00Z"));
}

#[test]
fn always_open_never_opens() {
    let always = calendar("Europe/Berlin", "MON-SUN 00:00-24:00", &[]);
    let now = at("2026-11-23T12:00:00Z");
    assert_eq!((always.is_open(now), always.next_opening(now)), (true, None));
    assert_eq!(always.open_time(at("2026-03-28T23:00:00Z"), at("2026-03-29T22:00:00Z")), Ok(Duration::from_hours(23)));
}

#[test]
fn an_exception_replaces_its_date_tails_included() {
    let nights = calendar("UTC", "MON-SUN 22:00-06:00", &["2026-11-25", "2026-11-27 20:00-02:00"]);
    for (instant, open) in [
        ("2026-11-24T23:00:00Z", true),
        // Wednesday is closed all day: Tuesday's night ends at midnight, and no night begins.
        ("2026-11-25T01:00:00Z", false),
        ("2026-11-25T23:00:00Z", false),
        ("2026-11-26T01:00:00Z", false),
        ("2026-11-26T23:00:00Z", true),
        // Friday has hours of its own, and their tail is Saturday's.
        ("2026-11-27T01:00:00Z", false),
        ("2026-11-27T21:00:00Z", true),
        ("2026-11-28T01:59:59Z", true),
        ("2026-11-28T02:00:00Z", false),
    ] {
        assert_eq!(nights.is_open(at(instant)), open, "{instant}");
    }
}

#[test]
fn a_holiday_is_the_whole_local_date_open_or_not() {
    let office =
        calendar(NEW_YORK, OFFICE, &["2026-11-26 holiday", "2026-12-24 09:00-12:00", "2026-12-26 holiday 10:00-11:00"]);
    for (instant, class) in [
        ("2026-11-26T04:59:59Z", HoursClass::AfterHours),
        ("2026-11-26T05:00:00Z", HoursClass::Holiday),
        ("2026-11-26T15:00:00Z", HoursClass::Holiday),
        ("2026-11-27T05:00:00Z", HoursClass::AfterHours),
        ("2026-12-24T15:00:00Z", HoursClass::Business),
        ("2026-12-24T18:00:00Z", HoursClass::AfterHours),
        ("2026-12-26T15:30:00Z", HoursClass::Holiday),
        ("2026-11-28T15:00:00Z", HoursClass::Weekend),
    ] {
        assert_eq!(office.hours_class(at(instant)), class, "{instant}");
    }
}

#[test]
fn business_days_end_with_their_last_period() {
    let office = calendar("UTC", "MON-THU 09:00-17:00, FRI 09:00-12:00, FRI 13:00-16:00", &["2026-11-25"]);
    for (from, n, expected) in [
        // Monday: Tuesday is the first, Wednesday is closed.
        ("2026-11-23T12:00:00Z", 1, "2026-11-24T17:00:00Z"),
        ("2026-11-23T12:00:00Z", 2, "2026-11-26T17:00:00Z"),
        ("2026-11-23T12:00:00Z", 3, "2026-11-27T16:00:00Z"),
        ("2026-11-23T12:00:00Z", 4, "2026-11-30T17:00:00Z"),
        // The day of opening never counts, before the hours or after them.
        ("2026-11-23T00:00:00Z", 1, "2026-11-24T17:00:00Z"),
        ("2026-11-23T23:59:59Z", 1, "2026-11-24T17:00:00Z"),
        ("2026-11-28T12:00:00Z", 1, "2026-11-30T17:00:00Z"),
    ] {
        let due = office.due_in_business_days(at(from), n).map(|due| due.to_string());
        assert_eq!(due.as_deref(), Some(expected), "{from} {n}");
    }
    assert_eq!(office.due_in_business_days(at("2026-11-23T12:00:00Z"), 0), None);
    let nights = calendar("UTC", "MON-FRI 22:00-06:00", &["2026-11-26"]);
    let due = |n| nights.due_in_business_days(at("2026-11-23T12:00:00Z"), n).map(|due| due.to_string());
    assert_eq!(due(1).as_deref(), Some("2026-11-25T06:00:00Z"));
    // Thursday's exception cuts Wednesday's night at midnight.
    assert_eq!(due(2).as_deref(), Some("2026-11-26T00:00:00Z"));
}

#[test]
fn dates_begin_at_their_first_instant() {
    let start = |zone: &str, date: &str| calendar(zone, "", &[]).start_of(date.parse().unwrap()).to_string();
    assert_eq!(start("America/New_York", "2026-03-08"), "2026-03-08T05:00:00Z");
    assert_eq!(start("Pacific/Apia", "2011-12-30"), "2011-12-30T10:00:00Z");
    assert_eq!(start("Pacific/Apia", "2011-12-31"), "2011-12-30T10:00:00Z");
    // Midnight is skipped: the day begins at one.
    assert_eq!(start("America/Havana", "2026-03-08"), "2026-03-08T05:00:00Z");
    assert_eq!(start("UTC", "2399-12-31"), "2399-12-31T00:00:00Z");
}

#[test]
fn wall_time_windows_know_no_exceptions() {
    let office = calendar(NEW_YORK, OFFICE, &["2026-11-26 holiday"]);
    let evening = weekly("THU 17:00-20:00, SUN 22:00-02:00");
    for (instant, inside) in [
        ("2026-11-26T22:00:00Z", true),
        ("2026-11-27T00:59:59Z", true),
        ("2026-11-27T01:00:00Z", false),
        ("2026-11-23T06:59:59Z", true),
        ("2026-11-23T07:00:00Z", false),
    ] {
        assert_eq!(office.lies_in(&evening, at(instant)), inside, "{instant}");
    }
}

#[test]
fn to_before_from_is_an_error() {
    let office = calendar("UTC", OFFICE, &[]);
    let (early, late) = (at("2026-11-23T12:00:00Z"), at("2026-11-23T12:00:01Z"));
    assert_eq!(office.open_time(late, early), Err(CalendarError::Backwards));
    assert_eq!(office.open_time(early, early), Ok(Duration::ZERO));
}

#[test]
fn what_overlaps_is_refused_by_name() {
    let hours = |week: &str| Hours::new("UTC", weekly(week), &[]).map(|_| ()).map_err(|error| error.to_string());
    assert_eq!(hours("MON 09:00-12:00, MON 12:00-17:00"), Ok(()));
    assert_eq!(hours("SUN 22:00-06:00, MON 06:00-08:00"), Ok(()));
    for (week, error) in [
        ("MON 09:00-17:00, MON 16:59-18:00", "MONDAY 16:59–18:00 overlaps MONDAY 09:00–17:00"),
        ("SUN 22:00-06:00, MON 05:00-08:00", "MONDAY 05:00–08:00 overlaps SUNDAY 22:00–06:00"),
        ("MON 00:00-24:00, SUN 23:00-00:30", "SUNDAY 23:00–00:30 overlaps MONDAY 00:00–24:00"),
    ] {
        assert_eq!(hours(week), Err(error.to_owned()));
    }
    let list = |list: &[&str]| Exceptions::new(exceptions(list)).map(|_| ()).map_err(|error| error.to_string());
    assert_eq!(list(&["2026-11-26", "2026-11-26 09:00-10:00"]), Err("2026-11-26 has two exceptions".into()));
    let overlap = "2026-11-26 09:30–11:00 overlaps 2026-11-26 09:00–10:00";
    assert_eq!(list(&["2026-11-26 09:00-10:00 09:30-11:00"]), Err(overlap.into()));
}

#[test]
fn zones_are_iana_names() {
    for (name, canonical) in [("Europe/Berlin", "Europe/Berlin"), ("europe/berlin", "Europe/Berlin"), ("UTC", "UTC")] {
        assert_eq!(super::super::zone_name(name).as_deref(), Ok(canonical));
    }
    for bad in ["Mars/Olympus", "", "+01:00", "EST5EDT,M3.2.0,M11.1.0", "local", "Etc/Unknown", "Europe/Berlin\0"] {
        assert!(super::super::zone_name(bad).is_err(), "{bad}");
    }
}

#[test]
fn differences_of_exceptions_are_found_from_the_first_date_on() {
    let list = |list: &[&str]| Exceptions::new(exceptions(list)).unwrap();
    let old = list(&["2026-11-26 holiday", "2026-12-25 holiday"]);
    let difference = |other: &[&str]| old.first_difference(&list(other)).map(|date| date.to_string());
    assert_eq!(difference(&["2026-11-26 holiday", "2026-12-25 holiday"]), None);
    assert_eq!(difference(&["2026-12-25 holiday"]).as_deref(), Some("2026-11-26"));
    assert_eq!(difference(&["2026-11-26 holiday", "2026-12-25"]).as_deref(), Some("2026-12-25"));
    assert_eq!(period("09:00-10:00").to_string(), "09:00–10:00");
    let weekend = Hours::new("UTC", Vec::new(), &[Weekday::Sunday, Weekday::Friday]).unwrap();
    assert_eq!(weekend.weekend(), [Weekday::Friday, Weekday::Sunday]);
}
