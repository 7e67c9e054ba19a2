//! How single facts are written.

use std::fmt;

use serde::{Serialize, Serializer};
use uuid::Uuid;

/// `chg_` and the digits of an id.
pub struct Id(pub &'static str, pub Uuid);

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{}_{}", self.0, self.1.simple()))
    }
}

/// An instant in microseconds, as RFC 3339 writes it.
pub struct Instant(pub i64);

impl fmt::Display for Instant {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        jiff::Timestamp::from_microsecond(self.0).map_err(|_| fmt::Error)?.fmt(to)
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// A span in microseconds, as ISO 8601 writes it.
pub struct Span(pub i64);

impl fmt::Display for Span {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0 / 1_000_000;
        if seconds == 0 {
            return to.write_str("PT0S");
        }
        to.write_str("PT")?;
        for (count, unit) in [(seconds / 3_600, 'H'), (seconds / 60 % 60, 'M'), (seconds % 60, 'S')] {
            if count != 0 {
                write!(to, "{count}{unit}")?;
            }
        }
        Ok(())
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// An amount in minor units.
pub struct Minor(pub i64);

impl Serialize for Minor {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{}.{:02}", self.0 / 100, self.0 % 100))
    }
}

/// A decimal number, with two digits behind the point at least.
pub struct Decimal<'a>(pub &'a str);

impl Serialize for Decimal<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0.split_once('.') {
            None => to.collect_str(&format_args!("{}.00", self.0)),
            Some((whole, part)) => to.collect_str(&format_args!("{whole}.{part:0<2}")),
        }
    }
}

#[derive(Serialize)]
pub struct Money<T> {
    pub amount: T,
    pub currency: &'static str,
}

/// Everything here is in one currency.
pub fn usd<T>(amount: T) -> Money<T> {
    Money { amount, currency: "USD" }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PageInfo<'a> {
    pub has_next_page: bool,
    pub end_cursor: Option<&'a str>,
}
