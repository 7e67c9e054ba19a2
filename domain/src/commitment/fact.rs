//! What was recorded, and what of it cannot be.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{BackupRun, Measurement, Outage};
use crate::{
    text::folded,
    words::{FactKind, RecordOutcome},
};

/// Something that was recorded and that commitments are held against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Fact {
    /// Something was not there.
    Outage(Outage),
    /// A backup or a restore ran.
    BackupRun(BackupRun),
    /// Something was measured.
    Measurement(Measurement),
}

/// Why something cannot have been so: the field holds an instant before the one it should follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be later than the beginning")]
pub struct FactError {
    /// The field that is at fault, within what is recorded.
    pub field: &'static [&'static str],
}

impl Fact {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> FactKind {
        match self {
            Self::Outage(_) => FactKind::Outage,
            Self::BackupRun(_) => FactKind::BackupRun,
            Self::Measurement(_) => FactKind::Measurement,
        }
    }

    /// What it is of, in the words of the terms: a subject or a metric.
    #[must_use]
    pub fn of(&self) -> &str {
        match self {
            Self::Outage(outage) => &outage.subject,
            Self::BackupRun(run) => &run.subject,
            Self::Measurement(measurement) => &measurement.metric,
        }
    }

    /// The same as it is compared.
    #[must_use]
    pub fn key(&self) -> String {
        folded(self.of())
    }

    /// When it began.
    #[must_use]
    pub fn begins(&self) -> Timestamp {
        match self {
            Self::Outage(outage) => outage.from,
            Self::BackupRun(run) => run.started,
            Self::Measurement(measurement) => measurement.from,
        }
    }

    /// When it ended; none: it has not, or has no end.
    #[must_use]
    pub fn ends(&self) -> Option<Timestamp> {
        match self {
            Self::Outage(outage) => outage.to,
            Self::BackupRun(run) => run.ended,
            Self::Measurement(measurement) => measurement.to,
        }
    }

    /// Holds its instants to each other. What is still to come is taken, and counts when it has come.
    ///
    /// # Errors
    /// [`FactError`] for an end before the beginning.
    pub fn check(&self) -> Result<(), FactError> {
        let (begins, ends) = (self.begins(), self.ends());
        // A run may be over within the clock's step; what has no length otherwise was not.
        let ends_before =
            |ends: Timestamp| if matches!(self, Self::BackupRun(_)) { ends < begins } else { ends <= begins };
        let wrong: Option<&'static [&'static str]> = match self {
            Self::Measurement(_) if ends.is_some_and(ends_before) => Some(&["to"]),
            _ if ends.is_some_and(ends_before) => Some(&["endedAt"]),
            Self::Outage(Outage { maintenance: Some(planned), .. }) if planned.until <= planned.from => {
                Some(&["maintenance", "until"])
            }
            Self::BackupRun(run) if run.kept_until.is_some_and(|kept| kept < begins) => Some(&["keptUntil"]),
            _ => None,
        };
        wrong.map_or(Ok(()), |field| Err(FactError { field }))
    }
}

/// The newest version of a fact, as its source told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What it was.
    pub fact: Fact,
    /// The source's time of this version; none: the source gives none.
    pub changed_at: Option<Timestamp>,
    /// Whether it is there no more.
    pub deleted: bool,
}

/// What one more version of a fact comes to, and what is to be kept from then on; none: nothing else than before.
///
/// A version that is older than the one that is kept changes nothing; without the source's time, what arrives last is the
/// newest. So any order and any repetition comes to the same. A deletion is kept too, or an older version that comes late
/// would bring back what is gone.
#[must_use]
pub fn take(kept: Option<&Kept>, coming: Kept) -> (RecordOutcome, Option<Kept>) {
    let is_there = kept.is_some_and(|kept| !kept.deleted);
    let is_older = kept.and_then(|kept| kept.changed_at).zip(coming.changed_at).is_some_and(|(kept, at)| at < kept);
    if is_older {
        return (RecordOutcome::Unchanged, None);
    }
    let coming = Kept { changed_at: coming.changed_at.max(kept.and_then(|kept| kept.changed_at)), ..coming };
    let outcome = match (is_there, coming.deleted) {
        (true, true) => RecordOutcome::Deleted,
        (false, true) => RecordOutcome::Unchanged,
        (false, false) => RecordOutcome::Created,
        (true, false) if kept.is_some_and(|kept| kept.fact == coming.fact) => RecordOutcome::Unchanged,
        (true, false) => RecordOutcome::Updated,
    };
    // Of what is gone, what it was does not matter.
    let is_same = outcome == RecordOutcome::Unchanged && kept.is_some_and(|kept| kept.changed_at == coming.changed_at);
    let is_nothing = kept.is_none() && coming.deleted && coming.changed_at.is_none();
    (outcome, (!is_same && !is_nothing).then_some(coming))
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;
    use crate::{
        commitment::Maintenance,
        words::{BackupRunKind, ComponentClass},
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("instant")
    }

    fn version(changed_at: Option<i64>, minutes: i64, deleted: bool) -> Kept {
        let outage = Outage {
            subject: "Mail".into(),
            from: at(0),
            to: Some(at(60 * minutes)),
            member: None,
            cause: None,
            maintenance: None,
        };
        Kept { fact: Fact::Outage(outage), changed_at: changed_at.map(at), deleted }
    }

    #[test]
    fn the_newest_version_is_kept() {
        use RecordOutcome::{Created, Deleted, Unchanged, Updated};
        let mut kept: Option<Kept> = None;
        for (coming, expected) in [
            (version(None, 1, true), Unchanged),
            (version(Some(10), 1, false), Created),
            (version(Some(10), 1, false), Unchanged),
            (version(Some(9), 2, false), Unchanged),
            (version(Some(11), 2, false), Updated),
            (version(None, 3, false), Updated),
            (version(Some(10), 4, false), Unchanged),
            (version(Some(12), 4, true), Deleted),
            (version(Some(12), 4, true), Unchanged),
            (version(Some(11), 5, false), Unchanged),
            (version(Some(13), 5, false), Created),
            (version(Some(5), 5, true), Unchanged),
        ] {
            let (outcome, next) = take(kept.as_ref(), coming.clone());
            assert_eq!(outcome, expected, "{coming:?}");
            kept = next.or(kept);
        }
        assert_eq!(kept, Some(version(Some(13), 5, false)));
    }

    proptest! {
        #[test]
        fn any_order_and_any_repetition_come_to_the_same(
            versions in vec((1_i64..5, any::<bool>()), 1..7), order in vec(any::<prop::sample::Index>(), 0..20),
        ) {
            // Each version has a time of its own.
            let versions: Vec<Kept> =
                versions.iter().zip(1..).map(|((minutes, deleted), time)| version(Some(time), *minutes, *deleted)).collect();
            let all = |mut order: Vec<Kept>| {
                let mut kept = None;
                for coming in order.drain(..) {
                    kept = take(kept.as_ref(), coming).1.or(kept);
                }
                kept
            };
            let mut shuffled: Vec<Kept> = order.iter().map(|place| place.get(&versions).clone()).collect();
            shuffled.extend(versions.iter().rev().cloned());
            let (straight, other) = (all(versions.clone()), all(shuffled));
            prop_assert_eq!(straight, other);
        }
    }

    #[test]
    fn nothing_ends_before_it_began() {
        let planned = |until| Some(Maintenance { announced_at: None, from: at(5), until: at(until) });
        let outage = |to, until| {
            let (member, cause, maintenance) = (None, None, planned(until));
            Fact::Outage(Outage { subject: "Mail".into(), from: at(5), to, member, cause, maintenance })
        };
        let run = |ended, kept_until| {
            let (kind, outcome, off_site) = (BackupRunKind::Backup, None, None);
            let subject = "Servers".into();
            Fact::BackupRun(BackupRun { subject, kind, started: at(5), ended, outcome, off_site, kept_until })
        };
        let measured = |to| {
            let (component, value) = (ComponentClass::Hardware, rust_decimal::Decimal::ONE);
            let (metric, unit) = ("uptime".into(), "%".into());
            Fact::Measurement(Measurement { component, metric, value, unit, from: at(5), to })
        };
        for (fact, field) in [
            (outage(Some(at(6)), 6), None),
            (outage(None, 6), None),
            (outage(Some(at(5)), 6), Some(&["endedAt"][..])),
            (outage(None, 5), Some(&["maintenance", "until"][..])),
            (run(Some(at(5)), Some(at(5))), None),
            (run(Some(at(4)), None), Some(&["endedAt"][..])),
            (run(None, Some(at(4))), Some(&["keptUntil"][..])),
            (measured(Some(at(6))), None),
            (measured(Some(at(5))), Some(&["to"][..])),
        ] {
            assert_eq!(fact.check().err().map(|error| error.field), field, "{fact:?}");
            let text = serde_json::to_string(&fact).expect("text");
            assert_eq!(serde_json::from_str::<Fact>(&text).expect("fact"), fact, "{text}");
        }
    }
}
