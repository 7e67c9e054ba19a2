//! Whether what was promised was kept, by the outages, backup runs, measurements and tickets that were recorded (Q1, Q2,
//! Q7–Q10).
//!
//! Windows follow from the calendar ([`windows`]); each is judged as a whole, within the time in which the terms are in
//! force. What nobody recorded is not known, and is never taken for kept.

mod availability;
mod backup;
mod credit;
mod fact;
mod performance;
mod recovery;
mod report;
#[cfg(test)]
mod tests;
mod window;

pub use availability::{Availability, Maintenance, Measured, Outage, availability};
pub use backup::{BackupRun, Backups, Looked, Part, backups, gaps_of};
pub use credit::{Earned, deepest, earned};
pub use fact::{Fact, FactError, Kept, take};
pub use performance::{Measurement, Performance, performance};
pub use recovery::{Mending, Recovery, mending};
pub use report::{
    Asked, Judged, JudgedAvailability, availability_outcome, backup_outcome, performance_outcome, state_of, together,
};
pub use window::{Days, windows};
