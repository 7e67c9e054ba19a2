//! What tickets say of the work that names them (R0, R7).
//!
//! An entry names its ticket as the source does, so it may come before the ticket. Whichever is written second finds the
//! other: who writes either takes the turn of their client.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use remit_domain::billing::{NamedTicket, Periods, TicketFacts};

use super::{book::Book, ledger::Writes, moved::Moved};
use crate::{
    app::{App, Session},
    store::{ChangeKind, ExternalRef, StoreError, Subject, TicketRecord, TimeEntryRecord, Tx, Uuid},
};

/// What a ticket says of the work that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) struct TicketSays {
    client: Uuid,
    agreement: Option<Uuid>,
    facts: TicketFacts,
}

impl TicketSays {
    /// What a ticket says; none: it was deleted.
    pub(in crate::app) fn of(ticket: &TicketRecord) -> Option<Self> {
        (!ticket.kept.deleted).then(|| Self {
            client: ticket.client_id,
            agreement: ticket.agreement_id,
            facts: TicketFacts::of(&ticket.kept.ticket()),
        })
    }
}

/// A ticket that is written.
#[derive(Debug)]
pub(in crate::app) struct WrittenTicket {
    /// What its source calls it.
    pub(in crate::app) reference: ExternalRef,
    /// What it said before; none: it was not there.
    pub(in crate::app) before: Option<TicketSays>,
    /// What it says now; none: it is not there any more.
    pub(in crate::app) now: Option<TicketSays>,
}

/// The tickets that entries name, as far as they are there.
#[derive(Debug, Default)]
pub(super) struct Tickets {
    asked: HashSet<ExternalRef>,
    found: HashMap<ExternalRef, (Uuid, Arc<TicketFacts>)>,
}

impl Tickets {
    /// The tickets that entries name and that were not asked for yet.
    pub(super) fn unasked<'a>(&self, entries: impl IntoIterator<Item = &'a TimeEntryRecord>) -> Vec<ExternalRef> {
        let named: HashSet<&ExternalRef> = entries.into_iter().filter_map(|entry| entry.ticket.as_ref()).collect();
        named.into_iter().filter(|ticket| !self.asked.contains(ticket)).cloned().collect()
    }

    /// Takes what was found of those that were asked for.
    pub(super) fn learn(&mut self, asked: Vec<ExternalRef>, found: impl IntoIterator<Item = TicketRecord>) {
        self.asked.extend(asked);
        let said = |ticket: TicketRecord| {
            let facts = Arc::new(TicketFacts::of(&ticket.kept.ticket()));
            (ticket.reference, (ticket.client_id, facts))
        };
        self.found.extend(found.into_iter().map(said));
    }

    /// The ticket that an entry names. One of another client says nothing of its work.
    pub(super) fn named(&self, entry: &TimeEntryRecord) -> Option<NamedTicket> {
        let ExternalRef { system, id } = entry.ticket.clone()?;
        let found = entry.ticket.as_ref().and_then(|ticket| self.found.get(ticket));
        let facts = found.filter(|(client, _)| *client == entry.client_id).map(|(_, facts)| Arc::clone(facts));
        Some(NamedTicket { system, reference: id, facts })
    }
}

impl App {
    /// Finds the charges anew of work that names tickets which are written, in the write of these; work that is placed by
    /// its ticket goes where that goes.
    ///
    /// - `taken`: whose turns the write has. Are more needed, they are added, nothing is done, and the answer is `false`: the
    ///   write is to begin anew with them.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub(in crate::app) async fn recharge_for_tickets(
        &self,
        session: &Session,
        tx: &mut Tx,
        tickets: Vec<WrittenTicket>,
        taken: &mut BTreeSet<Uuid>,
    ) -> Result<bool, StoreError> {
        let written: HashMap<ExternalRef, WrittenTicket> = tickets
            .into_iter()
            .filter(|ticket| ticket.before != ticket.now)
            .map(|ticket| (ticket.reference.clone(), ticket))
            .collect();
        let references: Vec<ExternalRef> = written.keys().cloned().collect();
        let moved: Vec<Moved> =
            tx.time_entries_for(&references).await?.into_iter().map(|entry| follow(entry, &written)).collect();
        let clients =
            written.values().flat_map(|ticket| ticket.before.iter().chain(&ticket.now)).map(|says| says.client);
        let agreements: BTreeSet<Uuid> = moved.iter().flat_map(Moved::agreements).collect();
        let needed: BTreeSet<Uuid> = clients.chain(agreements.iter().copied()).collect();
        if !needed.is_subset(taken) {
            taken.extend(needed);
            return Ok(false);
        }
        if moved.is_empty() {
            return Ok(true);
        }
        let agreements: Vec<Uuid> = agreements.into_iter().collect();
        let mut books = self.books(session, tx.account_rows(&agreements).await?).await?;
        let mut writes = Writes::default();
        let moved = moved.into_iter().map(|moved| place(session, moved, &mut books, &mut writes)).collect();
        self.recharge_moved(session, tx, moved, &books, &mut writes).await?;
        writes.write(tx).await?;
        Ok(true)
    }
}

/// An entry as it is to be once its ticket is written. One that is placed by a ticket which is gone stays where it was.
fn follow(before: TimeEntryRecord, written: &HashMap<ExternalRef, WrittenTicket>) -> Moved {
    let mut after = before.clone();
    let says = before.ticket.as_ref().and_then(|ticket| written.get(ticket)?.now.as_ref());
    if let Some(says) = says.filter(|_| before.by_ticket) {
        let stays = after.client_id == says.client;
        after.agreement_id = says.agreement.or(after.agreement_id.filter(|_| stays));
        after.client_id = says.client;
    }
    Moved { before: Some(before), after }
}

/// Puts an entry that goes to another agreement into the billing period that it has there, and tells the feed.
fn place(session: &Session, mut moved: Moved, books: &mut HashMap<Uuid, Book>, writes: &mut Writes) -> Moved {
    let where_it_was = moved.before.as_ref().map(|before| (before.client_id, before.agreement_id));
    let after = &mut moved.after;
    if where_it_was == Some((after.client_id, after.agreement_id)) {
        return moved;
    }
    let (kind, event) = (ChangeKind::Updated, "time.recorded");
    let Some(agreement) = after.agreement_id else {
        after.month = None;
        writes.say_of_client(after.id, kind, event, after.client_id);
        return moved;
    };
    writes.say(Subject::TimeEntry, after.id, kind, event, agreement, after.client_id);
    if let Some(book) = books.get_mut(&agreement) {
        book.latest_work = book.latest_work.max(Some(after.span.from));
        let periods: Periods = book.periods(session.now);
        after.month = periods.at(after.span.from).map(|period| period.month);
    }
    moved
}
