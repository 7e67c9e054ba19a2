//! Calendars against an oracle that knows only the definition: it looks at every minute of a few days.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use proptest::{collection::vec, prelude::*, sample::select};

use super::{super::zone, Calendar, Exception, Exceptions, Hours, WallPeriod, WeeklyPeriod, at};
use crate::{
    time::{Duration, LocalTime, elapsed, later},
    words::{HoursClass, Weekday},
};

const MINUTE: i64 = 60_000_000;
/// Minutes that the oracle looks at from an instant: nine days, so that a week's pattern shows.
const WINDOW: i64 = 9 * 24 * 60;

/// Where wall time does something unusual, and where it does not.
const PLACES: [(&str, &str); 12] = [
    ("UTC", "2026-02-26T00:00:00Z"),
    ("Asia/Kolkata", "2024-02-27T18:00:00Z"),
    ("Europe/Berlin", "2026-03-26T00:00:00Z"),
    ("Europe/Berlin", "2026-10-22T00:00:00Z"),
    ("America/New_York", "2026-03-05T00:00:00Z"),
    ("America/New_York", "2026-10-29T00:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-02T00:00:00Z"),
    ("Australia/Lord_Howe", "2026-10-01T00:00:00Z"),
    // 30 December 2011 did not happen.
    ("Pacific/Apia", "2011-12-26T00:00:00Z"),
    // Clocks were set at a minute past midnight, back into the day before.
    ("America/St_Johns", "1999-10-28T00:00:00Z"),
    ("America/Havana", "2026-10-29T00:00:00Z"),
    ("Africa/Casablanca", "2026-02-12T00:00:00Z"),
];

/// What a calendar says, looked up minute by minute.
struct Oracle<'a> {
    zone: TimeZone,
    hours: &'a Hours,
    exceptions: &'a Exceptions,
}

impl Oracle<'_> {
    fn starting_on(&self, date: Date) -> Vec<WallPeriod> {
        if let Some(exception) = self.exceptions.iter().find(|exception| exception.date == date) {
            return exception.periods.clone();
        }
        let weekday = Weekday::from(date.weekday());
        self.hours.weekly().iter().filter(|period| period.weekday == weekday).map(|period| period.period).collect()
    }

    fn exception(&self, date: Date) -> Option<&Exception> {
        self.exceptions.iter().find(|exception| exception.date == date)
    }

    fn date(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    /// C1 and C2, word for word.
    fn is_open(&self, at: Timestamp) -> bool {
        let wall = self.zone.to_datetime(at);
        let second = u32::try_from(wall.time().hour()).unwrap() * 3600
            + u32::try_from(wall.time().minute()).unwrap() * 60
            + u32::try_from(wall.time().second()).unwrap();
        let overnight = |period: &WallPeriod| period.closes() <= period.opens();
        let today = self.starting_on(wall.date()).into_iter().any(|period| {
            let until = if overnight(&period) { 86_400 } else { period.closes().seconds() };
            (period.opens().seconds()..until).contains(&second)
        });
        let yesterday = wall.date().yesterday().unwrap();
        let mut before = self.starting_on(yesterday).into_iter();
        let tail = || before.any(|period| overnight(&period) && second < period.closes().seconds());
        today || (self.exception(wall.date()).is_none() && { tail }())
    }

    /// C6.
    fn class(&self, at: Timestamp) -> HoursClass {
        let date = self.date(at);
        match self.exception(date) {
            Some(exception) if exception.holiday => HoursClass::Holiday,
            _ if self.is_open(at) => HoursClass::Business,
            _ if self.hours.weekend().contains(&Weekday::from(date.weekday())) => HoursClass::Weekend,
            _ => HoursClass::AfterHours,
        }
    }

    /// Every minute of the window with whether it is open; all of the test's boundaries lie on minutes.
    fn minutes(&self, from: Timestamp) -> Vec<(Timestamp, bool)> {
        (0..WINDOW).map(|m| shifted(from, m)).map(|minute| (minute, self.is_open(minute))).collect()
    }
}

fn shifted(from: Timestamp, minutes: i64) -> Timestamp {
    later(from, Duration::from_micros(minutes * MINUTE)).unwrap()
}

fn some_time() -> impl Strategy<Value = LocalTime> {
    let on_grid = (0_u32..=96).prop_map(|quarter| quarter * 900);
    let odd = (0_u32..1440).prop_map(|minute| minute * 60);
    prop_oneof![3 => on_grid, 1 => odd].prop_map(|seconds| LocalTime::from_seconds(seconds).unwrap())
}

fn some_period() -> impl Strategy<Value = WallPeriod> {
    (some_time(), some_time()).prop_filter_map("no length", |(opens, closes)| WallPeriod::new(opens, closes).ok())
}

/// Periods of which those that overlap an earlier one are dropped.
fn some_week() -> impl Strategy<Value = Vec<WeeklyPeriod>> {
    vec((select(Weekday::ALL), some_period()), 0..14).prop_map(|drawn| {
        let mut kept: Vec<WeeklyPeriod> = Vec::new();
        for (weekday, period) in drawn {
            let mut more = kept.clone();
            more.push(WeeklyPeriod { weekday, period });
            if Hours::new("UTC", more.clone(), &[]).is_ok() {
                kept = more;
            }
        }
        kept
    })
}

fn some_exceptions(around: Date) -> impl Strategy<Value = Exceptions> {
    let one = (0_i32..8, any::<bool>(), vec(some_period(), 0..3));
    vec(one, 0..4).prop_map(move |drawn| {
        let mut kept = Exceptions::default();
        for (days, holiday, periods) in drawn {
            let date = around.checked_add(days.days()).unwrap();
            let mut more: Vec<Exception> = kept.clone().into();
            more.push(Exception { date, name: "of its own".into(), holiday, periods });
            kept = Exceptions::new(more).unwrap_or(kept);
        }
        kept
    })
}

/// A calendar, and an instant at the beginning of an interesting stretch.
pub(crate) fn some_calendar() -> impl Strategy<Value = (Hours, Exceptions, Timestamp)> {
    (select(&PLACES[..]), some_week(), vec(select(Weekday::ALL), 0..3)).prop_flat_map(
        |((name, from), week, weekend)| {
            let from = at(from);
            let around = zone(name).unwrap().to_datetime(from).date();
            let hours = Hours::new(name, week, &weekend).unwrap();
            some_exceptions(around).prop_map(move |exceptions| (hours.clone(), exceptions, from))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn every_minute_is_as_the_definition_says((hours, exceptions, from) in some_calendar()) {
        let calendar = Calendar::compile(&hours, &exceptions);
        let oracle = Oracle { zone: hours.time_zone(), hours: &hours, exceptions: &exceptions };
        for (minute, open) in oracle.minutes(from) {
            prop_assert_eq!(calendar.is_open(minute), open, "{}", minute);
            prop_assert_eq!(calendar.hours_class(minute), oracle.class(minute), "{}", minute);
            prop_assert_eq!(calendar.date_at(minute), oracle.date(minute), "{}", minute);
        }
    }

    #[test]
    fn open_time_and_due_count_the_same_minutes((hours, exceptions, from) in some_calendar(), skip in 0_i64..3000, open in 1_i64..2000) {
        let calendar = Calendar::compile(&hours, &exceptions);
        let oracle = Oracle { zone: hours.time_zone(), hours: &hours, exceptions: &exceptions };
        let minutes = oracle.minutes(from);
        let start = shifted(from, skip);
        let mut counted = 0;
        let mut due = None;
        for (minute, is_open) in minutes.iter().skip(skip as usize) {
            let so_far = Duration::from_micros(counted * MINUTE);
            prop_assert_eq!(calendar.open_time(start, *minute).unwrap(), so_far, "{}", minute);
            counted += i64::from(*is_open);
            if counted == open && due.is_none() {
                due = Some(shifted(*minute, 1));
            }
        }
        if let Some(due) = due {
            prop_assert_eq!(calendar.due(start, Duration::from_micros(open * MINUTE)), Some(due));
        }
        let first_open = minutes.iter().skip(skip as usize).find(|(_, open)| *open).map(|(minute, _)| *minute);
        if let Some(first_open) = first_open {
            prop_assert_eq!(calendar.due(start, Duration::ZERO), Some(first_open));
        }
        let states = minutes.iter().skip(skip as usize);
        let opening = states.clone().zip(states.skip(1)).find(|((_, before), (_, after))| !before && *after);
        if let Some((_, (opening, _))) = opening {
            prop_assert_eq!(calendar.next_opening(start), Some(*opening));
        }
    }

    #[test]
    fn a_split_is_whole_and_of_one_class_each((hours, exceptions, from) in some_calendar(), length in 1_i64..WINDOW) {
        let calendar = Calendar::compile(&hours, &exceptions);
        let oracle = Oracle { zone: hours.time_zone(), hours: &hours, exceptions: &exceptions };
        let to = shifted(from, length);
        let mut reached = from;
        for segment in calendar.split(from, to) {
            prop_assert_eq!(segment.from, reached);
            prop_assert!(segment.to > segment.from);
            let last = later(segment.to, Duration::from_micros(-MINUTE)).unwrap();
            for minute in [segment.from, last] {
                prop_assert_eq!(oracle.class(minute), segment.class, "{}", minute);
                prop_assert_eq!(oracle.is_open(minute), segment.open, "{}", minute);
                prop_assert_eq!(oracle.date(minute), oracle.date(segment.from), "{}", minute);
            }
            reached = segment.to;
        }
        prop_assert_eq!(reached, to);
    }

    #[test]
    fn business_days_are_dates_on_which_a_period_starts((hours, exceptions, from) in some_calendar(), n in 1_u32..4) {
        let calendar = Calendar::compile(&hours, &exceptions);
        let oracle = Oracle { zone: hours.time_zone(), hours: &hours, exceptions: &exceptions };
        let minutes: Vec<Timestamp> = (0..WINDOW).map(|m| shifted(from, m)).collect();
        let mut dates: Vec<Date> = minutes.iter().map(|minute| oracle.date(*minute)).collect();
        dates.sort();
        dates.dedup();
        let today = oracle.date(from);
        let mut business = dates.into_iter().filter(|date| *date > today && !oracle.starting_on(*date).is_empty());
        if let Some(date) = business.nth(n as usize - 1) {
            let last = oracle.starting_on(date).into_iter().max_by_key(WallPeriod::opens).unwrap();
            let next = date.tomorrow().unwrap();
            let overnight = last.closes() <= last.opens();
            let cut = overnight && oracle.exception(next).is_some();
            let end = |at: Timestamp| {
                let (wall, closes) = (oracle.zone.to_datetime(at), last.closes().seconds());
                let day = if overnight { next } else { date };
                let midnight = if cut || closes == 86_400 && !overnight { day.tomorrow().unwrap().at(0, 0, 0, 0) } else { day.at(0, 0, 0, 0) };
                let limit = if cut { next.at(0, 0, 0, 0) } else if closes == 86_400 { midnight } else { midnight.checked_add(i64::from(closes).seconds()).unwrap() };
                wall < limit
            };
            let inside = minutes.iter().rev().find(|minute| end(**minute)).unwrap();
            if elapsed(*inside, *minutes.last().unwrap()) > Duration::from_hours(30) {
                prop_assert_eq!(calendar.due_in_business_days(from, n), Some(shifted(*inside, 1)), "{} {}", date, last);
            }
        }
    }

    #[test]
    fn business_days_of_years_are_counted_as_those_of_a_week((hours, exceptions, from) in some_calendar(), n in 1_u32..1_000) {
        let calendar = Calendar::compile(&hours, &exceptions);
        let oracle = Oracle { zone: hours.time_zone(), hours: &hours, exceptions: &exceptions };
        let happened = |date: &Date| oracle.date(calendar.start_of(*date)) == *date;
        let dates = std::iter::successors(oracle.date(from).tomorrow().ok(), |date| date.tomorrow().ok()).take(36_525);
        let mut business = dates.filter(|date| !oracle.starting_on(*date).is_empty() && happened(date));
        let expected = business.nth(n as usize - 1).and_then(|date| {
            let before = calendar.start_of(date.yesterday().unwrap());
            // From the day before, it is the first; where the zone has left that day out, the day begins where this does.
            let before = if oracle.date(before) == date { shifted(before, -1) } else { before };
            calendar.due_in_business_days(before, 1)
        });
        prop_assert_eq!(calendar.due_in_business_days(from, n), expected);
    }

    #[test]
    fn text_comes_back_as_it_was((hours, exceptions, _) in some_calendar()) {
        let (h, e) = (serde_json::to_string(&hours).unwrap(), serde_json::to_string(&exceptions).unwrap());
        prop_assert_eq!(serde_json::from_str::<Hours>(&h).unwrap(), hours);
        prop_assert_eq!(serde_json::from_str::<Exceptions>(&e).unwrap(), exceptions);
    }
}
