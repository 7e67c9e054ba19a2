//! Tokens that are taken no more. Rows are only ever added.

use sea_orm::entity::prelude::*;

/// Tokens that are taken no more. Rows are only ever added.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "revocation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What `name` is: TOKEN (a `jti`), SUBJECT or SOFTWARE (a `client_id`).
    pub kind: String,
    pub name: String,
    /// Only tokens issued before; none for a TOKEN.
    pub issued_before: Option<i64>,
    pub reason: String,
    pub revoked_by: String,
    pub revoked_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
