//! A slow second implementation of rating, in exact fractions and minute by minute, that shares nothing with the first but
//! the calendar's answers. It is for work on whole minutes.

use std::collections::BTreeMap;

use crate::{
    Timestamp,
    billing::{Entry, Month},
    calendar::Calendar,
    terms::{DrawRule, ExtraHours, RateRule, Treatment},
    words::{ChargeKind, EntryBilling, HoursClass, MinimaRule, RoundingAggregate, RoundingOrder},
};

/// An exact fraction, reduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fraction(i128, i128);

impl Fraction {
    fn new(over: i128, under: i128) -> Self {
        let (mut a, mut b) = (over.abs(), under.abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let a = a.max(1) * under.signum();
        Self(over / a, under / a)
    }

    fn of(whole: i128) -> Self {
        Self(whole, 1)
    }

    fn decimal(value: rust_decimal::Decimal) -> Self {
        Self::new(value.mantissa(), 10_i128.pow(value.scale()))
    }

    fn plus(self, other: Self) -> Self {
        Self::new(self.0 * other.1 + other.0 * self.1, self.1 * other.1)
    }

    fn minus(self, other: Self) -> Self {
        self.plus(Self(-other.0, other.1))
    }

    fn times(self, other: Self) -> Self {
        Self::new(self.0 * other.0, self.1 * other.1)
    }

    fn over(self, other: Self) -> Self {
        Self::new(self.0 * other.1, self.1 * other.0)
    }

    fn floor(self) -> i128 {
        self.0.div_euclid(self.1)
    }

    fn half_up(self) -> i128 {
        self.plus(Self(1, 2)).floor()
    }

    fn is_more_than(self, other: Self) -> bool {
        self.0 * other.1 > other.0 * self.1
    }

    fn least(self, other: Self) -> Self {
        if self.is_more_than(other) { other } else { self }
    }
}

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

/// Hours that are left, by the months in which they expire and come from.
type Lots = BTreeMap<(Month, Month), Fraction>;

/// Everything that entries are charged at.
pub(super) fn charge_all(
    versions: &[Version<'_>],
    calendar: &Calendar,
    minor_digits: u8,
    months: &[Month],
    entries: &[Entry],
) -> BTreeMap<Key, Sums> {
    let mut charged = BTreeMap::new();
    let mut lots = Lots::new();
    for month in months {
        let (start, end) = (calendar.start_of(month.first()), calendar.start_of(month.next().first()));
        let pool = versions.iter().rfind(|version| version.begins <= start).and_then(|v| v.policy.included.as_ref());
        if let Some(cap) = pool.and_then(|pool| pool.rollover_cap) {
            hold_to(Fraction::of(cap.micros().into()), &mut lots);
        }
        if let Some(pool) = pool {
            let last = Month::from_number(month.number() + i32::try_from(pool.rollover_periods).unwrap());
            lots.insert((last, *month), Fraction::of(pool.per_period.micros().into()));
        }
        let own = entries.iter().filter(|entry| start <= entry.span.from && entry.span.from < end);
        let mut pieces: Vec<Piece<'_>> = own.flat_map(|entry| cut(versions, calendar, minor_digits, entry)).collect();
        pieces.sort_by_key(|piece| (piece.from, piece.entry.system.clone(), piece.entry.reference.clone(), piece.to));
        let groups = aggregates(versions, calendar, &pieces);
        for group in &groups {
            round(versions[pieces[group[0]].version].policy, group, &mut pieces);
        }
        if let Some(pool) = pool {
            for piece in &mut pieces {
                draw(&pool.draws, versions, minor_digits, &mut lots, piece);
            }
        }
        for group in &groups {
            price(versions[pieces[group[0]].version].policy, group, &mut pieces);
        }
        for piece in &pieces {
            let Some(kind) = piece.kind else { continue };
            let rule = piece.rule.map(|rule| versions[piece.version].policy.rates[rule].code.to_string());
            let sums: &mut Sums = charged.entry((*month, piece.entry.id, piece.class, rule, kind)).or_default();
            sums.0 += piece.to - piece.from;
            sums.1 += piece.included;
            sums.2 += piece.rounded - piece.included;
            sums.3 += piece.minor;
        }
        lots.retain(|(expires, _), _| expires > month);
    }
    charged
}

fn hold_to(cap: Fraction, lots: &mut Lots) {
    let carried = lots.values().fold(Fraction::of(0), |sum, lot| sum.plus(*lot));
    let mut excess = if carried.is_more_than(cap) { carried.minus(cap) } else { Fraction::of(0) };
    for lot in lots.values_mut() {
        let lost = excess.least(*lot);
        *lot = lot.minus(lost);
        excess = excess.minus(lost);
    }
}

fn matches(rule: &RateRule, calendar: &Calendar, at: Timestamp, class: HoursClass, entry: &Entry) -> bool {
    (rule.hours_class.is_empty() || rule.hours_class.contains(&class))
        && (rule.role.is_empty() || rule.role.contains(&entry.role))
        && (rule.during.is_empty() || calendar.lies_in(&rule.during, at))
}

/// Each minute by itself; those alike and side by side are one piece.
fn cut<'a>(versions: &[Version<'_>], calendar: &Calendar, minor_digits: u8, entry: &'a Entry) -> Vec<Piece<'a>> {
    const MINUTE: i64 = 60_000_000;
    let version = versions.iter().rposition(|version| version.begins <= entry.span.from).unwrap();
    let policy = versions[version].policy;
    let minor = Fraction::of(10_i128.pow(minor_digits.into()));
    let plain = policy.roles.iter().find(|role| role.role == entry.role).unwrap().hourly;
    let plain = Fraction::decimal(plain.amount()).times(minor);
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
            Some(Treatment::Hourly(rate)) => {
                (Some(Fraction::decimal(rate.amount()).times(minor)), Some(ChargeKind::ExtraHours))
            }
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
fn aggregates(versions: &[Version<'_>], calendar: &Calendar, pieces: &[Piece<'_>]) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, piece) in pieces.iter().enumerate() {
        let day = calendar.date_at(piece.entry.span.from);
        let own = format!("entry {}", piece.entry.reference);
        let (ticket, technician) = (piece.entry.ticket.as_ref(), piece.entry.technician.as_deref());
        let ticket = ticket.map(|ticket| format!("{} {}", ticket.system, ticket.reference));
        let key = match versions[piece.version].policy.rounding.aggregate {
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
        rule.and_then(|rule| policy.rates[rule].minimum).unwrap_or(policy.rounding.minimum).micros()
    };
    let increment = |rule: Option<usize>| {
        rule.and_then(|rule| policy.rates[rule].increment).unwrap_or(policy.rounding.increment).micros()
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

fn draw(draws: &[DrawRule], versions: &[Version<'_>], minor_digits: u8, lots: &mut Lots, piece: &mut Piece<'_>) {
    if piece.rate.is_none() || piece.kind != Some(ChargeKind::ExtraHours) {
        return;
    }
    let class = |rule: &&DrawRule| rule.hours_class.is_empty() || rule.hours_class.contains(&piece.class);
    let Some(rule) = draws.iter().find(class) else { return };
    let factor = Fraction::decimal(rule.factor.value());
    let there = lots.values().fold(Fraction::of(0), |sum, lot| sum.plus(*lot));
    piece.included = i64::try_from(there.over(factor).floor()).unwrap().min(piece.rounded);
    let mut owed = Fraction::of(piece.included.into()).times(factor);
    for lot in lots.values_mut() {
        let part = owed.least(*lot);
        *lot = lot.minus(part);
        owed = owed.minus(part);
    }
    if piece.included < piece.rounded {
        piece.kind = Some(ChargeKind::Overage);
    }
    let overage = versions[piece.version].policy.included.as_ref().and_then(|included| included.overage_hourly);
    if let Some(rate) = overage {
        piece.rate = Some(Fraction::decimal(rate.amount()).times(Fraction::of(10_i128.pow(minor_digits.into()))));
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
