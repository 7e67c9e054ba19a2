//! Deliveries of one subject to one webhook: when the next is due, and who is at it.

use sea_orm::entity::prelude::*;

/// Deliveries of one subject to one webhook: when the next is due, and who is at it. There while one is pending.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_lane")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub webhook_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_id: Uuid,
    pub due_at: i64,
    /// Who is at it.
    pub lease: Option<Uuid>,
    /// Until when nobody else takes it, by the database's clock; then whoever was at it is taken for dead.
    pub leased_until: i64,
}

impl ActiveModelBehavior for ActiveModel {}
