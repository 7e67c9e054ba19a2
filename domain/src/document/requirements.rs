//! Section 4: what the client must meet, and what happens while it does not.

use super::{Block, Clause, Line, Subject, model::fact, nothing_said, paragraph, phrases, say};
use crate::{
    terms::{Obligation, clause},
    text::Code,
    words::{FailureScenario, ObligationEffect},
};

/// What a promise is about, by which the requirements that gate it are found.
#[derive(Clone, Copy)]
pub(super) enum Gate<'a> {
    /// Any of these services.
    Services(&'a [&'a Code]),
    /// This failure.
    Failure(FailureScenario),
}

impl Gate<'_> {
    fn is_gated_by(self, obligation: &Obligation) -> bool {
        match self {
            Self::Services(services) => obligation.gates_services.iter().any(|code| services.contains(&code)),
            Self::Failure(scenario) => obligation.gates_scenarios.contains(&scenario),
        }
    }
}

pub(super) fn write(subject: &Subject<'_>) -> Vec<Block> {
    let obligations = &subject.sections.obligations;
    if obligations.is_empty() {
        return nothing_said("Nothing is required of the client.");
    }
    let mut blocks = vec![paragraph(
        "The client meets each of these. While it does not, and once the days of grace are over, what stands here happens \
         to what the requirement is for. A day of grace has 24 hours and counts from the moment the requirement is not met.",
    )];
    blocks.extend(obligations.iter().enumerate().map(|(place, line)| Block::Clause(obligation(subject, place, line))));
    blocks
}

fn obligation(subject: &Subject<'_>, place: usize, obligation: &Obligation) -> Clause {
    let standard = Some(obligation.standard.as_str()).filter(|standard| !standard.trim().is_empty());
    let gated = gated(subject, obligation);
    let grace = if obligation.grace_days == 0 { "none".into() } else { obligation.grace_days.to_string() };
    let mut facts = vec![
        fact("To be met", standard.unwrap_or("Not said yet.")),
        fact("It is for", say::sentence(&gated)),
        fact("Days of grace", grace),
    ];
    let effects = obligation.effects.iter().map(|effect| say::sentence(&effect_of(*effect, &gated)));
    facts.extend(effects.map(|effect| fact("While it is not met", format!("{effect}."))));
    let title = format!("{} ({})", obligation.title, obligation.code);
    Clause { number: clause::obligation(place), title: title.into(), facts }
}

/// What an obligation gates, in a row.
fn gated(subject: &Subject<'_>, obligation: &Obligation) -> String {
    let services = subject.services(&obligation.gates_services);
    let failures = obligation.gates_scenarios.iter().map(|failure| phrases::failures(*failure).to_owned());
    let all: Vec<String> = services.into_iter().chain(failures).collect();
    if all.is_empty() { "nothing that is named yet".into() } else { say::list(&all) }
}

fn effect_of(effect: ObligationEffect, gated: &str) -> String {
    match effect {
        ObligationEffect::NotLiable => format!("the provider is not liable for {gated}"),
        ObligationEffect::SlaSuspended => format!("the times promised for {gated} do not count"),
        ObligationEffect::Chargeable => format!("work on {gated} is charged, although the fee covers it"),
    }
}

/// What takes a promise away: a line for each obligation that gates it.
pub(super) fn unless(subject: &Subject<'_>, gate: Gate<'_>) -> Vec<Line> {
    let found = subject.sections.obligations.iter().enumerate().filter(|(_, line)| gate.is_gated_by(line));
    found.map(|(place, line)| fact("But", consequence(subject, place, line))).collect()
}

/// What every obligation takes away.
pub(super) fn all_consequences(subject: &Subject<'_>) -> Vec<Line> {
    let lines = subject.sections.obligations.iter().enumerate();
    lines.map(|(place, line)| consequence(subject, place, line)).collect()
}

/// The obligations with an effect, each with what it gates.
pub(super) fn with_effect(subject: &Subject<'_>, effect: ObligationEffect) -> Vec<Line> {
    let found = subject.sections.obligations.iter().enumerate().filter(|(_, line)| line.effects.contains(&effect));
    found.map(|(place, line)| unmet(place, line).say(format!(": for {}", gated(subject, line)))).collect()
}

/// `once 4.1 “A backup disk” has not been met for 7 days: the provider is not liable for data loss`
fn consequence(subject: &Subject<'_>, place: usize, obligation: &Obligation) -> Line {
    let gated = gated(subject, obligation);
    let effects: Vec<String> = obligation.effects.iter().map(|effect| effect_of(*effect, &gated)).collect();
    unmet(place, obligation).say(format!(": {}", effects.join("; ")))
}

/// From when on an obligation has effects.
fn unmet(place: usize, obligation: &Obligation) -> Line {
    let (begin, end) = match obligation.grace_days {
        0 => ("while ", "is not met".into()),
        days => ("once ", format!("has not been met for {}", say::days(days))),
    };
    Line::from(begin).clause(clause::obligation(place)).say(format!(" “{}” {end}", obligation.title))
}
