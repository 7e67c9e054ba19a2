//! When broken promises allow a party to end an agreement (Q4).

use std::collections::HashSet;

use jiff::{Timestamp, ToSpan, civil::Date};

use super::{Account, Ground, Month, Observed, Period, Periods, reached};
use crate::{
    commitment::BackupRun,
    share::Share,
    terms::TerminationTrigger,
    text::folded,
    words::{BackupRunKind, Measure, Milestone, RunOutcome},
};

/// What months are measured by.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// How tickets were judged.
    pub judged: Vec<JudgedTicket>,
    /// What was recorded of the things that are promised to be there.
    pub observed: Observed,
    /// The backups that ran.
    pub runs: Vec<BackupRun>,
}

/// One judgement of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JudgedTicket {
    /// Of which milestone.
    pub milestone: Milestone,
    /// When.
    pub at: Timestamp,
    /// Whether it came in time.
    pub in_time: bool,
}

/// How a termination trigger stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Right<'a> {
    /// Its place in the terms.
    pub place: usize,
    /// The trigger.
    pub trigger: &'a TerminationTrigger,
    /// The months that it looks at, in order: the last ones that are over.
    pub months: Vec<TriggerMonth>,
    /// The first day without the agreement, if notice is given now; none: the trigger does not allow to end it.
    pub earliest: Option<Date>,
}

/// A month that a trigger looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TriggerMonth {
    /// The month.
    pub month: Month,
    /// What was measured; none: nothing is known of it, and it is not bad.
    pub reached: Option<Share>,
    /// Whether it counts.
    pub is_bad: bool,
}

/// How the termination triggers of the terms in force stand at an instant, by the months that are over by then and as they are
/// known. Nothing while no terms are in force.
///
/// Source: rule Q4.
#[must_use]
pub fn rights<'a>(account: &Account<'a>, at: Timestamp, record: &Record) -> Vec<Right<'a>> {
    let Ground::InForce(version) = account.ground(at) else { return Vec::new() };
    let Some(agreed) = account.agreed(version) else { return Vec::new() };
    let triggers = agreed.sections.termination_triggers.iter().enumerate();
    let right = |(place, trigger): (usize, &'a TerminationTrigger)| {
        let over = looked_back(account, at, trigger);
        let months: Vec<TriggerMonth> = over.iter().map(|period| month(account, period, trigger, record)).collect();
        let bad = months.iter().filter(|month| month.is_bad).count();
        let is_given = bad >= usize::try_from(trigger.times.get()).unwrap_or(usize::MAX);
        let notice = i64::from(trigger.notice_days).saturating_add(1);
        let today = agreed.calendar.date_at(at);
        let earliest = is_given.then(|| today.checked_add(notice.days()).unwrap_or(Date::MAX));
        Right { place, trigger, months, earliest }
    };
    triggers.map(right).collect()
}

/// The periods that the triggers of the terms in force at an instant look at, in order.
#[must_use]
pub fn looked_at_by_triggers(account: &Account<'_>, at: Timestamp) -> Vec<Period> {
    let Ground::InForce(version) = account.ground(at) else { return Vec::new() };
    let triggers = account.agreed(version).map_or(&[][..], |agreed| &agreed.sections.termination_triggers);
    let longest = triggers.iter().max_by_key(|trigger| trigger.within_periods);
    longest.map(|trigger| looked_back(account, at, trigger)).unwrap_or_default()
}

/// The last months that are over, as many as a trigger looks at.
fn looked_back(account: &Account<'_>, at: Timestamp, trigger: &TerminationTrigger) -> Vec<Period> {
    let periods = Periods::begun(account, at, None);
    let over: Vec<Period> = periods.all().iter().filter(|period| period.is_over(at)).copied().collect();
    let within = usize::try_from(trigger.within_periods.get()).unwrap_or(usize::MAX);
    over.get(over.len().saturating_sub(within)..).unwrap_or_default().to_vec()
}

fn month(account: &Account<'_>, period: &Period, trigger: &TerminationTrigger, record: &Record) -> TriggerMonth {
    let reached = match trigger.measure {
        Measure::Availability => reached::least(account, period, &record.observed),
        Measure::Response => in_time(period, Milestone::Response, &record.judged),
        Measure::Resolution => in_time(period, Milestone::Resolution, &record.judged),
        Measure::Backup => went_well(account, period, &record.runs),
    };
    TriggerMonth { month: period.month, reached, is_bad: reached.is_some_and(|share| !share.reaches(trigger.below)) }
}

/// The share of judgements of a milestone that were in time.
fn in_time(period: &Period, milestone: Milestone, judged: &[JudgedTicket]) -> Option<Share> {
    let of = judged.iter().filter(|judged| judged.milestone == milestone && period.holds(judged.at));
    let (kept, all) = of.fold((0, 0), |(kept, all), judged| (kept + u64::from(judged.in_time), all + 1));
    Share::new(kept, all)
}

/// The share of backups that went well, of those whose data the terms promise to back up.
fn went_well(account: &Account<'_>, period: &Period, runs: &[BackupRun]) -> Option<Share> {
    let backups = &account.agreed(period.version?)?.sections.backups;
    let promised: HashSet<String> = backups.iter().map(|backup| folded(&backup.subject)).collect();
    let meant = |run: &&BackupRun| run.kind == BackupRunKind::Backup && promised.contains(&folded(&run.subject));
    let of = runs.iter().filter(meant).filter(|run| period.holds(run.started));
    // Of one that still runs it is not known.
    let (well, all) = of
        .filter_map(|run| run.outcome)
        .fold((0, 0), |(well, all), outcome| (well + u64::from(outcome == RunOutcome::Succeeded), all + 1));
    Share::new(well, all)
}
