//! When a target runs out, and the proof of it.

use jiff::Timestamp;

use super::{
    EscalationStep, Limit, Target, UpdateCadence,
    clock::{self, Counting},
};
use crate::{
    calendar::Calendar,
    time::{Duration, later},
    words::Clock,
};

/// A stretch of time that counted or did not, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockSegment {
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
    /// Whether it counted.
    pub counts: bool,
    /// Why, in plain words.
    pub why: String,
}

impl UpdateCadence {
    /// When the first update is due for what is opened at `opened` (Q5).
    #[must_use]
    pub fn first_due(&self, calendar: &Calendar, opened: Timestamp) -> Option<Timestamp> {
        counted(calendar, opened, self.every, self.clock)
    }
}

impl EscalationStep {
    /// When it is taken for what is opened at `opened` and not resolved by then (Q5).
    #[must_use]
    pub fn due(&self, calendar: &Calendar, opened: Timestamp) -> Option<Timestamp> {
        counted(calendar, opened, self.after, self.clock)
    }
}

fn counted(calendar: &Calendar, from: Timestamp, time: Duration, clock: Clock) -> Option<Timestamp> {
    match clock {
        Clock::BusinessHours => calendar.due(from, time),
        Clock::AroundTheClock => later(from, time),
    }
}

impl Target {
    /// When it runs out for what is opened at `opened` (S1, C4, C7).
    ///
    /// None when the calendar does not open that long within 100 years.
    #[must_use]
    pub fn due(&self, calendar: &Calendar, opened: Timestamp) -> Option<Timestamp> {
        match self.limit {
            Limit::Within { time, clock } => counted(calendar, opened, time, clock),
            Limit::BusinessDays(days) => calendar.due_in_business_days(opened, days),
        }
    }

    /// Which stretches from `opened` to `due` counted; the counted ones add up to what was used.
    #[must_use]
    pub fn segments(&self, calendar: &Calendar, opened: Timestamp, due: Timestamp) -> Vec<ClockSegment> {
        let counting = match self.limit.clock() {
            Clock::AroundTheClock => Counting::Always,
            Clock::BusinessHours => Counting::Open(calendar),
        };
        clock::counted(counting, opened, due)
    }
}
