//! The service credits of billing periods (R9, Q3).

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{
    Account, Cap, Credit, Earnings, Fee, Month, Observed, Period, YearCap, credit, earned, fee, judged::Judgements,
    reached,
};
use crate::{
    coverage::{Reason, ReasonCode},
    document,
    terms::clause,
    ticket::Ticket,
};

/// What happened under an agreement, as far as credits follow from it.
#[derive(Clone, Debug, Default)]
pub struct Happened {
    /// The tickets that may have been judged in the periods concerned; others do no harm.
    pub tickets: Vec<Ticket>,
    /// What was recorded of the things that are promised to be there.
    pub observed: Observed,
}

/// What some periods earn the client, by what is known; a period that earns nothing is left out.
///
/// It is a function of terms, tickets, outages and obligations, never of the time of asking: a period is judged as of its
/// end.
///
/// - `periods`: one after another, without gaps, over.
/// - `given`: the credits of the months before them, in minor units, zero or less.
///
/// Source: rules R9, Q3 and S10.
#[must_use]
pub fn period_credits(
    account: &Account<'_>,
    periods: &[Period],
    happened: &Happened,
    mut given: BTreeMap<Month, i64>,
) -> BTreeMap<Month, Credit> {
    let judgements = Judgements::of(account, periods, &happened.tickets);
    let mut credits = BTreeMap::new();
    for (place, period) in periods.iter().enumerate() {
        let mut earnings = judgements.earnings(place);
        earnings.push(Earnings { of: reached::earnings(account, period, &happened.observed), cap: None });
        let Some(credit) = of_period(account, period, &earnings, &given) else { continue };
        given.insert(period.month, credit.amount.minor);
        credits.insert(period.month, credit);
    }
    credits
}

/// By when a credit has to be claimed.
fn claim(by: Date) -> Reason {
    let text = format!("It has to be claimed by {}, or is lost.", document::date(by));
    Reason::new(ReasonCode::ClaimBy, Some(clause::CREDIT_POLICY.to_owned()), text)
}

fn of_period(
    account: &Account<'_>,
    period: &Period,
    earnings: &[Earnings],
    given: &BTreeMap<Month, i64>,
) -> Option<Credit> {
    let agreed = account.agreed(period.version?)?;
    let policy = agreed.sections.credit_policy;
    let of_tier = agreed.tier.credit_cap().map(Cap::of_tier);
    let of_month = policy.and_then(|policy| policy.month_cap).map(Cap::of_month);
    let caps: Vec<Cap> = of_tier.into_iter().chain(of_month).collect();
    let year = policy.and_then(|policy| {
        let year = Month::first_of(period.month.year())..period.month;
        Some(YearCap {
            percent: policy.year_cap?,
            basis: fee::year_basis(account, period.month, policy.year_basis),
            basis_text: document::cap_basis(policy.year_basis),
            given: given.range(year).map(|(_, minor)| *minor).fold(0, i64::saturating_sub),
        })
    });
    let mut credit = credit(earned(earnings, &caps)?, Fee::of_period(account, period)?, year.as_ref())?;
    credit.reasons.extend(policy.and_then(|policy| policy.claim_by(period.month)).map(claim));
    Some(credit)
}
