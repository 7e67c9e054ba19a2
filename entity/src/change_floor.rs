//! The newest change of a kind that is no longer kept.

use sea_orm::entity::prelude::*;

/// The newest change of a kind that is no longer kept.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "change_floor")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    /// The kind of object.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
    pub epoch: i64,
    pub transaction_id: i64,
    pub sequence: i64,
}

impl ActiveModelBehavior for ActiveModel {}
