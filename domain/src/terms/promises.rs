//! What holds for all promises: who may call on them, what is owed when they are not kept, and how prices may rise.

use super::*;
use crate::billing::Month;
use crate::words::{CapBasis, Measure, PriceKind};

/// Somebody of the client's who may ask for service (V10).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedCaller {
    /// Who, as the tickets name them.
    pub name: String,
    /// For which services; empty: all.
    pub services: Vec<Code>,
    /// Whether they may ask for work that costs extra.
    pub may_approve: bool,
}

/// What holds for all service credits together (Q3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditPolicy {
    /// The most that a month's credits come to, in percent of its fee.
    pub month_cap: Option<Percent>,
    /// The most that a year's credits come to, in percent of `year_basis`.
    pub year_cap: Option<Percent>,
    /// What the year's cap is held against.
    pub year_basis: CapBasis,
    /// Days after the month within which a credit has to be claimed; none: it is due unasked.
    pub claim_within_days: Option<u32>,
}

impl CreditPolicy {
    /// The last day on which the credit of a month can be claimed; none: it is due unasked.
    #[must_use]
    pub fn claim_by(&self, month: Month) -> Option<Date> {
        let days = jiff::Span::new().try_days(self.claim_within_days?).ok()?;
        month.last().checked_add(days).ok()
    }
}

/// So many bad periods within so many earn a credit (Q2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditTrigger {
    /// A period is bad when its attainment is at most this.
    pub at_most: Percent,
    /// How many bad periods.
    pub times: NonZeroU32,
    /// Within how many in a row.
    pub within_periods: NonZeroU32,
    /// The credit, in percent of the period's fee.
    pub credit: Percent,
}

/// So many bad periods within so many allow a party to end the agreement (Q4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerminationTrigger {
    /// What it is called.
    pub title: String,
    /// Who may end the agreement.
    pub party: Party,
    /// What is measured.
    pub measure: Measure,
    /// A period is bad when the measure is below this.
    pub below: Percent,
    /// How many bad periods.
    pub times: NonZeroU32,
    /// Within how many in a row.
    pub within_periods: NonZeroU32,
    /// Days of notice.
    pub notice_days: u32,
}

/// How prices may rise from one version to the next (Q6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Indexation {
    /// By which index, in words: "consumer prices, Eurostat HICP".
    pub index: String,
    /// Which prices.
    pub applies_to: Vec<PriceKind>,
    /// The most that a price rises each time; none: as the index does.
    pub cap: Option<Percent>,
    /// Months between two rises.
    pub every_months: NonZeroU32,
}
