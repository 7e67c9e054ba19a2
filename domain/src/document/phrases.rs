//! The field's words as they stand in a sentence.

use crate::words::{
    CapBasis, ChargeKind, ComponentClass, CostItem, FailureScenario, HoursClass, Milestone, Party, PromiseStrength,
    RoundingAggregate, Section, TermsStatus, WaitingReason, Weekday, Window,
};

/// The name of a section, as its chapter has it.
pub(super) const fn chapter(section: Section) -> (&'static str, &'static str) {
    match section {
        Section::Services => ("1", "Services and exclusions"),
        Section::ResponseTime => ("2", "Response times, business hours and extra hours"),
        Section::Accountability => ("3", "Who answers for which failure"),
        Section::ClientRequirements => ("4", "What the client must meet"),
        Section::Promises => ("5", "What is promised"),
        Section::Performance => ("6", "What is expected of hardware, third-party systems and workstations"),
        Section::Availability => ("7", "Availability, recovery and backups"),
    }
}

pub(super) const fn status(status: TermsStatus) -> &'static str {
    match status {
        TermsStatus::Draft => "Draft",
        TermsStatus::Offered => "Offered, not accepted yet",
        TermsStatus::Scheduled => "Accepted, not begun yet",
        TermsStatus::InForce => "In force",
        TermsStatus::Superseded => "No longer in force",
        TermsStatus::Withdrawn => "Withdrawn",
    }
}

/// What the cap of a year's credits is held against.
pub(crate) const fn cap_basis(basis: CapBasis) -> &'static str {
    match basis {
        CapBasis::FeesOfYear => "the fees of that year",
        CapBasis::MeanMonthBefore => "the mean monthly fee of the year before",
        CapBasis::FeesOfTerm => "the fees of the whole term",
    }
}

pub(super) const fn scenario(scenario: FailureScenario) -> &'static str {
    match scenario {
        FailureScenario::HardwareFailure => "hardware failure",
        FailureScenario::NetworkFailure => "network failure",
        FailureScenario::SoftwareGlitch => "software glitch",
        FailureScenario::SystemFailure => "system failure",
        FailureScenario::CloudOutage => "cloud outage",
        FailureScenario::ThirdPartyOutage => "third-party outage",
        FailureScenario::SecurityIncident => "security incident",
        FailureScenario::DataLoss => "data loss",
        FailureScenario::PowerFailure => "power failure",
        FailureScenario::UserError => "user error",
    }
}

/// Failures of a kind, as many as there may be.
pub(super) const fn failures(scenario: FailureScenario) -> &'static str {
    match scenario {
        FailureScenario::HardwareFailure => "hardware failures",
        FailureScenario::NetworkFailure => "network failures",
        FailureScenario::SoftwareGlitch => "software glitches",
        FailureScenario::SystemFailure => "system failures",
        FailureScenario::CloudOutage => "cloud outages",
        FailureScenario::ThirdPartyOutage => "third-party outages",
        FailureScenario::SecurityIncident => "security incidents",
        FailureScenario::DataLoss => "data loss",
        FailureScenario::PowerFailure => "power failures",
        FailureScenario::UserError => "user errors",
    }
}

pub(super) const fn component(component: ComponentClass) -> &'static str {
    match component {
        ComponentClass::Hardware => "hardware",
        ComponentClass::Workstation => "workstations",
        ComponentClass::Server => "servers",
        ComponentClass::Network => "the network",
        ComponentClass::Cloud => "cloud services",
        ComponentClass::ThirdPartySystem => "third-party systems",
    }
}

/// A failure of a kind of thing: `hardware failure of servers`.
pub(super) fn failure(failed: FailureScenario, of: Option<ComponentClass>) -> String {
    match of {
        Some(of) => format!("{} of {}", scenario(failed), component(of)),
        None => scenario(failed).into(),
    }
}

pub(super) const fn party(party: Party) -> &'static str {
    match party {
        Party::Provider => "the provider",
        Party::Client => "the client",
        Party::ThirdParty => "a third party",
        Party::Shared => "provider and client together",
    }
}

pub(super) const fn cost(item: CostItem) -> &'static str {
    match item {
        CostItem::Labour => "labour",
        CostItem::Parts => "parts",
        CostItem::Shipping => "shipping",
        CostItem::Travel => "travel",
    }
}

pub(super) const fn hours(class: HoursClass) -> &'static str {
    match class {
        HoursClass::Business => "business hours",
        HoursClass::AfterHours => "after hours",
        HoursClass::Weekend => "weekends",
        HoursClass::Holiday => "holidays",
    }
}

/// When something was worked.
pub(crate) const fn worked(class: HoursClass) -> &'static str {
    match class {
        HoursClass::Business => "in business hours",
        HoursClass::AfterHours => "after hours",
        HoursClass::Weekend => "on a weekend",
        HoursClass::Holiday => "on a holiday",
    }
}

/// What a charge is for.
pub(crate) const fn charge(kind: ChargeKind) -> &'static str {
    match kind {
        ChargeKind::ExtraHours => "extra hours",
        ChargeKind::Overage => "beyond the hours paid for",
        ChargeKind::OutOfScope => "outside the fee",
        ChargeKind::ServiceCredit => "service credit",
        ChargeKind::Adjustment => "correction",
    }
}

/// What is rounded together.
pub(crate) const fn together(aggregate: RoundingAggregate) -> &'static str {
    match aggregate {
        RoundingAggregate::Entry => "entry",
        RoundingAggregate::Ticket => "ticket",
        RoundingAggregate::TicketDay => "ticket and day",
        RoundingAggregate::TechnicianDay => "technician and day",
    }
}

/// When something was opened.
pub(super) const fn opened(class: HoursClass) -> &'static str {
    match class {
        HoursClass::Business => "in business hours",
        HoursClass::AfterHours => "after hours",
        HoursClass::Weekend => "on weekends",
        HoursClass::Holiday => "on holidays",
    }
}

pub(super) const fn milestone(milestone: Milestone) -> &'static str {
    match milestone {
        Milestone::Response => "response",
        Milestone::Plan => "plan",
        Milestone::Workaround => "workaround",
        Milestone::Resolution => "resolution",
    }
}

pub(super) const fn waiting(reason: WaitingReason) -> &'static str {
    match reason {
        WaitingReason::Client => "the client",
        WaitingReason::ThirdParty => "another supplier",
        WaitingReason::Parts => "parts",
        WaitingReason::Scheduled => "a time that was agreed",
        WaitingReason::Other => "anything else",
    }
}

/// A time over which something is measured, each by itself.
pub(super) const fn each(window: Window) -> &'static str {
    match window {
        Window::CalendarMonth => "each calendar month",
        Window::CalendarQuarter => "each calendar quarter",
        Window::CalendarYear => "each calendar year",
        Window::Rolling30Days => "any 30 days in a row",
    }
}

/// How firmly something is promised, with what that means.
pub(super) const fn strength(strength: PromiseStrength) -> (&'static str, &'static str) {
    match strength {
        PromiseStrength::Guarantee => ("Guarantee", "owed, and falling short has consequences"),
        PromiseStrength::Target => ("Target", "aimed at and measured"),
        PromiseStrength::BestEffort => ("Best effort", "tried, not promised"),
    }
}

/// A word of the schema as it stands in a sentence, `hardware failure` for `HARDWARE_FAILURE`; none for other words.
pub(super) fn spoken(word: &str) -> Option<&'static str> {
    let class = HoursClass::ALL.iter().find(|class| class.as_str() == word).map(|class| match class {
        HoursClass::Business => "business",
        HoursClass::AfterHours => "after-hours",
        HoursClass::Weekend => "weekend",
        HoursClass::Holiday => "holiday",
    });
    let failed = FailureScenario::ALL.iter().find(|failed| failed.as_str() == word).map(|failed| scenario(*failed));
    let thing = ComponentClass::ALL.iter().find(|thing| thing.as_str() == word).map(|thing| component(*thing));
    class.or(failed).or(thing)
}

pub(super) const fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}
