//! Findings about what is done, for how long, and at which prices.

use super::{Draft, Hit, hit, missing};
use crate::{
    money::Currency,
    terms::{Exclusion, Treatment},
    text::Code,
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

/// Notice that cannot be given within the term that it ends.
pub(super) fn notice_outlasts_term(draft: &Draft<'_>) -> Vec<Hit> {
    let Some(renewal) = &draft.sections.renewal else { return Vec::new() };
    // By the months that a further term takes; a first term may be shorter or longer.
    let ends = draft.term.last_day(Some(renewal)).zip(renewal.ends(draft.term));
    let told = ends.and_then(|(first_end, ends)| {
        let end = ends.ends_on(first_end.tomorrow().ok()?)?;
        (renewal.decide_by(end)? < first_end).then_some(())
    });
    missing(told.is_some(), "Notice has to be given before the term begins that it ends.", "renewal")
}

pub(super) fn no_end(draft: &Draft<'_>) -> Vec<Hit> {
    let endless = draft.term.until.is_none() && draft.sections.renewal.is_none();
    missing(endless, "There is neither a last day nor a renewal.", "effectiveUntil")
}
