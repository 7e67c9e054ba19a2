//! The times over which commitments are measured, one after another (Q7).

use jiff::{Timestamp, ToSpan, civil::Date};

use crate::{calendar::Calendar, span::Span, words::Window};

/// One time over which something is measured: whole local days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first day.
    pub first: Date,
    /// The first day after it.
    pub after: Date,
}

impl Days {
    /// The window that a date lies in; the rolling thirty days end with the date.
    #[must_use]
    pub fn around(window: Window, on: Date) -> Self {
        let month = on.month();
        let (first, months) = match window {
            Window::CalendarMonth => (month, 1),
            Window::CalendarQuarter => (month - (month - 1) % 3, 3),
            Window::CalendarYear => (1, 12),
            Window::Rolling30Days => {
                let after = on.tomorrow().unwrap_or(on);
                return Self { first: after.checked_sub(30.days()).unwrap_or(on), after };
            }
        };
        let first = Date::new(on.year(), first, 1).unwrap_or(on);
        Self { first, after: first.checked_add(months.months()).unwrap_or(on) }
    }

    /// The instants of its days, in the zone of a calendar.
    #[must_use]
    pub fn span(self, calendar: &Calendar) -> Option<Span> {
        Span::new(calendar.start_of(self.first), calendar.start_of(self.after))
    }
}

/// The windows that a stretch of time touches, in order of time.
///
/// Months, quarters and years are those of the calendar's zone. Thirty days roll: the last ones end with the last whole
/// day before the end of the stretch or `now`, and those before them follow backwards, so that no day is measured twice.
#[must_use]
pub fn windows(window: Window, calendar: &Calendar, stretch: Span, now: Timestamp) -> Vec<(Days, Span)> {
    let days = if window == Window::Rolling30Days {
        rolling(calendar, stretch, now)
    } else {
        in_turn(window, calendar, stretch)
    };
    days.into_iter().filter_map(|days| Some((days, days.span(calendar)?))).collect()
}

fn in_turn(window: Window, calendar: &Calendar, stretch: Span) -> Vec<Days> {
    let mut found = vec![Days::around(window, calendar.date_at(stretch.from()))];
    while let Some(last) = found.last().filter(|last| calendar.start_of(last.after) < stretch.to()) {
        let next = Days::around(window, last.after);
        if next.after <= last.after {
            break;
        }
        found.push(next);
    }
    found
}

fn rolling(calendar: &Calendar, stretch: Span, now: Timestamp) -> Vec<Days> {
    let mut after = calendar.date_at(stretch.to().min(now));
    let mut found = Vec::new();
    while calendar.start_of(after) > stretch.from() {
        let Some(days) = after.yesterday().ok().map(|last| Days::around(Window::Rolling30Days, last)) else { break };
        after = days.first;
        found.push(days);
    }
    found.reverse();
    found
}
