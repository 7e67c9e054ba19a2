//! Tickets: what a PSA says of them, and what is known once all of it is taken together.
//!
//! [`Kept`] is what was told of a ticket, whatever the order it came in (S7); [`Ticket`] is what follows from it and what
//! clocks are judged by.

mod kept;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use kept::{Details, EVENTS_MAX, GivenEvent, Kept, Refused, Taken, TicketVersion};

use crate::{
    text::Code,
    words::{ComponentClass, Delivery, FailureScenario, Priority, TicketEventKind, WaitingReason},
};

/// A ticket by the newest versions of itself and its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Its priority at the opening.
    pub priority: Priority,
    /// What it is about.
    pub about: About,
    /// What happened to it, in any order.
    pub events: Vec<Event>,
}

/// What a ticket is about: what its terms are looked up by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The service concerned.
    pub service: Option<Code>,
    /// What failed.
    pub scenario: Option<FailureScenario>,
    /// What kind of thing failed.
    pub component: Option<ComponentClass>,
    /// By which channel it came, in the provider's words.
    pub channel: Option<String>,
    /// How the work reaches the client.
    pub delivery: Option<Delivery>,
    /// Who of the client's asks, as the terms name them.
    pub caller: Option<String>,
}

/// One thing that happened to a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What its source calls it; unique within the ticket.
    pub id: String,
    /// When. Before the opening counts as at the opening.
    pub at: Timestamp,
    /// What.
    pub what: Happening,
}

/// What happened to a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Happening {
    /// It became more or less urgent.
    PriorityChanged {
        /// Its priority from here on.
        priority: Priority,
    },
    /// It waits from here on.
    Waiting {
        /// For what.
        reason: WaitingReason,
        /// Whether the other waits end with it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        replaces: bool,
    },
    /// It waits no more.
    Resumed {
        /// For what; none: for anything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<WaitingReason>,
    },
    /// Somebody has taken it up.
    Responded,
    /// It is known what will be done.
    Planned,
    /// The client can work again.
    WorkedAround,
    /// It is mended.
    Resolved,
    /// It was not mended after all.
    Reopened,
    /// It will not be worked on.
    Cancelled,
}

impl Happening {
    /// Its kind.
    #[must_use]
    pub const fn kind(self) -> TicketEventKind {
        match self {
            Self::PriorityChanged { .. } => TicketEventKind::PriorityChanged,
            Self::Waiting { .. } => TicketEventKind::Waiting,
            Self::Resumed { .. } => TicketEventKind::Resumed,
            Self::Responded => TicketEventKind::Responded,
            Self::Planned => TicketEventKind::Planned,
            Self::WorkedAround => TicketEventKind::WorkedAround,
            Self::Resolved => TicketEventKind::Resolved,
            Self::Reopened => TicketEventKind::Reopened,
            Self::Cancelled => TicketEventKind::Cancelled,
        }
    }

    /// Its place among events of one instant (S3).
    pub(crate) const fn rank(self) -> u8 {
        match self {
            Self::PriorityChanged { .. } => 0,
            Self::Waiting { .. } => 1,
            Self::Resumed { .. } => 2,
            Self::Responded => 3,
            Self::Planned => 4,
            Self::WorkedAround => 5,
            Self::Resolved => 6,
            Self::Reopened => 7,
            Self::Cancelled => 8,
        }
    }
}

impl Ticket {
    /// Its events up to an instant, in their order (S3).
    #[must_use]
    pub fn events_until(&self, at: Timestamp) -> Vec<&Event> {
        let mut events: Vec<&Event> = self.events.iter().filter(|event| event.at <= at).collect();
        events.sort_by(|a, b| self.order(a).cmp(&self.order(b)));
        events
    }

    pub(crate) fn order<'a>(&self, event: &'a Event) -> (Timestamp, u8, &'a str) {
        (event.at.max(self.opened_at), event.what.rank(), &event.id)
    }

    /// Its priority at an instant.
    #[must_use]
    pub fn priority_at(&self, at: Timestamp) -> Priority {
        let changed = |event: &&Event| match event.what {
            Happening::PriorityChanged { priority } => Some(priority),
            _ => None,
        };
        self.events_until(at).iter().rev().find_map(changed).unwrap_or(self.priority)
    }

    /// Since when it is resolved, at an instant; none: it is not, or was reopened.
    #[must_use]
    pub fn resolved_at(&self, at: Timestamp) -> Option<Timestamp> {
        self.events_until(at).iter().fold(None, |resolved, event| match event.what {
            Happening::Resolved => resolved.or(Some(event.at.max(self.opened_at))),
            Happening::Reopened => None,
            _ => resolved,
        })
    }

    /// Whether nothing more is expected to happen at an instant: it is resolved or cancelled, and not reopened since.
    #[must_use]
    pub fn is_closed(&self, at: Timestamp) -> bool {
        let closing = |event: &&Event| match event.what {
            Happening::Resolved | Happening::Cancelled => Some(true),
            Happening::Reopened => Some(false),
            _ => None,
        };
        self.events_until(at).iter().rev().find_map(closing).unwrap_or(false)
    }
}
