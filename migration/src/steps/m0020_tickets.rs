//! Tickets and their clocks.
//!
//! A ticket is read and written whole: what was told of it is one document. How its clocks stand follows from that; the
//! rows of `ticket_clock` keep it for lists, for reports and for what happens by itself, and are written with whatever
//! they follow from. `ticket_clock_span` keeps how a clock stood before it was opened again under another target.

use sea_orm_migration::prelude::*;

use crate::table::{
    create, drop, flag, index, keyed, number, optional_text, optional_uuid, optional_wide, owned, reference, text,
    unique, uuid, wide,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            unique("ticket", &["system", "external_id"]),
            index("ticket", &["opened_at", "id"]),
            index("ticket", &["client_id", "opened_at", "id"]),
            index("ticket", &["agreement_id", "opened_at", "id"]),
            index("ticket_clock", &["state", "due", "ticket_id"]),
            index("ticket_clock", &["state", "opened_at", "ticket_id"]),
            index("ticket_clock", &["client_id", "state", "opened_at", "ticket_id"]),
            index("ticket_clock", &["agreement_id", "state", "opened_at", "ticket_id"]),
            index("ticket_clock_span", &["agreement_id"]),
            due_soon(),
            next_at(),
        ];
        create(manager, vec![ticket(), ticket_clock(), ticket_clock_span()], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["ticket", "ticket_clock", "ticket_clock_span"]).await
    }
}

fn ticket() -> TableCreateStatement {
    owned("ticket")
        .col(text("system"))
        .col(text("external_id"))
        .col(uuid("client_id"))
        .col(optional_uuid("agreement_id"))
        .col(flag("agreement_chosen"))
        .col(optional_uuid("service_id"))
        .col(wide("opened_at"))
        .col(flag("deleted"))
        .col(text("document"))
        .col(wide("told_at"))
        .col(optional_wide("next_at"))
        .foreign_key(&mut reference("ticket", "client_id", "client"))
        .foreign_key(&mut reference("ticket", "agreement_id", "agreement"))
        .foreign_key(&mut reference("ticket", "service_id", "service"))
        .to_owned()
}

fn ticket_clock() -> TableCreateStatement {
    keyed("ticket_clock", &["ticket_id", "milestone"])
        .col(uuid("ticket_id"))
        .col(text("milestone"))
        .col(uuid("client_id"))
        .col(uuid("agreement_id"))
        .col(wide("opened_at"))
        .col(text("priority"))
        .col(text("attainment"))
        .col(text("state"))
        .col(optional_wide("due"))
        .col(wide("span_from"))
        .col(optional_wide("ended_at"))
        .col(optional_wide("stopped_at"))
        .col(wide("waited"))
        .col(wide("suspended"))
        .col(number("told_percent"))
        .foreign_key(&mut reference("ticket_clock", "ticket_id", "ticket"))
        .to_owned()
}

fn ticket_clock_span() -> TableCreateStatement {
    keyed("ticket_clock_span", &["ticket_id", "milestone", "number"])
        .col(uuid("ticket_id"))
        .col(text("milestone"))
        .col(number("number"))
        .col(uuid("agreement_id"))
        .col(text("priority"))
        .col(text("attainment"))
        .col(wide("from_at"))
        .col(wide("until_at"))
        .col(optional_text("judged"))
        .foreign_key(&mut reference("ticket_clock_span", "ticket_id", "ticket"))
        .to_owned()
}

/// What is due and has not come yet, breached or not, the first one first.
fn due_soon() -> IndexCreateStatement {
    let mut open = index("ticket_clock", &["due", "ticket_id"]);
    open.and_where(Expr::col("stopped_at").is_null()).to_owned()
}

/// Which ticket's clocks change by themselves next, of whatever provider: the one index that no provider leads.
fn next_at() -> IndexCreateStatement {
    Index::create()
        .name("ticket_by_next_at")
        .table("ticket")
        .col("next_at")
        .col("provider_id")
        .col("id")
        .and_where(Expr::col("next_at").is_not_null())
        .to_owned()
}
