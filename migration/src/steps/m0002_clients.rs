//! Clients, and what other systems call things.

use sea_orm_migration::prelude::*;

use crate::table::{create, drop, index, keyed, owned, text, unique, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let client = owned("client").col(text("code")).col(text("name")).col(text("time_zone")).to_owned();
        let external = keyed("external_ref", &["subject", "system", "external_id"])
            .col(text("subject"))
            .col(text("system"))
            .col(text("external_id"))
            .col(uuid("object_id"))
            .to_owned();
        let indexes = vec![unique("client", &["code"]), index("external_ref", &["subject", "object_id"])];
        create(manager, vec![client, external], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["client", "external_ref"]).await
    }
}
