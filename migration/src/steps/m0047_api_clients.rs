//! Software that gets its tokens from this server, and its secrets.

use sea_orm_migration::prelude::*;

use crate::table::{
    create, drop, index, number, optional_uuid, optional_wide, owned, reference, text, unique, uuid, wide,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let client = owned("api_client")
            .col(text("code"))
            .col(text("name"))
            .col(text("scopes"))
            .col(optional_uuid("client_id"))
            .col(number("token_seconds"))
            .col(wide("created_at"))
            .col(optional_wide("expires_at"))
            .col(optional_wide("disabled_at"))
            .foreign_key(&mut reference("api_client", "client_id", "client"))
            .to_owned();
        let secret = owned("api_secret")
            .col(uuid("api_client_id"))
            .col(text("hash"))
            .col(wide("created_at"))
            .col(optional_wide("expires_at"))
            .col(optional_wide("last_used_at"))
            .foreign_key(&mut reference("api_secret", "api_client_id", "api_client"))
            .to_owned();
        let indexes = vec![unique("api_client", &["code"]), index("api_secret", &["api_client_id"])];
        create(manager, vec![client, secret], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["api_client", "api_secret"]).await
    }
}
