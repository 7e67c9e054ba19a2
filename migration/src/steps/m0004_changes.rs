//! The change feed.
//!
//! On PostgreSQL the sequence is a sequence, so that writers do not wait for each other; the order is made total by the
//! transaction id before it. On SQLite, which has one writer, it is counted in the one row of `feed`.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::table::{create, drop, number, optional_uuid, owned, text, unique, uuid, wide};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let change = owned("change")
            .col(wide("epoch"))
            .col(wide("transaction_id"))
            .col(wide("sequence"))
            .col(text("subject"))
            .col(uuid("subject_id"))
            .col(text("kind"))
            .col(text("event"))
            .col(optional_uuid("agreement_id"))
            .col(optional_uuid("client_id"))
            .col(wide("at"))
            .to_owned();
        let feed = Table::create()
            .table("feed")
            .col(number("id").primary_key())
            .col(wide("epoch"))
            .col(text("cluster"))
            .col(wide("last_sequence"))
            .to_owned();
        let order = unique("change", &["epoch", "transaction_id", "sequence"]);
        create(manager, vec![change, feed], vec![order]).await?;
        let start = Query::insert()
            .into_table("feed")
            .columns(["id", "epoch", "cluster", "last_sequence"])
            .values_panic([1.into(), 1_i64.into(), "".into(), 0_i64.into()])
            .to_owned();
        manager.execute(start).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            manager.get_connection().execute_unprepared("CREATE SEQUENCE change_sequence").await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            manager.get_connection().execute_unprepared("DROP SEQUENCE change_sequence").await?;
        }
        drop(manager, &["change", "feed"]).await
    }
}
