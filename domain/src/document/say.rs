//! Amounts, times and shares in words for people.

use jiff::{Timestamp, civil::Date, tz::TimeZoneDatabase};
use rust_decimal::Decimal;

use crate::{
    billing::{LotOrigin, Month, PrepaidBlock},
    decimal::{self, Factor, Percent},
    money::{Money, Rate},
    time::Duration,
    words::Clock,
};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `1 January 2026`.
pub(crate) fn date(date: Date) -> String {
    let month = usize::from(date.month().unsigned_abs()).checked_sub(1).and_then(|place| MONTHS.get(place));
    format!("{} {} {}", date.day(), month.copied().unwrap_or_default(), date.year())
}

/// `15 December 2025, 05:00 (America/New_York)`: an instant in a zone, to the minute; UTC where there is no such zone.
pub(super) fn instant(at: Timestamp, zone: &str) -> String {
    let found = TimeZoneDatabase::bundled().get(zone).ok();
    let (zone, known) = found.map_or((jiff::tz::TimeZone::UTC, "UTC"), |found| (found, zone));
    let local = zone.to_datetime(at);
    format!("{}, {:02}:{:02} ({known})", date(local.date()), local.hour(), local.minute())
}

/// `1 day`, `30 days`.
pub(super) fn days(count: u32) -> String {
    counted(u64::from(count), "day")
}

/// A number with its noun, which takes an s unless it is one.
pub(super) fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{} {noun}s", grouped(&count.to_string())) }
}

/// `4 hours`, `1 hour 30 minutes`, `0.5 seconds`; `no time` for none.
pub(super) fn duration(time: Duration) -> String {
    let micros = time.micros().unsigned_abs();
    let (hours, minutes) = (micros / 3_600_000_000, micros / 60_000_000 % 60);
    let rest = Decimal::new(i64::try_from(micros % 60_000_000).unwrap_or_default(), 6);
    let mut parts = Vec::new();
    if hours > 0 {
        parts.push(counted(hours, "hour"));
    }
    if minutes > 0 {
        parts.push(counted(minutes, "minute"));
    }
    if rest == Decimal::ONE {
        parts.push("1 second".into());
    } else if !rest.is_zero() {
        parts.push(format!("{} seconds", decimal::canonical(rest)));
    }
    if parts.is_empty() { "no time".into() } else { parts.join(" ") }
}

/// A time where many stand together, of either sign: `4 h`, `1 h 30 min`, `-20 s`; `0 h` for none.
pub(crate) fn brief(time: Duration) -> String {
    let micros = time.micros().unsigned_abs();
    let (hours, minutes) = (micros / 3_600_000_000, micros / 60_000_000 % 60);
    let rest = Decimal::new(i64::try_from(micros % 60_000_000).unwrap_or_default(), 6);
    let mut parts = Vec::new();
    if hours > 0 || micros == 0 {
        parts.push(format!("{} h", grouped(&hours.to_string())));
    }
    if minutes > 0 {
        parts.push(format!("{minutes} min"));
    }
    if !rest.is_zero() {
        parts.push(format!("{} s", decimal::canonical(rest)));
    }
    let sign = if time < Duration::ZERO { "-" } else { "" };
    format!("{sign}{}", parts.join(" "))
}

/// `October 2026`.
pub(crate) fn month(month: Month) -> String {
    let first = date(month.first());
    first.split_once(' ').map_or(first.clone(), |(_, rest)| rest.to_owned())
}

/// Where hours come from: `hours of October 2026`, `prepaid block BLOCK-1`.
pub(crate) fn lot(origin: LotOrigin, blocks: &[PrepaidBlock]) -> String {
    match origin {
        LotOrigin::Period(of) => format!("hours of {}", month(of)),
        LotOrigin::Block(id) => {
            let code = blocks.iter().find(|block| block.id == id).map_or("", |block| &block.code);
            format!("prepaid block {code}").trim_end().to_owned()
        }
    }
}

/// A time that a clock counts: `4 business hours`, `30 minutes in business hours`, `15 minutes around the clock`.
pub(super) fn counted_time(time: Duration, clock: Clock) -> String {
    let plain = duration(time);
    let whole_hours = time.micros() % 3_600_000_000 == 0 && !time.is_zero();
    match clock {
        Clock::BusinessHours if whole_hours => plain.replacen("hour", "business hour", 1),
        Clock::BusinessHours => format!("{plain} in business hours"),
        Clock::AroundTheClock => format!("{plain} around the clock"),
    }
}

/// `EUR 1,200.00`.
pub(super) fn rate(rate: Rate) -> String {
    format!("{} {}", rate.currency().code(), grouped(&rate.display_amount()))
}

/// `EUR 80.00`.
pub(super) fn money(money: Money) -> String {
    format!("{} {}", money.currency.code(), grouped(&money.amount()))
}

/// `99.5 %`.
pub(super) fn percent(share: Percent) -> String {
    format!("{share} %")
}

/// How many times something: `half`, `twice`, `one and a half times`, `1.25 times`; nothing for once.
pub(super) fn times(factor: Factor) -> String {
    match factor.to_string().as_str() {
        "1" => String::new(),
        "0.5" => "half ".into(),
        "1.5" => "one and a half times ".into(),
        "2" => "twice ".into(),
        "2.5" => "two and a half times ".into(),
        "3" => "three times ".into(),
        other => format!("{other} times "),
    }
}

/// `1st`, `2nd`, `3rd`, `4th`, `11th`.
pub(super) fn ordinal(number: u32) -> String {
    let ending = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

/// `one, two and three`; nothing for none.
pub(super) fn list<T: AsRef<str>>(items: &[T]) -> String {
    join(items, "and")
}

/// `one, two or three`; nothing for none.
pub(super) fn any_of<T: AsRef<str>>(items: &[T]) -> String {
    join(items, "or")
}

fn join<T: AsRef<str>>(items: &[T], word: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [rest @ .., last] => {
            let rest: Vec<&str> = rest.iter().map(AsRef::as_ref).collect();
            format!("{} {word} {}", rest.join(", "), last.as_ref())
        }
    }
}

/// The same with a capital at its beginning.
pub(super) fn sentence(text: &str) -> String {
    let mut signs = text.chars();
    signs.next().map(|first| first.to_uppercase().chain(signs).collect()).unwrap_or_default()
}

/// The digits before the point in threes: `1,200.50`.
pub(super) fn grouped(amount: &str) -> String {
    let (whole, fraction) = amount.split_once('.').map_or((amount, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut out = String::with_capacity(amount.len() + 4);
    let digits = whole.trim_start_matches('-').len();
    for (place, sign) in whole.chars().enumerate() {
        let left = whole.chars().count() - place;
        if sign != '-' && left % 3 == 0 && left < digits {
            out.push(',');
        }
        out.push(sign);
    }
    fraction.map_or(out.clone(), |fraction| format!("{out}.{fraction}"))
}
