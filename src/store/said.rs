//! What versions say, kept once they are offered: it never changes again. And which versions an agreement has, kept by the
//! agreement's revision, which every change of them raises.

use std::{collections::HashMap, sync::Arc};

use aws_lc_rs::digest::{SHA256, digest};
use quick_cache::{Weighter, sync::Cache};
use remit_domain::terms::Sections;
use remit_entity::{
    agreement,
    agreement_terms::{Column, Entity, Model},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, Iterable, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait},
};

use super::{
    AgreementRecord, ObligationRecord, StoreError, TermsRecord, document, padded, statuses::Statuses, terms::Frame,
};

/// The most memory that it takes, about.
const BYTES_MAX: u64 = 32 * 1024 * 1024;
/// What one version takes, about; only for the cache's own tables.
const BYTES_USUAL: u64 = 8 * 1024;
/// How much more memory it takes than the text it is written in: 1.9 times for terms of 3 KB.
const GROWTH: usize = 2;
/// Of how many versions it is known what they say, at a hundred bytes each.
const VERSIONS_MAX: usize = 16 * 1024;

/// Of how many versions the identities of their obligations are kept.
const OBLIGATIONS_MAX: usize = 8192;

/// Of how many agreements the versions are kept, at some hundred bytes each.
const AGREEMENTS_MAX: usize = 8192;

/// The SHA-256 of what a version says, as it is written.
type Hash = [u8; 32];

/// What offered versions say. Agreements that were made alike say the same, which is kept once.
#[derive(Clone, Debug)]
pub(super) struct Said {
    texts: Arc<Cache<Uuid, Hash>>,
    sections: Arc<Cache<Hash, Kept, Size>>,
    obligations: Arc<Cache<Uuid, Arc<[ObligationRecord]>>>,
    /// The versions of agreements that have no draft, at the revision of the agreement.
    frames: Arc<Cache<Uuid, AtRevision>>,
    /// What was said of the obligations in them.
    pub(super) statuses: Statuses,
}

/// An agreement's versions, at this revision of it.
type AtRevision = (i32, Arc<[Frame]>);

#[derive(Clone, Debug)]
struct Kept {
    sections: Arc<Sections>,
    bytes: u64,
}

/// Weighs by memory.
#[derive(Clone, Copy, Debug)]
struct Size;

impl Weighter<Hash, Kept> for Size {
    fn weight(&self, _: &Hash, kept: &Kept) -> u64 {
        kept.bytes
    }
}

impl Default for Said {
    fn default() -> Self {
        let expected = usize::try_from(BYTES_MAX / BYTES_USUAL).unwrap_or(usize::MAX);
        Self {
            texts: Arc::new(Cache::new(VERSIONS_MAX)),
            sections: Arc::new(Cache::with_weighter(expected, BYTES_MAX, Size)),
            obligations: Arc::new(Cache::new(OBLIGATIONS_MAX)),
            frames: Arc::new(Cache::new(AGREEMENTS_MAX)),
            statuses: Statuses::default(),
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
        let rows: Vec<Model> = bare(rows).into_model().all(connection).await?;
        let Some(provider) = rows.first().map(|row| row.provider_id.clone()) else { return Ok(Vec::new()) };
        let drafts = drafts(&rows)?;
        let frames = rows.iter().map(Frame::of).collect::<Result<_, _>>()?;
        self.saying(connection, (&provider, keeps), frames, drafts).await
    }

    /// All versions of some agreements of a provider, newest first. Those that were read at the agreement's revision are not
    /// read again.
    ///
    /// - `keeps`: as for [`Said::versions`].
    pub(super) async fn of_agreements<C: ConnectionTrait>(
        &self,
        connection: &C,
        (provider, keeps): (&str, bool),
        agreements: &[&AgreementRecord],
    ) -> Result<Vec<TermsRecord>, StoreError> {
        let (mut frames, mut unknown) = (Vec::with_capacity(agreements.len()), Vec::new());
        for agreement in agreements {
            match self.frames.get(&agreement.id) {
                Some((revision, kept)) if revision == agreement.revision => frames.extend(kept.iter().cloned()),
                _ => unknown.push(agreement.id),
            }
        }
        let mut rows: Vec<Dated> = Vec::new();
        if !unknown.is_empty() {
            let revision = agreement::Entity::find()
                .select_only()
                .column(agreement::Column::Revision)
                .filter(Expr::col((agreement::Entity, agreement::Column::ProviderId)).eq(provider))
                .filter(Expr::col((agreement::Entity, agreement::Column::Id)).equals((Entity, Column::AgreementId)))
                .into_query();
            let found = Entity::find()
                .filter(Column::ProviderId.eq(provider))
                .filter(Column::AgreementId.is_in(padded(&unknown)))
                .order_by_desc(Column::Version);
            rows = bare(found).expr_as(Expr::from(revision), "revision").into_model().all(connection).await?;
        }
        let mut read: HashMap<Uuid, (i32, Vec<Frame>)> = HashMap::new();
        for Dated { row, revision } in &rows {
            let (_, of_one) = read.entry(row.agreement_id).or_insert_with(|| (*revision, Vec::new()));
            of_one.push(Frame::of(row)?);
        }
        for (id, (revision, of_one)) in read {
            frames.extend(of_one.iter().cloned());
            // What a draft says is not kept.
            if keeps && of_one.iter().all(Frame::is_offered) {
                self.frames.insert(id, (revision, of_one.into()));
            }
        }
        let drafts = drafts(rows.iter().map(|dated| &dated.row))?;
        self.saying(connection, (provider, keeps), frames, drafts).await
    }

    /// Keeps what an offered version says.
    fn keep(&self, id: Uuid, text: &str) -> Result<Arc<Sections>, StoreError> {
        let mut hash = Hash::default();
        hash.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
        self.texts.insert(id, hash);
        if let Some(kept) = self.sections.get(&hash) {
            return Ok(kept.sections);
        }
        let sections = read(id, text)?;
        let bytes = u64::try_from(text.len().saturating_mul(GROWTH)).unwrap_or(u64::MAX);
        self.sections.insert(hash, Kept { sections: Arc::clone(&sections), bytes });
        Ok(sections)
    }

    /// Versions with what they say.
    ///
    /// - `drafts`: what those among them say that were not offered.
    async fn saying<C: ConnectionTrait>(
        &self,
        connection: &C,
        (provider, keeps): (&str, bool),
        frames: Vec<Frame>,
        drafts: HashMap<Uuid, Arc<Sections>>,
    ) -> Result<Vec<TermsRecord>, StoreError> {
        let (mut said, mut unknown) = (drafts, Vec::new());
        for frame in &frames {
            if said.contains_key(&frame.id) {
                continue;
            }
            match self.texts.get(&frame.id).and_then(|hash| self.sections.get(&hash)) {
                Some(kept) => drop(said.insert(frame.id, kept.sections)),
                None => unknown.push(frame.id),
            }
        }
        for (id, text) in texts(connection, provider, &unknown).await? {
            said.insert(id, if keeps { self.keep(id, &text)? } else { read(id, &text)? });
        }
        let saying = |frame: Frame| said.get(&frame.id).cloned().map(|sections| frame.saying(sections));
        Ok(frames.into_iter().filter_map(saying).collect())
    }
}

/// A row, and at which revision the agreement was then.
#[derive(Debug, FromQueryResult)]
struct Dated {
    #[sea_orm(nested)]
    row: Model,
    revision: i32,
}

/// Rows without what offered versions say. A draft is read at once: what it says and for which days may change together.
fn bare(rows: Select<Entity>) -> Select<Entity> {
    let of_drafts = Expr::case(Column::OfferedAt.is_null(), Expr::col((Entity, Column::Sections))).finally("");
    let others = Column::iter().filter(|column| !matches!(column, Column::Sections));
    rows.select_only().columns(others).expr_as(of_drafts, "sections")
}

/// What the drafts among some rows say.
fn drafts<'a>(rows: impl IntoIterator<Item = &'a Model>) -> Result<HashMap<Uuid, Arc<Sections>>, StoreError> {
    let drafts = rows.into_iter().filter(|row| row.offered_at.is_none());
    drafts.map(|row| Ok((row.id, read(row.id, &row.sections)?))).collect()
}

/// What some versions of a provider say, as it is written.
async fn texts<C: ConnectionTrait>(
    connection: &C,
    provider: &str,
    ids: &[Uuid],
) -> Result<Vec<(Uuid, String)>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let texts = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Sections])
        .filter(Column::ProviderId.eq(provider))
        .filter(Column::Id.is_in(padded(ids)));
    Ok(texts.into_tuple().all(connection).await?)
}
