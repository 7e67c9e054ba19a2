//! A time in which nothing of an agreement holds.

use sea_orm::entity::prelude::*;

/// A time in which nothing of an agreement holds.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "agreement_suspension")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub agreement_id: Uuid,
    /// First day without the agreement.
    pub from_on: String,
    /// First instant of that day.
    pub from_at: i64,
    /// First day with it again.
    pub until_on: Option<String>,
    /// First instant of that day.
    pub until_at: Option<i64>,
    pub reason: String,
}

impl ActiveModelBehavior for ActiveModel {}
