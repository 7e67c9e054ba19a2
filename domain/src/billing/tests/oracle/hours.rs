//! Hours paid for, lot by lot, in exact fractions (R4).

use jiff::{Timestamp, civil::Date};

use super::Fraction;
use crate::{
    billing::{LotOrigin, Month, PrepaidBlock},
    calendar::Calendar,
    terms::IncludedHours,
};

/// A lot, from the first day on which it can be used to the last.
struct Lot {
    origin: LotOrigin,
    /// What a block is called.
    code: String,
    first: Date,
    last: Date,
    left: Fraction,
}

impl Lot {
    fn is_of_fee(&self) -> bool {
        matches!(self.origin, LotOrigin::Period(_))
    }

    /// Whether it can be used on some day of a month.
    fn is_of(&self, month: Month) -> bool {
        self.first <= month.last() && month.first() <= self.last
    }
}

/// Every lot that there is: all blocks from the beginning, and those of the fees as the months bring them.
pub(super) struct Hours<'a> {
    calendar: &'a Calendar,
    lots: Vec<Lot>,
    /// The current month, where its fee includes hours: only then those of earlier fees are drawn too.
    month: Option<Month>,
    /// Whether there was a block to draw from when the month began, or one comes in with it.
    pub(super) has_blocks: bool,
}

impl<'a> Hours<'a> {
    pub(super) fn of(calendar: &'a Calendar, blocks: &[PrepaidBlock]) -> Self {
        let paid = blocks.iter().filter(|block| block.paid);
        let lot = |block: &PrepaidBlock| Lot {
            origin: LotOrigin::Block(block.id),
            code: block.code.clone(),
            first: block.from,
            last: block.until.unwrap_or(Date::MAX),
            left: Fraction::of(block.hours.micros().into()),
        };
        Self { calendar, lots: paid.map(lot).collect(), month: None, has_blocks: false }
    }

    /// A month begins: what is carried from earlier fees is held to the cap, and its own hours come in.
    pub(super) fn begin(&mut self, month: Month, included: Option<&IncludedHours>) {
        self.month = included.map(|_| month);
        let is_block = |lot: &Lot| !lot.is_of_fee() && lot.is_of(month) && lot.left.is_more_than(Fraction::of(0));
        self.has_blocks = self.lots.iter().any(is_block);
        let Some(included) = included else { return };
        if let Some(cap) = included.rollover_cap {
            let carried = self.lots.iter().filter(|lot| lot.is_of_fee() && lot.is_of(month));
            let carried = carried.fold(Fraction::of(0), |sum, lot| sum.plus(lot.left));
            let excess = carried.minus(carried.least(Fraction::of(cap.micros().into())));
            self.take_from(excess, |lot| lot.is_of_fee() && lot.is_of(month));
        }
        let last = Month::from_number(month.number() + i32::try_from(included.rollover_periods).unwrap()).last();
        let left = Fraction::of(included.per_period.micros().into());
        let origin = LotOrigin::Period(month);
        self.lots.push(Lot { origin, code: String::new(), first: month.first(), last, left });
    }

    pub(super) fn usable_at(&self, at: Timestamp) -> Fraction {
        let day = self.calendar.date_at(at);
        let usable = self.lots.iter().filter(|lot| is_usable(lot, self.month, day));
        usable.fold(Fraction::of(0), |sum, lot| sum.plus(lot.left))
    }

    /// Takes hours that are usable at an instant.
    pub(super) fn take(&mut self, at: Timestamp, hours: Fraction) {
        let (day, month) = (self.calendar.date_at(at), self.month);
        self.take_from(hours, |lot| is_usable(lot, month, day));
    }

    /// Takes hours from some lots: from that which expires first, of those that expire together from the fee's.
    fn take_from(&mut self, hours: Fraction, of: impl Fn(&Lot) -> bool) {
        let mut owed = hours;
        while owed.is_more_than(Fraction::of(0)) {
            let some = self.lots.iter_mut().filter(|lot| of(lot) && lot.left.is_more_than(Fraction::of(0)));
            let next = some.min_by_key(|lot| (lot.last, !lot.is_of_fee(), lot.first, lot.code.clone())).unwrap();
            let part = owed.least(next.left);
            next.left = next.left.minus(part);
            owed = owed.minus(part);
        }
    }

    /// What can still be used after a month, of lots that could be used before.
    pub(super) fn left_after(&self, month: Month) -> impl Iterator<Item = (LotOrigin, Fraction)> {
        let begun = self.lots.iter().filter(move |lot| lot.first <= month.last() && month.last() < lot.last);
        begun.filter(|lot| lot.left.is_more_than(Fraction::of(0))).map(|lot| (lot.origin, lot.left))
    }
}

/// Hours of a fee cover the work of their months, also what of it lies after midnight of the last day; blocks go by the day.
fn is_usable(lot: &Lot, month: Option<Month>, day: Date) -> bool {
    if lot.is_of_fee() { month.is_some_and(|month| lot.is_of(month)) } else { lot.first <= day && day <= lot.last }
}
