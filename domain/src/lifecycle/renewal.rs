//! What happens when a term ends, and until when that can be decided (A1).

use std::num::NonZeroU32;

use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{terms::Term, time::LAST_YEAR, words::RenewalKind};

/// What is agreed about the end of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewal {
    /// Whether another term begins by itself.
    pub kind: RenewalKind,
    /// Months of each further term.
    pub months: NonZeroU32,
    /// Months of the first term, where its last day is not written; counted from the first day.
    pub first_term_months: Option<NonZeroU32>,
    /// How long before the end somebody has to say that there is to be none.
    pub notice: Notice,
}

/// Time before an end: months, then days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Months.
    pub months: u32,
    /// Days.
    pub days: u32,
}

/// The term that runs on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurrentTerm {
    /// Its last day.
    pub ends_on: Date,
    /// What happens then; none: it ends.
    pub renewal: Option<RenewalKind>,
    /// The last day on which it can be decided whether there is a next term.
    pub decide_by: Option<Date>,
    /// The last day of the next term.
    pub next_ends_on: Option<Date>,
}

/// The first days after the terms: one every so many months, on the day of the month on which the first term began, or
/// the last day of a shorter month (A1). They do not drift: after a February comes the old day again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TermEnds {
    /// The month of the first end: twelve times the year, and the month counted from 0.
    pub month: i32,
    /// The day of the month, 1 to 31.
    pub day: i8,
    /// Months from one end to the next.
    pub every: NonZeroU32,
}

impl Term {
    /// The last day: as written, else where the first term of a renewal ends.
    #[must_use]
    pub fn last_day(&self, renewal: Option<&Renewal>) -> Option<Date> {
        let first_term = || {
            let from = self.from?;
            let months = i32::try_from(renewal?.first_term_months?.get()).ok()?;
            day_of(month_of(from).checked_add(months)?, from.day())?.yesterday().ok()
        };
        self.until.or_else(first_term)
    }
}

impl Renewal {
    /// When the terms end, if each is followed by another.
    ///
    /// The day of the month is that of the first day where the first term is whole months, else that of its end. None
    /// while neither a last day nor a length is written.
    #[must_use]
    pub fn ends(&self, term: Term) -> Option<TermEnds> {
        let end = term.last_day(Some(self))?.tomorrow().ok()?;
        let anchored = term.from.filter(|from| day_of(month_of(end), from.day()) == Some(end));
        let day = anchored.map_or(end.day(), Date::day);
        Some(TermEnds { month: month_of(end), day, every: self.months })
    }

    /// The last day on which the term after one with this last day can be declined.
    #[must_use]
    pub fn decide_by(&self, ends_on: Date) -> Option<Date> {
        let months = i32::try_from(self.notice.months).ok()?;
        let end = ends_on.tomorrow().ok()?;
        let told = end.checked_sub(months.months()).ok()?;
        told.checked_sub((i64::from(self.notice.days) + 1).days()).ok()
    }

    /// The last day of the first term that ends no sooner than notice on a day allows.
    #[must_use]
    pub fn first_end_after(&self, ends: &TermEnds, notice_on: Date) -> Option<Date> {
        let mut end = ends.ends_on(notice_on)?;
        while self.decide_by(end).is_none_or(|decide_by| decide_by < notice_on) {
            end = ends.ends_on(end.tomorrow().ok()?)?;
        }
        Some(end)
    }
}

impl TermEnds {
    /// The last day of the term that runs on `today`; before the first term that of the first. None beyond the last year
    /// there is.
    #[must_use]
    pub fn ends_on(&self, today: Date) -> Option<Date> {
        let every = i64::from(self.every.get());
        let behind = i64::from(month_of(today)).saturating_sub(i64::from(self.month));
        // The end in the month of `today` may have passed; then the next one is meant.
        let first = if behind > 0 { behind / every } else { 0 };
        (first..=first.saturating_add(1)).filter_map(|n| self.end(n)).find(|end| *end > today)?.yesterday().ok()
    }

    /// The `n`-th end, counted from 0: the first day after that term.
    fn end(&self, n: i64) -> Option<Date> {
        let months = n.checked_mul(i64::from(self.every.get()))?;
        day_of(i32::try_from(i64::from(self.month).checked_add(months)?).ok()?, self.day)
    }
}

fn month_of(date: Date) -> i32 {
    i32::from(date.year()) * 12 + i32::from(date.month()) - 1
}

/// That day of a month, or the month's last.
fn day_of(month: i32, day: i8) -> Option<Date> {
    let year = i16::try_from(month.div_euclid(12)).ok().filter(|year| *year <= LAST_YEAR + 1)?;
    let first = Date::new(year, i8::try_from(month.rem_euclid(12)).ok()? + 1, 1).ok()?;
    Date::new(year, first.month(), day.min(first.days_in_month())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().expect("a date")
    }

    fn term(from: &str, until: &str) -> Term {
        let read = |text: &str| (!text.is_empty()).then(|| date(text));
        Term { from: read(from), until: read(until) }
    }

    fn renewal(first: u32, months: u32, notice: (u32, u32)) -> Renewal {
        Renewal {
            kind: RenewalKind::Automatic,
            months: NonZeroU32::new(months).expect("months"),
            first_term_months: NonZeroU32::new(first),
            notice: Notice { months: notice.0, days: notice.1 },
        }
    }

    #[track_caller]
    fn check(renewal: Renewal, term: Term, today: &str, ends_on: &str, decide_by: &str) {
        let end = renewal.ends(term).and_then(|ends| ends.ends_on(date(today))).expect("an end");
        let decide = renewal.decide_by(end).expect("a day to decide by");
        assert_eq!((end.to_string(), decide.to_string()), (ends_on.to_owned(), decide_by.to_owned()), "on {today}");
    }

    #[test]
    fn a_term_that_renewed_by_itself_ends_a_year_later() {
        let yearly = renewal(0, 12, (2, 0));
        let written = term("", "2025-08-28");
        check(yearly, written, "2025-08-28", "2025-08-28", "2025-06-28");
        check(yearly, written, "2025-08-29", "2026-08-28", "2026-06-28");
        check(yearly, written, "2026-02-11", "2026-08-28", "2026-06-28");
        check(yearly, written, "2026-08-28", "2026-08-28", "2026-06-28");
        check(yearly, written, "1990-01-01", "2025-08-28", "2025-06-28");
        check(yearly, written, "2390-12-31", "2391-08-28", "2391-06-28");
    }

    #[test]
    fn notice_that_comes_late_counts_for_the_next_end() {
        let (yearly, written) = (renewal(0, 12, (2, 0)), term("", "2025-08-28"));
        let ends = yearly.ends(written).expect("ends");
        for (on, end) in [
            ("2025-06-28", "2025-08-28"),
            ("2025-06-29", "2026-08-28"),
            ("2026-06-28", "2026-08-28"),
            ("2026-08-28", "2027-08-28"),
        ] {
            assert_eq!(yearly.first_end_after(&ends, date(on)), Some(date(end)), "{on}");
        }
    }

    #[test]
    fn a_first_term_of_three_years_is_followed_by_years() {
        let terms = renewal(36, 12, (0, 90));
        let begun = term("2020-08-01", "");
        for (today, end) in [
            ("2020-08-01", "2023-07-31"),
            ("2023-07-31", "2023-07-31"),
            ("2023-08-01", "2024-07-31"),
            ("2024-08-01", "2025-07-31"),
            ("2030-01-01", "2030-07-31"),
        ] {
            let decide = date(end).checked_sub(90.days()).expect("a date").to_string();
            check(terms, begun, today, end, &decide);
        }
    }

    #[test]
    fn month_ends_keep_to_the_first_days_number() {
        let monthly = renewal(1, 1, (0, 0));
        let begun = term("2024-01-31", "");
        for (today, end) in [
            ("2024-01-31", "2024-02-28"),
            ("2024-02-29", "2024-03-30"),
            ("2024-03-31", "2024-04-29"),
            ("2024-04-30", "2024-05-30"),
            ("2025-02-01", "2025-02-27"),
            ("2025-02-28", "2025-03-30"),
        ] {
            check(monthly, begun, today, end, end);
        }
        // The same where the last day is written, not counted.
        check(renewal(0, 6, (0, 0)), term("2020-08-31", "2021-02-27"), "2021-03-01", "2021-08-30", "2021-08-30");
    }

    #[test]
    fn every_day_belongs_to_one_term_and_the_next_follows_it() {
        for (from, every) in [("2023-12-31", 1), ("2023-08-30", 3), ("2024-02-29", 12), ("2024-01-01", 7)] {
            let terms = renewal(every, every, (1, 0));
            let ends = terms.ends(term(from, "")).expect("ends");
            let (mut day, mut end) = (date(from), ends.ends_on(date(from)).expect("an end"));
            while day < date("2029-01-01") {
                if day > end {
                    assert_eq!(day.yesterday().expect("a day"), end);
                    end = ends.ends_on(day).expect("an end");
                    assert!(end >= day);
                }
                assert_eq!(ends.ends_on(day), Some(end), "{from} {every} {day}");
                day = day.tomorrow().expect("a day");
            }
        }
    }

    #[test]
    fn a_term_beyond_the_last_year_has_no_end() {
        let terms = renewal(0, 1200, (0, 0));
        assert_eq!(terms.ends(term("", "2350-01-01")).and_then(|ends| ends.ends_on(date("2360-01-01"))), None);
        assert_eq!(terms.ends(term("", "")), None);
    }
}
