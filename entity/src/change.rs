//! What happened, in the order (epoch, transaction_id, sequence).

use sea_orm::entity::prelude::*;

/// What happened, in the order (epoch, transaction_id, sequence).
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "change")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Goes up when the cluster's identity changes.
    pub epoch: i64,
    /// PostgreSQL's; 0 on SQLite, which has one writer.
    pub transaction_id: i64,
    pub sequence: i64,
    /// The kind of object.
    pub subject: String,
    pub subject_id: Uuid,
    /// CREATED, UPDATED or DELETED.
    pub kind: String,
    /// What happened in words of the subject, `terms.offered`.
    pub event: String,
    pub agreement_id: Option<Uuid>,
    pub client_id: Option<Uuid>,
    /// The clock of a ticket that it is about.
    pub milestone: Option<String>,
    /// Of a clock's warning, how much of the target is used up.
    pub percent: Option<i32>,
    pub at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
