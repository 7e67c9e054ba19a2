//! Whether work is covered, for rating: the same as a question's answer, without what only people read (R0, R2).

use jiff::Timestamp;

use super::{
    AskedService, ObligationStates, Question, Reason,
    liability::{bites_for_price, gates_question},
    listing,
};
use crate::{
    rating::Gate,
    terms::{AgreedTerms, Obligation},
    text::Code,
    words::{ComponentClass, CoverageVerdict, FailureScenario, ObligationEffect},
};

/// What work was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WorkSubject<'a> {
    /// The service.
    pub service: Option<&'a Code>,
    /// What failed.
    pub scenario: Option<FailureScenario>,
    /// What kind of thing failed.
    pub component: Option<ComponentClass>,
}

/// How terms speak of some work.
#[derive(Debug)]
pub struct WorkCover<'a> {
    /// Whether they cover it.
    pub verdict: CoverageVerdict,
    /// The place of the included service that it falls under.
    pub line: Option<usize>,
    /// Why; none where neither a service nor a failure is named.
    pub reason: Option<Reason>,
    /// The obligations that make it chargeable while they are unmet.
    pub gate: ChargeableGate<'a>,
}

/// Obligations that make work chargeable while they are unmet, with how they stood.
#[derive(Debug)]
pub struct ChargeableGate<'a> {
    obligations: Vec<&'a Obligation>,
    states: &'a ObligationStates,
}

impl ChargeableGate<'_> {
    /// Whether there is no such obligation.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.obligations.is_empty()
    }

    /// The obligation that makes the work chargeable at an instant.
    #[must_use]
    pub fn biting(&self, at: Timestamp) -> Option<&Obligation> {
        let history = |obligation: &Obligation| self.states.get(&obligation.code).map_or(&[][..], Vec::as_slice);
        self.obligations.iter().copied().find(|obligation| bites_for_price(obligation, history(obligation), at))
    }
}

impl Gate for ChargeableGate<'_> {
    fn bites(&self, at: Timestamp) -> bool {
        self.biting(at).is_some()
    }
}

/// Whether terms cover work, and what can make it chargeable. Work for neither a service nor a failure is covered (R0).
#[must_use]
pub fn cover_work<'a>(terms: &'a AgreedTerms, states: &'a ObligationStates, subject: WorkSubject<'_>) -> WorkCover<'a> {
    if subject.service.is_none() && subject.scenario.is_none() {
        let gate = ChargeableGate { obligations: Vec::new(), states };
        return WorkCover { verdict: CoverageVerdict::Included, line: None, reason: None, gate };
    }
    let question = question(subject);
    let listing = listing::find(terms, &question, &mut Vec::new());
    let package = listing.line.and_then(|place| terms.sections.services.get(place)).map(|line| &line.service);
    let chargeable = |o: &&Obligation| o.effects.contains(&ObligationEffect::Chargeable);
    let gating = |o: &&Obligation| gates_question(o, &question, package);
    // One whose state was never recorded counts as met.
    let known = |o: &&Obligation| states.contains_key(&o.code);
    let obligations = terms.sections.obligations.iter().filter(chargeable).filter(known).filter(gating).collect();
    let gate = ChargeableGate { obligations, states };
    WorkCover { verdict: listing.verdict, line: listing.line, reason: Some(listing.reason), gate }
}

fn question(subject: WorkSubject<'_>) -> Question {
    Question {
        service: subject.service.cloned().map_or(AskedService::Unsaid, AskedService::Known),
        priority: None,
        scenario: subject.scenario,
        component: subject.component,
        role: None,
        work_kind: None,
        channel: None,
        delivery: None,
        caller: None,
        work: None,
        at: Timestamp::UNIX_EPOCH,
    }
}
