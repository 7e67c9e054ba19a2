//! One clock, walked through what happened to its ticket.

use jiff::Timestamp;

use super::{
    Judgement, Span, Verdict,
    rules::{ClockRules, Goal, Reasons},
};
use crate::{
    ticket::{Happening, Ticket},
    time::Duration,
    words::{HoursClass, Milestone, Priority},
};

/// Something that can change a clock, at its instant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) at: Timestamp,
    pub(super) what: What,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    Happened(Happening),
    /// The suspension at this place begins.
    Suspends(usize),
    /// It ends.
    Releases(usize),
}

/// Why time counts or does not, its hours apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cover {
    Running,
    Waiting(Reasons),
    /// By the suspension at this place.
    Suspended(usize),
    Stopped(Stop),
}

/// What stopped a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// Its own milestone.
    Reached,
    Resolved,
    Cancelled,
}

/// A stretch under one cover.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) cover: Cover,
}

/// A clock on its way through the moments.
pub(super) struct Walk<'a> {
    pub(super) rules: &'a ClockRules<'a>,
    pub(super) ticket: &'a Ticket,
    class: HoursClass,
    milestone: Milestone,
    /// What stops this milestone.
    stops: Reasons,
    waiting: Reasons,
    suspended: Vec<usize>,
    pub(super) goal: Option<Goal<'a>>,
    pub(super) verdict: Verdict,
    /// The stretches that are over.
    pub(super) stretches: Vec<Stretch>,
    /// Since when the present stretch is, and under which cover.
    pub(super) since: Timestamp,
    pub(super) cover: Cover,
    /// Counted time of the stretches that are over.
    pub(super) used: Duration,
    /// When the goal's time was used up.
    pub(super) ran_out: Option<Timestamp>,
    pub(super) stopped_at: Option<Timestamp>,
    pub(super) judgements: Vec<Judgement<'a>>,
    /// Since when it has been unjudged under the present goal.
    pub(super) open_since: Timestamp,
    pub(super) spans: Vec<Span>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(rules: &'a ClockRules<'a>, ticket: &'a Ticket, class: HoursClass, milestone: Milestone) -> Self {
        Self {
            rules,
            ticket,
            class,
            milestone,
            stops: Reasons::that_stop(rules.tier, milestone),
            waiting: Reasons::default(),
            suspended: Vec::new(),
            goal: rules.goal(ticket, class, ticket.priority, milestone),
            verdict: Verdict::Open,
            stretches: Vec::new(),
            since: ticket.opened_at,
            cover: Cover::Running,
            used: Duration::ZERO,
            ran_out: None,
            stopped_at: None,
            judgements: Vec::new(),
            open_since: ticket.opened_at,
            spans: Vec::new(),
        }
    }

    /// Lets time pass up to an instant: what runs out on the way runs out, and is breached the moment after (S4).
    pub(super) fn pass(&mut self, to: Timestamp) {
        let Some(Goal { counting, worth: Some(worth), .. }) = self.goal else { return };
        if self.verdict != Verdict::Open {
            return;
        }
        if self.ran_out.is_none() && self.cover == Cover::Running {
            let needed = worth.minus(self.used);
            if counting.total(self.since, to) >= needed {
                self.ran_out = counting.due(self.since, needed);
            }
        }
        if let Some(due) = self.ran_out.filter(|due| *due < to) {
            self.judge(Verdict::Breached { at: due }, due);
        }
    }

    pub(super) fn take(&mut self, moment: Moment) {
        let at = moment.at;
        match moment.what {
            What::Suspends(place) => self.suspended.push(place),
            What::Releases(place) => self.suspended.retain(|held| *held != place),
            What::Happened(Happening::Waiting { reason, replaces }) => {
                let others = if replaces { Reasons::default() } else { self.waiting };
                self.waiting = others.and(Reasons::of(reason));
            }
            What::Happened(Happening::Resumed { reason }) => {
                let over = reason.map_or(self.waiting, Reasons::of);
                self.waiting = self.waiting.without(over);
            }
            What::Happened(Happening::PriorityChanged { priority }) => self.change_priority(priority, at),
            What::Happened(Happening::Reopened) => self.reopen(at),
            What::Happened(Happening::Responded) => self.reach(Milestone::Response, at),
            What::Happened(Happening::Planned) => self.reach(Milestone::Plan, at),
            What::Happened(Happening::WorkedAround) => self.reach(Milestone::Workaround, at),
            What::Happened(Happening::Resolved) => {
                self.waiting = Reasons::default();
                self.stop(Stop::Resolved, at);
            }
            What::Happened(Happening::Cancelled) => {
                self.waiting = Reasons::default();
                self.stop(Stop::Cancelled, at);
            }
        }
        if !matches!(self.cover, Cover::Stopped(_)) {
            self.put(self.held(), at);
        }
    }

    /// What covers time that is not stopped.
    fn held(&self) -> Cover {
        let waiting = self.waiting.among(self.stops);
        match self.suspended.last() {
            Some(place) => Cover::Suspended(*place),
            None if !waiting.is_empty() => Cover::Waiting(waiting),
            None => Cover::Running,
        }
    }

    /// Begins a stretch under another cover.
    fn put(&mut self, cover: Cover, at: Timestamp) {
        if cover == self.cover {
            return;
        }
        if self.since < at {
            if let (Cover::Running, Some(goal)) = (self.cover, self.goal) {
                self.used = self.used.plus(goal.counting.total(self.since, at));
            }
            self.stretches.push(Stretch { from: self.since, to: at, cover: self.cover });
        }
        (self.since, self.cover) = (at, cover);
    }

    fn reach(&mut self, milestone: Milestone, at: Timestamp) {
        if milestone == self.milestone {
            self.stop(Stop::Reached, at);
        }
    }

    /// Its milestone has come, or will not come (S4, S6).
    fn stop(&mut self, stop: Stop, at: Timestamp) {
        if matches!(self.cover, Cover::Stopped(_)) {
            return;
        }
        self.put(Cover::Stopped(stop), at);
        if self.goal.is_none() {
            return;
        }
        match (self.verdict, stop) {
            (Verdict::Open, Stop::Cancelled) => self.end(Verdict::Cancelled { at }, at),
            (Verdict::Open, Stop::Reached | Stop::Resolved) => {
                self.stopped_at = Some(at);
                self.judge(Verdict::Met { at }, at);
            }
            (Verdict::Breached { .. }, _) => self.stopped_at = Some(at),
            _ => {}
        }
    }

    /// Goes on with what was left (S6). A breach stays one; a clock without a target has none.
    fn reopen(&mut self, at: Timestamp) {
        if self.milestone != Milestone::Resolution || !matches!(self.cover, Cover::Stopped(_)) {
            return;
        }
        self.put(self.held(), at);
        match self.verdict {
            Verdict::Met { .. } | Verdict::Cancelled { .. } => {
                self.close_span(at);
                self.open_since = at;
                (self.verdict, self.ran_out) = (Verdict::Open, None);
                self.stopped_at = None;
            }
            Verdict::Breached { .. } => self.stopped_at = None,
            Verdict::Open | Verdict::Dropped { .. } => {}
        }
    }

    /// Recomputes from the opening under the target of another priority, where it is neither met nor breached (S5).
    fn change_priority(&mut self, priority: Priority, at: Timestamp) {
        if !matches!(self.verdict, Verdict::Open | Verdict::Dropped { .. }) || self.is_cancelled() {
            return;
        }
        let before = self.goal.filter(|_| self.verdict == Verdict::Open);
        match (before, self.rules.goal(self.ticket, self.class, priority, self.milestone)) {
            (None, None) => {}
            (Some(_), None) => self.end(Verdict::Dropped { at }, at),
            (Some(before), Some(goal)) if std::ptr::eq(before.target, goal.target) => {}
            (_, Some(goal)) => {
                self.close_span(at);
                (self.open_since, self.verdict, self.stopped_at) = (at, Verdict::Open, None);
                self.goal = Some(goal);
                self.recount(goal, at);
                self.rejudge(at);
            }
        }
    }

    fn is_cancelled(&self) -> bool {
        self.cover == Cover::Stopped(Stop::Cancelled)
    }

    /// Counts what ran so far by a goal.
    fn recount(&mut self, goal: Goal<'_>, at: Timestamp) {
        (self.used, self.ran_out) = (Duration::ZERO, None);
        let present = Stretch { from: self.since, to: at, cover: self.cover };
        for stretch in self.stretches.iter().chain([&present]).filter(|s| s.cover == Cover::Running) {
            let total = goal.counting.total(stretch.from, stretch.to);
            let needed = goal.worth.map(|worth| worth.minus(self.used));
            if let Some(needed) = needed.filter(|needed| self.ran_out.is_none() && total >= *needed) {
                self.ran_out = goal.counting.due(stretch.from, needed);
            }
            self.used = self.used.plus(total);
        }
        // The present stretch is counted when it is over.
        if self.cover == Cover::Running {
            self.used = self.used.minus(goal.counting.total(self.since, at));
        }
    }

    /// Judges a clock that was recomputed: by when its milestone came, if it came before there was a target, else by now.
    fn rejudge(&mut self, at: Timestamp) {
        let stopped = matches!(self.cover, Cover::Stopped(_)).then_some(self.since);
        self.stopped_at = stopped;
        if self.ran_out.is_some_and(|due| due < stopped.unwrap_or(at)) {
            self.judge(Verdict::Breached { at }, at);
        } else if let Some(stopped) = stopped {
            self.judge(Verdict::Met { at: stopped }, at);
        }
    }

    fn judge(&mut self, verdict: Verdict, at: Timestamp) {
        self.verdict = verdict;
        if let (Some(goal), Some(judged)) = (self.goal, verdict.judged()) {
            self.judgements.push(Judgement { at, judged, target: goal.target });
        }
    }

    /// Ends it without a judgement.
    fn end(&mut self, verdict: Verdict, at: Timestamp) {
        self.verdict = verdict;
        self.stopped_at = Some(at);
    }

    /// Puts down how the clock stood since it was last opened, before it stands otherwise from an instant on.
    fn close_span(&mut self, at: Timestamp) {
        if let Some(goal) = self.goal {
            let span = self.span(goal);
            self.spans.push(Span { until: span.until.or(Some(at)), ..span });
        }
    }

    /// How the clock stands since it was last opened.
    pub(super) fn span(&self, goal: Goal<'_>) -> Span {
        let until = match self.verdict {
            Verdict::Open => None,
            Verdict::Met { .. } | Verdict::Breached { .. } => self.judgements.last().map(|judgement| judgement.at),
            Verdict::Dropped { at } | Verdict::Cancelled { at } => Some(at),
        };
        let (priority, attainment) = (goal.target.priority, goal.target.attainment);
        Span { from: self.open_since, until, judged: self.verdict.judged(), priority, attainment }
    }
}
