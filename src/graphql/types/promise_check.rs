//! What a version promises beside what the provider's own past shows.

use async_graphql::SimpleObject;
use remit_domain::{
    promise,
    words::{PromiseStrength, PromiseVerdict},
};

use crate::{
    app,
    graphql::{
        scalars::{DateTime, Decimal, Duration},
        words::Word,
    },
    store::OverpromiseRecord,
};

/// Whether what is promised can be kept, by what the provider can be shown to have delivered in the last 365 days.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct PromiseCheck {
    /// The least of the promises' verdicts. Where nothing is promised, nothing is overpromised.
    verdict: Word<PromiseVerdict>,
    /// Every guarantee and target of response, plan, workaround, resolution, availability, recovery and backup, in the order
    /// of the clauses. Best efforts promise nothing.
    promises: Vec<CheckedPromise>,
}

impl From<&app::PromiseCheck> for PromiseCheck {
    fn from(check: &app::PromiseCheck) -> Self {
        Self { verdict: Word(check.verdict), promises: check.promises.iter().map(Into::into).collect() }
    }
}

/// One promise beside what the past shows.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct CheckedPromise {
    /// The clause.
    clause: String,
    /// What is promised, in words for people.
    promise: String,
    /// How firmly.
    strength: Word<PromiseStrength>,
    /// The share of cases that must keep it, in percent; 95 where the promise states none.
    attainment_percent: Decimal,
    /// Whether the past supports it.
    verdict: Word<PromiseVerdict>,
    /// Why, in words for people.
    reason: String,
    /// How many past cases speak of it: tickets, whole windows, or times at which a backup was due.
    sample_size: i32,
    /// How many of them would have kept it.
    kept: i32,
    /// The least share, in percent, held at 95 % confidence (Wilson lower bound), rounded down to two digits after the point.
    /// Null: there are no cases.
    attainable_at_least_percent: Option<Decimal>,
    /// The tightest target that history supports at the promised share. Null: none does, or the promise is not a time.
    supported_target: Option<Duration>,
}

impl From<&promise::CheckedPromise> for CheckedPromise {
    fn from(checked: &promise::CheckedPromise) -> Self {
        let sample = checked.evidence.sample;
        let count = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
        Self {
            clause: checked.clause.clone(),
            promise: checked.text.clone(),
            strength: Word(checked.strength),
            attainment_percent: Decimal(checked.attainment.to_string()),
            verdict: Word(checked.verdict),
            reason: checked.reason.clone(),
            sample_size: count(sample.size),
            kept: count(sample.kept),
            attainable_at_least_percent: sample.at_least().map(|share| Decimal(share.to_string())),
            supported_target: checked.evidence.supported.map(Duration),
        }
    }
}

/// Why terms were accepted although they guarantee more than history supported.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct AcceptedOverpromise {
    /// Why.
    reason: String,
    /// Who said so.
    said_by: String,
    /// When.
    at: DateTime,
    /// The guarantees that it is about, as they stood then.
    promises: Vec<OverpromisedClause>,
}

/// A guarantee that was beyond what history supported.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct OverpromisedClause {
    /// The clause.
    clause: String,
    /// What is promised, in words for people.
    promise: String,
    /// Why history did not support it.
    reason: String,
}

impl From<&OverpromiseRecord> for AcceptedOverpromise {
    fn from(record: &OverpromiseRecord) -> Self {
        let clause = |promise: &crate::store::OverpromisedClause| OverpromisedClause {
            clause: promise.clause.clone(),
            promise: promise.promise.clone(),
            reason: promise.reason.clone(),
        };
        Self {
            reason: record.reason.clone(),
            said_by: record.said_by.clone(),
            at: DateTime(record.at),
            promises: record.promises.iter().map(clause).collect(),
        }
    }
}
