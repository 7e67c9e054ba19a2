//! Which revision what was said of an agreement's obligations has, so that it is read only where there is something new.

use sea_orm_migration::prelude::*;

use crate::table::number;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const TABLE: &str = "agreement";
const COLUMN: &str = "status_revision";

const THOSE_WITH_ANY: &str = "UPDATE agreement SET status_revision = 1 WHERE EXISTS (SELECT 1 FROM obligation_status AS s \
    WHERE s.provider_id = agreement.provider_id AND s.agreement_id = agreement.id)";

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut column = number(COLUMN).default(0).to_owned();
        manager.alter_table(Table::alter().table(TABLE).add_column(&mut column).to_owned()).await?;
        manager.get_connection().execute_unprepared(THOSE_WITH_ANY).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table(TABLE).drop_column(COLUMN).to_owned()).await
    }
}
