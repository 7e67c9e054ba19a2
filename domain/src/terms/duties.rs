//! Who answers for what, and what the client owes.

use super::*;

/// Who answers for a failure; with a component it outranks one without (V3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Responsibility {
    /// The failure.
    pub scenario: FailureScenario,
    /// The kind of thing; none: all that is not named elsewhere.
    pub component: Option<ComponentClass>,
    /// Who answers.
    pub party: Party,
    /// What that party does.
    pub duties: String,
    /// What it does not do.
    pub exclusions: Option<String>,
    /// Who pays what; what is not listed falls to `party`.
    pub costs: Vec<CostShare>,
}

/// Who pays for one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostShare {
    /// What costs.
    pub item: CostItem,
    /// Who pays.
    pub party: Party,
}

/// A standard the client's systems or conduct must meet; while it is not, its effects apply to what it gates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obligation {
    /// The same across versions: states belong to (agreement, code).
    pub code: Code,
    /// What it is called.
    pub title: String,
    /// What must be met; a draft may not have said yet.
    pub standard: String,
    /// The services it gates.
    pub gates_services: Vec<Code>,
    /// The failures it gates.
    pub gates_scenarios: Vec<FailureScenario>,
    /// What happens while it is unmet (V8: at least one).
    pub effects: Vec<ObligationEffect>,
    /// Days of 24 hours from the failure to the effects (V9).
    pub grace_days: u32,
}
