//! Findings about targets that do not go together (L3).

use super::{Draft, Hit, accountability};
use crate::{
    sla::{EscalationStep, Limit, Target, Tier},
    words::{Milestone, PromiseStrength},
};

/// A more urgent ticket that is given more time.
pub(super) fn inverted(draft: &Draft<'_>) -> Vec<Hit> {
    pairs(draft, |urgent, other| {
        let same = urgent.milestone == other.milestone && urgent.priority < other.priority;
        (same && longer(urgent.limit, other.limit) == Some(true)).then(|| {
            format!(
                "The {} of {} may take longer than that of {}: {urgent}, {other}.",
                urgent.milestone, urgent.priority, other.priority
            )
        })
    })
}

/// An answer that may come when the ticket should be resolved already.
pub(super) fn response_after_resolution(draft: &Draft<'_>) -> Vec<Hit> {
    pairs(draft, |answer, fix| {
        let same = answer.priority == fix.priority
            && (answer.milestone, fix.milestone) == (Milestone::Response, Milestone::Resolution);
        let later = longer(fix.limit, answer.limit) == Some(false);
        (same && later).then(|| {
            format!("{} is answered {answer} and resolved {fix}: the answer may come no sooner.", answer.priority)
        })
    })
}

/// Response times that are all best effort, while something else is promised; else that is the finding.
pub(super) fn only_best_effort(draft: &Draft<'_>) -> Vec<Hit> {
    if !accountability::no_promises(draft).is_empty() {
        return Vec::new();
    }
    let soft = |tier: &Tier| tier.targets().iter().all(|target| target.strength == PromiseStrength::BestEffort);
    let tiers = draft.tiers.iter().filter(|(_, tier)| !tier.targets().is_empty() && soft(tier));
    tiers.map(|(path, _)| Hit { message: "Every response time is best effort.".into(), path: path.clone() }).collect()
}

pub(super) fn guarantee_of_all(draft: &Draft<'_>) -> Vec<Hit> {
    let all = crate::Percent::ALL;
    let firm = |strength: PromiseStrength| strength == PromiseStrength::Guarantee;
    let mut hits: Vec<Hit> = Vec::new();
    for (path, tier) in draft.tiers {
        let firm_ones = tier.targets().iter().filter(|target| firm(target.strength) && target.attainment == all);
        hits.extend(firm_ones.map(|target| Hit {
            message: format!("{} of {} is guaranteed for every ticket.", target.milestone, target.priority),
            path: path.clone(),
        }));
    }
    for (place, commitment) in draft.sections.availability.iter().enumerate() {
        if firm(commitment.strength) && commitment.percent == all {
            let message = format!("{} is guaranteed to be there all the time.", commitment.subject);
            hits.push(Hit { message, path: vec!["availability".into(), place.to_string()] });
        }
    }
    hits
}

/// Steps of escalation that come later than a step after them.
pub(super) fn escalation_order(draft: &Draft<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (path, tier) in draft.tiers {
        let steps = &tier.parts().escalations;
        let told = |(place, step): (usize, &EscalationStep)| {
            let late = |earlier: &&EscalationStep| {
                earlier.priority == step.priority && earlier.clock == step.clock && earlier.after >= step.after
            };
            let earlier = steps.iter().take(place).find(late)?;
            Some(format!("{} is brought in after {}, not before {}.", earlier.to, earlier.after, step.to))
        };
        hits.extend(steps.iter().enumerate().filter_map(told).map(|message| Hit { message, path: path.clone() }));
    }
    hits
}

/// Whether one limit gives more time than another; none where they cannot be compared.
fn longer(a: Limit, b: Limit) -> Option<bool> {
    match (a, b) {
        (Limit::Within { time: a, clock: of_a }, Limit::Within { time: b, clock: of_b }) if of_a == of_b => Some(a > b),
        (Limit::BusinessDays(a), Limit::BusinessDays(b)) => Some(a > b),
        _ => None,
    }
}

/// Tells of each target of a tier that something is wrong with beside another, for the same openings and hours: once, by the
/// first such other.
fn pairs(draft: &Draft<'_>, wrong: impl Fn(&Target, &Target) -> Option<String>) -> Vec<Hit> {
    let alike = |a: &Target, b: &Target| {
        a.opened_in == b.opened_in && a.channels == b.channels && a.delivery == b.delivery && a.calendar == b.calendar
    };
    let mut hits = Vec::new();
    for (path, tier) in draft.tiers {
        let targets = tier.targets();
        let told = |a: &Target| targets.iter().filter(|b| alike(a, b)).find_map(|b| wrong(a, b));
        hits.extend(targets.iter().filter_map(told).map(|message| Hit { message, path: path.clone() }));
    }
    hits
}
