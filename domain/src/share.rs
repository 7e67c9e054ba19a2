//! Shares of what was counted, exact.

use std::cmp::Ordering;

use crate::decimal::Percent;

/// So many of so many; never of none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    part: u64,
    of: u64,
}

impl Share {
    /// A part of a whole; none where there is no whole. A part is at most the whole.
    #[must_use]
    pub fn new(part: u64, of: u64) -> Option<Self> {
        (of > 0).then_some(Self { part: part.min(of), of })
    }

    /// Whether it is at least so much, compared exact.
    #[must_use]
    pub fn reaches(self, share: Percent) -> bool {
        u128::from(self.part) * u128::from(Percent::ALL.parts()) >= u128::from(share.parts()) * u128::from(self.of)
    }

    /// Whether it is more than so much, compared exact.
    #[must_use]
    pub fn exceeds(self, share: Percent) -> bool {
        u128::from(self.part) * u128::from(Percent::ALL.parts()) > u128::from(share.parts()) * u128::from(self.of)
    }

    /// Which of two is less, compared exact.
    #[must_use]
    pub fn compare(self, other: Self) -> Ordering {
        let (own, others) =
            (u128::from(self.part) * u128::from(other.of), u128::from(other.part) * u128::from(self.of));
        own.cmp(&others)
    }

    /// In percent, rounded down to six digits after the point: it shows what it [reaches](Self::reaches).
    #[must_use]
    pub fn percent(self) -> Percent {
        let parts = u128::from(self.part) * u128::from(Percent::ALL.parts()) / u128::from(self.of);
        Percent::from_parts(u64::try_from(parts).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percent(text: &str) -> Percent {
        text.parse().expect(text)
    }

    #[test]
    fn shares_are_compared_exact_and_shown_rounded_down() {
        let third = Share::new(2, 3).expect("share");
        assert_eq!(third.percent(), percent("66.666666"));
        assert!(third.reaches(percent("66.666666")) && !third.reaches(percent("66.666667")));
        let all_but_a_microsecond = Share::new(2_591_999_999_999, 2_592_000_000_000).expect("share");
        assert_eq!(all_but_a_microsecond.percent(), percent("99.999999"));
        assert!(!all_but_a_microsecond.reaches(Percent::ALL));
        assert!(Share::new(7, 7).is_some_and(|all| all.reaches(Percent::ALL) && all.percent() == Percent::ALL));
        let half = Share::new(1, 2).expect("share");
        assert_eq!((third.compare(half), half.compare(third)), (Ordering::Greater, Ordering::Less));
        assert_eq!(half.compare(Share::new(50, 100).expect("share")), Ordering::Equal);
        assert_eq!(Share::new(0, 0), None);
        assert_eq!(Share::new(u64::MAX, u64::MAX).map(Share::percent), Some(Percent::ALL));
    }
}
