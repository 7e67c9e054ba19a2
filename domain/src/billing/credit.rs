//! Service credits (R9).

use rust_decimal::Decimal;

use crate::{
    coverage::{Reason, ReasonCode},
    decimal::canonical,
    money::{Currency, Money},
    sla::CreditStep,
    terms::IncludedService,
};

/// Why a fee is not the whole fee.
pub const FEE_UNKNOWN_TEXT: &str =
    "A service has no price in the terms, so the fee that credits are a share of is without it.";

/// How well one promise was kept in a period.
#[derive(Clone, Debug)]
pub struct Attained<'a> {
    /// The promise.
    pub source: CreditSource,
    /// Its clause.
    pub clause: String,
    /// What is promised, in words.
    pub promise: String,
    /// How many were kept, or how long it was there.
    pub kept: u64,
    /// Of how many, or how long.
    pub of: u64,
    /// The steps that it earns by.
    pub steps: &'a [CreditStep],
}

/// Which promise a credit is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CreditSource {
    /// A target of the tier, by its place.
    Target(usize),
    /// A commitment of availability, by its place.
    Availability(usize),
}

/// What a period's promises earn the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    /// Never positive.
    pub amount: Money,
    /// Why, in order.
    pub reasons: Vec<Reason>,
}

/// The share of a fee that a period's promises earn the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earned {
    /// In percent, above 0 and at most the cap.
    pub percent: Decimal,
    /// Why, in order.
    pub reasons: Vec<Reason>,
}

/// The share of the fee that a period earns; none: no promise fell short.
///
/// - `attained`: each promise that counts, GUARANTEE or TARGET, with enough judged.
/// - `cap`: the most that the percentages may come to.
///
/// Source: rule R9.
#[must_use]
pub fn earned(attained: &[Attained<'_>], cap: Option<Decimal>) -> Option<Earned> {
    let mut reasons = Vec::new();
    let mut earned = Decimal::ZERO;
    for promise in attained {
        let Some(step) = promise.steps.iter().filter(|step| holds(step, promise)).min_by_key(|step| step.below) else {
            continue;
        };
        earned = earned.saturating_add(step.credit.value());
        let text = format!(
            "{}: {} of {} were kept, {} %; below {} % that earns {} % of the fee.",
            promise.promise,
            promise.kept,
            promise.of,
            percent(promise),
            step.below,
            step.credit
        );
        reasons.push(Reason::new(ReasonCode::CreditEarned, Some(promise.clause.clone()), text));
    }
    if earned.is_zero() {
        return None;
    }
    if let Some(cap) = cap.filter(|cap| *cap < earned) {
        let text = format!("{} % were earned, at most {} % are given.", canonical(earned), canonical(cap));
        reasons.push(Reason::new(ReasonCode::CreditCapped, None, text));
        earned = cap;
    }
    Some(Earned { percent: earned, reasons })
}

/// The credit that a period earns; none: no promise fell short.
///
/// - `attained`: each promise that counts, GUARANTEE or TARGET, with enough judged.
/// - `cap`: the most that the percentages may come to.
/// - `services`: what the fee is made of.
///
/// Source: rule R9.
#[must_use]
pub fn credit(
    attained: &[Attained<'_>],
    cap: Option<Decimal>,
    services: &[IncludedService],
    currency: Currency,
) -> Option<Credit> {
    let Earned { percent: earned, mut reasons } = earned(attained, cap)?;
    let fee = fee(services, &mut reasons);
    let exact = fee.checked_mul(earned)?.checked_div(Decimal::ONE_HUNDRED)?;
    let amount = Money { minor: rounded(exact, currency)?.checked_neg()?, currency };
    let text = format!(
        "{} % of the fee of {} {} are {} {}.",
        canonical(earned),
        canonical(fee),
        currency.code(),
        amount.amount(),
        currency.code()
    );
    reasons.push(Reason::new(ReasonCode::Amount, None, text));
    Some(Credit { amount, reasons })
}

/// Whether a step holds the exact attainment: from inclusive, below exclusive.
fn holds(step: &CreditStep, promise: &Attained<'_>) -> bool {
    // kept / of × 100 against a bound, without dividing.
    let share = Decimal::from(promise.kept).checked_mul(Decimal::ONE_HUNDRED);
    let bound = |percent: Decimal| Decimal::from(promise.of).checked_mul(percent);
    let below = share < bound(step.below.value());
    promise.of > 0 && below && step.from.is_none_or(|from| share >= bound(from.value()))
}

/// The attainment in percent, to two decimals, rounded down.
fn percent(promise: &Attained<'_>) -> String {
    let hundredths = u128::from(promise.kept) * 10_000 / u128::from(promise.of.max(1));
    canonical(Decimal::new(i64::try_from(hundredths).unwrap_or(i64::MAX), 2))
}

/// The period's fee: quantity times price of the lines that have one.
fn fee(services: &[IncludedService], reasons: &mut Vec<Reason>) -> Decimal {
    let line = |line: &IncludedService| {
        line.unit_price.and_then(|price| price.amount().checked_mul(Decimal::from(line.quantity.get())))
    };
    if services.iter().any(|service| service.unit_price.is_none()) {
        reasons.push(Reason::new(ReasonCode::FeeUnknown, None, FEE_UNKNOWN_TEXT));
    }
    services.iter().filter_map(line).fold(Decimal::ZERO, Decimal::saturating_add)
}

/// An amount in whole minor units, half-up away from zero.
fn rounded(amount: Decimal, currency: Currency) -> Option<i64> {
    let scale = Decimal::from(10_i64.checked_pow(u32::from(currency.minor_digits()))?);
    let minor =
        amount.checked_mul(scale)?.round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
    i64::try_from(minor).ok()
}
