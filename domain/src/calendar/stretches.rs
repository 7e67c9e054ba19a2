//! Stretches of wall time that close or open a calendar beside its weekly hours (C10).

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};

use super::{Exception, Hours, WallPeriod, definition::DAY};
use crate::{text, time::LocalTime};

/// A stretch of wall time in the calendar's zone, half-open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// What it is called.
    pub name: String,
    /// Where it begins.
    pub from: DateTime,
    /// Where it ends.
    pub to: DateTime,
}

/// Why stretches cannot be taken in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StretchError {
    /// It ends where it begins, or before.
    #[error("{0:?} has no length")]
    NoLength(String),
    /// Longer than a period of a date can be.
    #[error("{0:?} is longer than a day, and hours are said for each date")]
    TooLong(String),
    /// What a date loses would have to be taken from the hours of the date before it.
    #[error(
        "the calendar has hours past midnight ({0}), of which no part can be closed: put exceptions with their hours instead"
    )]
    PastMidnight(String),
}

/// The exceptions that leave of the weekly hours what no stretch covers; dates that lose nothing have none.
///
/// # Errors
/// [`StretchError::NoLength`]; [`StretchError::PastMidnight`] for a calendar that is open past midnight.
pub fn closing(stretches: &[Stretch], hours: &Hours) -> Result<Vec<Exception>, StretchError> {
    if let Some(night) = hours.weekly().iter().find(|weekly| weekly.period.seconds().1 > DAY) {
        return Err(StretchError::PastMidnight(night.to_string()));
    }
    let mut dates: BTreeMap<Date, Vec<&Stretch>> = BTreeMap::new();
    for stretch in stretches {
        with_length(stretch)?;
        let mut date = Some(stretch.from.date());
        while let Some(day) = date.filter(|day| day.to_datetime(jiff::civil::Time::midnight()) < stretch.to) {
            dates.entry(day).or_default().push(stretch);
            date = day.tomorrow().ok();
        }
    }
    Ok(dates.into_iter().filter_map(|(date, stretches)| left_of(date, &stretches, hours)).collect())
}

/// What is left of a date's weekly hours; none: all of them.
fn left_of(date: Date, stretches: &[&Stretch], hours: &Hours) -> Option<Exception> {
    let weekday = date.weekday();
    let usual = hours.weekly().iter().filter(|weekly| jiff::civil::Weekday::from(weekly.weekday) == weekday);
    let before: Vec<(i64, i64)> = usual.map(|weekly| weekly.period.seconds()).collect();
    let cut = |mut open: Vec<(i64, i64)>, stretch: &&Stretch| {
        let (from, to) = (second_of(date, stretch.from), second_of(date, stretch.to));
        open =
            open.into_iter().flat_map(|(opens, closes)| [(opens, closes.min(from)), (opens.max(to), closes)]).collect();
        open.retain(|(opens, closes)| opens < closes);
        open
    };
    let after = stretches.iter().fold(before.clone(), cut);
    if after == before {
        return None;
    }
    let periods = after.into_iter().filter_map(|(opens, closes)| period(opens, closes)).collect();
    Some(Exception { date, name: names(stretches), holiday: false, periods })
}

/// The exceptions whose hours the stretches are, each on the date it begins on.
///
/// # Errors
/// [`StretchError::NoLength`], [`StretchError::TooLong`].
pub fn opening(stretches: &[Stretch]) -> Result<Vec<Exception>, StretchError> {
    let mut dates: BTreeMap<Date, Vec<&Stretch>> = BTreeMap::new();
    for stretch in stretches {
        with_length(stretch)?;
        let date = stretch.from.date();
        if second_of(date, stretch.to) - second_of(date, stretch.from) > DAY {
            return Err(StretchError::TooLong(stretch.name.clone()));
        }
        dates.entry(date).or_default().push(stretch);
    }
    let exception = |(date, stretches): (Date, Vec<&Stretch>)| {
        let hours = |s: &&Stretch| period(second_of(date, s.from), second_of(date, s.to));
        let periods = stretches.iter().filter_map(hours).collect();
        Exception { date, name: names(&stretches), holiday: false, periods }
    };
    Ok(dates.into_iter().map(exception).collect())
}

fn with_length(stretch: &Stretch) -> Result<(), StretchError> {
    if stretch.from < stretch.to { Ok(()) } else { Err(StretchError::NoLength(stretch.name.clone())) }
}

/// Seconds of wall time from the beginning of a date.
fn second_of(date: Date, wall: DateTime) -> i64 {
    let days = (wall.date() - date).get_days();
    let time = wall.time();
    i64::from(days) * DAY + i64::from(time.hour()) * 3_600 + i64::from(time.minute()) * 60 + i64::from(time.second())
}

/// A period from seconds of a date; an end on the next date is past midnight, one at its beginning is 24:00.
fn period(opens: i64, closes: i64) -> Option<WallPeriod> {
    let time = |seconds: i64| LocalTime::from_seconds(u32::try_from(seconds).ok()?);
    WallPeriod::new(time(opens)?, time(if closes > DAY { closes - DAY } else { closes })?).ok()
}

/// The stretches' names, once each, as much of them as a name holds.
fn names(stretches: &[&Stretch]) -> String {
    let mut all: Vec<&str> = Vec::new();
    for stretch in stretches {
        if !all.contains(&stretch.name.as_str()) {
            all.push(&stretch.name);
        }
    }
    all.join(" / ").chars().take(text::NAME_MAX).collect()
}
