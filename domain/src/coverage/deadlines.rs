//! What is due when (S1, S2), who is brought in and when somebody says how it stands (Q5).

use std::sync::Arc;

use jiff::Timestamp;

use super::{Applicable, Deadline, EscalationDue, Question, Reason, ReasonCode, Void};
use crate::{
    sla::{Opening, Target},
    terms::clause,
    words::{HoursClass, Milestone, Priority},
};

/// What the tier promises for the instant asked about, and why.
#[derive(Default)]
pub(super) struct Promised {
    pub(super) deadlines: Vec<Deadline>,
    pub(super) next_update: Option<Timestamp>,
    pub(super) escalations: Vec<EscalationDue>,
    pub(super) reasons: Vec<Reason>,
}

impl Promised {
    fn nothing(code: ReasonCode, text: impl Into<String>) -> Self {
        let reasons = vec![Reason::new(code, Some(clause::TIER.to_owned()), text)];
        Self { reasons, ..Self::default() }
    }
}

pub(super) fn promised(
    applies: &Applicable<'_>,
    question: &Question,
    class: HoursClass,
    void: Option<Void>,
) -> Promised {
    let Some(priority) = question.priority else {
        return Promised::nothing(ReasonCode::NoPriority, "No priority was given, so there are no deadlines.");
    };
    match void {
        Some(Void::Suspended) => {
            let text = "An unmet obligation suspends the service levels: nothing is due until it is met.";
            return Promised::nothing(ReasonCode::SlaSuspended, text);
        }
        Some(Void::Caller) => return Promised::default(),
        None => {}
    }
    let deadlines = deadlines(applies, question, priority, class);
    let mut reasons = deadline_reasons(applies, priority, &deadlines);
    let next_update = update(applies, question, priority, &mut reasons);
    let escalations = escalations(applies, question, priority, &mut reasons);
    Promised { deadlines, next_update, escalations, reasons }
}

fn deadlines(applies: &Applicable<'_>, question: &Question, priority: Priority, class: HoursClass) -> Vec<Deadline> {
    let opening = Opening { class, channel: question.channel.as_deref(), delivery: question.delivery };
    let chosen = Milestone::ALL.iter().filter_map(|milestone| applies.tier.target(priority, *milestone, &opening));
    chosen
        .filter_map(|(_, target)| {
            let own = target.calendar.as_ref().and_then(|code| applies.terms.target_calendars.get(code));
            let calendar = own.unwrap_or(applies.calendar);
            Some(Deadline {
                milestone: target.milestone,
                due: target.due(calendar, question.at)?,
                target: target.clone(),
                opened: question.at,
                calendar: Arc::clone(calendar),
            })
        })
        .collect()
}

fn deadline_reasons(applies: &Applicable<'_>, priority: Priority, found: &[Deadline]) -> Vec<Reason> {
    if found.is_empty() {
        let text = format!("No target is promised for {priority} as it was asked.");
        return vec![Reason::new(ReasonCode::NoTarget, Some(clause::TIER.to_owned()), text)];
    }
    let place = |target: &Target| applies.tier.targets().iter().position(|t| t == target).map(clause::target);
    let tier = || Some(clause::TIER.to_owned());
    let say = |d: &Deadline| format!("{} for {priority} is due at {}: {}.", d.milestone, d.due, d.target);
    found.iter().map(|d| Reason::new(ReasonCode::Target, place(&d.target).or_else(tier), say(d))).collect()
}

fn update(
    applies: &Applicable<'_>,
    question: &Question,
    priority: Priority,
    reasons: &mut Vec<Reason>,
) -> Option<Timestamp> {
    let cadence = applies.tier.update(priority)?;
    let due = cadence.first_due(applies.calendar, question.at)?;
    let place = applies.tier.parts().updates.iter().position(|update| update == cadence);
    let text = format!("Somebody says how it stands every {}, first by {due}.", cadence.every);
    reasons.push(Reason::new(ReasonCode::UpdateDue, place.map(clause::update), text));
    Some(due)
}

fn escalations(
    applies: &Applicable<'_>,
    question: &Question,
    priority: Priority,
    reasons: &mut Vec<Reason>,
) -> Vec<EscalationDue> {
    let steps = applies.tier.parts().escalations.iter().enumerate().filter(|(_, step)| step.priority == priority);
    let mut due = Vec::new();
    for (place, step) in steps {
        let Some(at) = step.due(applies.calendar, question.at) else { continue };
        let text = format!("If it is not resolved by {at}, {} is brought in: {}", step.to, step.action);
        reasons.push(Reason::new(ReasonCode::Escalation, Some(clause::escalation(place)), text));
        due.push(EscalationDue { step: step.clone(), due: at });
    }
    due
}
