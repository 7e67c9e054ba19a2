//! A change on its way to a webhook, or arrived, or given up.

use sea_orm::entity::prelude::*;

/// A change on its way to a webhook, or arrived, or given up. It holds what the feed said, which may be forgotten there.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_delivery")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub webhook_id: Uuid,
    /// The row of the feed; of what the feed does not hold, an id of its own.
    pub change_id: Uuid,
    pub epoch: i64,
    pub transaction_id: i64,
    pub sequence: i64,
    /// The kind of object; none: it tells of the feed itself.
    pub subject: Option<String>,
    /// Deliveries of one subject go one after another.
    pub subject_id: Uuid,
    pub kind: Option<String>,
    pub event: String,
    pub agreement_id: Option<Uuid>,
    pub client_id: Option<Uuid>,
    pub milestone: Option<String>,
    pub percent: Option<i32>,
    pub at: i64,
    /// PENDING, DELIVERED or DEAD.
    pub state: String,
    pub queued_at: i64,
    /// How many attempts failed since it was queued.
    pub failures: i32,
    /// When it arrived or was given up.
    pub settled_at: Option<i64>,
    /// JSON list of the attempts, oldest first.
    #[sea_orm(column_type = "Text")]
    pub attempts: String,
}

impl ActiveModelBehavior for ActiveModel {}
