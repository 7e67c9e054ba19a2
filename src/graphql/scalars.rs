//! The contract's scalars: exact, with one canonical form on output.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use remit_domain::{self as domain, Currency, Timestamp, calendar, decimal, time};
use serde_json::{Map, Value as Json};

use super::request::ScalarCheck;

/// Why a value is none of a scalar; the refusal the caller sees.
type Refusal = String;

/// Defines a scalar by its name, its Rust value, how it is read and how it is written.
macro_rules! scalar {
    ($(#[doc = $doc:literal])+ $name:ident($inner:ty), $read:expr, $write:expr) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub(crate) struct $name(pub(crate) $inner);

        impl $name {
            fn read(value: &Value) -> Result<Self, Refusal> {
                let Value::String(text) = value else {
                    return Err(format!("{} must be a string, not {value}", stringify!($name)));
                };
                let read: fn(&str) -> Result<$inner, Refusal> = $read;
                read(text).map(Self)
            }

            /// Its canonical form.
            pub(crate) fn text(&self) -> String {
                let write: fn(&$inner) -> String = $write;
                write(&self.0)
            }
        }

        $(#[doc = $doc])+
        #[Scalar]
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                Self::read(&value).map_err(InputValueError::custom)
            }

            fn to_value(&self) -> Value {
                Value::String(self.text())
            }
        }
    };
}

scalar!(
    /// An RFC 3339 instant between the years 1900 and 2399, to the microsecond; UTC on output: 2026-03-29T00:30:00Z.
    DateTime(Timestamp),
    |text| time::parse_instant(text).map_err(|error| error.to_string()),
    ToString::to_string
);
scalar!(
    /// An ISO 8601 calendar date between the years 1900 and 2399: 2026-12-25. As a boundary it begins at 00:00 in the zone of the terms' calendar.
    Date(domain::Date),
    |text| time::parse_date(text).map_err(|error| error.to_string()),
    ToString::to_string
);
scalar!(
    /// Wall time HH:MM or HH:MM:SS; 24:00 where a period closes.
    LocalTime(domain::LocalTime),
    |text| text.parse().map_err(|error: time::TimeError| error.to_string()),
    ToString::to_string
);
scalar!(
    /// ISO 8601 exact time in hours, minutes and seconds: PT4H, PT1H30M; never days.
    Duration(domain::Duration),
    |text| text.parse().map_err(|error: time::TimeError| error.to_string()),
    ToString::to_string
);
scalar!(
    /// An exact decimal as a string: "187.50". Up to twelve digits before the point and six after it.
    Decimal(String),
    |text| decimal::parse(text).map(decimal::canonical).map_err(|error| error.to_string()),
    Clone::clone
);
scalar!(
    /// An ISO 4217 currency code: EUR.
    CurrencyCode(Currency),
    currency,
    |currency| currency.code().to_owned()
);
scalar!(
    /// An IANA time zone name: Europe/Berlin.
    TimeZone(String),
    |text| calendar::zone_name(text).map_err(|error| error.to_string()),
    Clone::clone
);

/// A JSON object, in which a query's variables stand as they do beside it in a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JsonObject(pub(crate) Map<String, Json>);

impl JsonObject {
    fn read(value: &Value) -> Result<Self, Refusal> {
        match value.clone().into_json() {
            Ok(Json::Object(members)) => Ok(Self(members)),
            _ => Err("JSONObject must be an object".to_owned()),
        }
    }
}

/// A JSON object, in which a query's variables stand as they do beside it in a request.
#[Scalar(name = "JSONObject")]
impl ScalarType for JsonObject {
    fn parse(value: Value) -> InputValueResult<Self> {
        Self::read(&value).map_err(InputValueError::custom)
    }

    fn to_value(&self) -> Value {
        Value::from_json(Json::Object(self.0.clone())).unwrap_or_default()
    }
}

/// A currency of ISO 4217 that is money: it has a minor unit, and is no fund, metal or test code.
fn currency(text: &str) -> Result<Currency, Refusal> {
    let refuse = || format!("{:?} is no ISO 4217 currency code such as EUR", text.chars().take(20).collect::<String>());
    let listed = iso_currency::Currency::from_code(text).ok_or_else(refuse)?;
    let digits = listed.exponent().and_then(|digits| u8::try_from(digits).ok()).ok_or_else(refuse)?;
    if listed.code() != text || matches!(text, "XXX" | "XTS") {
        return Err(refuse());
    }
    Currency::new(text, digits).map_err(|_| refuse())
}

/// How the request path checks each scalar before anything is executed.
pub(crate) fn checks() -> Vec<(&'static str, ScalarCheck)> {
    vec![
        ("DateTime", |value| DateTime::read(value).map(drop)),
        ("Date", |value| Date::read(value).map(drop)),
        ("LocalTime", |value| LocalTime::read(value).map(drop)),
        ("Duration", |value| Duration::read(value).map(drop)),
        ("Decimal", |value| Decimal::read(value).map(drop)),
        ("CurrencyCode", |value| CurrencyCode::read(value).map(drop)),
        ("TimeZone", |value| TimeZone::read(value).map(drop)),
    ]
}

/// The same, with what stands only in the arguments of the root.
pub(crate) fn root_checks() -> Vec<(&'static str, ScalarCheck)> {
    let of_root: (_, ScalarCheck) = ("JSONObject", |value| JsonObject::read(value).map(drop));
    checks().into_iter().chain([of_root]).collect()
}
