//! Time cut into stretches of one kind (C6), and the proof of a due time.

use jiff::Timestamp;

use super::{
    Calendar,
    compiled::timestamp,
    local::{DAY_MICROS, date_of, day_of, weekday_of},
};
use crate::{
    span::{Span, Spans},
    words::HoursClass,
};

/// A stretch of time of one class of hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
    /// Whether it is open.
    pub open: bool,
    /// Its class.
    pub class: HoursClass,
    /// Why it is open or not.
    pub why: Why,
}

/// Why a stretch of time is open or closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// By the weekly hours.
    Weekly,
    /// By the exception of this name.
    Exception(String),
}

impl Calendar {
    /// Cuts the time between two instants at every opening and closing, midnight, and change of the clocks.
    #[must_use]
    pub fn split(&self, from: Timestamp, to: Timestamp) -> Vec<Segment> {
        let (mut at, end) = (from.as_microsecond(), to.as_microsecond());
        let mut segments = Vec::new();
        while at < end {
            let next = self.next_cut(at).min(end).max(at + 1);
            let (Some(from), Some(to)) = (timestamp(at), timestamp(next)) else { break };
            let exception = self.exception_at(at).map(|exception| Why::Exception(exception.name.clone()));
            let why = exception.unwrap_or(Why::Weekly);
            segments.push(Segment { from, to, open: self.is_open_at(at), class: self.hours_class(from), why });
            at = next;
        }
        segments
    }

    /// When it is open between two instants.
    #[must_use]
    pub fn open_spans(&self, from: Timestamp, to: Timestamp) -> Spans {
        let (mut at, end) = (from.as_microsecond(), to.as_microsecond());
        let mut open = Vec::new();
        while at < end {
            let next = self.next_cut(at).min(end).max(at + 1);
            let (Some(from), Some(to)) = (timestamp(at), timestamp(next)) else { break };
            open.extend(Span::new(from, to).filter(|_| self.is_open_at(at)));
            at = next;
        }
        open.into_iter().collect()
    }

    /// The next opening, closing, midnight or change of the clocks after an instant.
    fn next_cut(&self, at: i64) -> i64 {
        let Some((piece, end)) = self.piece(self.piece_at(at)) else { return i64::MAX };
        let place = piece.local(at);
        let midnight = (day_of(place) + 1) * DAY_MICROS;
        let change = match self.line.at_or_after(piece.special(), place) {
            Some((opens, _)) if opens > place => opens,
            Some((_, closes)) => closes,
            None => midnight,
        };
        piece.instant(change.min(midnight)).min(end)
    }

    /// The class of the hour at an instant, and where it may next change: an opening, closing, midnight or change of the
    /// clocks.
    pub(crate) fn class_until(&self, at: i64) -> (HoursClass, i64) {
        let Some((piece, end)) = self.piece(self.piece_at(at)) else { return (HoursClass::AfterHours, i64::MAX) };
        let place = piece.local(at);
        let day = day_of(place);
        let midnight = (day + 1) * DAY_MICROS;
        let (open, change) = match self.line.at_or_after(piece.special(), place) {
            Some((opens, _)) if opens > place => (false, opens),
            Some((_, closes)) => (true, closes),
            None => (false, midnight),
        };
        let holiday = || {
            let day = self.line.special_day(piece.special()?)?;
            self.exceptions.of(date_of(day)).filter(|exception| exception.holiday)
        };
        let class = if holiday().is_some() {
            HoursClass::Holiday
        } else if open {
            HoursClass::Business
        } else if self.hours.weekend().contains(&weekday_of(day)) {
            HoursClass::Weekend
        } else {
            HoursClass::AfterHours
        };
        (class, piece.instant(change.min(midnight)).min(end))
    }
}
