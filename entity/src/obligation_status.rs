//! What was recorded of an obligation: how it stands, since when, and whose word that is.

use sea_orm::entity::prelude::*;

/// What was recorded of an obligation: how it stands, since when, and whose word that is.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "obligation_status")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub agreement_id: Uuid,
    /// The obligation's, the same in all versions.
    pub code: String,
    /// MET, UNMET, WAIVED or UNKNOWN.
    pub state: String,
    pub since: i64,
    /// Of a waiver, the first instant without it.
    pub until: Option<i64>,
    /// RECORDED, ATTESTED, CONFIRMED or REJECTED.
    pub status: String,
    pub evidence: Option<String>,
    pub recorded_by: String,
    pub recorded_at: i64,
    pub judged_by: Option<String>,
    pub judged_at: Option<i64>,
    pub judgement: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
