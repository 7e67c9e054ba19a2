//! The steps from an empty database to the newest one, forward and back, on SQLite and on PostgreSQL.
//!
//! A step spells its tables out and never looks at `entity`, so that an old step means for ever what it meant when it
//! was written. To change a table: a new step at the end of the list; the old ones stay as they are. A test runs
//! every step up, down and up again on both databases and compares the outcome with `entity`.

#![allow(elided_lifetimes_in_paths, reason = "the trait spells its methods so")]

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

mod steps;
mod table;

/// All steps, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(steps::m0001_catalogue::Step),
            Box::new(steps::m0002_clients::Step),
            Box::new(steps::m0003_agreements::Step),
            Box::new(steps::m0004_changes::Step),
            Box::new(steps::m0005_life::Step),
            Box::new(steps::m0006_clock_changes::Step),
            Box::new(steps::m0010_feed_floor::Step),
            Box::new(steps::m0013_kept_answers::Step),
            Box::new(steps::m0015_webhooks::Step),
            Box::new(steps::m0020_tickets::Step),
            Box::new(steps::m0025_facts::Step),
            Box::new(steps::m0026_overpromise::Step),
            Box::new(steps::m0030_time::Step),
            Box::new(steps::m0031_prepaid_hours::Step),
            Box::new(steps::m0032_named_tickets::Step),
            Box::new(steps::m0035_credits::Step),
            Box::new(steps::m0036_suspended_by::Step),
            Box::new(steps::m0045_audit::Step),
            Box::new(steps::m0046_revocations::Step),
            Box::new(steps::m0047_api_clients::Step),
            Box::new(steps::m0048_catalogue_revision::Step),
            Box::new(steps::m0049_lighter_rows::Step),
            Box::new(steps::m0050_was_suspended::Step),
            Box::new(steps::m0051_status_revision::Step),
            Box::new(steps::m0052_lighter_trail::Step),
        ]
    }
}
