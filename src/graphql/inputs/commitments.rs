//! Expectations and commitments: what is promised as a number or a time.

use async_graphql::InputObject;
use remit_domain::{
    decimal, terms,
    words::{Clock, Comparator, ComponentClass, FailureScenario, Party, PromiseStrength, Window},
};

use super::{DAYS_MAX, name, number, optional};
use crate::{
    app::{Problems, UserErrorCode},
    graphql::{
        scalars::{Decimal, Duration},
        words::Word,
    },
};

/// What is expected of a kind of thing, as a number.
#[derive(Debug, InputObject)]
pub(crate) struct PerformanceExpectationInput {
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
    #[graphql(default_with = "Word(PromiseStrength::Target)")]
    strength: Word<PromiseStrength>,
}

impl PerformanceExpectationInput {
    pub(super) fn read(self, p: &mut Problems) -> Option<terms::PerformanceExpectation> {
        let metric = name(p, "metric", self.metric);
        let value = p.take("value", decimal::parse(&self.value.0));
        let unit = name(p, "unit", self.unit);
        Some(terms::PerformanceExpectation {
            component: self.component.0,
            metric: metric?,
            comparator: self.comparator.0,
            value: value?,
            unit: unit?,
            window: self.window.0,
            measured_by: self.measured_by.0,
            strength: self.strength.0,
        })
    }
}

/// How fast a failure gets fixed.
#[derive(Debug, InputObject)]
pub(crate) struct RecoveryCommitmentInput {
    /// The failure.
    scenario: Word<FailureScenario>,
    /// The kind of thing. Left out: any.
    component: Option<Word<ComponentClass>>,
    /// Counted time from the failure to the fix.
    fix_within: Duration,
    /// Which hours count.
    #[graphql(default_with = "Word(Clock::BusinessHours)")]
    clock: Word<Clock>,
    /// How firmly it is promised.
    #[graphql(default_with = "Word(PromiseStrength::Target)")]
    strength: Word<PromiseStrength>,
}

impl RecoveryCommitmentInput {
    pub(super) fn read(self, p: &mut Problems) -> Option<terms::RecoveryCommitment> {
        let fix_within = some_time(p, "fixWithin", &self.fix_within);
        Some(terms::RecoveryCommitment {
            scenario: self.scenario.0,
            component: self.component.map(|word| word.0),
            fix_within: fix_within?,
            clock: self.clock.0,
            strength: self.strength.0,
        })
    }
}

/// How often backups run, how long they are kept, and how they are proven.
#[derive(Debug, InputObject)]
pub(crate) struct BackupCommitmentInput {
    /// Of what.
    subject: String,
    /// The longest time between two runs.
    every: Duration,
    /// Days a backup is kept.
    retention_days: i32,
    /// Whether a copy is kept elsewhere.
    #[graphql(default = false)]
    off_site: bool,
    /// Days between two trial restores. Left out: none is promised.
    restore_test_every_days: Option<i32>,
    /// Time a restore takes at most. Left out: not promised.
    restore_within: Option<Duration>,
    /// How firmly it is promised.
    #[graphql(default_with = "Word(PromiseStrength::Target)")]
    strength: Word<PromiseStrength>,
}

impl BackupCommitmentInput {
    pub(super) fn read(self, p: &mut Problems) -> Option<terms::BackupCommitment> {
        let subject = name(p, "subject", self.subject);
        let every = some_time(p, "every", &self.every);
        let retention_days = number(p, "retentionDays", self.retention_days, 1, DAYS_MAX);
        let tested =
            optional(self.restore_test_every_days, |days| number(p, "restoreTestEveryDays", days, 1, DAYS_MAX));
        let restore = optional(self.restore_within, |time| some_time(p, "restoreWithin", &time));
        Some(terms::BackupCommitment {
            subject: subject?,
            every: every?,
            retention_days: retention_days?,
            off_site: self.off_site,
            restore_test_every_days: tested?,
            restore_within: restore?,
            strength: self.strength.0,
        })
    }
}

/// A duration at a field that is longer than nothing.
pub(super) fn some_time(p: &mut Problems, field: &str, time: &Duration) -> Option<remit_domain::Duration> {
    if time.0.is_zero() {
        p.at(field, |p| p.refuse(UserErrorCode::Invalid, "must be longer than PT0S"));
        return None;
    }
    Some(time.0)
}
