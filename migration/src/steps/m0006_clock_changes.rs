//! Changes that are about one clock of a ticket.

use sea_orm_migration::prelude::*;

use crate::table::optional_text;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

fn columns() -> [ColumnDef; 2] {
    [optional_text("milestone"), ColumnDef::new("percent").integer().null().to_owned()]
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for mut column in columns() {
            manager.alter_table(Table::alter().table("change").add_column(&mut column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in columns() {
            let name = Alias::new(column.get_column_name());
            manager.alter_table(Table::alter().table("change").drop_column(name).to_owned()).await?;
        }
        Ok(())
    }
}
