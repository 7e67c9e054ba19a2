//! Recording time: many entries at once, each with an outcome of its own.

use std::collections::{BTreeSet, HashMap};

use remit_domain::{
    Timestamp,
    rating::Span,
    words::{EntryBilling, Priority, RecordOutcome as Outcome},
};

use super::{
    book::Book,
    decide::{Decided, decide_all},
    ledger::Writes,
    moved::Moved,
    together::Askers,
};
use crate::{
    app::{App, Path, Session, UserError},
    store::{ChangeKind, ExternalRef, Handle, StoreError, Subject, TimeEntryRecord, Tx, Uuid},
};

/// One entry of a batch.
#[derive(Clone, Debug)]
pub struct RecordItem {
    /// What the system that it comes from calls it.
    pub reference: ExternalRef,
    /// Where in the input it stands.
    pub path: Path,
    /// What it is to be, or what is wrong with it.
    pub wanted: Result<RecordEntry, Vec<UserError>>,
}

/// What an entry is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordEntry {
    /// It is so.
    Is(Box<NewEntry>),
    /// It was taken back.
    Deleted {
        /// The source's time of the deletion.
        changed_at: Option<Timestamp>,
    },
}

/// A version of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    /// The agreement.
    pub agreement: Option<Handle>,
    /// The client.
    pub client: Option<Handle>,
    /// The ticket.
    pub ticket: Option<Handle>,
    /// The service.
    pub service: Option<Handle>,
    /// How urgent it was.
    pub priority: Option<Priority>,
    /// Who worked.
    pub role: String,
    /// Which of the provider's people worked.
    pub technician: Option<String>,
    /// What kind of work it was.
    pub work_kind: Option<String>,
    /// When the work was done.
    pub span: Span,
    /// What of that was no work: sorted, apart.
    pub breaks: Vec<Span>,
    /// What it is to cost.
    pub billing: EntryBilling,
    /// Whether the hours are those of the work.
    pub times_known: bool,
    /// Who asked for it although it is not offered.
    pub approved_by: Option<String>,
    /// What was done.
    pub note: Option<String>,
    /// The source's time of this version.
    pub changed_at: Option<Timestamp>,
}

/// What recording one entry came to.
#[derive(Clone, Debug)]
pub struct EntryResult {
    /// What the system calls it.
    pub reference: ExternalRef,
    /// What was done.
    pub outcome: Outcome,
    /// The entry as it stands; none where there is none.
    pub entry: Option<TimeEntryRecord>,
    /// Why it was not taken.
    pub errors: Vec<UserError>,
}

/// How often a batch is tried: again when another one made the same entries meanwhile, or moved them.
const TRIES: usize = 4;

impl App {
    /// Records entries, at most 500: each by itself, so that one that is refused keeps no other back.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer; then nothing was recorded.
    pub async fn record_time_entries(
        &self,
        session: &Session,
        items: Vec<RecordItem>,
    ) -> Result<Vec<EntryResult>, StoreError> {
        self.record_together(session, items).await
    }

    /// Records the entries of one request.
    pub(super) async fn record_alone(
        &self,
        session: &Session,
        items: &[RecordItem],
    ) -> Result<Vec<EntryResult>, StoreError> {
        let mut held = BTreeSet::new();
        for _ in 0..TRIES {
            match self.try_to_record(session, items, &mut held, Askers::default()).await {
                Ok(Some(results)) => return Ok(results),
                Ok(None) => {}
                // Another batch made the same entry meanwhile: this one finds it there.
                Err(error) if error.is_duplicate() => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Contended)
    }

    /// Records entries, unless one of them is stored with an agreement or client whose turn was not taken, or another write
    /// moved a ticket that one names.
    ///
    /// - `askers`: the requests that the items are of, if they are several; then one that concerns an agreement of another
    ///   keeps them from being recorded, too.
    /// - `held`: agreements and clients whose turns are taken besides those that are named; what was missing is added.
    pub(super) async fn try_to_record(
        &self,
        session: &Session,
        items: &[RecordItem],
        held: &mut BTreeSet<Uuid>,
        askers: Askers<'_>,
    ) -> Result<Option<Vec<EntryResult>>, StoreError> {
        let named = self.name_entries(session, items).await?;
        let Some(owners) = askers.owners(&named) else { return Ok(None) };
        let turns: BTreeSet<Uuid> =
            named.agreements().chain(named.clients_of_tickets()).chain(held.iter().copied()).collect();
        // While this write has its turn nobody changes the catalogue: what it sees of it first holds.
        let session = &session.clone().of_query();
        let taken = Vec::from_iter(turns.iter().copied());
        let tx = match owners.scopes() {
            alone if alone.is_empty() => self.store.begin_recording(&session.scope, session.now, &taken).await?,
            others => self.store.begin_recording_for(others, &session.scope, session.now, &taken).await?,
        };
        if !named.still_holds(&tx.tickets_called(named.tickets()).await?) {
            return Ok(None);
        }
        let references: Vec<ExternalRef> = items.iter().map(|item| item.reference.clone()).collect();
        let stored = tx.time_entries_called(&references).await?;
        let left = || stored.iter().filter_map(|entry| entry.agreement_id);
        let clients = stored.iter().filter(|entry| entry.ticket.is_some()).map(|entry| entry.client_id);
        let missed: Vec<Uuid> = left().chain(clients).filter(|id| !turns.contains(id)).collect();
        if !missed.is_empty() || !stored.iter().all(|entry| owners.keeps(entry)) {
            held.extend(missed);
            return Ok(None);
        }
        let agreements = Vec::from_iter(named.agreements().chain(left()).collect::<BTreeSet<_>>());
        let mut books = self.books(session, tx.account_rows(&agreements).await?).await?;
        let decided = decide_all(session, items, &named, &stored, &mut books);
        Ok(Some(self.write_decided(session, tx, items, decided, &books).await?))
    }

    async fn write_decided(
        &self,
        session: &Session,
        tx: Tx,
        items: &[RecordItem],
        decided: Vec<Decided>,
        books: &HashMap<Uuid, Book>,
    ) -> Result<Vec<EntryResult>, StoreError> {
        let mut writes = Writes::default();
        let mut results = Vec::with_capacity(items.len());
        let mut moved: Vec<Moved> = Vec::new();
        for (item, decided) in items.iter().zip(decided) {
            let reference = item.reference.clone();
            let (outcome, entry, errors) = match decided {
                Decided::Result(outcome, entry) => (outcome, entry.map(|entry| *entry), Vec::new()),
                Decided::Refused(errors) => (Outcome::Rejected, None, errors),
                Decided::Write { outcome, moved: change } => {
                    tell(&mut writes, outcome, &change.after);
                    let entry = Some(change.after.clone()).filter(|entry| !entry.deleted);
                    moved.push(*change);
                    (outcome, entry, Vec::new())
                }
            };
            results.push(EntryResult { reference, outcome, entry, errors });
        }
        self.recharge_moved(session, &tx, moved, books, &mut writes).await?;
        writes.show_in(&mut results);
        writes.commit(tx).await?;
        Ok(results)
    }
}

/// What the feed says of an entry.
fn tell(writes: &mut Writes, outcome: Outcome, entry: &TimeEntryRecord) {
    let (kind, event) = match outcome {
        Outcome::Created => (ChangeKind::Created, "time.recorded"),
        Outcome::Updated => (ChangeKind::Updated, "time.recorded"),
        Outcome::Deleted => (ChangeKind::Deleted, "time.deleted"),
        Outcome::Unchanged | Outcome::Rejected => return,
    };
    match entry.agreement_id {
        Some(agreement) => writes.say(Subject::TimeEntry, entry.id, kind, event, agreement, entry.client_id),
        None => writes.say_of_client(entry.id, kind, event, entry.client_id),
    }
}
