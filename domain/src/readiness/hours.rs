//! Findings about hours, response times, and what other hours cost.

use super::{Draft, Hit, hit, missing, rates::reaches};
use crate::{
    terms::Treatment,
    words::{HoursClass, Milestone, Priority},
};

pub(super) fn no_calendar(draft: &Draft<'_>) -> Vec<Hit> {
    missing(draft.sections.calendar.is_none(), "The business hours are not said.", "calendar")
}

pub(super) fn no_tier(draft: &Draft<'_>) -> Vec<Hit> {
    missing(draft.sections.tier.is_none(), "No response times are said.", "tier")
}

pub(super) fn no_response_target(draft: &Draft<'_>) -> Vec<Hit> {
    const URGENT: [Priority; 4] = [Priority::P1, Priority::P2, Priority::P3, Priority::P4];
    let mut hits = Vec::new();
    for (path, tier) in draft.tiers {
        let answers =
            |p: Priority| tier.targets().iter().any(|t| t.priority == p && t.milestone == Milestone::Response);
        let silent = URGENT.iter().filter(|p| !answers(**p));
        hits.extend(silent.map(|p| Hit { message: format!("{p} has no response target."), path: path.clone() }));
    }
    hits
}

pub(super) fn class_unpriced(draft: &Draft<'_>) -> Vec<Hit> {
    let rates = draft.sections.extra_hours.as_ref().map_or(&[][..], |policy| policy.rates.as_slice());
    let speaks_of = |class: HoursClass| rates.iter().any(|rule| reaches(rule, class, draft.hours));
    let silent = HoursClass::ALL.iter().filter(|class| !speaks_of(**class));
    silent.map(|class| hit(format!("No rate rule speaks of {class} hours."), &["extraHours", "rates"])).collect()
}

pub(super) fn role_without_rate(draft: &Draft<'_>) -> Vec<Hit> {
    let Some(policy) = &draft.sections.extra_hours else { return Vec::new() };
    let has_rate = |role: &String| policy.roles.iter().any(|r| r.role == *role);
    let by_multiplier =
        policy.rates.iter().enumerate().filter(|(_, r)| matches!(r.treatment, Treatment::Multiplier(_)));
    let mut hits = Vec::new();
    for (place, rule) in by_multiplier {
        let path = ["extraHours", "rates", &place.to_string()];
        if rule.role.is_empty() && policy.roles.is_empty() {
            hits.push(hit(format!("Rule {} multiplies a rate, but no role has one.", rule.code), &path));
        }
        let unknown = rule.role.iter().filter(|role| !has_rate(role));
        hits.extend(unknown.map(|role| hit(format!("The role {role} has no hourly rate."), &path)));
    }
    hits
}
