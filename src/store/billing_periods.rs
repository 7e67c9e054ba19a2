//! Months of agreements: the hours they begin with, and which are closed.

use remit_domain::{
    Timestamp,
    billing::{Lot, Month},
};
use remit_entity::billing_period;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait, prelude::Uuid,
    sea_query::OnConflict,
};

use super::{
    Scope, Store, StoreError, Tx, document, padded,
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
        .order_by_asc(billing_period::Column::Month)
        .all(connection)
        .await?;
    rows.into_iter().map(TryInto::try_into).collect()
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

    /// Writes months, whether they are there or not.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn put_billing_periods(&self, periods: &[PeriodRecord]) -> Result<(), StoreError> {
        use billing_period::Column as C;
        if periods.is_empty() {
            return Ok(());
        }
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
        let key = [C::ProviderId, C::AgreementId, C::Month];
        let conflict = OnConflict::columns(key).update_columns([C::Carried, C::ClosedAt, C::ClosedBy]).to_owned();
        billing_period::Entity::insert_many(rows)
            .on_conflict(conflict)
            .exec_without_returning(self.connection())
            .await?;
        Ok(())
    }
}
