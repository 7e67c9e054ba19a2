//! The one row that counts changes and knows the cluster they are counted on.

use sea_orm::entity::prelude::*;

/// The one row that counts changes and knows the cluster they are counted on.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "feed")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    pub epoch: i64,
    /// Identity of the database cluster.
    pub cluster: String,
    pub last_sequence: i64,
}

impl ActiveModelBehavior for ActiveModel {}
