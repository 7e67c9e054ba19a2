//! What the provider's past holds of availability and of backups, over all of its agreements.

use std::collections::{HashMap, HashSet};

use remit_domain::{
    Duration, Timestamp,
    calendar::Calendar,
    commitment::{BackupRun, Fact, Measured, Outage, availability, gaps_of, windows},
    lifecycle::Life,
    span::{Span, Spans},
    terms::{AvailabilityCommitment, BackupCommitment, Sections},
    text::folded,
    time::later,
    words::FactKind,
};

use super::{App, Session, subjects};
use crate::{
    app::agreed::terms_at,
    store::{FactRecord, StoreError, TermsRecord, Uuid},
};

/// An agreement, and a subject as it is compared.
type Of = (Uuid, String);

/// The days that the past goes back (P1).
const YEAR_DAYS: i32 = 365;
/// The days before that, in which a window of a year may begin, and a gap between two backups.
const BEFORE_DAYS: i32 = 400;

/// What the past holds of some subjects.
#[derive(Debug, Default)]
pub(super) struct History {
    outages: HashMap<Of, Vec<Outage>>,
    /// The time of which it is known whether a subject was there.
    known: HashMap<Of, Spans>,
    runs: HashMap<Of, Vec<BackupRun>>,
    /// The time in which terms of an agreement were in force, looked at so far back.
    in_force: HashMap<Uuid, Spans>,
    /// The subjects of backups that terms in force promise.
    promised: HashSet<Of>,
}

/// The time that is looked at: a year, and what reaches into it.
fn looked_at(now: Timestamp, days: i32) -> Option<Span> {
    Span::new(later(now, Duration::ZERO.minus(Duration::from_hours(days * 24)))?, now)
}

impl History {
    /// Loads what the past holds of the subjects of some versions.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub(super) async fn load(app: &App, session: &Session, sections: &[&Sections]) -> Result<Self, StoreError> {
        let (available, backed_up) = subjects(sections);
        let Some(stretch) = looked_at(session.now, YEAR_DAYS + BEFORE_DAYS) else { return Ok(Self::default()) };
        let (store, scope) = (app.store(), &session.scope);
        let mut history = Self::default();
        for record in store.facts_about(scope, FactKind::Outage, &available, stretch).await? {
            history.add(record);
        }
        for record in store.facts_about(scope, FactKind::BackupRun, &backed_up, stretch).await? {
            history.add(record);
        }
        history.known = app.known_about(session, &available).await?;
        let agreements: HashSet<Uuid> = history.known.keys().chain(history.runs.keys()).map(|(id, _)| *id).collect();
        history.add_lives(app, session, agreements.into_iter().collect(), stretch).await?;
        Ok(history)
    }

    fn add(&mut self, record: FactRecord) {
        let of = (record.agreement_id, record.fact().key());
        match record.kept.fact {
            Fact::Outage(outage) => self.outages.entry(of).or_default().push(outage),
            Fact::BackupRun(run) => self.runs.entry(of).or_default().push(run),
            Fact::Measurement(_) => {}
        }
    }

    async fn add_lives(
        &mut self,
        app: &App,
        session: &Session,
        agreements: Vec<Uuid>,
        stretch: Span,
    ) -> Result<(), StoreError> {
        let found = app.store().agreements_with(&session.scope, agreements.iter().copied()).await?;
        let mut versions: HashMap<Uuid, Vec<TermsRecord>> = HashMap::new();
        for terms in app.store().versions(&session.scope, &agreements).await? {
            versions.entry(terms.agreement_id).or_default().push(terms);
        }
        let lives: HashMap<Uuid, Life> = app.lives(session, &found, &versions).await?;
        for (agreement, life) in lives {
            self.in_force.insert(agreement, life.in_force_within(None, stretch));
            let own = versions.get(&agreement).map_or(&[][..], Vec::as_slice);
            let backups = terms_at(own, &life, session.now).into_iter().flat_map(|terms| &terms.sections.backups);
            self.promised.extend(backups.map(|line| (agreement, folded(&line.subject))));
        }
        Ok(())
    }

    /// Whether an availability would have been kept in each whole window that ended in the last year, of all agreements of
    /// which it is known.
    pub(super) fn windows_kept(
        &self,
        commitment: &AvailabilityCommitment,
        calendar: &Calendar,
        now: Timestamp,
    ) -> Vec<bool> {
        let (about, nothing) = (folded(&commitment.subject), Spans::default());
        let Some(year) = looked_at(now, YEAR_DAYS) else { return Vec::new() };
        let all = windows(commitment.window, calendar, year, now);
        let ended: Vec<Span> = all
            .into_iter()
            .map(|(_, whole)| whole)
            .filter(|whole| year.from() < whole.to() && whole.to() <= now)
            .collect();
        let mut kept = Vec::new();
        for (of, known) in self.known.iter().filter(|((_, subject), _)| *subject == about) {
            let told = known.and(self.in_force.get(&of.0).unwrap_or(&nothing));
            let outages = self.outages.get(of).map_or(&[][..], Vec::as_slice);
            for whole in ended.iter().copied() {
                let part = Spans::from(Some(whole));
                if part.without(&told).is_empty() {
                    let found = availability(commitment, Measured { calendar, whole, part: &part, now }, outages);
                    kept.push(found.downtime <= found.allowed);
                }
            }
        }
        kept
    }

    /// The times between good backups that ended in the last year, of all agreements; and the times since the last ones,
    /// where terms in force promise more.
    pub(super) fn gaps(&self, commitment: &BackupCommitment, now: Timestamp) -> (Vec<Duration>, Vec<Duration>) {
        let about = folded(&commitment.subject);
        let (mut gaps, mut open) = (Vec::new(), Vec::new());
        let Some(year) = looked_at(now, YEAR_DAYS) else { return (gaps, open) };
        for (of, runs) in self.runs.iter().filter(|((_, subject), _)| *subject == about) {
            for span in self.in_force.get(&of.0).into_iter().flat_map(Spans::iter) {
                let Some(stretch) = span.common(year) else { continue };
                let within: Vec<BackupRun> = runs.iter().filter(|run| span.holds(run.started)).cloned().collect();
                let (between, since) = gaps_of(&within, stretch);
                gaps.extend(between);
                open.extend(since.filter(|_| span.to() >= now && self.promised.contains(of)));
            }
        }
        (gaps, open)
    }
}
