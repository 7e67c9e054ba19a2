//! Tokens that are taken no more.

use sea_orm_migration::prelude::*;

use crate::table::{create, drop, index, optional_wide, owned, text, wide};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let revocation = owned("revocation")
            .col(text("kind"))
            .col(text("name"))
            .col(optional_wide("issued_before"))
            .col(text("reason"))
            .col(text("revoked_by"))
            .col(wide("revoked_at"))
            .to_owned();
        create(manager, vec![revocation], vec![index("revocation", &["kind", "name"])]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["revocation"]).await
    }
}
