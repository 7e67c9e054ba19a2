//! One charge per entry, class of hour, rule and kind (R6).

use super::Ground;
use crate::{
    money::{Money, Rate},
    rating::{PoolTime, Rated, RatedSegment, Unpriced, Work},
    time::Duration,
    words::{ChargeKind, HoursClass},
};
use jiff::Timestamp;

/// What an entry is charged at for one class of hour under one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The place of its entry.
    pub entry: usize,
    /// By which terms it was rated.
    pub ground: Ground,
    /// What it is for.
    pub kind: ChargeKind,
    /// The class of the hours.
    pub class: HoursClass,
    /// The place of the rule of price; none: none matches.
    pub rule: Option<usize>,
    /// Whether the rule's saying that the fee pays was set aside.
    pub outside_the_fee: bool,
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
    /// Time worked.
    pub worked: Duration,
    /// Rounded time that hours of the pool cover.
    pub included: Duration,
    /// Rounded time less what is included.
    pub charged: Duration,
    /// The rate of what is charged.
    pub rate: Option<Rate>,
    /// The call-out fee that is part of the amount.
    pub call_out: Option<Money>,
    /// What it comes to.
    pub amount: Money,
    /// Why it has no price although it should.
    pub unpriced: Option<Unpriced>,
    /// What was drawn for it, by the places of lots.
    pub draws: Vec<HourDraw>,
}

/// What was drawn from one lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HourDraw {
    /// The place of the lot.
    pub lot: usize,
    /// How much.
    pub time: PoolTime,
}

/// The key of a charge within its period: an id stays as long as its key does (R6).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The entry.
    pub entry: u128,
    /// The class of hours.
    pub class: HoursClass,
    /// The code of the rule; none: none matches.
    pub rule: Option<String>,
    /// What it is for.
    pub kind: ChargeKind,
}

/// The charges that segments come to; `entries` gives the place of each piece of work's entry.
pub(super) fn of_period(works: &[Work<'_>], entries: &[usize], grounds: &[Ground], rated: &Rated) -> Vec<Charge> {
    let mut charges: Vec<Charge> = Vec::with_capacity(rated.segments.len());
    // For each piece of work the chain of its charges, the newest first; for each segment its charge.
    let mut newest: Vec<usize> = vec![NONE; works.len()];
    let mut before: Vec<usize> = Vec::with_capacity(rated.segments.len());
    let mut of_segment: Vec<usize> = vec![NONE; if rated.draws.is_empty() { 0 } else { rated.segments.len() }];
    for (place, segment) in rated.segments.iter().enumerate() {
        let Some(kind) = segment.kind.filter(|_| !segment.worked.is_zero()) else { continue };
        let Some(head) = newest.get_mut(segment.work) else { continue };
        let mut at = *head;
        while charges.get(at).is_some_and(|charge| !is_same(charge, segment, kind)) {
            at = before.get(at).copied().unwrap_or(NONE);
        }
        match charges.get_mut(at) {
            Some(charge) => add(charge, segment),
            None => {
                let (Some(entry), Some(ground)) = (entries.get(segment.work), grounds.get(segment.work)) else {
                    continue;
                };
                at = charges.len();
                before.push(*head);
                *head = at;
                charges.push(of_one(*entry, *ground, segment, kind));
            }
        }
        if let Some(of) = of_segment.get_mut(place) {
            *of = at;
        }
    }
    for draw in &rated.draws {
        let of = of_segment.get(draw.segment).copied().unwrap_or(NONE);
        let Some(charge) = charges.get_mut(of) else { continue };
        match charge.draws.iter_mut().find(|known| known.lot == draw.lot) {
            Some(known) => known.time = known.time.plus(draw.time),
            None => charge.draws.push(HourDraw { lot: draw.lot, time: draw.time }),
        }
    }
    charges
}

/// No place.
const NONE: usize = usize::MAX;

fn is_same(charge: &Charge, segment: &RatedSegment, kind: ChargeKind) -> bool {
    (charge.kind, charge.class, charge.rule) == (kind, segment.class, segment.rule)
}

fn of_one(entry: usize, ground: Ground, segment: &RatedSegment, kind: ChargeKind) -> Charge {
    Charge {
        entry,
        ground,
        kind,
        class: segment.class,
        rule: segment.rule,
        outside_the_fee: segment.outside_the_fee,
        from: segment.from,
        to: segment.to,
        worked: segment.worked,
        included: segment.included,
        charged: segment.charged,
        rate: segment.rate,
        call_out: segment.call_out,
        amount: segment.amount,
        unpriced: segment.unpriced,
        draws: Vec::new(),
    }
}

fn add(charge: &mut Charge, segment: &RatedSegment) {
    charge.from = charge.from.min(segment.from);
    charge.to = charge.to.max(segment.to);
    charge.worked = charge.worked.plus(segment.worked);
    charge.included = charge.included.plus(segment.included);
    charge.charged = charge.charged.plus(segment.charged);
    charge.amount.minor = charge.amount.minor.saturating_add(segment.amount.minor);
    charge.call_out = charge.call_out.or(segment.call_out);
    charge.unpriced = charge.unpriced.or(segment.unpriced);
}
