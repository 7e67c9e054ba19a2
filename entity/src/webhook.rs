//! Where a provider's changes are delivered to.

use sea_orm::entity::prelude::*;

/// Where a provider's changes are delivered to.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub code: String,
    pub url: String,
    #[sea_orm(column_type = "Text")]
    pub description: String,
    /// JSON list of the kinds of object it is for; empty: all.
    pub subjects: String,
    /// JSON list of the events it is for, `terms.activated` or `terms.*`; empty: all.
    pub events: String,
    /// What is sent of each change, a GraphQL selection.
    pub selection: Option<String>,
    /// What the selection may read: scopes with blanks between.
    pub scopes: String,
    pub paused: bool,
    /// The place in the feed up to which changes were taken up.
    pub epoch: i64,
    pub transaction_id: i64,
    pub sequence: i64,
    /// How many attempts failed since the last one that did not.
    pub failures: i32,
    /// When the first of them was.
    pub failing_since: Option<i64>,
    pub made_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
