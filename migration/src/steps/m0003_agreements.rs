//! Agreements, their versions, and what those name.
//!
//! What a version says is one document, because it is written, frozen and read as one. Beside it stand tables of what
//! it names, so that a foreign key holds every name to the provider's own catalogue and a filter finds it by index.

use sea_orm_migration::prelude::*;

use crate::table::{
    create, drop, flag, index, keyed, number, optional_text, optional_uuid, optional_wide, owned, reference, text,
    unique, uuid,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const TABLES: [&str; 6] =
    ["agreement", "agreement_terms", "terms_service", "terms_tier", "terms_calendar", "obligation"];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            agreement(),
            terms(),
            terms_service(),
            named("terms_tier", "tier_id", "sla_tier"),
            named("terms_calendar", "calendar_id", "calendar"),
            obligation(),
        ];
        let indexes = vec![
            unique("agreement", &["number"]),
            index("agreement", &["client_id", "number"]),
            unique("agreement_terms", &["agreement_id", "version"]),
            index("terms_service", &["service_id"]),
            index("terms_tier", &["tier_id"]),
            index("terms_calendar", &["calendar_id"]),
            unique("obligation", &["terms_id", "code"]),
        ];
        create(manager, tables, indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &TABLES).await
    }
}

fn agreement() -> TableCreateStatement {
    owned("agreement")
        .col(text("number"))
        .col(text("title"))
        .col(uuid("client_id"))
        .col(text("currency"))
        .col(number("revision"))
        .col(flag("offered"))
        .col(ColumnDef::new("accepted_version").integer().null())
        .col(optional_uuid("current_terms"))
        .col(optional_text("ends_on"))
        .col(optional_wide("ends_at"))
        .foreign_key(&mut reference("agreement", "client_id", "client"))
        .to_owned()
}

fn terms() -> TableCreateStatement {
    owned("agreement_terms")
        .col(uuid("agreement_id"))
        .col(number("version"))
        .col(text("stage"))
        .col(optional_text("effective_from"))
        .col(optional_text("effective_until"))
        .col(optional_wide("begins_at"))
        .col(optional_wide("ends_at"))
        .col(optional_wide("offered_at"))
        .col(optional_text("accepted_by"))
        .col(optional_wide("accepted_at"))
        .col(optional_wide("withdrawn_at"))
        .col(optional_text("withdrawn_reason"))
        .col(text("sections"))
        .foreign_key(&mut reference("agreement_terms", "agreement_id", "agreement"))
        .to_owned()
}

fn terms_service() -> TableCreateStatement {
    keyed("terms_service", &["terms_id", "role", "service_id"])
        .col(uuid("terms_id"))
        .col(text("role"))
        .col(uuid("service_id"))
        .foreign_key(&mut reference("terms_service", "terms_id", "agreement_terms"))
        .foreign_key(&mut reference("terms_service", "service_id", "service"))
        .to_owned()
}

/// A table of what versions name: tiers or calendars.
fn named(table: &'static str, column: &'static str, to: &'static str) -> TableCreateStatement {
    keyed(table, &["terms_id", column])
        .col(uuid("terms_id"))
        .col(uuid(column))
        .foreign_key(&mut reference(table, "terms_id", "agreement_terms"))
        .foreign_key(&mut reference(table, column, to))
        .to_owned()
}

fn obligation() -> TableCreateStatement {
    owned("obligation")
        .col(uuid("terms_id"))
        .col(text("code"))
        .foreign_key(&mut reference("obligation", "terms_id", "agreement_terms"))
        .to_owned()
}
