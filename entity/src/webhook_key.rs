//! What a webhook's messages are signed by.

use std::fmt;

use sea_orm::entity::prelude::*;

/// A text that is not shown.
#[derive(Clone, PartialEq, Eq, DeriveValueType)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// What a webhook's messages are signed by.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub webhook_id: Uuid,
    /// Whoever has it can sign: `whsec_…` or `whsk_…`.
    pub secret: Secret,
    pub made_at: i64,
    /// The first instant at which it signs no more; none for the newest.
    pub until: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
