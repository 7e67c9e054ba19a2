//! What a request with a key of its caller's was answered.

use sea_orm::entity::prelude::*;

/// What a request with a key of its caller's was answered.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "kept_answer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    /// A hash of the key and of who sent it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// A hash of what was asked.
    pub request: String,
    /// The answer, sealed by the key: who reads the table does not read what was answered.
    pub answer: String,
    /// Microseconds since 1970-01-01T00:00Z.
    pub made_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
