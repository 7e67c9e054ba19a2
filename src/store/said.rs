//! What versions say, kept once they are offered: it never changes again.

use std::{collections::HashMap, sync::Arc};

use quick_cache::{Weighter, sync::Cache};
use remit_domain::terms::Sections;
use remit_entity::agreement_terms::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, Iterable, QueryFilter, QuerySelect, Select, prelude::Uuid,
    sea_query::Expr,
};

use super::{ObligationRecord, StoreError, TermsRecord, document, padded};

/// The most memory that it takes, about.
const BYTES_MAX: u64 = 16 * 1024 * 1024;
/// What one version takes, about; only for the cache's own tables.
const BYTES_USUAL: u64 = 16 * 1024;
/// How much more memory it takes than the text it is written in, about.
const GROWTH: usize = 4;

/// Of how many versions the identities of their obligations are kept.
const OBLIGATIONS_MAX: usize = 2048;

/// What offered versions say, by their ids.
#[derive(Clone, Debug)]
pub(super) struct Said {
    sections: Arc<Cache<Uuid, Kept, Size>>,
    obligations: Arc<Cache<Uuid, Arc<[ObligationRecord]>>>,
}

#[derive(Clone, Debug)]
struct Kept {
    sections: Arc<Sections>,
    bytes: u64,
}

/// Weighs by memory.
#[derive(Clone, Copy, Debug)]
struct Size;

impl Weighter<Uuid, Kept> for Size {
    fn weight(&self, _: &Uuid, kept: &Kept) -> u64 {
        kept.bytes
    }
}

impl Default for Said {
    fn default() -> Self {
        let expected = usize::try_from(BYTES_MAX / BYTES_USUAL).unwrap_or(usize::MAX);
        Self {
            sections: Arc::new(Cache::with_weighter(expected, BYTES_MAX, Size)),
            obligations: Arc::new(Cache::new(OBLIGATIONS_MAX)),
        }
    }
}

fn read(id: Uuid, text: &str) -> Result<Arc<Sections>, StoreError> {
    document("version of the terms", id, text).map(Arc::new)
}

impl Said {
    /// The identities of an offered version's obligations, if they were read before.
    pub(super) fn obligations(&self, version: Uuid) -> Option<Arc<[ObligationRecord]>> {
        self.obligations.get(&version)
    }

    /// Keeps the identities of an offered version's obligations.
    pub(super) fn keep_obligations(&self, version: Uuid, own: Arc<[ObligationRecord]>) {
        self.obligations.insert(version, own);
    }

    /// The versions among some rows. What is known of offered ones is not read again.
    ///
    /// - `keeps`: whether what is read is committed, or follows from nothing that may be taken back.
    pub(super) async fn versions<C: ConnectionTrait>(
        &self,
        connection: &C,
        rows: Select<Entity>,
        keeps: bool,
    ) -> Result<Vec<TermsRecord>, StoreError> {
        // A draft is read at once: what it says and for which days may change together.
        let of_drafts = Expr::case(Column::OfferedAt.is_null(), Expr::col(Column::Sections)).finally("");
        let others = Column::iter().filter(|column| !matches!(column, Column::Sections));
        let rows = rows.select_only().columns(others).expr_as(of_drafts, "sections");
        let rows: Vec<Model> = rows.into_model().all(connection).await?;
        let mut said: HashMap<Uuid, Arc<Sections>> = HashMap::with_capacity(rows.len());
        let mut unknown = Vec::new();
        for row in &rows {
            let known = match row.offered_at {
                None => Some(read(row.id, &row.sections)?),
                Some(_) => self.sections.get(&row.id).map(|kept| kept.sections),
            };
            match known {
                Some(sections) => drop(said.insert(row.id, sections)),
                None => unknown.push(row),
            }
        }
        for (id, text) in texts(connection, &unknown).await? {
            let sections = read(id, &text)?;
            if keeps {
                let bytes = u64::try_from(text.len().saturating_mul(GROWTH)).unwrap_or(u64::MAX);
                self.sections.insert(id, Kept { sections: Arc::clone(&sections), bytes });
            }
            said.insert(id, sections);
        }
        rows.iter().filter_map(|row| said.get(&row.id).map(|said| TermsRecord::new(row, Arc::clone(said)))).collect()
    }
}

/// What some versions of a provider say, as it is written.
async fn texts<C: ConnectionTrait>(connection: &C, rows: &[&Model]) -> Result<Vec<(Uuid, String)>, StoreError> {
    let Some(first) = rows.first() else { return Ok(Vec::new()) };
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let texts = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Sections])
        .filter(Column::ProviderId.eq(first.provider_id.as_str()))
        .filter(Column::Id.is_in(padded(&ids)));
    Ok(texts.into_tuple().all(connection).await?)
}
