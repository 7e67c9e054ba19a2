//! Billing periods: calendar months in the zone of the terms' calendar (R1, R4, R8).

use jiff::Timestamp;

use super::{Account, Ground, Month};

/// A billing period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The month that it is.
    pub month: Month,
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
    /// The place of the version whose hours and zone it has: that in force on its first day with terms. None: no terms are
    /// in force in it, and it brings no hours.
    pub version: Option<usize>,
}

impl Period {
    /// Whether work that starts at an instant belongs to it.
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }

    /// Whether it is over, and so can be closed.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.to <= now
    }
}

/// The periods of an agreement, without gaps, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Periods(Vec<Period>);

impl Periods {
    /// The periods that have begun by an instant. After the agreement's last day there is one further period, and more
    /// only as far as there is work in them.
    ///
    /// - `latest_work`: the start of the latest entry; it matters once the agreement has ended.
    #[must_use]
    pub fn begun(account: &Account<'_>, now: Timestamp, latest_work: Option<Timestamp>) -> Self {
        let mut periods = Vec::new();
        let Some(mut next) = first(account) else { return Self(periods) };
        let ended = account.ends().filter(|ends| *ends <= now);
        let mut after_the_end = false;
        while next.from <= now {
            let beyond = ended.is_some_and(|ends| ends <= next.from);
            if beyond && after_the_end && latest_work.is_none_or(|work| work < next.from) {
                break;
            }
            after_the_end = beyond;
            periods.push(next);
            next = following(account, &next);
        }
        Self(periods)
    }

    /// The period of a month.
    #[must_use]
    pub fn of_month(&self, month: Month) -> Option<&Period> {
        let first = self.0.first()?.month.number();
        self.0.get(usize::try_from(month.number().checked_sub(first)?).ok()?)
    }

    /// The period that work starting at an instant belongs to.
    #[must_use]
    pub fn at(&self, at: Timestamp) -> Option<&Period> {
        let place = self.0.partition_point(|period| period.from <= at).checked_sub(1)?;
        self.0.get(place).filter(|period| period.holds(at))
    }

    /// All of them, in order.
    #[must_use]
    pub fn all(&self) -> &[Period] {
        &self.0
    }

    /// Those from a month on.
    #[must_use]
    pub fn from(&self, month: Month) -> &[Period] {
        let place = self.0.partition_point(|period| period.month < month);
        self.0.get(place..).unwrap_or_default()
    }
}

/// The period in which the first terms begin.
fn first(account: &Account<'_>) -> Option<Period> {
    let begins = account.begins()?;
    let calendar = account.calendar(account.ground(begins).version()?)?;
    let month = Month::of(calendar.date_at(begins));
    Some(period(account, month, calendar.start_of(month.first()), None))
}

/// The period after another: it begins where that ends, whichever zone the two have.
fn following(account: &Account<'_>, period_before: &Period) -> Period {
    let fallback = account.ground(period_before.from).version().or(period_before.version);
    period(account, period_before.month.next(), period_before.to, fallback)
}

fn period(account: &Account<'_>, month: Month, from: Timestamp, before: Option<usize>) -> Period {
    let next_month = |version: usize| account.calendar(version).map(|calendar| calendar.start_of(month.next().first()));
    let latest = account.ground(from).version().or(before);
    let about = latest.and_then(next_month);
    let version = first_in_force(account, from, about.unwrap_or(Timestamp::MAX));
    let zone = version.or(latest).or_else(|| first_version(account));
    let to = zone.and_then(next_month).unwrap_or(Timestamp::MAX).max(from);
    Period { month, from, to, version }
}

/// The version in force on the first day with terms between two instants.
fn first_in_force(account: &Account<'_>, from: Timestamp, to: Timestamp) -> Option<usize> {
    let begun = account.life.versions.iter().filter_map(|version| version.begins);
    let resumed = account.life.suspensions.iter().filter_map(|suspension| suspension.until);
    let mut instants: Vec<Timestamp> = begun.chain(resumed).filter(|at| from < *at && *at < to).collect();
    instants.push(from);
    instants.sort_unstable();
    instants.into_iter().find_map(|at| match account.ground(at) {
        Ground::InForce(place) => Some(place),
        Ground::Lapsed(_) | Ground::Before => None,
    })
}

fn first_version(account: &Account<'_>) -> Option<usize> {
    account.ground(account.begins()?).version()
}
