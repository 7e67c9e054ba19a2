//! How the recovery commitments of versions came out over a stretch of time, by the tickets of their failures (Q10).

use std::collections::{BTreeSet, HashMap};

use remit_domain::{
    Duration,
    commitment::{Mending, Recovery, mending},
    promise::RecoveryRules,
    sla::clock::Suspended,
    span::Span,
    terms::{AgreedTerms, RecoveryCommitment},
    ticket::Ticket,
    time::later,
    words::CommitmentState,
};

use super::{App, ClockTerms, Session};
use crate::store::{StoreError, TermsRecord, TicketRecord, TicketsOf, Uuid};

/// The days before a stretch in which a failure was told of at the earliest that is mended in it.
const BEFORE_DAYS: i32 = 400;

/// How a recovery commitment came out.
#[derive(Clone, Debug)]
pub struct RecoveryReport {
    /// What became of the failures.
    pub recovery: Recovery,
    /// How the commitment stands.
    pub state: CommitmentState,
    /// The tickets of those that were mended too late, in the order of opening.
    pub missed: Vec<TicketRecord>,
}

/// A failure that a ticket tells of.
struct Told<'a> {
    record: &'a TicketRecord,
    ticket: Ticket,
    terms: &'a AgreedTerms,
    suspended: Vec<Suspended>,
}

impl<'a> Told<'a> {
    /// The version that the failure is judged by, and what is told; none: nothing was in force, or nothing is promised to who
    /// asks (S8, V10).
    fn of(record: &'a TicketRecord, terms: &'a ClockTerms) -> Option<(Uuid, Self)> {
        let in_force = terms.in_force(record)?;
        let ticket = record.kept.ticket();
        let suspended = terms.rules(record, &ticket)?.suspended;
        Some((in_force.record.id, Self { record, ticket, terms: in_force.terms, suspended }))
    }
}

impl App {
    /// How the recovery commitments of some versions came out over a stretch of time, each in the order of its section. The
    /// number of statements follows from that of tickets alone, some thousands to one.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn recovery_reports(
        &self,
        session: &Session,
        versions: &[&TermsRecord],
        stretch: Span,
    ) -> Result<HashMap<Uuid, Vec<RecoveryReport>>, StoreError> {
        let tickets = self.failures(session, versions, stretch).await?;
        let terms = self.clock_terms(session, tickets.iter()).await?;
        let mut told: HashMap<Uuid, Vec<Told<'_>>> = HashMap::new();
        for (version, one) in tickets.iter().filter_map(|record| Told::of(record, &terms)) {
            told.entry(version).or_default().push(one);
        }
        let reports = |terms: &&TermsRecord| {
            let told = told.get(&terms.id).map_or(&[][..], Vec::as_slice);
            let lines = terms.sections.recovery.iter().map(|line| reported(line, told, session, stretch));
            (terms.id, lines.collect())
        };
        Ok(versions.iter().map(reports).collect())
    }

    /// The tickets of the failures that some versions speak of, of which one may have been mended, or late, in a stretch.
    async fn failures(
        &self,
        session: &Session,
        versions: &[&TermsRecord],
        stretch: Span,
    ) -> Result<Vec<TicketRecord>, StoreError> {
        let promised: Vec<&RecoveryCommitment> = versions.iter().flat_map(|terms| &terms.sections.recovery).collect();
        if promised.is_empty() {
            return Ok(Vec::new());
        }
        let agreements: BTreeSet<Uuid> = versions.iter().map(|terms| terms.agreement_id).collect();
        let of =
            TicketsOf { agreements: agreements.into_iter().collect(), open_at: Some(stretch.from()), client: None };
        let before = Duration::ZERO.minus(Duration::from_hours(BEFORE_DAYS * 24));
        let from = later(stretch.from(), before).unwrap_or(stretch.from());
        let mut found = Vec::new();
        self.each_ticket(session, &of, (from, stretch.to().min(session.now)), |record| {
            let about = record.kept.about();
            if promised.iter().any(|line| line.is_about(&about)) {
                found.push(record.clone());
            }
        })
        .await?;
        Ok(found)
    }
}

/// How one commitment came out.
///
/// - `told`: the failures that its version judges.
fn reported(line: &RecoveryCommitment, told: &[Told<'_>], session: &Session, stretch: Span) -> RecoveryReport {
    let terms = told.first().map(|one| one.terms);
    let rules = terms.and_then(|terms| RecoveryRules::new(line, terms.tier.waiting(), &terms.calendar));
    let (mut recovery, mut missed) = (Recovery::default(), Vec::new());
    for (rules, one) in rules.iter().flat_map(|rules| told.iter().map(move |one| (rules, one))) {
        let Some(mending) = mending(rules, &one.ticket, &one.suspended, stretch, session.now) else { continue };
        recovery.add(mending);
        if let Mending::TooLate(_) = mending {
            missed.push(one.record.clone());
        }
    }
    RecoveryReport { state: recovery.state(stretch.to() <= session.now), recovery, missed }
}
