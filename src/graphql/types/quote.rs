//! Dry runs: what work would cost, and what other terms would have charged.

use async_graphql::SimpleObject;
use remit_domain::{
    money,
    words::{ChargeKind, HoursClass},
};

use super::{
    AgreementNode, Money, TermsNode, TimeEntryNode, coverage::RatedSegment, coverage::Reason, rate, time_entry::rated,
};
use crate::{
    app,
    graphql::{
        scalars::{Date, Duration},
        words::Word,
    },
};

/// What work would cost. Nothing is stored.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Quote {
    /// The agreement.
    agreement: AgreementNode,
    /// The first day of the billing period that it would belong to.
    period_from: Date,
    /// The work, cut where the class of the hour or the rule changes.
    segments: Vec<RatedSegment>,
    /// What it would be charged at.
    charges: Vec<QuotedCharge>,
    /// What it comes to.
    amount: Money,
    /// What the whole billing period comes to more or less with it: it may take hours from later work, or be rounded
    /// together with other work.
    change: Money,
}

/// A charge that would be made.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct QuotedCharge {
    /// What it is for.
    kind: Word<ChargeKind>,
    /// The class of the hours.
    hours_class: Word<HoursClass>,
    /// Time worked.
    worked: Duration,
    /// Rounded time that hours paid for cover.
    included: Duration,
    /// Rounded time less what is included.
    charged: Duration,
    /// What an hour costs.
    hourly_rate: Option<Money>,
    /// What it comes to.
    amount: Money,
    /// Why.
    reasons: Vec<Reason<'static>>,
}

impl Quote {
    pub(crate) fn new(quote: app::Quote) -> Option<Self> {
        let currency = quote.agreement.currency;
        let charges = quote.charges.iter().map(|(charge, reasons)| QuotedCharge {
            kind: Word(charge.kind),
            hours_class: Word(charge.class),
            worked: Duration(charge.worked),
            included: Duration(charge.included),
            charged: Duration(charge.charged),
            hourly_rate: charge.rate.map(rate),
            amount: charge.amount.into(),
            reasons: reasons.iter().map(Reason::kept).collect(),
        });
        Some(Self {
            charges: charges.collect(),
            period_from: Date(quote.month.first()),
            segments: quote.segments.iter().map(|segment| rated(segment, currency)).collect(),
            amount: quote.amount.into(),
            change: quote.change.into(),
            agreement: AgreementNode::one(quote.agreement)?,
        })
    }
}

/// What other terms would have charged for a billing period. Nothing is stored.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Rerating {
    /// The agreement.
    agreement: AgreementNode,
    /// The first day of the billing period.
    period_from: Date,
    /// The other terms.
    terms: TermsNode,
    /// What the period's work comes to by the terms that hold, service credits and adjustments apart.
    before: Money,
    /// What it would come to by the other terms, with the same hours left over from before.
    after: Money,
    /// How much more or less that is.
    difference: Money,
    /// Entry by entry, in order of time.
    lines: Vec<RerateLine>,
}

/// What one entry comes to by two terms, in hours of one class.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct RerateLine {
    /// The entry.
    time_entry: TimeEntryNode,
    /// The class of the hours.
    hours_class: Word<HoursClass>,
    /// By the terms that hold.
    before: Money,
    /// By the other terms.
    after: Money,
    /// How much more or less that is.
    difference: Money,
}

impl Rerating {
    pub(crate) fn new(rerating: app::Rerating) -> Option<Self> {
        let currency = rerating.agreement.currency;
        let money = |minor: i64| Money::from(money::Money { minor, currency });
        let sum =
            |of: fn(&app::RerateLine) -> i64| rerating.lines.iter().fold(0_i64, |sum, l| sum.saturating_add(of(l)));
        let (before, after) = (sum(|line| line.before), sum(|line| line.after));
        let entries = rerating.lines.iter().map(|line| line.entry.clone()).collect();
        let lines = TimeEntryNode::all(entries).zip(&rerating.lines).map(|(time_entry, line)| RerateLine {
            time_entry,
            hours_class: Word(line.class),
            before: money(line.before),
            after: money(line.after),
            difference: money(line.after.saturating_sub(line.before)),
        });
        Some(Self {
            lines: lines.collect(),
            period_from: Date(rerating.month.first()),
            before: money(before),
            after: money(after),
            difference: money(after.saturating_sub(before)),
            terms: TermsNode::one(rerating.terms)?,
            agreement: AgreementNode::one(rerating.agreement)?,
        })
    }
}
