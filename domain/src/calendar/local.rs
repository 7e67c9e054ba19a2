//! The line of wall time: what is open on it, measured.
//!
//! Wall time is counted in microseconds from 1970-01-01 00:00 as if no clock were ever set. On that line a calendar is a
//! week that repeats, but for the special days around its exceptions.

use jiff::civil::{Date, date};

use super::definition::{DAY, Exceptions, Hours, weekday_place};
use crate::words::Weekday;

/// Microseconds of a second, a day and a week.
pub(super) const SECOND: i64 = 1_000_000;
pub(super) const DAY_MICROS: i64 = DAY * SECOND;
const WEEK_MICROS: i64 = 7 * DAY_MICROS;
/// 1970-01-01 was a Thursday; the Monday before it, on the line.
const FIRST_MONDAY: i64 = -3 * DAY_MICROS;

/// Stretches of open wall time, sorted, apart, each with what is open before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pattern {
    /// (opens, closes, open time before it), in microseconds from the pattern's origin.
    stretches: Box<[(i64, i64, i64)]>,
    total: i64,
}

impl Pattern {
    /// A pattern of stretches in seconds; touching and overlapping ones merge.
    fn new(mut stretches: Vec<(i64, i64)>) -> Self {
        stretches.sort_unstable();
        let mut merged: Vec<(i64, i64, i64)> = Vec::with_capacity(stretches.len());
        let mut total = 0;
        for (opens, closes) in stretches {
            let (opens, closes) = (opens * SECOND, closes * SECOND);
            match merged.last_mut() {
                Some(last) if last.1 >= opens => {
                    total += (closes - last.1).max(0);
                    last.1 = last.1.max(closes);
                }
                _ => {
                    merged.push((opens, closes, total));
                    total += closes - opens;
                }
            }
        }
        Self { stretches: merged.into(), total }
    }

    /// Open time before a place.
    fn open_before(&self, place: i64) -> i64 {
        let index = self.stretches.partition_point(|(opens, _, _)| *opens <= place);
        match index.checked_sub(1).and_then(|index| self.stretches.get(index)) {
            Some((opens, closes, before)) => before + (place.min(*closes) - opens),
            None => 0,
        }
    }

    /// The first place before which so much is open; `open` is above 0 and at most the total.
    fn place_of(&self, open: i64) -> i64 {
        let index = self.stretches.partition_point(|(_, _, before)| *before < open);
        match index.checked_sub(1).and_then(|index| self.stretches.get(index)) {
            Some((opens, _, before)) => opens + (open - before),
            None => 0,
        }
    }

    /// The stretch that holds a place, else the first one behind it.
    fn at_or_after(&self, place: i64) -> Option<(i64, i64)> {
        let index = self.stretches.partition_point(|(_, closes, _)| *closes <= place);
        self.stretches.get(index).map(|(opens, closes, _)| (*opens, *closes))
    }
}

/// The whole line: a week that repeats, and the special days.
#[derive(Clone, Debug)]
pub(super) struct LocalLine {
    week: Pattern,
    /// Days that the week does not describe, sorted: the day's number and what is open on it.
    special: Box<[(i64, Pattern)]>,
}

/// Days since 1970-01-01.
pub(super) fn day_number(day: Date) -> i64 {
    i64::from(date(1970, 1, 1).until(day).map(|span| span.get_days()).unwrap_or_default())
}

/// The number of the day that a place of the line lies in.
pub(super) fn day_of(place: i64) -> i64 {
    place.div_euclid(DAY_MICROS)
}

impl LocalLine {
    pub(super) fn new(hours: &Hours, exceptions: &Exceptions) -> Self {
        let week = hours.weekly().iter().flat_map(|period| {
            let (opens, closes) = period.seconds();
            // What runs past Sunday midnight is Monday morning's.
            let around = closes - 7 * DAY;
            let head = (around > 0).then_some((0, around));
            head.into_iter().chain([(opens, closes.min(7 * DAY))])
        });
        let mut line = Self { week: Pattern::new(week.collect()), special: Box::default() };
        let mut days: Vec<i64> = Vec::new();
        for exception in exceptions.iter() {
            let day = day_number(exception.date);
            days.extend([day, day + 1]);
        }
        days.sort_unstable();
        days.dedup();
        let pattern = |day: &i64| (*day, Pattern::new(open_on(hours, exceptions, *day)));
        line.special = days.iter().map(pattern).collect();
        line
    }

    /// The number of a special day.
    pub(super) fn special_day(&self, index: usize) -> Option<i64> {
        self.special.get(index).map(|(day, _)| *day)
    }

    /// The special days within a stretch of the line, as indexes.
    pub(super) fn specials_within(&self, from: i64, to: i64) -> std::ops::Range<usize> {
        let (first, last) = (day_of(from), day_of(to - 1));
        let start = self.special.partition_point(|(day, _)| *day < first);
        start..self.special.partition_point(|(day, _)| *day <= last).max(start)
    }

    /// Whether a pattern is open all the time.
    pub(super) fn is_always_open(&self, special: Option<usize>) -> bool {
        match special.and_then(|index| self.special.get(index)) {
            Some((_, pattern)) => pattern.total == DAY_MICROS,
            None => self.week.total == WEEK_MICROS,
        }
    }

    fn week_open_before(&self, place: i64) -> i64 {
        let since = place - FIRST_MONDAY;
        let (weeks, within) = (since.div_euclid(WEEK_MICROS), since.rem_euclid(WEEK_MICROS));
        weeks * self.week.total + self.week.open_before(within)
    }

    /// Open time before a place, by the pattern of a special day or, for none, of the week: only differences within one
    /// pattern mean anything.
    pub(super) fn open_before(&self, special: Option<usize>, place: i64) -> i64 {
        match special.and_then(|index| self.special.get(index)) {
            Some((day, pattern)) => pattern.open_before(place - day * DAY_MICROS),
            None => self.week_open_before(place),
        }
    }

    /// The first place before which so much is open, by one pattern; none when the week never opens.
    pub(super) fn place_of(&self, special: Option<usize>, open: i64) -> Option<i64> {
        if let Some((day, pattern)) = special.and_then(|index| self.special.get(index)) {
            return Some(day * DAY_MICROS + pattern.place_of(open));
        }
        let total = self.week.total;
        let weeks = (open - 1).checked_div_euclid(total)?;
        let within = (open - 1).checked_rem_euclid(total)? + 1;
        Some(FIRST_MONDAY + weeks * WEEK_MICROS + self.week.place_of(within))
    }

    /// The stretch of open wall time that holds a place, else the first one behind it, by one pattern.
    pub(super) fn at_or_after(&self, special: Option<usize>, place: i64) -> Option<(i64, i64)> {
        if let Some((day, pattern)) = special.and_then(|index| self.special.get(index)) {
            let origin = day * DAY_MICROS;
            return pattern.at_or_after(place - origin).map(|(opens, closes)| (origin + opens, origin + closes));
        }
        let since = place - FIRST_MONDAY;
        let (week, within) = (since.div_euclid(WEEK_MICROS), since.rem_euclid(WEEK_MICROS));
        let origin = FIRST_MONDAY + week * WEEK_MICROS;
        let next = || self.week.at_or_after(0).map(|(opens, closes)| (opens + WEEK_MICROS, closes + WEEK_MICROS));
        let (opens, closes) = self.week.at_or_after(within).or_else(next)?;
        Some((origin + opens, origin + closes))
    }

    pub(super) fn size_bytes(&self) -> usize {
        let stretches = |pattern: &Pattern| pattern.stretches.len() * 24;
        stretches(&self.week) + self.special.iter().map(|(_, pattern)| 40 + stretches(pattern)).sum::<usize>()
    }
}

/// What is open on a day, in seconds from its midnight: its own periods, and the tail of the day before's unless it is
/// an exception itself (C1, C2).
fn open_on(hours: &Hours, exceptions: &Exceptions, day: i64) -> Vec<(i64, i64)> {
    let mut open: Vec<(i64, i64)> =
        starting_on(hours, exceptions, day).into_iter().map(|(opens, closes)| (opens, closes.min(DAY))).collect();
    if exceptions.of(date_of(day)).is_none() {
        let before = starting_on(hours, exceptions, day - 1);
        open.extend(before.into_iter().filter(|(_, closes)| *closes > DAY).map(|(_, closes)| (0, closes - DAY)));
    }
    open
}

/// The periods that start on a day, as written, in seconds from its midnight; those past midnight end beyond a day.
pub(super) fn starting_on(hours: &Hours, exceptions: &Exceptions, day: i64) -> Vec<(i64, i64)> {
    if let Some(exception) = exceptions.of(date_of(day)) {
        return exception.periods.iter().map(super::WallPeriod::seconds).collect();
    }
    let weekday = weekday_of(day);
    hours.weekly().iter().filter(|period| period.weekday == weekday).map(|period| period.period.seconds()).collect()
}

/// The weekday of a day.
pub(super) fn weekday_of(day: i64) -> Weekday {
    let place = (day + 3).rem_euclid(7);
    Weekday::ALL.iter().copied().find(|weekday| weekday_place(*weekday) == place).unwrap_or(Weekday::Monday)
}

/// The date of a day; the line never leaves the years that dates have.
pub(super) fn date_of(day: i64) -> Date {
    let days = i32::try_from(day).unwrap_or_default();
    date(1970, 1, 1).checked_add(jiff::Span::new().try_days(days).unwrap_or_default()).unwrap_or(Date::MAX)
}
