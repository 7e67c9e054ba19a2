//! The calendar against tables of cases, and against an oracle that steps through time.

mod merges;
pub(crate) mod oracle;
mod stretches;
mod tables;

use jiff::Timestamp;

use super::{Calendar, Exception, Exceptions, Hours, WallPeriod, WeeklyPeriod};
use crate::{time::parse_instant, words::Weekday};

/// An instant.
fn at(text: &str) -> Timestamp {
    parse_instant(text).unwrap()
}

/// A period such as `09:00-17:30`.
fn period(text: &str) -> WallPeriod {
    let (opens, closes) = text.split_once('-').unwrap();
    WallPeriod::new(opens.parse().unwrap(), closes.parse().unwrap()).unwrap()
}

/// Weekly periods such as `MON-FRI 09:00-17:00, SAT 10:00-14:00`.
fn weekly(text: &str) -> Vec<WeeklyPeriod> {
    let day = |short: &str| Weekday::ALL.iter().position(|day| day.as_str().starts_with(short)).unwrap();
    let mut periods = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (days, hours) = part.split_once(' ').unwrap();
        let (first, last) = days.split_once('-').unwrap_or((days, days));
        let days = &Weekday::ALL[day(first)..=day(last)];
        periods.extend(days.iter().map(|weekday| WeeklyPeriod { weekday: *weekday, period: period(hours) }));
    }
    periods
}

/// Exceptions such as `2026-11-26 holiday`, `2026-12-24 09:00-12:00`, `2026-12-31 holiday 10:00-11:00`.
fn exceptions(list: &[&str]) -> Vec<Exception> {
    let read = |text: &&str| {
        let mut parts = text.split(' ');
        let date = parts.next().unwrap().parse().unwrap();
        let rest: Vec<&str> = parts.collect();
        let periods = rest.iter().filter(|part| part.contains(':')).map(|part| period(part)).collect();
        Exception { date, name: "a day of its own".into(), holiday: rest.contains(&"holiday"), periods }
    };
    list.iter().map(read).collect()
}

pub(crate) fn calendar(zone: &str, week: &str, list: &[&str]) -> Calendar {
    let hours = Hours::new(zone, weekly(week), &[Weekday::Saturday, Weekday::Sunday]).unwrap();
    Calendar::compile(&hours, &Exceptions::new(exceptions(list)).unwrap())
}
