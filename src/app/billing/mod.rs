//! Time, what it is charged at, and the periods it is billed in.
//!
//! A write of time takes the agreements concerned, so that no two writes of one agreement cross. Within its transaction the
//! charges of every period that the change touches are found anew by `domain::billing` and held against those stored: what
//! is the same stays untouched, and closed periods get adjustments.

mod adjust;
mod blocks;
mod book;
mod by_ticket;
mod close;
mod credits;
mod decide;
mod invoice;
mod ledger;
mod lines;
mod made;
mod moved;
mod named;
mod periods;
mod recharge;
mod record;
mod rehearse;
mod rights;
mod roles;
mod standing;
mod statement;
mod together;

pub use blocks::PutPrepaidHours;
pub(super) use by_ticket::{TicketSays, WrittenTicket};
pub use close::ClosePeriod;
pub use invoice::{MarkInvoiced, ReleaseInvoice};
pub use lines::ChargeLine;
pub(super) use standing::StandingHours;
pub use statement::PeriodHours;

pub use record::{EntryResult, NewEntry, RecordEntry, RecordItem};
pub use rehearse::{Quote, RerateLine, Rerating};
pub use rights::TerminationRight;
pub(super) use together::Recordings;
