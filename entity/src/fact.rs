//! Something that was recorded and that commitments are held against: an outage, a backup run, a measurement.

use sea_orm::entity::prelude::*;

/// Something that was recorded and that commitments are held against: an outage, a backup run, a measurement.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "fact")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub agreement_id: Uuid,
    /// OUTAGE, BACKUP_RUN or MEASUREMENT.
    pub kind: String,
    /// Its subject or metric, as it is compared.
    pub about: String,
    pub begins_at: i64,
    pub ends_at: Option<i64>,
    /// What lists are ordered by: the beginning, then the id.
    pub place: String,
    /// JSON of the domain's `Fact`.
    pub body: String,
    /// The source's time of this version.
    pub changed_at: Option<i64>,
    /// It is there no more; what is left is told from older versions that come late.
    pub deleted: bool,
}

impl ActiveModelBehavior for ActiveModel {}
