//! Exact decimals: how they are read, bounded and written.

use std::{fmt, str::FromStr};

use rust_decimal::Decimal;

use crate::time::by_text;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Why a text is not a decimal that Remit takes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Not digits with at most one point.
    #[error("{0:?} is not an exact decimal such as 187.50")]
    Malformed(String),
    /// More than twelve digits before the point or six after it.
    #[error("{0} has more than twelve digits before the point or six after it")]
    TooLong(String),
    /// Outside what this value may be.
    #[error("{what} must be from {from} to {to}, not {found}")]
    OutOfRange {
        /// Which value.
        what: &'static str,
        /// The least.
        from: Decimal,
        /// The most.
        to: Decimal,
        /// What was given.
        found: Decimal,
    },
}

/// Reads an exact decimal: an optional minus, up to twelve digits, up to six more after a point.
///
/// The bound keeps the product of such a number and a [`Factor`] exact in the 28 digits that [`Decimal`] has.
///
/// # Errors
/// [`DecimalError`] for anything else, exponents and blanks included.
pub fn parse(text: &str) -> Result<Decimal, DecimalError> {
    let shortened = || text.chars().take(60).collect::<String>();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(fraction) {
        return Err(DecimalError::Malformed(shortened()));
    }
    if whole.trim_start_matches('0').len() > 12 || fraction.trim_end_matches('0').len() > 6 {
        return Err(DecimalError::TooLong(shortened()));
    }
    if text.len() > 60 {
        return Err(DecimalError::TooLong(shortened()));
    }
    Decimal::from_str_exact(text.trim_end_matches('.'))
        .map(|d| d.normalize())
        .map_err(|_| DecimalError::Malformed(shortened()))
}

/// Writes a decimal without trailing zeros.
#[must_use]
pub fn canonical(value: Decimal) -> String {
    value.normalize().to_string()
}

/// A share in percent, from 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(Decimal);

impl Percent {
    /// Everything.
    pub const ALL: Self = Self(Decimal::ONE_HUNDRED);

    /// A share from 0 to 100.
    ///
    /// # Errors
    /// [`DecimalError::OutOfRange`] beyond that.
    pub fn new(value: Decimal) -> Result<Self, DecimalError> {
        let (from, to) = (Decimal::ZERO, Decimal::ONE_HUNDRED);
        if value < from || value > to {
            return Err(DecimalError::OutOfRange { what: "a percentage", from, to, found: value });
        }
        Ok(Self(value.normalize()))
    }

    /// A part of a whole, to two decimals rounded down; none of nothing.
    #[must_use]
    pub fn share(part: u64, whole: u64) -> Option<Self> {
        let hundredths = u128::from(part).checked_mul(10_000)?.checked_div(u128::from(whole))?;
        let value = Decimal::new(i64::try_from(hundredths).ok()?, 2);
        Self::new(value).ok()
    }

    /// The number of percent.
    #[must_use]
    pub const fn value(self) -> Decimal {
        self.0
    }

    /// The number in millionths of a percent: a share has at most six digits after the point.
    #[must_use]
    pub fn parts(self) -> u64 {
        let scaled = self.0.checked_mul(Decimal::from(PARTS_OF_ONE)).map(|parts| parts.trunc());
        scaled.and_then(|parts| u64::try_from(parts).ok()).unwrap_or(0)
    }

    /// So many millionths of a percent; more than everything is everything.
    #[must_use]
    pub fn from_parts(parts: u64) -> Self {
        let parts = i64::try_from(parts).unwrap_or(i64::MAX);
        Self(Decimal::new(parts, 6).min(Decimal::ONE_HUNDRED).normalize())
    }
}

impl FromStr for Percent {
    type Err = DecimalError;
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        Self::new(parse(text)?)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&canonical(self.0))
    }
}

/// A factor or multiplier: above 0, at most 1,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Factor(Decimal);

impl Factor {
    /// Once.
    pub const ONE: Self = Self(Decimal::ONE);

    /// A factor above 0 and up to 1,000.
    ///
    /// # Errors
    /// [`DecimalError::OutOfRange`] beyond that.
    pub fn new(value: Decimal) -> Result<Self, DecimalError> {
        let (from, to) = (Decimal::new(1, 6), Decimal::ONE_THOUSAND);
        if value < from || value > to {
            return Err(DecimalError::OutOfRange { what: "a factor", from, to, found: value });
        }
        Ok(Self(value.normalize()))
    }

    /// The number.
    #[must_use]
    pub const fn value(self) -> Decimal {
        self.0
    }
}

/// Millionths, the finest part of a factor and of a percent.
pub const PARTS_OF_ONE: i64 = 1_000_000;

impl Factor {
    /// The number in millionths: a factor has at most six digits after the point.
    #[must_use]
    pub fn parts(self) -> i64 {
        let scaled = self.0.checked_mul(Decimal::from(PARTS_OF_ONE)).map(|parts| parts.trunc());
        scaled.and_then(|parts| i64::try_from(parts).ok()).unwrap_or(PARTS_OF_ONE)
    }
}

impl FromStr for Factor {
    type Err = DecimalError;
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        Self::new(parse(text)?)
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&canonical(self.0))
    }
}

/// Decimals in documents are text.
pub(crate) mod as_text {
    use rust_decimal::Decimal;
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub(crate) fn serialize<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::canonical(*value))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        super::parse(&std::borrow::Cow::<'de, str>::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

by_text!(Percent);
by_text!(Factor);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_bounded_and_canonical() {
        for (text, out) in [
            ("187.50", "187.5"),
            ("0", "0"),
            ("-0.000001", "-0.000001"),
            ("007", "7"),
            ("999999999999.999999", "999999999999.999999"),
            ("1.0000000000", "1"),
        ] {
            assert_eq!(canonical(parse(text).expect(text)), out);
        }
        for bad in ["", "-", ".5", "5.", "1e3", " 1", "1,5", "NaN", "1000000000000", "0.0000001", "+1", "१"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert!(parse(&"0".repeat(10_000)).is_err());
    }

    #[test]
    fn shares_and_factors_know_their_bounds() {
        assert!("100".parse::<Percent>().is_ok() && "0".parse::<Percent>().is_ok());
        assert!("100.01".parse::<Percent>().is_err() && "-1".parse::<Percent>().is_err());
        assert!("1000".parse::<Factor>().is_ok() && "0.8".parse::<Factor>().is_ok());
        assert!("0".parse::<Factor>().is_err() && "1000.1".parse::<Factor>().is_err());
    }
}
