//! The order of the feed.

use std::{fmt, str::FromStr};

use remit_entity::change;
use sea_orm::{DbErr, QueryResult, Value};

/// A place in the feed: epoch, transaction, sequence, compared in this order.
///
/// A sequence alone would not do: it is drawn before the commit, so of two writers at once the later number can commit
/// first. The transaction's number comes before it, because everything below the oldest transaction still running is
/// final. The epoch comes before both: on another cluster transactions are numbered anew. (E1)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub(super) epoch: i64,
    pub(super) transaction: i64,
    pub(super) sequence: i64,
}

impl Place {
    /// Before everything.
    pub const BEGINNING: Self = Self { epoch: 0, transaction: 0, sequence: 0 };

    pub(in crate::store) const fn new(epoch: i64, transaction: i64, sequence: i64) -> Self {
        Self { epoch, transaction, sequence }
    }

    pub(super) fn of(row: &change::Model) -> Self {
        Self { epoch: row.epoch, transaction: row.transaction_id, sequence: row.sequence }
    }

    /// From a row with the three of it, the epoch by a name of its own.
    pub(super) fn read(row: &QueryResult, epoch: &str) -> Result<Self, DbErr> {
        let [epoch, transaction, sequence] = [epoch, "transaction_id", "sequence"].map(|name| row.try_get("", name));
        Ok(Self { epoch: epoch?, transaction: transaction?, sequence: sequence? })
    }

    pub(in crate::store) fn values(self) -> [Value; 3] {
        [self.epoch.into(), self.transaction.into(), self.sequence.into()]
    }
}

impl Place {
    pub(in crate::store) const fn epoch(self) -> i64 {
        self.epoch
    }

    pub(in crate::store) const fn transaction(self) -> i64 {
        self.transaction
    }

    pub(in crate::store) const fn sequence(self) -> i64 {
        self.sequence
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.epoch, self.transaction, self.sequence)
    }
}

/// The text is no place of the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no place of the feed")]
pub struct NoPlace;

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let number = |text: &str| text.parse().ok().filter(|number: &i64| number.to_string() == text && *number >= 0);
        let mut parts = text.split('.').map(number);
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Some(epoch)), Some(Some(transaction)), Some(Some(sequence)), None) => {
                Ok(Self { epoch, transaction, sequence })
            }
            _ => Err(NoPlace),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_one_spelling_and_epochs_go_first() {
        let place = Place { epoch: 2, transaction: 1, sequence: 9 };
        assert_eq!(place.to_string().parse(), Ok(place));
        assert!(place > Place { epoch: 1, transaction: 7, sequence: 10 });
        assert!(Place { epoch: 2, transaction: 2, sequence: 1 } > place);
        assert!(Place::BEGINNING < Place { epoch: 1, transaction: 0, sequence: 1 });
        for text in ["", "1", "1.2", "1.2.3.4", "1.2.x", "1.2.-3", "+1.2.3", "01.2.3", "1.2.9223372036854775808"] {
            assert_eq!(text.parse::<Place>(), Err(NoPlace), "{text}");
        }
    }
}
