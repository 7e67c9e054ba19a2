//! A service that a package holds.

use sea_orm::entity::prelude::*;

/// A service that a package holds.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "service_component")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub package_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub component_id: Uuid,
    /// Place in the list, from 0.
    pub place: i32,
}

impl ActiveModelBehavior for ActiveModel {}
