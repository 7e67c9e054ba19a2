//! All that billing needs to know of some agreements, with a number of statements that does not depend on how many.

use std::collections::{HashMap, HashSet};

use remit_domain::{Timestamp, lifecycle::Stage};
use remit_entity::{agreement, billing_period, time_entry};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, SelectExt, prelude::Uuid};

use super::{
    AgreementRecord, BlockRecord, PeriodRecord, Scope, StatusRecord, Store, StoreError, SuspensionRecord, TermsRecord,
    Tx, agreements::read_agreements, billing_periods, life, padded, prepaid_hours, said::Said,
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
    /// The start of the latest entry of each that has ended: of the others nothing depends on it.
    pub latest_work: HashMap<Uuid, Timestamp>,
}

async fn account_rows<C: ConnectionTrait>(
    connection: &C,
    (scope, now): (&Scope, Timestamp),
    agreements: &[Uuid],
    (said, keeps): (&Said, bool),
) -> Result<AccountRows, StoreError> {
    if agreements.is_empty() {
        return Ok(AccountRows::default());
    }
    let provider = scope.provider();
    let rows = agreement::Entity::find()
        .filter(agreement::Column::ProviderId.eq(provider))
        .filter(agreement::Column::Id.is_in(padded(agreements)));
    let found = read_agreements(connection, (scope, keeps), rows).await?;
    let mut versions = said.of_agreements(connection, (provider, keeps), &Vec::from_iter(&found)).await?;
    versions.retain(|version| matches!(version.version.stage, Stage::Accepted { .. }));
    let has_obligations = |version: &TermsRecord| !version.sections.obligations.is_empty();
    let gated: HashSet<Uuid> =
        versions.iter().filter(|version| has_obligations(version)).map(|version| version.agreement_id).collect();
    let of_gated = found.iter().filter(|agreement| gated.contains(&agreement.id));
    let ended = found.iter().filter(|agreement| agreement.has_ended(now)).map(|agreement| agreement.id);
    Ok(AccountRows {
        suspensions: life::suspensions(connection, provider, &found).await?,
        statuses: said.statuses.of_agreements(connection, (provider, keeps), of_gated).await?,
        periods: billing_periods::of_agreements(connection, provider, None, agreements).await?,
        blocks: match found.iter().any(|agreement| agreement.has_prepaid) {
            true => prepaid_hours::of_agreements(connection, provider, None, agreements).await?,
            false => Vec::new(),
        },
        latest_work: latest_work(connection, provider, &Vec::from_iter(ended)).await?,
        agreements: found,
        versions,
    })
}

/// The start of the latest entry of each of some agreements that has any.
async fn latest_work<C: ConnectionTrait>(
    connection: &C,
    provider: &str,
    agreements: &[Uuid],
) -> Result<HashMap<Uuid, Timestamp>, StoreError> {
    if agreements.is_empty() {
        return Ok(HashMap::new());
    }
    let latest: Vec<(Uuid, i64)> = time_entry::Entity::find()
        .select_only()
        .column(time_entry::Column::AgreementId)
        .column_as(time_entry::Column::StartedAt.max(), "latest")
        .filter(time_entry::Column::ProviderId.eq(provider))
        .filter(time_entry::Column::AgreementId.is_in(padded(agreements)))
        .filter(time_entry::Column::Deleted.eq(false))
        .group_by(time_entry::Column::AgreementId)
        .into_tuple()
        .all(connection)
        .await?;
    let instant = |(id, at): (Uuid, i64)| Some((id, Timestamp::from_microsecond(at).ok()?));
    Ok(latest.into_iter().filter_map(instant).collect())
}

impl Store {
    /// What billing needs to know now of agreements that the scope was found to see.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn account_rows(
        &self,
        scope: &Scope,
        now: Timestamp,
        agreements: &[Uuid],
    ) -> Result<AccountRows, StoreError> {
        account_rows(self.reads(), (scope, now), agreements, (&self.said, self.reads_committed())).await
    }
}

impl Tx {
    /// What billing needs to know of some agreements, as this write leaves them.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn account_rows(&self, agreements: &[Uuid]) -> Result<AccountRows, StoreError> {
        let said = (self.said(), self.reads_committed_terms());
        account_rows(self.connection(), (self.scope(), self.at()), agreements, said).await
    }

    /// Whether there is work of an agreement, or something is known of one of its months.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn has_work(&self, agreement: Uuid) -> Result<bool, StoreError> {
        let entries = time_entry::Entity::find()
            .filter(time_entry::Column::ProviderId.eq(self.provider()))
            .filter(time_entry::Column::AgreementId.eq(agreement))
            .filter(time_entry::Column::Deleted.eq(false));
        if entries.exists(self.connection()).await? {
            return Ok(true);
        }
        let periods = billing_period::Entity::find()
            .filter(billing_period::Column::ProviderId.eq(self.provider()))
            .filter(billing_period::Column::AgreementId.eq(agreement));
        Ok(periods.exists(self.connection()).await?)
    }
}
