//! SLA tiers and their revisions.

use std::{collections::HashMap, sync::Arc};

use remit_domain::{sla::Tier, terms::Pin};
use remit_entity::{sla_tier, sla_tier_revision, terms_tier};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait,
    Select, prelude::Uuid,
};

use super::{
    Handle, Page, Scope, Store, StoreError, Tx, Window, document, padded,
    page::page,
    scope::{offered_to, sorted, visible_rows},
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

fn record(head: &sla_tier::Model, revision: &sla_tier_revision::Model) -> Result<TierRecord, StoreError> {
    Ok(TierRecord {
        id: revision.id,
        tier_id: head.id,
        code: head.code.clone(),
        revision: revision.revision.unsigned_abs(),
        name: head.name.clone(),
        description: head.description.clone(),
        tier: Arc::new(document("tier", revision.id, &revision.definition)?),
    })
}

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

/// The revision that a pin means, of a tier whose newest one is `newest`.
fn wanted(pin: &Pin, newest: i32) -> i32 {
    pin.revision.and_then(|revision| i32::try_from(revision).ok()).unwrap_or(newest)
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
        let (ids, codes, _) = sorted(handles);
        let mut found = HashMap::new();
        if !ids.is_empty() {
            for record in self.tier_revisions(scope, &ids).await? {
                found.insert(Handle::Id(record.id), record);
            }
        }
        let pins: Vec<Pin> =
            codes.iter().filter_map(|code| Some(Pin { code: code.parse().ok()?, revision: None })).collect();
        for (pin, record) in self.pinned_tiers(scope, &pins).await? {
            found.insert(Handle::Code(pin.code.to_string()), record);
        }
        Ok(found)
    }

    async fn tier_revisions(&self, scope: &Scope, ids: &[Uuid]) -> Result<Vec<TierRecord>, StoreError> {
        let revisions = sla_tier_revision::Entity::find()
            .filter(sla_tier_revision::Column::ProviderId.eq(scope.provider()))
            .filter(sla_tier_revision::Column::Id.is_in(padded(ids)))
            .all(self.reads())
            .await?;
        let tiers: Vec<Uuid> = revisions.iter().map(|revision| revision.tier_id).collect();
        let heads = visible(scope).filter(sla_tier::Column::Id.is_in(padded(&tiers))).all(self.reads()).await?;
        let head = |revision: &sla_tier_revision::Model| heads.iter().find(|head| head.id == revision.tier_id);
        revisions.into_iter().filter_map(|r| head(&r).map(|head| record(head, &r))).collect()
    }

    /// The tiers that terms name, each at the revision that is pinned or the newest.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn pinned_tiers(&self, scope: &Scope, pins: &[Pin]) -> Result<HashMap<Pin, TierRecord>, StoreError> {
        if pins.is_empty() {
            return Ok(HashMap::new());
        }
        let codes: Vec<&str> = pins.iter().map(|pin| pin.code.as_str()).collect();
        let heads = visible(scope).filter(sla_tier::Column::Code.is_in(padded(&codes))).all(self.reads()).await?;
        let of = |pin: &Pin| heads.iter().find(|head| head.code == pin.code.as_str());
        let numbers: Vec<i32> = pins.iter().filter_map(|pin| Some(wanted(pin, of(pin)?.revision))).collect();
        let records = self.numbered_tiers(scope, &heads, &numbers).await?;
        let meant = |pin: &Pin| {
            let head = of(pin)?;
            let number = wanted(pin, head.revision).unsigned_abs();
            let record = records.iter().find(|record| record.tier_id == head.id && record.revision == number)?;
            Some((pin.clone(), record.clone()))
        };
        Ok(pins.iter().filter_map(meant).collect())
    }

    /// Those revisions of some tiers that have one of the numbers.
    async fn numbered_tiers(
        &self,
        scope: &Scope,
        heads: &[sla_tier::Model],
        numbers: &[i32],
    ) -> Result<Vec<TierRecord>, StoreError> {
        if heads.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<Uuid> = heads.iter().map(|head| head.id).collect();
        let mut numbers = numbers.to_vec();
        numbers.sort_unstable();
        numbers.dedup();
        let revisions = sla_tier_revision::Entity::find()
            .filter(sla_tier_revision::Column::ProviderId.eq(scope.provider()))
            .filter(sla_tier_revision::Column::TierId.is_in(padded(&ids)))
            .filter(sla_tier_revision::Column::Revision.is_in(padded(&numbers)))
            .all(self.reads())
            .await?;
        let head = |revision: &sla_tier_revision::Model| heads.iter().find(|head| head.id == revision.tier_id);
        revisions.into_iter().filter_map(|r| head(&r).map(|head| record(head, &r))).collect()
    }

    /// A page of tiers by code, each at its newest revision.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn page_tiers(&self, scope: &Scope, window: &Window) -> Result<Page<TierRecord>, StoreError> {
        let heads = page(visible(scope), sla_tier::Column::Code, window, self.reads()).await?;
        let numbers: Vec<i32> = heads.items.iter().map(|head| head.revision).collect();
        let records = self.numbered_tiers(scope, &heads.items, &numbers).await?;
        let newest = |head: &sla_tier::Model| {
            records.iter().find(|r| r.tier_id == head.id && r.revision == head.revision.unsigned_abs()).cloned()
        };
        Ok(Page { items: heads.items.iter().filter_map(newest).collect(), more: heads.more })
    }

    /// How many tiers there are.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn count_tiers(&self, scope: &Scope) -> Result<u64, StoreError> {
        Ok(visible(scope).count(self.reads()).await?)
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
        revision.map(|revision| record(&head, &revision)).transpose()
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
