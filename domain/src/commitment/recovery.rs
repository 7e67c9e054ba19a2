//! How fast failures got mended (Q10).

use jiff::Timestamp;

use crate::{
    promise::RecoveryRules,
    sla::clock::{Clock, Judged, Suspended},
    span::Span,
    ticket::Ticket,
    time::Duration,
    words::CommitmentState,
};

/// What became of one failure in a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mending {
    /// It was mended in time, after so much counted time.
    InTime(Duration),
    /// It was not; so much counted time was used, so far where it is still not mended.
    TooLate(Duration),
    /// It is neither mended nor late at the end.
    Running,
}

/// How a recovery commitment came out: what became of the failures that it is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Failures that were mended in time.
    pub kept: u32,
    /// Failures that were not.
    pub missed: u32,
    /// Failures that were neither at the end.
    pub running: u32,
    /// The most counted time that one of those mended or missed took; none: there are none.
    pub longest: Option<Duration>,
}

impl Recovery {
    /// Counts one more failure.
    pub fn add(&mut self, mending: Mending) {
        let (count, took) = match mending {
            Mending::InTime(took) => (&mut self.kept, Some(took)),
            Mending::TooLate(took) => (&mut self.missed, Some(took)),
            Mending::Running => (&mut self.running, None),
        };
        *count = count.saturating_add(1);
        self.longest = self.longest.max(took);
    }

    /// How the commitment stands: one failure that was mended too late is enough.
    #[must_use]
    pub fn state(&self, is_over: bool) -> CommitmentState {
        match self {
            Self { missed: 1.., .. } => CommitmentState::NotKept,
            Self { kept: 0, running: 0, .. } => CommitmentState::NotKnown,
            Self { kept: 1.., .. } if is_over => CommitmentState::Kept,
            _ => CommitmentState::Running,
        }
    }
}

/// What became of the failure that a ticket tells of by the end of a stretch of time (Q10); none: it is of another failure,
/// was judged before, or was cancelled.
///
/// - `suspended`: when unmet obligations hold the ticket's clocks (S9).
#[must_use]
pub fn mending(
    rules: &RecoveryRules<'_>,
    ticket: &Ticket,
    suspended: &[Suspended],
    stretch: Span,
    now: Timestamp,
) -> Option<Mending> {
    rules.clock(ticket, suspended, stretch.to().min(now), |clock| judged_within(clock, stretch))
}

fn judged_within(clock: &Clock<'_>, stretch: Span) -> Option<Mending> {
    match (clock.span.judged, clock.span.until) {
        (None, Some(_cancelled)) => None,
        (Some(_), Some(at)) if at < stretch.from() => None,
        (Some(Judged::Met), Some(at)) if at < stretch.to() => Some(Mending::InTime(clock.needed())),
        (Some(Judged::Breached), Some(at)) if at < stretch.to() => Some(Mending::TooLate(clock.needed())),
        _ => Some(Mending::Running),
    }
}
