//! What the server does without being asked.
//!
//! An entry point: it is given the clock, and hands instants down.

mod clocks;
pub mod delivery;
mod upkeep;

pub use clocks::watch_clocks;
pub use upkeep::{Upkeep, keep_house};
