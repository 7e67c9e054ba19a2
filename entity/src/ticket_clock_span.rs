//! How a clock of a ticket stood before it was opened again under another target, or after it was judged.

use sea_orm::entity::prelude::*;

/// How a clock of a ticket stood before it was opened again under another target, or after it was judged.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ticket_clock_span")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub ticket_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub milestone: String,
    /// Counted from 0 in order of time.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    pub agreement_id: Uuid,
    pub priority: String,
    pub attainment: String,
    pub from_at: i64,
    pub until_at: i64,
    /// MET or BREACHED; none: it went on under another target, or was cancelled.
    pub judged: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
