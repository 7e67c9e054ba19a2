//! A ticket of a PSA: where it belongs, and everything that was told of it.

use sea_orm::entity::prelude::*;

/// A ticket of a PSA: where it belongs, and everything that was told of it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ticket")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What it comes from.
    pub system: String,
    /// What it is called there; found by both together.
    pub external_id: String,
    pub client_id: Uuid,
    /// None: the client had no agreement when it was opened.
    pub agreement_id: Option<Uuid>,
    /// Whether the agreement was chosen among the client's.
    pub agreement_chosen: bool,
    pub service_id: Option<Uuid>,
    pub opened_at: i64,
    /// Whether it is there no more; the row stays, for what is older and still to come.
    pub deleted: bool,
    /// JSON of the newest versions of the ticket and its events.
    pub document: String,
    /// The instant as of which its clocks were written and everything up to it was told.
    pub told_at: i64,
    /// When a clock of it changes by itself next; none: none does.
    pub next_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
