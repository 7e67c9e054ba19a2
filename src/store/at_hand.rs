//! Connections to PostgreSQL kept at hand for reading. A pool has a connection answer once more before it takes it back; that
//! costs as much as a short statement, and most requests are one.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{
    DbErr, QueryResult, RuntimeErr, SqlxError, Statement, Value, Values,
    error::ConnAcquireErr,
    sqlx::{self, AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions},
};
use sea_query_sqlx::SqlxValues;
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::REACHED_WITHIN;

/// How many connections there are at most: as many as requests that are not small run at once by default.
const CONNECTIONS: usize = 16;
/// After how long without use a connection is asked whether it is still there.
const UNUSED_FOR: Duration = Duration::from_secs(30);
/// How long a connection is kept: what stands behind an address may become another server.
const KEPT_FOR: Duration = Duration::from_secs(10 * 60);
/// How long a statement that nobody waits for any more counts as being at work.
const LEFT_ALONE_FOR: Duration = Duration::from_secs(10);

/// Connections, of which each statement takes one and gives it back.
#[derive(Debug)]
pub(super) struct AtHand {
    options: PgConnectOptions,
    turns: Arc<Semaphore>,
    unused: Mutex<Vec<Open>>,
    statements: Arc<AtomicU64>,
}

#[derive(Debug)]
struct Open {
    connection: PgConnection,
    made: Instant,
    used: Instant,
}

/// A connection in use, with the right to use one.
struct Held {
    at_hand: Arc<AtHand>,
    turn: Option<OwnedSemaphorePermit>,
    /// None: it has ended.
    open: Option<Open>,
    /// Whether it was used before.
    is_old: bool,
    is_answering: bool,
}

impl AtHand {
    /// - `statements`: counts those that are sent.
    pub(super) fn new(options: PgConnectOptions, statements: Arc<AtomicU64>) -> Self {
        Self { options, turns: Arc::new(Semaphore::new(CONNECTIONS)), unused: Mutex::default(), statements }
    }

    /// The rows of a statement that changes nothing.
    pub(super) async fn rows(self: &Arc<Self>, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        let statement = with_length_written(statement);
        let mut held = in_time(self.hold()).await?;
        let mut rows = held.rows(&statement).await;
        if held.is_old && held.open.is_none() {
            // PostgreSQL has ended it, as a restart does; then the others are gone, too.
            self.unused().clear();
            held.open = Some(in_time(self.connect()).await?);
            rows = held.rows(&statement).await;
        }
        rows.map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())))
    }

    /// Ends every connection; there are none from now on.
    pub(super) async fn close(&self) {
        self.turns.close();
        let unused = std::mem::take(&mut *self.unused());
        for Open { connection, .. } in unused {
            connection.close().await.ok();
        }
    }

    async fn hold(self: &Arc<Self>) -> Result<Held, DbErr> {
        let closed = |_| DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed);
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(closed)?;
        let unused = self.unused().pop();
        let known = match unused {
            Some(mut open) if open.used.elapsed() > UNUSED_FOR => open.connection.ping().await.is_ok().then_some(open),
            unused => unused,
        };
        let is_old = known.is_some();
        let open = match known {
            Some(open) => open,
            None => self.connect().await?,
        };
        Ok(Held { at_hand: Arc::clone(self), turn: Some(turn), open: Some(open), is_old, is_answering: false })
    }

    async fn connect(&self) -> Result<Open, DbErr> {
        let connection = PgConnection::connect_with(&self.options).await;
        let connection = connection.map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())))?;
        Ok(Open { connection, made: Instant::now(), used: Instant::now() })
    }

    /// Keeps a connection that is between two statements for the next one.
    fn keep(&self, mut open: Open) {
        if open.made.elapsed() < KEPT_FOR && !self.turns.is_closed() {
            open.used = Instant::now();
            self.unused().push(open);
        }
    }

    fn unused(&self) -> MutexGuard<'_, Vec<Open>> {
        self.unused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    async fn rows(&mut self, statement: &Statement) -> Result<Vec<QueryResult>, SqlxError> {
        let Some(open) = &mut self.open else { return Err(SqlxError::PoolClosed) };
        let values = SqlxValues(statement.values.clone().unwrap_or_else(|| Values(Vec::new())));
        let query = sqlx::query_with(AssertSqlSafe(statement.sql.as_str()), values);
        self.is_answering = true;
        let rows = query.fetch_all(&mut open.connection).await;
        self.is_answering = false;
        if rows.as_ref().is_err_and(ends_connection) {
            self.open = None;
        }
        Ok(rows?.into_iter().map(Into::into).collect())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let (Some(mut open), turn) = (self.open.take(), self.turn.take()) else { return };
        let at_hand = Arc::clone(&self.at_hand);
        if !self.is_answering {
            at_hand.keep(open);
            return;
        }
        // Nobody waits for the answer any more. PostgreSQL works on it all the same, which counts until it is done.
        let Ok(runtime) = Handle::try_current() else { return };
        runtime.spawn(async move {
            if timeout(LEFT_ALONE_FOR, open.connection.ping()).await.is_ok_and(|answer| answer.is_ok()) {
                at_hand.keep(open);
            }
            drop(turn);
        });
    }
}

/// How many rows most statements ask for: one, or a page and one more. Each is a statement of its own to be kept.
const USUAL_LENGTHS: [u64; 9] = [1, 2, 11, 21, 26, 51, 101, 251, 501];

/// A statement that says in its text how many rows it asks for, if that is usual: as long as PostgreSQL is not told, it plans it
/// anew each time.
fn with_length_written(mut statement: Statement) -> Statement {
    let Some(Values(values)) = &mut statement.values else { return statement };
    let length = match values.last() {
        Some(Value::BigUnsigned(Some(length))) => *length,
        Some(Value::BigInt(Some(length))) => u64::try_from(*length).unwrap_or_default(),
        _ => return statement,
    };
    if !USUAL_LENGTHS.contains(&length) {
        return statement;
    }
    if let Some(asked) = statement.sql.strip_suffix(&format!(" LIMIT ${}", values.len())) {
        statement.sql = format!("{asked} LIMIT {length}");
        values.pop();
    }
    statement
}

/// The same unless the database is out of reach for too long.
async fn in_time<T>(reaching: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
    let late = |_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout);
    timeout(REACHED_WITHIN, reaching).await.map_err(late)?
}

/// Whether a connection has ended with an error: the server was stopped, or the wire is cut.
fn ends_connection(error: &SqlxError) -> bool {
    match error {
        SqlxError::Database(refusal) => {
            refusal.code().is_some_and(|code| code.starts_with("57P") || code.starts_with("08"))
        }
        SqlxError::Io(_) | SqlxError::Tls(_) | SqlxError::Protocol(_) => true,
        _ => false,
    }
}
