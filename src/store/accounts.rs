//! All that billing needs to know of some agreements, with a number of statements that does not depend on how many.

use std::collections::HashMap;

use remit_domain::{Timestamp, lifecycle::Stage};
use remit_entity::{agreement, agreement_suspension, obligation_status, time_entry};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, prelude::Uuid};

use super::{
    AgreementRecord, BlockRecord, PeriodRecord, Scope, StatusRecord, Store, StoreError, SuspensionRecord, TermsRecord,
    Tx, billing_periods, padded, prepaid_hours, said::Said,
};

/// What is known of some agreements.
#[derive(Debug, Default)]
pub struct AccountRows {
    /// The agreements.
    pub agreements: Vec<AgreementRecord>,
    /// Their accepted versions, newest first.
    pub versions: Vec<TermsRecord>,
    /// When they were suspended.
    pub suspensions: Vec<SuspensionRecord>,
    /// How their obligations stood, in order of recording.
    pub statuses: Vec<StatusRecord>,
    /// What is known of their billing periods, in order.
    pub periods: Vec<PeriodRecord>,
    /// The blocks of hours bought for them.
    pub blocks: Vec<BlockRecord>,
    /// The start of the latest entry of each.
    pub latest_work: HashMap<Uuid, Timestamp>,
}

async fn account_rows<C: ConnectionTrait>(
    connection: &C,
    provider: &str,
    agreements: &[Uuid],
    (said, keeps): (&Said, bool),
) -> Result<AccountRows, StoreError> {
    if agreements.is_empty() {
        return Ok(AccountRows::default());
    }
    let ids = padded(agreements);
    macro_rules! rows {
        ($table:ident, $column:ident $(, $order:ident)*) => {
            $table::Entity::find()
                .filter($table::Column::ProviderId.eq(provider))
                .filter($table::Column::$column.is_in(ids.iter().copied()))
                $(.order_by_asc($table::Column::$order))*
        };
    }
    let found = rows!(agreement, Id).all(connection).await?;
    let found = found.into_iter().map(TryInto::try_into).collect::<Result<Vec<AgreementRecord>, _>>()?;
    let mut versions = said.of_agreements(connection, (provider, keeps), &Vec::from_iter(&found)).await?;
    versions.retain(|version| matches!(version.version.stage, Stage::Accepted { .. }));
    let suspensions = match found.iter().any(|agreement| agreement.was_suspended) {
        true => rows!(agreement_suspension, AgreementId, FromAt).all(connection).await?,
        false => Vec::new(),
    };
    let statuses = match versions.iter().any(|version| !version.sections.obligations.is_empty()) {
        true => rows!(obligation_status, AgreementId, RecordedAt, Id).all(connection).await?,
        false => Vec::new(),
    };
    let blocks = match found.iter().any(|agreement| agreement.has_prepaid) {
        true => prepaid_hours::of_agreements(connection, provider, None, agreements).await?,
        false => Vec::new(),
    };
    let latest: Vec<(Uuid, i64)> = rows!(time_entry, AgreementId)
        .select_only()
        .column(time_entry::Column::AgreementId)
        .column_as(time_entry::Column::StartedAt.max(), "latest")
        .filter(time_entry::Column::Deleted.eq(false))
        .group_by(time_entry::Column::AgreementId)
        .into_tuple()
        .all(connection)
        .await?;
    let instant = |(id, at): (Uuid, i64)| Some((id, Timestamp::from_microsecond(at).ok()?));
    Ok(AccountRows {
        agreements: found,
        versions,
        suspensions: suspensions.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
        statuses: statuses.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
        periods: billing_periods::of_agreements(connection, provider, None, agreements).await?,
        blocks,
        latest_work: latest.into_iter().filter_map(instant).collect(),
    })
}

impl Store {
    /// What billing needs to know of agreements that the scope was found to see.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn account_rows(&self, scope: &Scope, agreements: &[Uuid]) -> Result<AccountRows, StoreError> {
        account_rows(self.reads(), scope.provider(), agreements, (&self.said, self.reads_committed())).await
    }
}

impl Tx {
    /// What billing needs to know of some agreements, as this write leaves them.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn account_rows(&self, agreements: &[Uuid]) -> Result<AccountRows, StoreError> {
        let said = (self.said(), self.reads_committed_terms());
        account_rows(self.connection(), self.provider(), agreements, said).await
    }
}
