//! What happens to agreements and obligations in the course of time.
//!
//! States of obligations belong to the agreement and the obligation's code, not to one version: an amendment does not
//! forget them. An agreement keeps of its renewals what a list needs to find its next end; what was said is in
//! `terms_renewal`.

use sea_orm_migration::prelude::*;

use crate::table::{create, drop, index, optional_text, optional_wide, owned, reference, text, uuid, wide};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const TABLES: [&str; 3] = ["obligation_status", "agreement_suspension", "terms_renewal"];

/// New columns of `agreement`, and of `agreement_terms`.
fn columns() -> [(&'static str, ColumnDef); 7] {
    let number = |name: &'static str| ColumnDef::new(name).integer().null().to_owned();
    [
        ("agreement", optional_text("terminated_on")),
        ("agreement", optional_wide("terminated_at")),
        ("agreement", optional_text("termination_reason")),
        ("agreement", number("renews_month")),
        ("agreement", number("renews_day")),
        ("agreement", number("renews_every")),
        ("agreement_terms", optional_text("ends_on")),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![obligation_status(), agreement_suspension(), terms_renewal()];
        let indexes = vec![
            index("obligation_status", &["agreement_id", "code"]),
            index("agreement_suspension", &["agreement_id"]),
            index("terms_renewal", &["agreement_id"]),
        ];
        create(manager, tables, indexes).await?;
        for (table, mut column) in columns() {
            manager.alter_table(Table::alter().table(table).add_column(&mut column).to_owned()).await?;
        }
        let ends_on = "UPDATE agreement_terms SET ends_on = effective_until WHERE begins_at IS NOT NULL";
        manager.get_connection().execute_unprepared(ends_on).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in columns() {
            let name = Alias::new(column.get_column_name());
            manager.alter_table(Table::alter().table(table).drop_column(name).to_owned()).await?;
        }
        drop(manager, &TABLES).await
    }
}

fn obligation_status() -> TableCreateStatement {
    owned("obligation_status")
        .col(uuid("agreement_id"))
        .col(text("code"))
        .col(text("state"))
        .col(wide("since"))
        .col(optional_wide("until"))
        .col(text("status"))
        .col(optional_text("evidence"))
        .col(text("recorded_by"))
        .col(wide("recorded_at"))
        .col(optional_text("judged_by"))
        .col(optional_wide("judged_at"))
        .col(optional_text("judgement"))
        .foreign_key(&mut reference("obligation_status", "agreement_id", "agreement"))
        .to_owned()
}

fn agreement_suspension() -> TableCreateStatement {
    owned("agreement_suspension")
        .col(uuid("agreement_id"))
        .col(text("from_on"))
        .col(wide("from_at"))
        .col(optional_text("until_on"))
        .col(optional_wide("until_at"))
        .col(text("reason"))
        .foreign_key(&mut reference("agreement_suspension", "agreement_id", "agreement"))
        .to_owned()
}

fn terms_renewal() -> TableCreateStatement {
    owned("terms_renewal")
        .col(uuid("agreement_id"))
        .col(uuid("terms_id"))
        .col(text("kind"))
        .col(text("ends_on"))
        .col(text("said_by"))
        .col(optional_text("reason"))
        .col(wide("at"))
        .foreign_key(&mut reference("terms_renewal", "agreement_id", "agreement"))
        .foreign_key(&mut reference("terms_renewal", "terms_id", "agreement_terms"))
        .to_owned()
}
