//! An agreement as billing sees it, and which of its terms rate what.

use std::sync::Arc;

use jiff::Timestamp;

use super::PrepaidBlock;
use crate::{
    calendar::Calendar,
    coverage::ObligationStates,
    lifecycle::Life,
    money::Currency,
    terms::{AgreedTerms, IncludedHours},
};

/// An accepted version with all that it names.
#[derive(Clone, Debug)]
pub struct VersionTerms {
    /// Its number.
    pub number: u32,
    /// What it says.
    pub agreed: Arc<AgreedTerms>,
}

/// An agreement as billing sees it.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// The currency of all its prices.
    pub currency: Currency,
    /// Which version is in force when.
    pub life: &'a Life,
    /// Every accepted version.
    pub terms: &'a [VersionTerms],
    /// How its obligations stood.
    pub states: &'a ObligationStates,
    /// The hours bought on top.
    pub blocks: &'a [PrepaidBlock],
}

/// By which terms work at an instant is rated (R0). Versions are named by their place in [`Account::terms`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// By these, which are in force.
    InForce(usize),
    /// None is in force, and these were the latest: their plain rate is charged.
    Lapsed(usize),
    /// There were no terms yet: it cannot be rated.
    Before,
}

impl Ground {
    /// The version, if there is one.
    #[must_use]
    pub const fn version(self) -> Option<usize> {
        match self {
            Self::InForce(place) | Self::Lapsed(place) => Some(place),
            Self::Before => None,
        }
    }
}

impl<'a> Account<'a> {
    /// By which terms work that starts at an instant is rated.
    #[must_use]
    pub fn ground(&self, at: Timestamp) -> Ground {
        let place = |number: u32| self.terms.iter().position(|version| version.number == number);
        if let Some(place) = self.life.in_force(at).and_then(|version| place(version.number)) {
            return Ground::InForce(place);
        }
        let begun = |number: u32| {
            let of = self.life.versions.iter().find(|version| version.number == number);
            of.and_then(|version| version.begins).is_some_and(|begins| begins <= at)
        };
        let latest = self.terms.iter().enumerate().filter(|(_, version)| begun(version.number));
        latest.max_by_key(|(_, version)| version.number).map_or(Ground::Before, |(place, _)| Ground::Lapsed(place))
    }

    /// What a version says.
    #[must_use]
    pub fn agreed(&self, place: usize) -> Option<&'a AgreedTerms> {
        self.terms.get(place).map(|version| &*version.agreed)
    }

    /// The hours of a version's own calendar, by whose zone its billing periods are.
    pub(super) fn calendar(&self, place: usize) -> Option<&'a Calendar> {
        self.agreed(place).map(|agreed| &*agreed.calendar)
    }

    /// The hours paid for in the fee by a version.
    pub(super) fn included(&self, place: usize) -> Option<&'a IncludedHours> {
        self.agreed(place)?.sections.extra_hours.as_ref()?.included.as_ref()
    }

    /// The first instant of the first terms.
    #[must_use]
    pub fn begins(&self) -> Option<Timestamp> {
        let known = |number: u32| self.terms.iter().any(|version| version.number == number);
        self.life.versions.iter().filter(|version| known(version.number)).filter_map(|version| version.begins).min()
    }

    /// The first instant after the agreement's last day; none: it has none.
    #[must_use]
    pub fn ends(&self) -> Option<Timestamp> {
        let known = |number: u32| self.terms.iter().any(|version| version.number == number);
        let newest = self.life.versions.iter().filter(|v| known(v.number)).max_by_key(|version| version.number);
        [newest.and_then(|version| version.ends), self.life.terminated].into_iter().flatten().min()
    }
}
