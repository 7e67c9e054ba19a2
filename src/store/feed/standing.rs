//! How far behind readers are held, and by whom.

use std::{fmt, time::Duration};

use sea_orm::{ConnectionTrait, DbBackend, QueryResult};

use crate::store::{Store, StoreError, statement};

/// Whether the feed moves on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedStanding {
    /// For how long the oldest transaction still running has been running: changes committed since it began wait for its
    /// end. Zero on SQLite, which has one writer.
    pub held_for: Duration,
    /// Whose transaction that is, if there is one.
    pub blocker: Option<Blocker>,
}

/// Who keeps a transaction open. It may be in any database of the cluster, and have nothing to do with this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// The process of a session; none: a prepared transaction.
    pub pid: Option<i32>,
    /// The database it is in.
    pub database: String,
    /// The user it is of.
    pub user: String,
    /// What the session calls itself, or the name of the prepared transaction.
    pub name: String,
    /// What the session does: `active`, `idle in transaction`, `prepared`.
    pub state: String,
}

impl fmt::Display for Blocker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, database, user, name, state } = self;
        match pid {
            Some(pid) => write!(f, "process {pid} ({name:?}, {state}) of user {user} in database {database}"),
            None => write!(f, "the prepared transaction {name:?} of user {user} in database {database}"),
        }
    }
}

/// The oldest transaction of the cluster that has written or may have. Sessions of other users are shown as far as this
/// one may see them: membership in `pg_read_all_stats` shows them all.
const OLDEST: &str = "SELECT pid, datname, usename, application_name, state, \
     (extract(epoch FROM clock_timestamp() - since) * 1000)::bigint AS millis FROM ( \
     SELECT pid, datname::text, usename::text, application_name, state, xact_start AS since, age(backend_xid) AS age \
     FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid() UNION ALL \
     SELECT NULL, database::text, owner::text, gid, 'prepared', prepared, age(transaction) FROM pg_prepared_xacts) AS open \
     ORDER BY age DESC LIMIT 1";

impl Store {
    /// Whether the feed moves on, and who holds it up: a transaction left open anywhere in a PostgreSQL cluster does.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn feed_standing(&self) -> Result<FeedStanding, StoreError> {
        if self.reads().get_database_backend() != DbBackend::Postgres {
            return Ok(FeedStanding::default());
        }
        let row = self.reads().query_one_raw(statement(DbBackend::Postgres, OLDEST, Vec::new())).await?;
        row.map_or(Ok(FeedStanding::default()), |row| standing(&row))
    }
}

fn standing(row: &QueryResult) -> Result<FeedStanding, StoreError> {
    let text = |name: &str| Ok::<_, StoreError>(row.try_get::<Option<String>>("", name)?.unwrap_or_default());
    let millis: Option<i64> = row.try_get("", "millis")?;
    Ok(FeedStanding {
        held_for: Duration::from_millis(millis.and_then(|millis| millis.try_into().ok()).unwrap_or_default()),
        blocker: Some(Blocker {
            pid: row.try_get("", "pid")?,
            database: text("datname")?,
            user: text("usename")?,
            name: text("application_name")?,
            state: text("state")?,
        }),
    })
}
