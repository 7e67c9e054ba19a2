//! What falling short earns the client: steps of credits as a table.

use super::{Block, Line, Table, say};
use crate::sla::CreditStep;

/// The steps, the smallest shortfall first as written.
pub(super) fn table(caption: Line, measured: &'static str, steps: &[CreditStep]) -> Block {
    let row = |step: &CreditStep| vec![range(step).into(), say::percent(step.credit).into()];
    let rows = steps.iter().map(row).collect();
    Block::Table(Table { caption, columns: vec![measured, "Credit, of the month's fee"], rows })
}

/// `from 90 % to below 95 %`.
fn range(step: &CreditStep) -> String {
    let below = say::percent(step.below);
    step.from.map_or_else(|| format!("below {below}"), |from| format!("from {} to below {below}", say::percent(from)))
}
