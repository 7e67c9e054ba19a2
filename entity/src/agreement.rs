//! What a provider and a client have agreed, through all its versions.

use sea_orm::entity::prelude::*;

/// What a provider and a client have agreed, through all its versions.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "agreement")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub number: String,
    pub title: String,
    pub client_id: Uuid,
    /// Code and minor digits, `EUR2`.
    pub currency: String,
    /// Goes up with every change.
    pub revision: i32,
    /// Whether an offer stands open.
    pub offered: bool,
    /// The newest accepted version.
    pub accepted_version: Option<i32>,
    /// The newest accepted version, or while there is none the newest that was not withdrawn.
    pub current_terms: Option<Uuid>,
    /// Last day of the newest accepted version, as things stand.
    pub ends_on: Option<String>,
    /// First instant after that day.
    pub ends_at: Option<i64>,
    /// First day after it was terminated.
    pub terminated_on: Option<String>,
    /// First instant of that day.
    pub terminated_at: Option<i64>,
    pub termination_reason: Option<String>,
    /// Of terms that renew by themselves, the month of the first end: twelve times the year, and the month from 0.
    pub renews_month: Option<i32>,
    /// The day of the month of every end, or the last of a shorter month.
    pub renews_day: Option<i32>,
    /// Months from one end to the next.
    pub renews_every: Option<i32>,
    /// Whether blocks of hours were put for it.
    pub has_prepaid: bool,
    /// Whether it was ever suspended.
    pub was_suspended: bool,
    /// Goes up with every word on its obligations; 0: nothing was said of them.
    pub status_revision: i32,
}

impl ActiveModelBehavior for ActiveModel {}
