//! Money: amounts in whole minor units, rates as exact decimals, each with its currency.

use std::{fmt, str::FromStr};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{decimal, time::by_text};
use serde::{Deserializer, Serializer, de::Error as _};

/// An ISO 4217 currency with the number of digits its minor unit has.
///
/// Which codes there are is a list, and lists are not rules: whoever reads a code brings it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency {
    code: [u8; 3],
    minor_digits: u8,
}

/// The text is not three capital letters with a digit behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a currency is three capital letters such as EUR, with 0 to 4 minor digits")]
pub struct CurrencyError;

impl Currency {
    /// The code of ISO 4217 for no currency.
    pub const NONE: Self = Self { code: *b"XXX", minor_digits: 2 };

    /// A currency by its code and the digits of its minor unit (EUR 2, JPY 0, KWD 3).
    ///
    /// # Errors
    /// [`CurrencyError`] unless the code is three ASCII capitals and the digits are at most four.
    pub fn new(code: &str, minor_digits: u8) -> Result<Self, CurrencyError> {
        match *code.as_bytes() {
            [a, b, c] if [a, b, c].iter().all(u8::is_ascii_uppercase) && minor_digits <= 4 => {
                Ok(Self { code: [a, b, c], minor_digits })
            }
            _ => Err(CurrencyError),
        }
    }

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.code).unwrap_or_default()
    }

    /// Digits of the minor unit.
    #[must_use]
    pub const fn minor_digits(&self) -> u8 {
        self.minor_digits
    }
}

impl fmt::Display for Currency {
    /// The code with the minor digits behind it, `EUR2`: the storage form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.code(), self.minor_digits)
    }
}

impl FromStr for Currency {
    type Err = CurrencyError;
    fn from_str(text: &str) -> Result<Self, CurrencyError> {
        let (code, digit) = text.split_at_checked(3).ok_or(CurrencyError)?;
        Self::new(code, digit.parse().map_err(|_| CurrencyError)?)
    }
}

by_text!(Currency);

/// An amount in whole minor units of its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Cents, yen, fils: the currency's smallest unit.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

/// Why an amount is not money of its currency.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// More digits after the point than the currency has.
    #[error("{amount} has more than the {digits} digits after the point that {code} has")]
    TooFine {
        /// The amount given.
        amount: Decimal,
        /// The currency's minor digits.
        digits: u8,
        /// The currency's code.
        code: String,
    },
    /// Below zero where only a price makes sense.
    #[error("{0} is below zero")]
    Negative(Decimal),
}

impl Money {
    /// An amount that is zero or more, in the currency's own digits.
    ///
    /// # Errors
    /// [`MoneyError`] when it is finer than the minor unit or below zero.
    pub fn price(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        if amount < Decimal::ZERO {
            return Err(MoneyError::Negative(amount));
        }
        let digits = currency.minor_digits;
        let too_fine = || MoneyError::TooFine { amount, digits, code: currency.code().into() };
        let normal = amount.normalize();
        if normal.scale() > u32::from(digits) {
            return Err(too_fine());
        }
        let scaled = normal.checked_mul(Decimal::from(10_i64.pow(u32::from(digits)))).ok_or_else(too_fine)?;
        Ok(Self { minor: i64::try_from(scaled).map_err(|_| too_fine())?, currency })
    }

    /// The amount with exactly the currency's minor digits, `187.50`.
    #[must_use]
    pub fn amount(&self) -> String {
        Decimal::new(self.minor, u32::from(self.currency.minor_digits)).to_string()
    }
}

/// A price per hour or per unit: exact, not rounded to the minor unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    amount: Decimal,
    currency: Currency,
}

impl Rate {
    /// A rate of zero or more.
    ///
    /// # Errors
    /// [`MoneyError::Negative`] below zero.
    pub fn new(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        if amount < Decimal::ZERO {
            return Err(MoneyError::Negative(amount));
        }
        Ok(Self { amount: amount.normalize(), currency })
    }

    /// The exact amount.
    #[must_use]
    pub const fn amount(&self) -> Decimal {
        self.amount
    }

    /// The currency.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// The rate times a factor, exact; none where the product has more than 28 digits, which bounded inputs rule out.
    #[must_use]
    pub fn times(&self, factor: decimal::Factor) -> Option<Self> {
        let amount = self.amount.checked_mul(factor.value())?.normalize();
        Some(Self { amount, currency: self.currency })
    }

    /// The amount with at least the currency's minor digits and no more than it needs, `352.50` or `0.123`.
    #[must_use]
    pub fn display_amount(&self) -> String {
        let mut amount = self.amount;
        let digits = u32::from(self.currency.minor_digits);
        if amount.scale() < digits {
            amount.rescale(digits);
        }
        amount.to_string()
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.display_amount(), self.currency.code())
    }
}

#[derive(Serialize, Deserialize)]
struct StoredRate {
    amount: String,
    currency: Currency,
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        StoredRate { amount: decimal::canonical(self.amount), currency: self.currency }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = StoredRate::deserialize(deserializer)?;
        let amount = decimal::parse(&stored.amount).map_err(D::Error::custom)?;
        Self::new(amount, stored.currency).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str, digits: u8) -> Currency {
        Currency::new(code, digits).expect("currency")
    }

    #[test]
    fn amounts_have_exactly_the_minor_digits() {
        for (amount, code, digits, minor, shown) in
            [("187.5", "EUR", 2, 18_750, "187.50"), ("500", "JPY", 0, 500, "500"), ("1.005", "KWD", 3, 1005, "1.005")]
        {
            let money = Money::price(decimal::parse(amount).expect(amount), currency(code, digits)).expect("money");
            assert_eq!((money.minor, money.amount().as_str()), (minor, shown));
        }
        let euro = currency("EUR", 2);
        assert!(Money::price(decimal::parse("0.001").expect("decimal"), euro).is_err());
        assert!(Money::price(decimal::parse("-1").expect("decimal"), euro).is_err());
    }

    #[test]
    fn rates_stay_exact() {
        let rate = Rate::new(decimal::parse("33.333333").expect("decimal"), currency("EUR", 2)).expect("rate");
        let raised = rate.times("1.25".parse().expect("factor")).expect("product");
        assert_eq!(decimal::canonical(raised.amount()), "41.66666625");
        let json = serde_json::to_string(&rate).expect("json");
        assert_eq!(serde_json::from_str::<Rate>(&json).expect("rate"), rate);
    }
}
