//! Agreements.

use std::{collections::HashMap, num::NonZeroU32};

use remit_domain::{
    Currency, Date, Timestamp,
    lifecycle::{Suspension, TermEnds},
    words::AgreementStatus,
};
use remit_entity::agreement;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, Order, Query as SeaQuery, SelectStatement, WindowStatement},
};

use super::{
    AgreementFilter, Handle, Page, Scope, Store, StoreError, Subject, Tx, Window,
    agreement_filter::filtered,
    by_place::{ByPlace, read},
    external,
    found_agreements::Found,
    padded,
    page::windowed,
    revision_of_catalogue,
    scope::{Visible, agreements_of, visible_rows},
};

/// An agreement, without its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementRecord {
    /// Its id.
    pub id: Uuid,
    /// Its number.
    pub number: String,
    /// Its title.
    pub title: String,
    /// Whose it is.
    pub client_id: Uuid,
    /// The currency of all its prices.
    pub currency: Currency,
    /// Goes up with every change.
    pub revision: i32,
    /// How it stands, for lists; follows from the versions and the termination.
    pub standing: Standing,
    /// That it was ended before its time.
    pub termination: Option<Termination>,
    /// Whether blocks of hours were put for it: then work may draw hours that the terms do not name.
    pub has_prepaid: bool,
    /// Whether it was ever suspended.
    pub was_suspended: bool,
    /// Goes up with every word on its obligations; 0: nothing was said of them.
    pub status_revision: i32,
}

/// That an agreement was ended before its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Termination {
    /// The first day without it.
    pub on: Date,
    /// The first instant of that day.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// What lists need to know of an agreement's versions, kept with the agreement by every write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Whether an offer stands open.
    pub offered: bool,
    /// The newest accepted version.
    pub accepted_version: Option<u32>,
    /// That version, or while there is none the newest that was not withdrawn.
    pub current_terms: Option<Uuid>,
    /// The last day as things stand: renewals by hand and a termination included.
    pub ends_on: Option<Date>,
    /// First instant after that day.
    pub ends_at: Option<Timestamp>,
    /// When the terms end that renew by themselves.
    pub renews: Option<TermEnds>,
}

impl AgreementRecord {
    /// How the agreement stands at an instant; the same as the domain's `Life::status` says of the versions.
    #[must_use]
    pub fn status(&self, mut suspensions: impl Iterator<Item = Suspension>, at: Timestamp) -> AgreementStatus {
        let standing = &self.standing;
        match (standing.accepted_version, standing.offered) {
            (Some(_), _) if self.termination.as_ref().is_some_and(|end| end.at <= at) => AgreementStatus::Terminated,
            (Some(_), _) if standing.ends_at.is_some_and(|ends| ends <= at) => AgreementStatus::Expired,
            (Some(_), _) if suspensions.any(|suspension| suspension.holds(at)) => AgreementStatus::Suspended,
            (Some(_), _) => AgreementStatus::Active,
            (None, true) => AgreementStatus::Offered,
            (None, false) => AgreementStatus::Draft,
        }
    }

    /// Whether its last day is over.
    #[must_use]
    pub fn has_ended(&self, at: Timestamp) -> bool {
        self.standing.ends_at.is_some_and(|ends| ends <= at)
    }
}

impl TryFrom<agreement::Model> for AgreementRecord {
    type Error = StoreError;

    fn try_from(row: agreement::Model) -> Result<Self, StoreError> {
        let unreadable = |why: String| StoreError::Unreadable { what: "agreement", id: row.id, why };
        let date = |text: &str| text.parse::<Date>().map_err(|error| unreadable(error.to_string()));
        let instant = |at: i64| Timestamp::from_microsecond(at).map_err(|error| unreadable(error.to_string()));
        let currency = row.currency.parse().map_err(|error| unreadable(format!("currency: {error}")))?;
        let termination = match (&row.terminated_on, row.terminated_at) {
            (Some(on), Some(at)) => {
                let reason = row.termination_reason.clone().unwrap_or_default();
                Some(Termination { on: date(on)?, at: instant(at)?, reason })
            }
            _ => None,
        };
        Ok(Self {
            id: row.id,
            currency,
            standing: Standing {
                offered: row.offered,
                accepted_version: row.accepted_version.map(i32::unsigned_abs),
                current_terms: row.current_terms,
                ends_on: row.ends_on.as_deref().map(date).transpose()?,
                ends_at: row.ends_at.map(instant).transpose()?,
                renews: renews(&row),
            },
            termination,
            number: row.number,
            title: row.title,
            client_id: row.client_id,
            revision: row.revision,
            has_prepaid: row.has_prepaid,
            was_suspended: row.was_suspended,
            status_revision: row.status_revision,
        })
    }
}

fn renews(row: &agreement::Model) -> Option<TermEnds> {
    let day = i8::try_from(row.renews_day?).ok()?;
    Some(TermEnds { month: row.renews_month?, day, every: NonZeroU32::new(row.renews_every?.unsigned_abs())? })
}

pub(super) fn visible(scope: &Scope) -> Select<agreement::Entity> {
    let of_client = |client: Uuid| agreements_of(scope.provider(), client);
    let (provider, id) = (agreement::Column::ProviderId, agreement::Column::Id);
    visible_rows(agreement::Entity::find(), scope, provider, id, of_client)
}

/// The agreements among some rows, and at which revision the catalogue was.
pub(super) async fn read_beside<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    rows: Select<agreement::Entity>,
) -> Result<Found, StoreError> {
    let revision = revision_of_catalogue(scope).into_query();
    let rows = rows.expr_as(Expr::from(revision), "catalogue_revision");
    let rows = connection.query_all_raw(rows.build(connection.get_database_backend())).await?;
    let catalogue_revision = rows.first().map(|first| first.try_get("", "catalogue_revision")).transpose()?;
    let record = |row| ByPlace::<agreement::Model>::from_query_result(&row, "")?.0.try_into();
    Ok(Found { records: rows.into_iter().map(record).collect::<Result<_, _>>()?, catalogue_revision })
}

/// The agreements among some rows. A scope that has not seen the catalogue does so by the same statement.
///
/// - `is_committed`: whether what is read cannot be taken back.
pub(super) async fn read_agreements<C: ConnectionTrait>(
    connection: &C,
    (scope, is_committed): (&Scope, bool),
    rows: Select<agreement::Entity>,
) -> Result<Vec<AgreementRecord>, StoreError> {
    let Some(seen) = scope.catalogue().filter(|seen| seen.get().is_none() && is_committed) else {
        return read(rows, connection).await;
    };
    let found = read_beside(connection, scope, rows).await?;
    if let Some(revision) = found.catalogue_revision {
        seen.get_or_init(|| revision);
    }
    Ok(found.records)
}

impl Store {
    pub(super) async fn agreements(
        &self,
        scope: &Scope,
        rows: Select<agreement::Entity>,
    ) -> Result<Vec<AgreementRecord>, StoreError> {
        read_agreements(self.reads(), (scope, self.reads_committed()), rows).await
    }

    /// A page of agreements by number.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn page_agreements(
        &self,
        scope: &Scope,
        filter: &AgreementFilter,
        window: &Window,
    ) -> Result<Page<AgreementRecord>, StoreError> {
        let rows = windowed(filtered(scope, filter), agreement::Column::Number, window);
        Ok(Page::cut(self.agreements(scope, rows).await?, window))
    }

    /// How many agreements a filter lets through.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn count_agreements(&self, scope: &Scope, filter: &AgreementFilter) -> Result<u64, StoreError> {
        Ok(filtered(scope, filter).count(self.reads()).await?)
    }

    /// All agreements of some clients, by number.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn agreements_of_clients(
        &self,
        scope: &Scope,
        clients: &[Uuid],
    ) -> Result<Vec<AgreementRecord>, StoreError> {
        if clients.is_empty() || scope.visible() == Visible::Nothing {
            return Ok(Vec::new());
        }
        let rows = visible(scope).filter(agreement::Column::ClientId.is_in(padded(clients)));
        let mut found = self.agreements(scope, rows).await?;
        found.sort_by(|a, b| a.number.cmp(&b.number));
        Ok(found)
    }
    /// A page of agreements for each of some clients, by number.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn page_agreements_of_clients(
        &self,
        scope: &Scope,
        clients: &[Uuid],
        window: &Window,
    ) -> Result<Vec<(Uuid, Page<AgreementRecord>)>, StoreError> {
        let ranked = ranked_ids(scope, clients, window);
        let rows = agreement::Entity::find()
            .filter(agreement::Column::ProviderId.eq(scope.provider()))
            .filter(agreement::Column::Id.in_subquery(ranked));
        let ordered = match window.from_end {
            true => rows.order_by_desc(agreement::Column::Number),
            false => rows.order_by_asc(agreement::Column::Number),
        };
        let records: Vec<AgreementRecord> = read(ordered, self.reads()).await?;
        let of = |client: &Uuid| records.iter().filter(|record| record.client_id == *client).cloned().collect();
        Ok(clients.iter().map(|client| (*client, Page::cut(of(client), window))).collect())
    }

    /// How many agreements each of some clients has.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn count_agreements_of_clients(
        &self,
        scope: &Scope,
        clients: &[Uuid],
    ) -> Result<HashMap<Uuid, u64>, StoreError> {
        let counts: Vec<(Uuid, i64)> = visible(scope)
            .select_only()
            .column(agreement::Column::ClientId)
            .column_as(agreement::Column::Id.count(), "agreements")
            .filter(agreement::Column::ClientId.is_in(padded(clients)))
            .group_by(agreement::Column::ClientId)
            .into_tuple()
            .all(self.reads())
            .await?;
        Ok(counts.into_iter().map(|(client, count)| (client, count.unsigned_abs())).collect())
    }
}

/// The ids of each client's first (or last) agreements within a window, one more than its limit.
fn ranked_ids(scope: &Scope, clients: &[Uuid], window: &Window) -> SelectStatement {
    let order = if window.from_end { Order::Desc } else { Order::Asc };
    let within_client = WindowStatement::partition_by(agreement::Column::ClientId)
        .order_by(agreement::Column::Number, order)
        .to_owned();
    let ranked = visible(scope)
        .select_only()
        .column(agreement::Column::Id)
        .filter(agreement::Column::ClientId.is_in(padded(clients)))
        .apply_if(window.after.as_ref(), |rows, after| rows.filter(agreement::Column::Number.gt(after.as_str())))
        .apply_if(window.before.as_ref(), |rows, before| rows.filter(agreement::Column::Number.lt(before.as_str())))
        .into_query()
        .expr_window_as(Expr::cust("ROW_NUMBER()"), within_client, "place")
        .to_owned();
    let limit = i64::try_from(window.limit.saturating_add(1)).unwrap_or(i64::MAX);
    SeaQuery::select().column("id").from_subquery(ranked, "ranked").and_where(Expr::col("place").lte(limit)).to_owned()
}

impl Tx {
    /// The agreement that a handle names.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn agreement(&self, handle: &Handle) -> Result<Option<AgreementRecord>, StoreError> {
        let of_provider = agreement::Entity::find().filter(agreement::Column::ProviderId.eq(self.provider()));
        let named = match handle {
            Handle::Id(id) => of_provider.filter(agreement::Column::Id.eq(*id)),
            Handle::Code(number) => of_provider.filter(agreement::Column::Number.eq(number.as_str())),
            Handle::External { system, id } => {
                let reference = super::ExternalRef { system: system.clone(), id: id.clone() };
                match external::find(self.connection(), self.provider(), Subject::Agreement, &reference).await? {
                    Some(id) => of_provider.filter(agreement::Column::Id.eq(id)),
                    None => return Ok(None),
                }
            }
        };
        named.one(self.connection()).await?.map(TryInto::try_into).transpose()
    }

    /// Makes an agreement.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn add_agreement(&self, agreement: &AgreementRecord) -> Result<(), StoreError> {
        agreement::Entity::insert(self.agreement_row(agreement)).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Writes an agreement that is there.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn update_agreement(&self, agreement: &AgreementRecord) -> Result<(), StoreError> {
        self.agreement_row(agreement).update(self.connection()).await?;
        Ok(())
    }

    fn agreement_row(&self, agreement: &AgreementRecord) -> agreement::ActiveModel {
        let AgreementRecord {
            id,
            number,
            title,
            client_id,
            currency,
            revision,
            standing,
            termination,
            has_prepaid,
            was_suspended,
            status_revision,
        } = agreement.clone();
        agreement::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            id: Set(id),
            number: Set(number),
            title: Set(title),
            client_id: Set(client_id),
            currency: Set(currency.to_string()),
            revision: Set(revision),
            offered: Set(standing.offered),
            accepted_version: Set(standing.accepted_version.map(u32::cast_signed)),
            current_terms: Set(standing.current_terms),
            ends_on: Set(standing.ends_on.map(|date| date.to_string())),
            ends_at: Set(standing.ends_at.map(Timestamp::as_microsecond)),
            terminated_on: Set(termination.as_ref().map(|end| end.on.to_string())),
            terminated_at: Set(termination.as_ref().map(|end| end.at.as_microsecond())),
            termination_reason: Set(termination.map(|end| end.reason)),
            renews_month: Set(standing.renews.map(|ends| ends.month)),
            renews_day: Set(standing.renews.map(|ends| ends.day.into())),
            renews_every: Set(standing.renews.map(|ends| ends.every.get().cast_signed())),
            has_prepaid: Set(has_prepaid),
            was_suspended: Set(was_suspended),
            status_revision: Set(status_revision),
        }
    }
}
