//! The identity of an obligation within one version of the terms; what it says is in the version's sections.

use sea_orm::entity::prelude::*;

/// The identity of an obligation within one version of the terms; what it says is in the version's sections.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "obligation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub terms_id: Uuid,
    pub code: String,
}

impl ActiveModelBehavior for ActiveModel {}
