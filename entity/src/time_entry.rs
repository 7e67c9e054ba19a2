//! Time that somebody worked, in its newest version.

use sea_orm::entity::prelude::*;

/// Time that somebody worked, in its newest version.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "time_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The system that it comes from.
    pub system: String,
    /// What that system calls it.
    pub external_id: String,
    pub client_id: Uuid,
    pub agreement_id: Option<Uuid>,
    /// Where the ticket comes from that it was for.
    pub ticket_system: Option<String>,
    /// What the ticket is called there; it may not be recorded yet.
    pub ticket_external_id: Option<String>,
    /// Whether its client and agreement are those of the ticket.
    pub by_ticket: bool,
    pub service_id: Option<Uuid>,
    pub priority: Option<String>,
    pub role: String,
    pub technician: Option<String>,
    pub work_kind: Option<String>,
    pub started_at: i64,
    pub ended_at: i64,
    /// JSON: what of that was no work, as pairs of instants.
    pub breaks: String,
    /// BY_TERMS, NO_CHARGE or NOT_BILLABLE.
    pub billing: String,
    pub times_known: bool,
    pub approved_by: Option<String>,
    pub note: Option<String>,
    /// The source's time of this version.
    pub changed_at: Option<i64>,
    pub deleted: bool,
    /// The billing period it belongs to.
    pub month: Option<i32>,
    /// JSON: how it is rated.
    pub segments: String,
    pub recorded_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
