//! Months of agreements: the hours they begin with, and which are closed.

use std::collections::HashMap;

use remit_domain::{
    Timestamp,
    billing::{Lot, Month},
};
use remit_entity::{agreement, billing_period};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, prelude::Uuid,
};

use super::{
    Scope, Store, StoreError, Tx,
    agreements::visible as visible_agreements,
    by_place::read,
    document, padded,
    rows::{Replace, Rows},
    scope::{Visible, agreements_of},
    to_document,
};

/// A month of an agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodRecord {
    /// The agreement.
    pub agreement_id: Uuid,
    /// The month.
    pub month: Month,
    /// The hours left over that it begins with.
    pub carried: Vec<Lot>,
    /// When it was closed, and by whom.
    pub closed: Option<(Timestamp, String)>,
}

impl TryFrom<billing_period::Model> for PeriodRecord {
    type Error = StoreError;

    fn try_from(row: billing_period::Model) -> Result<Self, StoreError> {
        let id = row.agreement_id;
        let unreadable = |why: String| StoreError::Unreadable { what: "billing period of", id, why };
        let instant = |at| Timestamp::from_microsecond(at).map_err(|error| unreadable(error.to_string()));
        Ok(Self {
            agreement_id: id,
            month: Month::from_number(row.month),
            carried: document("hours carried by", id, &row.carried)?,
            closed: row.closed_at.map(instant).transpose()?.zip(Some(row.closed_by.unwrap_or_default())),
        })
    }
}

pub(super) async fn of_agreements<C: ConnectionTrait>(
    connection: &C,
    provider: &str,
    client: Option<Uuid>,
    agreements: &[Uuid],
) -> Result<Vec<PeriodRecord>, StoreError> {
    if agreements.is_empty() {
        return Ok(Vec::new());
    }
    let rows = billing_period::Entity::find()
        .filter(billing_period::Column::ProviderId.eq(provider))
        .filter(billing_period::Column::AgreementId.is_in(padded(agreements)))
        .apply_if(client, |rows, client| {
            rows.filter(billing_period::Column::AgreementId.in_subquery(agreements_of(provider, client)))
        })
        .order_by_asc(billing_period::Column::Month);
    read(rows, connection).await
}

impl Store {
    /// What is known of the months of some agreements, in order.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn billing_periods(&self, scope: &Scope, agreements: &[Uuid]) -> Result<Vec<PeriodRecord>, StoreError> {
        if scope.visible() == Visible::Nothing {
            return Ok(Vec::new());
        }
        of_agreements(self.reads(), scope.provider(), scope.client(), agreements).await
    }
}

impl Tx {
    /// What is known of the months of some agreements, in order.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn billing_periods(&self, agreements: &[Uuid]) -> Result<Vec<PeriodRecord>, StoreError> {
        of_agreements(self.connection(), self.provider(), None, agreements).await
    }

    /// The last month that is closed of some agreements; of one without any there is none.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn closed_until(&self, agreements: &[Uuid]) -> Result<HashMap<Uuid, Month>, StoreError> {
        if agreements.is_empty() {
            return Ok(HashMap::new());
        }
        let last: Vec<(Uuid, i32)> = billing_period::Entity::find()
            .select_only()
            .column(billing_period::Column::AgreementId)
            .column_as(billing_period::Column::Month.max(), "last")
            .filter(billing_period::Column::ProviderId.eq(self.provider()))
            .filter(billing_period::Column::AgreementId.is_in(padded(agreements)))
            .filter(billing_period::Column::ClosedAt.is_not_null())
            .group_by(billing_period::Column::AgreementId)
            .into_tuple()
            .all(self.connection())
            .await?;
        Ok(last.into_iter().map(|(agreement, month)| (agreement, Month::from_number(month))).collect())
    }

    /// Months as they are to be, whether they are there or not.
    ///
    /// # Errors
    /// [`StoreError`] when one cannot be spelled.
    pub fn billing_period_rows(&self, periods: &[PeriodRecord]) -> Result<Rows, StoreError> {
        use billing_period::Column as C;
        let row = |period: &PeriodRecord| {
            let (closed_at, closed_by) = period.closed.clone().unzip();
            Ok::<_, StoreError>(billing_period::ActiveModel {
                provider_id: Set(self.provider().to_owned()),
                agreement_id: Set(period.agreement_id),
                month: Set(period.month.number()),
                carried: Set(to_document(&period.carried)?),
                closed_at: Set(closed_at.map(Timestamp::as_microsecond)),
                closed_by: Set(closed_by),
            })
        };
        let rows = periods.iter().map(row).collect::<Result<Vec<_>, _>>()?;
        let replace = Replace {
            same: &[C::ProviderId, C::AgreementId, C::Month],
            columns: &[C::Carried, C::ClosedAt, C::ClosedBy],
        };
        Rows::of(self.backend(), rows, Some(replace))
    }
}

/// The first month that a period's id can name: January 1900.
const FIRST_MONTH: i32 = 1900 * 12;
/// How many months an id tells apart, up to the year 2241.
const MONTHS: i32 = 1 << 12;
/// The bits of an id that hold the month of a period, and that of an agreement a part of its random bits.
const MONTH_BITS: u128 = 0xffff << 64;
/// What the version of an id is in a period's: 8, an id of the maker's own form.
const PERIOD_VERSION: u128 = 0x8000 << 64;

/// The id of a month of an agreement: the agreement's, with the month in place of its version and twelve of its random
/// bits. So a period needs no row to have an id, and the agreement is found by the rest.
#[must_use]
pub fn period_id(agreement: Uuid, month: Month) -> Uuid {
    let place = u128::from((month.number() - FIRST_MONTH).rem_euclid(MONTHS).unsigned_abs());
    Uuid::from_u128((agreement.as_u128() & !MONTH_BITS) | PERIOD_VERSION | (place << 64))
}

/// The month that an id names, and between which ids its agreement's lies; none: it is no period's.
fn month_of(id: Uuid) -> Option<(Month, Uuid, Uuid)> {
    let bits = id.as_u128();
    if bits & (0xf000 << 64) != PERIOD_VERSION {
        return None;
    }
    let place = i32::try_from((bits >> 64) & 0xfff).ok()?;
    let (least, most) = (bits & !(MONTH_BITS | u128::from(u64::MAX)), bits | MONTH_BITS | u128::from(u64::MAX));
    Some((Month::from_number(FIRST_MONTH + place), Uuid::from_u128(least), Uuid::from_u128(most)))
}

impl Store {
    /// The agreements and months that ids of periods name, as far as the scope sees them; whether a period has begun is
    /// not looked at.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn named_periods(&self, scope: &Scope, ids: &[Uuid]) -> Result<Vec<(Uuid, Uuid, Month)>, StoreError> {
        let read: Vec<(Uuid, Month, Uuid, Uuid)> =
            ids.iter().filter_map(|id| month_of(*id).map(|(month, least, most)| (*id, month, least, most))).collect();
        if read.is_empty() {
            return Ok(Vec::new());
        }
        let near = |any: Condition, (_, _, least, most): &(Uuid, Month, Uuid, Uuid)| {
            any.add(agreement::Column::Id.between(*least, *most))
        };
        let found: Vec<Uuid> = visible_agreements(scope)
            .select_only()
            .column(agreement::Column::Id)
            .filter(read.iter().fold(Condition::any(), near))
            .into_tuple()
            .all(self.reads())
            .await?;
        let named = |(id, month, ..): &(Uuid, Month, Uuid, Uuid)| {
            let agreement = found.iter().find(|agreement| period_id(**agreement, *month) == *id)?;
            Some((*id, *agreement, *month))
        };
        Ok(read.iter().filter_map(named).collect())
    }
}
