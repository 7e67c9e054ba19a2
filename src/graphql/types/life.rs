//! What happens to agreements in the course of time.

use async_graphql::{Enum, SimpleObject};
use remit_domain::{lifecycle, words::RenewalKind};

use crate::{
    graphql::{
        scalars::{Date, DateTime},
        words::Word,
    },
    store::{self, RenewalRecord, SuspensionRecord},
};

/// What happens when a term ends.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Renewal {
    /// Whether another term begins by itself.
    kind: Word<RenewalKind>,
    /// Months of each further term.
    months: i32,
    /// Months of the first term, where its length is agreed and not its last day.
    first_term_months: Option<i32>,
    /// How many months before the end somebody has to say that there is to be none.
    notice_months: i32,
    /// Days, on top of the months.
    notice_days: i32,
}

impl From<lifecycle::Renewal> for Renewal {
    fn from(renewal: lifecycle::Renewal) -> Self {
        Self {
            kind: Word(renewal.kind),
            months: renewal.months.get().cast_signed(),
            first_term_months: renewal.first_term_months.map(|months| months.get().cast_signed()),
            notice_months: renewal.notice.months.cast_signed(),
            notice_days: renewal.notice.days.cast_signed(),
        }
    }
}

/// The term that runs, and what comes after it.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct CurrentTerm {
    /// Its last day.
    ends_on: Date,
    /// What happens then. Null: the agreement ends.
    renewal: Option<Word<RenewalKind>>,
    /// The last day on which it can be decided whether there is a next term. Null: nothing is to be decided.
    decide_by: Option<Date>,
    /// The last day of the next term, if there is one.
    next_ends_on: Option<Date>,
}

impl From<lifecycle::CurrentTerm> for CurrentTerm {
    fn from(term: lifecycle::CurrentTerm) -> Self {
        Self {
            ends_on: Date(term.ends_on),
            renewal: term.renewal.map(Word),
            decide_by: term.decide_by.map(Date),
            next_ends_on: term.next_ends_on.map(Date),
        }
    }
}

/// A time in which nothing of an agreement holds.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Suspension {
    /// The first day without the agreement.
    from: Date,
    /// The first day with it again. Null: not said yet.
    until: Option<Date>,
    /// Why.
    reason: String,
}

impl From<&SuspensionRecord> for Suspension {
    fn from(record: &SuspensionRecord) -> Self {
        Self { from: Date(record.from_on), until: record.until_on.map(Date), reason: record.reason.clone() }
    }
}

/// That an agreement was ended before its time.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Termination {
    /// The first day without the agreement.
    on: Date,
    /// Why.
    reason: String,
}

impl From<&store::Termination> for Termination {
    fn from(termination: &store::Termination) -> Self {
        Self { on: Date(termination.on), reason: termination.reason.clone() }
    }
}

/// That a draft or offer was taken back.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Withdrawal {
    /// When.
    pub(super) at: DateTime,
    /// Why.
    pub(super) reason: String,
}

/// What was said about the end of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum RenewalDecision {
    /// There is another term.
    Renewed,
    /// There is none.
    Declined,
}

/// What was said about the end of a term, and what follows.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct AgreementRenewal {
    /// What was said.
    decision: RenewalDecision,
    /// The last day that follows from it.
    ends_on: Date,
    /// Who said so.
    said_by: String,
    /// Why there is no other term.
    reason: Option<String>,
    /// When it was put down.
    at: DateTime,
}

impl From<&RenewalRecord> for AgreementRenewal {
    fn from(record: &RenewalRecord) -> Self {
        let (decision, reason) = match &record.decision {
            store::RenewalDecision::Renewed => (RenewalDecision::Renewed, None),
            store::RenewalDecision::Declined { reason } => (RenewalDecision::Declined, Some(reason.clone())),
        };
        Self {
            decision,
            ends_on: Date(record.ends_on),
            said_by: record.said_by.clone(),
            reason,
            at: DateTime(record.at),
        }
    }
}
