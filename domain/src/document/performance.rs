//! Section 6: what is expected of hardware, third-party systems and workstations.

use super::{Block, Clause, Subject, model::fact, nothing_said, phrases, promises, say, services::number};
use crate::{
    terms::{PerformanceExpectation, clause},
    words::Comparator,
};

pub(super) fn write(subject: &Subject<'_>) -> Vec<Block> {
    let expectations = subject.sections.performance.iter().enumerate();
    let blocks: Vec<Block> = expectations.map(|(place, line)| Block::Clause(expectation(place, line))).collect();
    if blocks.is_empty() { nothing_said("Nothing is expected in numbers.") } else { blocks }
}

fn expectation(place: usize, line: &PerformanceExpectation) -> Clause {
    let name = say::sentence(phrases::component(line.component));
    let facts = vec![
        fact("Expected", format!("{}, measured over {}", value(line), phrases::each(line.window))),
        fact("Measured by", phrases::party(line.measured_by)),
        promises::firmness(line.strength),
    ];
    Clause { number: clause::performance(place), title: format!("{name}: {}", line.metric).into(), facts }
}

/// `at least 99.5 %`.
fn value(line: &PerformanceExpectation) -> String {
    let compared = match line.comparator {
        Comparator::AtLeast => "at least",
        Comparator::AtMost => "at most",
    };
    format!("{compared} {} {}", number(line.value), line.unit)
}

/// An expectation in a sentence.
pub(super) fn promise(line: &PerformanceExpectation) -> String {
    format!(
        "{}: {} {} over {}",
        phrases::component(line.component),
        line.metric,
        value(line),
        phrases::each(line.window)
    )
}
