//! Findings about what is done, for how long, and at which prices.

use jiff::Span;
use rust_decimal::Decimal;

use super::{Draft, Hit, hit, missing};
use crate::{
    decimal::Percent,
    money::{Currency, Rate},
    terms::{Exclusion, Sections, Treatment},
    text::Code,
    words::PriceKind,
};

pub(super) fn none(draft: &Draft<'_>) -> Vec<Hit> {
    missing(draft.sections.services.is_empty(), "No service is included.", "services")
}

pub(super) fn nothing_excluded(draft: &Draft<'_>) -> Vec<Hit> {
    missing(draft.sections.exclusions.is_empty(), "Nothing is excluded.", "exclusions")
}

pub(super) fn both_ways(draft: &Draft<'_>) -> Vec<Hit> {
    let included = |service: &Code| draft.sections.services.iter().any(|line| line.service == *service);
    let whole = |exclusion: &Exclusion| exclusion.scenario.is_none() && exclusion.component.is_none();
    let mut hits = Vec::new();
    for (place, exclusion) in draft.sections.exclusions.iter().enumerate().filter(|(_, exclusion)| whole(exclusion)) {
        if let Some(service) = exclusion.service.as_ref().filter(|service| included(service)) {
            hits.push(hit(format!("{service} is included and excluded."), &["exclusions", &place.to_string()]));
        }
    }
    hits
}

pub(super) fn retired(draft: &Draft<'_>) -> Vec<Hit> {
    let lines = draft.sections.services.iter().enumerate().filter(|(_, line)| draft.retired.contains(&line.service));
    lines.map(|(place, line)| hit(format!("{} is retired.", line.service), &["services", &place.to_string()])).collect()
}

pub(super) fn no_effective_date(draft: &Draft<'_>) -> Vec<Hit> {
    missing(draft.term.from.is_none(), "The first day is not said.", "effectiveFrom")
}

pub(super) fn overlap(draft: &Draft<'_>) -> Vec<Hit> {
    match (draft.term.from, draft.accepted_from) {
        (Some(from), Some(accepted)) if from <= accepted => {
            let text = format!("They begin on {from}, no later than the accepted terms, which begin on {accepted}.");
            vec![hit(text, &["effectiveFrom"])]
        }
        _ => Vec::new(),
    }
}

pub(super) fn currency(draft: &Draft<'_>) -> Vec<Hit> {
    let ours = draft.currency;
    let differs = |(currency, path): (Currency, Vec<String>)| {
        let parts: Vec<&str> = path.iter().map(String::as_str).collect();
        let text = || format!("The price is in {}, the agreement in {}.", currency.code(), ours.code());
        (currency != ours).then(|| hit(text(), &parts))
    };
    prices(draft).filter_map(differs).collect()
}

/// Every price of the draft with its path.
fn prices<'a>(draft: &'a Draft<'_>) -> impl Iterator<Item = (Currency, Vec<String>)> + 'a {
    let path = |parts: &[&str]| parts.iter().map(|&part| part.to_owned()).collect::<Vec<_>>();
    let lines = draft.sections.services.iter().enumerate().filter_map(move |(place, line)| {
        Some((line.unit_price?.currency(), path(&["services", &place.to_string(), "unitPrice"])))
    });
    let policy = draft.sections.extra_hours.iter();
    let hours = policy.flat_map(move |policy| {
        let roles = policy.roles.iter().enumerate().map(move |(place, role)| {
            (role.hourly.currency(), path(&["extraHours", "roles", &place.to_string(), "hourly"]))
        });
        let rates = policy.rates.iter().enumerate().flat_map(move |(place, rule)| {
            let at = place.to_string();
            let hourly = match rule.treatment {
                Treatment::Hourly(rate) => Some((rate.currency(), path(&["extraHours", "rates", &at, "hourly"]))),
                _ => None,
            };
            let fee = rule.call_out.map(|fee| (fee.currency, path(&["extraHours", "rates", &at, "callOut"])));
            hourly.into_iter().chain(fee)
        });
        let overage = policy.included.as_ref().and_then(|included| included.overage_hourly);
        let overage = overage.map(|rate| (rate.currency(), path(&["extraHours", "included", "overageHourly"])));
        roles.chain(rates).chain(overage)
    });
    lines.chain(hours)
}

pub(super) fn renewal_without_end(draft: &Draft<'_>) -> Vec<Hit> {
    let renewal = draft.sections.renewal.as_ref();
    // Without a first day the length of the first term cannot be counted; that is found by itself.
    let ends = draft.term.until.is_some() || renewal.is_some_and(|renewal| renewal.first_term_months.is_some());
    missing(renewal.is_some() && !ends, "There is a renewal, but no end.", "renewal")
}

pub(super) fn no_end(draft: &Draft<'_>) -> Vec<Hit> {
    let endless = draft.term.until.is_none() && draft.sections.renewal.is_none();
    missing(endless, "There is neither a last day nor a renewal.", "effectiveUntil")
}

/// Prices that rise by more, or sooner, than the indexation of the terms before allows (Q6).
pub(super) fn indexation_exceeded(draft: &Draft<'_>) -> Vec<Hit> {
    let indexed = draft.accepted.and_then(|before| Some((before, before.indexation.as_ref()?)));
    let Some((before, indexation)) = indexed else { return Vec::new() };
    let months = Span::new().try_months(indexation.every_months.get()).unwrap_or_default();
    let next = draft.accepted_from.and_then(|from| from.checked_add(months).ok());
    let too_soon = next.filter(|next| draft.term.from.is_some_and(|from| from < *next));
    let wrong = |Rise { what, old, new, path }: Rise| {
        let rise = format!("{what} rises from {old} to {new}");
        let message = match (indexation.cap, too_soon) {
            (Some(cap), _) if rises_over(old, new, cap) => format!("{rise}, more than {cap} %."),
            (_, Some(next)) => format!("{rise}, before {next}."),
            _ => return None,
        };
        Some(Hit { message, path })
    };
    rises(before, draft.sections, &indexation.applies_to).into_iter().filter_map(wrong).collect()
}

/// A price that is higher than in the terms before.
struct Rise {
    what: String,
    old: Rate,
    new: Rate,
    path: Vec<String>,
}

fn rises(before: &Sections, after: &Sections, kinds: &[PriceKind]) -> Vec<Rise> {
    let mut found = Vec::new();
    let mut compare = |what: &str, old: Option<Rate>, new: Option<Rate>, path: [&str; 4]| {
        let higher = old.zip(new).filter(|(old, new)| old.currency() == new.currency() && old.amount() < new.amount());
        let path = path.iter().filter(|part| !part.is_empty()).map(|&part| part.to_owned()).collect();
        found.extend(higher.map(|(old, new)| Rise { what: what.to_owned(), old, new, path }));
    };
    if kinds.contains(&PriceKind::Fees) {
        for (place, line) in after.services.iter().enumerate() {
            let old = before.services.iter().find(|old| old.service == line.service).and_then(|old| old.unit_price);
            compare(line.service.as_str(), old, line.unit_price, ["services", &place.to_string(), "unitPrice", ""]);
        }
    }
    if kinds.contains(&PriceKind::Rates) {
        let roles = |sections: &Sections| sections.extra_hours.as_ref().map(|policy| policy.roles.clone());
        let known = roles(before).unwrap_or_default();
        for (place, role) in roles(after).unwrap_or_default().iter().enumerate() {
            let old = known.iter().find(|old| old.role == role.role).map(|old| old.hourly);
            compare(&role.role, old, Some(role.hourly), ["extraHours", "roles", &place.to_string(), "hourly"]);
        }
    }
    found
}

fn rises_over(old: Rate, new: Rate, cap: Percent) -> bool {
    let factor = Decimal::ONE_HUNDRED.checked_add(cap.value());
    let most = factor.and_then(|factor| old.amount().checked_mul(factor));
    let scaled = new.amount().checked_mul(Decimal::ONE_HUNDRED);
    most.zip(scaled).is_some_and(|(most, scaled)| scaled > most)
}
