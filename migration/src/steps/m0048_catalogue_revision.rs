//! Which revision a provider's catalogue has, so that a server knows whether what it has kept of it still holds.

use sea_orm_migration::prelude::*;

use crate::table::wide;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const TABLE: &str = "provider";
const COLUMN: &str = "catalogue_revision";

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut column = wide(COLUMN).default(0).to_owned();
        manager.alter_table(Table::alter().table(TABLE).add_column(&mut column).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table(TABLE).drop_column(COLUMN).to_owned()).await
    }
}
