//! Clocks say which obligations suspended them.

use sea_orm_migration::prelude::*;

use crate::table::optional_text;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const TABLE: &str = "ticket_clock";
const COLUMN: &str = "suspended_by";

/// Tickets whose clocks were suspended have them written anew, since nothing else knows by what.
const WRITE_ANEW: &str = "UPDATE ticket SET next_at = 0 WHERE EXISTS (SELECT 1 FROM ticket_clock AS c \
    WHERE c.provider_id = ticket.provider_id AND c.ticket_id = ticket.id AND c.suspended > 0)";

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut column = optional_text(COLUMN);
        manager.alter_table(Table::alter().table(TABLE).add_column(&mut column).to_owned()).await?;
        manager.get_connection().execute_unprepared(WRITE_ANEW).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table(TABLE).drop_column(COLUMN).to_owned()).await
    }
}
