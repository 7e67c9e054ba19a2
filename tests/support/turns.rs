//! Somebody else who writes, for as long as a test wants.

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, TransactionTrait};

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
