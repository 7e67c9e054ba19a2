//! What the server does without being asked.
//!
//! An entry point: it is given the clock, and hands instants down.

pub mod delivery;
mod upkeep;

pub use upkeep::{Upkeep, keep_house};
