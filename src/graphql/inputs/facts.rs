//! What happened, as its source tells it.

use async_graphql::InputObject;
use remit_domain::{
    commitment::{BackupRun, Fact, Maintenance, Measurement, Outage},
    decimal, text,
    words::{BackupRunKind, ComponentClass, RunOutcome},
};

use super::{ExternalRefInput, REFERENCE_MAX, Ref, handle, name, optional};
use crate::{
    app::{FactItem, Problems, RecordFact, UserErrorCode, WatchSubject},
    graphql::{
        ids::Kind,
        scalars::{DateTime, Decimal},
        words::Word,
    },
    store::ExternalRef,
};

/// A version of what happened, with what all kinds have in common.
pub(crate) trait FactInput {
    /// What its source calls it.
    fn reference(&self) -> ExternalRef;

    /// What it says.
    fn read(self, p: &mut Problems) -> Option<RecordFact>;
}

/// Reads a list at a field item by item, each with its own problems.
pub(crate) fn items<T: FactInput>(field: &str, list: Vec<T>) -> Vec<FactItem> {
    let read = |(place, input): (usize, T)| {
        let reference = input.reference();
        let mut problems = Problems::of("input");
        let (path, read) = problems.at(field, |p| p.at(place, |p| (p.path().clone(), input.read(p))));
        FactItem { reference, path, read: problems.finish(read) }
    };
    list.into_iter().enumerate().map(read).collect()
}

/// What every version says beside the fact itself.
struct Version {
    reference: ExternalRefInput,
    agreement: Ref,
    changed_at: Option<DateTime>,
    deleted: Option<bool>,
}

impl Version {
    fn read(self, p: &mut Problems, fact: Option<Fact>) -> Option<RecordFact> {
        let ExternalRefInput { system, id } = self.reference;
        let system = p.at("ref", |p| p.take("system", text::named(&system, REFERENCE_MAX)).map(|()| system));
        let id = p.at("ref", |p| p.take("id", text::named(&id, REFERENCE_MAX)).map(|()| id));
        let agreement = p.at("agreement", |p| handle(p, self.agreement, Kind::Agreement));
        let fact = fact.filter(|fact| match fact.check() {
            Ok(()) => true,
            Err(error) => {
                refuse_at(p, error.field, &error.to_string());
                false
            }
        });
        Some(RecordFact {
            reference: ExternalRef { system: system?, id: id? },
            agreement: agreement?,
            fact: fact?,
            changed_at: self.changed_at.map(|at| at.0),
            deleted: self.deleted.unwrap_or_default(),
        })
    }
}

fn refuse_at(p: &mut Problems, field: &[&str], text: &str) {
    match field {
        [] => p.refuse(UserErrorCode::Invalid, text),
        [first, rest @ ..] => p.at(first, |p| refuse_at(p, rest, text)),
    }
}

fn external(reference: &ExternalRefInput) -> ExternalRef {
    ExternalRef { system: reference.system.clone(), id: reference.id.clone() }
}

/// Outages, as their source tells them.
#[derive(Debug, InputObject)]
pub(crate) struct RecordOutagesInput {
    /// The outages, at most 500.
    pub(crate) outages: Vec<OutageInput>,
}

/// A time in which something was not there. It is told as a whole: what is left out is not so.
#[derive(Debug, InputObject)]
pub(crate) struct OutageInput {
    /// What its source calls it.
    r#ref: ExternalRefInput,
    /// The agreement.
    agreement: Ref,
    /// What was not there, as the terms name it; capitals and blanks make no difference.
    subject: String,
    /// Of something of several members, which. Left out: all of it.
    member: Option<String>,
    /// Why, in the words of the terms where they excuse it.
    cause: Option<String>,
    /// Since when.
    started_at: DateTime,
    /// The first instant at which it was there again. Left out: it is still not.
    ended_at: Option<DateTime>,
    /// The maintenance that it is part of.
    maintenance: Option<MaintenanceInput>,
    /// The source's time of this version: an older one than is kept changes nothing. Left out: the last to arrive is the
    /// newest.
    changed_at: Option<DateTime>,
    /// Whether it is there no more: it was recorded by mistake.
    deleted: Option<bool>,
}

/// Maintenance as it was planned. What an outage lasts beyond it is no maintenance.
#[derive(Debug, InputObject)]
pub(crate) struct MaintenanceInput {
    /// When it was announced. Left out: it was not.
    announced_at: Option<DateTime>,
    /// When it was to begin.
    from: DateTime,
    /// When it was to end.
    until: DateTime,
}

impl FactInput for OutageInput {
    fn reference(&self) -> ExternalRef {
        external(&self.r#ref)
    }

    fn read(self, p: &mut Problems) -> Option<RecordFact> {
        let subject = name(p, "subject", self.subject);
        let member = optional(self.member, |member| name(p, "member", member));
        let cause = optional(self.cause, |cause| name(p, "cause", cause));
        let planned = |planned: MaintenanceInput| Maintenance {
            announced_at: planned.announced_at.map(|at| at.0),
            from: planned.from.0,
            until: planned.until.0,
        };
        let (from, to) = (self.started_at.0, self.ended_at.map(|at| at.0));
        let maintenance = self.maintenance.map(planned);
        let read = || Some(Outage { subject: subject?, from, to, member: member?, cause: cause?, maintenance });
        let (changed_at, deleted) = (self.changed_at, self.deleted);
        let fact = read().map(Fact::Outage);
        Version { reference: self.r#ref, agreement: self.agreement, changed_at, deleted }.read(p, fact)
    }
}

/// Runs of backups and restores, as their source tells them.
#[derive(Debug, InputObject)]
pub(crate) struct RecordBackupRunsInput {
    /// The runs, at most 500.
    pub(crate) runs: Vec<BackupRunInput>,
}

/// A run of a backup or of a restore. It is told as a whole: what is left out is not so.
#[derive(Debug, InputObject)]
pub(crate) struct BackupRunInput {
    /// What its source calls it.
    r#ref: ExternalRefInput,
    /// The agreement.
    agreement: Ref,
    /// Of what, as the terms name it; capitals and blanks make no difference.
    subject: String,
    /// What it was for.
    #[graphql(default_with = "Word(BackupRunKind::Backup)")]
    kind: Word<BackupRunKind>,
    /// When it began: a backup holds the data of this instant.
    started_at: DateTime,
    /// When it was over.
    ended_at: Option<DateTime>,
    /// How it came out. Left out: it is not over.
    outcome: Option<Word<RunOutcome>>,
    /// Whether a copy is kept elsewhere.
    off_site: Option<bool>,
    /// Until when it is kept.
    kept_until: Option<DateTime>,
    /// The source's time of this version: an older one than is kept changes nothing. Left out: the last to arrive is the
    /// newest.
    changed_at: Option<DateTime>,
    /// Whether it is there no more: it was recorded by mistake.
    deleted: Option<bool>,
}

impl FactInput for BackupRunInput {
    fn reference(&self) -> ExternalRef {
        external(&self.r#ref)
    }

    fn read(self, p: &mut Problems) -> Option<RecordFact> {
        let run = name(p, "subject", self.subject).map(|subject| BackupRun {
            subject,
            kind: self.kind.0,
            started: self.started_at.0,
            ended: self.ended_at.map(|at| at.0),
            outcome: self.outcome.map(|outcome| outcome.0),
            off_site: self.off_site,
            kept_until: self.kept_until.map(|at| at.0),
        });
        let (changed_at, deleted) = (self.changed_at, self.deleted);
        let fact = run.map(Fact::BackupRun);
        Version { reference: self.r#ref, agreement: self.agreement, changed_at, deleted }.read(p, fact)
    }
}

/// Measured values, as their source tells them.
#[derive(Debug, InputObject)]
pub(crate) struct RecordMeasurementsInput {
    /// The values, at most 500.
    pub(crate) measurements: Vec<MeasurementInput>,
}

/// One measured value. It is told as a whole: what is left out is not so.
#[derive(Debug, InputObject)]
pub(crate) struct MeasurementInput {
    /// What its source calls it.
    r#ref: ExternalRefInput,
    /// The agreement.
    agreement: Ref,
    /// The kind of thing.
    component: Word<ComponentClass>,
    /// What was measured, as the terms name it; capitals and blanks make no difference.
    metric: String,
    /// The value.
    value: Decimal,
    /// Its unit, as the terms name it.
    unit: String,
    /// When, or since when: a value belongs to the window that this lies in.
    from: DateTime,
    /// The first instant that it does not speak of. Left out: it speaks of one instant.
    to: Option<DateTime>,
    /// The source's time of this version: an older one than is kept changes nothing. Left out: the last to arrive is the
    /// newest.
    changed_at: Option<DateTime>,
    /// Whether it is there no more: it was recorded by mistake.
    deleted: Option<bool>,
}

impl FactInput for MeasurementInput {
    fn reference(&self) -> ExternalRef {
        external(&self.r#ref)
    }

    fn read(self, p: &mut Problems) -> Option<RecordFact> {
        let metric = name(p, "metric", self.metric);
        let value = p.take("value", decimal::parse(&self.value.0));
        let unit = name(p, "unit", self.unit);
        let (component, from, to) = (self.component.0, self.from.0, self.to.map(|at| at.0));
        let read = || Some(Measurement { component, metric: metric?, value: value?, unit: unit?, from, to });
        let (changed_at, deleted) = (self.changed_at, self.deleted);
        let fact = read().map(Fact::Measurement);
        Version { reference: self.r#ref, agreement: self.agreement, changed_at, deleted }.read(p, fact)
    }
}

/// Since when somebody watches whether something is there.
#[derive(Debug, InputObject)]
pub(crate) struct WatchSubjectInput {
    /// The agreement.
    agreement: Ref,
    /// What, as the terms name it; capitals and blanks make no difference.
    subject: String,
    /// Since when: a window from then on without outages is one in which it was there.
    since: DateTime,
    /// The first instant at which nobody does any more. Left out: somebody still does.
    until: Option<DateTime>,
}

impl WatchSubjectInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<WatchSubject> {
        let agreement = p.at("agreement", |p| handle(p, self.agreement, Kind::Agreement));
        let subject = name(p, "subject", self.subject);
        let (since, until) = (self.since.0, self.until.map(|at| at.0));
        Some(WatchSubject { agreement: agreement?, subject: subject?, since, until })
    }
}
