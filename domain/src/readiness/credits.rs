//! Findings about the steps of service credits.

use super::{Draft, Hit, Path};
use crate::sla::CreditStep;

pub(super) fn overlap(draft: &Draft<'_>) -> Vec<Hit> {
    each_ladder(draft, |steps| {
        let overlapping = |a: &CreditStep, b: &CreditStep| match (a.from, b.from) {
            (Some(from_a), Some(from_b)) => from_a < b.below && from_b < a.below,
            _ => a.below == b.below,
        };
        pairs(steps)
            .find(|(a, b)| overlapping(a, b))
            .map(|(a, b)| format!("The steps below {} and below {} overlap.", a.below, b.below))
    })
}

pub(super) fn order(draft: &Draft<'_>) -> Vec<Hit> {
    each_ladder(draft, |steps| {
        let deeper_earns_less = |a: &CreditStep, b: &CreditStep| match a.below.cmp(&b.below) {
            std::cmp::Ordering::Greater => b.credit <= a.credit,
            std::cmp::Ordering::Less => a.credit <= b.credit,
            std::cmp::Ordering::Equal => false,
        };
        let wrong = pairs(steps).find(|(a, b)| deeper_earns_less(a, b));
        wrong.map(|(a, b)| format!("Below {} earns {} %, below {} earns {} %.", a.below, a.credit, b.below, b.credit))
    })
}

/// An attainment between two steps that neither holds, as "98.9 to 99" of steps that say 95–98.9 and 99–99.9.
pub(super) fn gap(draft: &Draft<'_>) -> Vec<Hit> {
    each_ladder(draft, |steps| {
        let mut sorted: Vec<&CreditStep> = steps.iter().collect();
        sorted.sort_by_key(|step| step.below);
        let between = sorted.iter().zip(sorted.iter().skip(1));
        let hole = between.filter_map(|(lower, upper)| Some((lower.below, upper.from?))).find(|(low, high)| low < high);
        hole.map(|(low, high)| format!("From {low} to below {high} nothing is earned."))
    })
}

fn pairs(steps: &[CreditStep]) -> impl Iterator<Item = (&CreditStep, &CreditStep)> {
    steps.iter().enumerate().flat_map(|(place, a)| steps.iter().skip(place + 1).map(move |b| (a, b)))
}

/// Applies a check to the credit steps of every tier and of every availability commitment.
fn each_ladder(draft: &Draft<'_>, check: fn(&[CreditStep]) -> Option<String>) -> Vec<Hit> {
    let of_tiers = draft.tiers.iter().map(|(path, tier)| (path.clone(), tier.credits()));
    let commitments = draft.sections.availability.iter().enumerate();
    let of_commitments = commitments.map(|(place, commitment)| {
        let path: Path = vec!["availability".into(), place.to_string(), "credits".into()];
        (path, commitment.credits.as_slice())
    });
    let wrong = of_tiers.chain(of_commitments).filter_map(|(path, steps)| Some((path, check(steps)?)));
    wrong.map(|(path, message)| Hit { message, path }).collect()
}
