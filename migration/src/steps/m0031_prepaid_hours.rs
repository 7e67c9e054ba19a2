//! Blocks of hours bought on top of those in the fee.

use sea_orm_migration::prelude::*;

use crate::table::{create, drop, flag, optional_text, owned, reference, text, unique, uuid, wide};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

fn prepaid_hours() -> TableCreateStatement {
    owned("prepaid_hours")
        .col(uuid("agreement_id"))
        .col(text("code"))
        .col(wide("hours"))
        .col(text("from_on"))
        .col(optional_text("until_on"))
        .col(flag("paid"))
        .col(optional_text("note"))
        .foreign_key(&mut reference("prepaid_hours", "agreement_id", "agreement"))
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(manager, vec![prepaid_hours()], vec![unique("prepaid_hours", &["agreement_id", "code"])]).await?;
        let mut has_prepaid = flag("has_prepaid").default(false).to_owned();
        manager.alter_table(Table::alter().table("agreement").add_column(&mut has_prepaid).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("agreement").drop_column("has_prepaid").to_owned()).await?;
        drop(manager, &["prepaid_hours"]).await
    }
}
