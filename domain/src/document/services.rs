//! Section 1: what is done, what is not, and what silence means.

use rust_decimal::Decimal;

use super::{
    Block, Clause, Line, OwnNames, Subject, clauses,
    model::fact,
    nothing_said, paragraph, part, phrases,
    requirements::{Gate, unless},
    say, unnumbered,
};
use crate::{
    decimal,
    money::Rate,
    terms::{Exclusion, IncludedService, clause},
    text::Code,
};

pub(super) fn write(subject: &Subject<'_>) -> Vec<Block> {
    let mut blocks = vec![part("1.1", "What is included")];
    blocks.extend(included(subject));
    blocks.push(part("1.2", "What is excluded"));
    blocks.extend(excluded(subject));
    blocks.push(unnumbered("What is not listed"));
    blocks.push(paragraph(
        "What is neither included nor excluded is not listed. The fee does not pay for it and the provider is not \
         liable for it. If the provider does it all the same, it is work outside the fee, at the prices of 2.3.",
    ));
    blocks.extend(clauses::callers(subject));
    blocks.extend(clauses::renewal(subject));
    blocks
}

fn included(subject: &Subject<'_>) -> Vec<Block> {
    let lines = &subject.sections.services;
    if lines.is_empty() {
        return nothing_said("No service is included.");
    }
    let none = OwnNames::default();
    let own = |place: usize| subject.lines.get(place).unwrap_or(&none);
    let mut blocks: Vec<Block> = lines
        .iter()
        .enumerate()
        .map(|(place, line)| Block::Clause(service(subject, place, line, own(place))))
        .collect();
    blocks.extend(fee(lines).map(paragraph));
    blocks
}

fn service(subject: &Subject<'_>, place: usize, line: &IncludedService, own: &OwnNames<'_>) -> Clause {
    let mut facts = Vec::new();
    facts.extend(description(subject, &line.service).map(|text| fact("What it is", text)));
    if !own.components.is_empty() {
        facts.push(fact("Holds", say::list(&subject.services(&own.components))));
    }
    let parts = own.components.iter().filter_map(|code| Some((code, description(subject, code)?)));
    facts.extend(parts.map(|(code, text)| fact(&subject.service(code), text)));
    facts.push(fact("Quantity", quantity(subject, line)));
    facts.push(fact("Price", price(line)));
    facts.extend(line.note.as_deref().filter(|note| !note.trim().is_empty()).map(|note| fact("Note", note)));
    facts.extend(own.calendar.map(|own| fact("Business hours", Line::from(own.name).say(", see ").clause("2.1"))));
    facts.extend(own.tier.map(|own| fact("Response times", Line::from(own.name).say(", see ").clause("2.2"))));
    let concerned: Vec<&Code> = own.components.iter().chain([&line.service]).collect();
    facts.extend(not_of(subject, &concerned));
    facts.extend(unless(subject, Gate::Services(&concerned)));
    Clause { number: clause::service(place), title: subject.service(&line.service).into(), facts }
}

/// What the catalogue says that a service is, if it says anything.
fn description<'a>(subject: &Subject<'a>, code: &Code) -> Option<&'a str> {
    subject.services.get(code).map(|service| service.description).filter(|text| !text.trim().is_empty())
}

/// `25 × seat`; what is counted by the month is only a number.
fn quantity(subject: &Subject<'_>, line: &IncludedService) -> String {
    let count = say::grouped(&line.quantity.to_string());
    match subject.services.get(&line.service).map(|service| service.unit) {
        None | Some("" | "month") => count,
        Some(unit) => format!("{count} × {unit}"),
    }
}

/// The price of one and of all, a month.
fn price(line: &IncludedService) -> String {
    let Some(each) = line.unit_price else { return "none is stated".into() };
    match amount(line) {
        Some(all) if line.quantity.get() > 1 => {
            format!("{} each, together {} a month", say::rate(each), say::rate(all))
        }
        _ => format!("{} a month", say::rate(each)),
    }
}

/// What a line costs a month.
fn amount(line: &IncludedService) -> Option<Rate> {
    let each = line.unit_price?;
    Rate::new(each.amount().checked_mul(Decimal::from(line.quantity.get()))?, each.currency()).ok()
}

/// What all lines together cost a month; none where they are of several currencies.
fn fee(lines: &[IncludedService]) -> Option<String> {
    let priced: Vec<Rate> = lines.iter().filter_map(amount).collect();
    let currency = priced.first()?.currency();
    let mut sum = Decimal::ZERO;
    for rate in &priced {
        if rate.currency() != currency {
            return None;
        }
        sum = sum.checked_add(rate.amount())?;
    }
    let rest = if priced.len() < lines.len() { " Services without a price are not part of it." } else { "" };
    Some(format!("The fee for all of them is {} a month.{rest}", say::rate(Rate::new(sum, currency).ok()?)))
}

/// The exclusions that name one of some services.
fn not_of(subject: &Subject<'_>, services: &[&Code]) -> Vec<Line> {
    let names = |exclusion: &Exclusion| exclusion.service.as_ref().is_some_and(|service| services.contains(&service));
    let found = subject.sections.exclusions.iter().enumerate().filter(|(_, exclusion)| names(exclusion));
    found.map(|(place, exclusion)| fact("Excluded from it", reference(place, exclusion))).collect()
}

fn reference(place: usize, exclusion: &Exclusion) -> Line {
    Line::default().clause(clause::exclusion(place)).say(" ").say(&exclusion.title)
}

fn excluded(subject: &Subject<'_>) -> Vec<Block> {
    let exclusions = &subject.sections.exclusions;
    if exclusions.is_empty() {
        return nothing_said("Nothing is excluded by name.");
    }
    let mut blocks = vec![paragraph(
        "The provider does not do these under this agreement, whatever is included above. If it does one of them all \
         the same, that is work outside the fee, at the prices of 2.3.",
    )];
    blocks.extend(exclusions.iter().enumerate().map(|(place, line)| Block::Clause(exclusion(subject, place, line))));
    blocks
}

fn exclusion(subject: &Subject<'_>, place: usize, exclusion: &Exclusion) -> Clause {
    let mut facts = Vec::new();
    if !exclusion.reason.trim().is_empty() {
        facts.push(fact("Why", exclusion.reason.as_str()));
    }
    let service = exclusion.service.as_ref().map(|code| subject.service(code));
    let failed = exclusion.scenario.map(|scenario| phrases::failure(scenario, exclusion.component));
    let component = exclusion.component.filter(|_| exclusion.scenario.is_none());
    let concerned: Vec<String> = service
        .into_iter()
        .chain(failed)
        .chain(component.map(|component| phrases::component(component).into()))
        .collect();
    if !concerned.is_empty() {
        facts.push(fact("Concerns", say::sentence(&concerned.join(", where it is about "))));
    }
    Clause { number: clause::exclusion(place), title: exclusion.title.as_str().into(), facts }
}

/// A decimal as it is read: `99.5`.
pub(super) fn number(value: Decimal) -> String {
    say::grouped(&decimal::canonical(value))
}
