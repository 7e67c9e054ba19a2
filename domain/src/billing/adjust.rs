//! What a later change makes of closed periods (R8).

use std::collections::BTreeMap;

use crate::time::Duration;

/// The times and the amount of a charge, or of a difference between two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Time worked.
    pub worked: Duration,
    /// Rounded time that hours of the pool cover.
    pub included: Duration,
    /// Rounded time less what is included.
    pub charged: Duration,
    /// The amount in minor units.
    pub minor: i64,
}

impl Figures {
    /// The sum.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            worked: self.worked.plus(other.worked),
            included: self.included.plus(other.included),
            charged: self.charged.plus(other.charged),
            minor: self.minor.saturating_add(other.minor),
        }
    }

    /// The difference.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self {
            worked: self.worked.minus(other.worked),
            included: self.included.minus(other.included),
            charged: self.charged.minus(other.charged),
            minor: self.minor.saturating_sub(other.minor),
        }
    }
}

/// What replaying a closed period gives more or less than was billed for it, key by key; nothing where they agree (R8).
///
/// - `billed`: the charges that were made final with the period, and the adjustments to it that are final since.
/// - `replayed`: what it comes to by what is known now.
pub fn difference<K: Ord>(
    billed: impl IntoIterator<Item = (K, Figures)>,
    replayed: impl IntoIterator<Item = (K, Figures)>,
) -> BTreeMap<K, Figures> {
    let mut owed: BTreeMap<K, Figures> = BTreeMap::new();
    for (key, figures) in replayed {
        let sum = owed.entry(key).or_default();
        *sum = sum.plus(figures);
    }
    for (key, figures) in billed {
        let sum = owed.entry(key).or_default();
        *sum = sum.minus(figures);
    }
    owed.retain(|_, figures| *figures != Figures::default());
    owed
}
