//! The tickets of a time, read through from the oldest on.

use remit_domain::{
    Timestamp,
    words::{ClockState, Milestone},
};
use remit_entity::{ticket, ticket_clock, ticket_clock_span};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};

use super::{
    Scope, Store, StoreError, Tx,
    by_place::read,
    padded,
    tickets::{TicketRecord, visible},
};

/// How many are read at a time: the whole of a year is never in memory at once.
const AT_ONCE: u64 = 2_000;

/// Which tickets are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TicketsOf {
    /// Of this client alone.
    pub client: Option<Uuid>,
    /// Of these agreements alone; empty: of all.
    pub agreements: Vec<Uuid>,
    /// Without those that are known to have been resolved before this instant, and to have stayed so.
    pub open_at: Option<Timestamp>,
}

impl TicketsOf {
    /// The tickets that were resolved before an instant and stayed so. Another priority may end a clock without a judgement
    /// while the ticket goes on: such a clock tells nothing.
    fn resolved_before(&self, scope: &Scope, at: Timestamp) -> SelectStatement {
        use ticket_clock::Column as Clock;
        let mut resolved = Query::select()
            .column(Clock::TicketId)
            .from(ticket_clock::Entity)
            .and_where(Clock::ProviderId.eq(scope.provider()))
            .and_where(Clock::Milestone.eq(Milestone::Resolution.as_str()))
            .and_where(Clock::StoppedAt.lt(at.as_microsecond()))
            .and_where(Clock::State.ne(ClockState::Cancelled.as_str()))
            .to_owned();
        if !self.agreements.is_empty() {
            resolved.and_where(Clock::AgreementId.is_in(padded(&self.agreements)));
        }
        resolved
    }
}

impl Tx {
    /// The tickets of an agreement of which a clock was judged from an instant to another, or may have been: those whose
    /// clocks are still to be written anew are among them.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn judged_tickets(
        &self,
        agreement: Uuid,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<TicketRecord>, StoreError> {
        use ticket_clock::Column as Clock;
        use ticket_clock_span::Column as Earlier;
        let (from, to) = (from.as_microsecond(), to.as_microsecond());
        let within = |column: Expr| column.clone().gte(from).and(column.lt(to));
        let clocks = Query::select()
            .column(Clock::TicketId)
            .from(ticket_clock::Entity)
            .and_where(Clock::ProviderId.eq(self.provider()))
            .and_where(Clock::AgreementId.eq(agreement))
            .and_where(within(Expr::col(Clock::EndedAt)).or(within(Expr::col(Clock::Due))))
            .to_owned();
        let earlier = Query::select()
            .column(Earlier::TicketId)
            .from(ticket_clock_span::Entity)
            .and_where(Earlier::ProviderId.eq(self.provider()))
            .and_where(Earlier::AgreementId.eq(agreement))
            .and_where(within(Expr::col(Earlier::UntilAt)))
            .to_owned();
        let judged = Condition::any()
            .add(ticket::Column::Id.in_subquery(clocks))
            .add(ticket::Column::Id.in_subquery(earlier))
            .add(ticket::Column::NextAt.lte(self.at().as_microsecond()));
        let rows = ticket::Entity::find()
            .filter(ticket::Column::ProviderId.eq(self.provider()))
            .filter(ticket::Column::AgreementId.eq(agreement))
            .filter(ticket::Column::Deleted.eq(false))
            .filter(judged)
            .order_by_asc(ticket::Column::Id);
        read(rows, self.connection()).await
    }
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
        of: &TicketsOf,
        from: Timestamp,
        after: Option<&TicketRecord>,
    ) -> Result<Vec<TicketRecord>, StoreError> {
        let mut rows = visible(scope).filter(ticket::Column::OpenedAt.gte(from.as_microsecond()));
        if let Some(client) = of.client {
            rows = rows.filter(ticket::Column::ClientId.eq(client));
        }
        if !of.agreements.is_empty() {
            rows = rows.filter(ticket::Column::AgreementId.is_in(padded(&of.agreements)));
        }
        if let Some(at) = of.open_at {
            rows = rows.filter(ticket::Column::Id.not_in_subquery(of.resolved_before(scope, at)));
        }
        if let Some(last) = after {
            let at = last.kept.opened_at.as_microsecond();
            let same = Condition::all().add(ticket::Column::OpenedAt.eq(at)).add(ticket::Column::Id.gt(last.id));
            rows = rows
                .filter(ticket::Column::OpenedAt.gte(at))
                .filter(Condition::any().add(ticket::Column::OpenedAt.gt(at)).add(same));
        }
        let rows = rows.order_by_asc(ticket::Column::OpenedAt).order_by_asc(ticket::Column::Id).limit(AT_ONCE);
        read(rows, self.reads()).await
    }
}
