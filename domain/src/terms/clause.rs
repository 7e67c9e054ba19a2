//! How clauses are numbered.
//!
//! The seven sections are the document's chapters, in the order of [`Section`](crate::words::Section). A number
//! follows from a clause's place in its list, so it is the same everywhere and stays what it is once terms are offered.
//! Places are counted from 0 here and from 1 in the document.

/// The business hours.
pub const CALENDAR: &str = "2.1";
/// The response targets as a whole.
pub const TIER: &str = "2.2";
/// The extra-hours policy as a whole.
pub const EXTRA_HOURS: &str = "2.3";
/// The hours paid for in the fee.
pub const INCLUDED_HOURS: &str = "2.4";
/// What happens when the term ends.
pub const RENEWAL: &str = "1.4";
/// How prices may rise.
pub const INDEXATION: &str = "2.7";
/// What holds for all service credits together.
pub const CREDIT_POLICY: &str = "5.1";

macro_rules! numbered {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal),+ $(,)?) => {
        $($(#[$doc])* #[must_use] pub fn $name(place: usize) -> String { format!(concat!($prefix, ".{}"), place + 1) })+
    };
}

numbered! {
    /// An included service.
    service = "1.1",
    /// An exclusion.
    exclusion = "1.2",
    /// Somebody who may ask for service.
    caller = "1.3",
    /// How often somebody says how a ticket stands.
    update = "2.5",
    /// Who is brought in when.
    escalation = "2.6",
    /// A trigger of termination.
    termination_trigger = "5.2",
    /// A target of the tier.
    target = "2.2",
    /// A rule of price.
    rate_rule = "2.3",
    /// A responsibility.
    responsibility = "3",
    /// An obligation.
    obligation = "4",
    /// A performance expectation.
    performance = "6",
    /// An availability commitment.
    availability = "7.1",
    /// A recovery commitment.
    recovery = "7.2",
    /// A backup commitment.
    backup = "7.3",
}
