//! What the clocks of one ticket go by.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;

use super::super::{Limit, Opening, Target, Tier};
use crate::{
    calendar::Calendar,
    text::Code,
    ticket::Ticket,
    time::{Duration, elapsed, later},
    words::{Clock, HoursClass, Milestone, Priority, WaitingReason},
};

/// What the clocks of one ticket go by (S8): the tier and hours that apply to it, and when obligations suspend them.
#[derive(Clone, Debug)]
pub struct ClockRules<'a> {
    /// The targets, and what waiting stops.
    pub tier: &'a Tier,
    /// The hours that count where the target names none.
    pub calendar: &'a Calendar,
    /// The hours that targets name.
    pub target_calendars: &'a BTreeMap<Code, Arc<Calendar>>,
    /// When unmet obligations suspend the clocks (S9); stretches may overlap.
    pub suspended: Vec<Suspended>,
}

/// A stretch in which an unmet obligation suspends clocks (S9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspended {
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it; none: nothing known ends it.
    pub until: Option<Timestamp>,
    /// The obligation's place in the terms.
    pub obligation: usize,
    /// What the obligation is called.
    pub title: Arc<str>,
}

/// Which time counts for a target.
#[derive(Clone, Copy, Debug)]
pub(in crate::sla) enum Counting<'a> {
    /// The open hours of a calendar.
    Open(&'a Calendar),
    /// All of it.
    Always,
}

impl Counting<'_> {
    /// Counted time between two instants.
    pub(super) fn total(self, from: Timestamp, to: Timestamp) -> Duration {
        match self {
            Self::Open(calendar) => calendar.open_time(from, to).unwrap_or_default(),
            Self::Always => elapsed(from, to).max(Duration::ZERO),
        }
    }

    /// The instant by which so much has counted from another on (C4); none: never.
    pub(super) fn due(self, from: Timestamp, time: Duration) -> Option<Timestamp> {
        match self {
            Self::Open(calendar) => calendar.due(from, time),
            Self::Always => later(from, time),
        }
    }
}

/// A target as it applies to one ticket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Goal<'a> {
    pub(super) target: &'a Target,
    pub(super) counting: Counting<'a>,
    /// The counted time it gives; none: its calendar never has so many business days.
    pub(super) worth: Option<Duration>,
}

impl<'a> ClockRules<'a> {
    /// The target for a priority and milestone of a ticket (S2), if there is one.
    pub(super) fn goal(
        &self,
        ticket: &Ticket,
        class: HoursClass,
        priority: Priority,
        milestone: Milestone,
    ) -> Option<Goal<'a>> {
        let opening = Opening { class, channel: ticket.about.channel.as_deref(), delivery: ticket.about.delivery };
        let (_, target) = self.tier.target(priority, milestone, &opening)?;
        let own = target.calendar.as_ref().and_then(|code| self.target_calendars.get(code));
        let calendar = own.map_or(self.calendar, |own| &**own);
        Some(match target.limit {
            Limit::Within { time, clock: Clock::AroundTheClock } => {
                Goal { target, counting: Counting::Always, worth: Some(time) }
            }
            Limit::Within { time, clock: Clock::BusinessHours } => {
                Goal { target, counting: Counting::Open(calendar), worth: Some(time) }
            }
            Limit::BusinessDays(days) => {
                let counting = Counting::Open(calendar);
                let due = calendar.due_in_business_days(ticket.opened_at, days);
                Goal { target, counting, worth: due.map(|due| counting.total(ticket.opened_at, due)) }
            }
        })
    }
}

/// Several reasons for waiting at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reasons(u8);

impl Reasons {
    pub(super) fn of(reason: WaitingReason) -> Self {
        Self(WaitingReason::ALL.iter().position(|r| *r == reason).map_or(0, |place| 1 << place))
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn among(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn iter(self) -> impl Iterator<Item = WaitingReason> {
        WaitingReason::ALL.iter().copied().filter(move |reason| !self.among(Self::of(*reason)).is_empty())
    }

    /// The reasons that stop a milestone by a tier's rules (S3).
    pub(super) fn that_stop(tier: &Tier, milestone: Milestone) -> Self {
        let stops = |reason: WaitingReason| match tier.waiting().iter().find(|rule| rule.reason == reason) {
            Some(rule) => rule.stops.contains(&milestone),
            None => reason == WaitingReason::Client && milestone != Milestone::Response,
        };
        let all = WaitingReason::ALL.iter().copied().filter(|reason| stops(*reason));
        all.fold(Self::default(), |all, reason| all.and(Self::of(reason)))
    }
}
