//! Whether the terms list what is asked about (V2, V7).

use super::{AskedService, Question, Reason, ReasonCode, liability};
use crate::{
    terms::{AgreedTerms, Exclusion, clause},
    text::Code,
    words::{CoverageVerdict, Party},
};

/// What the list of services and exclusions says.
pub(super) struct Listing {
    pub(super) verdict: CoverageVerdict,
    /// The included service that brings it, where one does.
    pub(super) line: Option<usize>,
    pub(super) reason: Reason,
}

pub(super) fn find(terms: &AgreedTerms, question: &Question, near_misses: &mut Vec<Reason>) -> Listing {
    let line = match &question.service {
        AskedService::Known(code) => line_of(terms, code),
        AskedService::Unsaid | AskedService::Unknown => None,
    };
    if question.service == AskedService::Unknown {
        let text = "The catalogue has no such service, so the terms cannot list it.";
        let reason = Reason::new(ReasonCode::ServiceUnknown, None, text);
        return Listing { verdict: CoverageVerdict::NotListed, line, reason };
    }
    if let Some(reason) = exclusion(terms, question, near_misses) {
        return Listing { verdict: CoverageVerdict::Excluded, line, reason };
    }
    match &question.service {
        AskedService::Known(code) => by_service(terms, code, line),
        _ => by_scenario(terms, question),
    }
}

/// The first included service that is the one asked for, else the first package that holds it.
pub(super) fn line_of(terms: &AgreedTerms, code: &Code) -> Option<usize> {
    let itself = terms.sections.services.iter().position(|line| line.service == *code);
    itself.or_else(|| terms.lines.iter().position(|line| line.components.contains(code)))
}

/// The first exclusion that matches; those that fail on one condition are kept as near misses.
fn exclusion(terms: &AgreedTerms, question: &Question, near_misses: &mut Vec<Reason>) -> Option<Reason> {
    for (place, exclusion) in terms.sections.exclusions.iter().enumerate() {
        let clause = Some(clause::exclusion(place));
        let conditions = conditions(exclusion, question);
        match conditions.as_slice() {
            [] => {}
            all if all.iter().all(|c| c.holds) => {
                let text = format!("Excluded: {}. {}", exclusion.title, exclusion.reason);
                return Some(Reason::new(ReasonCode::Excluded, clause, text.trim_end()));
            }
            _ => near_misses.extend(near_miss(&conditions).map(|failed| {
                let text = format!("The exclusion \"{}\" would apply but for the {failed}.", exclusion.title);
                Reason::new(ReasonCode::NearMiss, clause, text)
            })),
        }
    }
    None
}

/// One condition of a rule against the question.
pub(super) struct Condition {
    pub(super) name: &'static str,
    pub(super) holds: bool,
    /// Whether the question said anything about it.
    pub(super) said: bool,
}

impl Condition {
    /// The condition that the question's value is `wanted`.
    pub(super) fn equals<T: PartialEq>(name: &'static str, wanted: Option<&T>, given: Option<&T>) -> Option<Self> {
        wanted.map(|wanted| Self { name, holds: given == Some(wanted), said: given.is_some() })
    }

    /// The condition that the question's value is one of `wanted`; an empty list is no condition.
    pub(super) fn among<T: PartialEq<U>, U: ?Sized>(
        name: &'static str,
        wanted: &[T],
        given: Option<&U>,
    ) -> Option<Self> {
        let holds = || given.is_some_and(|given| wanted.iter().any(|w| w == given));
        (!wanted.is_empty()).then(|| Self { name, holds: holds(), said: given.is_some() })
    }
}

/// The one condition on which a rule failed although something else spoke for it, or the question left it open (V6).
pub(super) fn near_miss(conditions: &[Condition]) -> Option<&'static str> {
    let mut failed = conditions.iter().filter(|c| !c.holds);
    let (Some(only), None) = (failed.next(), failed.next()) else { return None };
    (conditions.len() > 1 || !only.said).then_some(only.name)
}

fn conditions(exclusion: &Exclusion, question: &Question) -> Vec<Condition> {
    let service = match &question.service {
        AskedService::Known(code) => Some(code),
        AskedService::Unsaid | AskedService::Unknown => None,
    };
    [
        Condition::equals("service", exclusion.service.as_ref(), service),
        Condition::equals("scenario", exclusion.scenario.as_ref(), question.scenario.as_ref()),
        Condition::equals("component", exclusion.component.as_ref(), question.component.as_ref()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn by_service(terms: &AgreedTerms, code: &Code, line: Option<usize>) -> Listing {
    let Some(place) = line else {
        let text = format!("The terms neither include nor exclude {code}.");
        let reason = Reason::new(ReasonCode::NotListed, None, text);
        return Listing { verdict: CoverageVerdict::NotListed, line, reason };
    };
    let package = terms.sections.services.get(place).map(|line| &line.service).filter(|service| *service != code);
    let reason = match package {
        Some(package) => (ReasonCode::PackageIncludes, format!("The package {package} includes {code}.")),
        None => (ReasonCode::ServiceIncluded, format!("{code} is included.")),
    };
    let reason = Reason::new(reason.0, Some(clause::service(place)), reason.1);
    Listing { verdict: CoverageVerdict::Included, line, reason }
}

/// Without a service, the provider's or a shared responsibility for the scenario covers it.
fn by_scenario(terms: &AgreedTerms, question: &Question) -> Listing {
    let found = liability::responsibility(terms, question);
    let (verdict, text) = match found.map(|(_, responsibility)| responsibility.party) {
        Some(party @ (Party::Provider | Party::Shared)) => {
            (CoverageVerdict::Included, format!("No service was given; responsibility for the failure is {party}."))
        }
        Some(party) => {
            (CoverageVerdict::NotListed, format!("No service was given; responsibility for the failure is {party}."))
        }
        None => {
            (CoverageVerdict::NotListed, "Neither a service nor a failure that the terms assign was given.".to_owned())
        }
    };
    let clause = found.map(|(place, _)| clause::responsibility(place));
    Listing { verdict, line: None, reason: Reason::new(ReasonCode::ScenarioDecides, clause, text) }
}
