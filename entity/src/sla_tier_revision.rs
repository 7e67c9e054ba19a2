//! One revision of a tier: what terms pin. Never changed.

use sea_orm::entity::prelude::*;

/// One revision of a tier: what terms pin. Never changed.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sla_tier_revision")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub tier_id: Uuid,
    /// Counted from 1.
    pub revision: i32,
    /// JSON of the domain's `Tier`.
    #[sea_orm(column_type = "Text")]
    pub definition: String,
}

impl ActiveModelBehavior for ActiveModel {}
