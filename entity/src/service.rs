//! What a provider sells.

use sea_orm::entity::prelude::*;

/// What a provider sells.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "service")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub code: String,
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub description: String,
    /// A `ServiceKind` word.
    pub kind: String,
    pub unit: String,
    pub retired: bool,
}

impl ActiveModelBehavior for ActiveModel {}
