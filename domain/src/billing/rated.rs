//! The entries of one period, rated (R0–R5).

use std::collections::HashMap;

use super::{Account, Charge, Entry, Ground, Lot, Period, PoolLine, charge, lots};
use crate::{
    coverage::{WorkCover, WorkSubject, cover_work},
    rating::{Fee, Prices, Rated, Urgency, Work, rate},
    terms::{AgreedTerms, ExtraHours},
    text::Code,
    words::{ComponentClass, CoverageVerdict, EntryBilling, FailureScenario, RoundingAggregate},
};

/// One period, rated.
#[derive(Debug)]
pub struct RatedPeriod {
    /// For each piece of work that was rated, the place of its entry; segments name pieces of work.
    pub entries: Vec<usize>,
    /// For each piece of work, by which terms it was rated.
    pub grounds: Vec<Ground>,
    /// The segments, and what they drew; draws name lots by their place in `lots`.
    pub rated: Rated,
    /// What they are charged at (R6).
    pub charges: Vec<Charge>,
    /// The lots that could be drawn, as they were when the period began.
    pub lots: Vec<Lot>,
    /// What is left for the next period.
    pub closing: Vec<Lot>,
    /// What became of the hours, draws apart.
    pub ledger: Vec<PoolLine>,
}

/// Rates the entries of a period; entries that do not belong to it, or are not billable, are left out.
///
/// - `carried`: what was left of the hours of the periods before it.
#[must_use]
pub fn rate_period(account: &Account<'_>, period: &Period, carried: &[Lot], entries: &[Entry]) -> RatedPeriod {
    let mut ledger = Vec::new();
    let lots = lots::open(account, period, carried, &mut ledger);
    let mut pool = lots::pool(account, period, &lots);
    let scopes = Scopes::of(account, period, entries);
    let works = scopes.works(account, entries);
    let rated = rate(&works, &mut pool);
    let grounds = scopes.versions();
    let charges = charge::of_period(&works, &scopes.entries, &grounds, &rated);
    drop(works);
    let closing = lots::close(period, lots.clone(), &pool, &mut ledger);
    RatedPeriod { entries: scopes.entries, grounds, rated, charges, lots, closing, ledger }
}

/// What a subject is looked up by: the version, and what the work was for.
type ScopeKey<'a> = (usize, Option<&'a Code>, Option<FailureScenario>, Option<ComponentClass>);

/// How the terms speak of the entries of a period, each subject looked at once.
struct Scopes<'a> {
    /// The entries that are rated.
    entries: Vec<usize>,
    /// For each of them, by which terms, and the place in `covers`.
    grounds: Vec<(Ground, usize)>,
    covers: Vec<WorkCover<'a>>,
    no_policy: ExtraHours,
}

impl<'a> Scopes<'a> {
    fn of(account: &Account<'a>, period: &Period, entries: &[Entry]) -> Self {
        let mut scopes =
            Self { entries: Vec::new(), grounds: Vec::new(), covers: Vec::new(), no_policy: ExtraHours::none() };
        let mut known: HashMap<ScopeKey<'_>, usize> = HashMap::new();
        for (place, entry) in entries.iter().enumerate() {
            if !period.holds(entry.span.from) || entry.billing == EntryBilling::NotBillable {
                continue;
            }
            let ground = account.ground(entry.span.from);
            let Some((version, agreed)) = ground.version().and_then(|v| Some((v, account.agreed(v)?))) else {
                continue;
            };
            let ticket = entry.ticket_facts();
            let service = entry.service.as_ref().or_else(|| ticket?.service.as_ref());
            let (scenario, component) = (ticket.and_then(|t| t.scenario), ticket.and_then(|t| t.component));
            let cover = *known.entry((version, service, scenario, component)).or_insert_with(|| {
                scopes.covers.push(cover_work(agreed, account.states, WorkSubject { service, scenario, component }));
                scopes.covers.len() - 1
            });
            scopes.entries.push(place);
            scopes.grounds.push((ground, cover));
        }
        scopes
    }

    /// The version of each entry that is rated.
    fn versions(&self) -> Vec<Ground> {
        self.grounds.iter().map(|(ground, _)| *ground).collect()
    }

    fn works<'b>(&'b self, account: &Account<'b>, entries: &'b [Entry]) -> Vec<Work<'b>>
    where
        'a: 'b,
    {
        let mut aggregates = Aggregates::default();
        let rated = self.entries.iter().zip(&self.grounds);
        let work = |(place, (ground, cover)): (&usize, &(Ground, usize))| {
            let (entry, cover, version) = (entries.get(*place)?, self.covers.get(*cover)?, ground.version()?);
            let agreed = account.agreed(version)?;
            Some(self.work(account, entry, *ground, cover, agreed, aggregates.of(entry, version, agreed)))
        };
        rated.filter_map(work).collect()
    }

    fn work<'b>(
        &'b self,
        account: &Account<'b>,
        entry: &'b Entry,
        ground: Ground,
        cover: &'b WorkCover<'a>,
        agreed: &'b AgreedTerms,
        aggregate: usize,
    ) -> Work<'b> {
        let policy = agreed.sections.extra_hours.as_ref().unwrap_or(&self.no_policy);
        let line = cover.line.and_then(|line| agreed.lines.get(line));
        let ticket = entry.ticket_facts().map(|ticket| ticket.priorities.as_slice());
        Work {
            prices: Prices { policy, calendars: &agreed.rate_calendars, currency: account.currency },
            calendar: line.map_or(&agreed.calendar, |line| &line.calendar),
            span: entry.span,
            breaks: &entry.breaks,
            times: entry.times,
            role: Some(&entry.role),
            work_kind: entry.work_kind.as_deref(),
            priority: match (entry.priority, ticket) {
                (None, Some(changes)) => Urgency::Changing(changes),
                (own, _) => Urgency::Always(own),
            },
            fee: fee(ground, cover),
            approved: entry.approved,
            billing: entry.billing,
            reference: (&entry.system, &entry.reference),
            aggregate,
        }
    }
}

fn fee<'a>(ground: Ground, cover: &'a WorkCover<'_>) -> Fee<'a> {
    match (ground, cover.verdict) {
        (Ground::Lapsed(_) | Ground::Before, _) => Fee::NoTerms,
        (_, CoverageVerdict::Included) if cover.gate.is_open() => Fee::Pays,
        (_, CoverageVerdict::Included) => Fee::Gated(&cover.gate),
        _ => Fee::DoesNot,
    }
}

/// The system that a ticket comes from, and what that calls it.
type TicketName<'a> = (&'a str, &'a str);

/// What is rounded together: by version, and by ticket or technician, of all days or of one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Together<'a> {
    Ticket(usize, TicketName<'a>),
    TicketDay(usize, TicketName<'a>, i64),
    TechnicianDay(usize, &'a str, i64),
}

/// Numbers aggregates in the order in which they are met (R3).
#[derive(Default)]
struct Aggregates<'a> {
    known: HashMap<Together<'a>, usize>,
    count: usize,
}

impl<'a> Aggregates<'a> {
    fn of(&mut self, entry: &'a Entry, version: usize, agreed: &AgreedTerms) -> usize {
        let rounding = agreed.sections.extra_hours.as_ref().map(|policy| policy.rounding.aggregate);
        let day = || agreed.calendar.day_number_at(entry.span.from);
        let ticket = || entry.ticket.as_ref().map(|ticket| (ticket.system.as_str(), ticket.reference.as_str()));
        let together = match rounding.unwrap_or(RoundingAggregate::Entry) {
            RoundingAggregate::Entry => None,
            RoundingAggregate::Ticket => ticket().map(|ticket| Together::Ticket(version, ticket)),
            RoundingAggregate::TicketDay => ticket().map(|ticket| Together::TicketDay(version, ticket, day())),
            RoundingAggregate::TechnicianDay => {
                let technician = entry.technician.as_deref();
                technician.map(|technician| Together::TechnicianDay(version, technician, day()))
            }
        };
        let next = self.count;
        let number = together.map_or(next, |together| *self.known.entry(together).or_insert(next));
        if number == next {
            self.count += 1;
        }
        number
    }
}
