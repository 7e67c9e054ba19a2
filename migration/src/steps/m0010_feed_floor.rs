//! The change feed as its readers need it: by kind of object, and with the place below which it is no longer kept.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::table::{create, drop, index, keyed, text, wide};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let floor = keyed("change_floor", &["subject"])
            .col(text("subject"))
            .col(wide("epoch"))
            .col(wide("transaction_id"))
            .col(wide("sequence"))
            .to_owned();
        let by_subject = index("change", &["subject", "epoch", "transaction_id", "sequence"]);
        create(manager, vec![floor], vec![by_subject]).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            // Rows come nearly in the order of time, so an index of a few pages finds the old ones.
            manager.get_connection().execute_unprepared("CREATE INDEX change_by_at ON change USING brin (at)").await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            manager.get_connection().execute_unprepared("DROP INDEX change_by_at").await?;
        }
        manager
            .drop_index(
                Index::drop().name("change_by_subject_epoch_transaction_id_sequence").table("change").to_owned(),
            )
            .await?;
        drop(manager, &["change_floor"]).await
    }
}
