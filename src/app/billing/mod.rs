//! Time, what it is charged at, and the periods it is billed in.
//!
//! A write of time takes the agreements concerned, so that no two writes of one agreement cross. Within its transaction the
//! charges of every period that the change touches are found anew by `domain::billing` and held against those stored: what
//! is the same stays untouched, and closed periods get adjustments.

mod book;
mod close;
mod decide;
mod invoice;
mod ledger;
mod made;
mod named;
mod periods;
mod recharge;
mod record;
mod standing;

pub use close::ClosePeriod;
pub use invoice::{MarkInvoiced, ReleaseInvoice};
pub(super) use standing::StandingHours;

pub use record::{EntryResult, NewEntry, Outcome as RecordOutcome, RecordEntry, RecordItem};
