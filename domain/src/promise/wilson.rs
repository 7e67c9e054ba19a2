//! What a sample says of a share, at 95 % confidence (P2): the two-sided Wilson interval, compared exact.
//!
//! Of `n` cases `k` were kept. The interval's ends are where `(k/n − p)² = z²·p·(1 − p)/n`. Between them the left side is
//! the smaller, so on which side of an end a share lies is a comparison of whole numbers: no root, no float.

use std::cmp::Ordering;

use crate::decimal::Percent;

/// z = 1.959964 in millionths, the two-sided 95 % point of the normal distribution.
const Z: i128 = 1_959_964;
/// Millionths of one.
const MILLION: i128 = 1_000_000;

/// Past cases: how many there are, and how many of them kept the promise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// How many there are.
    pub size: u32,
    /// How many kept it; at most all.
    pub kept: u32,
}

/// Where a share lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the interval's lower end or below it.
    Reached,
    /// Within the interval.
    Between,
    /// Above the interval's upper end.
    Beyond,
}

impl Sample {
    /// Where a share lies between the ends of the interval; none for an empty sample.
    #[must_use]
    pub fn place_of(self, share: Percent) -> Option<Place> {
        let (size, kept) = (i128::from(self.size), i128::from(self.kept.min(self.size)));
        let (all, part) = (i128::from(Percent::ALL.parts()), i128::from(share.parts()));
        if size == 0 {
            return None;
        }
        // How far the share is from what was kept, times n·D, where the share is part/D.
        let distance = kept * all - part * size;
        let spread = Z * Z * part * (all - part) * size;
        // A square too large to hold is greater than any spread of so many cases.
        let scaled = distance.checked_mul(MILLION).and_then(|scaled| scaled.checked_mul(scaled));
        let outside = scaled.map_or(Ordering::Greater, |square| square.cmp(&spread));
        Some(match (distance.signum(), outside) {
            (1, Ordering::Greater | Ordering::Equal) => Place::Reached,
            (-1, Ordering::Greater) => Place::Beyond,
            // With nothing kept the lower end is 0; with everything kept it is below everything.
            (0, _) if part == 0 => Place::Reached,
            _ => Place::Between,
        })
    }

    /// The interval's lower end in percent, rounded down to two digits after the point; none for an empty sample.
    #[must_use]
    pub fn at_least(self) -> Option<Percent> {
        /// Millionths of a percent in a hundredth of one.
        const STEP: u64 = 10_000;
        let reached = |hundredths: u64| self.place_of(Percent::from_parts(hundredths * STEP)) == Some(Place::Reached);
        self.place_of(Percent::ALL)?;
        let (mut low, mut high) = (0, 10_001);
        while high - low > 1 {
            let middle = u64::midpoint(low, high);
            if reached(middle) { low = middle } else { high = middle }
        }
        Some(Percent::from_parts(low * STEP))
    }
}
