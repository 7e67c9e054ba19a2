//! Hours that can be drawn: lots, each with the time in which it can be used (R4).

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    decimal::{Factor, PARTS_OF_ONE},
    terms::DrawRule,
    time::{Duration, by_text},
};
use serde::{Deserializer, Serializer, de::Error as _};

/// Time of a pool, exact: in millionths of a microsecond, in which time drawn at any factor is a whole number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoolTime(i128);

impl PoolTime {
    /// None.
    pub const ZERO: Self = Self(0);

    /// As much as a duration.
    #[must_use]
    pub fn of(time: Duration) -> Self {
        Self(i128::from(time.micros()) * i128::from(PARTS_OF_ONE))
    }

    /// What covering a time at a factor draws.
    #[must_use]
    pub fn drawn(time: Duration, factor: Factor) -> Self {
        Self(i128::from(time.micros()) * i128::from(factor.parts()))
    }

    /// The longest time that it covers at a factor, in whole microseconds.
    #[must_use]
    pub fn covers(self, factor: Factor) -> Duration {
        let micros = self.0.max(0).checked_div(i128::from(factor.parts())).unwrap_or(0);
        Duration::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
    }

    /// The same as a duration, what is finer than a microsecond cut off.
    #[must_use]
    pub fn whole(self) -> Duration {
        let micros = self.0 / i128::from(PARTS_OF_ONE);
        Duration::from_micros(i64::try_from(micros).unwrap_or(if micros < 0 { i64::MIN } else { i64::MAX }))
    }

    /// Millionths of a microsecond.
    #[must_use]
    pub const fn parts(self) -> i128 {
        self.0
    }

    /// The sum.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Whether it is none.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for PoolTime {
    /// The number of millionths of a microsecond: the storage form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for PoolTime {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

by_text!(PoolTime);

/// What can be drawn in one billing period.
#[derive(Clone, Debug, Default)]
pub struct HourPool<'a> {
    /// Which work draws, from the top; none: hours are not included, and nothing draws.
    pub draws: Option<&'a [DrawRule]>,
    /// The lots, in the order in which they are drawn: the earliest-expiring first.
    pub lots: Vec<OpenLot>,
}

/// A lot of hours that can be drawn in a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenLot {
    /// The first instant at which it can be used.
    pub from: Timestamp,
    /// The first instant at which it cannot be used any more.
    pub to: Timestamp,
    /// What is left of it.
    pub left: PoolTime,
}

impl OpenLot {
    /// Whether it can be used at an instant.
    #[must_use]
    pub fn is_usable(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}

impl<'a> HourPool<'a> {
    /// No hours at all, and no rule that draws.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// One lot that can be used at any time.
    #[must_use]
    pub fn of(draws: &'a [DrawRule], time: Duration) -> Self {
        let lot = OpenLot { from: Timestamp::MIN, to: Timestamp::MAX, left: PoolTime::of(time) };
        Self { draws: Some(draws), lots: vec![lot] }
    }

    /// What can be used at an instant.
    #[must_use]
    pub fn left_at(&self, at: Timestamp) -> PoolTime {
        let usable = self.lots.iter().filter(|lot| lot.is_usable(at));
        usable.fold(PoolTime::ZERO, |sum, lot| sum.plus(lot.left))
    }

    /// Covers as much as it can of a time worked at an instant, and says what was drawn.
    ///
    /// The lots are one quantity: what is left of one and too little for a microsecond goes into the next.
    pub(super) fn cover(
        &mut self,
        at: Timestamp,
        wanted: Duration,
        factor: Factor,
        mut drawn: impl FnMut(usize, PoolTime),
    ) -> Duration {
        let covered = self.left_at(at).covers(factor).min(wanted);
        let mut owed = PoolTime::drawn(covered, factor);
        for (place, lot) in self.lots.iter_mut().enumerate().filter(|(_, lot)| lot.is_usable(at)) {
            let part = owed.min(lot.left);
            if part.is_zero() {
                continue;
            }
            lot.left = lot.left.minus(part);
            owed = owed.minus(part);
            drawn(place, part);
        }
        covered
    }
}

/// What one segment drew from one lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draw {
    /// The place of the segment.
    pub segment: usize,
    /// The place of the lot in the pool.
    pub lot: usize,
    /// How much.
    pub time: PoolTime,
}
