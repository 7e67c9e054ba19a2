//! What a calendar says, held to what it can say.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{zone, zone_name};
use crate::{
    text::{self, TextError},
    time::{FIRST_YEAR, LAST_YEAR, LocalTime},
    words::Weekday,
};

/// The most weekly periods a calendar has: a band every fifteen minutes of the week is refused, a band an hour is not.
const WEEKLY_MAX: usize = 200;
/// The most exceptions a calendar has: thirty a year for over a century.
const EXCEPTIONS_MAX: usize = 4_000;
/// Seconds of a day of wall time.
pub(super) const DAY: i64 = 86_400;

/// Why a calendar cannot be. Places are counted from 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// No such zone.
    #[error("{0:?} is no IANA time zone name such as Europe/Berlin")]
    UnknownZone(String),
    /// A period that begins at the end of a day, or ends where it begins.
    #[error("the period {opens}–{closes} has no length")]
    NoLength {
        /// Where it begins.
        opens: LocalTime,
        /// Where it ends.
        closes: LocalTime,
    },
    /// Two periods hold the same time.
    #[error("{second} overlaps {first}")]
    Overlap {
        /// The place of the one that is at fault.
        place: usize,
        /// The earlier one.
        first: String,
        /// The later one.
        second: String,
    },
    /// Two exceptions for one date.
    #[error("{date} has two exceptions")]
    SameDate {
        /// The place of the second.
        place: usize,
        /// The date.
        date: Date,
    },
    /// A date beyond the years that Remit keeps.
    #[error("{date} is not between the years {FIRST_YEAR} and {LAST_YEAR}")]
    BeyondYears {
        /// The place of the exception.
        place: usize,
        /// The date.
        date: Date,
    },
    /// A name that cannot be.
    #[error("the name {error}")]
    Name {
        /// The place of the exception.
        place: usize,
        /// What is wrong with it.
        error: TextError,
    },
    /// More than a calendar holds.
    #[error("there are {found} {what}, at most {max} are taken")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many are taken.
        max: usize,
    },
    /// Open time was asked for from a later to an earlier instant (C5).
    #[error("`to` lies before `from`")]
    Backwards,
}

impl CalendarError {
    /// The place of the period or exception that is at fault, where it is one.
    #[must_use]
    pub fn place(&self) -> Option<usize> {
        match self {
            Self::Overlap { place, .. }
            | Self::SameDate { place, .. }
            | Self::BeyondYears { place, .. }
            | Self::Name { place, .. } => Some(*place),
            Self::UnknownZone(_) | Self::NoLength { .. } | Self::TooMany { .. } | Self::Backwards => None,
        }
    }
}

/// A stretch of wall time on one date, half-open; one that closes no later than it opens runs past midnight (C1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawPeriod")]
pub struct WallPeriod {
    opens: LocalTime,
    closes: LocalTime,
}

#[derive(Deserialize)]
struct RawPeriod {
    opens: LocalTime,
    closes: LocalTime,
}

impl TryFrom<RawPeriod> for WallPeriod {
    type Error = CalendarError;
    fn try_from(raw: RawPeriod) -> Result<Self, CalendarError> {
        Self::new(raw.opens, raw.closes)
    }
}

impl WallPeriod {
    /// A period from one wall time to another; 24:00 closes at midnight.
    ///
    /// # Errors
    /// [`CalendarError::NoLength`] when it would open at 24:00 or close where it opens.
    pub fn new(opens: LocalTime, closes: LocalTime) -> Result<Self, CalendarError> {
        if opens == closes || opens == LocalTime::END_OF_DAY {
            return Err(CalendarError::NoLength { opens, closes });
        }
        Ok(Self { opens, closes })
    }

    /// Where it begins.
    #[must_use]
    pub const fn opens(&self) -> LocalTime {
        self.opens
    }

    /// Where it ends.
    #[must_use]
    pub const fn closes(&self) -> LocalTime {
        self.closes
    }

    /// Seconds of wall time from the beginning of its date, first and end; the end lies beyond a day past midnight.
    pub(super) fn seconds(&self) -> (i64, i64) {
        let (opens, closes) = (i64::from(self.opens.seconds()), i64::from(self.closes.seconds()));
        (opens, if closes <= opens { closes + DAY } else { closes })
    }
}

impl std::fmt::Display for WallPeriod {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}–{}", self.opens, self.closes)
    }
}

/// A period of every week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeeklyPeriod {
    /// The day it begins on.
    pub weekday: Weekday,
    /// When.
    #[serde(flatten)]
    pub period: WallPeriod,
}

impl std::fmt::Display for WeeklyPeriod {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.weekday, self.period)
    }
}

impl WeeklyPeriod {
    /// Seconds of wall time from Monday 00:00.
    pub(crate) fn seconds(&self) -> (i64, i64) {
        let (opens, closes) = self.period.seconds();
        let day = weekday_place(self.weekday) * DAY;
        (day + opens, day + closes)
    }
}

/// Monday 0 to Sunday 6.
pub(crate) fn weekday_place(weekday: Weekday) -> i64 {
    i64::from(jiff::civil::Weekday::from(weekday).to_monday_zero_offset())
}

/// A zone with its weekly hours and weekend days: what terms pin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawHours")]
pub struct Hours {
    zone: String,
    weekly: Vec<WeeklyPeriod>,
    weekend: Vec<Weekday>,
}

#[derive(Deserialize)]
struct RawHours {
    zone: String,
    weekly: Vec<WeeklyPeriod>,
    weekend: Vec<Weekday>,
}

impl TryFrom<RawHours> for Hours {
    type Error = CalendarError;
    fn try_from(raw: RawHours) -> Result<Self, CalendarError> {
        Self::new(&raw.zone, raw.weekly, &raw.weekend)
    }
}

impl Hours {
    /// Weekly hours in a zone. Periods may touch; they may not overlap, Sunday night and Monday morning included.
    ///
    /// # Errors
    /// [`CalendarError`] for an unknown zone, overlapping periods, or too many of them.
    pub fn new(zone: &str, weekly: Vec<WeeklyPeriod>, weekend: &[Weekday]) -> Result<Self, CalendarError> {
        limited("weekly periods", weekly.len(), WEEKLY_MAX)?;
        for (place, later) in weekly.iter().enumerate() {
            let clash = weekly.iter().take(place).find(|earlier| overlap_in_week(earlier, later));
            if let Some(first) = clash {
                return Err(CalendarError::Overlap { place, first: first.to_string(), second: later.to_string() });
            }
        }
        let weekend = Weekday::ALL.iter().copied().filter(|day| weekend.contains(day)).collect();
        Ok(Self { zone: zone_name(zone)?, weekly, weekend })
    }

    /// The zone's IANA name.
    #[must_use]
    pub fn zone(&self) -> &str {
        &self.zone
    }

    /// The weekly periods, as written.
    #[must_use]
    pub fn weekly(&self) -> &[WeeklyPeriod] {
        &self.weekly
    }

    /// The weekend days, Monday first.
    #[must_use]
    pub fn weekend(&self) -> &[Weekday] {
        &self.weekend
    }

    /// The local date of an instant.
    #[must_use]
    pub fn date_at(&self, at: Timestamp) -> Date {
        self.time_zone().to_datetime(at).date()
    }

    pub(super) fn time_zone(&self) -> TimeZone {
        // The name was looked up when the hours were made.
        zone(&self.zone).unwrap_or(TimeZone::UTC)
    }
}

fn limited(what: &'static str, found: usize, max: usize) -> Result<(), CalendarError> {
    if found > max { Err(CalendarError::TooMany { what, found, max }) } else { Ok(()) }
}

/// Whether two periods hold the same time of some week.
fn overlap_in_week(a: &WeeklyPeriod, b: &WeeklyPeriod) -> bool {
    let ((a_opens, a_closes), (b_opens, b_closes)) = (a.seconds(), b.seconds());
    [-7 * DAY, 0, 7 * DAY].iter().any(|shift| a_opens < b_closes + shift && b_opens + shift < a_closes)
}

/// A date with hours of its own, which replace its weekly ones (C2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// The date, local to the calendar's zone.
    pub date: Date,
    /// What it is called.
    pub name: String,
    /// Whether the whole date counts as a holiday (C6).
    pub holiday: bool,
    /// When it is open; never: closed all day.
    pub periods: Vec<WallPeriod>,
}

impl Exception {
    /// Whether another one says the same of its date, by whatever name.
    #[must_use]
    pub fn same_hours(&self, other: &Self) -> bool {
        (self.holiday, &self.periods) == (other.holiday, &other.periods)
    }
}

/// The exceptions of a calendar, by date.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Exception>", into = "Vec<Exception>")]
pub struct Exceptions(Vec<Exception>);

impl TryFrom<Vec<Exception>> for Exceptions {
    type Error = CalendarError;
    fn try_from(list: Vec<Exception>) -> Result<Self, CalendarError> {
        Self::new(list)
    }
}

impl From<Exceptions> for Vec<Exception> {
    fn from(exceptions: Exceptions) -> Self {
        exceptions.0
    }
}

impl Exceptions {
    /// A list of exceptions, at most one for a date.
    ///
    /// # Errors
    /// [`CalendarError`] for a second one of a date, overlapping periods, a date beyond the years, or a bad name.
    pub fn new(mut list: Vec<Exception>) -> Result<Self, CalendarError> {
        limited("exceptions", list.len(), EXCEPTIONS_MAX)?;
        let mut dates = std::collections::BTreeSet::new();
        for (place, exception) in list.iter().enumerate() {
            let date = exception.date;
            if !(FIRST_YEAR..=LAST_YEAR).contains(&date.year()) {
                return Err(CalendarError::BeyondYears { place, date });
            }
            if !dates.insert(date) {
                return Err(CalendarError::SameDate { place, date });
            }
            text::named(&exception.name, text::NAME_MAX).map_err(|error| CalendarError::Name { place, error })?;
            limited("periods of a date", exception.periods.len(), WEEKLY_MAX)?;
            one_day_overlap(place, exception)?;
        }
        list.sort_by_key(|exception| exception.date);
        Ok(Self(list))
    }

    /// The exceptions, by date.
    pub fn iter(&self) -> impl Iterator<Item = &Exception> {
        self.0.iter()
    }

    pub(super) fn of(&self, date: Date) -> Option<&Exception> {
        self.0.binary_search_by_key(&date, |exception| exception.date).ok().and_then(|place| self.0.get(place))
    }

    /// The earliest date on which two lists differ in hours or in being a holiday; names may change at any time.
    #[must_use]
    pub fn first_difference(&self, other: &Self) -> Option<Date> {
        let says = |e: Option<&Exception>| e.map(|e| (e.holiday, e.periods.clone()));
        let dates: std::collections::BTreeSet<Date> = self.iter().chain(other.iter()).map(|e| e.date).collect();
        dates.into_iter().find(|date| says(self.of(*date)) != says(other.of(*date)))
    }
}

fn one_day_overlap(place: usize, exception: &Exception) -> Result<(), CalendarError> {
    for (later_place, later) in exception.periods.iter().enumerate() {
        let (opens, closes) = later.seconds();
        let clash = exception.periods.iter().take(later_place).find(|earlier| {
            let (from, to) = earlier.seconds();
            opens < to && from < closes
        });
        if let Some(first) = clash {
            let name = |period: &WallPeriod| format!("{} {period}", exception.date);
            return Err(CalendarError::Overlap { place, first: name(first), second: name(later) });
        }
    }
    Ok(())
}
