//! What is written after flags.

use std::{ops::RangeInclusive, str::FromStr};

use remit_domain::{
    LocalTime,
    calendar::{WallPeriod, WeeklyPeriod},
    time::{FIRST_YEAR, LAST_YEAR},
    words::Weekday,
};

/// Years, the last one in: `2026` or `2026-2028`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Years(pub(super) RangeInclusive<i16>);

impl FromStr for Years {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("{text:?} is not of the form 2026 or 2026-2028, between {FIRST_YEAR} and {LAST_YEAR}");
        let year = |text: &str| text.trim().parse::<i16>().ok().filter(|year| (FIRST_YEAR..=LAST_YEAR).contains(year));
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let (first, last) = year(first).zip(year(last)).ok_or_else(bad)?;
        if first <= last { Ok(Self(first..=last)) } else { Err(format!("{last} is before {first}")) }
    }
}

/// Weekly hours: `MON-FRI 09:00-12:00 13:00-17:00, SAT 10:00-14:00`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Week(pub(super) Vec<WeeklyPeriod>);

impl FromStr for Week {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut periods = Vec::new();
        for part in text.split(',') {
            let bad = || format!("{:?} is not of the form MON-FRI 09:00-17:00", part.trim());
            let mut words = part.split_whitespace();
            let days = words.next().and_then(days).ok_or_else(bad)?;
            let hours: Vec<WallPeriod> = words.map(|word| hours(word, bad)).collect::<Result<_, _>>()?;
            if hours.is_empty() {
                return Err(bad());
            }
            periods
                .extend(days.iter().flat_map(|weekday| {
                    hours.iter().map(|period| WeeklyPeriod { weekday: *weekday, period: *period })
                }));
        }
        Ok(Self(periods))
    }
}

/// Reads `MON` or `MON-FRI`; the first three letters of a day or all of them.
fn days(text: &str) -> Option<&'static [Weekday]> {
    let place = |name: &str| {
        let name = name.to_ascii_uppercase();
        Weekday::ALL.iter().position(|day| name.len() >= 3 && day.as_str().starts_with(&name))
    };
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Weekday::ALL.get(place(first)?..=place(last)?)
}

fn hours(text: &str, bad: impl Fn() -> String) -> Result<WallPeriod, String> {
    let (opens, closes) = text.split_once('-').ok_or_else(bad)?;
    let time = |text: &str| text.parse::<LocalTime>().map_err(|error| error.to_string());
    WallPeriod::new(time(opens)?, time(closes)?).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_one_or_a_span() {
        assert_eq!("2026".parse(), Ok(Years(2026..=2026)));
        assert_eq!("2026-2028".parse(), Ok(Years(2026..=2028)));
        for bad in ["", "26", "2028-2026", "2026-", "2026-2027-2028", "1899", "2026-2400", "next"] {
            assert!(bad.parse::<Years>().is_err(), "{bad}");
        }
    }

    #[test]
    fn weeks_are_days_with_hours() {
        let spelled =
            |text: &str| text.parse::<Week>().map(|week| week.0.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(
            spelled("MON-TUE 09:00-12:00 13:00-17:00, saturday 22:00-02:00").unwrap(),
            [
                "MONDAY 09:00–12:00",
                "MONDAY 13:00–17:00",
                "TUESDAY 09:00–12:00",
                "TUESDAY 13:00–17:00",
                "SATURDAY 22:00–02:00"
            ]
        );
        for bad in [
            "",
            "MON",
            "MO 09:00-17:00",
            "FRI-MON 09:00-17:00",
            "MON 9-17",
            "MON 09:00",
            "MON 09:00-09:00",
            "MON-FRI 09:00-17:00,",
        ] {
            assert!(spelled(bad).is_err(), "{bad}");
        }
    }
}
