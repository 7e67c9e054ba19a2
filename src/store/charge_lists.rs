//! Charges, read.

use std::{collections::HashMap, ops::RangeInclusive};

use remit_domain::{
    Timestamp,
    billing::Month,
    words::{ChargeKind, ChargeStatus},
};
use remit_entity::charge;
use sea_orm::{
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, Order, Query as SeaQuery, SelectStatement, WindowStatement},
};

use super::{
    ChargeRecord, DrawRecord, Page, Scope, Store, StoreError, Window, by_place::read, document, padded, page::windowed,
    scope::Visible,
};

/// Which charges a list holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ChargeFilter {
    /// Of this client.
    pub client: Option<Uuid>,
    /// Of this agreement.
    pub agreement: Option<Uuid>,
    /// Of these kinds.
    pub kinds: Option<Vec<ChargeKind>>,
    /// That have come so far.
    pub statuses: Option<Vec<ChargeStatus>>,
    /// In this billing period or a later one.
    pub from: Option<Month>,
    /// In this billing period or an earlier one.
    pub until: Option<Month>,
}

/// The rows of a provider that a scope sees: of a client those that are its own.
fn visible(scope: &Scope) -> Select<charge::Entity> {
    let rows = charge::Entity::find();
    match scope.visible() {
        Visible::All => rows.filter(charge::Column::ProviderId.eq(scope.provider())),
        Visible::Client(client) => {
            rows.filter(charge::Column::ProviderId.eq(scope.provider())).filter(charge::Column::ClientId.eq(client))
        }
        // No provider has an empty code.
        Visible::Nothing => rows.filter(charge::Column::ProviderId.eq("")),
    }
}

fn filtered(scope: &Scope, filter: &ChargeFilter) -> Select<charge::Entity> {
    // A month leads the place, so that periods are a stretch of the index that lists go by.
    let month = |month: Month| format!("{:06}", month.number());
    visible(scope)
        .apply_if(filter.client, |rows, client| rows.filter(charge::Column::ClientId.eq(client)))
        .apply_if(filter.agreement, |rows, agreement| rows.filter(charge::Column::AgreementId.eq(agreement)))
        .apply_if(filter.kinds.as_ref(), |rows, kinds| {
            rows.filter(charge::Column::Kind.is_in(kinds.iter().map(|kind| kind.as_str())))
        })
        .apply_if(filter.statuses.as_ref(), |rows, statuses| {
            rows.filter(charge::Column::Status.is_in(statuses.iter().map(|status| status.as_str())))
        })
        .apply_if(filter.from, |rows, from| rows.filter(charge::Column::Place.gte(month(from))))
        .apply_if(filter.until, |rows, until| rows.filter(charge::Column::Place.lt(month(until.next()))))
}

/// The ids of each agreement's first charges within a window, one more than its limit.
fn first_ids(scope: &Scope, filter: &ChargeFilter, agreements: &[Uuid], window: &Window) -> SelectStatement {
    let within_agreement = WindowStatement::partition_by(charge::Column::AgreementId)
        .order_by(charge::Column::Place, Order::Asc)
        .to_owned();
    let ranked = filtered(scope, filter)
        .select_only()
        .column(charge::Column::Id)
        .filter(charge::Column::AgreementId.is_in(padded(agreements)))
        .apply_if(window.after.as_ref(), |rows, after| rows.filter(charge::Column::Place.gt(after.as_str())))
        .into_query()
        .expr_window_as(Expr::cust("ROW_NUMBER()"), within_agreement, "rank")
        .to_owned();
    let limit = i64::try_from(window.limit.saturating_add(1)).unwrap_or(i64::MAX);
    SeaQuery::select().column("id").from_subquery(ranked, "ranked").and_where(Expr::col("rank").lte(limit)).to_owned()
}

impl Store {
    /// A page of charges by period, then time.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn page_charges(
        &self,
        scope: &Scope,
        filter: &ChargeFilter,
        window: &Window,
    ) -> Result<Page<ChargeRecord>, StoreError> {
        let rows = windowed(filtered(scope, filter), charge::Column::Place, window);
        Ok(Page::cut(read(rows, self.reads()).await?, window))
    }

    /// How many charges a filter lets through.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn count_charges(&self, scope: &Scope, filter: &ChargeFilter) -> Result<u64, StoreError> {
        Ok(filtered(scope, filter).count(self.reads()).await?)
    }

    /// A page of charges for each of some agreements, by period, then time; it is read from the beginning.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn page_charges_of_agreements(
        &self,
        scope: &Scope,
        filter: &ChargeFilter,
        agreements: &[Uuid],
        window: &Window,
    ) -> Result<Vec<(Uuid, Page<ChargeRecord>)>, StoreError> {
        if let [agreement] = agreements {
            let filter = ChargeFilter { agreement: Some(*agreement), ..filter.clone() };
            return Ok(vec![(*agreement, self.page_charges(scope, &filter, window).await?)]);
        }
        let rows = charge::Entity::find()
            .filter(charge::Column::ProviderId.eq(scope.provider()))
            .filter(charge::Column::Id.in_subquery(first_ids(scope, filter, agreements, window)))
            .order_by_asc(charge::Column::Place);
        let mut of: HashMap<Uuid, Vec<ChargeRecord>> = HashMap::new();
        for record in read::<_, ChargeRecord, _>(rows, self.reads()).await? {
            of.entry(record.agreement_id).or_default().push(record);
        }
        let page = |agreement: &Uuid| (*agreement, Page::cut(of.remove(agreement).unwrap_or_default(), window));
        Ok(agreements.iter().map(page).collect())
    }

    /// How many charges of each of some agreements a filter lets through.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn count_charges_of_agreements(
        &self,
        scope: &Scope,
        filter: &ChargeFilter,
        agreements: &[Uuid],
    ) -> Result<HashMap<Uuid, u64>, StoreError> {
        let counts: Vec<(Uuid, i64)> = filtered(scope, filter)
            .select_only()
            .column(charge::Column::AgreementId)
            .column_as(charge::Column::Id.count(), "charges")
            .filter(charge::Column::AgreementId.is_in(padded(agreements)))
            .group_by(charge::Column::AgreementId)
            .into_tuple()
            .all(self.reads())
            .await?;
        Ok(counts.into_iter().map(|(agreement, count)| (agreement, count.unsigned_abs())).collect())
    }

    /// The charges with these ids.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn find_charges(&self, scope: &Scope, ids: &[Uuid]) -> Result<Vec<ChargeRecord>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        read(visible(scope).filter(charge::Column::Id.is_in(padded(ids))), self.reads()).await
    }

    /// The charges of some time entries, by period, then time.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn charges_of_entries(&self, scope: &Scope, entries: &[Uuid]) -> Result<Vec<ChargeRecord>, StoreError> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let rows = visible(scope).filter(charge::Column::TimeEntryId.is_in(padded(entries)));
        read(rows.order_by_asc(charge::Column::Place), self.reads()).await
    }

    /// What the charges of some agreements come to, by agreement and billing period, in minor units.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn charge_totals(
        &self,
        scope: &Scope,
        agreements: &[Uuid],
    ) -> Result<HashMap<(Uuid, Month), i64>, StoreError> {
        if agreements.is_empty() {
            return Ok(HashMap::new());
        }
        let sum = Expr::cust("CAST(SUM(amount) AS BIGINT)");
        let sums: Vec<(Uuid, i32, i64)> = visible(scope)
            .select_only()
            .column(charge::Column::AgreementId)
            .column(charge::Column::Month)
            .expr_as(sum, "total")
            .filter(charge::Column::AgreementId.is_in(padded(agreements)))
            .group_by(charge::Column::AgreementId)
            .group_by(charge::Column::Month)
            .into_tuple()
            .all(self.reads())
            .await?;
        Ok(sums.into_iter().map(|(id, month, total)| ((id, Month::from_number(month)), total)).collect())
    }
}

impl Store {
    /// What was drawn for the charges of some agreements, by the months that these stand in; adjustments draw nothing.
    ///
    /// - `begun_by`: only for work that began before this instant.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn draws(
        &self,
        scope: &Scope,
        agreements: &[Uuid],
        months: RangeInclusive<Month>,
        begun_by: Option<Timestamp>,
    ) -> Result<Vec<(Uuid, Month, Vec<DrawRecord>)>, StoreError> {
        if agreements.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<(Uuid, Uuid, i32, String)> = visible(scope)
            .select_only()
            .columns([charge::Column::Id, charge::Column::AgreementId])
            .columns([charge::Column::Month])
            .columns([charge::Column::Draws])
            .filter(charge::Column::AgreementId.is_in(padded(agreements)))
            .filter(charge::Column::Month.between(months.start().number(), months.end().number()))
            .filter(charge::Column::Draws.ne("[]"))
            .apply_if(begun_by, |rows, at| rows.filter(charge::Column::FromAt.lt(at.as_microsecond())))
            .into_tuple()
            .all(self.reads())
            .await?;
        let one = |(id, agreement, month, draws): (Uuid, Uuid, i32, String)| {
            Ok((agreement, Month::from_number(month), document("draws of the charge", id, &draws)?))
        };
        rows.into_iter().map(one).collect()
    }
}
