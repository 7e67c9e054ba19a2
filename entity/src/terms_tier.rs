//! Which tiers a version names.

use sea_orm::entity::prelude::*;

/// Which tiers a version names.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "terms_tier")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub terms_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub tier_id: Uuid,
}

impl ActiveModelBehavior for ActiveModel {}
