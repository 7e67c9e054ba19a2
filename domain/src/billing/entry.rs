//! The facts that are rated.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::{
    rating::{Span, Times},
    text::Code,
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
    pub ticket: Option<u128>,
    /// What it is to cost.
    pub billing: EntryBilling,
    /// Whether somebody asked for it although it is not offered.
    pub approved: bool,
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

/// The tickets that entries name, by id.
pub type Tickets = HashMap<u128, TicketFacts>;
