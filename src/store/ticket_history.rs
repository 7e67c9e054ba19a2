//! The tickets of a time, read through from the oldest on.

use remit_domain::Timestamp;
use remit_entity::ticket;
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect, prelude::Uuid};

use super::{
    Scope, Store, StoreError,
    tickets::{TicketRecord, records, visible},
};

/// How many are read at a time: the whole of a year is never in memory at once.
const AT_ONCE: u64 = 2_000;

/// Whose tickets are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TicketsOf {
    /// Of this client alone.
    pub client: Option<Uuid>,
    /// Of this agreement alone.
    pub agreement: Option<Uuid>,
}

impl Store {
    /// A part of the tickets that were opened from an instant on, in the order of opening; empty: there are no more.
    ///
    /// - `after`: the last of the part before.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn tickets_opened(
        &self,
        scope: &Scope,
        of: TicketsOf,
        from: Timestamp,
        after: Option<&TicketRecord>,
    ) -> Result<Vec<TicketRecord>, StoreError> {
        let mut rows = visible(scope).filter(ticket::Column::OpenedAt.gte(from.as_microsecond()));
        if let Some(client) = of.client {
            rows = rows.filter(ticket::Column::ClientId.eq(client));
        }
        if let Some(agreement) = of.agreement {
            rows = rows.filter(ticket::Column::AgreementId.eq(agreement));
        }
        if let Some(last) = after {
            let at = last.kept.opened_at.as_microsecond();
            let same = Condition::all().add(ticket::Column::OpenedAt.eq(at)).add(ticket::Column::Id.gt(last.id));
            rows = rows
                .filter(ticket::Column::OpenedAt.gte(at))
                .filter(Condition::any().add(ticket::Column::OpenedAt.gt(at)).add(same));
        }
        let rows = rows.order_by_asc(ticket::Column::OpenedAt).order_by_asc(ticket::Column::Id).limit(AT_ONCE);
        records(rows.all(self.reads()).await?)
    }
}
