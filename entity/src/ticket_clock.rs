//! How a clock of a ticket stands; follows from the ticket, the terms and the obligations.

use sea_orm::entity::prelude::*;

/// How a clock of a ticket stands; follows from the ticket, the terms and the obligations.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ticket_clock")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub ticket_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub milestone: String,
    /// The ticket's.
    pub client_id: Uuid,
    /// The ticket's.
    pub agreement_id: Uuid,
    /// The ticket's.
    pub opened_at: i64,
    /// The priority of the target it goes by.
    pub priority: String,
    /// The share of tickets that must meet the target.
    pub attainment: String,
    /// RUNNING, PAUSED, MET, BREACHED or CANCELLED, as of the ticket's `told_at`. A RUNNING one whose `due` has passed since is breached.
    pub state: String,
    /// None while it is held.
    pub due: Option<i64>,
    /// Since when it is open under its target.
    pub span_from: i64,
    /// When it was judged, or ended without.
    pub ended_at: Option<i64>,
    /// When its milestone came, or it ended without; none: that is still to come.
    pub stopped_at: Option<i64>,
    /// Counted time that waiting took out, in microseconds.
    pub waited: i64,
    /// Counted time that unmet obligations took out, in microseconds.
    pub suspended: i64,
    /// JSON of which obligations those were, and how much each took out; none: none did.
    pub suspended_by: Option<String>,
    /// The percentage of its target's time whose using up was told last; 0: none.
    pub told_percent: i32,
}

impl ActiveModelBehavior for ActiveModel {}
