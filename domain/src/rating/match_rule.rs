//! Which rule of price matches, and what it makes an hour cost (R2).

use std::sync::Arc;

use jiff::Timestamp;

use super::{Fee, Price, Prices, Unpriced, Work};
use crate::{
    calendar::Calendar,
    money::Rate,
    terms::{DrawRule, ExtraHours, RateRule, Treatment},
    words::{ChargeKind, EntryBilling, HoursClass, Priority},
};

/// An hour of work, as rules look at it.
pub(super) struct Hour<'a, 'w> {
    pub(super) at: Timestamp,
    pub(super) class: HoursClass,
    pub(super) priority: Option<Priority>,
    pub(super) work: &'a Work<'w>,
}

/// Whether a list that a rule names holds a value; an empty one holds any.
fn holds<T: PartialEq<U>, U: ?Sized>(list: &[T], value: Option<&U>) -> bool {
    list.is_empty() || value.is_some_and(|value| list.iter().any(|item| item == value))
}

/// The first rule that matches.
pub(super) fn first(prices: Prices<'_>, hour: &Hour<'_, '_>) -> Option<usize> {
    let own = |place: usize| prices.calendars.get(place).and_then(Option::as_ref);
    prices.policy.rates.iter().enumerate().position(|(place, rule)| applies(rule, own(place), hour))
}

fn applies(rule: &RateRule, own: Option<&Arc<Calendar>>, hour: &Hour<'_, '_>) -> bool {
    let class = || own.map_or(hour.class, |own| own.hours_class(hour.at));
    let calendar = || own.map_or(hour.work.calendar, |own| own);
    (rule.hours_class.is_empty() || rule.hours_class.contains(&class()))
        && holds(&rule.priority, hour.priority.as_ref())
        && holds(&rule.work_kind, hour.work.work_kind)
        && holds(&rule.role, hour.work.role)
        && (rule.during.is_empty() || calendar().lies_in(&rule.during, hour.at))
}

/// The draw rule that matches, from the top (R4).
pub(super) fn draw_rule<'a>(draws: &'a [DrawRule], class: HoursClass, work: &Work<'_>) -> Option<&'a DrawRule> {
    draws.iter().find(|rule| {
        (rule.hours_class.is_empty() || rule.hours_class.contains(&class))
            && holds(&rule.role, work.role)
            && holds(&rule.work_kind, work.work_kind)
    })
}

/// What an hour costs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cost {
    pub(super) price: Price,
    pub(super) kind: Option<ChargeKind>,
    pub(super) unpriced: Option<Unpriced>,
}

/// What an hour costs under a rule, and what kind of charge that makes (R2).
///
/// - `outside`: the fee does not pay even where the rule says so.
pub(super) fn cost(policy: &ExtraHours, rule: Option<&RateRule>, outside: bool, work: &Work<'_>) -> Cost {
    let plain = || plain_rate(policy, work.role);
    let not_offered = |approved: bool| if approved { plain().map(Some) } else { Ok(None) };
    let (rate, kind) = match rule.map(|rule| rule.treatment) {
        _ if matches!(work.fee, Fee::NoTerms) => (plain().map(Some), Some(ChargeKind::OutOfScope)),
        Some(Treatment::InFee) if !outside => (Ok(None), None),
        Some(Treatment::InFee) => (plain().map(Some), Some(ChargeKind::OutOfScope)),
        Some(Treatment::Multiplier(factor)) => {
            let rate = plain().and_then(|plain| plain.times(factor).ok_or(Unpriced::TooLarge));
            (rate.map(Some), Some(ChargeKind::ExtraHours))
        }
        Some(Treatment::Hourly(rate)) => (Ok(Some(rate)), Some(ChargeKind::ExtraHours)),
        Some(Treatment::NotOffered) | None => (not_offered(work.approved), Some(ChargeKind::OutOfScope)),
    };
    let unpriced = rate.as_ref().err().copied();
    let price = match (rate.unwrap_or(None), work.billing) {
        (rate, EntryBilling::NoCharge | EntryBilling::NotBillable) => Price::Waived(rate),
        (Some(rate), EntryBilling::ByTerms) => Price::At(rate),
        (None, EntryBilling::ByTerms) => Price::Nothing,
    };
    Cost { price, kind, unpriced }
}

/// The plain rate of a role.
fn plain_rate(policy: &ExtraHours, role: Option<&str>) -> Result<Rate, Unpriced> {
    let found = policy.roles.iter().find(|known| Some(known.role.as_str()) == role);
    found.map(|known| known.hourly).ok_or(Unpriced::RoleWithoutRate)
}
