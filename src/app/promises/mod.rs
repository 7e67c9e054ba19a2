//! Whether what is promised can be kept, by the provider's own past (P1–P4).

mod history;
mod rehearse;
mod tickets;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use remit_domain::{
    Timestamp,
    calendar::Calendar,
    promise::{CheckedPromise, Circumstances, Evidence, Promise, Promised, Scheme, Staffing, judge, overall, promises},
    terms::Sections,
    text::folded,
    words::{PromiseStrength, PromiseVerdict},
};

use super::{App, Catalogue, Failure, Outcome, Session, UserError, UserErrorCode};
use crate::store::{Handle, OverpromiseRecord, OverpromisedClause, StoreError, TermsRecord, Uuid};
use history::History;
pub use rehearse::{AskRehearsal, Rehearsed, RehearsedLine, RehearsedMonth};
use tickets::TicketCases;

/// What a version promises beside what the past shows.
#[derive(Clone, Debug)]
pub struct PromiseCheck {
    /// What all promises come to together.
    pub verdict: PromiseVerdict,
    /// The promises, in the order of their clauses.
    pub promises: Vec<CheckedPromise>,
}

impl App {
    /// Holds what some versions promise against the provider's own past, with a constant number of statements.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn promise_checks(
        &self,
        session: &Session,
        versions: &[&TermsRecord],
    ) -> Result<HashMap<Uuid, PromiseCheck>, StoreError> {
        let sections: Vec<&Sections> = versions.iter().map(|terms| &*terms.sections).collect();
        let catalogue = self.catalogue(session, &sections).await?;
        let history = History::load(self, session, &sections).await?;
        let mut cases: Vec<TicketCases<'_>> =
            sections.iter().map(|sections| TicketCases::new(sections, &catalogue)).collect();
        self.add_ticket_cases(session, &mut cases).await?;
        let staffed: Vec<_> = self.store().staffed_calendars(&session.scope).await?;
        let staffed: Vec<_> = staffed.iter().map(|record| self.calendar(record)).collect();
        let check = |(terms, tickets): (&&TermsRecord, &TicketCases<'_>)| {
            let own = own_calendar(&terms.sections, &catalogue);
            let first = terms.term.from.and_then(|first| own.map(|calendar| calendar.start_of(first)));
            let from = first.unwrap_or(session.now).max(session.now);
            let staffing = Staffing::new(staffed.iter().map(|calendar| &**calendar), from);
            let (staffing, catalogue) = (staffing.as_ref(), &catalogue);
            let past = Past { history: &history, tickets, staffing, catalogue, now: session.now };
            (terms.id, past.check(&terms.sections))
        };
        Ok(versions.iter().zip(&cases).map(check).collect())
    }

    /// What the offer of an agreement guarantees beyond what the past supports, with the version it is about; none where
    /// nothing stands offered.
    pub(super) async fn overpromised(
        &self,
        session: &Session,
        agreement: &Handle,
    ) -> Result<Option<(Uuid, Vec<CheckedPromise>)>, StoreError> {
        let found = self.store().find_agreements(&session.scope, std::slice::from_ref(agreement)).await?;
        let ids: Vec<Uuid> = found.values().map(|agreement| agreement.id).collect();
        let versions = self.store().versions(&session.scope, &ids).await?;
        let offered = versions.iter().find(|terms| terms.version.stage.is_offered());
        let Some(terms) = offered else { return Ok(None) };
        let mut checked = self.promise_checks(session, &[terms]).await?.remove(&terms.id).map(|check| check.promises);
        let promises = checked.get_or_insert_default();
        promises.retain(|promise| {
            promise.strength == PromiseStrength::Guarantee && promise.verdict == PromiseVerdict::Overpromised
        });
        Ok(Some((terms.id, std::mem::take(promises))))
    }
}

/// That an offer is accepted although it guarantees more than the past supports; none where it does not.
///
/// # Errors
/// Refused, once for each such guarantee, where no reason is given.
pub(super) fn accepted(
    session: &Session,
    terms: Uuid,
    promises: Vec<CheckedPromise>,
    reason: Option<String>,
) -> Outcome<Option<OverpromiseRecord>> {
    let refusal = |promise: &CheckedPromise| {
        let text = format!("{} {}: {}", promise.clause, promise.text, promise.reason);
        UserError::new(UserErrorCode::Overpromised, &["input", "acceptOverpromise"], text)
    };
    let Some(reason) = reason.filter(|_| !promises.is_empty()) else {
        let refused: Vec<UserError> = promises.iter().map(refusal).collect();
        return if refused.is_empty() { Ok(None) } else { Err(Failure::Refused(refused)) };
    };
    let clause = |CheckedPromise { clause, text: promise, reason, .. }| OverpromisedClause { clause, promise, reason };
    Ok(Some(OverpromiseRecord {
        terms_id: terms,
        reason,
        said_by: session.caller.subject().to_owned(),
        at: session.now,
        promises: promises.into_iter().map(clause).collect(),
    }))
}

/// The response times of a version: its own, and those of each service that has a tier or hours of its own.
fn schemes<'a>(sections: &'a Sections, catalogue: &'a Catalogue) -> Vec<Scheme<'a>> {
    let tier = |pin| catalogue.tier(pin).map(|record| &*record.tier);
    let calendar = |pin| catalogue.compiled(pin).map(|calendar| &**calendar);
    let own_tier = sections.tier.as_ref().and_then(tier);
    let own_calendar = sections.calendar.as_ref().and_then(calendar);
    let pins = catalogue.target_calendars(sections);
    let target_calendars = pins.iter().filter_map(|pin| Some((pin.code.clone(), Arc::clone(catalogue.compiled(pin)?))));
    let target_calendars: BTreeMap<_, _> = target_calendars.collect();
    let scheme =
        |service, tier, calendar| Scheme { service, tier, calendar, target_calendars: target_calendars.clone() };
    let own = own_tier.map(|tier| scheme(None, tier, own_calendar));
    let lines = sections.services.iter().filter(|line| line.tier.is_some() || line.calendar.is_some());
    let of_lines = lines.filter_map(|line| {
        let tier = line.tier.as_ref().and_then(tier).or(own_tier)?;
        let calendar = line.calendar.as_ref().and_then(calendar).or(own_calendar);
        Some(scheme(Some(&line.service), tier, calendar))
    });
    own.into_iter().chain(of_lines).collect()
}

fn own_calendar<'a>(sections: &Sections, catalogue: &'a Catalogue) -> Option<&'a Calendar> {
    sections.calendar.as_ref().and_then(|pin| catalogue.compiled(pin)).map(|calendar| &**calendar)
}

/// What promises are held against.
struct Past<'a> {
    history: &'a History,
    tickets: &'a TicketCases<'a>,
    staffing: Option<&'a Staffing>,
    catalogue: &'a Catalogue,
    now: Timestamp,
}

impl Past<'_> {
    fn check(&self, sections: &Sections) -> PromiseCheck {
        let schemes = &self.tickets.schemes;
        let own = own_calendar(sections, self.catalogue);
        let promised = promises(sections, schemes);
        let checked = promised.iter().map(|promise| {
            let (evidence, mut known) = self.evidence(promise, own);
            let hours = match promise.what {
                Promised::Milestone { scheme, target, .. } => schemes.get(scheme).and_then(|s| s.hours_of(target)),
                _ => own,
            };
            let clock = promise.worked_clock();
            known.unstaffed = self.staffing.zip(clock).and_then(|(staffing, clock)| staffing.first_gap(clock, hours));
            judge(promise, evidence, &known)
        });
        let promises: Vec<CheckedPromise> = checked.collect();
        PromiseCheck { verdict: overall(&promises), promises }
    }

    /// The cases of a promise, and what a case is.
    fn evidence(&self, promise: &Promise<'_>, own: Option<&Calendar>) -> (Evidence, Circumstances) {
        let known = |cases, untold: String| Circumstances { cases, untold: Some(untold), unstaffed: None };
        match promise.what {
            Promised::Milestone { .. } | Promised::Recovery(_) => {
                let known = Circumstances { cases: "tickets", ..Circumstances::default() };
                (self.tickets.evidence(promise), known)
            }
            Promised::Availability(commitment) => {
                let pin = commitment.formula.calendar.as_ref();
                let hours = pin.and_then(|pin| self.catalogue.compiled(pin)).map(|calendar| &**calendar).or(own);
                let Some(hours) = hours else {
                    return (Evidence::default(), known("windows", "The terms name no calendar yet.".into()));
                };
                let untold = format!(
                    "Of no whole window of the last 365 days is it known whether {} was there: record outages, and say with \
                     watchSubject since when somebody watches.",
                    commitment.subject
                );
                let cases = self.history.windows_kept(commitment, hours, self.now);
                (Evidence::of_cases(cases.into_iter()), known("windows", untold))
            }
            Promised::Backup(commitment) => {
                let (gaps, open) = self.history.gaps(commitment, self.now);
                let untold = format!("No run of a backup of {} was recorded in the last 365 days.", commitment.subject);
                let evidence = Evidence::of_gaps(&gaps, &open, commitment.every, promise.attainment);
                (evidence, known("intervals", untold))
            }
        }
    }
}

/// The subjects that some versions promise something of, as they are compared: of availability, and of backups.
fn subjects(sections: &[&Sections]) -> (Vec<String>, Vec<String>) {
    let of = |texts: &mut dyn Iterator<Item = &String>| -> Vec<String> {
        texts.map(|text| folded(text)).collect::<BTreeSet<_>>().into_iter().collect()
    };
    let availability = of(&mut sections.iter().flat_map(|s| &s.availability).map(|line| &line.subject));
    let backups = of(&mut sections.iter().flat_map(|s| &s.backups).map(|line| &line.subject));
    (availability, backups)
}
