//! Exact time: durations, wall times, and the span of instants that agreements live in.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// The first calendar year that instants and dates may lie in.
pub const FIRST_YEAR: i16 = 1900;
/// The last calendar year that instants and dates may lie in.
pub const LAST_YEAR: i16 = 2399;

/// Why a text is not a time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// The text is not of the form.
    #[error("{text:?} is not {expected}")]
    Malformed {
        /// What was read, shortened.
        text: String,
        /// The form, with an example.
        expected: &'static str,
    },
    /// The value is beyond what Remit keeps.
    #[error("{what} must lie between {from} and {to}")]
    OutOfRange {
        /// Which value.
        what: &'static str,
        /// The least that is taken.
        from: String,
        /// The most that is taken.
        to: String,
    },
}

impl TimeError {
    fn malformed(text: &str, expected: &'static str) -> Self {
        Self::Malformed { text: text.chars().take(60).collect(), expected }
    }
}

/// Exact elapsed time in microseconds; written as ISO 8601 hours, minutes and seconds, never days.
///
/// Signed, because an adjustment corrects time in either direction; what an agreement states is never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(i64);

impl Duration {
    /// No time at all: `PT0S`.
    pub const ZERO: Self = Self(0);
    const FORM: &'static str = "a duration in hours, minutes and seconds such as PT4H or PT1H30M";

    /// So many microseconds.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// So many whole hours; `i32` keeps every value in range.
    #[must_use]
    pub const fn from_hours(hours: i32) -> Self {
        Self(hours as i64 * 3_600_000_000)
    }

    /// So many whole minutes.
    #[must_use]
    pub const fn from_minutes(minutes: i32) -> Self {
        Self(minutes as i64 * 60_000_000)
    }

    /// The whole length in microseconds.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whether no time passes.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, at most the longest duration there is.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, within what a duration can hold.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// What passes from one instant to another; negative when `to` is earlier.
#[must_use]
pub fn elapsed(from: Timestamp, to: Timestamp) -> Duration {
    Duration(to.as_microsecond() - from.as_microsecond())
}

/// The date of an instant in UTC.
#[must_use]
pub fn utc_date(at: Timestamp) -> civil::Date {
    TimeZone::UTC.to_datetime(at).date()
}

/// The instant so much later, or none where that lies beyond what a timestamp can hold.
#[must_use]
pub fn later(from: Timestamp, by: Duration) -> Option<Timestamp> {
    Timestamp::from_microsecond(from.as_microsecond().checked_add(by.0)?).ok()
}

impl FromStr for Duration {
    type Err = TimeError;

    /// Reads `PT1H30M`, `PT90M`, `PT0.5S`: non-negative, at most six decimals, at most a million hours.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let malformed = || TimeError::malformed(text, Self::FORM);
        let mut rest = text.strip_prefix("PT").filter(|rest| !rest.is_empty()).ok_or_else(malformed)?;
        let mut micros: i64 = 0;
        for (unit, worth) in [('H', 3_600_000_000_i64), ('M', 60_000_000), ('S', 1_000_000)] {
            let Some((number, after)) = rest.split_once(unit) else { continue };
            let part = match number.split_once('.') {
                Some((whole, fraction)) if unit == 'S' => {
                    let padded = format!("{fraction:0<6}");
                    if padded.len() != 6 || fraction.is_empty() {
                        return Err(malformed());
                    }
                    digits(whole)
                        .and_then(|w| w.checked_mul(worth))
                        .zip(digits(&padded))
                        .map(|(w, f)| w.saturating_add(f))
                }
                _ => digits(number).and_then(|whole| whole.checked_mul(worth)),
            };
            micros = part.and_then(|part| micros.checked_add(part)).ok_or_else(malformed)?;
            rest = after;
        }
        if !rest.is_empty() {
            return Err(malformed());
        }
        if micros > 1_000_000 * 3_600_000_000 {
            let (from, to) = ("PT0S".into(), "PT1000000H".into());
            return Err(TimeError::OutOfRange { what: "a duration", from, to });
        }
        Ok(Self(micros))
    }
}

/// A number written in one to twelve ASCII digits.
fn digits(text: &str) -> Option<i64> {
    let plain = !text.is_empty() && text.len() <= 12 && text.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("PT0S");
        }
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let micros = self.0.unsigned_abs();
        let (hours, minutes) = (micros / 3_600_000_000, micros / 60_000_000 % 60);
        let (seconds, fraction) = (micros / 1_000_000 % 60, micros % 1_000_000);
        f.write_str("PT")?;
        if hours > 0 {
            write!(f, "{hours}H")?;
        }
        if minutes > 0 {
            write!(f, "{minutes}M")?;
        }
        match (seconds, fraction) {
            (0, 0) => Ok(()),
            (_, 0) => write!(f, "{seconds}S"),
            _ => write!(f, "{seconds}.{}S", format!("{fraction:06}").trim_end_matches('0')),
        }
    }
}

/// Wall time to the second, from `00:00` up to and including `24:00`, the end of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalTime(u32);

impl LocalTime {
    /// The beginning of a day.
    pub const MIDNIGHT: Self = Self(0);
    /// The end of a day, `24:00`.
    pub const END_OF_DAY: Self = Self(86_400);
    const FORM: &'static str = "a wall time HH:MM or HH:MM:SS from 00:00 to 24:00";

    /// Seconds of wall time since the day began, 0 to 86,400.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.0
    }

    /// The wall time so many seconds into a day; none beyond 24:00.
    #[must_use]
    pub const fn from_seconds(seconds: u32) -> Option<Self> {
        if seconds <= 86_400 { Some(Self(seconds)) } else { None }
    }
}

impl FromStr for LocalTime {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let malformed = || TimeError::malformed(text, Self::FORM);
        let shaped = matches!(text.len(), 5 | 8) && text.split(':').all(|part| part.len() == 2);
        let parts: Vec<i64> = text.split(':').map_while(digits).collect();
        let seconds = match *parts.as_slice() {
            [h, m] if shaped && text.len() == 5 && m < 60 => h * 3600 + m * 60,
            [h, m, s] if shaped && m < 60 && s < 60 => h * 3600 + m * 60 + s,
            _ => return Err(malformed()),
        };
        u32::try_from(seconds).ok().and_then(Self::from_seconds).ok_or_else(malformed)
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (h, m, s) = (self.0 / 3600, self.0 / 60 % 60, self.0 % 60);
        if s == 0 { write!(f, "{h:02}:{m:02}") } else { write!(f, "{h:02}:{m:02}:{s:02}") }
    }
}

/// Reads an RFC 3339 instant between the years 1900 and 2399; what is finer than a microsecond is cut off.
///
/// # Errors
/// [`TimeError`] when the text has no offset, is no such instant, or lies beyond those years.
pub fn parse_instant(text: &str) -> Result<Timestamp, TimeError> {
    const FORM: &str = "an RFC 3339 instant with an offset such as 2026-03-29T00:30:00Z";
    let bytes = text.as_bytes();
    let shaped = bytes.len() >= 20 && bytes[10].eq_ignore_ascii_case(&b't') && bytes[13] == b':' && bytes[16] == b':';
    if !shaped || text.contains('[') {
        return Err(TimeError::malformed(text, FORM));
    }
    let instant: Timestamp = text.parse().map_err(|_| TimeError::malformed(text, FORM))?;
    let micros = instant.as_nanosecond().div_euclid(1000);
    let instant = i64::try_from(micros).ok().and_then(|m| Timestamp::from_microsecond(m).ok());
    instant.filter(|i| in_years(i.as_second())).ok_or_else(|| years("an instant"))
}

/// Reads an ISO 8601 calendar date between the years 1900 and 2399.
///
/// # Errors
/// [`TimeError`] when the text is no date or lies beyond those years.
pub fn parse_date(text: &str) -> Result<civil::Date, TimeError> {
    let malformed = || TimeError::malformed(text, "a calendar date such as 2026-12-25");
    if text.len() != 10 {
        return Err(malformed());
    }
    let date: civil::Date = text.parse().map_err(|_| malformed())?;
    if (FIRST_YEAR..=LAST_YEAR).contains(&date.year()) { Ok(date) } else { Err(years("a date")) }
}

fn years(what: &'static str) -> TimeError {
    TimeError::OutOfRange { what, from: format!("{FIRST_YEAR}-01-01"), to: format!("{LAST_YEAR}-12-31") }
}

fn in_years(unix_seconds: i64) -> bool {
    // 1900-01-01T00:00:00Z and 2400-01-01T00:00:00Z
    (-2_208_988_800..13_569_465_600).contains(&unix_seconds)
}

/// Serialises a type by its text form.
macro_rules! by_text {
    ($name:ty) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                std::borrow::Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    };
}
pub(crate) use by_text;
by_text!(Duration);
by_text!(LocalTime);

/// Instants in documents as microseconds since 1970.
pub(crate) mod micros {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(at.as_microsecond())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        Timestamp::from_microsecond(i64::deserialize(deserializer)?).map_err(D::Error::custom)
    }

    /// The same where there may be none.
    pub(crate) mod optional {
        use super::*;

        pub(crate) fn serialize<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
            match at {
                Some(at) => super::serialize(at, serializer),
                None => serializer.serialize_none(),
            }
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
            let micros = Option::<i64>::deserialize(deserializer)?;
            micros.map(Timestamp::from_microsecond).transpose().map_err(D::Error::custom)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written_canonically() {
        for (text, canonical) in [
            ("PT0S", "PT0S"),
            ("PT90M", "PT1H30M"),
            ("PT1H30M", "PT1H30M"),
            ("PT36H", "PT36H"),
            ("PT0.5S", "PT0.5S"),
            ("PT1H0.000001S", "PT1H0.000001S"),
            ("PT1000000H", "PT1000000H"),
        ] {
            assert_eq!(text.parse::<Duration>().expect(text).to_string(), canonical);
        }
        for bad in
            ["", "PT", "P1D", "PT-1H", "-PT1H", "1h", "PT1", "PTH", "PT1M1H", "PT1.5H", "PT1.S", "PT1000000H1S", "pt1h"]
        {
            assert!(bad.parse::<Duration>().is_err(), "{bad}");
        }
    }

    #[test]
    fn wall_times_end_at_twenty_four() {
        for (text, seconds) in [("00:00", 0), ("09:30", 34_200), ("23:59:59", 86_399), ("24:00", 86_400)] {
            assert_eq!(text.parse::<LocalTime>().expect(text).seconds(), seconds);
        }
        for bad in ["25:00", "24:01", "9:00", "09:60", "09:00:60", "0900", "09:00:00.5", "+9:00", "", "09:0é"] {
            assert!(bad.parse::<LocalTime>().is_err(), "{bad}");
        }
    }

    #[test]
    fn instants_need_an_offset_and_a_believable_year() {
        assert_eq!(parse_instant("2026-03-29T02:30:00+02:00").expect("instant").to_string(), "2026-03-29T00:30:00Z");
        assert_eq!(parse_instant("2026-03-29T00:30:00.1234567Z").expect("instant").subsec_nanosecond(), 123_456_000);
        for bad in [
            "2026-03-29",
            "2026-03-29T00:30:00",
            "1899-12-31T23:59:59Z",
            "2400-01-01T00:00:00Z",
            "2026-03-29T00:30:00Z[UTC]",
            "now",
        ] {
            assert!(parse_instant(bad).is_err(), "{bad}");
        }
        for bad in ["2026-02-30", "2026-2-3", "1899-12-31", "2400-01-01", "20260203"] {
            assert!(parse_date(bad).is_err(), "{bad}");
        }
    }
}
