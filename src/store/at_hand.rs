//! Connections to PostgreSQL kept at hand for reading. A pool has a connection answer once more before it takes it back; that
//! costs as much as a short statement, and most requests are one.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{
    DbErr, QueryResult, RuntimeErr, SqlxError, Statement,
    error::ConnAcquireErr,
    sqlx::{self, AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions},
};
use sea_query_sqlx::SqlxValues;
use tokio::{sync::Semaphore, time::timeout};

use super::REACHED_WITHIN;

/// How many connections there are at most.
const CONNECTIONS: usize = 12;
/// After how long without use a connection is asked whether it is still there.
const UNUSED_FOR: Duration = Duration::from_secs(30);

/// Connections that nobody uses at the moment, and the right to use one.
#[derive(Debug)]
pub(super) struct AtHand {
    options: PgConnectOptions,
    turns: Semaphore,
    unused: Mutex<Vec<Unused>>,
    statements: Arc<AtomicU64>,
}

#[derive(Debug)]
struct Unused {
    connection: PgConnection,
    since: Instant,
}

impl AtHand {
    /// - `statements`: counts those that are sent.
    pub(super) fn new(options: PgConnectOptions, statements: Arc<AtomicU64>) -> Self {
        Self { options, turns: Semaphore::new(CONNECTIONS), unused: Mutex::default(), statements }
    }

    /// The rows of a statement that changes nothing. A connection that turns out to be broken is replaced, once.
    pub(super) async fn rows(&self, statement: &Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        let turn = timeout(REACHED_WITHIN, self.turns.acquire()).await;
        let _turn = turn.map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))?.map_err(|_| closed())?;
        if let Some(mut connection) = self.take().await {
            match rows(&mut connection, statement).await {
                Ok(rows) => return Ok(self.give_back(connection, rows)),
                // What the database says of the statement it says again.
                Err(SqlxError::Database(refusal)) if !is_end(&refusal.code().unwrap_or_default()) => {
                    return Err(self.give_back(connection, query_error(SqlxError::Database(refusal))));
                }
                Err(_) => self.unused().clear(),
            }
        }
        let mut connection = self.connect().await?;
        match rows(&mut connection, statement).await {
            Ok(rows) => Ok(self.give_back(connection, rows)),
            Err(error) => Err(query_error(error)),
        }
    }

    /// Ends every connection; there are none from now on.
    pub(super) async fn close(&self) {
        self.turns.close();
        let unused = std::mem::take(&mut *self.unused());
        for Unused { connection, .. } in unused {
            connection.close().await.ok();
        }
    }

    /// A connection that nobody uses; none: one has to be made.
    async fn take(&self) -> Option<PgConnection> {
        let Unused { mut connection, since } = self.unused().pop()?;
        if since.elapsed() < UNUSED_FOR {
            return Some(connection);
        }
        let answers = timeout(REACHED_WITHIN, connection.ping()).await;
        answers.is_ok_and(|answer| answer.is_ok()).then_some(connection)
    }

    async fn connect(&self) -> Result<PgConnection, DbErr> {
        let connecting = timeout(REACHED_WITHIN, PgConnection::connect_with(&self.options));
        let connected = connecting.await.map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))?;
        connected.map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())))
    }

    /// Keeps a connection that is between two statements for the next one; hands the outcome on.
    fn give_back<T>(&self, connection: PgConnection, outcome: T) -> T {
        self.unused().push(Unused { connection, since: Instant::now() });
        outcome
    }

    fn unused(&self) -> std::sync::MutexGuard<'_, Vec<Unused>> {
        self.unused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn rows(connection: &mut PgConnection, statement: &Statement) -> Result<Vec<QueryResult>, SqlxError> {
    let values = SqlxValues(statement.values.clone().unwrap_or_else(|| sea_orm::Values(Vec::new())));
    let query = sqlx::query_with(AssertSqlSafe(statement.sql.as_str()), values);
    Ok(query.fetch_all(connection).await?.into_iter().map(Into::into).collect())
}

/// Whether a connection ends with an error of this code: somebody ends the server, or it ends all by itself.
fn is_end(code: &str) -> bool {
    code.starts_with("57P") || code.starts_with("08")
}

fn query_error(error: SqlxError) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

fn closed() -> DbErr {
    DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed)
}
