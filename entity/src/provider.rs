//! A managed service provider; its id is the token's `provider` claim.

use sea_orm::entity::prelude::*;

/// A managed service provider; its id is the token's `provider` claim.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "provider")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub created_at: i64,
    pub catalogue_revision: i64,
}

impl ActiveModelBehavior for ActiveModel {}
