//! Whether people are at work in all hours that a promise counts (P4).

use jiff::{Timestamp, ToSpan, tz::TimeZone};

use crate::{
    calendar::Calendar,
    span::{Span, Spans},
    words::Clock,
};

/// When the provider has people at work, in the year that is looked at.
#[derive(Clone, Debug)]
pub struct Staffing {
    year: Span,
    staffed: Spans,
}

impl Staffing {
    /// The hours of the calendars that are marked as staffed, in the year from an instant on; none where no calendar is
    /// marked, and nothing can be said.
    #[must_use]
    pub fn new<'a>(staffed: impl IntoIterator<Item = &'a Calendar>, from: Timestamp) -> Option<Self> {
        let mut staffed = staffed.into_iter().peekable();
        staffed.peek()?;
        let year = Span::new(from, a_year_after(from))?;
        let hours =
            staffed.fold(Spans::default(), |all, calendar| all.or(&calendar.open_spans(year.from(), year.to())));
        Some(Self { year, staffed: hours })
    }

    /// The first stretch that a clock counts and in which nobody is at work.
    ///
    /// - `calendar`: whose open hours a clock on business hours counts; none: not said yet, and nothing is counted.
    #[must_use]
    pub fn first_gap(&self, clock: Clock, calendar: Option<&Calendar>) -> Option<Span> {
        let counted = match clock {
            Clock::AroundTheClock => Some(self.year).into(),
            Clock::BusinessHours => calendar?.open_spans(self.year.from(), self.year.to()),
        };
        counted.without(&self.staffed).first()
    }
}

fn a_year_after(from: Timestamp) -> Timestamp {
    let wall = TimeZone::UTC.to_datetime(from);
    let later = wall.checked_add(1.year()).ok().and_then(|later| TimeZone::UTC.to_timestamp(later).ok());
    later.unwrap_or(Timestamp::MAX)
}
