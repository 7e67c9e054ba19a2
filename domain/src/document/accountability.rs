//! Section 3: who answers for which failure, and who pays what.

use super::{
    Block, Clause, Line, Subject,
    model::fact,
    paragraph, phrases,
    requirements::{Gate, unless},
    say, unnumbered,
};
use crate::{
    terms::{Responsibility, clause},
    words::{FailureScenario, Party},
};

pub(super) fn write(subject: &Subject<'_>) -> Vec<Block> {
    let mut blocks = vec![paragraph(
        "Of two clauses for the same failure, the one that names a kind of thing decides for that kind.",
    )];
    let lines = subject.sections.responsibilities.iter().enumerate();
    blocks.extend(lines.map(|(place, line)| Block::Clause(responsibility(subject, place, line))));
    let open: Vec<&str> = unassigned(subject).map(phrases::scenario).collect();
    if !open.is_empty() {
        blocks.push(unnumbered("Failures that nobody is named for"));
        let text = "Nobody is named for these, so the provider is not liable for them:";
        blocks.push(paragraph(text));
        blocks.push(Block::List(open.into_iter().map(|failure| say::sentence(failure).into()).collect()));
    }
    blocks
}

/// The failures that no responsibility is for.
fn unassigned<'a>(subject: &'a Subject<'_>) -> impl Iterator<Item = FailureScenario> + 'a {
    let assigned = |failure: FailureScenario| subject.sections.responsibilities.iter().any(|r| r.scenario == failure);
    FailureScenario::ALL.iter().copied().filter(move |failure| !assigned(*failure))
}

fn responsibility(subject: &Subject<'_>, place: usize, line: &Responsibility) -> Clause {
    let mut facts = vec![fact("Who answers", who(line.party))];
    let said = |text: &str| !text.trim().is_empty();
    facts.extend(Some(line.duties.as_str()).filter(|text| said(text)).map(|duties| fact("Does", duties)));
    facts.extend(line.exclusions.as_deref().filter(|text| said(text)).map(|not| fact("Does not do", not)));
    facts.push(fact("Who pays", costs(line)));
    if matches!(line.party, Party::Provider | Party::Shared) {
        facts.extend(unless(subject, Gate::Failure(line.scenario)));
    }
    let title: Line = say::sentence(&phrases::failure(line.scenario, line.component)).into();
    Clause { number: clause::responsibility(place), title, facts }
}

/// Who answers, and whether that makes the provider liable.
fn who(party: Party) -> String {
    let name = say::sentence(phrases::party(party));
    match party {
        Party::Provider => format!("{name}."),
        Party::Shared => format!("{name}; the provider is liable."),
        Party::Client | Party::ThirdParty => format!("{name}. The provider is not liable."),
    }
}

/// `Labour: the provider. Parts: the client. Anything else: provider and client together.`
fn costs(line: &Responsibility) -> String {
    let share = |item: &str, party: Party| format!("{}: {}.", say::sentence(item), phrases::party(party));
    let mut parts: Vec<String> = line.costs.iter().map(|cost| share(phrases::cost(cost.item), cost.party)).collect();
    let rest = if parts.is_empty() { "everything" } else { "anything else" };
    parts.push(share(rest, line.party));
    parts.join(" ")
}
