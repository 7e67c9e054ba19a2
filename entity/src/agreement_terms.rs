//! One version of what was agreed; never changed once offered.

use sea_orm::entity::prelude::*;

/// One version of what was agreed; never changed once offered.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "agreement_terms")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub agreement_id: Uuid,
    /// Counted from 1.
    pub version: i32,
    /// DRAFT, OFFERED, ACCEPTED or WITHDRAWN.
    pub stage: String,
    /// First day.
    pub effective_from: Option<String>,
    /// Last day, as written.
    pub effective_until: Option<String>,
    /// First instant, once the calendar is pinned.
    pub begins_at: Option<i64>,
    /// Last day as things stand, renewals by hand included; none: open-ended or renewing by itself.
    pub ends_on: Option<String>,
    /// First instant after the last day.
    pub ends_at: Option<i64>,
    pub offered_at: Option<i64>,
    pub accepted_by: Option<String>,
    pub accepted_at: Option<i64>,
    pub withdrawn_at: Option<i64>,
    pub withdrawn_reason: Option<String>,
    /// JSON of the domain's `Sections`.
    #[sea_orm(column_type = "Text")]
    pub sections: String,
}

impl ActiveModelBehavior for ActiveModel {}
