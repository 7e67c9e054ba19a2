//! What falling short of promises earns the client: percentages, caps, the amount (R9, Q3).

use rust_decimal::{Decimal, RoundingStrategy};

use super::{Fee, fee::amount_text};
use crate::{
    commitment::deepest,
    coverage::{Reason, ReasonCode},
    decimal::{Percent, canonical},
    money::{Currency, Money},
    share::Share,
    sla::CreditStep,
    terms::clause,
};

/// Why a fee is not the whole fee.
const FEE_UNKNOWN_TEXT: &str =
    "A service has no price in the terms, so the fee that credits are a share of is without it.";

/// How well one response time was kept in a period.
#[derive(Clone, Debug)]
pub struct Attained<'a> {
    /// Its clause.
    pub clause: String,
    /// What is promised, in words.
    pub promise: String,
    /// How many were in time.
    pub kept: u64,
    /// Of how many that were judged.
    pub of: u64,
    /// The steps that it earns by.
    pub steps: &'a [CreditStep],
}

impl Attained<'_> {
    /// What it earns by the deepest step that holds the exact share (R9); none: no step does.
    #[must_use]
    pub fn earning(&self) -> Option<Earning> {
        let share = Share::new(self.kept, self.of)?;
        let step = deepest(self.steps, share)?;
        let Self { promise, kept, of, .. } = self;
        let text = format!(
            "{promise}: {kept} of {of} were in time, {} %; below {} % that earns {} % of the fee.",
            share.percent(),
            step.below,
            step.credit,
        );
        Some(Earning { clause: self.clause.clone(), percent: step.credit, text }).filter(Earning::is_something)
    }
}

/// What one promise earns in a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earning {
    /// Its clause.
    pub clause: String,
    /// In percent of the period's fee.
    pub percent: Percent,
    /// What was promised, what was reached, and by which step that earns something.
    pub text: String,
}

impl Earning {
    /// Whether it is more than nothing: a step may earn 0 %.
    #[must_use]
    pub fn is_something(&self) -> bool {
        !self.percent.value().is_zero()
    }
}

/// What some promises earn together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Earnings {
    /// What each earns, in the order of the clauses.
    pub of: Vec<Earning>,
    /// The most that these come to.
    pub cap: Option<Cap>,
}

/// The most that credits come to, in percent of the period's fee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cap {
    /// The most.
    pub percent: Percent,
    /// The clause that says so; none: the tier does.
    pub clause: Option<String>,
    /// Which credits it limits, in words that begin a sentence.
    pub limits: String,
}

impl Cap {
    /// What a tier says of all credits of a period.
    #[must_use]
    pub fn of_tier(percent: Percent) -> Self {
        Self { percent, clause: None, limits: "All credits of a period".into() }
    }

    /// What the terms say of all credits of a month (Q3).
    #[must_use]
    pub fn of_month(percent: Percent) -> Self {
        let clause = Some(clause::CREDIT_POLICY.to_owned());
        Self { percent, clause, limits: "All credits of a month".into() }
    }

    /// A sum of percentages, at most this.
    fn limit(&self, earned: Decimal, reasons: &mut Vec<Reason>) -> Decimal {
        let most = self.percent.value();
        if earned <= most {
            return earned;
        }
        let text =
            format!("{}: {} % were earned, at most {} % are given.", self.limits, canonical(earned), self.percent);
        reasons.push(Reason::new(ReasonCode::CreditCapped, self.clause.clone(), text));
        most
    }
}

/// The share of a fee that a period's promises earn the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earned {
    /// In percent, above 0.
    pub percent: Decimal,
    /// Why, in order.
    pub reasons: Vec<Reason>,
}

/// The share of the fee that a period earns: what its promises earn, added up and capped; none: nothing (R9, Q3).
///
/// - `caps`: on all of it together, one after the other.
#[must_use]
pub fn earned(earnings: &[Earnings], caps: &[Cap]) -> Option<Earned> {
    let mut reasons = Vec::new();
    let mut percent = Decimal::ZERO;
    for Earnings { of, cap } in earnings {
        let said = |one: &Earning| Reason::new(ReasonCode::CreditEarned, Some(one.clause.clone()), one.text.clone());
        reasons.extend(of.iter().map(said));
        let sum = of.iter().map(|one| one.percent.value()).fold(Decimal::ZERO, Decimal::saturating_add);
        percent = percent.saturating_add(cap.as_ref().map_or(sum, |cap| cap.limit(sum, &mut reasons)));
    }
    let percent = caps.iter().fold(percent, |percent, cap| cap.limit(percent, &mut reasons));
    // Caps of nothing leave nothing, which is worth saying; where nothing was earned there is nothing to say.
    (!reasons.is_empty()).then_some(Earned { percent, reasons })
}

/// The most that the credits of a year come to (Q3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearCap {
    /// In percent of the basis.
    pub percent: Percent,
    /// What it is held against.
    pub basis: Decimal,
    /// The same in words: "the fees of that year".
    pub basis_text: &'static str,
    /// What was given for months of the year before this one, in minor units, zero or more.
    pub given: i64,
}

impl YearCap {
    /// What is left to be given, in minor units; rounded down, so that the cap is never exceeded.
    fn left(&self, currency: Currency) -> Option<i64> {
        let most = self.basis.checked_mul(self.percent.value())?.checked_div(Decimal::ONE_HUNDRED)?;
        let most = in_minor(most, currency, RoundingStrategy::ToZero)?;
        Some(most.saturating_sub(self.given).max(0))
    }

    fn text(&self, currency: Currency, left: i64) -> String {
        let money = |minor| format!("{} {}", Money { minor, currency }.amount(), currency.code());
        format!(
            "All credits of a year are at most {} % of {}, which are {}: {} were given for months before, {} are left.",
            self.percent,
            self.basis_text,
            amount_text(self.basis, currency),
            money(self.given),
            money(left),
        )
    }
}

/// What a period earns the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    /// Never positive.
    pub amount: Money,
    /// Why, in order.
    pub reasons: Vec<Reason>,
}

/// The amount of what is earned: its share of the fee, rounded once, half-up away from zero, and no more than is left of
/// the year's cap (R9, Q3). None: it is more than can be counted.
#[must_use]
pub fn credit(earned: Earned, fee: Fee, year: Option<&YearCap>) -> Option<Credit> {
    let Earned { percent, mut reasons } = earned;
    let currency = fee.currency;
    if !fee.is_whole {
        reasons.push(Reason::new(ReasonCode::FeeUnknown, None, FEE_UNKNOWN_TEXT));
    }
    let exact = fee.amount.checked_mul(percent)?.checked_div(Decimal::ONE_HUNDRED)?;
    let mut minor = in_minor(exact, currency, RoundingStrategy::MidpointAwayFromZero)?;
    let text = format!(
        "{} % of the fee of {} are {} {code}.",
        canonical(percent),
        fee.text(),
        Money { minor, currency }.amount(),
        code = currency.code(),
    );
    reasons.push(Reason::new(ReasonCode::Amount, None, text));
    if let Some((year, left)) =
        year.and_then(|year| Some((year, year.left(currency)?))).filter(|(_, left)| *left < minor)
    {
        let clause = Some(clause::CREDIT_POLICY.to_owned());
        reasons.push(Reason::new(ReasonCode::CreditCapped, clause, year.text(currency, left)));
        minor = left;
    }
    Some(Credit { amount: Money { minor: minor.checked_neg()?, currency }, reasons })
}

/// An amount in whole minor units.
fn in_minor(amount: Decimal, currency: Currency, strategy: RoundingStrategy) -> Option<i64> {
    let scale = Decimal::from(10_i64.checked_pow(u32::from(currency.minor_digits()))?);
    i64::try_from(amount.checked_mul(scale)?.round_dp_with_strategy(0, strategy)).ok()
}
