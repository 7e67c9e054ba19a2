//! Recording tickets: what a PSA tells of them, many at once, in any order, as often as it likes.

mod named;

use std::collections::{BTreeSet, HashMap, hash_map::Entry};

use remit_domain::{
    Timestamp,
    ticket::{About, Kept, Refused, TicketVersion},
    words::Priority,
};

use named::{Named, Owner, refused};

use super::{
    App, AskedAgreement, CoverageRequest, Given, Path, RecordOutcome, Session, UserError, UserErrorCode,
    billing::{TicketSays, WrittenTicket},
    clocks::{Unsettled, ticket_change},
};
use crate::store::{ChangeKind, ExternalRef, Handle, StoreError, TicketRecord, Tx, Uuid};

/// One version of a ticket, as its source tells it.
#[derive(Clone, Debug)]
pub struct RecordTicket {
    /// Where it stands in the input.
    pub path: Path,
    /// What its source calls it.
    pub reference: ExternalRef,
    /// Where it belongs. A client's agreement is chosen at the opening.
    pub by: AskedAgreement,
    /// The service concerned.
    pub service: Given<Option<Handle>>,
    /// What it says, its service apart.
    pub version: TicketVersion,
}

/// What recording one ticket came to.
#[derive(Clone, Debug)]
pub struct RecordedTicket {
    /// What its source calls it.
    pub reference: ExternalRef,
    /// What it came to.
    pub outcome: RecordOutcome,
    /// The ticket, unless it was rejected or is gone.
    pub ticket: Option<TicketRecord>,
    /// Why it was rejected.
    pub errors: Vec<UserError>,
}

impl RecordedTicket {
    /// A ticket that was rejected before it was looked at.
    #[must_use]
    pub fn rejected(reference: ExternalRef, errors: Vec<UserError>) -> Self {
        Self { reference, outcome: RecordOutcome::Rejected, ticket: None, errors }
    }
}

/// How often a batch is begun anew with turns that it needs more: those of work that names its tickets.
const TRIES: usize = 4;

impl App {
    /// Records versions of tickets, one after another. What is wrong with one keeps none of the others from being taken.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer; then nothing is recorded.
    pub async fn record_tickets(
        &self,
        session: &Session,
        items: Vec<RecordTicket>,
    ) -> Result<Vec<RecordedTicket>, StoreError> {
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let mut turns = BTreeSet::new();
        for _ in 0..TRIES {
            if let Some(recorded) = self.try_to_record_tickets(session, &items, &mut turns).await? {
                return Ok(recorded);
            }
        }
        Err(StoreError::Contended)
    }

    /// Records versions of tickets, unless more turns have to be taken than were known of; these are put down.
    async fn try_to_record_tickets(
        &self,
        session: &Session,
        items: &[RecordTicket],
        turns: &mut BTreeSet<Uuid>,
    ) -> Result<Option<Vec<RecordedTicket>>, StoreError> {
        let mut tx = self.store.begin_recording(&session.scope, session.now, &[]).await?;
        let named = self.named_by(session, items).await?;
        turns.extend(named.concerned());
        tx.take_agreements(&turns.iter().copied().collect::<Vec<_>>()).await?;
        let references: BTreeSet<(&str, &str)> =
            items.iter().map(|item| (item.reference.system.as_str(), item.reference.id.as_str())).collect();
        let reference = |(system, id): (&str, &str)| ExternalRef { system: system.into(), id: id.into() };
        let references: Vec<ExternalRef> = references.into_iter().map(reference).collect();
        let known = tx.tickets_named(&references).await?.into_iter();
        let mut batch =
            Batch { named, open: known.map(|record| (record.reference.clone(), Open::known(record))).collect() };
        let taken: Vec<_> = items.iter().map(|item| (item.reference.clone(), batch.take(item, session.now))).collect();
        self.choose_ticket_agreements(session, &mut batch).await?;
        if batch.open.values().any(|open| open.touched) {
            if !self.write_tickets(session, &mut tx, &mut batch, turns).await? {
                return Ok(None);
            }
            tx.commit().await?;
        }
        Ok(Some(taken.into_iter().map(|(reference, outcome)| batch.recorded(reference, outcome)).collect()))
    }

    /// Chooses the agreement of tickets that name a client alone, as for a question at the opening (V7).
    pub(super) async fn choose_ticket_agreements(
        &self,
        session: &Session,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        let mut open: Vec<&mut Open> = batch.open.values_mut().filter(|open| open.choose && open.is_there()).collect();
        let questions: Vec<CoverageRequest> = open.iter().map(|open| question(&open.record)).collect();
        if questions.is_empty() {
            return Ok(());
        }
        let answers = self.coverage(session, &questions).await?;
        for (open, answer) in open.iter_mut().zip(answers) {
            let chosen = answer.terms.map(|terms| terms.agreement_id);
            open.rechosen = chosen != open.record.agreement_id;
            open.changed |= open.rechosen;
            open.touched |= open.rechosen;
            (open.record.agreement_id, open.choose) = (chosen, false);
        }
        Ok(())
    }

    /// Writes what is to be written of a batch, with its clocks, tells the feed, and charges work anew that names the tickets.
    /// Credits of closed periods follow (R8).
    ///
    /// - `turns`: whose turns the write has. Are more needed, they are added, and the answer is `false`: the write is to begin
    ///   anew with them.
    pub(super) async fn write_tickets(
        &self,
        session: &Session,
        tx: &mut Tx,
        batch: &mut Batch,
        turns: &mut BTreeSet<Uuid>,
    ) -> Result<bool, StoreError> {
        let open: Vec<&mut Open> = batch.open.values_mut().filter(|open| open.touched).collect();
        for open in &open {
            let (kind, event) = match outcome(open.before.is_some(), open.is_there(), open.changed) {
                RecordOutcome::Created => (ChangeKind::Created, "ticket.recorded"),
                RecordOutcome::Deleted => (ChangeKind::Deleted, "ticket.deleted"),
                RecordOutcome::Updated => (ChangeKind::Updated, "ticket.recorded"),
                // Something older may still come; nobody knew of it.
                RecordOutcome::Unchanged | RecordOutcome::Rejected => continue,
            };
            tx.changed(ticket_change(&open.record, kind, event, None));
        }
        let known: Vec<Uuid> = open.iter().filter(|open| open.is_known).map(|open| open.record.id).collect();
        let written = open.iter().map(|open| open.written()).collect();
        let since = self.settle(session, tx, open.into_iter().map(Open::unsettled).collect(), &known).await?;
        if !since.keys().all(|agreement| turns.contains(agreement)) {
            turns.extend(since.into_keys());
            return Ok(false);
        }
        if !self.recharge_for_tickets(session, tx, written, turns).await? {
            return Ok(false);
        }
        self.recredit(session, tx, &since).await?;
        Ok(true)
    }
}

/// The question by which a client's agreement is chosen for a ticket.
fn question(record: &TicketRecord) -> CoverageRequest {
    let About { service, scenario, component, channel, delivery, caller } = record.kept.about();
    CoverageRequest {
        by: AskedAgreement::Client(Handle::Id(record.client_id)),
        service: service.map(|code| Handle::Code(code.to_string())),
        priority: Some(record.kept.priority),
        scenario,
        component,
        role: None,
        work_kind: None,
        channel,
        delivery,
        caller,
        work: None,
        at: record.kept.opened_at,
    }
}

/// A ticket that is being recorded.
pub(super) struct Open {
    record: TicketRecord,
    /// Whether its row was there before this write.
    is_known: bool,
    /// What it said before this write; none: it was not there.
    before: Option<TicketSays>,
    changed: bool,
    /// Whether it is to be written, changed or not.
    touched: bool,
    /// Whether its agreement is to be chosen.
    choose: bool,
    /// Whether another than before was.
    rechosen: bool,
    /// Whether it became one of another service or the like.
    regrouped: bool,
}

impl Open {
    fn known(record: TicketRecord) -> Self {
        Self {
            is_known: true,
            before: TicketSays::of(&record),
            changed: false,
            touched: false,
            choose: false,
            rechosen: false,
            regrouped: false,
            record,
        }
    }

    fn new(reference: ExternalRef, kept: Kept, owner: Owner, service_id: Option<Uuid>, now: Timestamp) -> Self {
        let (client_id, agreement_id, chosen) = owner.columns();
        let id = Uuid::now_v7();
        let record = TicketRecord {
            id,
            reference,
            client_id,
            agreement_id,
            chosen,
            service_id,
            kept,
            told_at: now,
            next_at: None,
        };
        Self { is_known: false, before: None, changed: true, touched: true, choose: chosen, ..Self::known(record) }
    }

    fn unsettled(&mut self) -> Unsettled<'_> {
        Unsettled { record: &mut self.record, regrouped: self.regrouped }
    }

    fn is_there(&self) -> bool {
        !self.record.kept.deleted
    }

    /// What work that names it needs to know of this write.
    fn written(&self) -> WrittenTicket {
        let (reference, before) = (self.record.reference.clone(), self.before.clone());
        WrittenTicket { reference, before, now: TicketSays::of(&self.record) }
    }

    /// Takes another version.
    fn take(
        &mut self,
        version: TicketVersion,
        owner: Owner,
        service_id: Option<Uuid>,
        now: Timestamp,
    ) -> Result<RecordOutcome, Refused> {
        let (was_there, by) = (self.is_there(), self.chosen_by());
        let taken = self.record.kept.take(version, now)?;
        let mut changed = taken.changed;
        if taken.newest {
            changed |= self.belongs_to(owner);
        }
        let after = self.chosen_by();
        if after.3.service != by.3.service {
            self.record.service_id = service_id;
        }
        self.regrouped |= by.3 != after.3;
        self.choose |= self.record.chosen && (by != after || self.record.agreement_id.is_none());
        self.changed |= changed;
        self.touched |= changed || taken.touched;
        Ok(outcome(was_there, self.is_there(), changed))
    }

    /// What an agreement is chosen by.
    fn chosen_by(&self) -> (Uuid, Timestamp, Priority, About) {
        let kept = &self.record.kept;
        (self.record.client_id, kept.opened_at, kept.priority, kept.about())
    }

    /// Puts the ticket where its newest version says that it belongs; whether that is elsewhere. A client's agreement is
    /// chosen once.
    fn belongs_to(&mut self, owner: Owner) -> bool {
        let record = &mut self.record;
        let before = (record.client_id, record.agreement_id, record.chosen);
        let (client, agreement, chosen) = owner.columns();
        let stays = chosen && record.chosen && record.client_id == client;
        if !stays {
            (record.client_id, record.agreement_id, record.chosen) = (client, agreement, chosen);
        }
        before != (record.client_id, record.agreement_id, record.chosen)
    }
}

/// What a write comes to for a ticket.
fn outcome(was_there: bool, is_there: bool, changed: bool) -> RecordOutcome {
    match (was_there, is_there) {
        (false, true) => RecordOutcome::Created,
        (true, false) => RecordOutcome::Deleted,
        (true, true) if changed => RecordOutcome::Updated,
        // Of one that is gone something older may still come, and nobody sees it.
        (true, true) | (false, false) => RecordOutcome::Unchanged,
    }
}

/// Tickets that are being recorded together.
pub(super) struct Batch {
    named: Named,
    open: HashMap<ExternalRef, Open>,
}

impl Batch {
    /// Tickets as they stand; those of clients that had no agreement may have one now.
    pub(super) fn again(tickets: Vec<TicketRecord>) -> Self {
        let open = |record: TicketRecord| {
            let choose = record.chosen && record.agreement_id.is_none();
            (record.reference.clone(), Open { choose, touched: true, ..Open::known(record) })
        };
        Self { named: Named::default(), open: tickets.into_iter().map(open).collect() }
    }

    /// Takes one version of a ticket.
    fn take(&mut self, item: &RecordTicket, now: Timestamp) -> Result<RecordOutcome, UserError> {
        let owner = self.named.owner(item)?;
        let service = self.named.service(item)?;
        let mut version = item.version.clone();
        version.details.service = service.map(|service| service.and_then(|service| service.code.parse().ok()));
        let service_id = service.flatten().map(|service| service.id);
        let not_taken = |why: Refused| refused(item, UserErrorCode::Invalid, "events", why.to_string());
        match self.open.entry(item.reference.clone()) {
            Entry::Occupied(mut open) => open.get_mut().take(version, owner, service_id, now).map_err(not_taken),
            Entry::Vacant(place) => {
                let kept = Kept::first(version, now).map_err(not_taken)?;
                let open = place.insert(Open::new(item.reference.clone(), kept, owner, service_id, now));
                Ok(outcome(false, open.is_there(), true))
            }
        }
    }

    /// What recording a version of a ticket came to.
    fn recorded(&self, reference: ExternalRef, taken: Result<RecordOutcome, UserError>) -> RecordedTicket {
        let open = self.open.get(&reference);
        let (outcome, errors) = match taken {
            // An agreement that was not there before may have been found.
            Ok(RecordOutcome::Unchanged) if open.is_some_and(|open| open.rechosen) => {
                (RecordOutcome::Updated, Vec::new())
            }
            Ok(outcome) => (outcome, Vec::new()),
            Err(error) => (RecordOutcome::Rejected, vec![error]),
        };
        let shown = open.filter(|open| open.is_there() && outcome != RecordOutcome::Rejected);
        RecordedTicket { outcome, ticket: shown.map(|open| open.record.clone()), errors, reference }
    }
}
