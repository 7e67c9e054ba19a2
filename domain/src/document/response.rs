//! Sections 2.1, 2.2, 2.5 and 2.6: the business hours, how fast the provider answers, and what happens on the way.

use jiff::civil::Date;

use super::{
    Block, Calendar, Line, NamedTier, Subject, Table, clauses, model::fact, nothing_said, paragraph, part, phrases,
    requirements, say, unnumbered, week,
};
use crate::{
    calendar::Exception,
    sla::{Limit, Target, Tier, WaitingRule},
    terms::clause,
    words::{Delivery, Milestone, ObligationEffect, WaitingReason},
};

pub(super) fn write(subject: &Subject<'_>) -> Vec<Block> {
    let mut blocks = vec![part(clause::CALENDAR, "Business hours")];
    blocks.extend(subject.calendar.map_or_else(|| nothing_said("Not said yet."), |own| calendar(subject, own)));
    for (line, calendar_of_line) in lines(subject, |own| own.calendar) {
        blocks.push(paragraph(line.say(" has business hours of its own.")));
        blocks.extend(calendar(subject, calendar_of_line));
    }
    for (code, further) in &subject.further {
        blocks.push(paragraph(format!("{} ({code}) are further hours, for the clauses that name them.", further.name)));
        blocks.extend(calendar(subject, *further));
    }
    blocks.push(part(clause::TIER, "Response times"));
    blocks.extend(subject.tier.map_or_else(|| nothing_said("Not said yet."), |own| tier(subject, own, None)));
    for (line, tier_of_line) in lines(subject, |own| own.tier) {
        let cited = " has response times of its own. Their numbers are read with its own: 2.2.1 of this service.";
        blocks.push(paragraph(line.clone().say(cited)));
        blocks.extend(tier(subject, tier_of_line, Some(&line)));
    }
    blocks.extend(suspended(subject));
    blocks
}

/// 2.5 and 2.6: what happens while a ticket is open.
pub(super) fn course(subject: &Subject<'_>) -> Vec<Block> {
    let mut blocks: Vec<Block> = subject.tier.into_iter().flat_map(clauses::course).collect();
    for (line, tier_of_line) in lines(subject, |own| own.tier) {
        let course = clauses::course(tier_of_line);
        if !course.is_empty() {
            blocks.push(paragraph(Line::from("For ").and(line).say(":")));
        }
        blocks.extend(course);
    }
    blocks
}

/// The included services that name something of their own, by clause and name.
fn lines<'a, T>(subject: &Subject<'a>, named: impl Fn(&super::OwnNames<'a>) -> Option<T>) -> Vec<(Line, T)> {
    let services = subject.sections.services.iter().zip(&subject.lines).enumerate();
    let own = services.filter_map(|(place, (line, own))| {
        let name = Line::default().clause(clause::service(place)).say(" ").say(subject.service(&line.service));
        Some((name, named(own)?))
    });
    own.collect()
}

/// Which hours are which, and the dates with hours of their own.
fn calendar(subject: &Subject<'_>, calendar: Calendar<'_>) -> Vec<Block> {
    let hours = calendar.hours;
    let open = format!("{} ({})", week::weekly(hours.weekly()), hours.zone());
    let weekend = match hours.weekend() {
        [] => "none".into(),
        days => format!("{}, while closed", week::weekdays(days)),
    };
    let facts = vec![
        fact("Name", calendar.name),
        fact("Business hours", open),
        fact("Holidays", "the whole of each date that is marked as a holiday below, also while open"),
        fact("Weekends", weekend),
        fact("After hours", "all other time"),
    ];
    let dates: Vec<&Exception> = calendar.exceptions.iter().filter(|one| is_within(subject, one.date)).collect();
    let mut blocks = vec![Block::List(facts)];
    if dates.is_empty() {
        blocks.push(paragraph("There are no dates with hours of their own."));
    } else {
        blocks.push(Block::Table(exceptions(&dates)));
    }
    blocks.push(paragraph("The provider can add and change dates that have not begun; they then count here too."));
    blocks
}

/// Whether a date can matter to the version: not before its first day, nor after it ended or was replaced.
fn is_within(subject: &Subject<'_>, date: Date) -> bool {
    let replaced = subject.successor.and_then(|next| next.from);
    subject.term.from.is_none_or(|from| from <= date)
        && subject.term.until.is_none_or(|until| date <= until)
        && replaced.is_none_or(|from| date < from)
}

fn exceptions(dates: &[&Exception]) -> Table {
    let row = |date: &&Exception| {
        let holiday = if date.holiday { "yes" } else { "no" };
        vec![say::date(date.date).into(), date.name.as_str().into(), week::wall(&date.periods).into(), holiday.into()]
    };
    Table {
        caption: "Dates with hours of their own".into(),
        columns: vec!["Date", "Name", "Open", "Holiday"],
        rows: dates.iter().map(row).collect(),
    }
}

/// The targets of a tier, and what stops its clock.
fn tier(subject: &Subject<'_>, named: NamedTier<'_>, of: Option<&Line>) -> Vec<Block> {
    let caption = Line::from(format!("Response times {}", named.name));
    let caption = of.map_or_else(|| caption.clone(), |line| caption.clone().say(" of ").and(line.clone()));
    let targets = named.tier.targets().iter().enumerate();
    let table = Table {
        caption: caption.clone(),
        columns: vec!["Clause", "Priority", "What", "By when", "Opened", "How firmly", "Share to be met"],
        rows: targets.map(|(place, target)| target_row(subject, place, target)).collect(),
    };
    let mut blocks = Vec::new();
    if !named.description.trim().is_empty() {
        blocks.push(paragraph(named.description));
    }
    blocks.push(Block::Table(table));
    blocks.push(paragraph(
        "P1 is the most urgent. Times count from the opening of a ticket; a time in business hours begins to count at the \
         next opening. Of two clauses that fit, the one for a channel applies before one for a place of work, and that \
         before the one for fewer kinds of hours. What is not in this table has \
         no promised time.",
    ));
    blocks.push(paragraph(Line::default().strong("What stops the clock:").say(" a ticket that waits")));
    blocks.push(Block::List(waiting(named.tier)));
    blocks
}

fn target_row(subject: &Subject<'_>, place: usize, target: &Target) -> Vec<Line> {
    let opened: Vec<&str> = target.opened_in.iter().map(|class| phrases::opened(*class)).collect();
    let opened = if opened.is_empty() { "at any time".into() } else { say::any_of(&opened) };
    let hours = target.calendar.as_ref().map(|code| format!(", in the hours of {}", subject.hours(code)));
    let opened = format!("{opened}{}", ways(target));
    vec![
        Line::default().clause(clause::target(place)),
        target.priority.as_str().into(),
        say::sentence(phrases::milestone(target.milestone)).into(),
        format!("{}{}", limit(target.limit), hours.unwrap_or_default()).into(),
        opened.into(),
        phrases::strength(target.strength).0.into(),
        say::percent(target.attainment).into(),
    ]
}

/// By when: `within 4 business hours`, `by the end of the 2nd business day after`.
pub(super) fn limit(limit: Limit) -> String {
    match limit {
        Limit::Within { time, clock } => format!("within {}", say::counted_time(time, clock)),
        Limit::BusinessDays(1) => "by the end of the next business day".into(),
        Limit::BusinessDays(days) => format!("by the end of the {} business day after", say::ordinal(days)),
    }
}

/// A target in a sentence: `P1 response within 1 business hour, for 95 % of tickets`.
pub(crate) fn promise(target: &Target) -> String {
    let opened: Vec<&str> = target.opened_in.iter().map(|class| phrases::opened(*class)).collect();
    let opened = if opened.is_empty() { String::new() } else { format!(", if opened {}", say::any_of(&opened)) };
    let share = say::percent(target.attainment);
    let what = phrases::milestone(target.milestone);
    let ways = ways(target);
    format!("{} {what} {}{opened}{ways}, for {share} of tickets", target.priority, limit(target.limit))
}

/// By which channel and for which place of work: `, by phone or chat, on site`; nothing where any will do.
fn ways(target: &Target) -> String {
    let channels = match target.channels.as_slice() {
        [] => String::new(),
        some => format!(", by {}", say::any_of(some)),
    };
    let place = match target.delivery {
        None => "",
        Some(Delivery::Remote) => ", for work from afar",
        Some(Delivery::OnSite) => ", for work on site",
    };
    format!("{channels}{place}")
}

/// What waiting stops, reason by reason; for the client also where the tier says nothing (S3).
fn waiting(tier: &Tier) -> Vec<Line> {
    let rule = |rule: &WaitingRule| stops(rule.reason, &rule.stops);
    let mut lines: Vec<Line> = tier.waiting().iter().map(rule).collect();
    if !tier.waiting().iter().any(|rule| rule.reason == WaitingReason::Client) {
        let usual = [Milestone::Resolution, Milestone::Workaround, Milestone::Plan];
        lines.insert(0, stops(WaitingReason::Client, &usual));
    }
    lines.push("for anything that is not named here: nothing stops".into());
    lines
}

fn stops(reason: WaitingReason, milestones: &[Milestone]) -> Line {
    let names: Vec<&str> = milestones.iter().map(|milestone| phrases::milestone(*milestone)).collect();
    let what = match names.as_slice() {
        [] => "nothing stops".into(),
        [one] => format!("the time for {one} stops"),
        _ => format!("the times for {} stop", say::list(&names)),
    };
    format!("for {}: {what}", phrases::waiting(reason)).into()
}

/// The requirements that suspend the times.
fn suspended(subject: &Subject<'_>) -> Vec<Block> {
    let lines = requirements::with_effect(subject, ObligationEffect::SlaSuspended);
    if lines.is_empty() {
        return Vec::new();
    }
    vec![unnumbered("What suspends these times"), paragraph("Not one of these times counts:"), Block::List(lines)]
}
