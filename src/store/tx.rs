//! Writing: the rows, their change-feed rows, and one commit.

use std::{collections::HashMap, sync::Arc};

use remit_domain::Timestamp;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Value, prelude::Uuid};

use super::{
    Change, Note, Scope, Store, StoreError,
    feed::{Hub, epoch_here, settle_epoch},
    keyed::Part,
    rows::Rows,
    said::Said,
    statement, to_document,
};

/// A write in progress. Dropped without [`Tx::commit`], nothing of it stays.
///
/// What is agreed changes seldom: such writes of one provider go one after another, and no two can cross. What happens
/// (tickets, time) is recorded all the time: such writes go side by side, and one after another only by agreement.
#[derive(Debug)]
pub struct Tx {
    inner: DatabaseTransaction,
    scope: Scope,
    /// On whose behalf some agreements are written to, if it is not the scope's caller.
    others: HashMap<Uuid, Scope>,
    at: Timestamp,
    epoch: i64,
    changes: Vec<Change>,
    notes: Vec<Note>,
    hub: Arc<Hub>,
    part: Part,
    said: Said,
    goes_alone: bool,
}

/// Whether a write keeps the provider's other writes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn<'a> {
    /// It waits for all of them, and they for it.
    Alone,
    /// It waits for those that go alone, and then for the others that concern one of these agreements.
    BesideOthers(&'a [Uuid]),
    /// The same, unless it would have to wait for long: it is several requests'.
    ForSeveral(&'a [Uuid]),
}

/// What an advisory lock of PostgreSQL is for; the first of its two keys.
#[derive(Clone, Copy)]
pub(super) enum Lock {
    Provider = 7_236_969,
    Agreement = 7_236_970,
    /// A key of a request.
    Key = 7_236_972,
}

impl Lock {
    /// The expression that takes the lock by its one value, a name, until the transaction ends. Names that share a hash
    /// wait for each other without need, and no harm is done.
    pub(super) fn taking(self, function: &str) -> String {
        format!("{function}({}, hashtext(?))", self as i32)
    }
}

/// Says whether PostgreSQL keeps plans until the transaction ends. A plan that it has kept since a table was empty goes on
/// looking through all of it: a first import took three times as long. So none is kept until it has once looked at how much
/// there is, which also throws away what was kept before.
pub(super) const PLANS: &str = "set_config('plan_cache_mode', CASE WHEN (SELECT max(reltuples) FROM pg_class \
    WHERE oid IN ('ticket'::regclass, 'time_entry'::regclass)) >= 1000 THEN 'auto' ELSE 'force_custom_plan' END, true)";

/// The expression that waits for the turns of some agreements, which are one value. All writes take them in one order, so
/// that no two wait for each other.
fn taking_agreements() -> String {
    format!(
        "(SELECT count(pg_advisory_xact_lock({}, name)::text) FROM (SELECT DISTINCT hashtext(id) AS name \
         FROM json_array_elements_text(?::json) AS id ORDER BY name) AS agreements)",
        Lock::Agreement as i32
    )
}

/// Has what waits for a lock until the transaction ends give up after a tenth of a second.
const WAITING_FOR_SHORT: &str = "set_config('lock_timeout', '100ms', true) IS NOT NULL AND ";

/// Agreements as one value.
fn as_one_value(agreements: &[Uuid]) -> Result<Value, StoreError> {
    Ok(to_document(&agreements.iter().map(ToString::to_string).collect::<Vec<_>>())?.into())
}

/// What a turn was taken with.
struct Taken {
    /// The epoch that changes are counted in; none: the database stands on another cluster than before.
    epoch: Option<i64>,
    /// Whether the provider is there.
    is_known: bool,
}

/// Waits for a provider's turn, by a lock of PostgreSQL that ends with the transaction; SQLite has one writer anyway.
async fn take_turn(inner: &DatabaseTransaction, provider: &str, turn: Turn<'_>) -> Result<Taken, StoreError> {
    let backend = inner.get_database_backend();
    let (locked, mut values) = match (backend, turn) {
        (DbBackend::Postgres, Turn::Alone) => {
            (format!("{}, {PLANS}, ", Lock::Provider.taking("pg_advisory_xact_lock")), vec![provider.into()])
        }
        (DbBackend::Postgres, Turn::BesideOthers(agreements) | Turn::ForSeveral(agreements)) => {
            let beside = Lock::Provider.taking("pg_advisory_xact_lock_shared");
            // The order is part of what CASE means. The other way round two writes could wait for each other.
            let patience = if matches!(turn, Turn::ForSeveral(_)) { WAITING_FOR_SHORT } else { "" };
            let locked =
                format!("CASE WHEN {patience}{beside} IS NOT NULL THEN {} END, {PLANS}, ", taking_agreements());
            (locked, vec![provider.into(), as_one_value(agreements)?])
        }
        _ => (String::new(), Vec::new()),
    };
    values.push(provider.into());
    let epoch = epoch_here(backend);
    let sql = format!("SELECT {locked}{epoch} AS epoch, EXISTS (SELECT 1 FROM provider WHERE id = ?) AS is_known");
    let Some(row) = inner.query_one_raw(statement(backend, &sql, values)).await? else {
        return Ok(Taken { epoch: None, is_known: false });
    };
    Ok(Taken { epoch: row.try_get("", "epoch")?, is_known: row.try_get("", "is_known")? })
}

/// Takes a provider's turn in a transaction that has just begun and has written nothing, so that it stands in the feed behind
/// those that it waited for; the provider comes into being if it is not there. Gives the transaction back with the epoch that
/// its changes are counted in; none: it had to end, and another is to be begun.
pub(super) async fn open(
    store: &Store,
    inner: DatabaseTransaction,
    scope: &Scope,
    at: Timestamp,
    turn: Turn<'_>,
) -> Result<Option<(DatabaseTransaction, i64)>, StoreError> {
    let Taken { epoch, is_known } = take_turn(&inner, scope.provider(), turn).await?;
    let Some(epoch) = epoch else {
        inner.rollback().await?;
        settle_epoch(store.writes()).await?;
        return Ok(None);
    };
    if !is_known {
        let made = "INSERT INTO provider (id, created_at) VALUES (?, ?) ON CONFLICT (id) DO NOTHING";
        let values = vec![scope.provider().into(), at.as_microsecond().into()];
        inner.execute_raw(statement(inner.get_database_backend(), made, values)).await?;
    }
    Ok(Some((inner, epoch)))
}

impl Tx {
    pub(super) async fn begin(store: &Store, scope: &Scope, at: Timestamp, turn: Turn<'_>) -> Result<Self, StoreError> {
        let (inner, epoch) = match &store.part {
            Part::Nothing => return Err(StoreError::KeyReused),
            // The request has the provider's turn already.
            Part::Request(request) => (store.writes().begin().await?, request.epoch),
            Part::Whole => loop {
                if let Some(open) = open(store, store.writes().begin().await?, scope, at, turn).await? {
                    break open;
                }
            },
        };
        let (scope, hub, part, said) = (scope.clone(), Arc::clone(store.hub()), store.part.clone(), store.said.clone());
        let goes_alone = turn == Turn::Alone;
        let (others, changes, notes) = (HashMap::new(), Vec::new(), Vec::new());
        Ok(Self { inner, scope, others, at, epoch, changes, notes, hub, part, said, goes_alone })
    }

    /// Waits until no other write concerns one of these agreements; until the commit, others wait for this one. To be
    /// called before anything is written, so that the feed has the changes of an agreement in the order of their turns.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn take_agreements(&self, agreements: &[Uuid]) -> Result<(), StoreError> {
        if self.backend() == DbBackend::Postgres {
            let sql = format!("SELECT {}", taking_agreements());
            self.inner.execute_raw(statement(DbBackend::Postgres, &sql, vec![as_one_value(agreements)?])).await?;
        }
        Ok(())
    }

    /// The same with some agreements written to on behalf of others of the provider: the trail says so.
    #[must_use]
    pub(super) fn on_behalf_of(self, others: HashMap<Uuid, Scope>) -> Self {
        Self { others, ..self }
    }

    /// When the write happens.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Puts a change down for the feed; it is written with the commit.
    pub fn changed(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Puts something done down for the audit trail that the feed does not know of; changes come into it by themselves.
    pub fn note(&mut self, note: Note) {
        self.notes.push(note);
    }

    pub(super) fn connection(&self) -> &DatabaseTransaction {
        &self.inner
    }

    pub(super) fn backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    pub(super) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// On whose behalf something is done.
    ///
    /// - `agreement`: what it is done to.
    pub(super) fn scope_of(&self, agreement: Option<Uuid>) -> &Scope {
        let other = agreement.and_then(|agreement| self.others.get(&agreement));
        debug_assert!(self.others.is_empty() || other.is_some(), "{agreement:?} is written to on nobody's behalf");
        other.unwrap_or(&self.scope)
    }

    /// What offered versions say.
    pub(super) fn said(&self) -> &Said {
        &self.said
    }

    /// Whether what it reads of terms cannot be taken back: what happens changes nothing that is agreed.
    pub(super) fn reads_committed_terms(&self) -> bool {
        !self.goes_alone && matches!(self.part, Part::Whole)
    }

    /// The epoch that its changes are counted in.
    pub(super) fn epoch(&self) -> i64 {
        self.epoch
    }

    pub(super) fn provider(&self) -> &str {
        self.scope.provider()
    }

    /// Writes rows.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn write(&self, rows: Rows) -> Result<(), StoreError> {
        rows.write(&self.inner).await
    }

    /// Writes the feed and the audit trail, and commits all of it.
    ///
    /// # Errors
    /// [`StoreError`]; an unreachable database at the commit means that it may or may not have happened.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.commit_with(Rows::default()).await
    }

    /// The same with the last rows that the write consists of: few of them go with the feed and the trail by one statement.
    ///
    /// # Errors
    /// As for [`Tx::commit`].
    pub async fn commit_with(self, rows: Rows) -> Result<(), StoreError> {
        if self.changes.iter().any(|change| change.subject.is_of_catalogue()) {
            let sql = "UPDATE provider SET catalogue_revision = catalogue_revision + 1 WHERE id = ?";
            let backend = self.backend();
            self.inner.execute_raw(statement(backend, sql, vec![self.provider().into()])).await?;
        }
        let told = self.change_rows(&self.changes)?.and(self.audit_rows(&self.changes, &self.notes)?);
        self.write(rows.and(told)).await?;
        self.inner.commit().await.map_err(StoreError::Unavailable)?;
        match &self.part {
            _ if self.changes.is_empty() => {}
            Part::Request(request) => request.note_change(),
            _ => self.hub.ring(self.scope.provider()),
        }
        Ok(())
    }
}
