//! What can go wrong underneath.

use sea_orm::{DbErr, RuntimeErr, SqlErr, SqlxError, prelude::Uuid};

/// Why the database did not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be reached, has no connection free, or no room. What was being written may or may not be there.
    #[error("the database cannot be reached")]
    Unavailable(#[source] DbErr),
    /// It refused a statement.
    #[error("the database refused a statement")]
    Statement(#[source] DbErr),
    /// The system gave no randomness for a secret.
    #[error("{0}")]
    NoRandomness(String),
    /// Other writes kept changing what this one was deciding by.
    #[error("other writes kept getting in between")]
    Contended,
    /// The caller's key for the request was used for another one; nothing is written.
    #[error("the request's key was used for another request")]
    KeyReused,
    /// A stored document is not what this version writes.
    #[error("the stored {what} {id} cannot be read: {why}")]
    Unreadable {
        /// The kind of document.
        what: &'static str,
        /// The row it is in.
        id: Uuid,
        /// What is wrong with it.
        why: String,
    },
}

impl StoreError {
    /// Why the database cannot be reached, as it or the system says; none: that is not known.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        let Self::Unavailable(DbErr::Conn(RuntimeErr::SqlxError(cause))) = self else { return None };
        Some(match &**cause {
            SqlxError::Database(refusal) => refusal.message().to_owned(),
            cause => cause.to_string(),
        })
    }

    /// Whether it was reached and lets nobody in by these settings, which no waiting mends: PostgreSQL's codes of
    /// authorisation (28) and of a database that is not there (3D000), and what the driver cannot read.
    #[must_use]
    pub fn is_of_settings(&self) -> bool {
        let Self::Unavailable(DbErr::Conn(RuntimeErr::SqlxError(cause))) = self else { return false };
        match &**cause {
            SqlxError::Database(refusal) => {
                refusal.code().is_some_and(|code| code.len() == 5 && (code.starts_with("28") || code == "3D000"))
            }
            SqlxError::Configuration(_) => true,
            _ => false,
        }
    }

    /// Whether a row was to be made that is there already.
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        let Self::Statement(error) = self else { return false };
        matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        if is_out_of_reach(&error) { Self::Unavailable(error) } else { Self::Statement(error) }
    }
}

/// Whether the database itself is at fault, and not what was asked of it: another try may do.
fn is_out_of_reach(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => match &**cause {
            SqlxError::Database(refusal) => refusal.code().is_some_and(|code| is_of_the_database(&code)),
            SqlxError::Io(_)
            | SqlxError::Tls(_)
            | SqlxError::Protocol(_)
            | SqlxError::PoolTimedOut
            | SqlxError::PoolClosed
            | SqlxError::WorkerCrashed => true,
            _ => false,
        },
        _ => false,
    }
}

/// Codes of PostgreSQL have five characters: connections (08), resources (53), an operator who stops it (57P), the system
/// beneath it (58), a database that only reads (25006). Those of SQLite are numbers, of which the last byte says: 5 and 6
/// busy, 8 read-only, 10 the disk fails, 13 it is full, 14 the file cannot be opened.
fn is_of_the_database(code: &str) -> bool {
    if code.len() == 5 {
        return code == "25006" || ["08", "53", "57P", "58"].iter().any(|class| code.starts_with(class));
    }
    code.parse::<u32>().is_ok_and(|number| matches!(number & 0xff, 5 | 6 | 8 | 10 | 13 | 14))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_database_is_at_fault_for_may_be_tried_again() {
        for (code, fault) in [
            ("08006", true),
            ("53100", true),
            ("53300", true),
            ("57P01", true),
            ("57014", false),
            ("58030", true),
            ("25006", true),
            ("23505", false),
            ("22P02", false),
            ("40001", false),
            ("42P01", false),
            ("13", true),
            ("778", true),
            ("5", true),
            ("517", true),
            ("2067", false),
            ("787", false),
            ("1", false),
        ] {
            assert_eq!(is_of_the_database(code), fault, "{code}");
        }
    }
}
