//! Findings about clauses that many agreements do without: channels, callers, credits for bad periods, triggers of
//! termination (L3).

use super::{Draft, Hit, hit};
use crate::{
    sla::Target,
    terms::{TerminationTrigger, Treatment},
    text::Code,
    words::{Measure, Milestone, Priority},
};

/// Response times that hold only by some channel, or only for work from afar or on site.
pub(super) fn response_by_some_ways(draft: &Draft<'_>) -> Vec<Hit> {
    let narrow = |target: &Target| !target.channels.is_empty() || target.delivery.is_some();
    let mut hits = Vec::new();
    for (path, tier) in draft.tiers {
        let answers = |priority: Priority| {
            tier.targets().iter().filter(move |t| t.priority == priority && t.milestone == Milestone::Response)
        };
        let partly = |priority: &&Priority| answers(**priority).next().is_some() && answers(**priority).all(narrow);
        hits.extend(Priority::ALL.iter().filter(partly).map(|priority| Hit {
            message: format!("{priority} is answered in time by some channels or in some places only."),
            path: path.clone(),
        }));
    }
    hits
}

/// Callers for services that the terms do not include.
pub(super) fn caller_for_nothing(draft: &Draft<'_>) -> Vec<Hit> {
    let included = |service: &Code| {
        let lines = &draft.sections.services;
        lines
            .iter()
            .any(|line| line.service == *service || line.components.iter().flatten().any(|part| part == service))
    };
    let mut hits = Vec::new();
    for (place, caller) in draft.sections.callers.iter().enumerate() {
        let outside = caller.services.iter().filter(|service| !included(service));
        let text = |service: &Code| format!("{} may ask for {service}, which is not included.", caller.name);
        hits.extend(outside.map(|service| hit(text(service), &["callers", &place.to_string()])));
    }
    hits
}

/// Work that costs extra, and nobody of the client's who may ask for it.
pub(super) fn nobody_may_approve(draft: &Draft<'_>) -> Vec<Hit> {
    let callers = &draft.sections.callers;
    let rates = draft.sections.extra_hours.iter().flat_map(|policy| &policy.rates);
    let costs = |treatment: Treatment| matches!(treatment, Treatment::Multiplier(_) | Treatment::Hourly(_));
    let wrong = !callers.is_empty()
        && callers.iter().all(|caller| !caller.may_approve)
        && rates.into_iter().any(|rule| costs(rule.treatment));
    if wrong { vec![hit("None of the callers may ask for work that costs extra.", &["callers"])] } else { Vec::new() }
}

/// Credits for periods in which the promise was kept.
pub(super) fn credit_for_a_kept_promise(draft: &Draft<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (place, commitment) in draft.sections.availability.iter().enumerate() {
        let (subject, promised) = (&commitment.subject, commitment.percent);
        let triggers = commitment.credit_triggers.iter().enumerate();
        let kept = triggers.filter(|(_, trigger)| trigger.at_most >= promised);
        hits.extend(kept.map(|(trigger, _)| {
            let text = format!("{subject}: a period of {promised} % is promised and earns a credit.");
            hit(text, &["availability", &place.to_string(), "creditTriggers", &trigger.to_string()])
        }));
    }
    hits
}

/// Triggers of termination that measure what nothing promises.
pub(super) fn trigger_without_promise(draft: &Draft<'_>) -> Vec<Hit> {
    let targets = |milestone: Milestone| {
        draft.tiers.iter().any(|(_, tier)| tier.targets().iter().any(|target| target.milestone == milestone))
    };
    let promised = |measure: Measure| match measure {
        Measure::Availability => !draft.sections.availability.is_empty(),
        Measure::Backup => !draft.sections.backups.is_empty(),
        Measure::Response => targets(Milestone::Response),
        Measure::Resolution => targets(Milestone::Resolution),
    };
    let said = |(place, trigger): (usize, &TerminationTrigger)| {
        let text = format!("\"{}\" measures {}, of which nothing is promised.", trigger.title, trigger.measure);
        hit(text, &["terminationTriggers", &place.to_string()])
    };
    let triggers = draft.sections.termination_triggers.iter().enumerate();
    triggers.filter(|(_, trigger)| !promised(trigger.measure)).map(said).collect()
}
