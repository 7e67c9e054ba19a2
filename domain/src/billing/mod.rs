//! What the work under an agreement comes to, period by period (R0, R4, R6–R9), and what falling short earns the client.
//!
//! [`replay`] is a function of what is known: the terms in the course of time, the newest versions of entries and tickets,
//! how the obligations stand, the prepaid blocks of hours. It gives for each billing period what was rated, what it is
//! charged at, and what became of the hours; never does it look at the order in which that became known (R7). What is
//! found for a period that is closed is held against what was billed for it ([`difference`]), and the difference is an
//! adjustment (R8).

mod account;
mod adjust;
mod charge;
mod credit;
mod credits;
mod entry;
mod fee;
mod judged;
mod lots;
mod month;
mod period;
mod rated;
mod reached;
mod reasons;
mod replay;
mod rights;
#[cfg(test)]
mod tests;

pub use account::{Account, Ground, VersionTerms};
pub use adjust::{Figures, difference};
pub use charge::{Charge, HourDraw, Key};
pub use credit::{Attained, Cap, Credit, Earned, Earning, Earnings, YearCap, credit, earned};
pub use credits::{Happened, period_credits};
pub use entry::{Entry, NamedTicket, TicketFacts};
pub use fee::Fee;
pub use lots::{BlockId, Lot, LotOrigin, PoolLine, PrepaidBlock, ledger, left};
pub use month::{Month, MonthError};
pub use period::{Period, Periods};
pub use rated::{RatedPeriod, rate_period};
pub use reached::{Observed, looked_at};
pub use reasons::{adjustment_reasons, charge_reasons};
pub use replay::{Replayed, replay};
pub use rights::{JudgedTicket, Record, Right, TriggerMonth, looked_at_by_triggers, rights};
