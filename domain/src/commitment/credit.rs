//! What an availability that fell short earns (Q2, R9).

use crate::{
    decimal::Percent,
    share::Share,
    sla::CreditStep,
    terms::{AvailabilityCommitment, CreditTrigger},
    time::Duration,
    words::PromiseStrength,
};

use super::Availability;

/// A credit that is earned, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earned {
    /// In percent of the period's recurring fee.
    pub credit: Percent,
    /// Why, in words.
    pub why: String,
}

/// The deepest step that holds an attainment: from its lower end, included, to its upper end, not included.
#[must_use]
pub fn deepest(steps: &[CreditStep], attained: Share) -> Option<&CreditStep> {
    let holds =
        |step: &&CreditStep| step.from.is_none_or(|from| attained.reaches(from)) && !attained.reaches(step.below);
    steps.iter().filter(holds).min_by_key(|step| step.below)
}

/// What a window earns: by the deepest step, by each trigger that it completes, and for each stretch of downtime beyond
/// what is allowed. Best efforts earn nothing.
///
/// - `before`: the attainments of the windows before it, the one right before it last; none of one that is not known.
#[must_use]
pub fn earned(commitment: &AvailabilityCommitment, window: &Availability, before: &[Option<Share>]) -> Vec<Earned> {
    let Some(attained) = window.attained().filter(|_| commitment.strength != PromiseStrength::BestEffort) else {
        return Vec::new();
    };
    let step = deepest(&commitment.credits, attained).map(|step| Earned {
        credit: step.credit,
        why: format!("{} % was reached, below {} %", attained.percent(), step.below),
    });
    let completed = |trigger: &CreditTrigger| {
        let is_bad = |share: &Share| !share.exceeds(trigger.at_most);
        let within = usize::try_from(trigger.within_periods.get()).unwrap_or(usize::MAX);
        let earlier =
            before.iter().rev().take(within.saturating_sub(1)).flatten().filter(|share| is_bad(share)).count();
        let times = earlier + usize::from(is_bad(&attained));
        let completes = is_bad(&attained) && times >= usize::try_from(trigger.times.get()).unwrap_or(usize::MAX);
        completes.then(|| Earned {
            credit: trigger.credit,
            why: format!("at most {} % in {times} of {within} windows in a row", trigger.at_most),
        })
    };
    let triggers = commitment.credit_triggers.iter().filter_map(completed);
    let per = commitment.credit_per.and_then(|per| {
        let over = window.downtime.minus(window.allowed).max(Duration::ZERO);
        let stretches = over.micros().unsigned_abs().div_ceil(per.each.micros().max(1).unsigned_abs());
        let credit = Percent::from_parts(per.credit.parts().saturating_mul(stretches));
        (stretches > 0).then(|| Earned { credit, why: format!("{over} of downtime beyond what is allowed") })
    });
    step.into_iter().chain(triggers).chain(per).collect()
}
