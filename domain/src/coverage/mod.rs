//! Is it covered, who answers for it, until when, and what does it cost?
//!
//! [`decide_coverage`] is a function of the agreed terms, the obligations' states and the question. Every part of its
//! answer is put down with the clause it comes from, in the order in which it was decided; what nearly applied comes
//! last (V6).

mod caller;
mod deadlines;
mod liability;
mod listing;
mod price;
mod reason;
mod standing;
mod suspension;
#[cfg(test)]
mod tests;
mod work;

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;

pub use reason::{Reason, ReasonCode};
pub use standing::{StateChange, standing};
pub use suspension::{clock_rules, scheme_of, suspensions};
pub use work::{ChargeableGate, WorkCover, WorkSubject, cover_work};

use crate::{
    calendar::Calendar,
    money::{Money, Rate},
    rating::{HourPool, RatedSegment},
    sla::{ClockSegment, EscalationStep, Target},
    terms::{AgreedLine, AgreedTerms, CostShare},
    text::Code,
    time::Duration,
    words::{
        ComponentClass, CoverageVerdict, Delivery, FailureScenario, HoursClass, Milestone, ObligationEffect, Party,
        Priority,
    },
};

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// The service concerned.
    pub service: AskedService,
    /// How urgent it is; none: no deadlines.
    pub priority: Option<Priority>,
    /// What failed.
    pub scenario: Option<FailureScenario>,
    /// What kind of thing failed.
    pub component: Option<ComponentClass>,
    /// Who works; none: the only role there is.
    pub role: Option<String>,
    /// What kind of work it is, in the provider's words.
    pub work_kind: Option<String>,
    /// By which channel it came, in the provider's words.
    pub channel: Option<String>,
    /// How the work reaches the client.
    pub delivery: Option<Delivery>,
    /// Who of the client's asks, as the terms name them.
    pub caller: Option<String>,
    /// How long the work takes; none: no estimate.
    pub work: Option<Duration>,
    /// When the work or the failure happens.
    pub at: Timestamp,
}

/// The service of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskedService {
    /// Left out.
    Unsaid,
    /// One of the catalogue.
    Known(Code),
    /// A handle that names nothing (V7).
    Unknown,
}

/// The recorded states of an agreement's obligations, by code; one without entry is UNKNOWN.
pub type ObligationStates = BTreeMap<Code, Vec<StateChange>>;

/// The answer.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Whether it is covered.
    pub verdict: CoverageVerdict,
    /// Who answers for the failure; none: no scenario was given, or none of the responsibilities is for it.
    pub responsible: Option<Party>,
    /// Who pays what, of the responsibility that applies.
    pub costs: Vec<CostShare>,
    /// Whether the provider answers for it.
    pub liable: bool,
    /// Places in `sections.obligations` of those unmet and past their grace.
    pub unmet: Vec<usize>,
    /// The class of the hour; none without terms in force.
    pub hours_class: Option<HoursClass>,
    /// Whether the work is to be had at that time.
    pub offered: bool,
    /// Whether it costs more than the fee.
    pub chargeable: bool,
    /// What an hour costs, beyond included hours; none: nothing more, or not known (see the reasons).
    pub hourly_rate: Option<Rate>,
    /// What the work comes to; none: no length was given, or its price is not known.
    pub estimate: Option<Estimate>,
    /// When what is due.
    pub deadlines: Vec<Deadline>,
    /// When somebody says how it stands, for the first time.
    pub next_update: Option<Timestamp>,
    /// Who is brought in when, as long as it is not resolved.
    pub escalations: Vec<EscalationDue>,
    /// When it opens next.
    pub next_opening: Option<Timestamp>,
    /// Why, in the order of deciding; near misses last.
    pub reasons: Vec<Reason>,
}

/// What work comes to (R1–R5), with the hours that are left.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// Its stretches, in order.
    pub segments: Vec<RatedSegment>,
    /// The plain sum.
    pub amount: Money,
}

/// One step of escalation, applied to the instant asked about.
#[derive(Clone, Debug)]
pub struct EscalationDue {
    /// The step.
    pub step: EscalationStep,
    /// When it is taken.
    pub due: Timestamp,
}

/// One target applied to the instant asked about.
#[derive(Clone, Debug)]
pub struct Deadline {
    /// What is due.
    pub milestone: Milestone,
    /// By when.
    pub due: Timestamp,
    /// The target that was chosen (S2).
    pub target: Target,
    opened: Timestamp,
    calendar: Arc<Calendar>,
}

impl Deadline {
    /// The proof of `due`: which stretches counted and which did not, and why.
    #[must_use]
    pub fn segments(&self) -> Vec<ClockSegment> {
        self.target.segments(&self.calendar, self.opened, self.due)
    }
}

impl Decision {
    /// No terms are in force, or the handles name nothing (V7).
    #[must_use]
    pub fn not_in_force(why: Reason) -> Self {
        Self {
            verdict: CoverageVerdict::NotInForce,
            responsible: None,
            costs: Vec::new(),
            liable: false,
            unmet: Vec::new(),
            hours_class: None,
            offered: false,
            chargeable: false,
            hourly_rate: None,
            estimate: None,
            deadlines: Vec::new(),
            next_update: None,
            escalations: Vec::new(),
            next_opening: None,
            reasons: vec![why],
        }
    }

    /// How good an answer is for the client, its rate aside: less is better (V7).
    fn favour(&self) -> impl Ord + use<> {
        let verdict = match self.verdict {
            CoverageVerdict::Included => 0,
            CoverageVerdict::NotListed => 1,
            CoverageVerdict::Excluded => 2,
            CoverageVerdict::NotInForce => 3,
        };
        // A rate that is not known is not low.
        let unknown = self.chargeable && self.hourly_rate.is_none();
        (verdict, !self.liable, !self.offered, self.chargeable, unknown)
    }
}

/// The place of the most favourable of several answers, which are in the order of their agreements' numbers (V7).
///
/// Rates are compared within one currency; between the lowest of several currencies the agreement's number decides.
#[must_use]
pub fn most_favourable<'a>(decisions: impl Iterator<Item = &'a Decision> + Clone) -> Option<usize> {
    let best = decisions.clone().map(Decision::favour).min()?;
    let mut lowest: Vec<(usize, Option<Rate>)> = Vec::new();
    for (place, decision) in decisions.enumerate().filter(|(_, decision)| decision.favour() == best) {
        let rate = decision.hourly_rate;
        let currency = |rate: Option<Rate>| rate.map(|rate| rate.currency());
        match lowest.iter_mut().find(|(_, low)| currency(*low) == currency(rate)) {
            Some((_, low)) if low.map(|low| low.amount()) <= rate.map(|rate| rate.amount()) => {}
            Some(low) => *low = (place, rate),
            None => lowest.push((place, rate)),
        }
    }
    lowest.into_iter().map(|(place, _)| place).min()
}

/// Decides a question by terms in force (V1–V9, R2 for the rate, S1 and S2 for the deadlines).
///
/// - `terms`: those in force at `question.at`.
/// - `version`: their number, for the first reason.
/// - `states`: what was recorded of the agreement's obligations.
/// - `pool`: the hours that are left for work at that time (V5); none: those that a period brings, undrawn.
#[must_use]
pub fn decide_coverage(
    terms: &AgreedTerms,
    version: u32,
    states: &ObligationStates,
    pool: Option<&HourPool<'_>>,
    question: &Question,
) -> Decision {
    let mut reasons =
        vec![Reason::new(ReasonCode::InForce, None, format!("Version {version} of the terms is in force."))];
    let mut near_misses = Vec::new();
    let listing = listing::find(terms, question, &mut near_misses);
    reasons.push(listing.reason);
    let applies = Applicable::of(terms, listing.line);

    let accountable = liability::accountable(terms, question, &mut near_misses);
    reasons.extend(accountable.reason);
    let mut gates = liability::gates(terms, states, question, listing.line);
    reasons.append(&mut gates.reasons);

    let hours_class = applies.calendar.hours_class(question.at);
    let extra = listing.verdict != CoverageVerdict::Included || gates.bites(ObligationEffect::Chargeable);
    let work = price::Work { question, hours_class, calendar: applies.calendar, outside_the_fee: extra };
    let price = price::price(terms, &work, pool, &mut near_misses);
    reasons.extend(price.reasons);

    let caller = caller::judge(terms, question, listing.line, price.chargeable);
    let void = gates.bites(ObligationEffect::SlaSuspended).then_some(Void::Suspended).or(caller.void);
    reasons.extend(caller.reasons);
    let promised = deadlines::promised(&applies, question, hours_class, void);
    reasons.extend(promised.reasons);
    reasons.append(&mut near_misses);
    Decision {
        verdict: listing.verdict,
        liable: listing.verdict == CoverageVerdict::Included
            && accountable.liable
            && !gates.bites(ObligationEffect::NotLiable),
        responsible: accountable.party,
        costs: accountable.costs,
        unmet: gates.unmet,
        hours_class: Some(hours_class),
        offered: price.offered,
        chargeable: price.chargeable,
        hourly_rate: price.rate,
        estimate: price.estimate,
        deadlines: promised.deadlines,
        next_update: promised.next_update,
        escalations: promised.escalations,
        next_opening: applies.calendar.next_opening(question.at),
        reasons,
    }
}

/// Why nothing is promised although the tier has targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Void {
    /// An unmet obligation suspends the service levels (S9).
    Suspended,
    /// Who asks may not (V10).
    Caller,
}

/// The calendar and tier that apply: the included service's, else the terms'.
struct Applicable<'a> {
    terms: &'a AgreedTerms,
    calendar: &'a Arc<Calendar>,
    tier: &'a crate::sla::Tier,
}

impl<'a> Applicable<'a> {
    fn of(terms: &'a AgreedTerms, line: Option<usize>) -> Self {
        match line.and_then(|place| terms.lines.get(place)) {
            Some(AgreedLine { calendar, tier, .. }) => Self { terms, calendar, tier },
            None => Self { terms, calendar: &terms.calendar, tier: &terms.tier },
        }
    }
}
