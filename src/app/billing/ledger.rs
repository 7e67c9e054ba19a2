//! What a write of billing leaves behind, gathered and written at once.

use std::collections::HashMap;

use super::record::EntryResult;
use crate::store::{
    Change, ChangeKind, ChargeRecord, PeriodRecord, Rows, StoreError, Subject, TimeEntryRecord, Tx, Uuid,
};

/// Rows to be written, with what the feed says of them.
#[derive(Debug, Default)]
pub(super) struct Writes {
    entries: Vec<TimeEntryRecord>,
    charges: Vec<ChargeRecord>,
    gone: Vec<Uuid>,
    periods: Vec<PeriodRecord>,
    changes: Vec<Change>,
}

impl Writes {
    /// An entry, without a word to the feed.
    pub(super) fn entry(&mut self, entry: TimeEntryRecord) {
        self.entries.push(entry);
    }

    /// A charge that is new or became another.
    pub(super) fn charge(&mut self, charge: ChargeRecord, kind: ChangeKind, event: &'static str) {
        self.say(Subject::Charge, charge.id, kind, event, charge.agreement_id, charge.client_id);
        self.charges.push(charge);
    }

    /// A charge that is there no more.
    pub(super) fn no_charge(&mut self, charge: &ChargeRecord) {
        self.say(
            Subject::Charge,
            charge.id,
            ChangeKind::Deleted,
            "charge.removed",
            charge.agreement_id,
            charge.client_id,
        );
        self.gone.push(charge.id);
    }

    /// What is known of a month.
    pub(super) fn period(&mut self, period: PeriodRecord) {
        self.periods.retain(|known| (known.agreement_id, known.month) != (period.agreement_id, period.month));
        self.periods.push(period);
    }

    /// What happened, for the feed.
    pub(super) fn say(
        &mut self,
        subject: Subject,
        id: Uuid,
        kind: ChangeKind,
        event: &'static str,
        agreement: Uuid,
        client: Uuid,
    ) {
        let (agreement, client) = (Some(agreement), Some(client));
        self.changes.push(Change { subject, id, kind, event, agreement, client, clock: None });
    }

    /// What happened to an entry that belongs to no agreement.
    pub(super) fn say_of_client(&mut self, id: Uuid, kind: ChangeKind, event: &'static str, client: Uuid) {
        let (subject, client) = (Subject::TimeEntry, Some(client));
        self.changes.push(Change { subject, id, kind, event, agreement: None, client, clock: None });
    }

    /// Gives results the entries as they are written, with how they were rated.
    pub(super) fn show_in(&self, results: &mut [EntryResult]) {
        let written: HashMap<Uuid, &TimeEntryRecord> = self.entries.iter().map(|entry| (entry.id, entry)).collect();
        for result in results {
            if let Some(entry) = &mut result.entry
                && let Some(written) = written.get(&entry.id)
            {
                *entry = (*written).clone();
            }
        }
    }

    /// Writes all of it; the commit is the caller's.
    pub(super) async fn write(self, tx: &mut Tx) -> Result<(), StoreError> {
        let rows = self.rows(tx).await?;
        tx.write(rows).await
    }

    /// Writes all of it, and commits.
    pub(super) async fn commit(self, mut tx: Tx) -> Result<(), StoreError> {
        let rows = self.rows(&mut tx).await?;
        tx.commit_with(rows).await
    }

    /// Takes away what is gone and puts the changes down; gives what is to be written.
    async fn rows(self, tx: &mut Tx) -> Result<Rows, StoreError> {
        tx.remove_charges(&self.gone).await?;
        for change in self.changes {
            tx.changed(change);
        }
        let billed = tx.time_entry_rows(&self.entries)?.and(tx.charge_rows(&self.charges)?);
        Ok(billed.and(tx.billing_period_rows(&self.periods)?))
    }
}
