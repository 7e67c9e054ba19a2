//! The secrets of API clients, as hashes.

use sea_orm::entity::prelude::*;

/// The secrets of API clients, as hashes.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_secret")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub api_client_id: Uuid,
    /// SHA-256 of the secret, base64url.
    pub hash: String,
    pub created_at: i64,
    /// From when on it is not taken.
    pub expires_at: Option<i64>,
    /// To the minute.
    pub last_used_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
