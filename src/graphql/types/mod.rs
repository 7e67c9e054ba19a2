//! The objects of the API, a file a type or a section.

mod agreement;
mod availability;
mod calendar;
mod change;
mod client;
mod commitments;
mod coverage;
mod document;
mod life;
mod obligation;
mod promises;
mod sections;
mod service;
mod sla;
mod terms;
mod ticket;
mod tier;
mod values;
mod viewer;

pub(crate) use agreement::AgreementNode;
pub(crate) use calendar::CalendarNode;
pub(crate) use change::{ChangeConnection, SubjectType};
pub(crate) use client::ClientNode;
pub(crate) use coverage::CoverageDecision;
pub(crate) use obligation::{ObligationNode, StatusNode};
pub(crate) use service::ServiceNode;
pub(crate) use sla::{SlaClock, SlaReport};
pub(crate) use terms::TermsNode;
pub(crate) use ticket::TicketNode;
pub(crate) use tier::TierNode;
pub(crate) use values::{Money, rate};
pub(crate) use viewer::Viewer;
