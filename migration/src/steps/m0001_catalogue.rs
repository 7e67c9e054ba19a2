//! Providers and what they sell: services, SLA tiers, calendars.
//!
//! Tiers and calendars are two tables each: what all revisions share, and the revisions, which terms pin.

use sea_orm_migration::prelude::*;

use crate::table::{create, drop, flag, keyed, number, owned, reference, text, unique, uuid, wide};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

const TABLES: [&str; 7] =
    ["provider", "service", "service_component", "sla_tier", "sla_tier_revision", "calendar", "calendar_revision"];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let provider = Table::create()
            .table("provider")
            .col(ColumnDef::new("id").string_len(64).not_null().primary_key())
            .col(wide("created_at"))
            .to_owned();
        let mut tables = vec![provider];
        tables.extend(services());
        tables.extend(tiers());
        tables.extend(calendars());
        let indexes = vec![
            unique("service", &["code"]),
            unique("sla_tier", &["code"]),
            unique("sla_tier_revision", &["tier_id", "revision"]),
            unique("calendar", &["code"]),
            unique("calendar_revision", &["calendar_id", "revision"]),
        ];
        create(manager, tables, indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &TABLES).await
    }
}

fn services() -> [TableCreateStatement; 2] {
    let service = owned("service")
        .col(text("code"))
        .col(text("name"))
        .col(text("description"))
        .col(text("kind"))
        .col(text("unit"))
        .col(flag("retired"))
        .to_owned();
    let component = keyed("service_component", &["package_id", "component_id"])
        .col(uuid("package_id"))
        .col(uuid("component_id"))
        .col(number("place"))
        .foreign_key(&mut reference("service_component", "package_id", "service"))
        .foreign_key(&mut reference("service_component", "component_id", "service"))
        .to_owned();
    [service, component]
}

fn tiers() -> [TableCreateStatement; 2] {
    let tier = owned("sla_tier")
        .col(text("code"))
        .col(text("name"))
        .col(number("revision"))
        .col(text("description"))
        .to_owned();
    let revision = owned("sla_tier_revision")
        .col(uuid("tier_id"))
        .col(number("revision"))
        .col(text("definition"))
        .foreign_key(&mut reference("sla_tier_revision", "tier_id", "sla_tier"))
        .to_owned();
    [tier, revision]
}

fn calendars() -> [TableCreateStatement; 2] {
    let calendar = owned("calendar")
        .col(text("code"))
        .col(text("name"))
        .col(number("revision"))
        .col(flag("staffed"))
        .col(text("exceptions"))
        .col(wide("exceptions_revision"))
        .to_owned();
    let revision = owned("calendar_revision")
        .col(uuid("calendar_id"))
        .col(number("revision"))
        .col(text("hours"))
        .foreign_key(&mut reference("calendar_revision", "calendar_id", "calendar"))
        .to_owned();
    [calendar, revision]
}
