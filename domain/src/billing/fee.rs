//! The recurring fee that credits are a share of, and what the credits of a year are held against (R9, Q3).

use rust_decimal::Decimal;

use super::{Account, Month, Period, Periods};
use crate::{
    decimal::canonical,
    money::{Currency, Rate},
    terms::IncludedService,
    words::CapBasis,
};

/// A recurring fee: quantity times price of the services that have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fee {
    /// The amount.
    pub amount: Decimal,
    /// Its currency.
    pub currency: Currency,
    /// Whether every service has a price.
    pub is_whole: bool,
}

impl Fee {
    /// The fee for some services.
    #[must_use]
    pub fn of(services: &[IncludedService], currency: Currency) -> Self {
        let line = |line: &IncludedService| {
            line.unit_price.and_then(|price| price.amount().checked_mul(Decimal::from(line.quantity.get())))
        };
        let amount = services.iter().filter_map(line).fold(Decimal::ZERO, Decimal::saturating_add);
        Self { amount, currency, is_whole: services.iter().all(|service| service.unit_price.is_some()) }
    }

    /// The amount with its currency: `702.50 USD`.
    #[must_use]
    pub fn text(&self) -> String {
        amount_text(self.amount, self.currency)
    }

    /// The fee of a period: by the terms in force on its first day with terms, as its hours are; none: no terms are.
    pub(super) fn of_period(account: &Account<'_>, period: &Period) -> Option<Self> {
        let agreed = account.agreed(period.version?)?;
        Some(Self::of(&agreed.sections.services, account.currency))
    }
}

/// An exact amount with at least the currency's minor digits.
pub(super) fn amount_text(amount: Decimal, currency: Currency) -> String {
    let shown = Rate::new(amount, currency).map_or_else(|_| canonical(amount), |amount| amount.display_amount());
    format!("{shown} {}", currency.code())
}

/// What the cap of a month's year is held against, by the terms as they are known: of months to come by those that will be in
/// force (Q3). Years are calendar years.
pub(super) fn year_basis(account: &Account<'_>, month: Month, basis: CapBasis) -> Decimal {
    let year = month.year();
    let (this, before) = (of_year(account, year), of_year(account, year - 1));
    let mean = |fees: &[Decimal]| {
        let count = Decimal::from(u64::try_from(fees.len()).unwrap_or(u64::MAX));
        sum(fees).checked_div(count).unwrap_or_default()
    };
    match basis {
        CapBasis::FeesOfYear => sum(&this),
        CapBasis::MeanMonthBefore if before.is_empty() => mean(&this),
        CapBasis::MeanMonthBefore => mean(&before),
        CapBasis::FeesOfTerm => match account.ends() {
            Some(ends) => sum(&fees(account, &Periods::begun(account, ends, None), |_| true)),
            None => sum(&this),
        },
    }
}

fn sum(fees: &[Decimal]) -> Decimal {
    fees.iter().copied().fold(Decimal::ZERO, Decimal::saturating_add)
}

/// The fees of the months of a year in which terms are in force.
fn of_year(account: &Account<'_>, year: i16) -> Vec<Decimal> {
    let last = Month::last_of(year);
    let ends = account.calendar(0).map(|calendar| calendar.start_of(last.last()));
    ends.map(|ends| fees(account, &Periods::begun(account, ends, None), |month| month.year() == year))
        .unwrap_or_default()
}

fn fees(account: &Account<'_>, periods: &Periods, of: impl Fn(Month) -> bool) -> Vec<Decimal> {
    let meant = periods.all().iter().filter(|period| of(period.month));
    meant.filter_map(|period| Fee::of_period(account, period)).map(|fee| fee.amount).collect()
}
