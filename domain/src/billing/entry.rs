//! The facts that are rated.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    rating::{Span, Times},
    text::Code,
    ticket::{Happening, Ticket},
    words::{ComponentClass, EntryBilling, FailureScenario, Priority},
};

/// The newest version of a time entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id, opaque here.
    pub id: u128,
    /// The system that it comes from.
    pub system: String,
    /// What that system calls it.
    pub reference: String,
    /// When the work was done.
    pub span: Span,
    /// What of that was no work: sorted, apart, within `span`.
    pub breaks: Vec<Span>,
    /// Whether the hours are those of the work.
    pub times: Times,
    /// Who worked, in the provider's words.
    pub role: String,
    /// Which of the provider's people worked.
    pub technician: Option<String>,
    /// What kind of work it was.
    pub work_kind: Option<String>,
    /// The service it was for; none: the ticket's.
    pub service: Option<Code>,
    /// How urgent it was; none: as the ticket was.
    pub priority: Option<Priority>,
    /// The ticket it was for.
    pub ticket: Option<NamedTicket>,
    /// What it is to cost.
    pub billing: EntryBilling,
    /// Whether somebody asked for it although it is not offered.
    pub approved: bool,
}

/// A ticket as an entry names it. What names one ticket belongs together, whether that is known already or not (R7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedTicket {
    /// The system that it comes from.
    pub system: String,
    /// What that system calls it.
    pub reference: String,
    /// What it says; none: it is not known, or not any more.
    pub facts: Option<Arc<TicketFacts>>,
}

/// What rating needs to know of the newest version of a ticket (R0).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TicketFacts {
    /// The service concerned.
    pub service: Option<Code>,
    /// What failed.
    pub scenario: Option<FailureScenario>,
    /// What kind of thing failed.
    pub component: Option<ComponentClass>,
    /// How urgent it was from each instant on, sorted; the first from its opening.
    pub priorities: Vec<(Timestamp, Priority)>,
}

impl TicketFacts {
    /// What rating needs to know of a ticket.
    #[must_use]
    pub fn of(ticket: &Ticket) -> Self {
        let changed = ticket.events_until(Timestamp::MAX).into_iter().filter_map(|event| match event.what {
            Happening::PriorityChanged { priority } => Some((event.at.max(ticket.opened_at), priority)),
            _ => None,
        });
        Self {
            service: ticket.about.service.clone(),
            scenario: ticket.about.scenario,
            component: ticket.about.component,
            priorities: std::iter::once((ticket.opened_at, ticket.priority)).chain(changed).collect(),
        }
    }
}

impl Entry {
    /// What the ticket says that it names, as far as that is known.
    #[must_use]
    pub fn ticket_facts(&self) -> Option<&TicketFacts> {
        self.ticket.as_ref()?.facts.as_deref()
    }
}
