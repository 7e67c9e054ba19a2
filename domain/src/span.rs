//! Stretches of instants, and sets of them.

use jiff::Timestamp;

use crate::time::{Duration, elapsed};

/// A stretch of time that is not empty; half-open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    from: Timestamp,
    to: Timestamp,
}

impl Span {
    /// The stretch between two instants; none where it would be empty.
    #[must_use]
    pub fn new(from: Timestamp, to: Timestamp) -> Option<Self> {
        (from < to).then_some(Self { from, to })
    }

    /// The first instant.
    #[must_use]
    pub const fn from(self) -> Timestamp {
        self.from
    }

    /// The first instant after it.
    #[must_use]
    pub const fn to(self) -> Timestamp {
        self.to
    }

    /// How long it is.
    #[must_use]
    pub fn length(self) -> Duration {
        elapsed(self.from, self.to)
    }

    /// Whether it holds an instant.
    #[must_use]
    pub fn holds(self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }

    /// What it has in common with another.
    #[must_use]
    pub fn common(self, other: Self) -> Option<Self> {
        Self::new(self.from.max(other.from), self.to.min(other.to))
    }
}

/// A set of instants as stretches in order of time that neither overlap nor touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spans(Vec<Span>);

impl FromIterator<Span> for Spans {
    /// The instants that any of some stretches hold; stretches may overlap and come in any order.
    fn from_iter<T: IntoIterator<Item = Span>>(spans: T) -> Self {
        let mut sorted: Vec<Span> = spans.into_iter().collect();
        sorted.sort_unstable_by_key(|span| span.from);
        let mut apart: Vec<Span> = Vec::with_capacity(sorted.len());
        for span in sorted {
            match apart.last_mut() {
                Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
                _ => apart.push(span),
            }
        }
        Self(apart)
    }
}

impl From<Option<Span>> for Spans {
    fn from(span: Option<Span>) -> Self {
        Self(span.into_iter().collect())
    }
}

impl Spans {
    /// The stretches, in order of time.
    pub fn iter(&self) -> impl Iterator<Item = Span> + '_ {
        self.0.iter().copied()
    }

    /// Whether it holds no instant.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first stretch.
    #[must_use]
    pub fn first(&self) -> Option<Span> {
        self.0.first().copied()
    }

    /// The last stretch.
    #[must_use]
    pub fn last(&self) -> Option<Span> {
        self.0.last().copied()
    }

    /// How long all stretches are together.
    #[must_use]
    pub fn length(&self) -> Duration {
        self.iter().fold(Duration::ZERO, |sum, span| sum.plus(span.length()))
    }

    /// What either set holds.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        self.iter().chain(other.iter()).collect()
    }

    /// What both sets hold.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut common = Vec::new();
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            common.extend(a.common(**b));
            if a.to <= b.to {
                left.next()
            } else {
                right.next()
            };
        }
        Self(common)
    }

    /// What this set holds and the other does not.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let mut left = Vec::new();
        let mut others = other.0.iter().peekable();
        for span in self.iter() {
            let mut from = span.from;
            while let Some(hole) = others.peek().filter(|hole| hole.from < span.to) {
                left.extend(Span::new(from, hole.from));
                from = from.max(hole.to);
                if hole.to > span.to {
                    break;
                }
                others.next();
            }
            left.extend(Span::new(from, span.to));
        }
        Self(left)
    }

    /// Those of its stretches that are at least so long.
    #[must_use]
    pub fn at_least(&self, length: Duration) -> Self {
        Self(self.iter().filter(|span| span.length() >= length).collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("instant")
    }

    fn spans(list: &[(i64, i64)]) -> Spans {
        list.iter().filter_map(|(from, to)| Span::new(at(*from), at(*to))).collect()
    }

    #[test]
    fn stretches_that_touch_are_one() {
        assert_eq!(spans(&[(5, 7), (1, 3), (3, 5), (9, 9)]), spans(&[(1, 7)]));
        assert_eq!(spans(&[(1, 9), (2, 3)]).length(), Duration::from_micros(8_000_000));
        assert_eq!(spans(&[(1, 3), (5, 9)]).at_least(Duration::from_micros(3_000_000)), spans(&[(5, 9)]));
    }

    proptest! {
        /// Against sets that hold each second by itself.
        #[test]
        fn sets_hold_what_they_should(a in vec((0_i64..40, 0_i64..40), 0..8), b in vec((0_i64..40, 0_i64..40), 0..8)) {
            let holds = |list: &[(i64, i64)], second: i64| list.iter().any(|(from, to)| (*from..*to).contains(&second));
            let (left, right) = (spans(&a), spans(&b));
            let (or, and, without) = (left.or(&right), left.and(&right), left.without(&right));
            for second in -1..41 {
                let (x, y) = (holds(&a, second), holds(&b, second));
                let found = |set: &Spans| set.iter().any(|span| span.holds(at(second)));
                prop_assert_eq!((found(&or), found(&and), found(&without)), (x || y, x && y, x && !y), "{}", second);
            }
            for set in [or, and, without] {
                prop_assert!(set.0.windows(2).all(|pair| pair[0].to < pair[1].from));
            }
        }
    }
}
