//! Why a charge is what it is, for people.

use super::{Account, Charge, Entry, Figures, Ground, Key, Lot, Month};
use crate::{
    coverage::{Reason, ReasonCode, WorkSubject, cover_work},
    document::{brief, charge as kind_text, lot, month as month_text, together, worked},
    money::{Currency, Money, Rate},
    rating::Times,
    terms::{AgreedTerms, ExtraHours, RateRule, Treatment, clause},
    time::Duration,
    words::{ChargeKind, EntryBilling},
};

/// The reasons in the making.
struct Reasons(Vec<Reason>);

impl Reasons {
    fn say(&mut self, code: ReasonCode, clause: impl Into<Option<String>>, text: impl Into<String>) {
        self.0.push(Reason::new(code, clause.into(), text));
    }
}

/// Why an entry is charged so: the terms, the hours, the rule, the rounding, the draws, the amount, in that order.
///
/// - `lots`: what the charge's draws name.
/// - `approved_by`: who asked for it although it is not offered.
#[must_use]
pub fn charge_reasons(
    account: &Account<'_>,
    entry: &Entry,
    charge: &Charge,
    lots: &[Lot],
    approved_by: Option<&str>,
) -> Vec<Reason> {
    let mut reasons = Reasons(Vec::with_capacity(8));
    let version = charge.ground.version();
    let Some((agreed, number)) = version.and_then(|v| Some((account.agreed(v)?, account.terms.get(v)?.number))) else {
        return reasons.0;
    };
    if matches!(charge.ground, Ground::InForce(_)) {
        reasons.say(ReasonCode::InForce, None, format!("Version {number} of the terms is in force."));
        covered(&mut reasons, account, entry, charge, agreed);
    } else {
        let text = format!("No terms are in force: the plain rate of version {number}, the latest, is charged.");
        reasons.say(ReasonCode::NotInForce, None, text);
    }
    let class = format!("By the calendar it was worked {}.", worked(charge.class));
    reasons.say(ReasonCode::HoursClass, clause::CALENDAR.to_owned(), class);
    if let Some(policy) = &agreed.sections.extra_hours {
        rule(&mut reasons, policy, entry, charge, approved_by);
        time(&mut reasons, account, policy, charge, lots);
    }
    if entry.times == Times::LengthOnly {
        let text = "Only the length is known: all of it goes by the hour at which it starts.";
        reasons.say(ReasonCode::TimesUnknown, None, text);
    }
    if let Some(why) = charge.unpriced {
        reasons.say(ReasonCode::Unpriced, clause::EXTRA_HOURS.to_owned(), format!("It has no price: {why}."));
    }
    amount(&mut reasons, charge);
    reasons.0
}

/// What the lists of services, exclusions and obligations say.
fn covered(reasons: &mut Reasons, account: &Account<'_>, entry: &Entry, charge: &Charge, agreed: &AgreedTerms) {
    let ticket = entry.ticket_facts();
    let service = entry.service.as_ref().or_else(|| ticket?.service.as_ref());
    let (scenario, component) = (ticket.and_then(|t| t.scenario), ticket.and_then(|t| t.component));
    let cover = cover_work(agreed, account.states, WorkSubject { service, scenario, component });
    reasons.0.extend(cover.reason);
    if let Some(obligation) = cover.gate.biting(charge.from) {
        let place = agreed.sections.obligations.iter().position(|own| own.code == obligation.code);
        let text = format!("\"{}\" is unmet and makes the work chargeable.", obligation.title);
        reasons.say(ReasonCode::ObligationUnmet, place.map(clause::obligation), text);
    }
}

/// What the rule of price says.
fn rule(reasons: &mut Reasons, policy: &ExtraHours, entry: &Entry, charge: &Charge, approved_by: Option<&str>) {
    let clause = charge.rule.map(clause::rate_rule);
    let found = charge.rule.and_then(|place| policy.rates.get(place));
    match found {
        None if matches!(charge.ground, Ground::InForce(_)) => {
            let text = "No rule of price matches the work: it is not offered.";
            reasons.say(ReasonCode::NoRateRule, clause::EXTRA_HOURS.to_owned(), text);
        }
        None => {}
        Some(rule) => {
            reasons.say(ReasonCode::RateRule, clause.clone(), rule_text(policy, rule, &entry.role, charge.rate));
        }
    }
    let in_fee = found.is_some_and(|rule| rule.treatment == Treatment::InFee);
    if charge.kind == ChargeKind::OutOfScope && in_fee {
        let text = "The fee does not pay for this work, so the role's plain rate is charged.";
        reasons.say(ReasonCode::OutsideTheFee, clause, text);
    } else if charge.kind == ChargeKind::OutOfScope && matches!(charge.ground, Ground::InForce(_)) {
        match approved_by {
            Some(by) => reasons.say(ReasonCode::Approved, clause, format!("It is not offered, and {by} asked for it.")),
            None => {
                reasons.say(ReasonCode::NotOffered, clause, "It is not offered, and nobody is named who asked for it.");
            }
        }
    }
    if entry.billing == EntryBilling::NoCharge {
        reasons.say(ReasonCode::NoCharge, None, "The entry says that it is not to be charged.");
    }
}

fn rule_text(policy: &ExtraHours, rule: &RateRule, role: &str, rate: Option<Rate>) -> String {
    let code = &rule.code;
    let plain = policy.roles.iter().find(|known| known.role == role).map(|known| known.hourly);
    match (rule.treatment, plain) {
        (Treatment::InFee, _) => format!("Rule {code}: the fee pays for it."),
        (Treatment::NotOffered, _) => format!("Rule {code}: it is not to be had."),
        (Treatment::Hourly(hourly), _) => format!("Rule {code}: {hourly} an hour."),
        (Treatment::Multiplier(factor), Some(plain)) => {
            let product = plain.times(factor).or(rate).map(|rate| rate.to_string()).unwrap_or_default();
            format!("Rule {code}: {plain} for {role} times {factor} is {product} an hour.")
        }
        (Treatment::Multiplier(factor), None) => format!("Rule {code}: the rate of {role} times {factor}."),
    }
}

/// How worked time became charged time, and what was drawn.
fn time(reasons: &mut Reasons, account: &Account<'_>, policy: &ExtraHours, charge: &Charge, lots: &[Lot]) {
    let rounded = charge.included.plus(charge.charged);
    let excess = rounded.minus(charge.worked);
    if excess > Duration::ZERO {
        let own = charge.rule.and_then(|place| policy.rates.get(place));
        let minimum = own.and_then(|rule| rule.minimum).unwrap_or_else(|| policy.rounding.minimum());
        let increment = own.and_then(|rule| rule.increment).unwrap_or_else(|| policy.rounding.increment());
        let steps = (!increment.is_zero()).then(|| format!("in steps of {}", brief(increment)));
        let least = (!minimum.is_zero()).then(|| format!("at least {}", brief(minimum)));
        let per = format!("per {}", together(policy.rounding.aggregate));
        let how: Vec<String> = steps.into_iter().chain(least).chain([per]).collect();
        let text = format!("{} worked count as {}: {}.", brief(charge.worked), brief(rounded), how.join(", "));
        reasons.say(ReasonCode::Rounded, clause::EXTRA_HOURS.to_owned(), text);
    }
    for draw in &charge.draws {
        let from = lots.get(draw.lot).map(|of| lot(of.origin, account.blocks)).unwrap_or_default();
        let text = format!("{} were drawn from the {from}.", brief(draw.time.whole()));
        reasons.say(ReasonCode::PoolCovers, clause::INCLUDED_HOURS.to_owned(), text);
    }
    if charge.kind == ChargeKind::Overage {
        let text = format!("{} are beyond the hours that were left.", brief(charge.charged));
        reasons.say(ReasonCode::PoolExhausted, clause::INCLUDED_HOURS.to_owned(), text);
    }
}

fn amount(reasons: &mut Reasons, charge: &Charge) {
    let currency = charge.amount.currency.code();
    if let Some(fee) = charge.call_out {
        let clause = charge.rule.map(clause::rate_rule);
        let text = format!("A call-out fee of {} {currency} is part of it, once.", fee.amount());
        reasons.say(ReasonCode::CallOut, clause, text);
    }
    if let Some(rate) = charge.rate.filter(|_| !charge.charged.is_zero()) {
        let fee = if charge.call_out.is_some() { " and the fee" } else { "" };
        let time = brief(charge.charged);
        let text = format!("{time} at {rate} an hour{fee}: {} {currency}.", charge.amount.amount());
        reasons.say(ReasonCode::Amount, clause::EXTRA_HOURS.to_owned(), text);
    }
}

/// Why an adjustment was made: for which closed period and charge, what was billed, what it comes to now and why, and the
/// difference.
///
/// - `why`: the reasons of the charge as it would be now.
#[must_use]
pub fn adjustment_reasons(
    month: Month,
    key: Option<&Key>,
    (before, now): (Figures, Figures),
    currency: Currency,
    why: Vec<Reason>,
) -> Vec<Reason> {
    let what = match key {
        Some(key) => format!("{}, {}", worked(key.class), kind_text(key.kind)),
        None => kind_text(ChargeKind::ServiceCredit).to_owned(),
    };
    let text = format!(
        "What was billed for {} changed after it was closed ({what}). Billed: {}. Now: {}.",
        month_text(month),
        figures_text(before, currency),
        figures_text(now, currency)
    );
    let mut reasons = vec![Reason::new(ReasonCode::Adjusts, None, text)];
    // The amount of work now is said; how that of a credit follows from the fee is not.
    reasons.extend(why.into_iter().filter(|reason| key.is_none() || reason.code != ReasonCode::Amount));
    let difference = format!("The difference: {}.", figures_text(now.minus(before), currency));
    reasons.push(Reason::new(ReasonCode::Amount, None, difference));
    reasons
}

fn figures_text(figures: Figures, currency: Currency) -> String {
    if figures == Figures::default() {
        return "nothing".to_owned();
    }
    let amount = Money { minor: figures.minor, currency };
    let mut parts = Vec::new();
    if figures != (Figures { minor: figures.minor, ..Figures::default() }) {
        parts.push(format!("{} worked", brief(figures.worked)));
        parts.push(format!("{} covered", brief(figures.included)));
        parts.push(format!("{} charged", brief(figures.charged)));
    }
    parts.push(format!("{} {}", amount.amount(), currency.code()));
    parts.join(", ")
}
