//! Public holidays of three places, by their rules.
//!
//! Sources: 5 U.S.C. § 6103 and Executive Order 11582 (days observed); the bank holidays of England and Wales under the
//! Banking and Financial Dealings Act 1971 and by proclamation, with their substitute days; the Berlin Act on Sundays and
//! Public Holidays.

use remit_domain::Date;
use serde_json::{Value, json};

/// Monday 0 to Sunday 6.
fn weekday(date: Date) -> i8 {
    date.weekday().to_monday_zero_offset()
}

fn day(year: i16, month: i8, day: i8) -> Date {
    Date::new(year, month, day).unwrap_or(Date::ZERO)
}

fn shifted(date: Date, days: i32) -> Date {
    let step = |date: Date| if days < 0 { date.yesterday() } else { date.tomorrow() };
    (0..days.abs()).fold(date, |date, _| step(date).unwrap_or(date))
}

/// The n-th such weekday of a month, counted from 1.
fn nth(year: i16, month: i8, wanted: i8, n: i32) -> Date {
    let first = day(year, month, 1);
    shifted(first, i32::from((wanted - weekday(first)).rem_euclid(7)) + 7 * (n - 1))
}

/// The last such weekday of a month.
fn last(year: i16, month: i8, wanted: i8) -> Date {
    let fifth = nth(year, month, wanted, 5);
    if fifth.month() == month { fifth } else { nth(year, month, wanted, 4) }
}

/// Easter Sunday of the Gregorian calendar.
fn easter(year: i16) -> Date {
    let y = i32::from(year);
    let (golden, century) = (y % 19, y / 100);
    let moon = (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
    let sunday = (32 + 2 * (century % 4) + 2 * (y % 100 / 4) - moon - y % 100 % 4) % 7;
    let late = (golden + 11 * moon + 22 * sunday) / 451;
    let days = moon + sunday - 7 * late + 114;
    day(year, i8::try_from(days / 31).unwrap_or(4), i8::try_from(days % 31 + 1).unwrap_or(1))
}

/// Saturday's is observed on Friday, Sunday's on Monday.
fn observed(date: Date) -> Date {
    match weekday(date) {
        5 => shifted(date, -1),
        6 => shifted(date, 1),
        _ => date,
    }
}

/// Federal holidays of the United States, on the days on which they are observed.
pub(super) fn united_states(year: i16) -> Vec<(Date, &'static str)> {
    let mut days = vec![
        (observed(day(year, 1, 1)), "New Year's Day"),
        (nth(year, 1, 0, 3), "Birthday of Martin Luther King, Jr."),
        (nth(year, 2, 0, 3), "Washington's Birthday"),
        (last(year, 5, 0), "Memorial Day"),
        (observed(day(year, 6, 19)), "Juneteenth"),
        (observed(day(year, 7, 4)), "Independence Day"),
        (nth(year, 9, 0, 1), "Labor Day"),
        (nth(year, 10, 0, 2), "Columbus Day"),
        (observed(day(year, 11, 11)), "Veterans Day"),
        (nth(year, 11, 3, 4), "Thanksgiving Day"),
        (observed(day(year, 12, 25)), "Christmas Day"),
    ];
    days.sort();
    days
}

/// Bank holidays of England and Wales, with the days that stand in for those on a weekend.
pub(super) fn england(year: i16) -> Vec<(Date, &'static str)> {
    let monday_after = |date: Date| if weekday(date) > 4 { shifted(date, i32::from(7 - weekday(date))) } else { date };
    let christmas = monday_after(day(year, 12, 25));
    let boxing = match monday_after(day(year, 12, 26)) {
        same if same == christmas => shifted(same, 1),
        other => other,
    };
    let mut days = vec![
        (monday_after(day(year, 1, 1)), "New Year's Day"),
        (shifted(easter(year), -2), "Good Friday"),
        (shifted(easter(year), 1), "Easter Monday"),
        (nth(year, 5, 0, 1), "Early May bank holiday"),
        (last(year, 5, 0), "Spring bank holiday"),
        (last(year, 8, 0), "Summer bank holiday"),
        (christmas, "Christmas Day"),
        (boxing, "Boxing Day"),
    ];
    days.sort();
    days
}

/// Public holidays of Berlin.
pub(super) fn berlin(year: i16) -> Vec<(Date, &'static str)> {
    let mut days = vec![
        (day(year, 1, 1), "Neujahr"),
        (day(year, 3, 8), "Internationaler Frauentag"),
        (shifted(easter(year), -2), "Karfreitag"),
        (shifted(easter(year), 1), "Ostermontag"),
        (day(year, 5, 1), "Tag der Arbeit"),
        (shifted(easter(year), 39), "Christi Himmelfahrt"),
        (shifted(easter(year), 50), "Pfingstmontag"),
        (day(year, 10, 3), "Tag der Deutschen Einheit"),
        (day(year, 12, 25), "1. Weihnachtstag"),
        (day(year, 12, 26), "2. Weihnachtstag"),
    ];
    days.sort();
    days
}

/// Exceptions of a calendar for the year before a date, its own, and the next.
pub(super) fn exceptions(today: Date, holidays: fn(i16) -> Vec<(Date, &'static str)>) -> Vec<Value> {
    let mut days: Vec<(Date, &str)> = (-1..=1).flat_map(|offset| holidays(today.year() + offset)).collect();
    days.sort();
    days.dedup_by_key(|(date, _)| *date);
    days.into_iter().map(|(date, name)| json!({"date": date.to_string(), "name": name})).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(days: &[(Date, &'static str)]) -> Vec<String> {
        days.iter().map(|(date, _)| date.to_string()).collect()
    }

    #[test]
    fn holidays_fall_where_they_were_proclaimed() {
        let us = [
            "2026-01-01",
            "2026-01-19",
            "2026-02-16",
            "2026-05-25",
            "2026-06-19",
            "2026-07-03",
            "2026-09-07",
            "2026-10-12",
            "2026-11-11",
            "2026-11-26",
            "2026-12-25",
        ];
        assert_eq!(dates(&united_states(2026)), us);
        let england_2027 = [
            "2027-01-01",
            "2027-03-26",
            "2027-03-29",
            "2027-05-03",
            "2027-05-31",
            "2027-08-30",
            "2027-12-27",
            "2027-12-28",
        ];
        assert_eq!(dates(&england(2027)), england_2027);
        let england_2026 = [
            "2026-01-01",
            "2026-04-03",
            "2026-04-06",
            "2026-05-04",
            "2026-05-25",
            "2026-08-31",
            "2026-12-25",
            "2026-12-28",
        ];
        assert_eq!(dates(&england(2026)), england_2026);
        let berlin_2026 = [
            "2026-01-01",
            "2026-03-08",
            "2026-04-03",
            "2026-04-06",
            "2026-05-01",
            "2026-05-14",
            "2026-05-25",
            "2026-10-03",
            "2026-12-25",
            "2026-12-26",
        ];
        assert_eq!(dates(&berlin(2026)), berlin_2026);
    }
}
