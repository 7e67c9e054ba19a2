//! One file a step.

pub(crate) mod m0001_catalogue;
pub(crate) mod m0002_clients;
pub(crate) mod m0003_agreements;
pub(crate) mod m0004_changes;
pub(crate) mod m0005_life;
pub(crate) mod m0006_clock_changes;
pub(crate) mod m0010_feed_floor;
pub(crate) mod m0013_kept_answers;
pub(crate) mod m0015_webhooks;
pub(crate) mod m0020_tickets;
pub(crate) mod m0025_facts;
pub(crate) mod m0026_overpromise;
pub(crate) mod m0030_time;
pub(crate) mod m0031_prepaid_hours;
pub(crate) mod m0032_named_tickets;
pub(crate) mod m0035_credits;
pub(crate) mod m0036_suspended_by;
pub(crate) mod m0045_audit;
pub(crate) mod m0046_revocations;
pub(crate) mod m0047_api_clients;
pub(crate) mod m0048_catalogue_revision;
pub(crate) mod m0049_lighter_rows;
pub(crate) mod m0050_was_suspended;
pub(crate) mod m0051_status_revision;
pub(crate) mod m0052_lighter_trail;
