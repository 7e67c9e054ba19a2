//! Which services a version names, and as what.

use sea_orm::entity::prelude::*;

/// Which services a version names, and as what.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "terms_service")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub terms_id: Uuid,
    /// INCLUDED, COMPONENT, EXCLUDED or GATED.
    #[sea_orm(primary_key, auto_increment = false)]
    pub role: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub service_id: Uuid,
}

impl ActiveModelBehavior for ActiveModel {}
