//! Writing: the rows, their change-feed rows, and one commit.

use remit_domain::Timestamp;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode, TransactionOptions,
    TransactionTrait, prelude::Uuid,
};

use super::{Scope, StoreError, statement};

/// A write in progress. Dropped without [`Tx::commit`], nothing of it stays.
///
/// Writes of one provider go one after another: what is agreed changes seldom, and then no two can cross.
#[derive(Debug)]
pub struct Tx {
    inner: DatabaseTransaction,
    scope: Scope,
    at: Timestamp,
    changes: Vec<Change>,
}

/// What happened, for the feed.
#[derive(Clone, Debug)]
pub struct Change {
    /// The kind of object.
    pub subject: Subject,
    /// Which.
    pub id: Uuid,
    /// Whether it came into being.
    pub kind: ChangeKind,
    /// What happened in words of the subject.
    pub event: &'static str,
    /// The agreement it belongs to.
    pub agreement: Option<Uuid>,
    /// The client it belongs to.
    pub client: Option<Uuid>,
}

/// The kinds of object that change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A service.
    Service,
    /// A tier.
    SlaTier,
    /// A calendar.
    Calendar,
    /// A client.
    Client,
    /// An agreement.
    Agreement,
    /// A version of an agreement's terms.
    Terms,
    /// An obligation within a version.
    Obligation,
}

impl Subject {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Service => "SERVICE",
            Self::SlaTier => "SLA_TIER",
            Self::Calendar => "CALENDAR",
            Self::Client => "CLIENT",
            Self::Agreement => "AGREEMENT",
            Self::Terms => "TERMS",
            Self::Obligation => "OBLIGATION",
        }
    }
}

/// Whether an object came into being or became another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is new.
    Created,
    /// It was there before.
    Updated,
}

impl Tx {
    pub(super) async fn begin(database: &DatabaseConnection, scope: &Scope, at: Timestamp) -> Result<Self, StoreError> {
        let immediate = Some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode: immediate, ..TransactionOptions::default() };
        let inner = database.begin_with_options(options).await?;
        let backend = inner.get_database_backend();
        let made = "INSERT INTO provider (id, created_at) VALUES (?, ?) ON CONFLICT (id) DO NOTHING";
        let values = vec![scope.provider().into(), at.as_microsecond().into()];
        inner.execute_raw(statement(backend, made, values)).await?;
        if backend == DbBackend::Postgres {
            let lock = "SELECT id FROM provider WHERE id = ? FOR UPDATE";
            inner.query_one_raw(statement(backend, lock, vec![scope.provider().into()])).await?;
        }
        Ok(Self { inner, scope: scope.clone(), at, changes: Vec::new() })
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

    pub(super) fn connection(&self) -> &DatabaseTransaction {
        &self.inner
    }

    pub(super) fn provider(&self) -> &str {
        self.scope.provider()
    }

    /// Writes the feed and commits both.
    ///
    /// # Errors
    /// [`StoreError`]; an unreachable database at the commit means that it may or may not have happened.
    pub async fn commit(self) -> Result<(), StoreError> {
        for change in &self.changes {
            self.append(change).await?;
        }
        self.inner.commit().await.map_err(StoreError::Unavailable)
    }

    async fn append(&self, change: &Change) -> Result<(), StoreError> {
        let backend = self.inner.get_database_backend();
        let place = match backend {
            DbBackend::Postgres => {
                "(SELECT epoch FROM feed), pg_current_xact_id()::text::bigint, nextval('change_sequence')"
            }
            _ => {
                self.inner.execute_unprepared("UPDATE feed SET last_sequence = last_sequence + 1").await?;
                "(SELECT epoch FROM feed), 0, (SELECT last_sequence FROM feed)"
            }
        };
        let sql = format!(
            "INSERT INTO change (provider_id, id, subject, subject_id, kind, event, agreement_id, client_id, at, \
             epoch, transaction_id, sequence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, {place})"
        );
        let kind = match change.kind {
            ChangeKind::Created => "CREATED",
            ChangeKind::Updated => "UPDATED",
        };
        let values = vec![
            self.provider().into(),
            Uuid::now_v7().into(),
            change.subject.as_str().into(),
            change.id.into(),
            kind.into(),
            change.event.into(),
            change.agreement.into(),
            change.client.into(),
            self.at.as_microsecond().into(),
        ];
        self.inner.execute_raw(statement(backend, &sql, values)).await?;
        Ok(())
    }
}

/// Counts a new epoch when the database stands on another cluster than the last time: a restored dump brings
/// transaction ids that sort before those of the cluster it came from.
pub(super) async fn settle_epoch(database: &DatabaseConnection) -> Result<(), StoreError> {
    let backend = database.get_database_backend();
    let cluster = match backend {
        DbBackend::Postgres => {
            let sql = "SELECT system_identifier::text AS cluster FROM pg_control_system()";
            let row = database.query_one_raw(statement(backend, sql, Vec::new())).await?;
            row.map(|row| row.try_get::<String>("", "cluster")).transpose()?.unwrap_or_default()
        }
        _ => "sqlite".to_owned(),
    };
    let settle =
        "UPDATE feed SET epoch = CASE WHEN cluster = '' THEN epoch ELSE epoch + 1 END, cluster = ? WHERE cluster <> ?";
    database.execute_raw(statement(backend, settle, vec![cluster.as_str().into(), cluster.as_str().into()])).await?;
    Ok(())
}
