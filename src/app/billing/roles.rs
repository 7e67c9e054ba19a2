//! Whether the terms can price what a role does.

use std::collections::BTreeSet;

use remit_domain::billing::{Period, rate_period};

use super::{
    book::{Book, ServiceCodes},
    by_ticket::Tickets,
    recharge,
};
use crate::store::TimeEntryRecord;

/// Why an entry cannot be taken because of its role; none: it can.
///
/// - `version`: the place of the version that rates it.
/// - `period`: the billing period that it belongs to.
/// - `services`: the codes of the services that it may name.
pub(super) fn role_refused(
    book: &Book,
    version: usize,
    period: &Period,
    entry: &TimeEntryRecord,
    services: &ServiceCodes,
) -> Option<String> {
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
    let alone = [recharge::entry(entry, services, &Tickets::default())];
    let priced = rate_period(&book.account(), period, &[], &alone);
    let lacks = priced.rated.segments.iter().any(|segment| segment.unpriced.is_some());
    lacks.then(|| format!("the role {role:?} has no rate, and the price of this work follows from it"))
}
