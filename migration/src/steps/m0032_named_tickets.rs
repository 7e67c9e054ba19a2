//! Time entries name tickets as their source does, so that either may come first.

use sea_orm_migration::prelude::*;

use crate::table::{flag, index, optional_text, optional_uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const TABLE: &str = "time_entry";

fn columns() -> [ColumnDef; 3] {
    let by_ticket = flag("by_ticket").default(false).to_owned();
    [optional_text("ticket_system"), optional_text("ticket_external_id"), by_ticket]
}

/// No entry has named a ticket by its id yet: there was nothing to lead to.
#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("time_entry_by_ticket_id").table(TABLE).to_owned()).await?;
        manager.alter_table(Table::alter().table(TABLE).drop_column("ticket_id").to_owned()).await?;
        for mut column in columns() {
            manager.alter_table(Table::alter().table(TABLE).add_column(&mut column).to_owned()).await?;
        }
        manager.create_index(index(TABLE, &["ticket_external_id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("time_entry_by_ticket_external_id").table(TABLE).to_owned()).await?;
        for column in columns() {
            let name = Alias::new(column.get_column_name());
            manager.alter_table(Table::alter().table(TABLE).drop_column(name).to_owned()).await?;
        }
        let mut ticket_id = optional_uuid("ticket_id");
        manager.alter_table(Table::alter().table(TABLE).add_column(&mut ticket_id).to_owned()).await?;
        manager.create_index(index(TABLE, &["ticket_id"])).await
    }
}
