//! Tickets and the time entries that name them.

use remit_entity::{ticket, time_entry};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{
    ExternalRef, StoreError, TicketRecord, TimeEntryRecord, Tx,
    by_place::read,
    tickets::{self, referred},
};

impl Tx {
    /// The time entries that name one of these tickets and were not taken back.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn time_entries_for(&self, tickets: &[ExternalRef]) -> Result<Vec<TimeEntryRecord>, StoreError> {
        use time_entry::Column::{Deleted, ProviderId, TicketExternalId, TicketSystem};
        if tickets.is_empty() {
            return Ok(Vec::new());
        }
        let rows = time_entry::Entity::find()
            .filter(ProviderId.eq(self.provider()))
            .filter(referred(TicketSystem, TicketExternalId, tickets))
            .filter(Deleted.eq(false));
        read(rows, self.connection()).await
    }

    /// The tickets that references name and that are there; others may write them meanwhile.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn tickets_called(&self, references: &[ExternalRef]) -> Result<Vec<TicketRecord>, StoreError> {
        if references.is_empty() {
            return Ok(Vec::new());
        }
        let rows = ticket::Entity::find()
            .filter(ticket::Column::ProviderId.eq(self.provider()))
            .filter(tickets::called(references))
            .filter(ticket::Column::Deleted.eq(false));
        read(rows, self.connection()).await
    }
}
