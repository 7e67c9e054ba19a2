//! Prices that rise by more, or sooner, than the indexation of the terms before allows (Q6).

use jiff::Span;
use rust_decimal::Decimal;

use super::{Draft, Hit, Path};
use crate::{
    decimal::{Factor, Percent},
    money::{Currency, Money, Rate},
    terms::{ExtraHours, RateRule, Sections, Treatment},
    words::PriceKind,
};

pub(super) fn exceeded(draft: &Draft<'_>) -> Vec<Hit> {
    let indexed = draft.accepted.and_then(|before| Some((before, before.indexation.as_ref()?)));
    let Some((before, indexation)) = indexed else { return Vec::new() };
    let months = Span::new().try_months(indexation.every_months.get()).unwrap_or_default();
    let next = draft.accepted_from.and_then(|from| from.checked_add(months).ok());
    let too_soon = next.filter(|next| draft.term.from.is_some_and(|from| from < *next));
    let wrong = |(old, new): (Price, Price)| {
        let rise = format!("{} rises from {} to {}", new.what, old.text, new.text);
        let message = match (indexation.cap, too_soon) {
            (Some(cap), _) if rises_over(old.amount, new.amount, cap) => format!("{rise}, more than {cap} %."),
            (_, Some(next)) => format!("{rise}, before {next}."),
            _ => return None,
        };
        Some(Hit { message, path: new.path })
    };
    let rises = indexation.applies_to.iter().flat_map(|kind| rises(before, draft.sections, *kind));
    rises.filter_map(wrong).collect()
}

/// What may rise: a price, or a factor on one.
struct Price {
    /// A name that it has in every version.
    what: String,
    amount: Decimal,
    /// None: it is a factor.
    currency: Option<Currency>,
    text: String,
    path: Path,
}

impl Price {
    fn at(what: impl Into<String>, path: &[&str], figure: Figure) -> Self {
        let Figure { amount, currency, text } = figure;
        Self { what: what.into(), amount, currency, text, path: path.iter().map(|&part| part.to_owned()).collect() }
    }
}

struct Figure {
    amount: Decimal,
    currency: Option<Currency>,
    text: String,
}

impl From<Rate> for Figure {
    fn from(rate: Rate) -> Self {
        Self { amount: rate.amount(), currency: Some(rate.currency()), text: rate.to_string() }
    }
}

impl From<Money> for Figure {
    fn from(money: Money) -> Self {
        let text = format!("{} {}", money.amount(), money.currency.code());
        Self { amount: money.minor.into(), currency: Some(money.currency), text }
    }
}

impl From<Factor> for Figure {
    fn from(factor: Factor) -> Self {
        Self { amount: factor.value(), currency: None, text: factor.to_string() }
    }
}

/// What is higher than before: as it was, and as it is to be. Two of one name, such as two lines of one service, are held
/// against each other in their order.
fn rises(before: &Sections, after: &Sections, kind: PriceKind) -> Vec<(Price, Price)> {
    let mut known = prices(before, kind);
    let mut found = Vec::new();
    for new in prices(after, kind) {
        let Some(place) = known.iter().position(|old| old.what == new.what) else { continue };
        let old = known.remove(place);
        if old.currency == new.currency && old.amount < new.amount {
            found.push((old, new));
        }
    }
    found
}

fn prices(sections: &Sections, kind: PriceKind) -> Vec<Price> {
    match kind {
        PriceKind::Fees => fees(sections),
        PriceKind::Rates => sections.extra_hours.as_ref().map(rates).unwrap_or_default(),
    }
}

fn fees(sections: &Sections) -> Vec<Price> {
    let lines = sections.services.iter().enumerate().filter_map(|(place, line)| {
        let path = ["services", &place.to_string(), "unitPrice"];
        Some(Price::at(line.service.as_str(), &path, line.unit_price?.into()))
    });
    lines.collect()
}

fn rates(policy: &ExtraHours) -> Vec<Price> {
    let roles = policy.roles.iter().enumerate().map(|(place, role)| {
        Price::at(role.role.as_str(), &["extraHours", "roles", &place.to_string(), "hourly"], role.hourly.into())
    });
    let rules = policy.rates.iter().enumerate().flat_map(|(place, rule)| of_rule(place, rule));
    let overage = policy.included.as_ref().and_then(|included| included.overage_hourly);
    let overage =
        overage.map(|rate| Price::at("The overage", &["extraHours", "included", "overageHourly"], rate.into()));
    roles.chain(rules).chain(overage).collect()
}

/// What a rule costs, and what coming costs beside it.
fn of_rule(place: usize, rule: &RateRule) -> impl Iterator<Item = Price> {
    let (code, place) = (&rule.code, place.to_string());
    let at =
        |what: String, field: &str, figure: Figure| Price::at(what, &["extraHours", "rates", &place, field], figure);
    let price = match rule.treatment {
        Treatment::Hourly(rate) => Some(at(format!("Rule {code}"), "hourly", rate.into())),
        Treatment::Multiplier(factor) => Some(at(format!("The multiplier of {code}"), "multiplier", factor.into())),
        Treatment::InFee | Treatment::NotOffered => None,
    };
    let call_out = rule.call_out.map(|fee| at(format!("The call-out of {code}"), "callOut", fee.into()));
    price.into_iter().chain(call_out)
}

fn rises_over(old: Decimal, new: Decimal, cap: Percent) -> bool {
    let factor = Decimal::ONE_HUNDRED.checked_add(cap.value());
    let most = factor.and_then(|factor| old.checked_mul(factor));
    let scaled = new.checked_mul(Decimal::ONE_HUNDRED);
    most.zip(scaled).is_some_and(|(most, scaled)| scaled > most)
}
