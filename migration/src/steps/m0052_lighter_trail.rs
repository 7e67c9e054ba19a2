//! The audit trail costs less to write.
//!
//! Every row of it referred to its provider, whose one row all writes then held a lock on for each row of theirs. That the
//! provider is there follows from the write that the row belongs to, and none is ever removed.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

/// SQLite keeps the references of a table as long as it keeps the table.
async fn on_postgres(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    match manager.get_database_backend() {
        DbBackend::Postgres => manager.get_connection().execute_unprepared(sql).await.map(drop),
        _ => Ok(()),
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        on_postgres(manager, "ALTER TABLE audit DROP CONSTRAINT audit_provider").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = "ALTER TABLE audit ADD CONSTRAINT audit_provider FOREIGN KEY (provider_id) REFERENCES provider (id)";
        on_postgres(manager, sql).await
    }
}
