//! Why a version was accepted although it guarantees more than history supports.

use sea_orm::entity::prelude::*;

/// Why a version was accepted although it guarantees more than history supports.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "terms_overpromise")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub terms_id: Uuid,
    pub reason: String,
    pub said_by: String,
    pub at: i64,
    /// JSON: the promises it is about, each with its clause, its words and why it is beyond history.
    pub promises: String,
}

impl ActiveModelBehavior for ActiveModel {}
