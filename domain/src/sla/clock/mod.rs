//! The clocks of a ticket (S1–S10): what is due when, what is held, what was met or breached, and the proof.
//!
//! [`clocks`] is a function of the rules, the ticket, and the instant asked about. It walks each milestone through what
//! happened up to then; nothing is kept between two askings, so that any order of arrival gives the same (S7).

mod forecast;
mod needed;
mod proof;
mod rules;
#[cfg(test)]
mod tests;
mod walk;

use jiff::Timestamp;

pub use forecast::next_change;
pub(super) use proof::counted;
pub(super) use rules::Counting;
pub use rules::{ClockRules, Suspended};

use super::Target;
use crate::{
    decimal::Percent,
    ticket::Ticket,
    time::Duration,
    words::{ClockState, Milestone, Priority},
};
use rules::Goal;
use walk::{Cover, Moment, Stretch, Walk, What};

/// One clock of a ticket, as it stands at an instant.
#[derive(Clone, Debug)]
pub struct Clock<'a> {
    /// What it runs to.
    pub milestone: Milestone,
    /// How it stands.
    pub state: ClockState,
    /// The target it goes by.
    pub target: &'a Target,
    /// The opening of the ticket (S1).
    pub started_at: Timestamp,
    /// When it is due; none while it is held, or where its calendar never opens so long.
    pub due: Option<Timestamp>,
    /// Counted time that is used up.
    pub elapsed: Duration,
    /// Counted time that is left, at least none.
    pub remaining: Duration,
    /// When its milestone came, or when it ended without.
    pub stopped_at: Option<Timestamp>,
    /// When it was breached: its due time, or the change of priority that breached it (S5).
    pub breached_at: Option<Timestamp>,
    /// Each time it was judged, in order (S10).
    pub judgements: Vec<Judgement<'a>>,
    /// How it stands since it was last opened, by the opening, a change of priority, or a reopening.
    pub span: Span,
    /// How it stood before that.
    pub earlier: Vec<Span>,
    goal: Goal<'a>,
    /// What covers its time, from the opening to the instant asked about or where it stopped.
    stretches: Vec<Stretch>,
    suspended: &'a [Suspended],
    asked_at: Timestamp,
}

/// One judgement of a clock (S10).
#[derive(Clone, Copy, Debug)]
pub struct Judgement<'a> {
    /// When. A breach is the moment after.
    pub at: Timestamp,
    /// What it was.
    pub judged: Judged,
    /// The target it was judged by.
    pub target: &'a Target,
}

/// What a judgement says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// In time.
    Met,
    /// Not in time.
    Breached,
}

/// A time in which a clock was open under one target, and how that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Since when.
    pub from: Timestamp,
    /// Until when it was not judged; none: it is not judged yet.
    pub until: Option<Timestamp>,
    /// The judgement that ended it; none: it is open, was cancelled, or went on under another target.
    pub judged: Option<Judged>,
    /// The priority of its target.
    pub priority: Priority,
    /// The share of tickets that must meet its target.
    pub attainment: Percent,
}

/// What became of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Open,
    Met {
        at: Timestamp,
    },
    Breached {
        at: Timestamp,
    },
    /// The ticket was cancelled.
    Cancelled {
        at: Timestamp,
    },
    /// The ticket's priority has no such target any more.
    Dropped {
        at: Timestamp,
    },
}

impl Verdict {
    fn judged(self) -> Option<Judged> {
        match self {
            Self::Met { .. } => Some(Judged::Met),
            Self::Breached { .. } => Some(Judged::Breached),
            Self::Open | Self::Cancelled { .. } | Self::Dropped { .. } => None,
        }
    }
}

/// The clocks of a ticket as they stand at an instant, from what happened up to then; none before it was opened.
#[must_use]
pub fn clocks<'a>(rules: &'a ClockRules<'a>, ticket: &'a Ticket, at: Timestamp) -> Vec<Clock<'a>> {
    if at < ticket.opened_at {
        return Vec::new();
    }
    let class = rules.calendar.hours_class(ticket.opened_at);
    let moments = moments(rules, ticket, at);
    let promised = |milestone: &&Milestone| rules.tier.targets().iter().any(|target| target.milestone == **milestone);
    let walk = |milestone: &Milestone| {
        let mut walk = Walk::new(rules, ticket, class, *milestone);
        for moment in &moments {
            walk.pass(moment.at);
            walk.take(*moment);
        }
        walk.pass(at);
        stand(walk, *milestone, at)
    };
    Milestone::ALL.iter().filter(promised).filter_map(walk).collect()
}

/// Everything that can change a clock up to an instant, in order (S3). Suspensions go before events.
fn moments(rules: &ClockRules<'_>, ticket: &Ticket, at: Timestamp) -> Vec<Moment> {
    let opened = ticket.opened_at;
    let holding = rules.suspended.iter().enumerate().filter(|(_, s)| s.until.is_none_or(|until| until > opened));
    let edges = holding.flat_map(|(place, stretch)| {
        let begins = Moment { at: stretch.from.max(opened), what: What::Suspends(place) };
        let ends = stretch.until.map(|until| Moment { at: until, what: What::Releases(place) });
        [Some(begins), ends].into_iter().flatten()
    });
    let mut moments: Vec<Moment> = edges.filter(|moment| moment.at <= at).collect();
    let happened =
        |event: &&crate::ticket::Event| Moment { at: event.at.max(opened), what: What::Happened(event.what) };
    moments.extend(ticket.events_until(at).iter().map(happened));
    moments.sort_by_key(|moment| moment.at);
    moments
}

/// What a walk has come to at an instant; none where the milestone has no target.
fn stand<'a>(walk: Walk<'a>, milestone: Milestone, at: Timestamp) -> Option<Clock<'a>> {
    let goal = walk.goal?;
    let span = walk.span(goal);
    let Walk {
        rules, ticket, verdict, mut stretches, since, cover, used, ran_out, stopped_at, judgements, spans, ..
    } = walk;
    let ended = stopped_at.unwrap_or(at);
    stretches.push(Stretch { from: since, to: at, cover });
    stretches.retain(|stretch| stretch.from < ended);
    if let Some(last) = stretches.last_mut() {
        last.to = last.to.min(ended);
    }
    let elapsed = match verdict {
        // Its time went on uncounted, in case a later priority had a target again.
        Verdict::Dropped { .. } => {
            running(&stretches).map(|s| goal.counting.total(s.from, s.to)).fold(Duration::ZERO, Duration::plus)
        }
        _ if cover == Cover::Running => used.plus(goal.counting.total(since, ended)),
        _ => used,
    };
    let left = goal.worth.map(|worth| worth.minus(elapsed).max(Duration::ZERO));
    let held = stopped_at.is_none() && cover != Cover::Running && ran_out.is_none();
    let due = ran_out.or_else(|| goal.counting.due(ended, left?)).filter(|_| !held);
    let state = match verdict {
        Verdict::Open if held => ClockState::Paused,
        Verdict::Open => ClockState::Running,
        Verdict::Met { .. } => ClockState::Met,
        Verdict::Breached { .. } => ClockState::Breached,
        Verdict::Cancelled { .. } | Verdict::Dropped { .. } => ClockState::Cancelled,
    };
    let breached_at = match verdict {
        Verdict::Breached { at } => Some(at),
        _ => None,
    };
    Some(Clock {
        milestone,
        state,
        target: goal.target,
        started_at: ticket.opened_at,
        due,
        elapsed,
        remaining: left.unwrap_or(FOREVER),
        stopped_at,
        breached_at,
        judgements,
        span,
        earlier: spans,
        goal,
        stretches,
        suspended: &rules.suspended,
        asked_at: at,
    })
}

impl Clock<'_> {
    /// The counted time that its target gives; none: its calendar never has so many business days.
    #[must_use]
    pub fn worth(&self) -> Option<Duration> {
        self.goal.worth
    }
}

/// What is left of a target that its calendar never reaches: the longest duration that is written.
const FOREVER: Duration = Duration::from_hours(1_000_000);

fn running(stretches: &[Stretch]) -> impl Iterator<Item = &Stretch> {
    stretches.iter().filter(|stretch| stretch.cover == Cover::Running)
}
