//! Tickets as a PSA tells them. What is wrong with one of them is said of that one.

use async_graphql::{InputObject, MaybeUndefined};
use remit_domain::{
    text,
    ticket::{Details, GivenEvent, Happening, TicketVersion},
    words::{ComponentClass, Delivery, FailureScenario, Priority, TicketEventKind, WaitingReason},
};

use super::{ExternalRefInput, REFERENCE_MAX, Ref, handle, optional};
use crate::{
    app::{AskedAgreement, Path, Problems, RecordTicket, UserError, UserErrorCode},
    graphql::{ids::Kind, scalars::DateTime, words::Word},
    store::ExternalRef,
};

/// The most characters a ticket's title has.
const TITLE_MAX: usize = 500;

/// Tickets as they are told, up to 500.
#[derive(Debug, InputObject)]
pub(crate) struct RecordTicketsInput {
    /// The tickets. Each is taken or rejected by itself.
    pub(crate) tickets: Vec<TicketInput>,
}

/// One version of a ticket. Details that are left out stay as they are; null clears them.
#[derive(Debug, InputObject)]
pub(crate) struct TicketInput {
    /// What the source calls it: by this it is found again.
    #[graphql(name = "ref")]
    reference: ExternalRefInput,
    /// Exactly one of `agreement` and `client`; a client's agreement is chosen once, at the opening, as rule V7 says.
    agreement: Option<Ref>,
    /// Whose it is, instead of the agreement.
    client: Option<Ref>,
    /// Its title.
    title: String,
    /// The service concerned.
    service: MaybeUndefined<Ref>,
    /// What failed.
    scenario: MaybeUndefined<Word<FailureScenario>>,
    /// What kind of thing failed.
    component: MaybeUndefined<Word<ComponentClass>>,
    /// By which channel it came, in the provider's words.
    channel: MaybeUndefined<String>,
    /// How the work reaches the client.
    delivery: MaybeUndefined<Word<Delivery>>,
    /// Who of the client's asks, as the terms name them.
    caller: MaybeUndefined<String>,
    /// Its priority at the opening, always.
    priority: Word<Priority>,
    /// Its priority now; where it differs from what the events give, a PRIORITY_CHANGED at `changedAt`.
    current_priority: Option<Word<Priority>>,
    /// When it was opened.
    opened_at: DateTime,
    /// The source's time of this version: an older one than stored is UNCHANGED, but for events that only it has. Left out,
    /// the last to arrive wins.
    changed_at: Option<DateTime>,
    /// All events so far or only new ones, in any order; an event is known by its id.
    events: Option<Vec<TicketEventInput>>,
    /// Whether it is there no more.
    deleted: Option<bool>,
}

/// One thing that happened to a ticket.
#[derive(Debug, InputObject)]
pub(crate) struct TicketEventInput {
    /// What the source calls it; unique within the ticket.
    id: String,
    /// What happened.
    kind: Word<TicketEventKind>,
    /// When. Before the opening counts as at the opening.
    at: DateTime,
    /// On PRIORITY_CHANGED its priority from here on, and on nothing else.
    priority: Option<Word<Priority>>,
    /// On WAITING what for; on RESUMED which wait ended, left out: all.
    waiting_for: Option<Word<WaitingReason>>,
    /// On WAITING: ends the other waits, for systems whose ticket has one status.
    replaces: Option<bool>,
    /// Whether it did not happen after all.
    deleted: Option<bool>,
}

/// A ticket of an input as it was read: what it says, or why it is rejected.
pub(crate) type ReadTicket = (ExternalRefInput, Result<RecordTicket, Vec<UserError>>);

impl RecordTicketsInput {
    /// The tickets, each read by itself.
    pub(crate) fn read(self) -> Vec<ReadTicket> {
        let one = |(place, ticket): (usize, TicketInput)| {
            let reference = ticket.reference.clone();
            let mut problems = Problems::of("input");
            let read = problems.at("tickets", |p| p.at(place, |p| ticket.read(p)));
            (reference, problems.finish(read))
        };
        self.tickets.into_iter().enumerate().map(one).collect()
    }
}

impl TicketInput {
    fn read(self, p: &mut Problems) -> Option<RecordTicket> {
        let path: Path = p.path().clone();
        let reference = p.at("ref", |p| reference(p, self.reference));
        let by = owner(p, self.agreement, self.client);
        let title = p.take("title", text::named(&self.title, TITLE_MAX)).map(|()| self.title);
        let service = optional(said(self.service), |service| {
            optional(service, |service| p.at("service", |p| handle(p, service, Kind::Service)))
        });
        let channel = optional(said(self.channel), |text| optional(text, |text| phrase(p, "channel", text)));
        let caller = optional(said(self.caller), |text| optional(text, |text| phrase(p, "caller", text)));
        let events = p.at("events", |p| p.each(self.events.unwrap_or_default(), |p, event| event.read(p)));
        let version = TicketVersion {
            changed_at: self.changed_at.map(|at| at.0),
            title: title?,
            priority: self.priority.0,
            opened_at: self.opened_at.0,
            deleted: self.deleted.unwrap_or_default(),
            details: Details {
                service: None,
                scenario: said(self.scenario).map(|word| word.map(|word| word.0)),
                component: said(self.component).map(|word| word.map(|word| word.0)),
                channel: channel?,
                delivery: said(self.delivery).map(|word| word.map(|word| word.0)),
                caller: caller?,
            },
            current_priority: self.current_priority.map(|word| word.0),
            events: events?,
        };
        Some(RecordTicket { path, reference: reference?, by: by?, service: service?, version })
    }
}

/// A field of a PATCH: the outer none, it was left out; the inner none, it is null.
fn said<T>(field: MaybeUndefined<T>) -> Option<Option<T>> {
    match field {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

/// What the source calls something, at the place of the reading.
fn reference(p: &mut Problems, ExternalRefInput { system, id }: ExternalRefInput) -> Option<ExternalRef> {
    let system = p.take("system", text::named(&system, REFERENCE_MAX)).map(|()| system);
    let id = p.take("id", text::named(&id, REFERENCE_MAX)).map(|()| id);
    Some(ExternalRef { system: system?, id: id? })
}

/// A word of the provider's own at a field.
fn phrase(p: &mut Problems, field: &str, value: String) -> Option<String> {
    p.take(field, text::named(&value, text::NAME_MAX)).map(|()| value)
}

/// Where a ticket or a time entry belongs.
fn owner(p: &mut Problems, agreement: Option<Ref>, client: Option<Ref>) -> Option<AskedAgreement> {
    match (agreement, client) {
        (Some(agreement), None) => {
            p.at("agreement", |p| handle(p, agreement, Kind::Agreement)).map(AskedAgreement::Agreement)
        }
        (None, Some(client)) => p.at("client", |p| handle(p, client, Kind::Client)).map(AskedAgreement::Client),
        _ => {
            p.refuse(UserErrorCode::Invalid, "exactly one of `agreement` and `client` is needed");
            None
        }
    }
}

impl TicketEventInput {
    fn read(self, p: &mut Problems) -> Option<GivenEvent> {
        let id = p.take("id", text::named(&self.id, REFERENCE_MAX)).map(|()| self.id.clone());
        if self.deleted.unwrap_or_default() {
            return Some(GivenEvent { id: id?, happened: None });
        }
        let what = self.what(p);
        Some(GivenEvent { id: id?, happened: Some((self.at.0, what?)) })
    }

    fn what(&self, p: &mut Problems) -> Option<Happening> {
        let mut refuse = |field: &str, text: &str| {
            p.at(field, |p| p.refuse(UserErrorCode::Invalid, text));
            None
        };
        let (kind, reason) = (self.kind.0, self.waiting_for.map(|word| word.0));
        let replaces = self.replaces.unwrap_or_default();
        if self.priority.is_some() && kind != TicketEventKind::PriorityChanged {
            return refuse("priority", "only PRIORITY_CHANGED has a priority");
        }
        if reason.is_some() && !matches!(kind, TicketEventKind::Waiting | TicketEventKind::Resumed) {
            return refuse("waitingFor", "only WAITING and RESUMED have a reason");
        }
        if replaces && kind != TicketEventKind::Waiting {
            return refuse("replaces", "only WAITING replaces other waits");
        }
        match kind {
            TicketEventKind::Responded => Some(Happening::Responded),
            TicketEventKind::Planned => Some(Happening::Planned),
            TicketEventKind::WorkedAround => Some(Happening::WorkedAround),
            TicketEventKind::Waiting => match reason {
                Some(reason) => Some(Happening::Waiting { reason, replaces }),
                None => refuse("waitingFor", "what it waits for must be said"),
            },
            TicketEventKind::Resumed => Some(Happening::Resumed { reason }),
            TicketEventKind::PriorityChanged => match self.priority {
                Some(Word(priority)) => Some(Happening::PriorityChanged { priority }),
                None => refuse("priority", "which priority it has from then on must be said"),
            },
            TicketEventKind::Resolved => Some(Happening::Resolved),
            TicketEventKind::Reopened => Some(Happening::Reopened),
            TicketEventKind::Cancelled => Some(Happening::Cancelled),
        }
    }
}
