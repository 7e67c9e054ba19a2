//! Blocks of hours bought on top of those in the fee.

use remit_domain::{
    Date, Duration,
    billing::{BlockId, PrepaidBlock},
};
use remit_entity::{agreement, prepaid_hours};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait, prelude::Uuid,
    sea_query::OnConflict,
};

use super::{
    Scope, Store, StoreError, Tx, padded,
    scope::{Visible, agreements_of},
};

/// A block of hours of an agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockRecord {
    /// Its id.
    pub id: Uuid,
    /// The agreement.
    pub agreement_id: Uuid,
    /// What it is called; unique per agreement.
    pub code: String,
    /// How much.
    pub hours: Duration,
    /// The first day on which it can be used.
    pub from: Date,
    /// The last day on which it can be used; none: it does not expire.
    pub until: Option<Date>,
    /// Whether it was paid for.
    pub paid: bool,
    /// A remark.
    pub note: Option<String>,
}

impl BlockRecord {
    /// The block as rules look at it.
    #[must_use]
    pub fn block(&self) -> PrepaidBlock {
        let Self { id, hours, from, until, paid, .. } = *self;
        PrepaidBlock { id: BlockId(id.as_u128()), code: self.code.clone(), hours, from, until, paid }
    }
}

impl TryFrom<prepaid_hours::Model> for BlockRecord {
    type Error = StoreError;

    fn try_from(row: prepaid_hours::Model) -> Result<Self, StoreError> {
        let id = row.id;
        let date = |text: &str| {
            let read = text.parse::<Date>();
            read.map_err(|error| StoreError::Unreadable { what: "block of hours", id, why: error.to_string() })
        };
        Ok(Self {
            from: date(&row.from_on)?,
            until: row.until_on.as_deref().map(date).transpose()?,
            hours: Duration::from_micros(row.hours),
            id,
            agreement_id: row.agreement_id,
            code: row.code,
            paid: row.paid,
            note: row.note,
        })
    }
}

pub(super) async fn of_agreements<C: ConnectionTrait>(
    connection: &C,
    provider: &str,
    client: Option<Uuid>,
    agreements: &[Uuid],
) -> Result<Vec<BlockRecord>, StoreError> {
    if agreements.is_empty() {
        return Ok(Vec::new());
    }
    let rows = prepaid_hours::Entity::find()
        .filter(prepaid_hours::Column::ProviderId.eq(provider))
        .filter(prepaid_hours::Column::AgreementId.is_in(padded(agreements)))
        .apply_if(client, |rows, client| {
            rows.filter(prepaid_hours::Column::AgreementId.in_subquery(agreements_of(provider, client)))
        })
        .order_by_asc(prepaid_hours::Column::FromOn)
        .order_by_asc(prepaid_hours::Column::Code)
        .all(connection)
        .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

impl Store {
    /// The blocks of hours of some agreements that the scope sees, by their first day.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn prepaid_hours(&self, scope: &Scope, agreements: &[Uuid]) -> Result<Vec<BlockRecord>, StoreError> {
        if scope.visible() == Visible::Nothing {
            return Ok(Vec::new());
        }
        of_agreements(self.reads(), scope.provider(), scope.client(), agreements).await
    }
}

impl Tx {
    /// The blocks of hours of an agreement, by their first day.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn prepaid_hours(&self, agreement: Uuid) -> Result<Vec<BlockRecord>, StoreError> {
        of_agreements(self.connection(), self.provider(), None, &[agreement]).await
    }

    /// Writes a block of hours, whether it is there or not; its agreement has blocks from then on.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn put_prepaid_hours(&self, block: &BlockRecord) -> Result<(), StoreError> {
        use prepaid_hours::Column as C;
        let row = prepaid_hours::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            id: Set(block.id),
            agreement_id: Set(block.agreement_id),
            code: Set(block.code.clone()),
            hours: Set(block.hours.micros()),
            from_on: Set(block.from.to_string()),
            until_on: Set(block.until.map(|date| date.to_string())),
            paid: Set(block.paid),
            note: Set(block.note.clone()),
        };
        let replaced = [C::Hours, C::FromOn, C::UntilOn, C::Paid, C::Note];
        let conflict = OnConflict::columns([C::ProviderId, C::Id]).update_columns(replaced).to_owned();
        prepaid_hours::Entity::insert(row).on_conflict(conflict).exec_without_returning(self.connection()).await?;
        agreement::Entity::update_many()
            .col_expr(agreement::Column::HasPrepaid, true.into())
            .filter(agreement::Column::ProviderId.eq(self.provider()))
            .filter(agreement::Column::Id.eq(block.agreement_id))
            .exec(self.connection())
            .await?;
        Ok(())
    }
}
