//! Requests that their callers gave a key: all that they write, and what they were answered, is one transaction.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use remit_domain::Timestamp;
use remit_entity::kept_answer;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, QueryFilter,
    sea_query::OnConflict,
};

use super::{
    Conn, Scope, Store, StoreError, statement,
    tx::{Lock, Turn, open},
};

/// How long an answer is kept: 35 days, longer than the longest month.
pub const ANSWERS_KEPT: Duration = Duration::from_hours(35 * 24);

/// What a store's writes are a part of.
#[derive(Clone, Debug)]
pub(super) enum Part {
    /// Each is whole by itself.
    Whole,
    /// The transaction of a request.
    Request(Arc<Within>),
    /// Nothing is written.
    Nothing,
}

/// What the parts of a request's transaction share.
#[derive(Debug)]
pub(super) struct Within {
    pub(super) epoch: i64,
    changed: AtomicBool,
}

impl Within {
    /// That there is something new in the feed once it commits.
    pub(super) fn note_change(&self) {
        self.changed.store(true, Ordering::Relaxed);
    }
}

/// What a request was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// What was asked, as a hash.
    pub request: String,
    /// The answer, sealed.
    pub answer: String,
}

/// What becomes of a request with a key.
#[derive(Debug)]
pub enum Begun {
    /// It was answered before.
    Answered(KeptAnswer),
    /// It is the first of its key.
    First(Box<KeyedTurn>),
}

/// The one transaction of a request. Dropped without [`KeyedTurn::commit`], nothing of it stays.
#[derive(Debug)]
pub struct KeyedTurn {
    store: Store,
    request: Arc<DatabaseTransaction>,
    within: Arc<Within>,
    scope: Scope,
    key: String,
    at: Timestamp,
}

impl Store {
    /// Begins a request with a key. Others of the provider wait until it has ended; one with the same key gets its answer.
    ///
    /// - `key`: a name for the key and its caller, which is none of another caller's.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn begin_keyed(&self, scope: &Scope, key: &str, at: Timestamp) -> Result<Begun, StoreError> {
        if let Some(kept) = find(self.reads(), scope, key, at).await? {
            return Ok(Begun::Answered(kept));
        }
        let (request, epoch) = loop {
            let request = self.writes().begin().await?;
            if request.get_database_backend() == DbBackend::Postgres {
                let lock = format!("SELECT {}", Lock::Key.taking("pg_advisory_xact_lock"));
                let name = format!("{} {key}", scope.provider());
                request.execute_raw(statement(DbBackend::Postgres, &lock, vec![name.into()])).await?;
            }
            // Whoever had the key meanwhile has ended.
            if let Some(kept) = find(&request, scope, key, at).await? {
                request.rollback().await?;
                return Ok(Begun::Answered(kept));
            }
            if let Some(open) = open(self, request, scope, at, Turn::Alone).await? {
                break open;
            }
        };
        let within = Arc::new(Within { epoch, changed: AtomicBool::new(false) });
        let (store, request) = (self.clone(), Arc::new(request));
        let turn = KeyedTurn { store, request, within, scope: scope.clone(), key: key.to_owned(), at };
        Ok(Begun::First(Box::new(turn)))
    }

    /// A store whose reads and writes are all in one transaction that is undone once the store is gone. Others of the
    /// provider, which must be there, wait until then.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn trial(&self, scope: &Scope, at: Timestamp) -> Result<Self, StoreError> {
        loop {
            let request = self.writes().begin().await?;
            if let Some((request, epoch)) = open(self, request, scope, at, Turn::Alone).await? {
                let within = Within { epoch, changed: AtomicBool::new(false) };
                return Ok(self.in_request(&Arc::new(request), &Arc::new(within)));
            }
        }
    }

    fn in_request(&self, request: &Arc<DatabaseTransaction>, within: &Arc<Within>) -> Self {
        let conn = || Conn::Request(Arc::clone(request));
        Self { reads: conn(), writes: conn(), part: Part::Request(Arc::clone(within)), ..self.clone() }
    }

    /// A store of the same database on which nothing can be written: every write is [`StoreError::KeyReused`].
    #[must_use]
    pub fn refusing(&self) -> Self {
        Self { part: Part::Nothing, ..self.clone() }
    }

    /// The same store outside the transaction of a request, for work that goes on after it.
    #[must_use]
    pub fn outside(&self) -> Self {
        let (reads, writes) = self.pools.conns();
        Self { reads, writes, part: Part::Whole, ..self.clone() }
    }

    /// Forgets what was answered before an instant; how many.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn forget_answers(&self, before: Timestamp) -> Result<u64, StoreError> {
        let old = kept_answer::Column::MadeAt.lt(before.as_microsecond());
        Ok(kept_answer::Entity::delete_many().filter(old).exec(self.writes()).await?.rows_affected)
    }
}

impl KeyedTurn {
    /// The store whose reads and writes are all in this transaction.
    #[must_use]
    pub fn store(&self) -> Store {
        self.store.in_request(&self.request, &self.within)
    }

    /// Commits what the request wrote with what it is answered.
    ///
    /// # Errors
    /// [`StoreError`]; an unreachable database at the commit means that it may or may not have happened.
    pub async fn commit(self, kept: KeptAnswer) -> Result<(), StoreError> {
        use kept_answer::Column;
        let row = kept_answer::ActiveModel {
            provider_id: Set(self.scope.provider().to_owned()),
            key: Set(self.key),
            request: Set(kept.request),
            answer: Set(kept.answer),
            made_at: Set(self.at.as_microsecond()),
        };
        // One that is there is too old to be found.
        let again = OnConflict::columns([Column::ProviderId, Column::Key])
            .update_columns([Column::Request, Column::Answer, Column::MadeAt])
            .to_owned();
        kept_answer::Entity::insert(row).on_conflict(again).exec_without_returning(&*self.request).await?;
        let Some(request) = Arc::into_inner(self.request) else {
            return Err(StoreError::Statement(DbErr::Custom("a request that has ended is still at work".to_owned())));
        };
        request.commit().await.map_err(StoreError::Unavailable)?;
        if self.within.changed.load(Ordering::Relaxed) {
            self.store.hub().ring(self.scope.provider());
        }
        Ok(())
    }
}

/// What a request was answered, unless that is too long ago.
async fn find<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    key: &str,
    now: Timestamp,
) -> Result<Option<KeptAnswer>, StoreError> {
    let since = now.checked_sub(ANSWERS_KEPT).map_or(i64::MIN, Timestamp::as_microsecond);
    let row = kept_answer::Entity::find_by_id((scope.provider().to_owned(), key.to_owned()))
        .filter(kept_answer::Column::MadeAt.gte(since))
        .one(connection)
        .await?;
    Ok(row.map(|row| KeptAnswer { request: row.request, answer: row.answer }))
}
