//! Calendar months.

use std::{fmt, str::FromStr};

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::time::{FIRST_YEAR, LAST_YEAR, by_text};

/// A calendar month: what a billing period is for (R1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

/// The text is not a month such as `2026-11`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a month is a year and a month such as 2026-11, from {FIRST_YEAR}-01 to {LAST_YEAR}-12")]
pub struct MonthError;

impl Month {
    /// The month that a date lies in.
    #[must_use]
    pub fn of(date: Date) -> Self {
        Self(i32::from(date.year()) * 12 + i32::from(date.month()) - 1)
    }

    /// The month of a number, as [`Month::number`] gives it.
    #[must_use]
    pub const fn from_number(number: i32) -> Self {
        Self(number)
    }

    /// Months since the beginning of the year 0.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The first day.
    #[must_use]
    pub fn first(self) -> Date {
        let year = i16::try_from(self.0.div_euclid(12)).unwrap_or(i16::MAX);
        let month = i8::try_from(self.0.rem_euclid(12) + 1).unwrap_or(1);
        Date::new(year, month, 1).unwrap_or(if self.0 < 0 { Date::MIN } else { Date::MAX })
    }

    /// January of a year.
    #[must_use]
    pub fn first_of(year: i16) -> Self {
        Self(i32::from(year) * 12)
    }

    /// December of a year.
    #[must_use]
    pub fn last_of(year: i16) -> Self {
        Self(i32::from(year) * 12 + 11)
    }

    /// The year that it lies in.
    #[must_use]
    pub fn year(self) -> i16 {
        self.first().year()
    }

    /// The last day.
    #[must_use]
    pub fn last(self) -> Date {
        self.first().last_of_month()
    }

    /// The month so many later.
    #[must_use]
    pub const fn plus(self, months: u32) -> Self {
        Self(self.0.saturating_add_unsigned(months))
    }

    /// The next month.
    #[must_use]
    pub const fn next(self) -> Self {
        self.plus(1)
    }

    /// The month before.
    #[must_use]
    pub const fn before(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.div_euclid(12), self.0.rem_euclid(12) + 1)
    }
}

impl FromStr for Month {
    type Err = MonthError;

    fn from_str(text: &str) -> Result<Self, MonthError> {
        let shaped =
            text.len() == 7 && text.bytes().enumerate().all(|(at, b)| (at == 4 && b == b'-') || b.is_ascii_digit());
        let date: Date = format!("{text}-01").parse().map_err(|_| MonthError)?;
        let known = (FIRST_YEAR..=LAST_YEAR).contains(&date.year());
        if shaped && known { Ok(Self::of(date)) } else { Err(MonthError) }
    }
}

by_text!(Month);
