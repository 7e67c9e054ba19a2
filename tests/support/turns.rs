//! Somebody else who writes: for as long as a test wants, or until he has ended.

use std::time::{Duration, Instant};

use sea_orm::{
    ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, Statement, TransactionTrait,
};

use super::Remit;

/// A write of a provider that has begun and does not end: others wait for it.
pub(crate) struct Held {
    connection: DatabaseConnection,
    transaction: DatabaseTransaction,
}

impl Held {
    /// Takes the turn of a provider's writes.
    pub(crate) async fn writes(remit: &Remit, provider: &str) -> Self {
        let connection = Database::connect(remit.database_url()).await.unwrap();
        let transaction = connection.begin().await.unwrap();
        let taking = match connection.get_database_backend() {
            DbBackend::Postgres => format!("SELECT pg_advisory_xact_lock(7236969, hashtext('{provider}'))"),
            _ => "UPDATE feed SET last_sequence = last_sequence".to_owned(),
        };
        transaction.execute_unprepared(&taking).await.unwrap();
        Self { connection, transaction }
    }

    /// Gives it back.
    pub(crate) async fn release(self) {
        self.transaction.rollback().await.unwrap();
        self.connection.close().await.unwrap();
    }
}

/// Waits until all that was written can be read: in this cluster other tests have transactions open for a moment.
pub(crate) async fn settle(remit: &Remit) {
    let connection = Database::connect(remit.database_url()).await.unwrap();
    if connection.get_database_backend() != DbBackend::Postgres {
        return;
    }
    let open = "SELECT 1 FROM change, feed WHERE change.epoch = feed.epoch
        AND transaction_id >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint LIMIT 1";
    let until = Instant::now() + Duration::from_secs(20);
    while connection.query_one_raw(Statement::from_string(DbBackend::Postgres, open)).await.unwrap().is_some() {
        assert!(Instant::now() < until, "{:?}", remit.store.feed_standing().await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
