//! The rows Remit keeps, one file a table; nothing here is an API type.
//!
//! Every row belongs to a provider: `provider_id` leads each primary key and goes with every foreign key, so that a row
//! of one provider cannot reference another's. How values are kept:
//!
//! | value | column |
//! |---|---|
//! | id | UUIDv7 |
//! | instant | integer, microseconds since 1970-01-01T00:00Z |
//! | date | text, `2026-12-25` |
//! | month | integer, months since the beginning of the year 0 |
//! | duration | integer, microseconds |
//! | what was agreed (sections, targets, hours) | text, JSON of the domain's types: rates, percentages and factors are decimal text, fees integer minor units |
//!
//! To add a table: a file here, a step in `migration`, and the two lines in the test that compares them.
#![allow(missing_docs, reason = "the columns and relations that the derive makes carry no docs")]

pub mod agreement;
pub mod agreement_suspension;
pub mod agreement_terms;
pub mod api_client;
pub mod api_secret;
pub mod audit;
pub mod billing_period;
pub mod calendar;
pub mod calendar_revision;
pub mod change;
pub mod change_floor;
pub mod charge;
pub mod client;
pub mod external_ref;
pub mod fact;
pub mod feed;
pub mod kept_answer;
pub mod obligation;
pub mod obligation_status;
pub mod prepaid_hours;
pub mod provider;
pub mod revocation;
pub mod service;
pub mod service_component;
pub mod sla_tier;
pub mod sla_tier_revision;
pub mod terms_calendar;
pub mod terms_overpromise;
pub mod terms_renewal;
pub mod terms_service;
pub mod terms_tier;
pub mod ticket;
pub mod ticket_clock;
pub mod ticket_clock_span;
pub mod time_entry;
pub mod watched_subject;
pub mod webhook;
pub mod webhook_delivery;
pub mod webhook_key;
pub mod webhook_lane;
