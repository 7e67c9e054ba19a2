//! Whether the terms can price what a role does.

use std::collections::BTreeSet;

use remit_domain::{
    billing::{Entry, Period, rate_period},
    words::EntryBilling,
};

use super::book::Book;

/// Why an entry cannot be rated because of its role; none: it can, or is not to be.
///
/// - `version`: the place of the version that rates it.
/// - `period`: the billing period that it belongs to.
pub(super) fn role_refused(book: &Book, version: usize, period: &Period, entry: &Entry) -> Option<String> {
    if entry.billing == EntryBilling::NotBillable {
        return None;
    }
    let policy = book.account().agreed(version)?.sections.extra_hours.as_ref()?;
    let role = &entry.role;
    let of_rules = policy.rates.iter().flat_map(|rule| &rule.role);
    let of_draws = policy.included.iter().flat_map(|included| &included.draws).flat_map(|draw| &draw.role);
    let named: BTreeSet<&String> = of_rules.chain(of_draws).collect();
    let rated: BTreeSet<&String> = policy.roles.iter().map(|known| &known.role).collect();
    if rated.contains(role) || (rated.is_empty() && named.is_empty()) {
        return None;
    }
    if !named.contains(role) {
        let known: Vec<&str> = rated.union(&named).map(|role| role.as_str()).collect();
        return Some(format!("the terms know no role {role:?}, only {}", known.join(", ")));
    }
    // Rules may give what it does prices of their own.
    let priced = rate_period(&book.account(), period, &[], std::slice::from_ref(entry));
    let lacks = priced.rated.segments.iter().any(|segment| segment.unpriced.is_some());
    lacks.then(|| format!("the role {role:?} has no rate, and the price of this work follows from it"))
}
