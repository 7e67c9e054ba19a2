//! Tiers and calendars: a head that all revisions share, and the revisions, which terms pin and nothing ever changes.

use std::collections::HashMap;

use remit_domain::terms::Pin;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select, prelude::Uuid};

use super::{Handle, Page, Scope, Store, StoreError, Window, padded, page::page, scope::sorted};

/// A row of an entity.
pub(super) type Row<E> = <E as EntityTrait>::Model;
/// A column of an entity.
pub(super) type Column<E> = <E as EntityTrait>::Column;

/// One revision of something, with what all its revisions share.
pub(super) trait Revisioned: Clone {
    /// What all revisions share.
    type Head: EntityTrait<Model: Sync>;
    /// A revision.
    type Revision: EntityTrait<Model: Sync>;
    /// The head's id and code.
    const HEAD: (Column<Self::Head>, Column<Self::Head>);
    /// The revision's provider, id, head, and number.
    const REVISION: [Column<Self::Revision>; 4];

    /// The heads that a scope sees.
    fn visible(scope: &Scope) -> Select<Self::Head>;
    /// A head's id, code, and the number of its newest revision.
    fn head(row: &Row<Self::Head>) -> (Uuid, &str, i32);
    /// The id of a revision's head.
    fn head_of(row: &Row<Self::Revision>) -> Uuid;
    /// The two rows as one.
    fn record(head: &Row<Self::Head>, revision: &Row<Self::Revision>) -> Result<Self, StoreError>;
    /// The revision's own id, its head's, and its number.
    fn identity(&self) -> (Uuid, Uuid, u32);
}

/// The number that a pin means, of something whose newest revision has the number `newest`.
fn wanted(pin: &Pin, newest: i32) -> i32 {
    pin.revision.and_then(|revision| i32::try_from(revision).ok()).unwrap_or(newest)
}

/// Puts revisions together with their heads.
fn join<T: Revisioned>(heads: &[Row<T::Head>], revisions: &[Row<T::Revision>]) -> Result<Vec<T>, StoreError> {
    let head = |revision| heads.iter().find(|head| T::head(head).0 == T::head_of(revision));
    revisions.iter().filter_map(|revision| Some(T::record(head(revision)?, revision))).collect()
}

impl Store {
    /// What handles name: a code the newest revision, an id that very one.
    pub(super) async fn find_revisions<T: Revisioned>(
        &self,
        scope: &Scope,
        handles: &[Handle],
    ) -> Result<HashMap<Handle, T>, StoreError> {
        let (ids, codes, _) = sorted(handles);
        let newest = |code: &String| Some(Pin { code: code.parse().ok()?, revision: None });
        let pins: Vec<Pin> = codes.iter().filter_map(newest).collect();
        let by_id = self.revisions_by_id::<T>(scope, &ids).await?;
        let by_code = self.pinned::<T>(scope, &pins).await?;
        let by_id = by_id.into_iter().map(|record| (Handle::Id(record.identity().0), record));
        let by_code = by_code.into_iter().map(|(pin, record)| (Handle::Code(pin.code.to_string()), record));
        Ok(by_id.chain(by_code).collect())
    }

    async fn revisions_by_id<T: Revisioned>(&self, scope: &Scope, ids: &[Uuid]) -> Result<Vec<T>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let [provider, id, ..] = T::REVISION;
        let rows = T::Revision::find().filter(provider.eq(scope.provider())).filter(id.is_in(padded(ids)));
        let revisions = rows.all(self.reads()).await?;
        let heads: Vec<Uuid> = revisions.iter().map(T::head_of).collect();
        let heads = T::visible(scope).filter(T::HEAD.0.is_in(padded(&heads))).all(self.reads()).await?;
        join(&heads, &revisions)
    }

    /// What pins mean: the revision that is pinned, else the newest.
    pub(super) async fn pinned<T: Revisioned>(
        &self,
        scope: &Scope,
        pins: &[Pin],
    ) -> Result<HashMap<Pin, T>, StoreError> {
        if pins.is_empty() {
            return Ok(HashMap::new());
        }
        let codes: Vec<&str> = pins.iter().map(|pin| pin.code.as_str()).collect();
        let heads = T::visible(scope).filter(T::HEAD.1.is_in(padded(&codes))).all(self.reads()).await?;
        let meant = |pin: &Pin| {
            let (id, _, newest) = heads.iter().map(T::head).find(|(_, code, _)| *code == pin.code.as_str())?;
            Some((id, wanted(pin, newest)))
        };
        let numbers: Vec<i32> = pins.iter().filter_map(|pin| Some(meant(pin)?.1)).collect();
        let records = self.numbered::<T>(scope, &heads, numbers).await?;
        let found = |pin: &Pin| {
            let (head, number) = meant(pin)?;
            let is_meant = |record: &&T| (record.identity().1, record.identity().2) == (head, number.unsigned_abs());
            Some((pin.clone(), records.iter().find(is_meant)?.clone()))
        };
        Ok(pins.iter().filter_map(found).collect())
    }

    /// Those revisions of some heads that have one of the numbers.
    async fn numbered<T: Revisioned>(
        &self,
        scope: &Scope,
        heads: &[Row<T::Head>],
        mut numbers: Vec<i32>,
    ) -> Result<Vec<T>, StoreError> {
        if heads.is_empty() {
            return Ok(Vec::new());
        }
        numbers.sort_unstable();
        numbers.dedup();
        let ids: Vec<Uuid> = heads.iter().map(|head| T::head(head).0).collect();
        let [provider, _, head, number] = T::REVISION;
        let of_heads = T::Revision::find().filter(provider.eq(scope.provider())).filter(head.is_in(padded(&ids)));
        join(heads, &of_heads.filter(number.is_in(padded(&numbers))).all(self.reads()).await?)
    }

    /// A page by code, each at its newest revision.
    pub(super) async fn page_newest<T: Revisioned>(
        &self,
        scope: &Scope,
        window: &Window,
    ) -> Result<Page<T>, StoreError> {
        let heads = page(T::visible(scope), T::HEAD.1, window, self.reads()).await?;
        let numbers = heads.items.iter().map(|head| T::head(head).2).collect();
        let records = self.numbered::<T>(scope, &heads.items, numbers).await?;
        let newest = |head: &Row<T::Head>| {
            let (id, _, number) = T::head(head);
            let is_newest = |record: &&T| (record.identity().1, record.identity().2) == (id, number.unsigned_abs());
            records.iter().find(is_newest).cloned()
        };
        Ok(Page { items: heads.items.iter().filter_map(newest).collect(), more: heads.more })
    }
}
