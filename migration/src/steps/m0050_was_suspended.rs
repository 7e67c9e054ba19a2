//! Agreements say whether they were ever suspended: most were not, and nobody then looks for when.

use sea_orm_migration::prelude::*;

use crate::table::flag;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const TABLE: &str = "agreement";
const COLUMN: &str = "was_suspended";

const THOSE_THAT_WERE: &str = "UPDATE agreement SET was_suspended = TRUE WHERE EXISTS (SELECT 1 FROM agreement_suspension AS s \
    WHERE s.provider_id = agreement.provider_id AND s.agreement_id = agreement.id)";

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut column = flag(COLUMN).default(false).to_owned();
        manager.alter_table(Table::alter().table(TABLE).add_column(&mut column).to_owned()).await?;
        manager.get_connection().execute_unprepared(THOSE_THAT_WERE).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table(TABLE).drop_column(COLUMN).to_owned()).await
    }
}
