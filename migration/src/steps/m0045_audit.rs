//! The audit trail, which nobody changes: triggers refuse to update and to delete, on PostgreSQL to truncate as well.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::table::{create, drop, index, optional_text, owned, text, uuid, wide};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const POSTGRES: [&str; 3] = [
    "CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS \
     $$ BEGIN RAISE EXCEPTION 'the audit trail is only ever added to'; END $$",
    "CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_stays()",
    "CREATE TRIGGER audit_stays_whole BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()",
];

/// The third is for `INSERT OR REPLACE`, which deletes without asking the second.
const SQLITE: [&str; 3] = [
    "CREATE TRIGGER audit_stays_as_it_is BEFORE UPDATE ON audit \
     BEGIN SELECT RAISE(ABORT, 'the audit trail is only ever added to'); END",
    "CREATE TRIGGER audit_stays BEFORE DELETE ON audit \
     BEGIN SELECT RAISE(ABORT, 'the audit trail is only ever added to'); END",
    "CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit \
     WHEN EXISTS (SELECT 1 FROM audit WHERE provider_id = NEW.provider_id AND id = NEW.id) \
     BEGIN SELECT RAISE(ABORT, 'the audit trail is only ever added to'); END",
];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let audit = owned("audit")
            .col(wide("at"))
            .col(text("event"))
            .col(text("object"))
            .col(uuid("object_id"))
            .col(optional_text("detail"))
            .col(text("actor"))
            .col(text("client_id"))
            .col(optional_text("jti"))
            .col(optional_text("bound_to"))
            .col(optional_text("request_id"))
            .to_owned();
        // The key is in the order of time, and so is each index within what it finds.
        let indexes = vec![index("audit", &["object_id", "id"]), index("audit", &["actor", "id"])];
        create(manager, vec![audit], indexes).await?;
        let triggers: &[&str] = match manager.get_database_backend() {
            DbBackend::Postgres => &POSTGRES,
            _ => &SQLITE,
        };
        for trigger in triggers {
            manager.get_connection().execute_unprepared(trigger).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["audit"]).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            manager.get_connection().execute_unprepared("DROP FUNCTION audit_stays").await?;
        }
        Ok(())
    }
}
