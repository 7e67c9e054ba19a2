//! Tickets whose clocks are to be written anew: because of the time, or because of what they follow from.

use remit_domain::Timestamp;
use remit_entity::ticket;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, Value,
    prelude::Uuid,
    sea_query::{BinOper, ExprTrait, LockBehavior, LockType},
};

use super::{Scope, Store, StoreError, TicketRecord, Tx, by_place::read, padded, statement};
use crate::auth::ProviderCode;

/// What has changed that clocks follow from.
#[derive(Clone, Copy, Debug)]
pub enum Recheck {
    /// Which terms of an agreement are in force, from an instant on: its tickets opened since, and those of its client
    /// that had no agreement.
    Terms {
        /// The agreement.
        agreement: Uuid,
        /// Its client.
        client: Uuid,
        /// The first instant.
        from: Timestamp,
    },
    /// How an obligation of an agreement stands, from an instant on: clocks that had not stopped by then.
    Obligation {
        /// The agreement.
        agreement: Uuid,
        /// The first instant.
        from: Timestamp,
    },
    /// The exceptions of a calendar, on days to come: clocks that have not stopped, or are due only then.
    Calendar(Uuid),
}

/// A ticket whose clocks are to be written anew.
#[derive(Clone, Copy, Debug)]
pub struct DueTicket {
    id: Uuid,
    /// Its agreement, else its client: what a write of it takes ([`Tx::take_agreements`]).
    pub belongs_to: Uuid,
}

impl Tx {
    /// Marks the tickets whose clocks follow from what has changed, so that they are written anew after the commit: by
    /// whoever changed it, else by the next pass of the scheduler.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn recheck(&self, what: Recheck) -> Result<(), StoreError> {
        let (provider, now): (Value, Value) = (self.provider().into(), self.at().as_microsecond().into());
        let of_clocks = "id IN (SELECT ticket_id FROM ticket_clock AS c WHERE c.provider_id = ? AND ";
        let (which, values): (String, Vec<Value>) = match what {
            Recheck::Terms { agreement, client, from } => (
                "opened_at >= ? AND (agreement_id = ? OR agreement_id IS NULL AND client_id = ?)".into(),
                vec![from.as_microsecond().into(), agreement.into(), client.into()],
            ),
            Recheck::Obligation { agreement, from } => (
                format!("{of_clocks}c.agreement_id = ? AND (c.stopped_at IS NULL OR c.stopped_at > ?))"),
                vec![provider.clone(), agreement.into(), from.as_microsecond().into()],
            ),
            Recheck::Calendar(calendar) => (
                format!(
                    "{of_clocks}(c.stopped_at IS NULL OR c.due > ?) AND c.agreement_id IN (SELECT t.agreement_id \
                     FROM agreement_terms AS t JOIN terms_calendar AS n ON n.provider_id = t.provider_id AND n.terms_id = t.id \
                     WHERE t.provider_id = ? AND n.calendar_id = ? AND t.stage = 'ACCEPTED'))"
                ),
                vec![provider.clone(), now.clone(), provider.clone(), calendar.into()],
            ),
        };
        let sql = format!("UPDATE ticket SET next_at = ? WHERE provider_id = ? AND deleted = ? AND {which}");
        let values = [now, provider, false.into()].into_iter().chain(values).collect();
        let backend = self.backend();
        self.connection().execute_raw(statement(backend, &sql, values)).await?;
        Ok(())
    }

    /// Those of some tickets whose clocks are still to be written anew by now; held for this write, and without those that
    /// another write holds.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn due_tickets(&self, tickets: &[DueTicket]) -> Result<Vec<TicketRecord>, StoreError> {
        let ids: Vec<Uuid> = tickets.iter().map(|ticket| ticket.id).collect();
        let rows = ticket::Entity::find()
            .filter(ticket::Column::ProviderId.eq(self.provider()))
            .filter(ticket::Column::Id.is_in(padded(&ids)))
            .filter(ticket::Column::NextAt.lte(self.at().as_microsecond()))
            .order_by_asc(ticket::Column::Id)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        read(rows, self.connection()).await
    }
}

impl Store {
    /// A provider's tickets whose clocks are to be written anew by now, those first that have waited longest.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn due_tickets(&self, scope: &Scope, now: Timestamp, limit: u64) -> Result<Vec<DueTicket>, StoreError> {
        let rows: Vec<(Uuid, Uuid, Option<Uuid>)> =
            due(scope.provider(), now, limit).into_tuple().all(self.reads()).await?;
        let due = |(id, client, agreement): (Uuid, Uuid, Option<Uuid>)| DueTicket {
            id,
            belongs_to: agreement.unwrap_or(client),
        };
        Ok(rows.into_iter().map(due).collect())
    }

    /// The provider whose ticket has waited longest to have its clocks written anew by now; none: nothing is due. For the
    /// scheduler, which asks for nobody in particular.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn provider_with_due_tickets(&self, now: Timestamp) -> Result<Option<ProviderCode>, StoreError> {
        let found: Option<String> = ticket::Entity::find()
            .select_only()
            .column(ticket::Column::ProviderId)
            .filter(ticket::Column::NextAt.lte(now.as_microsecond()))
            .order_by_asc(ticket::Column::NextAt)
            .into_tuple()
            .one(self.reads())
            .await?;
        // What was written as a provider's code is one.
        Ok(found.and_then(|code| ProviderCode::new(&code).ok()))
    }
}

/// A provider's tickets that are due, those first that have waited longest.
fn due(provider: &str, now: Timestamp, limit: u64) -> Select<ticket::Entity> {
    ticket::Entity::find()
        .select_only()
        .columns([ticket::Column::Id, ticket::Column::ClientId, ticket::Column::AgreementId])
        .filter(ticket::Column::NextAt.lte(now.as_microsecond()))
        // In a form that no index begins with: SQLite would else go through all of the provider's tickets.
        .filter(ticket::Column::ProviderId.into_expr().binary(BinOper::Custom("||"), "").eq(provider))
        .order_by_asc(ticket::Column::NextAt)
        .limit(limit)
}

#[cfg(test)]
mod tests {
    use sea_orm::{DbBackend, QueryTrait, Statement};

    use super::*;

    #[tokio::test]
    async fn what_is_due_is_found_by_the_index_of_when() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("sqlite://{}", folder.path().join("plan.db").display())).await.unwrap();
        store.migrate().await.unwrap();
        let Statement { sql, values, .. } = due("acme", Timestamp::UNIX_EPOCH, 500).build(DbBackend::Sqlite);
        let explain = Statement { sql: format!("EXPLAIN QUERY PLAN {sql}"), values, db_backend: DbBackend::Sqlite };
        let rows = store.reads().query_all_raw(explain).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
        assert_eq!(plan, ["SEARCH ticket USING INDEX ticket_by_next_at (next_at<?)"]);
    }
}
