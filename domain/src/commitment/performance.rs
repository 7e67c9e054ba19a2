//! Whether what was measured is what was expected (Q9).

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    decimal,
    span::{Span, Spans},
    terms::PerformanceExpectation,
    text::folded,
    time::micros,
    words::{CommitmentState, Comparator, ComponentClass},
};

/// One measured value, as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measurement {
    /// The kind of thing.
    pub component: ComponentClass,
    /// What was measured.
    pub metric: String,
    /// The value.
    #[serde(with = "decimal::as_text")]
    pub value: Decimal,
    /// Its unit.
    pub unit: String,
    /// When, or since when.
    #[serde(with = "micros")]
    pub from: Timestamp,
    /// The first instant that it does not speak of; none: it speaks of one instant.
    #[serde(with = "micros::optional")]
    pub to: Option<Timestamp>,
}

impl Measurement {
    /// Whether an expectation speaks of it: the same kind of thing, metric and unit.
    #[must_use]
    pub fn is_of(&self, expectation: &PerformanceExpectation) -> bool {
        self.component == expectation.component
            && folded(&self.metric) == folded(&expectation.metric)
            && folded(&self.unit) == folded(&expectation.unit)
    }
}

/// How an expectation came out in one window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Performance {
    /// The mean of the values, rounded to six digits after the point; none: nothing was measured.
    pub mean: Option<Decimal>,
    /// How many there are.
    pub count: u32,
    /// How it stands.
    pub state: CommitmentState,
}

/// How an expectation came out (Q9): the mean of the values whose time begins in the window, compared exact.
///
/// - `whole`: the window.
/// - `part`: the part of it in which the terms are in force.
#[must_use]
pub fn performance(
    expectation: &PerformanceExpectation,
    whole: Span,
    part: &Spans,
    measurements: &[Measurement],
    now: Timestamp,
) -> Performance {
    let in_part = |m: &&Measurement| part.iter().any(|span| span.holds(m.from));
    let values: Vec<Decimal> =
        measurements.iter().filter(in_part).filter(|m| m.is_of(expectation)).map(|m| m.value).collect();
    let nothing = Performance { mean: None, count: 0, state: CommitmentState::NotKnown };
    let sum = values.iter().try_fold(Decimal::ZERO, |sum, value| sum.checked_add(*value));
    let count = u32::try_from(values.len()).unwrap_or(u32::MAX);
    let (Some(sum), false) = (sum, values.is_empty()) else { return nothing };
    let promised = expectation.value.checked_mul(Decimal::from(count));
    let is_kept = match expectation.comparator {
        Comparator::AtLeast => promised.is_some_and(|promised| sum >= promised),
        Comparator::AtMost => promised.is_some_and(|promised| sum <= promised),
    };
    let state = match is_kept {
        _ if now < whole.to() => CommitmentState::Running,
        true => CommitmentState::Kept,
        false => CommitmentState::NotKept,
    };
    let mean = sum.checked_div(Decimal::from(count)).map(|mean| mean.round_dp(6).normalize());
    Performance { mean, count, state }
}
