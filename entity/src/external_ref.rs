//! What another system calls an object. The object is written in the same transaction, in the same scope.

use sea_orm::entity::prelude::*;

/// What another system calls an object. The object is written in the same transaction, in the same scope.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "external_ref")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    /// The kind of object: SERVICE, CLIENT, AGREEMENT.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub system: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub external_id: String,
    pub object_id: Uuid,
}

impl ActiveModelBehavior for ActiveModel {}
