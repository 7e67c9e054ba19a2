//! Since when somebody watches whether something of an agreement is there.

use sea_orm::entity::prelude::*;

/// Since when somebody watches whether something of an agreement is there.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "watched_subject")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub agreement_id: Uuid,
    /// The subject, as it is compared.
    pub about: String,
    /// The subject, as it is written.
    pub subject: String,
    pub since: i64,
    /// The first instant at which nobody does any more.
    pub until: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
