//! Why terms were accepted although they guarantee more than history supports.

use sea_orm_migration::prelude::*;

use crate::table::{drop, keyed, reference, text, uuid, wide};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = keyed("terms_overpromise", &["terms_id"])
            .col(uuid("terms_id"))
            .col(text("reason"))
            .col(text("said_by"))
            .col(wide("at"))
            .col(text("promises"))
            .foreign_key(&mut reference("terms_overpromise", "terms_id", "agreement_terms"))
            .to_owned();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["terms_overpromise"]).await
    }
}
