//! Which time counted and which did not, and why.

use std::{borrow::Cow, collections::BTreeMap};

use jiff::Timestamp;

use super::{
    Clock,
    rules::{Counting, Reasons},
    running,
    walk::{Cover, Stop, Stretch},
};
use crate::{
    calendar::Why,
    sla::ClockSegment,
    time::Duration,
    words::{ClockState, WaitingReason},
};

impl Clock<'_> {
    /// The stretches from the opening to the instant asked about, or to where the clock stopped. The counted ones add up to
    /// `elapsed`; of a breached clock those up to `due` add up to its target.
    #[must_use]
    pub fn segments(&self) -> Vec<ClockSegment> {
        let mut segments = Segments { counting: self.goal.counting, made: Vec::new() };
        for stretch in &self.stretches {
            let why = self.why(stretch.cover);
            match self.due.filter(|due| stretch.from < *due && *due < stretch.to) {
                Some(due) => {
                    segments.add(Stretch { to: due, ..*stretch }, why.as_deref(), "");
                    segments.add(Stretch { from: due, ..*stretch }, why.as_deref(), PAST_DUE);
                }
                None => {
                    let past = self.due.is_some_and(|due| due <= stretch.from);
                    segments.add(*stretch, why.as_deref(), if past { PAST_DUE } else { "" });
                }
            }
        }
        segments.made
    }

    /// The stretches that are left from there to `due`, if nothing else happens; the counted ones add up to `remaining`.
    /// None unless the clock runs or was met.
    #[must_use]
    pub fn ahead(&self) -> Vec<ClockSegment> {
        let from = self.stopped_at.unwrap_or(self.asked_at);
        let due = self.due.filter(|due| *due > from && matches!(self.state, ClockState::Running | ClockState::Met));
        due.map(|due| counted(self.goal.counting, from, due)).unwrap_or_default()
    }

    /// Counted time that waiting took out.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.lost(|cover| matches!(cover, Cover::Waiting(_)))
    }

    /// Counted time that unmet obligations took out (S9).
    #[must_use]
    pub fn suspended(&self) -> Duration {
        self.lost(|cover| matches!(cover, Cover::Suspended(_)))
    }

    /// The same by obligation, each by its place in the terms. Of several that held it at once, the one that began last, as in
    /// [`segments`](Self::segments).
    #[must_use]
    pub fn suspended_by(&self) -> BTreeMap<usize, Duration> {
        let mut found = BTreeMap::new();
        for stretch in &self.stretches {
            let Cover::Suspended(place) = stretch.cover else { continue };
            let Some(held) = self.suspended.get(place) else { continue };
            let time = found.entry(held.obligation).or_insert(Duration::ZERO);
            *time = time.plus(self.counted(stretch));
        }
        found.retain(|_, time| *time > Duration::ZERO);
        found
    }

    fn lost(&self, by: impl Fn(Cover) -> bool) -> Duration {
        let stretches = self.stretches.iter().filter(|stretch| by(stretch.cover));
        stretches.map(|stretch| self.counted(stretch)).fold(Duration::ZERO, Duration::plus)
    }

    fn counted(&self, stretch: &Stretch) -> Duration {
        self.goal.counting.total(stretch.from, stretch.to)
    }

    /// Since when it has been held; none: it is not held.
    #[must_use]
    pub fn held_since(&self) -> Option<Timestamp> {
        let held = self.stretches.last().filter(|_| self.state == ClockState::Paused)?;
        let since = running(&self.stretches).last().map(|last| last.to);
        Some(since.unwrap_or(held.from))
    }

    /// Why a stretch does not count; none: it does in its hours.
    fn why(&self, cover: Cover) -> Option<Cow<'static, str>> {
        Some(match cover {
            Cover::Running => return None,
            Cover::Waiting(reasons) => waiting(reasons),
            Cover::Suspended(place) => {
                let title = self.suspended.get(place).map_or("an obligation", |stretch| &stretch.title);
                format!("suspended: \"{title}\" is unmet").into()
            }
            Cover::Stopped(Stop::Reached | Stop::Resolved) => "resolved".into(),
            Cover::Stopped(Stop::Cancelled) => "cancelled".into(),
        })
    }
}

const PAST_DUE: &str = ", past the due time";

fn waiting(reasons: Reasons) -> Cow<'static, str> {
    let names: Vec<&str> = reasons
        .iter()
        .map(|reason| match reason {
            WaitingReason::Client => "the client",
            WaitingReason::ThirdParty => "a third party",
            WaitingReason::Parts => "parts",
            WaitingReason::Scheduled => "an agreed time",
            WaitingReason::Other => "something else",
        })
        .collect();
    format!("waiting for {}", names.join(" and ")).into()
}

/// Segments in the making; those that touch and say the same are one.
struct Segments<'a> {
    counting: Counting<'a>,
    made: Vec<ClockSegment>,
}

/// The stretches between two instants that a counting counts, and those that it does not.
pub(in crate::sla) fn counted(counting: Counting<'_>, from: Timestamp, to: Timestamp) -> Vec<ClockSegment> {
    let mut segments = Segments { counting, made: Vec::new() };
    segments.add(Stretch { from, to, cover: Cover::Running }, None, "");
    segments.made
}

impl Segments<'_> {
    /// Adds a stretch, cut at openings and closings. What is closed is closed, whether or not it is held as well.
    ///
    /// - `held`: why it does not count, if it does not.
    /// - `note`: what to say besides of time that counts.
    fn add(&mut self, stretch: Stretch, held: Option<&str>, note: &str) {
        let Stretch { from, to, cover } = stretch;
        match (self.counting, held) {
            (Counting::Open(calendar), _) if !matches!(cover, Cover::Stopped(_)) => {
                for piece in calendar.split(from, to) {
                    let why = match (held.filter(|_| piece.open), piece.open, piece.why) {
                        (Some(held), ..) => held.to_owned(),
                        (None, true, Why::Weekly) => format!("open hours{note}"),
                        (None, true, Why::Exception(name)) => format!("open hours: {name}{note}"),
                        (None, false, Why::Weekly) => "closed".to_owned(),
                        (None, false, Why::Exception(name)) => format!("closed: {name}"),
                    };
                    self.push(ClockSegment {
                        from: piece.from,
                        to: piece.to,
                        counts: piece.open && held.is_none(),
                        why,
                    });
                }
            }
            (_, Some(held)) => self.push(ClockSegment { from, to, counts: false, why: held.to_owned() }),
            (_, None) => self.push(ClockSegment { from, to, counts: true, why: format!("around the clock{note}") }),
        }
    }

    fn push(&mut self, segment: ClockSegment) {
        match self.made.last_mut() {
            Some(last) if last.to == segment.from && last.counts == segment.counts && last.why == segment.why => {
                last.to = segment.to;
            }
            _ => self.made.push(segment),
        }
    }
}
