//! Worked holidays and half-days.

use super::{super::*, region};
use crate::{
    calendar::{Exception, Hours, WallPeriod, WeeklyPeriod},
    words::Weekday,
};

/// Monday to Friday, nine to five.
fn office() -> Hours {
    let period = WallPeriod::new("09:00".parse().unwrap(), "17:00".parse().unwrap()).unwrap();
    let weekly = Weekday::ALL[..5].iter().map(|&weekday| WeeklyPeriod { weekday, period }).collect();
    Hours::new("UTC", weekly, &[Weekday::Saturday, Weekday::Sunday]).unwrap()
}

/// `2026-12-24 09:00–12:00 Christmas Eve`, `closed` where it has no periods, `!` where it is a holiday.
fn spelled(exception: &Exception) -> String {
    let hours: Vec<String> = exception.periods.iter().map(ToString::to_string).collect();
    let hours = if hours.is_empty() { "closed".to_owned() } else { hours.join(",") };
    format!("{} {hours}{} {}", exception.date, if exception.holiday { "!" } else { "" }, exception.name)
}

fn chosen(code: &str, year: i16, except: &[&str], open: &[&str]) -> Result<Vec<String>, ChoiceError> {
    let except = except.iter().map(|pick| pick.parse()).collect::<Result<_, _>>()?;
    let openings = open.iter().map(|opening| opening.parse()).collect::<Result<_, _>>()?;
    let days = region(code).holidays(year..=year, Days::Observed, &[]);
    let choice = Choice { except, openings };
    choice.require_known(&days.iter().map(|day| (day.date, day.name.as_str())).collect::<Vec<_>>())?;
    let exceptions = choice.exceptions(&days, &(year..=year), &office());
    Ok(exceptions.iter().map(spelled).collect())
}

#[test]
fn a_worked_holiday_is_left_out_or_has_hours() {
    let all = chosen("US", 2026, &[], &[]).unwrap();
    assert_eq!((all.len(), all[2].as_str()), (11, "2026-02-16 closed! Washington's Birthday (Presidents' Day)"));
    for named in ["Presidents’ Day", "washington's birthday", "2026-02-16", "02-16"] {
        assert_eq!(chosen("US", 2026, &[named], &[]).unwrap().len(), 10, "{named}");
    }
    let worked = chosen("US", 2026, &[], &["Presidents' Day=08:00-12:00,13:00-15:00"]).unwrap();
    assert_eq!(worked[2], "2026-02-16 08:00–12:00,13:00–15:00 Washington's Birthday (Presidents' Day)");
}

#[test]
fn half_days_are_said_once_for_every_year() {
    let open = ["12-24=09:00-12:00=Heiligabend", "12-31=09:00-12:00"];
    let of = |year| chosen("DE", year, &[], &open).unwrap();
    let last = |year: i16| of(year).into_iter().filter(|day| day.contains("–12:00")).collect::<Vec<_>>();
    assert_eq!(last(2026), ["2026-12-24 09:00–12:00 Heiligabend", "2026-12-31 09:00–12:00 Open 09:00–12:00"]);
    // In 2022 both are Saturdays, on which the office is closed anyway.
    assert_eq!(last(2022), [""; 0]);
    // A date is meant as it is said.
    let sunday = chosen("DE", 2028, &[], &["2028-12-24=09:00-12:00"]).unwrap();
    assert!(sunday.contains(&"2028-12-24 09:00–12:00 Open 09:00–12:00".to_owned()), "{sunday:?}");
}

#[test]
fn a_half_day_of_every_year_does_not_open_a_day_that_stands_in_for_another() {
    // Christmas Day of 2027 is a Saturday, kept on Friday the 24th.
    let days = chosen("US", 2027, &[], &["12-24=09:00-12:00"]).unwrap();
    assert!(days.contains(&"2027-12-24 closed! Christmas Day (observed)".to_owned()), "{days:?}");
    // A name opens it wherever it falls.
    let days = chosen("US", 2027, &[], &["Christmas Day=09:00-12:00"]).unwrap();
    assert!(days.contains(&"2027-12-24 09:00–12:00 Christmas Day (observed)".to_owned()), "{days:?}");
}

#[test]
fn two_days_off_of_one_date_are_one_exception() {
    let days = chosen("DE", 2008, &[], &[]).unwrap();
    assert!(days.contains(&"2008-05-01 closed! Tag der Arbeit / Christi Himmelfahrt".to_owned()), "{days:?}");
    let days = chosen("DE", 2008, &["Tag der Arbeit"], &[]).unwrap();
    assert!(days.contains(&"2008-05-01 closed! Christi Himmelfahrt".to_owned()), "{days:?}");
}

#[test]
fn what_is_no_such_day_is_refused() {
    let refused = |except: &[&str], open: &[&str]| chosen("AT", 2026, except, open).unwrap_err().to_string();
    assert!(
        refused(&["Columbus Day"], &[]).starts_with("\"Columbus Day\" is none of the days; there are Allerheiligen, ")
    );
    assert!(refused(&["2026-07-04"], &[]).starts_with("2026-07-04 is none of the days"));
    assert!(refused(&[], &["Karfreitag=08:00-12:00"]).starts_with("\"Karfreitag\" is none of the days"));
    assert!(refused(&[], &["12-24"]).contains("DAY=08:00-12:00"));
    assert!(refused(&[], &["02-30=08:00-12:00"]).contains("DAY=08:00-12:00"));
    assert!(refused(&[], &["12-24=8-12"]).starts_with("\"8-12\": "));
    assert!(refused(&[], &["12-24=12:00-12:00"]).contains("has no length"));
    assert!(refused(&[], &["12-24=08:00-12:00= "]).contains("must not be empty"));
}
