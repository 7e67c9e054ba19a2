//! What was said about the end of a term: it was renewed by hand, or its renewal was declined.

use sea_orm::entity::prelude::*;

/// What was said about the end of a term: it was renewed by hand, or its renewal was declined.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "terms_renewal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub agreement_id: Uuid,
    pub terms_id: Uuid,
    /// RENEWED or DECLINED.
    pub kind: String,
    /// The last day that follows from it.
    pub ends_on: String,
    pub said_by: String,
    pub reason: Option<String>,
    pub at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
