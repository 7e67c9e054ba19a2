//! Who did what to what. Rows are only ever added: triggers refuse everything else.

use sea_orm::entity::prelude::*;

/// Who did what to what. Rows are only ever added: triggers refuse everything else.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    /// In the order of time: a UUIDv7 made of `at`, to the microsecond.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub at: i64,
    /// What was done in words of the object, `terms.offered`.
    pub event: String,
    /// The kind of object.
    pub object: String,
    pub object_id: Uuid,
    /// What was done in detail, where the object does not show it.
    pub detail: Option<String>,
    /// The token's subject.
    pub actor: String,
    /// The calling software.
    pub client_id: String,
    /// The token's own id.
    pub jti: Option<String>,
    /// The code of the client that the token is bound to.
    pub bound_to: Option<String>,
    /// The request's id, as it came back with the answer.
    pub request_id: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
