//! How the response times of an agreement were kept, promise by promise and period by period (S10, R9).

use super::{Account, Attained, Cap, Earnings, Ground, Period};
use crate::{
    coverage::{clock_rules, scheme_of},
    document,
    sla::{
        Target, Tier,
        clock::{Judged, clocks},
    },
    terms::clause,
    text::Code,
    ticket::Ticket,
    words::PromiseStrength,
};

/// How the tickets of some periods were judged.
#[derive(Debug)]
pub(super) struct Judgements<'a> {
    account: &'a Account<'a>,
    /// The periods, one after another.
    periods: &'a [Period],
    /// For each period, the promises by which something was judged in it.
    lines: Vec<Vec<Line<'a>>>,
}

/// One promise, with what was judged by it.
#[derive(Clone, Copy, Debug)]
struct Line<'a> {
    /// The service whose own response times these are; none: they are those of all others.
    service: Option<&'a Code>,
    tier: &'a Tier,
    /// Its place in the tier.
    place: usize,
    target: &'a Target,
    /// The number of the version that it stands in: the newest of those that promise the same.
    version: u32,
    kept: u64,
    of: u64,
}

impl<'a> Judgements<'a> {
    pub(super) fn of(account: &'a Account<'a>, periods: &'a [Period], tickets: &[Ticket]) -> Self {
        let mut judgements = Self { account, periods, lines: vec![Vec::new(); periods.len()] };
        for ticket in tickets {
            judgements.add(ticket);
        }
        judgements
    }

    /// Adds the judgements of a ticket, each in the period that it lies in, by the terms in force when it opened (S8).
    fn add(&mut self, ticket: &Ticket) {
        let Some(end) = self.periods.last().map(|last| last.to) else { return };
        let Ground::InForce(place) = self.account.ground(ticket.opened_at) else { return };
        let Some(version) = self.account.terms.get(place) else { return };
        let agreed = &*version.agreed;
        let Some(rules) = clock_rules(agreed, self.account.states, &ticket.about) else { return };
        let (tier, service) = (rules.tier, scheme_of(agreed, &ticket.about));
        for judgement in clocks(&rules, ticket, end).iter().flat_map(|clock| &clock.judgements) {
            let period = self.periods.iter().position(|period| period.holds(judgement.at));
            let lines = period.and_then(|period| self.lines.get_mut(period));
            let own = tier.targets().iter().enumerate().find(|(_, own)| std::ptr::eq(*own, judgement.target));
            let Some((lines, (place, target))) = lines.zip(own) else { continue };
            let number = version.number;
            count(lines, Line { service, tier, place, target, version: number, kept: 0, of: 0 }, judgement.judged);
        }
    }

    /// What the response times earned in a period, those of services that have their own each by themselves (R9).
    ///
    /// - `period`: its place.
    pub(super) fn earnings(&self, period: usize) -> Vec<Earnings> {
        let mut lines: Vec<&Line<'_>> = self.lines.get(period).into_iter().flatten().collect();
        lines.sort_by_key(|line| (line.service.is_some(), line.service, line.place, line.version));
        lines.chunk_by(|a, b| a.service == b.service).map(together).collect()
    }
}

/// Counts a judgement where the same is promised, whichever version it stands in.
fn count<'a>(lines: &mut Vec<Line<'a>>, by: Line<'a>, judged: Judged) {
    let same = |line: &Line<'_>| line.service == by.service && line.target == by.target;
    let place = lines.iter().position(same).unwrap_or_else(|| {
        lines.push(by);
        lines.len() - 1
    });
    let Some(line) = lines.get_mut(place) else { return };
    line.of += 1;
    line.kept += u64::from(judged == Judged::Met);
    if line.version < by.version {
        *line = Line { kept: line.kept, of: line.of, ..by };
    }
}

/// What promises of one tier earn together: a service's own tier caps what its promises earn.
fn together(lines: &[&Line<'_>]) -> Earnings {
    let newest = lines.iter().max_by_key(|line| line.version);
    let cap = newest.and_then(|line| Some((line.service?, line.tier.credit_cap()?)));
    let cap = cap.map(|(service, percent)| Cap {
        percent,
        clause: None,
        limits: format!("The credits of the response times for {service}"),
    });
    Earnings { of: lines.iter().filter_map(|line| attained(line)?.earning()).collect(), cap }
}

/// How well a promise was kept; none: it is best effort, or too few tickets were judged (R9).
fn attained<'a>(line: &Line<'a>) -> Option<Attained<'a>> {
    let least = u64::from(line.tier.credit_minimum_tickets()).max(1);
    let counts = line.target.strength != PromiseStrength::BestEffort && line.of >= least;
    let service = line.service.map(|code| format!(", for {code}")).unwrap_or_default();
    counts.then(|| Attained {
        clause: clause::target(line.place),
        promise: format!("{}{service}", document::target_promise(line.target)),
        kept: line.kept,
        of: line.of,
        steps: line.tier.credits(),
    })
}
