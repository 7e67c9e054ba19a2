//! Weekly hours, said shortly: days with the same hours together, days in a row as a range.

use super::{phrases, say};
use crate::{
    calendar::{WallPeriod, WeeklyPeriod},
    time::LocalTime,
    words::Weekday,
};

/// `Monday to Friday 09:00–17:00`, `every day 00:00–24:00`; `never` where there is no period.
pub(super) fn weekly(periods: &[WeeklyPeriod]) -> String {
    let mut groups: Vec<(Vec<WallPeriod>, Vec<Weekday>)> = Vec::new();
    for day in Weekday::ALL {
        let own = sorted(periods.iter().filter(|period| period.weekday == *day).map(|period| period.period).collect());
        match groups.iter_mut().find(|(hours, _)| *hours == own) {
            _ if own.is_empty() => {}
            Some((_, days)) => days.push(*day),
            None => groups.push((own, vec![*day])),
        }
    }
    let group = |(hours, days): &(Vec<WallPeriod>, Vec<Weekday>)| format!("{} {}", weekdays(days), wall(hours));
    let groups: Vec<String> = groups.iter().map(group).collect();
    if groups.is_empty() { "never".into() } else { groups.join("; ") }
}

/// `08:00–12:00 and 13:00–17:00`; `closed` where there is none. What runs past midnight says so.
pub(super) fn wall(periods: &[WallPeriod]) -> String {
    let one = |period: &WallPeriod| {
        let over = period.closes() <= period.opens() && period.closes() != LocalTime::MIDNIGHT;
        format!("{period}{}", if over { " the next day" } else { "" })
    };
    let periods: Vec<String> = periods.iter().map(one).collect();
    if periods.is_empty() { "closed".into() } else { say::list(&periods) }
}

/// `Monday to Friday`, `Saturday and Sunday`, `Monday, Wednesday to Friday`, `every day`; days Monday first.
pub(super) fn weekdays(days: &[Weekday]) -> String {
    if days.len() == Weekday::ALL.len() {
        return "every day".into();
    }
    let mut runs: Vec<Vec<Weekday>> = Vec::new();
    for day in days {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|last| follows(*last, *day)) => run.push(*day),
            _ => runs.push(vec![*day]),
        }
    }
    let mut parts = Vec::new();
    for run in &runs {
        match run.as_slice() {
            [first, .., last] if run.len() > 2 => {
                parts.push(format!("{} to {}", phrases::weekday(*first), phrases::weekday(*last)));
            }
            few => parts.extend(few.iter().map(|day| phrases::weekday(*day).to_owned())),
        }
    }
    say::list(&parts)
}

fn follows(earlier: Weekday, later: Weekday) -> bool {
    let place = |day: Weekday| jiff::civil::Weekday::from(day).to_monday_zero_offset();
    place(later) == place(earlier) + 1
}

fn sorted(mut periods: Vec<WallPeriod>) -> Vec<WallPeriod> {
    periods.sort_by_key(WallPeriod::opens);
    periods
}
