//! A slow second implementation of rating, in exact fractions and minute by minute, that shares nothing with the first but
//! the calendar's answers. It is for work on whole minutes.

mod fraction;
mod hours;

use std::collections::BTreeMap;

pub(super) use fraction::Fraction;
use hours::Hours;

use crate::{
    Timestamp,
    billing::{Entry, LotOrigin, Month, PrepaidBlock},
    calendar::Calendar,
    terms::{DrawRule, ExtraHours, IncludedHours, RateRule, Treatment},
    words::{ChargeKind, EntryBilling, HoursClass, MinimaRule, RoundingAggregate, RoundingOrder},
};

/// Terms from an instant on.
pub(super) struct Version<'a> {
    pub(super) begins: Timestamp,
    pub(super) policy: &'a ExtraHours,
}

/// What a charge comes to: worked, included and charged microseconds, and minor units.
pub(super) type Sums = (i64, i64, i64, i64);
/// Which charge: the month, the entry, the class, the rule, the kind.
pub(super) type Key = (Month, u128, HoursClass, Option<String>, ChargeKind);

struct Piece<'a> {
    entry: &'a Entry,
    version: usize,
    from: i64,
    to: i64,
    class: HoursClass,
    rule: Option<usize>,
    /// Minor units an hour; none: it costs nothing.
    rate: Option<Fraction>,
    kind: Option<ChargeKind>,
    rounded: i64,
    included: i64,
    minor: i64,
}

/// What everything comes to, and what each month leaves of each lot of hours, in microseconds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) charges: BTreeMap<Key, Sums>,
    pub(super) left: BTreeMap<(Month, LotOrigin), Fraction>,
}

/// What an agreement says, and how many digits its money has.
pub(super) struct Agreement<'a> {
    pub(super) versions: &'a [Version<'a>],
    pub(super) calendar: &'a Calendar,
    pub(super) minor_digits: u8,
    pub(super) blocks: &'a [PrepaidBlock],
}

impl<'a> Agreement<'a> {
    fn policy(&self, version: usize) -> &'a ExtraHours {
        self.versions[version].policy
    }

    /// The hours in the fee of the month that begins at an instant.
    fn included(&self, begins: Timestamp) -> Option<&'a IncludedHours> {
        self.versions.iter().rfind(|version| version.begins <= begins)?.policy.included.as_ref()
    }

    /// Minor units.
    fn minor(&self, amount: rust_decimal::Decimal) -> Fraction {
        Fraction::decimal(amount).times(Fraction::of(10_i128.pow(self.minor_digits.into())))
    }
}

/// Everything that entries are charged at.
pub(super) fn charge_all(agreement: &Agreement<'_>, months: &[Month], entries: &[Entry]) -> Outcome {
    let calendar = agreement.calendar;
    let mut outcome = Outcome::default();
    let mut hours = Hours::of(calendar, agreement.blocks);
    for month in months {
        let (start, end) = (calendar.start_of(month.first()), calendar.start_of(month.next().first()));
        let included = agreement.included(start);
        hours.begin(*month, included);
        let of_month = |entry: &&Entry| start <= entry.span.from && entry.span.from < end;
        let billable = entries.iter().filter(|entry| entry.billing != EntryBilling::NotBillable);
        let mut pieces: Vec<Piece<'_>> = billable.filter(of_month).flat_map(|entry| cut(agreement, entry)).collect();
        pieces.sort_by_key(|piece| (piece.from, piece.entry.system.clone(), piece.entry.reference.clone(), piece.to));
        let groups = aggregates(agreement, &pieces);
        for group in &groups {
            round(agreement.policy(pieces[group[0]].version), group, &mut pieces);
        }
        for piece in &mut pieces {
            draw(agreement, included, &mut hours, piece);
        }
        for group in &groups {
            price(agreement.policy(pieces[group[0]].version), group, &mut pieces);
        }
        for piece in &pieces {
            let Some(kind) = piece.kind else { continue };
            let rule = piece.rule.map(|rule| agreement.policy(piece.version).rates[rule].code.to_string());
            let key = (*month, piece.entry.id, piece.class, rule, kind);
            let sums: &mut Sums = outcome.charges.entry(key).or_default();
            sums.0 += piece.to - piece.from;
            sums.1 += piece.included;
            sums.2 += piece.rounded - piece.included;
            sums.3 += piece.minor;
        }
        outcome.left.extend(hours.left_after(*month).map(|(origin, left)| ((*month, origin), left)));
    }
    outcome
}

fn matches(rule: &RateRule, calendar: &Calendar, at: Timestamp, class: HoursClass, entry: &Entry) -> bool {
    (rule.hours_class.is_empty() || rule.hours_class.contains(&class))
        && (rule.role.is_empty() || rule.role.contains(&entry.role))
        && (rule.during.is_empty() || calendar.lies_in(&rule.during, at))
}

/// Each minute by itself; those alike and side by side are one piece.
fn cut<'a>(agreement: &Agreement<'_>, entry: &'a Entry) -> Vec<Piece<'a>> {
    const MINUTE: i64 = 60_000_000;
    let calendar = agreement.calendar;
    let version = agreement.versions.iter().rposition(|version| version.begins <= entry.span.from).unwrap();
    let policy = agreement.policy(version);
    let plain = policy.roles.iter().find(|role| role.role == entry.role).unwrap().hourly;
    let plain = agreement.minor(plain.amount());
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let mut at = entry.span.from.as_microsecond();
    while at < entry.span.to.as_microsecond() {
        let instant = Timestamp::from_microsecond(at).unwrap();
        let next = at + MINUTE;
        if entry.breaks.iter().any(|gap| gap.from <= instant && instant < gap.to) {
            at = next;
            continue;
        }
        let class = calendar.hours_class(instant);
        let rule = policy.rates.iter().position(|rule| matches(rule, calendar, instant, class, entry));
        let (rate, kind) = match rule.map(|rule| policy.rates[rule].treatment) {
            Some(Treatment::InFee) => (None, None),
            Some(Treatment::Multiplier(factor)) => {
                (Some(plain.times(Fraction::decimal(factor.value()))), Some(ChargeKind::ExtraHours))
            }
            Some(Treatment::Hourly(rate)) => (Some(agreement.minor(rate.amount())), Some(ChargeKind::ExtraHours)),
            Some(Treatment::NotOffered) | None => (entry.approved.then_some(plain), Some(ChargeKind::OutOfScope)),
        };
        let rate = rate.filter(|_| entry.billing == EntryBilling::ByTerms);
        match pieces.last_mut() {
            Some(last) if (last.to, last.class, last.rule) == (at, class, rule) => last.to = next,
            _ => pieces.push(Piece {
                entry,
                version,
                from: at,
                to: next,
                class,
                rule,
                rate,
                kind,
                rounded: 0,
                included: 0,
                minor: 0,
            }),
        }
        at = next;
    }
    pieces
}

/// The places of pieces that are rounded together.
fn aggregates(agreement: &Agreement<'_>, pieces: &[Piece<'_>]) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, piece) in pieces.iter().enumerate() {
        let day = agreement.calendar.date_at(piece.entry.span.from);
        let own = format!("entry {}", piece.entry.reference);
        let (ticket, technician) = (piece.entry.ticket.as_ref(), piece.entry.technician.as_deref());
        let ticket = ticket.map(|ticket| format!("{} {}", ticket.system, ticket.reference));
        let key = match agreement.policy(piece.version).rounding.aggregate {
            RoundingAggregate::Entry => None,
            RoundingAggregate::Ticket => ticket.map(|ticket| format!("ticket {ticket}")),
            RoundingAggregate::TicketDay => ticket.map(|ticket| format!("ticket {ticket} {day}")),
            RoundingAggregate::TechnicianDay => technician.map(|who| format!("technician {who} {day}")),
        };
        let key = key.map_or(own, |key| format!("{key} {}", piece.version));
        groups.entry(key).or_default().push(place);
    }
    groups.into_values().collect()
}

fn round(policy: &ExtraHours, group: &[usize], pieces: &mut [Piece<'_>]) {
    let own = |rule: &RateRule| rule.minimum.is_some() || rule.increment.is_some();
    // By the rule that rounds by itself, in order of first appearance.
    let mut parts: Vec<(Option<usize>, Vec<usize>)> = Vec::new();
    for place in group {
        let piece = &mut pieces[*place];
        if piece.rate.is_none() {
            continue;
        }
        piece.rounded = piece.to - piece.from;
        let rule = piece.rule.filter(|rule| own(&policy.rates[*rule]));
        match parts.iter_mut().find(|(of, _)| *of == rule) {
            Some((_, places)) => places.push(*place),
            None => parts.push((rule, vec![*place])),
        }
    }
    let minimum = |rule: Option<usize>| {
        rule.and_then(|rule| policy.rates[rule].minimum).unwrap_or_else(|| policy.rounding.minimum()).micros()
    };
    let increment = |rule: Option<usize>| {
        rule.and_then(|rule| policy.rates[rule].increment).unwrap_or_else(|| policy.rounding.increment()).micros()
    };
    let largest = parts.iter().map(|(rule, _)| minimum(*rule)).max();
    let acting = parts.iter().position(|(rule, _)| Some(minimum(*rule)) == largest);
    for (number, (rule, places)) in parts.iter().enumerate() {
        let acts = policy.rounding.minima == MinimaRule::Each || acting == Some(number);
        let least = if acts { minimum(*rule) } else { 0 };
        let up = |time: i64| match increment(*rule) {
            0 => time,
            step => (time + step - 1) / step * step,
        };
        let time: i64 = places.iter().map(|place| pieces[*place].rounded).sum();
        let rounded = match policy.rounding.order {
            RoundingOrder::RoundThenMinimum => up(time).max(least),
            RoundingOrder::MinimumThenRound => up(time.max(least)),
        };
        pieces[*places.last().unwrap()].rounded += rounded - time;
    }
}

/// Whether a rule says that a piece draws, and how many hours an hour.
fn factor(draws: &[DrawRule], piece: &Piece<'_>) -> Option<Fraction> {
    let matching = draws.iter().find(|rule| {
        (rule.hours_class.is_empty() || rule.hours_class.contains(&piece.class))
            && (rule.role.is_empty() || rule.role.contains(&piece.entry.role))
    });
    matching.map(|rule| Fraction::decimal(rule.factor.value()))
}

fn draw(agreement: &Agreement<'_>, included: Option<&IncludedHours>, hours: &mut Hours<'_>, piece: &mut Piece<'_>) {
    if piece.rate.is_none() || piece.kind != Some(ChargeKind::ExtraHours) {
        return;
    }
    let factor = match included {
        Some(included) => factor(&included.draws, piece),
        None => hours.has_blocks.then(|| Fraction::of(1)),
    };
    let Some(factor) = factor else { return };
    let at = Timestamp::from_microsecond(piece.from).unwrap();
    let there = hours.usable_at(at);
    piece.included = i64::try_from(there.over(factor).floor()).unwrap().min(piece.rounded);
    hours.take(at, Fraction::of(piece.included.into()).times(factor));
    if piece.included < piece.rounded {
        piece.kind = Some(ChargeKind::Overage);
    }
    let beyond = agreement.policy(piece.version).included.as_ref().and_then(|included| included.overage_hourly);
    if let Some(rate) = beyond {
        piece.rate = Some(agreement.minor(rate.amount()));
    }
}

fn price(policy: &ExtraHours, group: &[usize], pieces: &mut [Piece<'_>]) {
    const HOUR: i128 = 3_600_000_000;
    let mut totals: Vec<(Fraction, i128, i128)> = Vec::new();
    let mut called: Vec<usize> = Vec::new();
    for place in group {
        let piece = &mut pieces[*place];
        let in_fee = piece.kind.is_none() && piece.entry.billing == EntryBilling::ByTerms;
        let fee = piece.rule.filter(|rule| (piece.rate.is_some() || in_fee) && !called.contains(rule));
        if let Some((rule, fee)) = fee.and_then(|rule| Some((rule, policy.rates[rule].call_out?))) {
            called.push(rule);
            piece.minor += fee.minor;
            piece.kind = piece.kind.or(Some(ChargeKind::ExtraHours));
        }
        let Some(rate) = piece.rate else { continue };
        let place = totals.iter().position(|(of, ..)| *of == rate).unwrap_or_else(|| {
            totals.push((rate, 0, 0));
            totals.len() - 1
        });
        let total = &mut totals[place];
        total.1 += i128::from(piece.rounded - piece.included);
        let rounded = rate.times(Fraction::new(total.1, HOUR)).half_up();
        piece.minor += i64::try_from(rounded - total.2).unwrap();
        total.2 = rounded;
    }
}
