//! What is promised by when: tiers of targets, their deadlines, and the clocks of tickets (S1–S10).

pub mod clock;
mod deadline;
#[cfg(test)]
mod tests;
mod tier;

pub use deadline::ClockSegment;
pub use tier::{
    CreditStep, EscalationStep, Limit, Opening, Target, Tier, TierError, TierParts, UpdateCadence, WaitingRule,
};
