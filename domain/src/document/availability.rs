//! Section 7: how much of the time things are there, how fast failures get fixed, how often backups run.

use super::{
    Block, Clause, Line, Subject, credits,
    model::fact,
    nothing_said, paragraph, part, phrases, promises,
    requirements::{Gate, unless},
    say, week,
};
use crate::{
    terms::{
        AvailabilityCommitment, BackupCommitment, CreditTrigger, Formula, RecoveryCommitment, Responsibility, clause,
    },
    words::{AvailabilityBase, Clock, DownWhen},
};

pub(super) fn write(subject: &Subject<'_>) -> Vec<Block> {
    let sections = subject.sections;
    let mut blocks = Vec::new();
    if !sections.obligations.is_empty() {
        blocks.push(paragraph(
            "All of this holds only while the requirements of chapter 4 for what it is about are met; each of them says \
             what happens while it is not.",
        ));
    }
    blocks.push(part("7.1", "How much of the time it is there"));
    for (place, line) in sections.availability.iter().enumerate() {
        blocks.extend(availability(subject, place, line));
    }
    if sections.availability.is_empty() {
        blocks.extend(nothing_said("No availability is promised."));
    }
    blocks.push(part("7.2", "How fast failures get fixed"));
    let fixes = sections.recovery.iter().enumerate();
    blocks.extend(fixes.map(|(place, line)| Block::Clause(recovery(subject, place, *line))));
    if sections.recovery.is_empty() {
        blocks.extend(nothing_said("No time for fixing a failure is promised."));
    }
    blocks.push(part("7.3", "How often backups run"));
    blocks.extend(sections.backups.iter().enumerate().map(|(place, line)| Block::Clause(backup(place, line))));
    if sections.backups.is_empty() {
        blocks.extend(nothing_said("No backups are promised."));
    }
    blocks
}

fn availability(subject: &Subject<'_>, place: usize, line: &AvailabilityCommitment) -> Vec<Block> {
    let number = clause::availability(place);
    let mut facts = vec![fact("Promised", share(line))];
    facts.extend(formula(subject, &line.formula));
    facts.push(fact("Maintenance", maintenance(line)));
    facts.push(promises::firmness(line.strength));
    facts.extend(more_credits(line));
    let mut blocks = vec![Block::Clause(Clause { number: number.clone(), title: line.subject.as_str().into(), facts })];
    if !line.credits.is_empty() {
        let caption = Line::from("Service credits for ").clause(number).say(" ").say(&line.subject);
        blocks.push(credits::table(caption, "Availability reached", &line.credits));
    }
    blocks
}

/// How it is reckoned, where that is not the usual way.
fn formula(subject: &Subject<'_>, formula: &Formula) -> Vec<Line> {
    let base = (formula.base == AvailabilityBase::ThirtyDays)
        .then(|| fact("Reckoned by", "months of thirty days, 43,200 minutes, however long the month is"));
    let hours = formula.calendar.as_ref().map(|pin| fact("Hours", subject.hours(&pin.code)));
    let members = (!formula.members.is_empty()).then(|| {
        let when = match formula.down_when {
            DownWhen::AnyMember => "down as soon as one of them is",
            DownWhen::AllMembers => "down only when all of them are",
        };
        fact("Members", format!("{}; {when}", say::list(&formula.members)))
    });
    let short = formula
        .ignores_under
        .map(|time| fact("Short outages", format!("shorter than {}, they do not count", say::duration(time))));
    let excused = (!formula.excused.is_empty())
        .then(|| fact("No downtime", format!("what is due to {}", say::any_of(&formula.excused))));
    let windows = (!formula.maintenance.is_empty()).then(|| {
        fact("Maintenance windows", format!("{}; it is no downtime then", week::weekly(&formula.maintenance)))
    });
    [base, hours, members, short, excused, windows].into_iter().flatten().collect()
}

/// Credits beside the steps.
fn more_credits(line: &AvailabilityCommitment) -> Vec<Line> {
    let trigger = |trigger: &CreditTrigger| {
        let text = format!(
            "{} if it is at most {} in {} of {} in a row",
            say::percent(trigger.credit),
            say::percent(trigger.at_most),
            trigger.times,
            say::counted(u64::from(trigger.within_periods.get()), "period"),
        );
        fact("Service credit", text)
    };
    let per = line.credit_per.map(|per| {
        let each = say::duration(per.each);
        // Each hour, not each 1 hour.
        let each = each.strip_prefix("1 ").filter(|unit| !unit.contains(' ')).unwrap_or(&each);
        let text =
            format!("{} for each {each} of downtime, or part of it, beyond what is allowed", say::percent(per.credit));
        fact("Service credit", text)
    });
    line.credit_triggers.iter().map(trigger).chain(per).collect()
}

/// `at least 99.9 % of all hours in each calendar month`.
fn share(line: &AvailabilityCommitment) -> String {
    let hours = match line.clock {
        Clock::BusinessHours => "the business hours",
        Clock::AroundTheClock => "all hours",
    };
    format!("at least {} of {hours} in {}", say::percent(line.percent), phrases::each(line.window))
}

fn maintenance(line: &AvailabilityCommitment) -> String {
    let notice = line.maintenance_notice.map(|notice| format!("announced at least {} before,", say::duration(notice)));
    let most = line
        .maintenance_allowance
        .map(|most| format!(", up to {} in {}; what is over counts", say::duration(most), phrases::each(line.window)));
    match (&notice, &most) {
        (None, None) => "counts as downtime".into(),
        _ => {
            format!(
                "{} it does not count as downtime{}",
                notice.unwrap_or_else(|| "announced or not,".into()),
                most.unwrap_or_default()
            )
        }
    }
}

fn recovery(subject: &Subject<'_>, place: usize, line: RecoveryCommitment) -> Clause {
    let mut facts = vec![
        fact("Fixed", format!("within {} of the failure", say::counted_time(line.fix_within, line.clock))),
        promises::firmness(line.strength),
    ];
    let answers = |answer: &Responsibility| {
        answer.scenario == line.scenario && (answer.component.is_none() || answer.component == line.component)
    };
    let answers = subject.sections.responsibilities.iter().enumerate().filter(|(_, answer)| answers(answer));
    facts.extend(answers.map(|(place, answer)| {
        let name = phrases::failure(answer.scenario, answer.component);
        let text = Line::default().clause(clause::responsibility(place));
        fact("Who answers", text.say(format!(" {name}: {}", phrases::party(answer.party))))
    }));
    facts.extend(unless(subject, Gate::Failure(line.scenario)));
    let title = say::sentence(&phrases::failure(line.scenario, line.component));
    Clause { number: clause::recovery(place), title: title.into(), facts }
}

fn backup(place: usize, line: &BackupCommitment) -> Clause {
    let elsewhere = if line.off_site { "a copy is kept elsewhere" } else { "no copy elsewhere is promised" };
    let trial = line.restore_test_every_days.map(|days| format!("at least once in {}", say::days(days)));
    let restore = line.restore_within.map(|time| format!("within {}", say::duration(time)));
    let facts = vec![
        fact("Runs", format!("at least once in {}", say::duration(line.every))),
        fact("Kept for", say::days(line.retention_days)),
        fact("Off site", elsewhere),
        fact("Trial restore", trial.unwrap_or_else(|| "none is promised".into())),
        fact("Restored", restore.unwrap_or_else(|| "no time is promised".into())),
        promises::firmness(line.strength),
    ];
    Clause { number: clause::backup(place), title: line.subject.as_str().into(), facts }
}

/// An availability in a sentence.
pub(crate) fn availability_promise(line: &AvailabilityCommitment) -> String {
    format!("{}: there {}", line.subject, share(line))
}

/// A recovery in a sentence.
pub(crate) fn recovery_promise(line: &RecoveryCommitment) -> String {
    let failed = say::sentence(&phrases::failure(line.scenario, line.component));
    format!("{failed}: fixed within {}", say::counted_time(line.fix_within, line.clock))
}

/// A backup in a sentence.
pub(crate) fn backup_promise(line: &BackupCommitment) -> String {
    format!("{}: a backup at least once in {}", line.subject, say::duration(line.every))
}
