//! Hours paid for: lots, blocks, draws.

use async_graphql::{Enum, SimpleObject};
use remit_domain::{
    billing::{Lot, LotOrigin, PoolLine},
    rating::PoolTime,
};

use crate::{
    app::PeriodHours,
    graphql::scalars::{Date, DateTime, Duration},
    store::{BlockRecord, DrawRecord, Uuid},
};

/// A block of hours bought on top of those in the fee.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct PrepaidHours {
    /// What it is called; unique per agreement.
    code: String,
    /// How much was bought.
    hours: Duration,
    /// The first day on which it can be used.
    from: Date,
    /// The last day on which it can be used. Null: it does not expire.
    until: Option<Date>,
    /// Whether it was paid for; an unpaid block covers nothing. Once it is paid, it covers from its first day on.
    paid: bool,
    /// A remark.
    note: Option<String>,
}

impl From<&BlockRecord> for PrepaidHours {
    fn from(block: &BlockRecord) -> Self {
        Self {
            code: block.code.clone(),
            hours: Duration(block.hours),
            from: Date(block.from),
            until: block.until.map(Date),
            paid: block.paid,
            note: block.note.clone(),
        }
    }
}

/// The hours that an agreement can use at an instant.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct HoursBalance {
    /// The instant.
    as_of: DateTime,
    /// How much is left altogether of what can be used then.
    available: Duration,
    /// What is left, in the order in which it is drawn: the earliest-expiring first.
    lots: Vec<HoursLot>,
}

/// Hours that are left of one lot.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct HoursLot {
    /// The first day of the billing period whose fee brought it. Null: it is a prepaid block.
    of_period: Option<Date>,
    /// The code of the prepaid block that it is.
    prepaid: Option<String>,
    /// The first day on which it can be used.
    from: Date,
    /// The last day on which it can be used. Null: it does not expire.
    until: Option<Date>,
    /// How much is left, what is finer than a microsecond cut off.
    left: Duration,
}

/// The codes of blocks by their ids.
fn code(blocks: &[BlockRecord], origin: LotOrigin) -> Option<String> {
    let LotOrigin::Block(id) = origin else { return None };
    blocks.iter().find(|block| block.id == Uuid::from_u128(id.0)).map(|block| block.code.clone())
}

/// The first day of the billing period that a lot comes from.
fn period(origin: LotOrigin) -> Option<Date> {
    match origin {
        LotOrigin::Period(month) => Some(Date(month.first())),
        LotOrigin::Block(_) => None,
    }
}

impl HoursBalance {
    pub(crate) fn new(at: remit_domain::Timestamp, lots: &[Lot], blocks: &[BlockRecord]) -> Self {
        let available = lots.iter().fold(PoolTime::ZERO, |sum, lot| sum.plus(lot.left));
        let lot = |lot: &Lot| HoursLot {
            of_period: period(lot.origin),
            prepaid: code(blocks, lot.origin),
            from: Date(lot.from),
            until: lot.until.map(Date),
            left: Duration(lot.left.whole()),
        };
        Self { as_of: DateTime(at), available: Duration(available.whole()), lots: lots.iter().map(lot).collect() }
    }
}

/// Hours that were drawn for a charge from one lot.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct HoursDraw {
    /// The first day of the billing period whose fee brought them. Null: it was a prepaid block.
    of_period: Option<Date>,
    /// The code of the prepaid block.
    prepaid: Option<String>,
    /// How many, what is finer than a microsecond cut off.
    hours: Duration,
}

impl HoursDraw {
    pub(crate) fn new(draw: &DrawRecord, blocks: &[BlockRecord]) -> Self {
        let (of_period, prepaid) = (period(draw.lot), code(blocks, draw.lot));
        Self { of_period, prepaid, hours: Duration(draw.time.whole()) }
    }
}

/// What became of hours in a billing period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum HoursEvent {
    /// They were left over from before.
    Carried,
    /// The period's fee brought them, or they were bought.
    Added,
    /// More was left over than can be carried, and these were lost.
    Capped,
    /// Work drew them.
    Drawn,
    /// They were not used in time and lost.
    Expired,
}

/// One line of the ledger of a billing period's hours.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct HoursLine {
    /// What became of them.
    event: HoursEvent,
    /// The first day of the billing period whose fee brought them. Null: it is a prepaid block.
    of_period: Option<Date>,
    /// The code of the prepaid block.
    prepaid: Option<String>,
    /// How many, what is finer than a microsecond cut off.
    hours: Duration,
}

impl HoursLine {
    /// The lines of a ledger: what there was, what was drawn, what was lost.
    pub(crate) fn all(hours: &PeriodHours, blocks: &[BlockRecord]) -> Vec<Self> {
        let PeriodHours { lines, drawn } = hours;
        let line = |event, origin, time: PoolTime| Self {
            event,
            of_period: period(origin),
            prepaid: code(blocks, origin),
            hours: Duration(time.whole()),
        };
        let of = |pool: &PoolLine| match *pool {
            PoolLine::Carried(origin, time) => line(HoursEvent::Carried, origin, time),
            PoolLine::Added(origin, time) => line(HoursEvent::Added, origin, time),
            PoolLine::Capped(origin, time) => line(HoursEvent::Capped, origin, time),
            PoolLine::Expired(origin, time) => line(HoursEvent::Expired, origin, time),
        };
        let lost = |pool: &&PoolLine| matches!(pool, PoolLine::Expired(..));
        let there = lines.iter().filter(|pool| !lost(pool)).map(of);
        let drawn = drawn.iter().map(|(origin, time)| line(HoursEvent::Drawn, *origin, *time));
        there.chain(drawn).chain(lines.iter().filter(lost).map(of)).collect()
    }
}
