//! How a time would have gone under other response times: attainment, breaches and service credits (P5).

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::{CheckedPromise, Circumstances, Evidence, Scheme, Staffing, TimedCase, judge, milestones};
use crate::{
    billing::{Attained, Cap, Credit, Earned, Earnings, Fee, credit, earned},
    sla::{
        Target,
        clock::{Judged, clocks},
    },
    span::Span,
    ticket::Ticket,
    words::{ClockState, PromiseStrength},
};

/// How often a target would have been judged in a time, and how (S10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// In time.
    pub met: u64,
    /// Not in time.
    pub breached: u64,
    /// Not judged at the end of the time.
    pub running: u64,
}

impl Tally {
    /// How many were judged.
    #[must_use]
    pub const fn judged(self) -> u64 {
        self.met.saturating_add(self.breached)
    }
}

/// What one billing period would have earned.
#[derive(Clone, Debug)]
pub struct RehearsedPeriod {
    /// The period.
    pub span: Span,
    /// The percentages; none earned: nothing fell short.
    pub earned: Option<Earned>,
    /// The amount, where the fee is known.
    pub credit: Option<Credit>,
}

/// Past tickets under other response times.
#[derive(Debug)]
pub struct Rehearsal<'a> {
    scheme: &'a Scheme<'a>,
    /// The billing periods, one after the other.
    periods: &'a [Span],
    now: Timestamp,
    tickets: u64,
    /// Of each target, by its place: in the whole time, and period by period.
    whole: Vec<Tally>,
    by_period: Vec<Vec<Tally>>,
    cases: Vec<Vec<TimedCase>>,
}

impl<'a> Rehearsal<'a> {
    /// Before any ticket.
    ///
    /// - `periods`: the billing periods, one after the other.
    #[must_use]
    pub fn new(scheme: &'a Scheme<'a>, periods: &'a [Span], now: Timestamp) -> Self {
        let targets = scheme.tier.targets().len();
        Self {
            scheme,
            periods,
            now,
            tickets: 0,
            whole: vec![Tally::default(); targets],
            by_period: vec![vec![Tally::default(); targets]; periods.len()],
            cases: vec![Vec::new(); targets],
        }
    }

    /// Lets a ticket go through it.
    ///
    /// - `speaks`: whether it is a case of the promise check, too.
    pub fn add(&mut self, ticket: &Ticket, speaks: bool) {
        if speaks {
            self.scheme.add_cases(ticket, self.now, &mut self.cases);
        }
        let (Some(first), Some(last)) = (self.periods.first(), self.periods.last()) else { return };
        let (from, to) = (first.from(), last.to());
        let Some(rules) = self.scheme.rules() else { return };
        let mut counted = false;
        for clock in clocks(&rules, ticket, to.min(self.now)) {
            for judgement in clock.judgements.iter().filter(|judgement| from <= judgement.at && judgement.at < to) {
                let Some(place) = self.scheme.place_of(judgement.target) else { continue };
                let period = self.periods.iter().position(|period| period.holds(judgement.at));
                let of_period = period.and_then(|period| self.by_period.get_mut(period)?.get_mut(place));
                for tally in of_period.into_iter().chain(self.whole.get_mut(place)) {
                    match judgement.judged {
                        Judged::Met => tally.met = tally.met.saturating_add(1),
                        Judged::Breached => tally.breached = tally.breached.saturating_add(1),
                    }
                }
                counted = true;
            }
            let open = clock.span.until.is_none_or(|until| until >= to) && clock.state != ClockState::Cancelled;
            let place = self.scheme.place_of(clock.target).filter(|_| open);
            if let Some(tally) = place.and_then(|place| self.whole.get_mut(place)) {
                tally.running = tally.running.saturating_add(1);
                counted = true;
            }
        }
        self.tickets = self.tickets.saturating_add(u64::from(counted));
    }

    /// How many tickets went through it.
    #[must_use]
    pub const fn tickets(&self) -> u64 {
        self.tickets
    }

    /// Each target in its order, best efforts included, with what the past says of it and how it would have gone.
    ///
    /// - `staffing`: the hours in which somebody works, where they are said (P4).
    #[must_use]
    pub fn lines(&self, staffing: Option<&Staffing>) -> Vec<(&'a Target, CheckedPromise, Tally)> {
        let targets = self.scheme.tier.targets().iter();
        let each = milestones(0, self.scheme).zip(targets).zip(self.cases.iter().zip(&self.whole));
        each.map(|((promise, target), (cases, tally))| {
            let evidence = Evidence::of_times(cases, promise.attainment);
            let hours = self.scheme.hours_of(target);
            let gap = |staffing: &Staffing| staffing.first_gap(target.limit.clock(), hours);
            let known = Circumstances { cases: "tickets", unstaffed: staffing.and_then(gap), untold: None };
            (target, judge(&promise, evidence, &known), *tally)
        })
        .collect()
    }

    /// What each billing period would have earned by the tier's credit steps (R9).
    ///
    /// - `fee`: the fee that the amounts are shares of, where it is known.
    #[must_use]
    pub fn periods(&self, fee: Option<Fee>) -> Vec<RehearsedPeriod> {
        let each = self.periods.iter().zip(&self.by_period);
        each.map(|(span, tallies)| {
            let of = attained(self.scheme, tallies).iter().filter_map(Attained::earning).collect();
            let cap: Vec<Cap> = self.scheme.tier.credit_cap().map(Cap::of_tier).into_iter().collect();
            let earned = earned(&[Earnings { of, cap: None }], &cap);
            let credit = fee.zip(earned.clone()).and_then(|(fee, earned)| credit(earned, fee, None));
            RehearsedPeriod { span: *span, earned, credit }
        })
        .collect()
    }
}

/// How well each target was kept that counts for credits: GUARANTEE or TARGET, with enough judged (R9).
fn attained<'a>(scheme: &'a Scheme<'_>, tallies: &[Tally]) -> Vec<Attained<'a>> {
    let least = u64::from(scheme.tier.credit_minimum_tickets()).max(1);
    let each = milestones(0, scheme).zip(tallies);
    let counts =
        each.filter(|(promise, tally)| promise.strength != PromiseStrength::BestEffort && tally.judged() >= least);
    counts
        .map(|(promise, tally)| Attained {
            clause: promise.clause,
            promise: promise.text,
            kept: tally.met,
            of: tally.judged(),
            steps: scheme.tier.credits(),
        })
        .collect()
}

/// What the percentages of all periods come to.
#[must_use]
pub fn total<'a>(periods: impl Iterator<Item = &'a RehearsedPeriod>) -> Decimal {
    let each = periods.filter_map(|period| period.earned.as_ref()).map(|earned| earned.percent);
    each.fold(Decimal::ZERO, Decimal::saturating_add)
}
