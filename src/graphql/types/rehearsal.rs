//! How past tickets would have gone under response times that are not agreed.

use async_graphql::SimpleObject;
use remit_domain::{
    Percent, promise,
    words::{Milestone, Priority, PromiseVerdict},
};

use super::{Money, coverage::Reason, promise_check::CheckedPromise};
use crate::{
    app,
    graphql::{
        scalars::{Date, DateTime, Decimal},
        words::Word,
    },
};

/// How past tickets would have gone under a tier and hours that need not be agreed with anybody. Nothing is stored.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Rehearsal {
    /// The beginning of the first month.
    from: DateTime,
    /// The end of the last month, not included.
    to: DateTime,
    /// How many tickets would have been judged in that time, or open at its end.
    tickets: i32,
    /// What the last 365 days say of all guarantees and targets together.
    verdict: Word<PromiseVerdict>,
    /// Each target, in the order of the tier.
    lines: Vec<RehearsedLine>,
    /// Each month, oldest first.
    months: Vec<RehearsedMonth>,
    /// What the months would have earned together, in percent of a month's fee.
    credit_percent: Decimal,
}

/// How one target would have gone.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct RehearsedLine {
    /// The priority.
    priority: Word<Priority>,
    /// The milestone.
    milestone: Word<Milestone>,
    /// What the last 365 days say of it.
    promise: CheckedPromise,
    /// Judged in the months: in time.
    met: i32,
    /// Judged in the months: not in time.
    breached: i32,
    /// Open at the end of the last month.
    running: i32,
    /// The share of those judged that were met, in percent, to two decimals rounded down. Null: none was judged.
    attainment_percent: Option<Decimal>,
}

/// What one month would have earned by the tier's credit steps.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct RehearsedMonth {
    /// Its first day, by the zone of the calendar.
    first_day: Date,
    /// Its last day, included.
    last_day: Date,
    /// The share of the month's fee, in percent, at most what the tier caps it at.
    credit_percent: Decimal,
    /// The amount, never positive, of the fee of the agreement's terms in force now. Null: nothing is earned, or no agreement
    /// with terms in force was named.
    credit: Option<Money>,
    /// Why.
    reasons: Vec<Reason<'static>>,
}

fn count(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

impl From<app::Rehearsed> for Rehearsal {
    fn from(found: app::Rehearsed) -> Self {
        let total = promise::total(found.months.iter().map(|month| &month.period));
        Self {
            from: DateTime(found.whole.from()),
            to: DateTime(found.whole.to()),
            tickets: count(found.tickets),
            verdict: Word(found.verdict),
            lines: found.lines.iter().map(Into::into).collect(),
            months: found.months.into_iter().map(Into::into).collect(),
            credit_percent: Decimal(remit_domain::decimal::canonical(total)),
        }
    }
}

impl From<&app::RehearsedLine> for RehearsedLine {
    fn from(line: &app::RehearsedLine) -> Self {
        let attainment = Percent::share(line.tally.met, line.tally.judged());
        Self {
            priority: Word(line.target.priority),
            milestone: Word(line.target.milestone),
            promise: (&line.checked).into(),
            met: count(line.tally.met),
            breached: count(line.tally.breached),
            running: count(line.tally.running),
            attainment_percent: attainment.map(|share| Decimal(share.to_string())),
        }
    }
}

impl From<app::RehearsedMonth> for RehearsedMonth {
    fn from(month: app::RehearsedMonth) -> Self {
        let promise::RehearsedPeriod { earned, credit, .. } = month.period;
        let percent = earned.as_ref().map(|earned| earned.percent).unwrap_or_default();
        let reasons = credit.as_ref().map(|credit| &credit.reasons).or(earned.as_ref().map(|earned| &earned.reasons));
        Self {
            first_day: Date(month.first),
            last_day: Date(month.last),
            credit_percent: Decimal(remit_domain::decimal::canonical(percent)),
            reasons: reasons.into_iter().flatten().map(Reason::kept).collect(),
            credit: credit.map(|credit| credit.amount.into()),
        }
    }
}
