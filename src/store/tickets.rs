//! Tickets.

use std::collections::HashMap;

use remit_domain::{Timestamp, ticket::Kept};
use remit_entity::ticket;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, prelude::Uuid,
};

use super::{
    ExternalRef, Handle, Scope, Store, StoreError, Tx,
    by_place::read,
    document, padded,
    rows::{Replace, insert_all},
    scope::{Visible, by_handle, sorted},
    to_document,
};

/// A ticket: where it belongs, and everything that was told of it.
#[derive(Clone, Debug, PartialEq)]
pub struct TicketRecord {
    /// Its id.
    pub id: Uuid,
    /// What its source calls it.
    pub reference: ExternalRef,
    /// Whose it is.
    pub client_id: Uuid,
    /// The agreement it is judged by; none: the client had none in force at the opening.
    pub agreement_id: Option<Uuid>,
    /// Whether that was chosen among the client's agreements (V7), rather than said.
    pub chosen: bool,
    /// The service it is about.
    pub service_id: Option<Uuid>,
    /// What was told of it.
    pub kept: Kept,
    /// As of when its clocks were written, and everything up to then was told.
    pub told_at: Timestamp,
    /// When a clock of it changes by itself next; none: none does.
    pub next_at: Option<Timestamp>,
}

impl TryFrom<ticket::Model> for TicketRecord {
    type Error = StoreError;

    fn try_from(row: ticket::Model) -> Result<Self, StoreError> {
        let instant = |at| {
            let unreadable = |why: String| StoreError::Unreadable { what: "ticket", id: row.id, why };
            Timestamp::from_microsecond(at).map_err(|error| unreadable(error.to_string()))
        };
        Ok(Self {
            kept: document("ticket", row.id, &row.document)?,
            told_at: instant(row.told_at)?,
            next_at: row.next_at.map(instant).transpose()?,
            id: row.id,
            reference: ExternalRef { system: row.system, id: row.external_id },
            client_id: row.client_id,
            agreement_id: row.agreement_id,
            chosen: row.agreement_chosen,
            service_id: row.service_id,
        })
    }
}

/// The tickets that a scope sees: those that are there, of its client alone where it is bound to one.
pub(super) fn visible(scope: &Scope) -> Select<ticket::Entity> {
    let rows = ticket::Entity::find().filter(ticket::Column::Deleted.eq(false));
    match scope.visible() {
        Visible::All => rows.filter(ticket::Column::ProviderId.eq(scope.provider())),
        Visible::Client(client) => {
            rows.filter(ticket::Column::ProviderId.eq(scope.provider())).filter(ticket::Column::ClientId.eq(client))
        }
        // No provider has an empty code.
        Visible::Nothing => rows.filter(ticket::Column::ProviderId.eq("")),
    }
}

/// The condition that two columns hold one of these references.
pub(super) fn referred<C: ColumnTrait>(system: C, external_id: C, references: &[ExternalRef]) -> Condition {
    let mut systems: HashMap<&str, Vec<&str>> = HashMap::new();
    for reference in references {
        systems.entry(&reference.system).or_default().push(&reference.id);
    }
    let one = |(of, ids): (&str, Vec<&str>)| Condition::all().add(system.eq(of)).add(external_id.is_in(padded(&ids)));
    systems.into_iter().fold(Condition::any(), |any, system| any.add(one(system)))
}

/// The condition that a ticket has one of these references.
pub(super) fn called(references: &[ExternalRef]) -> Condition {
    referred(ticket::Column::System, ticket::Column::ExternalId, references)
}

impl Store {
    /// The tickets that handles name, as far as the scope sees them; a ticket has no code.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn find_tickets(
        &self,
        scope: &Scope,
        handles: &[Handle],
    ) -> Result<HashMap<Handle, TicketRecord>, StoreError> {
        let (ids, _, references) = sorted(handles);
        if ids.is_empty() && references.is_empty() {
            return Ok(HashMap::new());
        }
        let named = Condition::any().add(ticket::Column::Id.is_in(padded(&ids))).add(called(&references));
        let found: Vec<TicketRecord> = read(visible(scope).filter(named), self.reads()).await?;
        let references = found.iter().map(|ticket| (ticket.reference.clone(), ticket.id)).collect();
        Ok(by_handle(handles, &references, &found, |record| (record.id, "")))
    }

    /// What their sources call some tickets, deleted ones included.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn ticket_references(
        &self,
        scope: &Scope,
        ids: &[Uuid],
    ) -> Result<HashMap<Uuid, ExternalRef>, StoreError> {
        if ids.is_empty() || scope.visible() != Visible::All {
            return Ok(HashMap::new());
        }
        let rows: Vec<(Uuid, String, String)> = ticket::Entity::find()
            .select_only()
            .columns([ticket::Column::Id, ticket::Column::System, ticket::Column::ExternalId])
            .filter(ticket::Column::ProviderId.eq(scope.provider()))
            .filter(ticket::Column::Id.is_in(padded(ids)))
            .into_tuple()
            .all(self.reads())
            .await?;
        Ok(rows.into_iter().map(|(ticket, system, id)| (ticket, ExternalRef { system, id })).collect())
    }
}

impl Tx {
    /// The tickets that references name, deleted ones included, held for this write.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn tickets_named(&self, references: &[ExternalRef]) -> Result<Vec<TicketRecord>, StoreError> {
        if references.is_empty() {
            return Ok(Vec::new());
        }
        self.held(called(references)).await
    }

    /// The tickets with these ids that are there, held for this write.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn tickets(&self, ids: &[Uuid]) -> Result<Vec<TicketRecord>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let there = ticket::Column::Deleted.eq(false);
        self.held(Condition::all().add(ticket::Column::Id.is_in(padded(ids))).add(there)).await
    }

    async fn held(&self, which: Condition) -> Result<Vec<TicketRecord>, StoreError> {
        let rows = ticket::Entity::find()
            .filter(ticket::Column::ProviderId.eq(self.provider()))
            .filter(which)
            // In one order, so that no two writes wait for each other.
            .order_by_asc(ticket::Column::Id)
            .lock_exclusive();
        read(rows, self.connection()).await
    }

    /// Makes or replaces tickets, found by their ids.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn put_tickets(&self, tickets: &[&TicketRecord]) -> Result<(), StoreError> {
        use ticket::Column::{
            AgreementChosen, AgreementId, ClientId, Deleted, Document, Id, NextAt, OpenedAt, ProviderId, ServiceId,
            ToldAt,
        };
        let row = |record: &&TicketRecord| {
            Ok::<_, StoreError>(ticket::ActiveModel {
                provider_id: Set(self.provider().to_owned()),
                id: Set(record.id),
                system: Set(record.reference.system.clone()),
                external_id: Set(record.reference.id.clone()),
                client_id: Set(record.client_id),
                agreement_id: Set(record.agreement_id),
                agreement_chosen: Set(record.chosen),
                service_id: Set(record.service_id),
                opened_at: Set(record.kept.opened_at.as_microsecond()),
                deleted: Set(record.kept.deleted),
                document: Set(to_document(&record.kept)?),
                told_at: Set(record.told_at.as_microsecond()),
                next_at: Set(record.next_at.map(Timestamp::as_microsecond)),
            })
        };
        let rows: Vec<ticket::ActiveModel> = tickets.iter().map(row).collect::<Result<_, _>>()?;
        let columns = [ClientId, AgreementId, AgreementChosen, ServiceId, OpenedAt, Deleted, Document, ToldAt, NextAt];
        let replace = Replace { same: &[ProviderId, Id], columns: &columns };
        insert_all(self.connection(), rows, Some(replace)).await
    }
}
