//! Whether what is promised can be kept, by what the provider can be shown to have delivered (P1–P4).
//!
//! [`promises`] lists what a version promises; whoever holds the past makes [`Evidence`] of it, recomputed by each
//! promise's own rules; [`judge`] says what follows.

mod evidence;
mod rehearsal;
mod staffing;
#[cfg(test)]
mod tests;
mod tickets;
mod wilson;

use std::{collections::BTreeMap, sync::Arc};

pub use evidence::{CASES_NEEDED, Evidence, TimedCase};
pub use rehearsal::{Rehearsal, RehearsedPeriod, Tally, total};
pub use staffing::Staffing;
pub use tickets::RecoveryRules;
pub use wilson::{Place, Sample};

use crate::{
    calendar::Calendar,
    decimal::Percent,
    document,
    sla::{Target, Tier},
    span::Span,
    terms::{AvailabilityCommitment, BackupCommitment, RecoveryCommitment, Sections, clause},
    text::Code,
    words::{Clock, PromiseStrength, PromiseVerdict},
};

/// The share of cases that must keep a promise which states none, in millionths of a percent: what a target has when none
/// is said.
const USUAL_SHARE: u64 = 95_000_000;

fn usual_share() -> Percent {
    Percent::from_parts(USUAL_SHARE)
}

/// Response times that a version promises: the terms' own, or those of one service.
#[derive(Clone, Debug)]
pub struct Scheme<'a> {
    /// The service, where it has a tier or hours of its own; none: all others.
    pub service: Option<&'a Code>,
    /// The targets.
    pub tier: &'a Tier,
    /// The business hours; none: not said yet.
    pub calendar: Option<&'a Calendar>,
    /// The calendars that targets name.
    pub target_calendars: BTreeMap<Code, Arc<Calendar>>,
}

impl<'a> Scheme<'a> {
    /// The hours that a target counts by, where its clock is business hours; none: not said yet.
    #[must_use]
    pub fn hours_of(&self, target: &Target) -> Option<&Calendar> {
        match &target.calendar {
            Some(code) => self.target_calendars.get(code).map(|calendar| &**calendar),
            None => self.calendar,
        }
    }
}

/// Something that a version promises.
#[derive(Clone, Debug)]
pub struct Promise<'a> {
    /// Its clause.
    pub clause: String,
    /// What is promised, in words.
    pub text: String,
    /// How firmly.
    pub strength: PromiseStrength,
    /// The share of cases that must keep it.
    pub attainment: Percent,
    /// What is promised.
    pub what: Promised<'a>,
}

/// What is promised.
#[derive(Clone, Copy, Debug)]
pub enum Promised<'a> {
    /// A milestone of tickets, by a scheme and the place of its target.
    Milestone {
        /// The place of the scheme.
        scheme: usize,
        /// The place of the target in its tier.
        place: usize,
        /// The target.
        target: &'a Target,
    },
    /// How fast failures get fixed.
    Recovery(&'a RecoveryCommitment),
    /// How much of the time something is there.
    Availability(&'a AvailabilityCommitment),
    /// How often backups run.
    Backup(&'a BackupCommitment),
}

impl Promise<'_> {
    /// The clock that people have to be at work for; none where nobody has to.
    #[must_use]
    pub fn worked_clock(&self) -> Option<Clock> {
        match self.what {
            Promised::Milestone { target, .. } => Some(target.limit.clock()),
            Promised::Recovery(recovery) => Some(recovery.clock),
            Promised::Availability(_) | Promised::Backup(_) => None,
        }
    }
}

/// Everything that a version promises as a guarantee or a target, in the order of its clauses (P1).
#[must_use]
pub fn promises<'a>(sections: &'a Sections, schemes: &[Scheme<'a>]) -> Vec<Promise<'a>> {
    let mut found = Vec::new();
    for (scheme, of) in schemes.iter().enumerate() {
        found.extend(milestones(scheme, of));
    }
    let plain = |clause, text, strength, what| Promise { clause, text, strength, attainment: usual_share(), what };
    let availability = sections.availability.iter().enumerate().map(|(place, line)| {
        let text = document::availability_promise(line);
        plain(clause::availability(place), text, line.strength, Promised::Availability(line))
    });
    let recovery = sections.recovery.iter().enumerate().map(|(place, line)| {
        plain(clause::recovery(place), document::recovery_promise(line), line.strength, Promised::Recovery(line))
    });
    let backups = sections.backups.iter().enumerate().map(|(place, line)| {
        plain(clause::backup(place), document::backup_promise(line), line.strength, Promised::Backup(line))
    });
    found.extend(availability.chain(recovery).chain(backups));
    found.retain(|promise| promise.strength != PromiseStrength::BestEffort);
    found
}

/// What the targets of a scheme promise, in their order, best efforts included.
///
/// - `scheme`: its place.
fn milestones<'a>(scheme: usize, of: &Scheme<'a>) -> impl Iterator<Item = Promise<'a>> {
    let service = of.service.map(|code| format!(", for {code}")).unwrap_or_default();
    of.tier.targets().iter().enumerate().map(move |(place, target)| Promise {
        clause: clause::target(place),
        text: format!("{}{service}", document::target_promise(target)),
        strength: target.strength,
        attainment: target.attainment,
        what: Promised::Milestone { scheme, place, target },
    })
}

/// A promise beside what the past shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedPromise {
    /// Its clause.
    pub clause: String,
    /// What is promised, in words.
    pub text: String,
    /// How firmly.
    pub strength: PromiseStrength,
    /// The share of cases that must keep it.
    pub attainment: Percent,
    /// Whether it can be kept.
    pub verdict: PromiseVerdict,
    /// Why, in words.
    pub reason: String,
    /// What the past shows.
    pub evidence: Evidence,
}

/// What is known of a promise beside its cases.
#[derive(Clone, Debug, Default)]
pub struct Circumstances {
    /// A stretch that it counts and in which nobody is at work (P4).
    pub unstaffed: Option<Span>,
    /// What a case is, as many as there may be: `closed tickets`.
    pub cases: &'static str,
    /// Why there can be no case, where that is so.
    pub untold: Option<String>,
}

/// Whether a promise can be kept (P2, P4).
#[must_use]
pub fn judge(promise: &Promise<'_>, evidence: Evidence, known: &Circumstances) -> CheckedPromise {
    let (verdict, reason) = match known.unstaffed {
        Some(gap) => (
            PromiseVerdict::Overpromised,
            format!("It counts hours in which nobody is at work, first those from {} to {}.", gap.from(), gap.to()),
        ),
        None => (evidence.verdict(promise.attainment), said(promise, evidence, known)),
    };
    CheckedPromise {
        clause: promise.clause.clone(),
        text: promise.text.clone(),
        strength: promise.strength,
        attainment: promise.attainment,
        verdict,
        reason,
        evidence,
    }
}

fn said(promise: &Promise<'_>, evidence: Evidence, known: &Circumstances) -> String {
    let Sample { size, kept } = evidence.sample;
    let (cases, promised) = (known.cases, promise.attainment);
    if let Some(untold) = known.untold.as_ref().filter(|_| size == 0) {
        return untold.clone();
    }
    if size == 0 {
        return format!("No {cases} of the last 365 days speak of it.");
    }
    let counted = format!("Of {size} {cases} of the last 365 days {kept} would have kept it");
    if size < CASES_NEEDED {
        return format!("{counted}; at least {CASES_NEEDED} are needed.");
    }
    let low = evidence.sample.at_least().map(|low| low.to_string()).unwrap_or_default();
    match evidence.verdict(promised) {
        PromiseVerdict::Supported => {
            format!("{counted}: {low} % or more is held at 95 % confidence, {promised} % is promised.")
        }
        PromiseVerdict::Overpromised => {
            format!("{counted}: at 95 % confidence that is less than the {promised} % that is promised.")
        }
        PromiseVerdict::Unproven => {
            format!("{counted}: {low} % is sure at 95 % confidence, and {promised} % is neither shown nor ruled out.")
        }
    }
}

/// What promises come to together: the least of their verdicts. Nothing promised is nothing overpromised.
#[must_use]
pub fn overall(promises: &[CheckedPromise]) -> PromiseVerdict {
    let has = |verdict| promises.iter().any(|promise| promise.verdict == verdict);
    if has(PromiseVerdict::Overpromised) {
        PromiseVerdict::Overpromised
    } else if has(PromiseVerdict::Unproven) {
        PromiseVerdict::Unproven
    } else {
        PromiseVerdict::Supported
    }
}
