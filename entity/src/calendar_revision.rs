//! One revision of a calendar's zone, weekly hours and weekend: what terms pin. Never changed.

use sea_orm::entity::prelude::*;

/// One revision of a calendar's zone, weekly hours and weekend: what terms pin. Never changed.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "calendar_revision")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub calendar_id: Uuid,
    /// Counted from 1.
    pub revision: i32,
    /// JSON of the domain's hours.
    #[sea_orm(column_type = "Text")]
    pub hours: String,
}

impl ActiveModelBehavior for ActiveModel {}
