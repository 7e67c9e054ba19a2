//! The audit trail costs less to write.
//!
//! Every row of it referred to its provider, whose one row all writes then locked for each row of theirs. That the provider is
//! there follows from the write that the row belongs to; that it stays is now kept at the provider itself.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const UP: [&str; 3] = [
    "CREATE TRIGGER provider_stays BEFORE DELETE OR UPDATE OF id ON provider FOR EACH ROW EXECUTE FUNCTION audit_stays()",
    "CREATE TRIGGER provider_stays_whole BEFORE TRUNCATE ON provider FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()",
    "ALTER TABLE audit DROP CONSTRAINT audit_provider",
];

const DOWN: [&str; 3] = [
    "ALTER TABLE audit ADD CONSTRAINT audit_provider FOREIGN KEY (provider_id) REFERENCES provider (id)",
    "DROP TRIGGER provider_stays_whole ON provider",
    "DROP TRIGGER provider_stays ON provider",
];

/// SQLite keeps the references of a table as long as it keeps the table.
async fn on_postgres(manager: &SchemaManager<'_>, statements: [&str; 3]) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        for statement in statements {
            manager.get_connection().execute_unprepared(statement).await?;
        }
    }
    Ok(())
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        on_postgres(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        on_postgres(manager, DOWN).await
    }
}
