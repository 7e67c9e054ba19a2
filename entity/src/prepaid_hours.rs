//! A block of hours bought on top of those in the fee.

use sea_orm::entity::prelude::*;

/// A block of hours bought on top of those in the fee.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "prepaid_hours")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub agreement_id: Uuid,
    /// What it is called; unique per agreement.
    pub code: String,
    /// Microseconds.
    pub hours: i64,
    /// The first day on which it can be used.
    pub from_on: String,
    /// The last day on which it can be used.
    pub until_on: Option<String>,
    pub paid: bool,
    pub note: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
