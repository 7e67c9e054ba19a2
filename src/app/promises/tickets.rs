//! What the provider's past tickets say of the promises of some versions.

use remit_domain::{
    Duration, Timestamp,
    promise::{Evidence, Promise, Promised, RecoveryRules, Scheme, TimedCase},
    terms::{RecoveryCommitment, Sections},
    text::Code,
    ticket::Ticket,
    time::later,
};

use super::{App, Catalogue, Session, own_calendar, schemes};
use crate::store::{StoreError, TicketRecord, TicketsOf};

/// The days that the past goes back (P1).
const YEAR_DAYS: i32 = 365;

/// The beginning of the past that promises are held against.
pub(super) fn year_before(now: Timestamp) -> Timestamp {
    days_before(now, YEAR_DAYS)
}

pub(super) fn days_before(at: Timestamp, days: i32) -> Timestamp {
    later(at, Duration::ZERO.minus(Duration::from_hours(days.saturating_mul(24)))).unwrap_or(at)
}

/// Cases of one version's promises.
#[derive(Debug)]
pub(super) struct TicketCases<'a> {
    /// The response times.
    pub(super) schemes: Vec<Scheme<'a>>,
    /// The components of each scheme's package.
    components: Vec<&'a [Code]>,
    /// Of each target of each scheme.
    milestones: Vec<Vec<Vec<TimedCase>>>,
    recovery: Vec<(&'a RecoveryCommitment, Option<RecoveryRules<'a>>, Vec<TimedCase>)>,
}

impl<'a> TicketCases<'a> {
    /// Before any ticket.
    pub(super) fn new(sections: &'a Sections, catalogue: &'a Catalogue) -> Self {
        let schemes = schemes(sections, catalogue);
        let line = |scheme: &Scheme<'_>| {
            let line = sections.services.iter().find(|line| Some(&line.service) == scheme.service);
            line.map_or(&[][..], |line| catalogue.components(line))
        };
        let components = schemes.iter().map(line).collect();
        let milestones = schemes.iter().map(|scheme| vec![Vec::new(); scheme.tier.targets().len()]).collect();
        let own = own_calendar(sections, catalogue);
        let waiting = schemes.iter().find(|scheme| scheme.service.is_none()).map_or(&[][..], |own| own.tier.waiting());
        let recovery = sections.recovery.iter().map(|line| {
            let rules = own.and_then(|calendar| RecoveryRules::new(line, waiting, calendar));
            (line, rules, Vec::new())
        });
        Self { components, milestones, recovery: recovery.collect(), schemes }
    }

    /// Whether tickets say anything of what the version promises.
    fn asks(&self) -> bool {
        self.recovery.iter().any(|(_, rules, _)| rules.is_some())
            || self.schemes.iter().any(|scheme| scheme.calendar.is_some() && !scheme.tier.targets().is_empty())
    }

    /// Adds a ticket to the cases of the promises that would have judged it: those of its service, else of the package that
    /// holds it, else of all others.
    fn add(&mut self, ticket: &Ticket, now: Timestamp) {
        let service = ticket.about.service.as_ref();
        let named = |scheme: &Scheme<'_>| scheme.service.is_some() && scheme.service == service;
        let holds = |components: &&[Code]| service.is_some_and(|service| components.contains(service));
        let place = self.schemes.iter().position(named).or_else(|| self.components.iter().position(holds));
        let place = place.or_else(|| self.schemes.iter().position(|scheme| scheme.service.is_none()));
        let scheme = place.and_then(|place| self.schemes.get(place).zip(self.milestones.get_mut(place)));
        if let Some((scheme, cases)) = scheme {
            scheme.add_cases(ticket, now, cases);
        }
        for (_, rules, cases) in &mut self.recovery {
            cases.extend(rules.as_ref().and_then(|rules| rules.case(ticket, now)));
        }
    }

    /// What tickets say of a promise.
    pub(super) fn evidence(&self, promise: &Promise<'_>) -> Evidence {
        let cases = match promise.what {
            Promised::Milestone { scheme, place, .. } => self.milestones.get(scheme).and_then(|of| of.get(place)),
            Promised::Recovery(line) => {
                self.recovery.iter().find(|(own, ..)| std::ptr::eq(*own, line)).map(|(_, _, cases)| cases)
            }
            Promised::Availability(_) | Promised::Backup(_) => None,
        };
        Evidence::of_times(cases.map_or(&[][..], Vec::as_slice), promise.attainment)
    }
}

impl App {
    /// Lets the provider's tickets of the last year speak of what some versions promise.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub(super) async fn add_ticket_cases(
        &self,
        session: &Session,
        cases: &mut [TicketCases<'_>],
    ) -> Result<(), StoreError> {
        if !cases.iter().any(TicketCases::asks) {
            return Ok(());
        }
        let from = year_before(session.now);
        self.each_ticket(session, &TicketsOf::default(), (from, session.now), |record| {
            let ticket = record.kept.ticket();
            cases.iter_mut().for_each(|cases| cases.add(&ticket, session.now));
        })
        .await
    }

    /// Reads through the tickets opened from an instant to another, included, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub(in crate::app) async fn each_ticket(
        &self,
        session: &Session,
        of: &TicketsOf,
        (from, to): (Timestamp, Timestamp),
        mut see: impl FnMut(&TicketRecord) + Send,
    ) -> Result<(), StoreError> {
        let mut last: Option<TicketRecord> = None;
        loop {
            let part = self.store().tickets_opened(&session.scope, of, from, last.as_ref()).await?;
            part.iter().filter(|ticket| ticket.kept.opened_at <= to).for_each(&mut see);
            match part.into_iter().last() {
                Some(ticket) if ticket.kept.opened_at <= to => last = Some(ticket),
                _ => return Ok(()),
            }
        }
    }
}
