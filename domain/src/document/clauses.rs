//! Clauses that many agreements do without: named callers, renewal, updates and escalation, indexation, and what holds for
//! all credits together. What is not agreed is left out.

use super::{Block, Clause, NamedTier, Subject, model::fact, paragraph, part, phrases, say};
use crate::{
    lifecycle::Renewal,
    terms::{CreditPolicy, Indexation, NamedCaller, TerminationTrigger, clause},
    words::{Measure, PriceKind, RenewalKind},
};

/// 1.3: who may ask for service.
pub(super) fn callers(subject: &Subject<'_>) -> Vec<Block> {
    let callers = &subject.sections.callers;
    if callers.is_empty() {
        return Vec::new();
    }
    let text = "Only these people may ask for service. To anybody else nothing is promised.";
    let mut blocks = vec![part("1.3", "Who may ask for service"), paragraph(text)];
    blocks.extend(callers.iter().enumerate().map(|(place, one)| Block::Clause(caller(subject, place, one))));
    blocks
}

fn caller(subject: &Subject<'_>, place: usize, caller: &NamedCaller) -> Clause {
    let services = match caller.services.as_slice() {
        [] => "all services".into(),
        some => say::list(&subject.services(some)),
    };
    let extra = if caller.may_approve { "may ask for it" } else { "may not ask for it" };
    let facts = vec![fact("For", services), fact("Work that costs extra", extra)];
    Clause { number: clause::caller(place), title: caller.name.as_str().into(), facts }
}

/// 1.4: what happens when the term ends.
pub(super) fn renewal(subject: &Subject<'_>) -> Vec<Block> {
    let Some(renewal) = &subject.sections.renewal else { return Vec::new() };
    let mut facts = Vec::new();
    facts.extend(renewal.first_term_months.map(|months| fact("First term", months_of(months.get()))));
    facts.push(fact("Each further term", months_of(renewal.months.get())));
    facts.push(fact("At the end of a term", at_the_end(renewal)));
    vec![part(clause::RENEWAL, "When the term ends"), Block::List(facts)]
}

fn at_the_end(renewal: &Renewal) -> String {
    let notice = &renewal.notice;
    let parts: Vec<String> =
        [(notice.months > 0).then(|| months_of(notice.months)), (notice.days > 0).then(|| say::days(notice.days))]
            .into_iter()
            .flatten()
            .collect();
    let before = match parts.as_slice() {
        [] => "by its last day".into(),
        _ => format!("at least {} before its end", say::list(&parts)),
    };
    match renewal.kind {
        RenewalKind::Automatic => format!("another one begins, unless one of the parties declines it {before}"),
        RenewalKind::ByHand => format!("the agreement ends, unless both parties renew it {before}"),
    }
}

fn months_of(count: u32) -> String {
    say::counted(u64::from(count), "month")
}

/// 2.5 and 2.6: how often somebody says how a ticket stands, and who is brought in.
pub(super) fn course(named: NamedTier<'_>) -> Vec<Block> {
    let parts = named.tier.parts();
    let mut blocks = Vec::new();
    if !parts.updates.is_empty() {
        blocks.push(part("2.5", "How often you hear how a ticket stands"));
    }
    for (place, update) in parts.updates.iter().enumerate() {
        let text = format!("at least once in {}", say::counted_time(update.every, update.clock));
        let facts = vec![fact("Told", text)];
        blocks.push(Block::Clause(Clause {
            number: clause::update(place),
            title: update.priority.as_str().into(),
            facts,
        }));
    }
    if !parts.escalations.is_empty() {
        blocks.push(part("2.6", "Who is brought in when a ticket is not resolved"));
    }
    for (place, step) in parts.escalations.iter().enumerate() {
        let after = format!("{} after the opening", say::counted_time(step.after, step.clock));
        let facts =
            vec![fact("When", after), fact("Who", step.to.as_str()), fact("What happens", step.action.as_str())];
        let title = step.priority.as_str().into();
        blocks.push(Block::Clause(Clause { number: clause::escalation(place), title, facts }));
    }
    blocks
}

/// 2.7: how prices may rise.
pub(super) fn indexation(subject: &Subject<'_>) -> Vec<Block> {
    let Some(indexation) = &subject.sections.indexation else { return Vec::new() };
    vec![part(clause::INDEXATION, "How prices may rise"), paragraph(rises(indexation))]
}

fn rises(indexation: &Indexation) -> String {
    let kinds: Vec<&str> = indexation
        .applies_to
        .iter()
        .map(|kind| match kind {
            PriceKind::Fees => "the fees of services",
            PriceKind::Rates => "the hourly rates",
        })
        .collect();
    let cap = match indexation.cap {
        Some(cap) => format!("by at most {} each time", say::percent(cap)),
        None => "without a cap".into(),
    };
    let every = months_of(indexation.every_months.get());
    let sentence = format!(
        "{} may rise with {}, at most once in {every} and {cap}. A rise is stated in new terms.",
        say::list(&kinds),
        indexation.index
    );
    say::sentence(&sentence)
}

/// 5.1 and 5.2: what holds for all credits, and when broken promises end the agreement.
pub(super) fn consequences(subject: &Subject<'_>) -> Vec<Block> {
    let mut blocks = Vec::new();
    if let Some(policy) = &subject.sections.credit_policy {
        blocks.push(part(clause::CREDIT_POLICY, "All service credits together"));
        blocks.push(Block::List(credit_policy(policy).into_iter().map(Into::into).collect()));
    }
    let triggers = &subject.sections.termination_triggers;
    if !triggers.is_empty() {
        blocks.push(part("5.2", "When broken promises end the agreement"));
    }
    blocks.extend(triggers.iter().enumerate().map(|(place, one)| Block::Clause(trigger(place, one))));
    blocks
}

fn credit_policy(policy: &CreditPolicy) -> Vec<String> {
    let basis = phrases::cap_basis(policy.year_basis);
    let claim = policy.claim_within_days.map_or_else(
        || "They are due unasked.".to_owned(),
        |days| format!("They have to be claimed within {} after the month, or are lost.", say::days(days)),
    );
    [
        policy.month_cap.map(|cap| format!("Those of a month are at most {} of its fee.", say::percent(cap))),
        policy.year_cap.map(|cap| format!("Those of a calendar year are at most {} of {basis}.", say::percent(cap))),
        Some(claim),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn trigger(place: usize, trigger: &TerminationTrigger) -> Clause {
    let measure = match trigger.measure {
        Measure::Availability => "the share of the time that something promised in 7.1 is there",
        Measure::Response => "the share of tickets answered in time",
        Measure::Resolution => "the share of tickets resolved in time",
        Measure::Backup => "the share of backup runs that went well",
    };
    let months = match (trigger.times.get(), trigger.within_periods.get()) {
        (_, 1) => "in a month".to_owned(),
        (times, within) if times == within => format!("in {} in a row", say::counted(u64::from(within), "month")),
        (times, within) => format!("in {times} of {} in a row", say::counted(u64::from(within), "month")),
    };
    let condition = format!("{measure} is below {} {months}", say::percent(trigger.below));
    let notice = match trigger.notice_days {
        0 => "none is needed".into(),
        days => say::days(days),
    };
    let facts = vec![
        fact("When", say::sentence(&condition)),
        fact("Who may end the agreement", phrases::party(trigger.party)),
        fact("Notice", notice),
    ];
    Clause { number: clause::termination_trigger(place), title: trigger.title.as_str().into(), facts }
}
