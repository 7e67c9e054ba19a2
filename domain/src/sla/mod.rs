//! What is promised by when: tiers of targets, and their deadlines (S1, S2).

mod deadline;
#[cfg(test)]
mod tests;
mod tier;

pub use deadline::ClockSegment;
pub use tier::{
    CreditStep, EscalationStep, Limit, Opening, Target, Tier, TierError, TierParts, UpdateCadence, WaitingRule,
};
