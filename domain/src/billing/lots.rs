//! Hours in lots: what each period brings, what was bought on top, and when they are lost (R4).

use std::{fmt, str::FromStr};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{Account, Month, Period};
use crate::{
    decimal::Factor,
    rating::{HourPool, OpenLot, PoolTime},
    terms::{DrawRule, IncludedHours},
    time::{Duration, by_text},
};

/// A block of hours that was bought on top of those in the fee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrepaidBlock {
    /// Its id.
    pub id: BlockId,
    /// What it is called.
    pub code: String,
    /// How much.
    pub hours: Duration,
    /// The first day on which it can be used.
    pub from: Date,
    /// The last day on which it can be used; none: it does not expire.
    pub until: Option<Date>,
    /// Whether it was paid for; an unpaid one covers nothing.
    pub paid: bool,
}

/// The id of a prepaid block, opaque here; stored as hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockId(pub u128);

impl fmt::Display for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for BlockId {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u128::from_str_radix(text, 16).map(Self)
    }
}

by_text!(BlockId);

/// Where hours come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LotOrigin {
    /// The fee of a period.
    Period(Month),
    /// A prepaid block, by its id.
    Block(BlockId),
}

/// A lot of hours and what is left of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lot {
    /// Where it comes from.
    pub origin: LotOrigin,
    /// The first day on which it can be used.
    pub from: Date,
    /// The last day on which it can be used; none: it does not expire.
    pub until: Option<Date>,
    /// How much is left.
    pub left: PoolTime,
}

/// One line of a pool's ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolLine {
    /// Left over from before.
    Carried(LotOrigin, PoolTime),
    /// Brought by the period, or bought in it.
    Added(LotOrigin, PoolTime),
    /// Lost because more was carried than may be.
    Capped(LotOrigin, PoolTime),
    /// Lost because it was not used in time.
    Expired(LotOrigin, PoolTime),
}

/// Any work that costs draws an hour per hour: by this blocks are used where the fee includes no hours.
static ANY_WORK: [DrawRule; 1] =
    [DrawRule { hours_class: Vec::new(), role: Vec::new(), work_kind: Vec::new(), factor: Factor::ONE }];

/// What can be drawn in a period, as the period begins.
pub(super) fn open(account: &Account<'_>, period: &Period, carried: &[Lot], ledger: &mut Vec<PoolLine>) -> Vec<Lot> {
    let included = period.version.and_then(|version| account.included(version));
    let mut lots: Vec<Lot> = carried.to_vec();
    ledger.extend(lots.iter().map(|lot| PoolLine::Carried(lot.origin, lot.left)));
    if let Some(cap) = included.and_then(|included| included.rollover_cap) {
        hold_to_cap(&mut lots, PoolTime::of(cap), ledger);
    }
    let brought = included.and_then(|included| brought(period, included));
    let bought = account.blocks.iter().filter(|block| block.paid && enters(block, account, period)).map(|block| Lot {
        origin: LotOrigin::Block(block.id),
        from: block.from,
        until: block.until,
        left: PoolTime::of(block.hours),
    });
    for lot in brought.into_iter().chain(bought) {
        ledger.push(PoolLine::Added(lot.origin, lot.left));
        lots.push(lot);
    }
    lots.sort_by_key(|lot| drawing_order(account, lot));
    lots
}

/// What is drawn first has the smallest: the earliest-expiring, of these a lot of the fee before a block, of these the
/// earlier one, and blocks of the same days by their codes, so that which was recorded first changes nothing (R7).
fn drawing_order<'a>(account: &Account<'a>, lot: &Lot) -> (Date, bool, Date, Option<&'a str>) {
    let code = account.blocks.iter().find(|block| lot.origin == LotOrigin::Block(block.id)).map(|block| &*block.code);
    (lot.until.unwrap_or(Date::MAX), !is_of_fee(lot), lot.from, code)
}

/// Whether a block comes in with this period: that which its first day lies in, or the first of all for an earlier day.
fn enters(block: &PrepaidBlock, account: &Account<'_>, period: &Period) -> bool {
    let month = Month::of(block.from);
    let is_first = account.begins().is_some_and(|begins| period.holds(begins));
    let due = if is_first { month <= period.month } else { month == period.month };
    due && block.until.is_none_or(|until| until >= period.month.first())
}

/// The lot that a period's fee brings.
fn brought(period: &Period, included: &IncludedHours) -> Option<Lot> {
    let last = period.month.plus(included.rollover_periods);
    let lot = Lot {
        origin: LotOrigin::Period(period.month),
        from: period.month.first(),
        until: Some(last.last()),
        left: PoolTime::of(included.per_period),
    };
    (!included.per_period.is_zero()).then_some(lot)
}

/// Of hours carried over from earlier fees, loses what is more than a cap, the earliest-expiring first.
fn hold_to_cap(lots: &mut Vec<Lot>, cap: PoolTime, ledger: &mut Vec<PoolLine>) {
    let carried = lots.iter().filter(|lot| is_of_fee(lot)).fold(PoolTime::ZERO, |sum, lot| sum.plus(lot.left));
    let mut excess = carried.minus(cap).max(PoolTime::ZERO);
    for lot in lots.iter_mut().filter(|lot| is_of_fee(lot)) {
        let lost = excess.min(lot.left);
        if !lost.is_zero() {
            lot.left = lot.left.minus(lost);
            excess = excess.minus(lost);
            ledger.push(PoolLine::Capped(lot.origin, lost));
        }
    }
    lots.retain(|lot| !lot.left.is_zero());
}

fn is_of_fee(lot: &Lot) -> bool {
    matches!(lot.origin, LotOrigin::Period(_))
}

/// The pool that the work of a period draws from. Where the fee of a period includes no hours, nothing says which work
/// draws those of earlier fees: they wait for a period that does.
pub(super) fn pool<'a>(account: &Account<'a>, period: &Period, lots: &[Lot]) -> HourPool<'a> {
    let included = period.version.and_then(|version| account.included(version));
    let by_blocks = lots.iter().any(|lot| !is_of_fee(lot)).then_some(&ANY_WORK[..]);
    let calendar = period.version.or_else(|| account.ground(period.from).version()).and_then(|v| account.calendar(v));
    let start = |day: Option<Date>, otherwise| match (day, calendar) {
        (Some(day), Some(calendar)) => calendar.start_of(day),
        _ => otherwise,
    };
    let open = |lot: &Lot| {
        let (from, to) = match lot.until {
            // A lot of the fee can be used in the whole of its periods, also where their zone changes.
            _ if is_of_fee(lot) && included.is_some() => (Timestamp::MIN, Timestamp::MAX),
            _ if is_of_fee(lot) => (Timestamp::MAX, Timestamp::MAX),
            until => (
                start(Some(lot.from), Timestamp::MIN),
                until.map_or(Timestamp::MAX, |until| start(until.tomorrow().ok(), Timestamp::MAX)),
            ),
        };
        OpenLot { from, to, left: lot.left }
    };
    let draws = included.map(|included| &*included.draws).or(by_blocks);
    HourPool { draws, lots: lots.iter().map(open).collect() }
}

/// The hours that are left in a period, with the rules by which they are drawn.
///
/// - `carried`: the hours left over that the period begins with.
/// - `drawn`: what its work has drawn.
#[must_use]
pub fn left<'a>(
    account: &Account<'a>,
    period: &Period,
    carried: &[Lot],
    drawn: impl IntoIterator<Item = (LotOrigin, PoolTime)>,
) -> (HourPool<'a>, Vec<Lot>) {
    let mut lots = open(account, period, carried, &mut Vec::new());
    for (origin, time) in drawn {
        if let Some(lot) = lots.iter_mut().find(|lot| lot.origin == origin) {
            lot.left = lot.left.minus(time).max(PoolTime::ZERO);
        }
    }
    (pool(account, period, &lots), lots)
}

/// What becomes of the hours of a period, draws apart: left over, added, and lost.
///
/// - `carried`: the hours left over that the period begins with.
/// - `drawn`: what its work has drawn.
#[must_use]
pub fn ledger(
    account: &Account<'_>,
    period: &Period,
    carried: &[Lot],
    drawn: impl IntoIterator<Item = (LotOrigin, PoolTime)>,
) -> Vec<PoolLine> {
    let mut lines = Vec::new();
    open(account, period, carried, &mut lines);
    let (pool, lots) = left(account, period, carried, drawn);
    close(period, lots, &pool, &mut lines);
    lines
}

/// What is left for the next period when one has ended.
pub(super) fn close(period: &Period, lots: Vec<Lot>, pool: &HourPool<'_>, ledger: &mut Vec<PoolLine>) -> Vec<Lot> {
    let drawn = lots.into_iter().zip(&pool.lots).map(|(lot, open)| Lot { left: open.left, ..lot });
    let (kept, lost): (Vec<Lot>, Vec<Lot>) = drawn
        .filter(|lot| !lot.left.is_zero())
        .partition(|lot| lot.until.is_none_or(|until| until > period.month.last()));
    ledger.extend(lost.iter().map(|lot| PoolLine::Expired(lot.origin, lot.left)));
    kept
}
