//! Amounts, times and hours in words, a line a case.

use serde_json::json;

use super::super::{InvoiceLine, phrases, say, week};
use crate::{
    calendar::WeeklyPeriod,
    money::{Currency, Rate},
    time::Duration,
    words::{ChargeKind, Clock, HoursClass, Weekday},
};

#[test]
fn times_are_said_in_hours_and_minutes() {
    for (time, plain, business) in [
        ("PT4H", "4 hours", "4 business hours"),
        ("PT1H", "1 hour", "1 business hour"),
        ("PT15M", "15 minutes", "15 minutes in business hours"),
        ("PT1H30M", "1 hour 30 minutes", "1 hour 30 minutes in business hours"),
        ("PT1M1S", "1 minute 1 second", "1 minute 1 second in business hours"),
        ("PT0.5S", "0.5 seconds", "0.5 seconds in business hours"),
        ("PT8760H", "8,760 hours", "8,760 business hours"),
        ("PT0S", "no time", "no time in business hours"),
    ] {
        let time = time.parse().unwrap();
        assert_eq!(
            (say::duration(time).as_str(), say::counted_time(time, Clock::BusinessHours).as_str()),
            (plain, business)
        );
    }
    assert_eq!(say::counted_time("PT4H".parse().unwrap(), Clock::AroundTheClock), "4 hours around the clock");
}

#[test]
fn times_in_tables_are_short_and_of_either_sign() {
    for (minutes, said) in [
        (0, "0 h"),
        (240, "4 h"),
        (90, "1 h 30 min"),
        (50, "50 min"),
        (-120, "-2 h"),
        (-5, "-5 min"),
        (60_000, "1,000 h"),
    ] {
        assert_eq!(say::brief(Duration::from_minutes(minutes)), said);
    }
    assert_eq!(say::brief("PT1H0.5S".parse().unwrap()), "1 h 0.5 s");
}

#[test]
fn amounts_have_their_currency_and_groups() {
    for (amount, code, digits, said) in [
        ("1200", "EUR", 2, "EUR 1,200.00"),
        ("18.505", "USD", 2, "USD 18.505"),
        ("12000", "JPY", 0, "JPY 12,000"),
        ("999", "EUR", 2, "EUR 999.00"),
        ("1234567.891", "KWD", 3, "KWD 1,234,567.891"),
    ] {
        let rate = Rate::new(crate::decimal::parse(amount).unwrap(), Currency::new(code, digits).unwrap()).unwrap();
        assert_eq!(say::rate(rate), said);
    }
    assert_eq!(say::grouped("-123456"), "-123,456");
    assert_eq!(say::grouped("-123"), "-123");
}

#[test]
fn dates_and_instants_are_spelled() {
    assert_eq!(say::date("2026-01-01".parse().unwrap()), "1 January 2026");
    let at = crate::time::parse_instant("2026-03-29T00:59:59Z").unwrap();
    assert_eq!(say::instant(at, "Europe/Berlin"), "29 March 2026, 01:59 (Europe/Berlin)");
    assert_eq!(say::instant(at, "America/New_York"), "28 March 2026, 20:59 (America/New_York)");
    assert_eq!(say::instant(at, "Nowhere"), "29 March 2026, 00:59 (UTC)");
}

#[test]
fn factors_and_places_are_said_in_words() {
    let said: Vec<String> =
        ["1", "1.5", "2", "2.5", "1.25"].iter().map(|factor| say::times(factor.parse().unwrap())).collect();
    assert_eq!(said, ["", "one and a half times ", "twice ", "two and a half times ", "1.25 times "]);
    let places: Vec<String> = [2, 3, 4, 11, 21, 112, 1_000].map(say::ordinal).to_vec();
    assert_eq!(places, ["2nd", "3rd", "4th", "11th", "21st", "112th", "1000th"]);
    assert_eq!(
        (say::list(&["a"; 0]), say::list(&["a", "b", "c"]), say::any_of(&["a", "b"])),
        (String::new(), "a, b and c".into(), "a or b".into())
    );
}

/// `MON 09:00-17:00` as a period.
fn period(text: &str) -> WeeklyPeriod {
    let (day, hours) = text.split_once(' ').unwrap();
    let (opens, closes) = hours.split_once('-').unwrap();
    let day = Weekday::ALL.iter().find(|weekday| weekday.as_str().starts_with(day)).unwrap();
    serde_json::from_value(json!({"weekday": day, "opens": opens, "closes": closes})).unwrap()
}

#[test]
fn the_week_is_said_shortly() {
    for (periods, said) in [
        (
            &["MON 09:00-17:00", "TUE 09:00-17:00", "WED 09:00-17:00", "THU 09:00-17:00", "FRI 09:00-17:00"][..],
            "Monday to Friday 09:00–17:00",
        ),
        (
            &["TUE 13:00-17:00", "TUE 08:00-12:00", "MON 08:00-12:00", "MON 13:00-17:00"],
            "Monday and Tuesday 08:00–12:00 and 13:00–17:00",
        ),
        (
            &["MON 09:00-17:00", "WED 09:00-17:00", "THU 09:00-17:00", "FRI 09:00-17:00", "SAT 09:00-12:00"],
            "Monday and Wednesday to Friday 09:00–17:00; Saturday 09:00–12:00",
        ),
        (&["SUN 22:00-06:00"], "Sunday 22:00–06:00 the next day"),
        (&["SUN 22:00-24:00"], "Sunday 22:00–24:00"),
        (&[], "never"),
    ] {
        let periods: Vec<WeeklyPeriod> = periods.iter().map(|text| period(text)).collect();
        assert_eq!(week::weekly(&periods), said);
    }
    let all: Vec<WeeklyPeriod> = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
        .iter()
        .map(|day| period(&format!("{day} 00:00-24:00")))
        .collect();
    assert_eq!(week::weekly(&all), "every day 00:00–24:00");
}

#[test]
fn words_of_the_schema_are_spoken() {
    assert_eq!(phrases::spoken("HARDWARE_FAILURE"), Some("hardware failure"));
    assert_eq!((phrases::spoken("AFTER_HOURS"), phrases::spoken("HELP")), (Some("after-hours"), None));
}

#[test]
fn a_charge_is_a_line_of_an_invoice() {
    let work = InvoiceLine {
        kind: ChargeKind::ExtraHours,
        class: Some(HoursClass::AfterHours),
        begun: Some("2026-10-26T23:30:00Z".parse().unwrap()),
        zone: "Europe/Berlin",
        entry: Some(("PSA", "4711")),
        corrects: None,
    };
    let correction = InvoiceLine { kind: ChargeKind::Adjustment, corrects: Some("2026-10".parse().unwrap()), ..work };
    let credit = InvoiceLine { kind: ChargeKind::ServiceCredit, class: None, begun: None, entry: None, ..work };
    for (line, said) in [
        (work, "Extra hours, worked after hours, begun 27 October 2026, 00:30 (Europe/Berlin), PSA 4711"),
        (
            correction,
            "Correction, worked after hours, begun 27 October 2026, 00:30 (Europe/Berlin), PSA 4711, for October 2026",
        ),
        (credit, "Service credit"),
    ] {
        assert_eq!(line.to_string(), said);
    }
}
