//! A client of the provider.

use sea_orm::entity::prelude::*;

/// A client of the provider.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "client")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub code: String,
    pub name: String,
    /// IANA name.
    pub time_zone: String,
}

impl ActiveModelBehavior for ActiveModel {}
