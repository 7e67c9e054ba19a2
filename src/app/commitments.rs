//! How the commitments of versions came out over a stretch of time (Q7–Q9), recovery apart.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use remit_domain::{
    Duration,
    calendar::Calendar,
    commitment::{
        Asked, BackupRun, Backups, Fact, Judged, JudgedAvailability, Measurement, Outage, Performance,
        availability_outcome, backup_outcome, performance_outcome,
    },
    span::{Span, Spans},
    terms::Pin,
    text::folded,
    time::later,
};

use super::{App, Catalogue, Session, known::Of};
use crate::store::{StoreError, TermsRecord, Uuid};

/// The days before a stretch in which what reaches into it may have begun: a window of a year, and a gap between two runs.
const BEFORE_DAYS: i32 = 400;
/// The most days that a window has.
const WINDOW_DAYS: i32 = 366;

/// How the commitments of a version came out, each in the order of its section.
#[derive(Clone, Debug)]
pub struct CommitmentReport {
    /// Performance expectations, window by window.
    pub performance: Vec<Vec<Judged<Performance>>>,
    /// Availability commitments, window by window.
    pub availability: Vec<Vec<Judged<JudgedAvailability>>>,
    /// Backup commitments; none where the terms were not in force.
    pub backups: Vec<Option<Backups>>,
}

/// What was recorded of one agreement.
#[derive(Debug, Default)]
struct Recorded {
    outages: HashMap<String, Vec<Outage>>,
    runs: HashMap<String, Vec<BackupRun>>,
    measurements: Vec<Measurement>,
}

impl App {
    /// How the commitments of some versions came out over a stretch of time, with a constant number of statements.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn commitment_reports(
        &self,
        session: &Session,
        versions: &[&TermsRecord],
        stretch: Span,
    ) -> Result<HashMap<Uuid, CommitmentReport>, StoreError> {
        let agreements: HashSet<Uuid> = versions.iter().map(|terms| terms.agreement_id).collect();
        let agreements: Vec<Uuid> = agreements.into_iter().collect();
        let sections: Vec<_> = versions.iter().map(|terms| &*terms.sections).collect();
        let catalogue = self.catalogue(session, &sections).await?;
        let known = self.known_of(session, &agreements).await?;
        let looked = looked_at(versions, stretch);
        let recorded = self.recorded(session, &agreements, looked).await?;
        let in_force = self.in_force(session, versions, &agreements, looked).await?;
        let nothing = Recorded::default();
        let report = |terms: &&TermsRecord| {
            let asked = Asked { stretch, now: session.now, in_force: in_force.get(&terms.id)? };
            let recorded = recorded.get(&terms.agreement_id).unwrap_or(&nothing);
            Some((terms.id, reported(terms, &catalogue, asked, recorded, &known)))
        };
        Ok(versions.iter().filter_map(report).collect())
    }

    /// What was recorded of some agreements, by subject.
    async fn recorded(
        &self,
        session: &Session,
        agreements: &[Uuid],
        looked: Span,
    ) -> Result<HashMap<Uuid, Recorded>, StoreError> {
        let mut recorded: HashMap<Uuid, Recorded> = HashMap::new();
        for record in self.store().facts_of(&session.scope, agreements, looked).await? {
            let (about, of) = (record.fact().key(), recorded.entry(record.agreement_id).or_default());
            match record.kept.fact {
                Fact::Outage(outage) => of.outages.entry(about).or_default().push(outage),
                Fact::BackupRun(run) => of.runs.entry(about).or_default().push(run),
                Fact::Measurement(measurement) => of.measurements.push(measurement),
            }
        }
        Ok(recorded)
    }

    /// The time in which each of some versions is in force.
    async fn in_force(
        &self,
        session: &Session,
        versions: &[&TermsRecord],
        agreements: &[Uuid],
        looked: Span,
    ) -> Result<HashMap<Uuid, Spans>, StoreError> {
        let found = self.store().agreements_with(&session.scope, agreements.iter().copied()).await?;
        let mut siblings: HashMap<Uuid, Vec<TermsRecord>> = HashMap::new();
        for terms in self.store().versions(&session.scope, agreements).await? {
            siblings.entry(terms.agreement_id).or_default().push(terms);
        }
        let lives = self.lives(session, &found, &siblings).await?;
        // Also what of the windows is still to come.
        let until = later(looked.to(), Duration::from_hours(WINDOW_DAYS * 24)).unwrap_or(looked.to());
        let within = Span::new(looked.from(), until).unwrap_or(looked);
        let of = |terms: &&TermsRecord| {
            let life = lives.get(&terms.agreement_id);
            (terms.id, life.map(|life| life.in_force_within(Some(terms.version.number), within)).unwrap_or_default())
        };
        Ok(versions.iter().map(of).collect())
    }
}

/// The time whose facts can matter: the stretch, what reaches into it, and the windows that triggers of credits look at.
fn looked_at(versions: &[&TermsRecord], stretch: Span) -> Span {
    let triggers =
        versions.iter().flat_map(|terms| &terms.sections.availability).flat_map(|line| &line.credit_triggers);
    let windows = triggers.map(|trigger| trigger.within_periods.get()).max().unwrap_or(1) - 1;
    let windows = i32::try_from(windows).unwrap_or(i32::MAX);
    let days = BEFORE_DAYS.saturating_add(windows.saturating_mul(WINDOW_DAYS)).min(100 * WINDOW_DAYS);
    let before = later(stretch.from(), Duration::ZERO.minus(Duration::from_hours(days * 24)));
    let after = later(stretch.to(), Duration::from_hours(WINDOW_DAYS * 24));
    Span::new(before.unwrap_or(stretch.from()), after.unwrap_or(stretch.to())).unwrap_or(stretch)
}

fn reported(
    terms: &TermsRecord,
    catalogue: &Catalogue,
    asked: Asked<'_>,
    recorded: &Recorded,
    known: &HashMap<Of, Spans>,
) -> CommitmentReport {
    let (sections, nothing) = (&terms.sections, Spans::default());
    let calendar = |pin: Option<&Pin>| -> Option<&Arc<Calendar>> { catalogue.compiled(pin?) };
    let own = calendar(sections.calendar.as_ref());
    let performance = sections
        .performance
        .iter()
        .map(|line| own.map(|own| performance_outcome(line, own, asked, &recorded.measurements)).unwrap_or_default());
    let availability = sections.availability.iter().map(|line| {
        let about = folded(&line.subject);
        let outages = recorded.outages.get(&about).map_or(&[][..], Vec::as_slice);
        let known = known.get(&(terms.agreement_id, about)).unwrap_or(&nothing);
        let hours = calendar(line.formula.calendar.as_ref()).or(own);
        hours.map(|hours| availability_outcome(line, hours, asked, outages, known)).unwrap_or_default()
    });
    let backups = sections.backups.iter().map(|line| {
        let runs = recorded.runs.get(&folded(&line.subject)).map_or(&[][..], Vec::as_slice);
        backup_outcome(line, asked, runs)
    });
    CommitmentReport {
        performance: performance.collect(),
        availability: availability.collect(),
        backups: backups.collect(),
    }
}
