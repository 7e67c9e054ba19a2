//! Who answers for a failure, and whether the provider is liable (V3, V4, V9).

use jiff::Timestamp;

use super::{
    AskedService, ObligationStates, Question, Reason, ReasonCode, StateChange,
    standing::{attested, standing, standing_as_known},
};
use crate::{
    terms::{AgreedTerms, CostShare, Obligation, Responsibility, clause},
    text::Code,
    time::{Duration, later},
    words::{FailureScenario, ObligationEffect, ObligationState, Party},
};

/// Who answers, and whether that is the provider.
pub(super) struct Accountable {
    pub(super) party: Option<Party>,
    pub(super) costs: Vec<CostShare>,
    pub(super) liable: bool,
    pub(super) reason: Option<Reason>,
}

/// The most specific responsibility for the question's failure (V3).
pub(super) fn responsibility<'a>(terms: &'a AgreedTerms, question: &Question) -> Option<(usize, &'a Responsibility)> {
    let scenario = question.scenario?;
    let of_scenario =
        || terms.sections.responsibilities.iter().enumerate().filter(move |(_, r)| r.scenario == scenario);
    let exact = question.component.and_then(|component| of_scenario().find(|(_, r)| r.component == Some(component)));
    exact.or_else(|| of_scenario().find(|(_, r)| r.component.is_none()))
}

pub(super) fn accountable(terms: &AgreedTerms, question: &Question, near_misses: &mut Vec<Reason>) -> Accountable {
    let Some(scenario) = question.scenario else {
        return Accountable { party: None, costs: Vec::new(), liable: true, reason: None };
    };
    for (place, other) in terms.sections.responsibilities.iter().enumerate() {
        if let Some(component) =
            other.component.filter(|c| other.scenario == scenario && question.component != Some(*c))
        {
            let text = format!("For {component} the responsibility for {scenario} is {}.", other.party);
            near_misses.push(Reason::new(ReasonCode::NearMiss, Some(clause::responsibility(place)), text));
        }
    }
    let Some((place, found)) = responsibility(terms, question) else {
        let text = format!("The terms do not say who answers for {scenario}.");
        let reason = Some(Reason::new(ReasonCode::ScenarioUnassigned, None, text));
        return Accountable { party: None, costs: Vec::new(), liable: false, reason };
    };
    let text = format!("Responsibility for {scenario} is {}: {}", found.party, found.duties);
    Accountable {
        party: Some(found.party),
        costs: found.costs.clone(),
        liable: matches!(found.party, Party::Provider | Party::Shared),
        reason: Some(Reason::new(ReasonCode::Responsible, Some(clause::responsibility(place)), text)),
    }
}

/// What the obligations that gate the question do to it.
#[derive(Default)]
pub(super) struct Gates {
    pub(super) unmet: Vec<usize>,
    pub(super) reasons: Vec<Reason>,
    effects: Vec<ObligationEffect>,
}

impl Gates {
    pub(super) fn bites(&self, effect: ObligationEffect) -> bool {
        self.effects.contains(&effect)
    }
}

pub(super) fn gates(terms: &AgreedTerms, states: &ObligationStates, question: &Question, line: Option<usize>) -> Gates {
    let mut gates = Gates::default();
    let package = line.and_then(|place| terms.sections.services.get(place)).map(|line| &line.service);
    let gating = |o: &Obligation| gates_question(o, question, package);
    for (place, obligation) in terms.sections.obligations.iter().enumerate().filter(|(_, o)| gating(o)) {
        let history = states.get(&obligation.code).map_or(&[][..], Vec::as_slice);
        judge(&mut gates, place, obligation, history, question.at);
    }
    gates
}

/// Whether an obligation gates the service, the package that brings it, or the failure.
pub(super) fn gates_question(obligation: &Obligation, question: &Question, package: Option<&Code>) -> bool {
    let service = match &question.service {
        AskedService::Known(code) => Some(code),
        AskedService::Unsaid | AskedService::Unknown => None,
    };
    is_gated_by(obligation, service, package, question.scenario)
}

/// Whether an obligation gates a service, the package that brings it, or a failure.
pub(super) fn is_gated_by(
    obligation: &Obligation,
    service: Option<&Code>,
    package: Option<&Code>,
    scenario: Option<FailureScenario>,
) -> bool {
    let by_service = service.is_some_and(|service| {
        [Some(service), package].into_iter().flatten().any(|code| obligation.gates_services.contains(code))
    });
    by_service || scenario.is_some_and(|scenario| obligation.gates_scenarios.contains(&scenario))
}

fn judge(gates: &mut Gates, place: usize, obligation: &Obligation, history: &[StateChange], at: Timestamp) {
    let mut say = |code, text: String| gates.reasons.push(Reason::new(code, Some(clause::obligation(place)), text));
    let title = &obligation.title;
    let standing = standing(history, at);
    if let Some(claim) = attested(history, at).filter(|claim| standing.is_none_or(|s| s.state != claim.state)) {
        let text = format!(
            "The client says that \"{title}\" is {} since {}; nobody has confirmed it.",
            claim.state, claim.since
        );
        say(ReasonCode::ObligationAttested, text);
    }
    let Some(standing) = standing.filter(|s| s.state != ObligationState::Unknown) else {
        return say(ReasonCode::ObligationUnknown, format!("How \"{title}\" stands is not known; it counts as met."));
    };
    match standing.state {
        ObligationState::Met | ObligationState::Unknown => return,
        ObligationState::Waived => {
            let end = standing.until.map(|until| format!(" until {until}")).unwrap_or_default();
            return say(ReasonCode::ObligationWaived, format!("\"{title}\" is waived{end}; it counts as met."));
        }
        ObligationState::Unmet => {}
    }
    let Some(from) = bites_from(obligation, standing).filter(|from| *from <= at) else {
        let text = format!(
            "\"{title}\" is unmet since {}, within its {} days of grace.",
            standing.since, obligation.grace_days
        );
        return say(ReasonCode::ObligationInGrace, text);
    };
    let in_time = has_bitten_as_known(obligation, history, at);
    let applies = |effect: &&ObligationEffect| in_time || **effect == ObligationEffect::NotLiable;
    let effects: Vec<ObligationEffect> = obligation.effects.iter().filter(applies).copied().collect();
    let named: Vec<&str> = effects.iter().map(|effect| effect.as_str()).collect();
    let what = if named.is_empty() { "without any effect yet".to_owned() } else { named.join(", ") };
    say(ReasonCode::ObligationUnmet, format!("\"{title}\" is unmet and bites since {from}: {what}."));
    if !in_time {
        say(
            ReasonCode::ObligationRecordedLate,
            format!("That was recorded at {}, after the failure.", standing.recorded_at),
        );
    }
    gates.unmet.push(place);
    gates.effects.extend(effects);
}

/// Whether an obligation makes work chargeable at an instant: it is unmet, and was known to be, past its grace (V9).
pub(super) fn bites_for_price(obligation: &Obligation, history: &[StateChange], at: Timestamp) -> bool {
    let unmet = standing(history, at).filter(|standing| standing.state == ObligationState::Unmet);
    let bites = unmet.and_then(|standing| bites_from(obligation, standing)).is_some_and(|from| from <= at);
    bites && has_bitten_as_known(obligation, history, at)
}

/// The same by what was recorded by then.
fn has_bitten_as_known(obligation: &Obligation, history: &[StateChange], at: Timestamp) -> bool {
    let known = standing_as_known(history, at).filter(|known| known.state == ObligationState::Unmet);
    known.and_then(|known| bites_from(obligation, known)).is_some_and(|from| from <= at)
}

/// When an unmet obligation begins to have its effects: after its days of grace, of 24 hours each (V9).
pub(super) fn bites_from(obligation: &Obligation, standing: StateChange) -> Option<Timestamp> {
    let hours = i32::try_from(obligation.grace_days).unwrap_or(i32::MAX / 24).saturating_mul(24);
    later(standing.since, Duration::from_hours(hours))
}
