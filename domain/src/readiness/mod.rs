//! What a draft leaves unsaid or says badly (L1–L3).
//!
//! One [`Rule`] defines a finding for the check, the API's description and the page `docs/rules/readiness.md`.
//! To add one: write its `find`, put the rule into [`RULES`], and run the tests, which hold the page against the list.

mod accountability;
mod clauses;
mod credits;
mod hours;
mod indexation;
mod rates;
mod services;
mod targets;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::{
    calendar::Hours,
    money::Currency,
    sla::Tier,
    terms::{Sections, Term},
    text::Code,
    words::Section,
};

/// A draft with what the check needs to know around it.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'a> {
    /// The agreement's currency.
    pub currency: Currency,
    /// The days it is for.
    pub term: Term,
    /// The first day of the newest version that was accepted before, where there is one.
    pub accepted_from: Option<Date>,
    /// What that version says.
    pub accepted: Option<&'a Sections>,
    /// What is written.
    pub sections: &'a Sections,
    /// The terms' own business hours, where they name some.
    pub hours: Option<&'a Hours>,
    /// The tiers it names, each with the path of the field that names it.
    pub tiers: &'a [(Path, &'a Tier)],
    /// Services of the catalogue that are retired.
    pub retired: &'a BTreeSet<Code>,
}

/// Where in the draft something is: field names, and places counted from 0.
pub type Path = Vec<String>;

/// One thing that a draft leaves unsaid or says badly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// What was found, in a sentence.
    pub message: String,
    /// Where.
    pub path: Path,
}

/// A kind of finding.
#[derive(Debug)]
pub struct Rule {
    /// Stable: integrators branch on it.
    pub code: &'static str,
    /// Which of the seven sections it belongs to.
    pub section: Section,
    /// Whether terms can be offered all the same.
    pub blocking: bool,
    /// What it means.
    pub meaning: &'static str,
    /// What to do about it.
    pub hint: &'static str,
    find: fn(&Draft<'_>) -> Vec<Hit>,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Rule {}

/// What a rule's `find` returns: the message and where.
struct Hit {
    message: String,
    path: Path,
}

fn hit(message: impl Into<String>, path: &[&str]) -> Hit {
    Hit { message: message.into(), path: path.iter().map(|&part| part.to_owned()).collect() }
}

/// A hit when something that must be there is not.
fn missing(is_missing: bool, message: &str, field: &str) -> Vec<Hit> {
    if is_missing { vec![hit(message, &[field])] } else { Vec::new() }
}

macro_rules! rule {
    ($code:literal, $section:ident, $find:expr, $meaning:literal, $hint:literal) => {
        Rule { code: $code, section: Section::$section, blocking: true, meaning: $meaning, hint: $hint, find: $find }
    };
}

/// A rule that does not block.
macro_rules! note {
    ($code:literal, $section:ident, $find:expr, $meaning:literal, $hint:literal) => {
        Rule { blocking: false, ..rule!($code, $section, $find, $meaning, $hint) }
    };
}

/// Every rule, in the order of the document's sections.
pub const RULES: &[Rule] = &[
    rule!("NO_SERVICES", Services, services::none, "No service is included.", "Say what is done: `services`."),
    rule!(
        "NOTHING_EXCLUDED",
        Services,
        services::nothing_excluded,
        "Nothing is excluded.",
        "Say what is not done: `exclusions`."
    ),
    rule!(
        "SERVICE_BOTH_WAYS",
        Services,
        services::both_ways,
        "A service is included and excluded whole.",
        "Narrow the exclusion by scenario or component, or drop one of the two."
    ),
    rule!(
        "SERVICE_RETIRED",
        Services,
        services::retired,
        "A retired service is included.",
        "Include what the catalogue offers now."
    ),
    rule!(
        "CURRENCY_DIFFERS",
        Services,
        services::currency,
        "A price is in another currency than the agreement.",
        "State all prices in the agreement's currency."
    ),
    rule!(
        "NO_EFFECTIVE_DATE",
        Services,
        services::no_effective_date,
        "The first day is not said.",
        "Set `effectiveFrom`."
    ),
    rule!(
        "TERMS_OVERLAP",
        Services,
        services::overlap,
        "The terms begin no later than those accepted before them.",
        "Begin after the first day of the terms they replace."
    ),
    rule!(
        "RENEWAL_WITHOUT_END",
        Services,
        services::renewal_without_end,
        "There is a renewal, but no end at which the terms would be renewed.",
        "Set `effectiveUntil` or `renewal.firstTermMonths`."
    ),
    note!(
        "NOTICE_OUTLASTS_TERM",
        Services,
        services::notice_outlasts_term,
        "The notice is longer than a term of the renewal.",
        "Shorten the notice, or let the terms be longer."
    ),
    note!(
        "NO_END",
        Services,
        services::no_end,
        "The terms have neither a last day nor a renewal.",
        "Set `effectiveUntil` or a `renewal`, or mean it."
    ),
    note!(
        "INDEXATION_EXCEEDED",
        Services,
        indexation::exceeded,
        "A price rises by more, or sooner, than the terms before allow.",
        "Keep to the cap and the months of the indexation, or agree on it with the client."
    ),
    note!(
        "CALLER_FOR_NOTHING",
        Services,
        clauses::caller_for_nothing,
        "A caller may ask for a service that is not included.",
        "Include the service, or take it out of `callers`."
    ),
    rule!("NO_CALENDAR", ResponseTime, hours::no_calendar, "The business hours are not said.", "Name a `calendar`."),
    rule!("NO_TIER", ResponseTime, hours::no_tier, "No response times are said.", "Name a `tier`."),
    rule!(
        "NO_RESPONSE_TARGET",
        ResponseTime,
        hours::no_response_target,
        "A priority from P1 to P4 has no response target.",
        "Give each priority a RESPONSE target in the tier."
    ),
    rule!(
        "HOURS_CLASS_UNPRICED",
        ResponseTime,
        hours::class_unpriced,
        "No extra-hours rule speaks of a class of hours.",
        "Add a rate rule for it; NOT_OFFERED says that there is no service then."
    ),
    rule!(
        "ROLE_WITHOUT_RATE",
        ResponseTime,
        hours::role_without_rate,
        "A role priced by multiplier has no hourly rate.",
        "Give the role a rate in `extraHours.roles`."
    ),
    note!(
        "RESPONSE_BY_SOME_WAYS",
        ResponseTime,
        clauses::response_by_some_ways,
        "A priority has response times only for some channels or places of work.",
        "Add a target without `channels` and `delivery`, or mean it."
    ),
    note!(
        "NOBODY_MAY_APPROVE",
        ResponseTime,
        clauses::nobody_may_approve,
        "Some work costs extra, and none of the named callers may ask for it.",
        "Let one of the callers approve: `mayApprove`."
    ),
    note!(
        "TARGET_INVERTED",
        ResponseTime,
        targets::inverted,
        "A more urgent ticket is given more time.",
        "Shorten the target of the higher priority."
    ),
    note!(
        "RESPONSE_AFTER_RESOLUTION",
        ResponseTime,
        targets::response_after_resolution,
        "The answer may come no sooner than the fix.",
        "Promise the response before the resolution, or promise only the resolution."
    ),
    note!(
        "ESCALATION_ORDER",
        ResponseTime,
        targets::escalation_order,
        "A step of escalation is no earlier than one after it.",
        "Put the steps in the order of their times."
    ),
    note!(
        "RATE_RULE_UNREACHABLE",
        ResponseTime,
        rates::never_reached,
        "A rule of price never applies.",
        "Put it before the rule that takes its work, or drop it."
    ),
    note!(
        "RATE_RULES_OVERLAP",
        ResponseTime,
        rates::overlap,
        "Two rules of different price match the same hours: the first decides.",
        "Let the windows touch, or mean the order."
    ),
    note!(
        "RATE_RULES_GAP",
        ResponseTime,
        rates::gap,
        "A minute of the week lies between two windows and in none.",
        "Let one window end where the next begins."
    ),
    note!(
        "MINIMA_STACK",
        ResponseTime,
        rates::minima_stack,
        "One job can meet two minima.",
        "Say `minima: LARGEST`, or mean that each is charged."
    ),
    note!(
        "ROUNDING_LEFT_OPEN",
        ResponseTime,
        rates::rounding_left_open,
        "In which steps time is charged, or the least that is charged, is not said, and the usual applies.",
        "Say `increment` and `minimum` in `extraHours.rounding`; PT0S says that there is none."
    ),
    note!(
        "WORK_UNPRICED",
        ResponseTime,
        rates::some_work_unpriced,
        "Of the work in a class of hours some kind, role or priority fits no rule of price.",
        "Add a rate rule for the rest; NOT_OFFERED says that it is not to be had."
    ),
    rule!(
        "SCENARIO_UNASSIGNED",
        Accountability,
        accountability::unassigned,
        "Nobody is responsible for one of the four basic failures.",
        "Add a responsibility for the scenario."
    ),
    note!(
        "RESPONSIBLE_FOR_EXCLUDED",
        Accountability,
        accountability::responsible_for_excluded,
        "The provider answers for a failure that is excluded.",
        "Narrow the exclusion or the responsibility."
    ),
    rule!(
        "NO_OBLIGATIONS",
        ClientRequirements,
        accountability::no_obligations,
        "The client has no obligations.",
        "Say the standard that the client's systems must meet."
    ),
    rule!(
        "OBLIGATION_GATES_NOTHING",
        ClientRequirements,
        accountability::gates_nothing,
        "An obligation gates neither a service nor a scenario.",
        "Say what it gates, or it can have no effect."
    ),
    rule!(
        "OBLIGATION_WITHOUT_STANDARD",
        ClientRequirements,
        accountability::without_standard,
        "An obligation does not say what must be met.",
        "Write the `standard`."
    ),
    rule!(
        "NO_PROMISES",
        Promises,
        accountability::no_promises,
        "Nothing is promised beyond best effort.",
        "Promise a target, a recovery, an availability or a backup as GUARANTEE or TARGET."
    ),
    note!(
        "ONLY_BEST_EFFORT",
        Promises,
        targets::only_best_effort,
        "Every response time is best effort.",
        "Promise at least one as TARGET or GUARANTEE, or say so aloud."
    ),
    note!(
        "GUARANTEE_OF_ALL",
        Promises,
        targets::guarantee_of_all,
        "Something is guaranteed without exception.",
        "Guarantee a share that can be kept."
    ),
    note!(
        "CREDIT_STEPS_GAP",
        Promises,
        credits::gap,
        "An attainment between two credit steps earns nothing.",
        "Let one step end where the next begins."
    ),
    rule!(
        "CREDIT_STEPS_OVERLAP",
        Promises,
        credits::overlap,
        "Two credit steps hold the same attainment.",
        "Let one step end where the next begins."
    ),
    rule!(
        "CREDIT_STEPS_ORDER",
        Promises,
        credits::order,
        "A deeper shortfall earns no more than a smaller one.",
        "Let the credit grow as the attainment falls."
    ),
    note!(
        "CREDIT_FOR_KEPT_PROMISE",
        Promises,
        clauses::credit_for_a_kept_promise,
        "A period in which the promise is kept earns a credit.",
        "Let `atMostPercent` of the trigger lie below the promised share."
    ),
    note!(
        "TRIGGER_WITHOUT_PROMISE",
        Promises,
        clauses::trigger_without_promise,
        "A trigger of termination measures what nothing promises.",
        "Promise it, or measure something that is promised."
    ),
    rule!(
        "NO_EXPECTATION",
        Performance,
        accountability::no_expectation,
        "Hardware, third-party systems or workstations have no expectation.",
        "State one expectation for each of the three."
    ),
    rule!(
        "NO_RECOVERY",
        Availability,
        accountability::no_recovery,
        "How fast failures get fixed is not said.",
        "Add a recovery commitment."
    ),
    rule!(
        "NO_BACKUP",
        Availability,
        accountability::no_backup,
        "How often backups run is not said.",
        "Add a backup commitment."
    ),
    note!(
        "NO_RESTORE_TEST",
        Availability,
        accountability::no_restore_test,
        "A backup is never tried.",
        "Promise trial restores: `restoreTestEveryDays`."
    ),
];

/// Everything the draft leaves unsaid, in the order of the sections.
#[must_use]
pub fn find_gaps(draft: &Draft<'_>) -> Vec<Finding> {
    let found_by = |rule: &'static Rule| (rule.find)(draft).into_iter().map(move |hit| (rule, hit));
    RULES.iter().flat_map(found_by).map(|(rule, Hit { message, path })| Finding { rule, message, path }).collect()
}
