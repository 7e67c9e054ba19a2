//! What past tickets say of a promise, each judged by the promise's own rules (P1).

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;

use super::{Scheme, TimedCase};
use crate::{
    calendar::Calendar,
    sla::{
        Limit, Target, Tier, TierParts, WaitingRule,
        clock::{Clock, ClockRules, Suspended, clocks},
    },
    terms::RecoveryCommitment,
    text::Code,
    ticket::{Happening, Ticket},
    words::{ClockState, Milestone, Priority, TicketEventKind},
};

impl<'a> Scheme<'a> {
    /// What the clocks of a past ticket would have gone by; none: the hours are not said yet. What unmet obligations held
    /// then is not taken out: the promise is another one.
    pub(super) fn rules(&'a self) -> Option<ClockRules<'a>> {
        Some(ClockRules {
            tier: self.tier,
            calendar: self.calendar?,
            target_calendars: &self.target_calendars,
            suspended: Vec::new(),
        })
    }

    /// The place of a target of this tier.
    pub(super) fn place_of(&self, target: &Target) -> Option<usize> {
        self.tier.targets().iter().position(|own| std::ptr::eq(own, target))
    }

    /// Adds a ticket to the cases of the targets that would have judged it.
    ///
    /// - `cases`: of each target, by its place.
    pub fn add_cases(&self, ticket: &Ticket, now: Timestamp, cases: &mut [Vec<TimedCase>]) {
        let Some(rules) = self.rules() else { return };
        for clock in clocks(&rules, ticket, now) {
            let own = self.place_of(clock.target).and_then(|place| cases.get_mut(place));
            if let Some((own, case)) = own.zip(case(&clock, ticket, now)) {
                own.push(case);
            }
        }
    }
}

/// How fast failures get mended, as a tier that judges each ticket of them alike.
#[derive(Clone, Debug)]
pub struct RecoveryRules<'a> {
    recovery: &'a RecoveryCommitment,
    tier: Tier,
    calendar: &'a Calendar,
    none: BTreeMap<Code, Arc<Calendar>>,
}

impl<'a> RecoveryRules<'a> {
    /// The rules of a commitment.
    ///
    /// - `waiting`: what waiting stops, by the terms' tier.
    /// - `calendar`: the terms' hours.
    #[must_use]
    pub fn new(recovery: &'a RecoveryCommitment, waiting: &[WaitingRule], calendar: &'a Calendar) -> Option<Self> {
        let limit = Limit::new(Some(recovery.fix_within), None, recovery.clock).ok()?;
        let target = |priority: &Priority| Target {
            priority: *priority,
            milestone: Milestone::Resolution,
            limit,
            opened_in: Vec::new(),
            channels: Vec::new(),
            delivery: None,
            calendar: None,
            strength: recovery.strength,
            attainment: super::usual_share(),
        };
        let targets = Priority::ALL.iter().map(target).collect();
        let tier = Tier::new(TierParts { targets, waiting: waiting.to_vec(), ..TierParts::default() }).ok()?;
        Some(Self { recovery, tier, calendar, none: BTreeMap::new() })
    }

    /// What a past ticket says; none: it is of another failure, or says nothing.
    #[must_use]
    pub fn case(&self, ticket: &Ticket, now: Timestamp) -> Option<TimedCase> {
        self.clock(ticket, &[], now, |clock| case(clock, ticket, now))
    }

    /// What is made of the clock of a ticket, as it stands at an instant; none: it is of another failure, or of none.
    ///
    /// - `suspended`: when unmet obligations hold it (S9).
    pub(crate) fn clock<T>(
        &self,
        ticket: &Ticket,
        suspended: &[Suspended],
        at: Timestamp,
        make: impl FnOnce(&Clock<'_>) -> Option<T>,
    ) -> Option<T> {
        let rules = ClockRules {
            tier: &self.tier,
            calendar: self.calendar,
            target_calendars: &self.none,
            suspended: suspended.to_vec(),
        };
        let found = if self.recovery.is_about(&ticket.about) { clocks(&rules, ticket, at) } else { Vec::new() };
        found.first().and_then(make)
    }
}

/// What a clock says of its target: that of a closed ticket whether it kept it; that of an open one once it is past it, and
/// then that it did not (P2).
fn case(clock: &Clock<'_>, ticket: &Ticket, now: Timestamp) -> Option<TimedCase> {
    if clock.state == ClockState::Cancelled {
        return None;
    }
    let came = clock.stopped_at.is_some_and(|stopped| came_at(ticket, clock.milestone, stopped));
    Some(TimedCase { needs: clock.needed(), given: clock.worth()?, closed: came && ticket.is_closed(now) })
}

/// Whether a milestone came at the instant at which its clock stopped: else the ticket was cancelled then.
fn came_at(ticket: &Ticket, milestone: Milestone, stopped: Timestamp) -> bool {
    let own = match milestone {
        Milestone::Response => TicketEventKind::Responded,
        Milestone::Plan => TicketEventKind::Planned,
        Milestone::Workaround => TicketEventKind::WorkedAround,
        Milestone::Resolution => TicketEventKind::Resolved,
    };
    ticket
        .events
        .iter()
        .filter(|event| event.at.max(ticket.opened_at) == stopped)
        .any(|event| event.what == Happening::Resolved || event.what.kind() == own)
}
