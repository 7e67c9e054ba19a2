//! Time entries, what they are charged at, and the billing periods of agreements.

use sea_orm_migration::prelude::*;

use crate::table::{
    create, drop, flag, index, keyed, number, optional_text, optional_uuid, optional_wide, owned, reference, text,
    unique, uuid, wide,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

fn optional_number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().null().to_owned()
}

/// A row stays when its entry is deleted, so that an older version that arrives later is known to be older.
fn time_entry() -> TableCreateStatement {
    owned("time_entry")
        .col(text("system"))
        .col(text("external_id"))
        .col(uuid("client_id"))
        .col(optional_uuid("agreement_id"))
        .col(optional_uuid("ticket_id"))
        .col(optional_uuid("service_id"))
        .col(optional_text("priority"))
        .col(text("role"))
        .col(optional_text("technician"))
        .col(optional_text("work_kind"))
        .col(wide("started_at"))
        .col(wide("ended_at"))
        .col(text("breaks"))
        .col(text("billing"))
        .col(flag("times_known"))
        .col(optional_text("approved_by"))
        .col(optional_text("note"))
        .col(optional_wide("changed_at"))
        .col(flag("deleted"))
        .col(optional_number("month"))
        .col(text("segments"))
        .col(wide("recorded_at"))
        .foreign_key(&mut reference("time_entry", "client_id", "client"))
        .foreign_key(&mut reference("time_entry", "agreement_id", "agreement"))
        .foreign_key(&mut reference("time_entry", "service_id", "service"))
        .to_owned()
}

/// Lists go by `place`, which has the month, the first instant and the id in it, so that it is unique and sorts by time.
fn charge() -> TableCreateStatement {
    owned("charge")
        .col(uuid("agreement_id"))
        .col(uuid("client_id"))
        .col(number("month"))
        .col(number("for_month"))
        .col(text("kind"))
        .col(text("status"))
        .col(optional_uuid("time_entry_id"))
        .col(optional_text("adjusts_kind"))
        .col(optional_text("hours_class"))
        .col(optional_text("rule_code"))
        .col(optional_uuid("terms_id"))
        .col(optional_wide("from_at"))
        .col(optional_wide("to_at"))
        .col(wide("worked"))
        .col(wide("included"))
        .col(wide("charged"))
        .col(optional_text("hourly_rate"))
        .col(wide("amount"))
        .col(text("currency"))
        .col(text("reasons"))
        .col(text("draws"))
        .col(optional_uuid("adjusts_id"))
        .col(optional_text("invoice_ref"))
        .col(optional_text("released_ref"))
        .col(optional_text("released_reason"))
        .col(optional_wide("released_at"))
        .col(text("place"))
        .foreign_key(&mut reference("charge", "agreement_id", "agreement"))
        .foreign_key(&mut reference("charge", "client_id", "client"))
        .foreign_key(&mut reference("charge", "time_entry_id", "time_entry"))
        .foreign_key(&mut reference("charge", "terms_id", "agreement_terms"))
        .to_owned()
}

/// A row says with how many hours left over a period begins, and once it is closed, when and by whom.
fn billing_period() -> TableCreateStatement {
    keyed("billing_period", &["agreement_id", "month"])
        .col(uuid("agreement_id"))
        .col(number("month"))
        .col(text("carried"))
        .col(optional_wide("closed_at"))
        .col(optional_text("closed_by"))
        .foreign_key(&mut reference("billing_period", "agreement_id", "agreement"))
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![time_entry(), charge(), billing_period()];
        let indexes = vec![
            unique("time_entry", &["external_id", "system"]),
            index("time_entry", &["agreement_id", "month"]),
            index("time_entry", &["technician", "started_at"]),
            index("time_entry", &["ticket_id"]),
            unique("charge", &["place"]),
            index("charge", &["agreement_id", "place"]),
            index("charge", &["agreement_id", "for_month"]),
            index("charge", &["client_id", "place"]),
            index("charge", &["time_entry_id"]),
            index("charge", &["invoice_ref"]),
            index("charge", &["released_ref"]),
        ];
        create(manager, tables, indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["time_entry", "charge", "billing_period"]).await
    }
}
