//! Public holidays of countries and their regions, by the rules that their laws lay down.
//!
//! A country is one table in `data`: each holiday with when it falls, where, in which years, and where it goes when it
//! falls on a weekend; each table names its source and the day it was checked. What is proclaimed from year to year is
//! listed by date, so far as it is known.
//!
//! ```
//! use remit_domain::holidays::{Days, Region};
//! let bavaria: Region = "DE-BY".parse()?;
//! let days = bavaria.holidays(2026..=2026, Days::Observed, &[]);
//! assert_eq!((days[1].date.to_string().as_str(), days[1].name.as_str()), ("2026-01-06", "Heilige Drei Könige"));
//! # Ok::<(), remit_domain::holidays::UnknownRegion>(())
//! ```

mod choice;
mod data;
mod rule;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, fmt, ops::RangeInclusive, str::FromStr};

use jiff::civil::Date;

pub use choice::{Choice, ChoiceError, Opening, Pick};
use rule::{Country, Moved, Rule};

/// A country, or a part of one that has holidays of its own.
#[derive(Clone, Copy)]
pub struct Region {
    country: &'static Country,
    /// Empty: the country alone.
    code: &'static str,
}

/// A day off; two of them may fall on one date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayOff {
    /// When.
    pub date: Date,
    /// What it is called where it is kept.
    pub name: String,
    /// Whether it stands in for the day itself, which falls on a weekend.
    pub observed: bool,
}

impl fmt::Display for DayOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        f.write_str(if self.observed { " (observed)" } else { "" })
    }
}

/// Which days of a holiday that falls on a weekend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Days {
    /// Those that the law gives: the day it is moved to, or the day itself and the one that is added.
    Observed,
    /// The day itself, as if nothing were moved.
    Actual,
    /// Both.
    Both,
}

impl Days {
    fn has_actual(self, moved: Moved) -> bool {
        self != Self::Observed || !matches!(moved, Moved::Instead(_))
    }
}

/// No such region.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no public holidays are known of {asked:?}; there are {known}")]
pub struct UnknownRegion {
    asked: String,
    /// Those of the country, or the countries.
    known: String,
}

impl FromStr for Region {
    type Err = UnknownRegion;

    /// Reads `US`, `DE-BY`: ISO 3166-1, and ISO 3166-2 where the parts of a country have holidays of their own.
    fn from_str(text: &str) -> Result<Self, UnknownRegion> {
        let upper = text.to_ascii_uppercase();
        let unknown = |known| UnknownRegion { asked: text.chars().take(40).collect(), known };
        let (country, region) = upper.split_once('-').unwrap_or((&upper, ""));
        let country = data::COUNTRIES
            .iter()
            .find(|known| known.code == country)
            .ok_or_else(|| unknown(join(data::COUNTRIES.iter().map(|c| c.code.to_owned()))))?;
        if upper == country.code {
            return Ok(Self { country, code: "" });
        }
        let found = country.regions.iter().find(|(code, _)| *code == region);
        let all = Self { country, code: "" }.with_regions();
        found.map(|(code, _)| Self { country, code }).ok_or_else(|| unknown(join(all.iter().map(Self::to_string))))
    }
}

fn join(names: impl Iterator<Item = String>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.country.code)?;
        if self.code.is_empty() { Ok(()) } else { write!(f, "-{}", self.code) }
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Region({self})")
    }
}

impl Region {
    /// Every country and every region, countries by their codes.
    #[must_use]
    pub fn all() -> Vec<Self> {
        data::COUNTRIES.iter().flat_map(|country| Self { country, code: "" }.with_regions()).collect()
    }

    /// The country alone and its regions.
    #[must_use]
    pub fn with_regions(self) -> Vec<Self> {
        let country = self.country;
        let regions = country.regions.iter().map(|(code, _)| Self { country, code });
        std::iter::once(Self { country, code: "" }).chain(regions).collect()
    }

    /// What it is called, and, of a country alone, which days that means: `Germany (in every state)`.
    #[must_use]
    pub fn name(&self) -> String {
        let region = self.country.regions.iter().find(|(code, _)| *code == self.code);
        match region {
            Some((_, name)) => (*name).to_owned(),
            None if self.country.alone.is_empty() => self.country.name.to_owned(),
            None => format!("{} ({})", self.country.name, self.country.alone),
        }
    }

    /// The law or the page of the government that the days were taken from.
    #[must_use]
    pub fn source(&self) -> &'static str {
        self.country.source
    }

    /// The day on which the days were last compared with the source, ISO 8601.
    #[must_use]
    pub fn checked(&self) -> &'static str {
        self.country.checked
    }

    fn rules(&self) -> impl Iterator<Item = &'static Rule> {
        let code = self.code;
        self.country.rules.iter().filter(move |rule| rule.holds_in(code))
    }

    /// Holidays that only some places or employers of the region keep.
    #[must_use]
    pub fn local(&self) -> Vec<&'static str> {
        self.rules().filter(|rule| rule.local).map(|rule| rule.name).collect()
    }

    /// The days off of some years (C9), by date.
    ///
    /// - `with`: names of [`Region::local`] holidays to take too.
    #[must_use]
    pub fn holidays(&self, years: RangeInclusive<i16>, days: Days, with: &[&str]) -> Vec<DayOff> {
        // A holiday of the first of January may be observed in the year before.
        let around = years.start().saturating_sub(1)..=years.end().saturating_add(1);
        let wanted = |rule: &&Rule| !rule.local || with.contains(&rule.name);
        let rules: Vec<&'static Rule> = self.rules().filter(wanted).collect();
        let mut actual: Vec<(Date, &'static Rule)> =
            around.flat_map(|year| rules.iter().filter_map(move |rule| Some((rule.date(year)?, *rule)))).collect();
        actual.sort_by_key(|(date, _)| *date);
        let mut taken: BTreeSet<Date> = actual.iter().map(|(date, _)| *date).collect();
        let mut found: Vec<DayOff> =
            actual.into_iter().flat_map(|(date, rule)| take(date, rule, days, &mut taken)).collect();
        found.retain(|day| years.contains(&day.date.year()));
        found.sort_by_key(|day| day.date);
        found
    }
}

/// The days off that one holiday gives.
///
/// - `taken`: dates that nothing is moved to.
fn take(
    date: Date,
    rule: &'static Rule,
    days: Days,
    taken: &mut BTreeSet<Date>,
) -> impl Iterator<Item = DayOff> + use<> {
    let moved = match rule.moved {
        Moved::Never => None,
        Moved::Instead(to) | Moved::Also(to) => to.moves(date, |date| taken.contains(&date)),
    };
    taken.extend(moved);
    let itself = (moved.is_none() || days.has_actual(rule.moved)).then_some(date);
    let moved = moved.filter(|_| days != Days::Actual);
    let off = |observed| move |date| DayOff { date, name: rule.name.to_owned(), observed };
    itself.map(off(false)).into_iter().chain(moved.map(off(true)))
}
