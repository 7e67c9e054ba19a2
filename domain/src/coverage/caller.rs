//! Whether who asks may ask (V10).

use super::{AskedService, Question, Reason, ReasonCode, Void};
use crate::{
    terms::{AgreedTerms, NamedCaller, clause},
    text::Code,
};

/// What the named callers do to a question.
#[derive(Default)]
pub(super) struct Judged {
    pub(super) void: Option<Void>,
    pub(super) reasons: Vec<Reason>,
}

/// The place of the named caller who may ask for a service, which a line brings (V10).
pub(super) fn named(terms: &AgreedTerms, name: &str, asked: Option<&Code>, line: Option<usize>) -> Option<usize> {
    let package = line.and_then(|place| terms.sections.services.get(place)).map(|line| &line.service);
    let may_ask = |caller: &NamedCaller| {
        let named = asked.into_iter().chain(package).any(|code| caller.services.contains(code));
        caller.name == *name && (caller.services.is_empty() || asked.is_none() || named)
    };
    terms.sections.callers.iter().position(may_ask)
}

/// Where terms name callers, nothing is promised to others; a question that does not say who asks is answered as for one
/// of them.
pub(super) fn judge(terms: &AgreedTerms, question: &Question, line: Option<usize>, chargeable: bool) -> Judged {
    let callers = &terms.sections.callers;
    if callers.is_empty() {
        return Judged::default();
    }
    let Some(name) = &question.caller else {
        let text = "Only named callers may ask for service, and none was given.";
        return Judged { void: None, reasons: vec![Reason::new(ReasonCode::CallerNeeded, None, text)] };
    };
    let asked = match &question.service {
        AskedService::Known(code) => Some(code),
        AskedService::Unsaid | AskedService::Unknown => None,
    };
    let Some(place) = named(terms, name, asked, line) else {
        let text = format!("{name} is none of the named callers for this, so nothing is promised.");
        return Judged { void: Some(Void::Caller), reasons: vec![Reason::new(ReasonCode::CallerNotNamed, None, text)] };
    };
    let mut judged = Judged::default();
    if chargeable && callers.get(place).is_some_and(|caller| !caller.may_approve) {
        let text = format!("{name} may not ask for work that costs extra: somebody else has to.");
        judged.reasons.push(Reason::new(ReasonCode::CallerCannotApprove, Some(clause::caller(place)), text));
    }
    judged
}
