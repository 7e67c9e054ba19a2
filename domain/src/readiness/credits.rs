//! Findings about the steps of service credits.

use super::{Draft, Hit, Path};
use crate::{Percent, sla::CreditStep};

pub(super) fn overlap(draft: &Draft<'_>) -> Vec<Hit> {
    each_ladder(draft, |steps| {
        let pairs = steps.iter().enumerate().flat_map(|(place, a)| steps.iter().skip(place + 1).map(move |b| (a, b)));
        let first = pairs.filter(|(a, b)| overlapping(a, b)).take(1);
        first.map(|(a, b)| format!("The steps below {} and below {} overlap.", a.below, b.below)).collect()
    })
}

/// Whether two steps hold the same attainment. Two without a lower end are rungs of a ladder, of which the deeper counts;
/// beside one with a lower end, one without reaches down to nothing.
fn overlapping(a: &CreditStep, b: &CreditStep) -> bool {
    match (a.from, b.from) {
        (None, None) => a.below == b.below,
        _ => a.from < Some(b.below) && b.from < Some(a.below),
    }
}

pub(super) fn order(draft: &Draft<'_>) -> Vec<Hit> {
    each_ladder(draft, |steps| {
        let stretches = stretches(steps);
        let earning: Vec<_> = stretches.iter().filter_map(|stretch| Some((stretch.below, stretch.step?))).collect();
        let wrong = earning.windows(2).find_map(|pair| match pair {
            [(low, deeper), (high, next)] if deeper != next && deeper.credit <= next.credit => {
                Some(format!("Below {low} earns {} %, below {high} earns {} %.", deeper.credit, next.credit))
            }
            _ => None,
        });
        wrong.into_iter().collect()
    })
}

/// Attainments between two steps that neither holds, as "98.9 to 99" of steps that say 95–98.9 and 99–99.9.
pub(super) fn gap(draft: &Draft<'_>) -> Vec<Hit> {
    each_ladder(draft, |steps| {
        let stretches = stretches(steps);
        let holes = stretches.iter().filter(|stretch| stretch.step.is_none());
        holes.map(|hole| format!("From {} to below {} nothing is earned.", hole.from, hole.below)).collect()
    })
}

/// Attainments that earn the same, by the deepest step that holds them.
struct Stretch<'a> {
    from: Percent,
    below: Percent,
    step: Option<&'a CreditStep>,
}

/// What is earned between the lowest end of a step and the highest, from the lowest on.
fn stretches(steps: &[CreditStep]) -> Vec<Stretch<'_>> {
    let from = |step: &CreditStep| step.from.unwrap_or(Percent::from_parts(0));
    let mut ends: Vec<Percent> = steps.iter().flat_map(|step| [from(step), step.below]).collect();
    ends.sort_unstable();
    ends.dedup();
    let deepest =
        |at: Percent| steps.iter().filter(|step| from(step) <= at && at < step.below).min_by_key(|step| step.below);
    let between = ends.iter().zip(ends.iter().skip(1));
    between.map(|(&from, &below)| Stretch { from, below, step: deepest(from) }).collect()
}

/// Applies a check to the credit steps of every tier and of every availability commitment.
fn each_ladder(draft: &Draft<'_>, check: fn(&[CreditStep]) -> Vec<String>) -> Vec<Hit> {
    let of_tiers = draft.tiers.iter().map(|(path, tier)| (path.clone(), tier.credits()));
    let commitments = draft.sections.availability.iter().enumerate();
    let of_commitments = commitments.map(|(place, commitment)| {
        let path: Path = vec!["availability".into(), place.to_string(), "credits".into()];
        (path, commitment.credits.as_slice())
    });
    let found = of_tiers.chain(of_commitments);
    found
        .flat_map(|(path, steps)| check(steps).into_iter().map(move |message| Hit { message, path: path.clone() }))
        .collect()
}
