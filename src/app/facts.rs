//! What happened is recorded: outages, backup runs, measurements; and since when somebody watches.

use std::collections::{BTreeMap, HashMap};

use remit_domain::{
    Timestamp,
    commitment::{Fact, Kept, take},
    words::{FactKind, RecordOutcome},
};

use super::{App, Outcome, Path, Session, UserError, UserErrorCode, open::refuse};
use crate::store::{
    AgreementRecord, Change, ChangeKind, ExternalRef, FactRecord, Handle, Subject, Tx, Uuid, WatchedRecord, subject_of,
};

/// One version of something that happened, as its source tells it.
#[derive(Clone, Debug)]
pub struct RecordFact {
    /// What its source calls it.
    pub reference: ExternalRef,
    /// The agreement.
    pub agreement: Handle,
    /// What it was.
    pub fact: Fact,
    /// The source's time of this version.
    pub changed_at: Option<Timestamp>,
    /// Whether it is there no more.
    pub deleted: bool,
}

/// One item of a batch as it was read.
#[derive(Clone, Debug)]
pub struct FactItem {
    /// What its source calls it.
    pub reference: ExternalRef,
    /// Where it stands in the input.
    pub path: Path,
    /// What it says, or what is wrong with it.
    pub read: Result<RecordFact, Vec<UserError>>,
}

/// What recording one item came to.
#[derive(Clone, Debug)]
pub struct RecordedFact {
    /// What its source calls it.
    pub reference: ExternalRef,
    /// What it came to.
    pub outcome: RecordOutcome,
    /// How it stands now; none: it is not there.
    pub record: Option<FactRecord>,
    /// Why it was rejected.
    pub errors: Vec<UserError>,
}

/// Since when somebody watches whether something is there.
#[derive(Clone, Debug)]
pub struct WatchSubject {
    /// The agreement.
    pub agreement: Handle,
    /// What, as the terms name it.
    pub subject: String,
    /// Since when.
    pub since: Timestamp,
    /// The first instant at which nobody does any more.
    pub until: Option<Timestamp>,
}

/// The state of a batch: what is known under each reference, with what this batch makes of it.
struct Batch {
    known: HashMap<ExternalRef, FactRecord>,
    made: HashMap<ExternalRef, Uuid>,
    touched: Vec<ExternalRef>,
    /// Of each agreement, the beginning of the earliest outage that was recorded otherwise.
    outages_since: BTreeMap<Uuid, Timestamp>,
}

impl App {
    /// Records what happened, item by item: one that is rejected keeps no other from being taken.
    ///
    /// # Errors
    /// When the database does not answer; then nothing was taken.
    pub async fn record_facts(
        &self,
        session: &Session,
        kind: FactKind,
        items: Vec<FactItem>,
    ) -> Outcome<Vec<RecordedFact>> {
        let readable = || items.iter().filter_map(|item| item.read.as_ref().ok());
        let handles: Vec<Handle> = readable().map(|record| record.agreement.clone()).collect();
        let agreements = self.store().find_agreements(&session.scope, &handles).await?;
        let references: Vec<ExternalRef> = readable().map(|record| record.reference.clone()).collect();
        let ids: Vec<Uuid> = agreements.values().map(|agreement| agreement.id).collect();
        let mut tx = self.store().begin_recording(&session.scope, session.now, &ids).await?;
        let known = tx.known_facts(kind, &references).await?;
        let mut batch = Batch { known, made: HashMap::new(), touched: Vec::new(), outages_since: BTreeMap::new() };
        let take = |item: FactItem| match item.read {
            Ok(record) => batch.take(&mut tx, agreements.get(&record.agreement), record, &item.path),
            Err(errors) => rejected(item.reference, errors),
        };
        let results = items.into_iter().map(take).collect();
        let since = std::mem::take(&mut batch.outages_since);
        batch.write(&tx).await?;
        self.recredit(session, &mut tx, &since).await?;
        tx.commit().await?;
        Ok(results)
    }

    /// Puts down since when somebody watches whether something is there. The same again changes nothing.
    ///
    /// # Errors
    /// Refused when the agreement is not there, or the watch would end before it begins.
    pub async fn watch_subject(&self, session: &Session, watch: WatchSubject) -> Outcome<WatchedRecord> {
        if watch.until.is_some_and(|until| until <= watch.since) {
            return Err(refuse(UserErrorCode::Invalid, "until", "must be later than `since`"));
        }
        let found = self.store().find_agreements(&session.scope, std::slice::from_ref(&watch.agreement)).await?;
        let agreement = found.into_values().next();
        let agreement = agreement.ok_or_else(|| refuse(UserErrorCode::NotFound, "agreement", "no such agreement"))?;
        let mut tx = self.store().begin_recording(&session.scope, session.now, &[agreement.id]).await?;
        let old = tx.watched(agreement.id, &watch.subject).await?;
        let watched = WatchedRecord {
            id: old.as_ref().map_or_else(Uuid::now_v7, |old| old.id),
            agreement_id: agreement.id,
            subject: watch.subject,
            since: watch.since,
            until: watch.until,
        };
        if old.as_ref() != Some(&watched) {
            tx.put_watched(&watched, old.is_none()).await?;
            let since = old.as_ref().map_or(watched.since, |old| old.since.min(watched.since));
            self.recredit(session, &mut tx, &BTreeMap::from([(agreement.id, since)])).await?;
            tx.changed(super::agreements::change(&agreement, ChangeKind::Updated, "agreement.watched"));
            tx.commit().await?;
        }
        Ok(watched)
    }
}

impl Batch {
    fn take(
        &mut self,
        tx: &mut Tx,
        agreement: Option<&AgreementRecord>,
        record: RecordFact,
        path: &Path,
    ) -> RecordedFact {
        let at = |code, field: &str, text: &str| UserError {
            code,
            message: text.to_owned(),
            path: path.iter().cloned().chain([field.to_owned()]).collect(),
        };
        let Some(agreement) = agreement else {
            return rejected(record.reference, vec![at(UserErrorCode::NotFound, "agreement", "no such agreement")]);
        };
        let known = self.known.get(&record.reference);
        if known.is_some_and(|known| known.agreement_id != agreement.id) {
            let text = "it was recorded for another agreement, and does not move: give it another reference";
            return rejected(record.reference, vec![at(UserErrorCode::Conflict, "agreement", text)]);
        }
        let coming = Kept { fact: record.fact, changed_at: record.changed_at, deleted: record.deleted };
        let (outcome, next) = take(known.map(|known| &known.kept), coming);
        let id = known.map_or_else(Uuid::now_v7, |known| known.id);
        if let Some(kept) = next {
            if known.is_none() {
                self.made.insert(record.reference.clone(), id);
            }
            tell(tx, agreement, id, kept.fact.kind(), outcome);
            self.touched.push(record.reference.clone());
            let before = known.map(|known| &known.kept.fact);
            for fact in before.into_iter().chain([&kept.fact]).filter(|fact| fact.kind() == FactKind::Outage) {
                let first = self.outages_since.entry(agreement.id).or_insert(fact.begins());
                *first = fact.begins().min(*first);
            }
            self.known.insert(record.reference.clone(), FactRecord { id, agreement_id: agreement.id, kept });
        }
        let there = self.known.get(&record.reference).filter(|known| !known.kept.deleted).cloned();
        RecordedFact { reference: record.reference, outcome, record: there, errors: Vec::new() }
    }

    async fn write(self, tx: &Tx) -> Outcome<()> {
        let (mut made, mut replaced, mut written) = (Vec::new(), Vec::new(), Vec::new());
        for reference in self.touched {
            let Some(record) = self.known.get(&reference).filter(|record| !written.contains(&record.id)) else {
                continue;
            };
            written.push(record.id);
            if self.made.contains_key(&reference) {
                made.push((reference, record.clone()));
            } else {
                replaced.push(record.clone());
            }
        }
        Ok(tx.write_facts(&made, &replaced).await?)
    }
}

fn rejected(reference: ExternalRef, errors: Vec<UserError>) -> RecordedFact {
    RecordedFact { reference, outcome: RecordOutcome::Rejected, record: None, errors }
}

/// Tells the feed what became of a fact.
fn tell(tx: &mut Tx, agreement: &AgreementRecord, id: Uuid, kind: FactKind, outcome: RecordOutcome) {
    let change = match outcome {
        RecordOutcome::Created => ChangeKind::Created,
        RecordOutcome::Updated => ChangeKind::Updated,
        RecordOutcome::Deleted => ChangeKind::Deleted,
        RecordOutcome::Unchanged | RecordOutcome::Rejected => return,
    };
    let event = match (kind, change) {
        (FactKind::Outage, ChangeKind::Deleted) => "outage.deleted",
        (FactKind::Outage, _) => "outage.recorded",
        (FactKind::BackupRun, ChangeKind::Deleted) => "backupRun.deleted",
        (FactKind::BackupRun, _) => "backupRun.recorded",
        (FactKind::Measurement, ChangeKind::Deleted) => "measurement.deleted",
        (FactKind::Measurement, _) => "measurement.recorded",
    };
    let subject: Subject = subject_of(kind);
    let (agreement, client) = (Some(agreement.id), Some(agreement.client_id));
    tx.changed(Change { subject, id, kind: change, event, agreement, client, clock: None });
}
