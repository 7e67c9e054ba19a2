//! SLA tiers and their revisions.

use std::{collections::HashMap, sync::Arc};

use remit_domain::{sla::Tier, terms::Pin};
use remit_entity::{sla_tier, sla_tier_revision, terms_tier};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait,
    Select, prelude::Uuid,
};

use super::{
    Handle, Page, Scope, Store, StoreError, Tx, Window, document,
    revisions::Revisioned,
    scope::{offered_to, visible_rows},
    to_document,
};

/// One revision of a tier, with what all its revisions share.
#[derive(Clone, Debug)]
pub struct TierRecord {
    /// The revision's id.
    pub id: Uuid,
    /// The id that all revisions share.
    pub tier_id: Uuid,
    /// The code.
    pub code: String,
    /// The number of the revision, from 1.
    pub revision: u32,
    /// The name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What terms pin.
    pub tier: Arc<Tier>,
}

impl Revisioned for TierRecord {
    type Head = sla_tier::Entity;
    type Revision = sla_tier_revision::Entity;
    const HEAD: (sla_tier::Column, sla_tier::Column) = (sla_tier::Column::Id, sla_tier::Column::Code);
    const REVISION: [sla_tier_revision::Column; 4] = {
        use sla_tier_revision::Column::{Id, ProviderId, Revision, TierId};
        [ProviderId, Id, TierId, Revision]
    };

    fn visible(scope: &Scope) -> Select<sla_tier::Entity> {
        let named = |client| {
            terms_tier::Entity::find()
                .select_only()
                .column(terms_tier::Column::TierId)
                .filter(terms_tier::Column::ProviderId.eq(scope.provider()))
                .filter(terms_tier::Column::TermsId.in_subquery(offered_to(scope.provider(), client)))
                .into_query()
        };
        visible_rows(sla_tier::Entity::find(), scope, sla_tier::Column::ProviderId, sla_tier::Column::Id, named)
    }

    fn head(row: &sla_tier::Model) -> (Uuid, &str, i32) {
        (row.id, &row.code, row.revision)
    }

    fn head_of(row: &sla_tier_revision::Model) -> Uuid {
        row.tier_id
    }

    fn record(head: &sla_tier::Model, revision: &sla_tier_revision::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: revision.id,
            tier_id: head.id,
            code: head.code.clone(),
            revision: revision.revision.unsigned_abs(),
            name: head.name.clone(),
            description: head.description.clone(),
            tier: Arc::new(document("tier", revision.id, &revision.definition)?),
        })
    }

    fn identity(&self) -> (Uuid, Uuid, u32) {
        (self.id, self.tier_id, self.revision)
    }
}

impl Store {
    /// The tiers that handles name: a code the newest revision, an id that very one.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn find_tiers(
        &self,
        scope: &Scope,
        handles: &[Handle],
    ) -> Result<HashMap<Handle, TierRecord>, StoreError> {
        self.find_revisions(scope, handles).await
    }

    /// The tiers that terms name, each at the revision that is pinned or the newest.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn pinned_tiers(&self, scope: &Scope, pins: &[Pin]) -> Result<HashMap<Pin, TierRecord>, StoreError> {
        self.pinned(scope, pins).await
    }

    /// A page of tiers by code, each at its newest revision.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn page_tiers(&self, scope: &Scope, window: &Window) -> Result<Page<TierRecord>, StoreError> {
        self.page_newest(scope, window).await
    }

    /// How many tiers there are.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn count_tiers(&self, scope: &Scope) -> Result<u64, StoreError> {
        Ok(TierRecord::visible(scope).count(self.reads()).await?)
    }
}

impl Tx {
    /// The newest revision of the tier with a code.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn tier(&self, code: &str) -> Result<Option<TierRecord>, StoreError> {
        let head = sla_tier::Entity::find()
            .filter(sla_tier::Column::ProviderId.eq(self.provider()))
            .filter(sla_tier::Column::Code.eq(code))
            .one(self.connection())
            .await?;
        let Some(head) = head else { return Ok(None) };
        let revision = sla_tier_revision::Entity::find()
            .filter(sla_tier_revision::Column::ProviderId.eq(self.provider()))
            .filter(sla_tier_revision::Column::TierId.eq(head.id))
            .filter(sla_tier_revision::Column::Revision.eq(head.revision))
            .one(self.connection())
            .await?;
        revision.map(|revision| TierRecord::record(&head, &revision)).transpose()
    }

    /// Makes a tier or replaces what its revisions share.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn put_tier(&self, tier: &TierRecord, is_new: bool) -> Result<(), StoreError> {
        let row = sla_tier::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            id: Set(tier.tier_id),
            code: Set(tier.code.clone()),
            name: Set(tier.name.clone()),
            revision: Set(tier.revision.cast_signed()),
            description: Set(tier.description.clone()),
        };
        if is_new {
            sla_tier::Entity::insert(row).exec_without_returning(self.connection()).await?;
        } else {
            row.update(self.connection()).await?;
        }
        Ok(())
    }

    /// Adds a revision to a tier.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn add_tier_revision(&self, tier: &TierRecord) -> Result<(), StoreError> {
        let row = sla_tier_revision::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            id: Set(tier.id),
            tier_id: Set(tier.tier_id),
            revision: Set(tier.revision.cast_signed()),
            definition: Set(to_document(&*tier.tier)?),
        };
        sla_tier_revision::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }
}
