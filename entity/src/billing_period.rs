//! A month of an agreement: the hours it begins with, and that it is closed.

use sea_orm::entity::prelude::*;

/// A month of an agreement: the hours it begins with, and that it is closed.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "billing_period")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub agreement_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub month: i32,
    /// JSON: lots of hours left over from before.
    pub carried: String,
    pub closed_at: Option<i64>,
    pub closed_by: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
