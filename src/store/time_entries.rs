//! Time entries, each in its newest version.

use std::collections::{HashMap, HashSet};

use remit_domain::{
    Duration, Rate, Timestamp,
    billing::Month,
    rating::Span,
    words::{EntryBilling, HoursClass, Priority, RateTreatment, Word},
};
use remit_entity::time_entry;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, prelude::Uuid,
};
use serde::{Deserialize, Serialize};

use super::{
    ExternalRef, Handle, Scope, Store, StoreError, Tx,
    by_place::read,
    document, padded,
    rows::{Replace, Rows},
    scope::{Visible, named},
    tickets::referred,
    to_document,
};

/// The newest version of a time entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeEntryRecord {
    /// Its id.
    pub id: Uuid,
    /// What the system that it comes from calls it.
    pub reference: ExternalRef,
    /// The client that the work was for.
    pub client_id: Uuid,
    /// The agreement that it is rated by; none: the client has none.
    pub agreement_id: Option<Uuid>,
    /// The ticket that it was for, as its source calls it; it may not be recorded yet.
    pub ticket: Option<ExternalRef>,
    /// Whether its client and agreement are those of the ticket, rather than said.
    pub by_ticket: bool,
    /// The service that it was for, as the entry says.
    pub service_id: Option<Uuid>,
    /// How urgent it was, as the entry says.
    pub priority: Option<Priority>,
    /// Who worked, in the provider's words.
    pub role: String,
    /// Which of the provider's people worked.
    pub technician: Option<String>,
    /// What kind of work it was, in the provider's words.
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
    /// What was done, for the provider's own people.
    pub note: Option<String>,
    /// The source's time of this version.
    pub changed_at: Option<Timestamp>,
    /// Whether it was taken back.
    pub deleted: bool,
    /// The billing period it belongs to.
    pub month: Option<Month>,
    /// How it is rated.
    pub segments: Vec<SegmentRecord>,
}

/// A stretch of an entry, as it was rated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentRecord {
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
    /// The class of the hours.
    pub class: HoursClass,
    /// What the rule does with it.
    pub treatment: RateTreatment,
    /// Time worked.
    pub worked: Duration,
    /// Rounded time that hours of the pool cover.
    pub included: Duration,
    /// Rounded time less what is included.
    pub charged: Duration,
    /// What an hour costs.
    pub rate: Option<Rate>,
    /// What it comes to, in minor units.
    pub minor: i64,
    /// Whether it has no price although it should.
    #[serde(default)]
    pub unpriced: bool,
}

/// The word that is spelled so.
pub(super) fn word<T: Word>(text: &str) -> Result<T, String> {
    T::WORDS.iter().copied().find(|word| word.text() == text).ok_or_else(|| format!("{text:?} is no {}", T::NAME))
}

impl TryFrom<time_entry::Model> for TimeEntryRecord {
    type Error = StoreError;

    fn try_from(row: time_entry::Model) -> Result<Self, StoreError> {
        let id = row.id;
        let unreadable = |why: String| StoreError::Unreadable { what: "time entry", id, why };
        let instant = |at| Timestamp::from_microsecond(at).map_err(|error| unreadable(error.to_string()));
        let pairs: Vec<(i64, i64)> = document("breaks of the time entry", id, &row.breaks)?;
        let breaks =
            pairs.into_iter().map(|(from, to)| Ok::<_, StoreError>(Span { from: instant(from)?, to: instant(to)? }));
        Ok(Self {
            span: Span { from: instant(row.started_at)?, to: instant(row.ended_at)? },
            breaks: breaks.collect::<Result<_, _>>()?,
            priority: row.priority.as_deref().map(word).transpose().map_err(unreadable)?,
            billing: word(&row.billing).map_err(unreadable)?,
            changed_at: row.changed_at.map(instant).transpose()?,
            segments: document("segments of the time entry", id, &row.segments)?,
            month: row.month.map(Month::from_number),
            id,
            reference: ExternalRef { system: row.system, id: row.external_id },
            client_id: row.client_id,
            agreement_id: row.agreement_id,
            ticket: row.ticket_system.zip(row.ticket_external_id).map(|(system, id)| ExternalRef { system, id }),
            by_ticket: row.by_ticket,
            service_id: row.service_id,
            role: row.role,
            technician: row.technician,
            work_kind: row.work_kind,
            times_known: row.times_known,
            approved_by: row.approved_by,
            note: row.note,
            deleted: row.deleted,
        })
    }
}

/// Which entries of a month are wanted.
#[derive(Clone, Debug)]
pub enum EntriesOf {
    /// All of them.
    All,
    /// Those with one of these ids, for one of these tickets, or of one of these technicians.
    Some {
        /// The ids.
        ids: Vec<Uuid>,
        /// The tickets.
        tickets: Vec<ExternalRef>,
        /// The technicians.
        technicians: Vec<String>,
    },
}

impl EntriesOf {
    /// Whether that is no entry at all.
    fn is_none(&self) -> bool {
        match self {
            Self::All => false,
            Self::Some { ids, tickets, technicians } => ids.is_empty() && tickets.is_empty() && technicians.is_empty(),
        }
    }
}

/// The rows of a provider that a scope sees: of a client those that are its own.
pub(super) fn visible(scope: &Scope) -> Select<time_entry::Entity> {
    let rows = time_entry::Entity::find();
    match scope.visible() {
        Visible::All => rows.filter(time_entry::Column::ProviderId.eq(scope.provider())),
        Visible::Client(client) => rows
            .filter(time_entry::Column::ProviderId.eq(scope.provider()))
            .filter(time_entry::Column::ClientId.eq(client)),
        // No provider has an empty code.
        Visible::Nothing => rows.filter(time_entry::Column::ProviderId.eq("")),
    }
}

impl Store {
    /// The entries that handles name and that were not taken back; they have no codes.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn find_time_entries(
        &self,
        scope: &Scope,
        handles: &[Handle],
    ) -> Result<HashMap<Handle, TimeEntryRecord>, StoreError> {
        let (mut ids, mut references) = (Vec::new(), Vec::new());
        for handle in handles {
            match handle {
                Handle::Id(id) => ids.push(*id),
                Handle::External { id, .. } => references.push(id.clone()),
                Handle::Code(_) => {}
            }
        }
        let names = named(self.reads(), (time_entry::Column::Id, &ids), (time_entry::Column::ExternalId, &references));
        let Some(named) = names else { return Ok(HashMap::new()) };
        let rows = visible(scope).filter(time_entry::Column::Deleted.eq(false)).filter(named);
        let found: Vec<TimeEntryRecord> = read(rows, self.reads()).await?;
        let by_id: HashMap<Uuid, _> = found.iter().map(|record| (record.id, record)).collect();
        let by_reference: HashMap<_, _> =
            found.iter().map(|record| ((&record.reference.system, &record.reference.id), record)).collect();
        let one = |handle: &Handle| {
            let record = match handle {
                Handle::Id(id) => by_id.get(id)?,
                Handle::External { system, id } => by_reference.get(&(system, id))?,
                Handle::Code(_) => return None,
            };
            Some((handle.clone(), TimeEntryRecord::clone(record)))
        };
        Ok(handles.iter().filter_map(one).collect())
    }

    /// The entries of a month of an agreement that the scope sees and that were not taken back, by their start.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn time_entries(
        &self,
        scope: &Scope,
        agreement: Uuid,
        month: Month,
        of: &EntriesOf,
    ) -> Result<Vec<TimeEntryRecord>, StoreError> {
        read(in_months(visible(scope), agreement, month..=month, of), self.reads()).await
    }

    /// What systems call entries, also those that were taken back.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub(super) async fn time_entry_refs(
        &self,
        scope: &Scope,
        ids: &[Uuid],
    ) -> Result<HashMap<Uuid, Vec<ExternalRef>>, StoreError> {
        let rows: Vec<(Uuid, String, String)> = visible(scope)
            .select_only()
            .columns([time_entry::Column::Id, time_entry::Column::System, time_entry::Column::ExternalId])
            .filter(time_entry::Column::Id.is_in(padded(ids)))
            .into_tuple()
            .all(self.reads())
            .await?;
        Ok(rows.into_iter().map(|(id, system, of)| (id, vec![ExternalRef { system, id: of }])).collect())
    }
}

/// Of some rows, those of an agreement's months that were not taken back, by their start.
fn in_months(
    rows: Select<time_entry::Entity>,
    agreement: Uuid,
    months: std::ops::RangeInclusive<Month>,
    of: &EntriesOf,
) -> Select<time_entry::Entity> {
    let rows = rows
        .filter(time_entry::Column::AgreementId.eq(agreement))
        .filter(time_entry::Column::Month.between(months.start().number(), months.end().number()))
        .filter(time_entry::Column::Deleted.eq(false))
        .order_by_asc(time_entry::Column::StartedAt);
    match of {
        EntriesOf::All => rows,
        EntriesOf::Some { ids, tickets, technicians } => {
            use time_entry::Column::{TicketExternalId, TicketSystem};
            let named = Condition::any()
                .add(time_entry::Column::Id.is_in(padded(ids)))
                .add(time_entry::Column::Technician.is_in(padded(technicians)));
            let for_tickets = (!tickets.is_empty()).then(|| referred(TicketSystem, TicketExternalId, tickets));
            rows.filter(named.add_option(for_tickets))
        }
    }
}

impl Tx {
    /// The entries that systems call so, deleted ones included.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn time_entries_called(&self, references: &[ExternalRef]) -> Result<Vec<TimeEntryRecord>, StoreError> {
        if references.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<String> = references.iter().map(|reference| reference.id.clone()).collect();
        let rows = time_entry::Entity::find()
            .filter(time_entry::Column::ProviderId.eq(self.provider()))
            .filter(time_entry::Column::ExternalId.is_in(padded(&ids)));
        let mut found: Vec<TimeEntryRecord> = read(rows, self.connection()).await?;
        let references: HashSet<&ExternalRef> = references.iter().collect();
        found.retain(|record| references.contains(&record.reference));
        Ok(found)
    }

    /// The entries of some months of an agreement that were not taken back, by their start.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn time_entries(
        &self,
        agreement: Uuid,
        months: std::ops::RangeInclusive<Month>,
        of: &EntriesOf,
    ) -> Result<Vec<TimeEntryRecord>, StoreError> {
        if of.is_none() {
            return Ok(Vec::new());
        }
        let rows = time_entry::Entity::find().filter(time_entry::Column::ProviderId.eq(self.provider()));
        read(in_months(rows, agreement, months, of), self.connection()).await
    }

    /// Entries as they are to be, whether they are there or not.
    ///
    /// # Errors
    /// [`StoreError`] when one cannot be spelled.
    pub fn time_entry_rows(&self, entries: &[TimeEntryRecord]) -> Result<Rows, StoreError> {
        use time_entry::Column as C;
        let replaced = [
            C::ClientId,
            C::AgreementId,
            C::TicketSystem,
            C::TicketExternalId,
            C::ByTicket,
            C::ServiceId,
            C::Priority,
            C::Role,
            C::Technician,
            C::WorkKind,
            C::StartedAt,
            C::EndedAt,
            C::Breaks,
            C::Billing,
            C::TimesKnown,
            C::ApprovedBy,
            C::Note,
            C::ChangedAt,
            C::Deleted,
            C::Month,
            C::Segments,
            C::RecordedAt,
        ];
        let rows = entries.iter().map(|entry| self.time_entry_row(entry)).collect::<Result<Vec<_>, _>>()?;
        let replace = Replace { same: &[C::ProviderId, C::Id], columns: &replaced };
        Rows::of(self.backend(), rows, Some(replace))
    }

    fn time_entry_row(&self, entry: &TimeEntryRecord) -> Result<time_entry::ActiveModel, StoreError> {
        let pairs = |span: &Span| (span.from.as_microsecond(), span.to.as_microsecond());
        let breaks: Vec<(i64, i64)> = entry.breaks.iter().map(pairs).collect();
        Ok(time_entry::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            id: Set(entry.id),
            system: Set(entry.reference.system.clone()),
            external_id: Set(entry.reference.id.clone()),
            client_id: Set(entry.client_id),
            agreement_id: Set(entry.agreement_id),
            ticket_system: Set(entry.ticket.as_ref().map(|ticket| ticket.system.clone())),
            ticket_external_id: Set(entry.ticket.as_ref().map(|ticket| ticket.id.clone())),
            by_ticket: Set(entry.by_ticket),
            service_id: Set(entry.service_id),
            priority: Set(entry.priority.map(|priority| priority.as_str().to_owned())),
            role: Set(entry.role.clone()),
            technician: Set(entry.technician.clone()),
            work_kind: Set(entry.work_kind.clone()),
            started_at: Set(entry.span.from.as_microsecond()),
            ended_at: Set(entry.span.to.as_microsecond()),
            breaks: Set(to_document(&breaks)?),
            billing: Set(entry.billing.as_str().to_owned()),
            times_known: Set(entry.times_known),
            approved_by: Set(entry.approved_by.clone()),
            note: Set(entry.note.clone()),
            changed_at: Set(entry.changed_at.map(Timestamp::as_microsecond)),
            deleted: Set(entry.deleted),
            month: Set(entry.month.map(Month::number)),
            segments: Set(to_document(&entry.segments)?),
            recorded_at: Set(self.at().as_microsecond()),
        })
    }
}
