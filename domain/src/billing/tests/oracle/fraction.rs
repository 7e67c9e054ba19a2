//! Exact fractions.

/// An exact fraction, reduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Fraction(i128, i128);

impl Fraction {
    pub(in super::super) fn new(over: i128, under: i128) -> Self {
        let (mut a, mut b) = (over.abs(), under.abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let a = a.max(1) * under.signum();
        Self(over / a, under / a)
    }

    pub(super) fn of(whole: i128) -> Self {
        Self(whole, 1)
    }

    pub(super) fn decimal(value: rust_decimal::Decimal) -> Self {
        Self::new(value.mantissa(), 10_i128.pow(value.scale()))
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self::new(self.0 * other.1 + other.0 * self.1, self.1 * other.1)
    }

    pub(super) fn minus(self, other: Self) -> Self {
        self.plus(Self(-other.0, other.1))
    }

    pub(super) fn times(self, other: Self) -> Self {
        Self::new(self.0 * other.0, self.1 * other.1)
    }

    pub(super) fn over(self, other: Self) -> Self {
        Self::new(self.0 * other.1, self.1 * other.0)
    }

    pub(super) fn floor(self) -> i128 {
        self.0.div_euclid(self.1)
    }

    pub(super) fn half_up(self) -> i128 {
        self.plus(Self(1, 2)).floor()
    }

    pub(super) fn is_more_than(self, other: Self) -> bool {
        self.0 * other.1 > other.0 * self.1
    }

    pub(super) fn least(self, other: Self) -> Self {
        if self.is_more_than(other) { other } else { self }
    }
}
