//! What is expected and promised as a number or a time.

use async_graphql::SimpleObject;
use remit_domain::{
    terms::{self, clause},
    words::{Clock, Comparator, ComponentClass, FailureScenario, Party, PromiseStrength, Window},
};

use super::sections::Placed;
use crate::graphql::{
    scalars::{Decimal, Duration},
    words::Word,
};

/// What is expected of a kind of thing, as a number.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct PerformanceExpectation {
    /// The clause.
    clause: String,
    /// The kind of thing.
    component: Word<ComponentClass>,
    /// What is measured.
    metric: String,
    /// How the measurement is held against the value.
    comparator: Word<Comparator>,
    /// The value.
    value: Decimal,
    /// Its unit.
    unit: String,
    /// Over which time it is measured.
    window: Word<Window>,
    /// Who measures.
    measured_by: Word<Party>,
    /// How firmly it is promised.
    strength: Word<PromiseStrength>,
}

impl From<Placed<'_, terms::PerformanceExpectation>> for PerformanceExpectation {
    fn from((place, expectation): Placed<'_, terms::PerformanceExpectation>) -> Self {
        Self {
            clause: clause::performance(place),
            component: Word(expectation.component),
            metric: expectation.metric.clone(),
            comparator: Word(expectation.comparator),
            value: Decimal(remit_domain::decimal::canonical(expectation.value)),
            unit: expectation.unit.clone(),
            window: Word(expectation.window),
            measured_by: Word(expectation.measured_by),
            strength: Word(expectation.strength),
        }
    }
}

/// How fast a failure gets fixed.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct RecoveryCommitment {
    /// The clause.
    clause: String,
    /// The failure.
    scenario: Word<FailureScenario>,
    /// The kind of thing; null: any.
    component: Option<Word<ComponentClass>>,
    /// Counted time from the failure to the fix.
    fix_within: Duration,
    /// Which hours count.
    clock: Word<Clock>,
    /// How firmly it is promised.
    strength: Word<PromiseStrength>,
}

impl From<Placed<'_, terms::RecoveryCommitment>> for RecoveryCommitment {
    fn from((place, commitment): Placed<'_, terms::RecoveryCommitment>) -> Self {
        Self {
            clause: clause::recovery(place),
            scenario: Word(commitment.scenario),
            component: commitment.component.map(Word),
            fix_within: Duration(commitment.fix_within),
            clock: Word(commitment.clock),
            strength: Word(commitment.strength),
        }
    }
}

/// How often backups run, how long they are kept, and how they are proven.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct BackupCommitment {
    /// The clause.
    clause: String,
    /// Of what.
    subject: String,
    /// The longest time between two runs.
    every: Duration,
    /// Days a backup is kept.
    retention_days: i32,
    /// Whether a copy is kept elsewhere.
    off_site: bool,
    /// Days between two trial restores; null: none is promised.
    restore_test_every_days: Option<i32>,
    /// Time a restore takes at most; null: not promised.
    restore_within: Option<Duration>,
    /// How firmly it is promised.
    strength: Word<PromiseStrength>,
}

impl From<Placed<'_, terms::BackupCommitment>> for BackupCommitment {
    fn from((place, commitment): Placed<'_, terms::BackupCommitment>) -> Self {
        Self {
            clause: clause::backup(place),
            subject: commitment.subject.clone(),
            every: Duration(commitment.every),
            retention_days: commitment.retention_days.cast_signed(),
            off_site: commitment.off_site,
            restore_test_every_days: commitment.restore_test_every_days.map(u32::cast_signed),
            restore_within: commitment.restore_within.map(Duration),
            strength: Word(commitment.strength),
        }
    }
}
