//! Section 5: what is promised how firmly, what falling short earns, and what takes a promise away.
//!
//! It repeats the other sections by firmness; clauses of its own it has only for what holds for all promises.

use super::{
    Block, Line, NamedTier, Subject, availability, clauses, credits, model::fact, paragraph, performance, phrases,
    requirements, response, say, unnumbered,
};
use crate::{
    terms::{AvailabilityCommitment, clause},
    words::PromiseStrength,
};

pub(super) fn write(subject: &Subject<'_>) -> Vec<Block> {
    let mut blocks = vec![paragraph(
        "This chapter says again what the others promise, by how firmly it is promised. Nothing beyond it is promised.",
    )];
    let promises = promises(subject);
    for strength in PromiseStrength::ALL {
        blocks.extend(of_strength(&promises, *strength));
    }
    if promises.is_empty() {
        blocks.push(paragraph("Nothing is promised."));
    }
    blocks.extend(service_credits(subject));
    blocks.extend(clauses::consequences(subject));
    let consequences = requirements::all_consequences(subject);
    if !consequences.is_empty() {
        blocks.push(unnumbered("What takes a promise away"));
        blocks.push(Block::List(consequences));
    }
    blocks
}

/// How firmly a clause promises, with what that means.
pub(super) fn firmness(strength: PromiseStrength) -> Line {
    let (name, meaning) = phrases::strength(strength);
    fact("How firmly", format!("{name} ({meaning})"))
}

fn of_strength(promises: &[(PromiseStrength, Line)], strength: PromiseStrength) -> Vec<Block> {
    let lines: Vec<Line> = promises.iter().filter(|(of, _)| *of == strength).map(|(_, line)| line.clone()).collect();
    if lines.is_empty() {
        return Vec::new();
    }
    let (name, meaning) = phrases::strength(strength);
    vec![unnumbered(&format!("{name}: {meaning}")), Block::List(lines)]
}

/// Every promise with its clause, in the order of the clauses.
fn promises(subject: &Subject<'_>) -> Vec<(PromiseStrength, Line)> {
    let sections = subject.sections;
    let cited = |number: String, text: &str| Line::default().clause(number).say(" ").say(text);
    let mut found = Vec::new();
    for (of, named) in tiers(subject) {
        let targets = named.tier.targets().iter().enumerate();
        found.extend(targets.map(|(place, target)| {
            (target.strength, cited(clause::target(place), &response::promise(target)).and(of.clone()))
        }));
    }
    for (place, line) in sections.performance.iter().enumerate() {
        found.push((line.strength, cited(clause::performance(place), &say::sentence(&performance::promise(line)))));
    }
    for (place, line) in sections.availability.iter().enumerate() {
        found.push((line.strength, cited(clause::availability(place), &availability::availability_promise(line))));
    }
    for (place, line) in sections.recovery.iter().enumerate() {
        found.push((line.strength, cited(clause::recovery(place), &availability::recovery_promise(line))));
    }
    for (place, line) in sections.backups.iter().enumerate() {
        found.push((line.strength, cited(clause::backup(place), &availability::backup_promise(line))));
    }
    found
}

/// The terms' own response times, then those of single services, each with what it is for.
fn tiers<'a>(subject: &Subject<'a>) -> Vec<(Line, NamedTier<'a>)> {
    let own = subject.tier.map(|tier| (Line::default(), tier));
    let services = subject.sections.services.iter().zip(&subject.lines);
    let of_lines = services.filter_map(|(line, names)| {
        Some((Line::from(format!(", for {}", subject.service(&line.service))), names.tier?))
    });
    own.into_iter().chain(of_lines).collect()
}

fn service_credits(subject: &Subject<'_>) -> Vec<Block> {
    let mut blocks = vec![unnumbered("Service credits")];
    let of_availability = subject.sections.availability.iter().any(AvailabilityCommitment::earns_credits);
    let tiers: Vec<_> = tiers(subject).into_iter().filter(|(_, named)| !named.tier.credits().is_empty()).collect();
    if tiers.is_empty() && !of_availability {
        blocks.push(paragraph("No service credits are promised."));
        return blocks;
    }
    blocks.push(paragraph(
        "They are earned by guarantees and targets, each by itself, when a month is closed. The deepest step that holds \
         what was reached counts; what is earned is added up.",
    ));
    for (of, named) in &tiers {
        let caption = Line::from(format!("Service credits for response times {}", named.name)).and(of.clone());
        blocks.push(credits::table(caption, "Share of tickets in time", named.tier.credits()));
        let least = say::counted(u64::from(named.tier.credit_minimum_tickets()), "ticket");
        blocks.push(paragraph(format!(
            "A promise earns credits in a month with at least {least} that it was judged by."
        )));
        let own = subject.tier.is_some_and(|own| std::ptr::eq(own.tier, named.tier));
        if let Some(cap) = named.tier.credit_cap().filter(|_| !own) {
            blocks.push(paragraph(format!(
                "The credits of these response times are at most {} of a month's fee.",
                say::percent(cap)
            )));
        }
    }
    if of_availability {
        blocks.push(paragraph("Those for availability stand in 7.1."));
    }
    blocks.push(paragraph(cap(subject)));
    blocks
}

/// The most that a month's credits come to, by the terms' own tier and by what holds for all credits.
fn cap(subject: &Subject<'_>) -> String {
    let policy = subject.sections.credit_policy;
    let policy = policy.is_some_and(|policy| policy.month_cap.is_some() || policy.year_cap.is_some());
    let of_tier = subject.tier.and_then(|named| named.tier.credit_cap());
    let of_tier =
        of_tier.map(|cap| format!("All credits of a month together are at most {} of its fee.", say::percent(cap)));
    match (of_tier, policy) {
        (Some(of_tier), true) => format!("{of_tier} 5.1 caps them further."),
        (Some(of_tier), false) => of_tier,
        (None, true) => "All of them together are capped by 5.1.".into(),
        (None, false) => "There is no cap on them.".into(),
    }
}
