//! How commitments came out over a stretch of time.

use async_graphql::{ComplexObject, Context, Result, SimpleObject};
use remit_domain::{
    self as domain, Timestamp,
    commitment::{Backups, Days, Judged, JudgedAvailability, Part, Performance, together},
    decimal::canonical,
    span::Span,
    terms::{self, clause},
    words::{CommitmentState, Comparator, ComponentClass},
};

use super::{TermsNode, coverage::ClockSegment, recovery_report::RecoveryOutcome};
use crate::{
    app,
    graphql::{
        errors::bad_input,
        scalars::{Date, DateTime, Decimal, Duration},
        words::Word,
    },
};

/// The longest time that is reported on: two years.
const YEARS_MAX: domain::Duration = domain::Duration::from_hours(2 * 366 * 24);

/// The time that is asked about.
///
/// # Errors
/// BAD_USER_INPUT for one that is empty, or longer than is reported on.
pub(super) fn stretch(from: Timestamp, to: Timestamp) -> Result<Span> {
    let found = Span::new(from, to).ok_or_else(|| bad_input(&["to"], "must be later than `from`"))?;
    if found.length() > YEARS_MAX {
        return Err(bad_input(&["to"], "must be at most two years later than `from`"));
    }
    Ok(found)
}

/// How every performance, availability, recovery and backup commitment of a version came out over a stretch of time:
/// promised, measured, kept or not. What nobody recorded is not known, and is never taken for kept.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub(crate) struct CommitmentReport {
    /// The beginning of the time that was asked about.
    from: DateTime,
    /// Its end, not included.
    to: DateTime,
    /// What was expected of hardware, third-party systems and workstations.
    performance: Vec<PerformanceOutcome>,
    /// How much of the time things were there.
    availability: Vec<AvailabilityOutcome>,
    /// How often backups ran, how long they are kept, and how they were proven.
    backups: Vec<BackupOutcome>,
    #[graphql(skip)]
    of: (TermsNode, Span),
}

#[ComplexObject]
impl CommitmentReport {
    /// How fast failures got mended.
    async fn recovery(&self, ctx: &Context<'_>) -> Result<Vec<RecoveryOutcome>> {
        let (terms, stretch) = &self.of;
        RecoveryOutcome::all(ctx, terms, *stretch).await
    }
}

impl CommitmentReport {
    pub(crate) fn new(terms: TermsNode, stretch: Span, report: &app::CommitmentReport) -> Self {
        let sections = &terms.record().sections;
        let performance = sections.performance.iter().zip(&report.performance).enumerate();
        let availability = sections.availability.iter().zip(&report.availability).enumerate();
        let backups = sections.backups.iter().zip(&report.backups).enumerate();
        Self {
            from: DateTime(stretch.from()),
            to: DateTime(stretch.to()),
            performance: performance
                .map(|(place, (line, found))| PerformanceOutcome::new(place, line, found))
                .collect(),
            availability: availability
                .map(|(place, (line, found))| AvailabilityOutcome::new(place, line, found))
                .collect(),
            backups: backups.map(|(place, (line, found))| BackupOutcome::new(place, line, found.as_ref())).collect(),
            of: (terms, stretch),
        }
    }
}

/// How a performance expectation came out.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct PerformanceOutcome {
    /// The clause.
    clause: String,
    /// The kind of thing.
    component: Word<ComponentClass>,
    /// What is measured.
    metric: String,
    /// How the measurement is held against the value.
    comparator: Word<Comparator>,
    /// The value that is expected.
    value: Decimal,
    /// Its unit.
    unit: String,
    /// How it stands over all windows together.
    state: Word<CommitmentState>,
    /// The windows that the time touches, in their order.
    windows: Vec<PerformanceWindow>,
}

/// How a performance expectation came out in one window.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct PerformanceWindow {
    /// Its first day, by the zone of the calendar.
    first_day: Date,
    /// Its last day, included.
    last_day: Date,
    /// The mean of the measurements, rounded to six digits after the point; held against the value exact. Null: nothing was
    /// measured.
    measured: Option<Decimal>,
    /// How many measurements there are.
    measurements: i32,
    /// How it stands.
    state: Word<CommitmentState>,
}

fn last_day(days: Days) -> Date {
    Date(days.after.yesterday().unwrap_or(days.after))
}

fn count(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

impl PerformanceOutcome {
    fn new(place: usize, line: &terms::PerformanceExpectation, found: &[Judged<Performance>]) -> Self {
        let window = |judged: &Judged<Performance>| PerformanceWindow {
            first_day: Date(judged.days.first),
            last_day: last_day(judged.days),
            measured: judged.measured.mean.map(|mean| Decimal(canonical(mean))),
            measurements: count(judged.measured.count),
            state: Word(judged.state),
        };
        Self {
            clause: clause::performance(place),
            component: Word(line.component),
            metric: line.metric.clone(),
            comparator: Word(line.comparator),
            value: Decimal(canonical(line.value)),
            unit: line.unit.clone(),
            state: Word(together(found.iter().map(|judged| judged.state))),
            windows: found.iter().map(window).collect(),
        }
    }
}

/// How an availability commitment came out.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct AvailabilityOutcome {
    /// The clause.
    clause: String,
    /// What was to be there.
    subject: String,
    /// How much of each window, in percent.
    promised_percent: Decimal,
    /// How it stands over all windows together.
    state: Word<CommitmentState>,
    /// The windows that the time touches, in their order.
    windows: Vec<AvailabilityWindow>,
}

/// How an availability commitment came out in one window, or in the part of it that is over.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct AvailabilityWindow {
    /// Its first day, by the zone of the calendar.
    first_day: Date,
    /// Its last day, included.
    last_day: Date,
    /// How much of the time it was there, in percent, rounded down to six digits after the point. Null: it is not known.
    measured_percent: Option<Decimal>,
    /// What the percentage is of, as far as it has passed.
    base: Duration,
    /// How long it may be down in the whole window.
    allowed_downtime: Duration,
    /// How long it was down.
    downtime: Duration,
    /// How it stands.
    state: Word<CommitmentState>,
    /// The time in which it was not there, whether that is downtime, and why: announced maintenance, a weekly window, an
    /// excuse. The stretches that count add up to `downtime`.
    segments: Vec<ClockSegment>,
    /// What the window earns, each in percent of the period's recurring fee; caps come on top. Empty while it is not over.
    credits: Vec<EarnedCredit>,
}

/// A service credit that is earned.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct EarnedCredit {
    /// In percent of the period's recurring fee.
    percent: Decimal,
    /// Why, in words for people.
    why: String,
}

impl AvailabilityOutcome {
    fn new(place: usize, line: &terms::AvailabilityCommitment, found: &[Judged<JudgedAvailability>]) -> Self {
        let window = |judged: &Judged<JudgedAvailability>| {
            let JudgedAvailability { availability, credits } = &judged.measured;
            let told = judged.state != CommitmentState::NotKnown;
            let attained = availability.attained().filter(|_| told);
            AvailabilityWindow {
                first_day: Date(judged.days.first),
                last_day: last_day(judged.days),
                measured_percent: attained.map(|share| Decimal(share.percent().to_string())),
                base: Duration(availability.base),
                allowed_downtime: Duration(availability.allowed),
                downtime: Duration(availability.downtime),
                state: Word(judged.state),
                segments: availability.segments.iter().cloned().map(Into::into).collect(),
                credits: credits
                    .iter()
                    .map(|earned| EarnedCredit { percent: Decimal(earned.credit.to_string()), why: earned.why.clone() })
                    .collect(),
            }
        };
        Self {
            clause: clause::availability(place),
            subject: line.subject.clone(),
            promised_percent: Decimal(line.percent.to_string()),
            state: Word(together(found.iter().map(|judged| judged.state))),
            windows: found.iter().map(window).collect(),
        }
    }
}

/// How a backup commitment came out.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct BackupOutcome {
    /// The clause.
    clause: String,
    /// Of what.
    subject: String,
    /// How it stands: not kept where one part is not, else as its interval.
    state: Word<CommitmentState>,
    /// The longest time between the beginnings of two good runs.
    interval: TimeOutcome,
    /// The shortest time that a good run is kept.
    retention: TimeOutcome,
    /// Whether every good run has a copy elsewhere. Null: not promised.
    off_site: Option<FlagOutcome>,
    /// The longest time between two good restores. Null: no trial restore is promised.
    restore_test: Option<TimeOutcome>,
    /// The longest time that a restore took. Null: not promised.
    restore_within: Option<TimeOutcome>,
    /// Good runs in the time.
    runs: i32,
    /// Runs that went wrong in the time.
    failed: i32,
}

/// A time that was promised, and what was measured.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct TimeOutcome {
    /// What is promised.
    promised: Duration,
    /// What was measured. Null: nothing was recorded to measure it by.
    measured: Option<Duration>,
    /// How it stands.
    state: Word<CommitmentState>,
}

/// Something that was promised or not, and whether it was so.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct FlagOutcome {
    /// Whether it was so. Null: nobody said.
    measured: Option<bool>,
    /// How it stands.
    state: Word<CommitmentState>,
}

impl From<Part<domain::Duration>> for TimeOutcome {
    fn from(part: Part<domain::Duration>) -> Self {
        Self { promised: Duration(part.promised), measured: part.measured.map(Duration), state: Word(part.state) }
    }
}

impl BackupOutcome {
    fn new(place: usize, line: &terms::BackupCommitment, found: Option<&Backups>) -> Self {
        let unknown = || Backups::unknown(line);
        let found = found.copied().unwrap_or_else(unknown);
        Self {
            clause: clause::backup(place),
            subject: line.subject.clone(),
            state: Word(found.state()),
            interval: found.interval.into(),
            retention: found.retention.into(),
            off_site: found.off_site.map(|part| FlagOutcome { measured: part.measured, state: Word(part.state) }),
            restore_test: found.restore_test.map(Into::into),
            restore_within: found.restore_within.map(Into::into),
            runs: count(found.runs),
            failed: count(found.failed),
        }
    }
}
