//! What is done, and what is not.

use super::*;

/// A service that the fee buys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncludedService {
    /// Which.
    pub service: Code,
    /// Of a package, what it held when the terms were offered; none while they are a draft.
    pub components: Option<Vec<Code>>,
    /// How many units, at least one.
    pub quantity: NonZeroU32,
    /// Price of one unit a month; none: not said.
    pub unit_price: Option<Rate>,
    /// A remark.
    pub note: Option<String>,
    /// A tier of its own.
    pub tier: Option<Pin>,
    /// Business hours of its own.
    pub calendar: Option<Pin>,
}

/// What the provider does not do, said aloud. It matches when every field it names equals the question's (V2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    /// What it is called.
    pub title: String,
    /// Why it is excluded.
    pub reason: String,
    /// The service it names.
    pub service: Option<Code>,
    /// The failure it names.
    pub scenario: Option<FailureScenario>,
    /// The kind of thing it names.
    pub component: Option<ComponentClass>,
}
