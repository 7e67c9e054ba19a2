//! Section 2.4: hours paid for in the fee.

use super::{Block, Line, Subject, extra_hours, model::fact, nothing_said, part, say};
use crate::terms::{DrawRule, IncludedHours, clause};

pub(super) fn write(subject: &Subject<'_>) -> Vec<Block> {
    let mut blocks = vec![part(clause::INCLUDED_HOURS, "Hours paid for in the fee")];
    let included = subject.sections.extra_hours.as_ref().and_then(|policy| policy.included.as_ref());
    match included {
        Some(included) => blocks.push(Block::List(facts(included))),
        None => blocks.extend(nothing_said("No number of hours is paid for in the fee.")),
    }
    blocks
}

fn facts(included: &IncludedHours) -> Vec<Line> {
    let mut facts = vec![fact("Each calendar month brings", say::duration(included.per_period))];
    facts.extend(included.draws.iter().map(draws));
    facts.push(fact("Any other work", "uses none of these hours"));
    facts.push(fact("Unused hours", rollover(included)));
    facts.push(fact("Used first", "the hours that are lost first"));
    let beyond = match included.overage_hourly {
        Some(rate) => format!("{} an hour", say::rate(rate)),
        None => "the price by 2.3".into(),
    };
    facts.push(fact("Beyond these hours", beyond));
    facts
}

/// Which work uses the hours, and how many for one.
fn draws(rule: &DrawRule) -> Line {
    let parts = [extra_hours::classes(&rule.hours_class), extra_hours::work(&rule.role, &rule.work_kind)];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let work = if parts.is_empty() { "Any work".into() } else { say::sentence(&parts.join(", ")) };
    let used = match rule.factor.to_string().as_str() {
        "1" => "an hour worked uses 1 hour".into(),
        factor => format!("an hour worked uses {factor} hours"),
    };
    fact(&work, used)
}

fn rollover(included: &IncludedHours) -> String {
    let kept = match included.rollover_periods {
        0 => return "are lost at the end of the month".into(),
        1 => "can be used in the month after, then they are lost".to_owned(),
        months => format!("can be used in the {months} months after, then they are lost"),
    };
    match included.rollover_cap {
        Some(cap) => format!("{kept}; at most {} are carried over", say::duration(cap)),
        None => kept,
    }
}
