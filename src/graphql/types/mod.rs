//! The objects of the API, a file a type or a section.

mod agreement;
mod availability;
mod billing_period;
mod calendar;
mod change;
mod charge;
mod client;
mod commitments;
mod coverage;
mod document;
mod life;
mod obligation;
mod promises;
mod sections;
mod service;
mod terms;
mod tier;
mod time_entry;
mod values;
mod viewer;

pub(crate) use agreement::AgreementNode;
pub(crate) use billing_period::BillingPeriodNode;
pub(crate) use calendar::CalendarNode;
pub(crate) use change::{ChangeConnection, SubjectType};
pub(crate) use charge::ChargeNode;
pub(crate) use client::ClientNode;
pub(crate) use coverage::CoverageDecision;
pub(crate) use obligation::{ObligationNode, StatusNode};
pub(crate) use service::ServiceNode;
pub(crate) use terms::TermsNode;
pub(crate) use tier::TierNode;
pub(crate) use time_entry::TimeEntryNode;
pub(crate) use values::{Money, rate};
pub(crate) use viewer::Viewer;
