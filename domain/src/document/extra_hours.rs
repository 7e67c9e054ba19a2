//! Section 2.3: what work outside the fee costs, and whether it is to be had.

use super::{Block, Clause, Line, Subject, Table, model::fact, nothing_said, paragraph, part, phrases, say, week};
use crate::{
    calendar::WeeklyPeriod,
    terms::{ExtraHours, RateRule, RoleRate, Rounding, Treatment, clause},
    words::{HoursClass, MinimaRule, RoundingAggregate, RoundingOrder},
};

pub(super) fn write(subject: &Subject<'_>) -> Vec<Block> {
    let mut blocks = vec![part(clause::EXTRA_HOURS, "Extra hours and what they cost")];
    let Some(policy) = &subject.sections.extra_hours else {
        blocks.extend(nothing_said("Nothing is said about the price of work, so none is to be had beyond the fee."));
        return blocks;
    };
    blocks.push(paragraph(
        "These are read from the top: the first that fits the work decides. Work that none of them fits is not to be had.",
    ));
    let rules = policy.rates.iter().enumerate();
    blocks.extend(rules.map(|(place, one)| Block::Clause(rule(subject, place, one, &policy.roles))));
    if !policy.roles.is_empty() {
        blocks.push(Block::Table(roles(&policy.roles)));
    }
    blocks.push(paragraph(
        "For work outside the fee (what is excluded or not listed, and covered work that chapter 4 makes chargeable), \
         “in the fee” means the role's hourly rate.",
    ));
    blocks.push(paragraph(rounding(&policy.rounding)));
    blocks.extend(minima(policy).map(paragraph));
    blocks
}

fn rule(subject: &Subject<'_>, place: usize, rule: &RateRule, roles: &[RoleRate]) -> Clause {
    let mut facts = vec![Line::from(sentence(rule))];
    facts.extend(rule.calendar.as_ref().map(|pin| fact("By the hours of", subject.hours(&pin.code))));
    if let Treatment::Multiplier(factor) = rule.treatment {
        let fits = |role: &&RoleRate| rule.role.is_empty() || rule.role.contains(&role.role);
        let priced = roles.iter().filter(fits).filter_map(|role| Some((role, role.hourly.times(factor)?)));
        facts.extend(priced.map(|(role, hourly)| fact(&role.role, format!("{} an hour", say::rate(hourly)))));
    }
    facts.extend(
        rule.call_out.map(|fee| fact("Call-out", format!("{}, once for what is charged together", say::money(fee)))),
    );
    let item = rule.item_code.as_ref().map_or_else(String::new, |item| format!(", item {item}"));
    facts.push(fact("Code", format!("{}{item}", rule.code)));
    let title = say::sentence(&classes(&rule.hours_class).unwrap_or_else(|| "any hours".into()));
    Clause { number: clause::rate_rule(place), title: title.into(), facts }
}

/// `Weekends: one and a half times the role's hourly rate, at least 1 hour, then in steps of 15 minutes.`
fn sentence(rule: &RateRule) -> String {
    let mut parts = vec![price(rule.treatment)];
    parts.extend(rule.minimum.filter(|minimum| !minimum.is_zero()).map(|m| format!("at least {}", say::duration(m))));
    let then = if parts.len() > 1 { "then " } else { "" };
    let steps = rule.increment.filter(|increment| !increment.is_zero());
    parts.extend(steps.map(|step| format!("{then}in steps of {}", say::duration(step))));
    format!("{}: {}.", say::sentence(&fits(rule)), parts.join(", "))
}

fn price(treatment: Treatment) -> String {
    match treatment {
        Treatment::InFee => "in the fee, nothing more to pay".into(),
        Treatment::Multiplier(factor) => format!("{}the role's hourly rate", say::times(factor)),
        Treatment::Hourly(rate) => format!("{} an hour", say::rate(rate)),
        Treatment::NotOffered => "not to be had".into(),
    }
}

/// Which work a rule is for; any work where it names nothing.
fn fits(rule: &RateRule) -> String {
    let priorities: Vec<&str> = rule.priority.iter().map(|priority| priority.as_str()).collect();
    let parts = [
        classes(&rule.hours_class),
        during(&rule.during),
        (!priorities.is_empty()).then(|| format!("priority {}", say::any_of(&priorities))),
        work(&rule.role, &rule.work_kind),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "any work".into() } else { parts.join(", ") }
}

fn during(periods: &[WeeklyPeriod]) -> Option<String> {
    (!periods.is_empty()).then(|| week::weekly(periods))
}

/// Kinds of hours in a row; none where any will do.
pub(super) fn classes(classes: &[HoursClass]) -> Option<String> {
    let names: Vec<&str> = classes.iter().map(|class| phrases::hours(*class)).collect();
    (!names.is_empty()).then(|| say::list(&names))
}

/// `work of engineer or planner, kind project`; none where any will do.
pub(super) fn work(roles: &[String], kinds: &[String]) -> Option<String> {
    let roles = (!roles.is_empty()).then(|| format!("work of {}", say::any_of(roles)));
    let kinds = (!kinds.is_empty()).then(|| format!("kind of work {}", say::any_of(kinds)));
    let parts: Vec<String> = roles.into_iter().chain(kinds).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn roles(roles: &[RoleRate]) -> Table {
    let row = |role: &RoleRate| vec![role.role.as_str().into(), say::rate(role.hourly).into()];
    Table { caption: "Hourly rates".into(), columns: vec!["Role", "An hour"], rows: roles.iter().map(row).collect() }
}

/// How worked time becomes charged time.
fn rounding(rounding: &Rounding) -> String {
    let together = match rounding.aggregate {
        RoundingAggregate::Entry => "Each entry of worked time is taken by itself",
        RoundingAggregate::Ticket => "All work on one ticket is taken together",
        RoundingAggregate::TicketDay => "All work on one ticket on one day is taken together",
        RoundingAggregate::TechnicianDay => "All work of one technician on one day is taken together",
    };
    let (step, minimum) = (rounding.increment(), rounding.minimum());
    let step = (!step.is_zero()).then(|| format!("rounded up in steps of {}", say::duration(step)));
    let minimum = (!minimum.is_zero()).then(|| format!("charged as at least {}", say::duration(minimum)));
    let acts: Vec<String> = match rounding.order {
        RoundingOrder::RoundThenMinimum => step.into_iter().chain(minimum).collect(),
        RoundingOrder::MinimumThenRound => minimum.into_iter().chain(step).collect(),
    };
    let acts = if acts.is_empty() { "charged as it is, without rounding".into() } else { acts.join(", then ") };
    format!("{together} and {acts}. Time in the fee is neither rounded nor charged.")
}

/// What several minima do, where there are several.
fn minima(policy: &ExtraHours) -> Option<&'static str> {
    let own = policy.rates.iter().filter(|rule| rule.minimum.is_some()).count();
    let all = own + usize::from(!policy.rounding.minimum().is_zero());
    (all > 1).then_some(match policy.rounding.minima {
        MinimaRule::Each => "Where the minima of several clauses meet in work that is taken together, each acts.",
        MinimaRule::Largest => {
            "Where the minima of several clauses meet in work that is taken together, only the largest acts."
        }
    })
}
