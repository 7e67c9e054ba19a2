//! What all revisions of a calendar share.

use sea_orm::entity::prelude::*;

/// What all revisions of a calendar share.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "calendar")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub code: String,
    pub name: String,
    /// The number of the newest revision.
    pub revision: i32,
    pub staffed: bool,
    /// JSON of the domain's exceptions.
    #[sea_orm(column_type = "Text")]
    pub exceptions: String,
    /// Goes up with every change of the exceptions.
    pub exceptions_revision: i64,
}

impl ActiveModelBehavior for ActiveModel {}
