//! What a provider does on the days off: most are closed, some are worked, and some are open for half the day.

use std::{collections::BTreeMap, fmt, ops::RangeInclusive, str::FromStr};

use jiff::civil::Date;

use super::DayOff;
use crate::{
    calendar::{Exception, Hours, WallPeriod},
    text,
    time::LocalTime,
};

/// Names a day: `2026-12-24`, `12-24` for that of every year, or what a day off is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    /// One date.
    Date(Date),
    /// The same day of every year: month, day.
    EveryYear(i8, i8),
    /// What it is called, in any case; for `Washington's Birthday (Presidents' Day)` either name will do.
    Named(String),
}

/// Hours on a day that would be closed, or other hours than usual: `12-24=08:00-12:00`, `Good Friday=09:00-13:00`.
///
/// Several periods have commas between; what follows a second `=` is what the day is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Which day.
    pub pick: Pick,
    /// When it is open.
    pub periods: Vec<WallPeriod>,
    /// What it is called if it is no day off; none: after its hours.
    pub name: Option<String>,
    /// Whether its hours count as holiday hours (C6).
    pub holiday: bool,
}

/// What becomes of days off.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Days on which the provider works as usual.
    pub except: Vec<Pick>,
    /// Days with hours of their own.
    pub openings: Vec<Opening>,
}

/// Why a choice cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// Not of the form.
    #[error("{0:?} is not of the form DAY=08:00-12:00, with DAY a date, 12-24, or a name")]
    Malformed(String),
    /// A time of day or a period that cannot be.
    #[error("{text:?}: {problem}")]
    Period {
        /// What was read.
        text: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Nothing is named so.
    #[error("{asked} is none of the days; there are {known}")]
    NoSuchDay {
        /// What was asked for.
        asked: Pick,
        /// The names there are.
        known: String,
    },
}

impl fmt::Display for Pick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date(date) => write!(f, "{date}"),
            Self::EveryYear(month, day) => write!(f, "{month:02}-{day:02}"),
            Self::Named(name) => write!(f, "{name:?}"),
        }
    }
}

impl FromStr for Pick {
    type Err = ChoiceError;

    fn from_str(text: &str) -> Result<Self, ChoiceError> {
        let malformed = || ChoiceError::Malformed(text.chars().take(80).collect());
        let text = text.trim();
        text::named(text, text::NAME_MAX).map_err(|_| malformed())?;
        if let Ok(date) = text.parse() {
            return Ok(Self::Date(date));
        }
        // 29 February is a day of some years.
        let leap = |month, day| Date::new(2000, month, day).is_ok();
        let pair = text.split_once('-').and_then(|(m, d)| Some((m.parse().ok()?, d.parse().ok()?)));
        match pair {
            Some((month, day)) if leap(month, day) => Ok(Self::EveryYear(month, day)),
            Some(_) => Err(malformed()),
            None => Ok(Self::Named(text.to_owned())),
        }
    }
}

impl FromStr for Opening {
    type Err = ChoiceError;

    /// Reads an opening whose hours are not holiday hours.
    fn from_str(text: &str) -> Result<Self, ChoiceError> {
        let (pick, rest) =
            text.split_once('=').ok_or_else(|| ChoiceError::Malformed(text.chars().take(80).collect()))?;
        let (hours, name) = rest.split_once('=').map_or((rest, None), |(hours, name)| (hours, Some(name.trim())));
        let name = name.map(|name| text::named(name, text::NAME_MAX).map(|()| name.to_owned())).transpose();
        Ok(Self {
            pick: pick.parse()?,
            periods: hours.split(',').map(period).collect::<Result<_, _>>()?,
            name: name.map_err(|error| ChoiceError::Period { text: text.to_owned(), problem: error.to_string() })?,
            holiday: false,
        })
    }
}

/// Reads `08:00-12:00`.
fn period(text: &str) -> Result<WallPeriod, ChoiceError> {
    let bad = |problem: String| ChoiceError::Period { text: text.chars().take(80).collect(), problem };
    let (opens, closes) = text.trim().split_once('-').ok_or_else(|| bad("a period is written 08:00-12:00".into()))?;
    let time = |text: &str| text.trim().parse::<LocalTime>().map_err(|error| bad(error.to_string()));
    WallPeriod::new(time(opens)?, time(closes)?).map_err(|error| bad(error.to_string()))
}

impl Pick {
    fn is(&self, date: Date, name: &str) -> bool {
        match self {
            Self::Date(named) => *named == date,
            Self::EveryYear(month, day) => (*month, *day) == (date.month(), date.day()),
            Self::Named(asked) => answers_to(name, asked),
        }
    }

    /// The dates of some years, where it names dates.
    fn dates(&self, years: &RangeInclusive<i16>) -> Vec<Date> {
        match self {
            Self::Date(date) => vec![*date],
            Self::EveryYear(month, day) => years.clone().filter_map(|y| Date::new(y, *month, *day).ok()).collect(),
            Self::Named(_) => Vec::new(),
        }
    }
}

/// Whether a day is called so, by its whole name or by one of `Name (Other name)`.
fn answers_to(name: &str, asked: &str) -> bool {
    let plain = |text: &str| text.trim().to_lowercase().replace(['’', '‘'], "'");
    let (asked, name) = (plain(asked), plain(name));
    let parts = name.trim_end_matches(')').split_once(" (");
    name == asked || parts.is_some_and(|(first, second)| first == asked || second == asked)
}

impl Choice {
    /// The exceptions that the days off of some years are, by date (C10).
    ///
    /// A day off closes its date and is a holiday; an opening gives it hours. An opening for a day of every year or by
    /// name leaves a weekday alone on which the calendar is closed anyway, and one for a day of every year leaves alone
    /// a day off that stands in for another.
    #[must_use]
    pub fn exceptions(&self, days: &[DayOff], years: &RangeInclusive<i16>, hours: &Hours) -> Vec<Exception> {
        let mut closed: BTreeMap<Date, Vec<&DayOff>> = BTreeMap::new();
        for day in days.iter().filter(|day| !self.leaves_out(day.date, &day.name)) {
            closed.entry(day.date).or_default().push(day);
        }
        let mut found: BTreeMap<Date, Exception> =
            closed.iter().map(|(date, days)| (*date, close(*date, days))).collect();
        for opening in &self.openings {
            for date in opening.dates(&closed, years).into_iter().filter(|date| opening.opens_on(*date, hours)) {
                let named = closed.get(&date).map(|days| names(days));
                found.insert(date, opening.on(date, named));
            }
        }
        found.into_values().collect()
    }

    /// Whether the provider works as usual on a day of that name.
    #[must_use]
    pub fn leaves_out(&self, date: Date, name: &str) -> bool {
        self.except.iter().any(|pick| pick.is(date, name))
    }

    /// Holds the choice to days that there are, so that no slip of the pen goes unseen.
    ///
    /// - `days`: dates with their names.
    ///
    /// # Errors
    /// [`ChoiceError::NoSuchDay`] for the first that is none of them.
    pub fn require_known(&self, days: &[(Date, &str)]) -> Result<(), ChoiceError> {
        let openings = self.openings.iter().map(|opening| &opening.pick).filter(|pick| matches!(pick, Pick::Named(_)));
        let unknown = |pick: &&Pick| !days.iter().any(|(date, name)| pick.is(*date, name));
        match self.except.iter().chain(openings).find(unknown) {
            None => Ok(()),
            Some(pick) => {
                let known: std::collections::BTreeSet<&str> = days.iter().map(|(_, name)| *name).collect();
                let known = known.into_iter().collect::<Vec<_>>().join(", ");
                Err(ChoiceError::NoSuchDay { asked: pick.clone(), known })
            }
        }
    }
}

impl Opening {
    /// The dates it speaks of.
    fn dates(&self, closed: &BTreeMap<Date, Vec<&DayOff>>, years: &RangeInclusive<i16>) -> Vec<Date> {
        let stands_in = |date: &Date| closed.get(date).is_some_and(|days| days.iter().all(|day| day.observed));
        match &self.pick {
            Pick::Date(date) => vec![*date],
            Pick::EveryYear(..) => self.pick.dates(years).into_iter().filter(|date| !stands_in(date)).collect(),
            Pick::Named(_) => {
                let named =
                    |(date, days): &(&Date, &Vec<&DayOff>)| days.iter().any(|day| self.pick.is(**date, &day.name));
                closed.iter().filter(named).map(|(date, _)| *date).collect()
            }
        }
    }

    fn opens_on(&self, date: Date, hours: &Hours) -> bool {
        let works = || hours.weekly().iter().any(|weekly| jiff::civil::Weekday::from(weekly.weekday) == date.weekday());
        matches!(self.pick, Pick::Date(_)) || works()
    }

    fn on(&self, date: Date, day_off: Option<String>) -> Exception {
        let spelled = || self.periods.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let name = self.name.clone().or(day_off).unwrap_or_else(|| format!("Open {}", spelled()));
        Exception { date, name, holiday: self.holiday, periods: self.periods.clone() }
    }
}

fn close(date: Date, days: &[&DayOff]) -> Exception {
    Exception { date, name: names(days), holiday: true, periods: Vec::new() }
}

/// The names of the days off of one date, once each, as much of them as a name holds.
fn names(days: &[&DayOff]) -> String {
    let mut all: Vec<String> = Vec::new();
    for name in days.iter().map(ToString::to_string) {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all.join(" / ").chars().take(text::NAME_MAX).collect()
}
