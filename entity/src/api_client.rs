//! Software that gets its tokens from this server.

use sea_orm::entity::prelude::*;

/// Software that gets its tokens from this server.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_client")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub code: String,
    pub name: String,
    /// What its tokens may allow, as words with blanks between.
    pub scopes: String,
    /// The one client that its tokens are bound to.
    pub client_id: Option<Uuid>,
    /// How long a token holds.
    pub token_seconds: i32,
    pub created_at: i64,
    /// From when on it gets no tokens.
    pub expires_at: Option<i64>,
    pub disabled_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
