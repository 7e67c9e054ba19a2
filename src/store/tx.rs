//! Writing: the rows, their change-feed rows, and one commit.

use remit_domain::{Timestamp, words::Milestone};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode, TransactionOptions,
    TransactionTrait, Value, prelude::Uuid,
};

use super::{Scope, StoreError, statement};

/// A write in progress. Dropped without [`Tx::commit`], nothing of it stays.
///
/// What is agreed changes seldom: such writes of one provider go one after another, and no two can cross. What happens
/// (tickets, time) is recorded all the time: such writes go side by side, and one after another only by agreement.
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
    /// The clock of a ticket that it is about.
    pub clock: Option<ClockMark>,
}

/// Which clock of a ticket a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockMark {
    /// The milestone it runs to.
    pub milestone: Milestone,
    /// Of a warning, the percentage of the target that is used up.
    pub percent: Option<u8>,
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
    /// A ticket.
    Ticket,
    /// A time entry.
    TimeEntry,
    /// A charge.
    Charge,
    /// A billing period of an agreement.
    BillingPeriod,
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
            Self::Ticket => "TICKET",
            Self::TimeEntry => "TIME_ENTRY",
            Self::Charge => "CHARGE",
            Self::BillingPeriod => "BILLING_PERIOD",
        }
    }
}

/// Whether an object came into being, became another, or is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is new.
    Created,
    /// It was there before.
    Updated,
    /// It is there no more.
    Deleted,
}

impl ChangeKind {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "CREATED",
            Self::Updated => "UPDATED",
            Self::Deleted => "DELETED",
        }
    }
}

/// Whether a write keeps the provider's other writes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It waits for all of them, and they for it.
    Alone,
    /// It waits for those that go alone; with the others it shares agreements by [`Tx::take_agreements`].
    BesideOthers,
}

/// What an advisory lock of PostgreSQL is for; the first of its two keys.
#[derive(Clone, Copy)]
enum Lock {
    Provider = 7_236_969,
    Agreement = 7_236_970,
}

/// How many changes one statement appends: far below the most values that one may have.
const APPENDED_AT_ONCE: usize = 500;

impl Tx {
    pub(super) async fn begin(
        database: &DatabaseConnection,
        scope: &Scope,
        at: Timestamp,
        turn: Turn,
    ) -> Result<Self, StoreError> {
        let immediate = Some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode: immediate, ..TransactionOptions::default() };
        let inner = database.begin_with_options(options).await?;
        let backend = inner.get_database_backend();
        let made = "INSERT INTO provider (id, created_at) VALUES (?, ?) ON CONFLICT (id) DO NOTHING";
        let values = vec![scope.provider().into(), at.as_microsecond().into()];
        inner.execute_raw(statement(backend, made, values)).await?;
        let tx = Self { inner, scope: scope.clone(), at, changes: Vec::new() };
        let lock = match turn {
            Turn::Alone => "pg_advisory_xact_lock",
            Turn::BesideOthers => "pg_advisory_xact_lock_shared",
        };
        tx.lock(lock, Lock::Provider, scope.provider()).await?;
        Ok(tx)
    }

    /// Waits until no other write concerns one of these agreements; until the commit, others wait for this one.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn take_agreements(&self, agreements: &[Uuid]) -> Result<(), StoreError> {
        // All writes take them in one order, so that no two wait for each other.
        let mut agreements = agreements.to_vec();
        agreements.sort_unstable();
        agreements.dedup();
        for agreement in agreements {
            self.lock("pg_advisory_xact_lock", Lock::Agreement, &agreement.to_string()).await?;
        }
        Ok(())
    }

    /// Takes a lock of PostgreSQL that ends with the transaction; SQLite has one writer anyway.
    async fn lock(&self, function: &str, lock: Lock, name: &str) -> Result<(), StoreError> {
        let backend = self.inner.get_database_backend();
        if backend == DbBackend::Postgres {
            // Names that share a hash wait for each other without need, and no harm is done.
            let sql = format!("SELECT {function}({}, hashtext(?))", lock as i32);
            self.inner.execute_raw(statement(backend, &sql, vec![name.into()])).await?;
        }
        Ok(())
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
        for changes in self.changes.chunks(APPENDED_AT_ONCE) {
            self.append(changes).await?;
        }
        self.inner.commit().await.map_err(StoreError::Unavailable)
    }

    /// Appends changes to the feed, in their order.
    async fn append(&self, changes: &[Change]) -> Result<(), StoreError> {
        let backend = self.inner.get_database_backend();
        let (transaction, sequence) = match backend {
            DbBackend::Postgres => ("pg_current_xact_id()::text::bigint", "nextval('change_sequence')"),
            _ => {
                let count = i64::try_from(changes.len()).unwrap_or(i64::MAX);
                let sql = "UPDATE feed SET last_sequence = last_sequence + ?";
                self.inner.execute_raw(statement(backend, sql, vec![count.into()])).await?;
                ("0", "(SELECT last_sequence FROM feed) - ?")
            }
        };
        let row = format!("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT epoch FROM feed), {transaction}, {sequence})");
        let rows = vec![row; changes.len()].join(", ");
        let sql = format!(
            "INSERT INTO change (provider_id, id, subject, subject_id, kind, event, agreement_id, client_id, milestone, \
             percent, at, epoch, transaction_id, sequence) VALUES {rows}"
        );
        let mut values: Vec<Value> = Vec::new();
        for (place, change) in changes.iter().enumerate() {
            values.extend(self.change_values(change));
            if backend != DbBackend::Postgres {
                let behind = changes.len() - 1 - place;
                values.push(i64::try_from(behind).unwrap_or(i64::MAX).into());
            }
        }
        self.inner.execute_raw(statement(backend, &sql, values)).await?;
        Ok(())
    }

    fn change_values(&self, change: &Change) -> [Value; 11] {
        let clock = change.clock;
        [
            self.provider().into(),
            Uuid::now_v7().into(),
            change.subject.as_str().into(),
            change.id.into(),
            change.kind.as_str().into(),
            change.event.into(),
            change.agreement.into(),
            change.client.into(),
            clock.map(|clock| clock.milestone.as_str()).into(),
            clock.and_then(|clock| clock.percent).map(i32::from).into(),
            self.at.as_microsecond().into(),
        ]
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
