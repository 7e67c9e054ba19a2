//! How much of a window something was there, by the outages that were recorded (Q1).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    calendar::Calendar,
    share::Share,
    sla::ClockSegment,
    span::{Span, Spans},
    terms::AvailabilityCommitment,
    text::folded,
    time::{Duration, later, micros},
    words::{Clock, DownWhen},
};

/// A time in which something was not there, as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outage {
    /// What, as the terms name it.
    pub subject: String,
    /// Since when.
    #[serde(with = "micros")]
    pub from: Timestamp,
    /// The first instant at which it was there again; none: it is still not.
    #[serde(with = "micros::optional")]
    pub to: Option<Timestamp>,
    /// Of something of several members, which; none: all of it.
    pub member: Option<String>,
    /// Why.
    pub cause: Option<String>,
    /// The maintenance that it is part of.
    pub maintenance: Option<Maintenance>,
}

/// Maintenance as it was planned. What an outage lasts beyond it is no maintenance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maintenance {
    /// When it was announced; none: it was not.
    #[serde(with = "micros::optional")]
    pub announced_at: Option<Timestamp>,
    /// When it was to begin.
    #[serde(with = "micros")]
    pub from: Timestamp,
    /// When it was to end.
    #[serde(with = "micros")]
    pub until: Timestamp,
}

/// How an availability came out in one window, or in the part of it that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Availability {
    /// What the percentage is of, as far as it has passed.
    pub base: Duration,
    /// How long it may be down in the whole window.
    pub allowed: Duration,
    /// How long it was down.
    pub downtime: Duration,
    /// The time in which something was not there, stretch by stretch, whether it is downtime, and why. The stretches that
    /// count add up to `downtime`.
    pub segments: Vec<ClockSegment>,
}

impl Availability {
    /// How much of the time it was there; none of no time.
    #[must_use]
    pub fn attained(&self) -> Option<Share> {
        let up = self.base.minus(self.downtime).max(Duration::ZERO);
        Share::new(up.micros().unsigned_abs(), self.base.micros().unsigned_abs())
    }
}

/// The window that is measured.
#[derive(Clone, Copy, Debug)]
pub struct Measured<'a> {
    /// The hours in which it is promised, and the zone of its days.
    pub calendar: &'a Calendar,
    /// The whole window.
    pub whole: Span,
    /// The part of it in which the terms are in force.
    pub part: &'a Spans,
    /// When it is asked.
    pub now: Timestamp,
}

/// How much of a window something was there (Q1).
#[must_use]
pub fn availability(commitment: &AvailabilityCommitment, window: Measured<'_>, outages: &[Outage]) -> Availability {
    let Measured { calendar, whole, part, now } = window;
    let passed = part.and(&Span::new(whole.from(), whole.to().min(now)).into());
    let counted = match commitment.clock {
        Clock::AroundTheClock => passed.clone(),
        Clock::BusinessHours => passed.and(&calendar.open_spans(whole.from(), whole.to().min(now))),
    };
    let reckoning = Reckoning::new(commitment, calendar, now, outages, &counted);
    let down = reckoning.down.and(&counted);
    Availability {
        base: commitment.base(calendar, whole, &passed),
        allowed: commitment.allowed_downtime(calendar, whole, part),
        downtime: down.length(),
        segments: reckoning.segments(commitment, &passed, &counted, &down),
    }
}

/// What becomes of the outages, one condition after the other.
struct Reckoning {
    /// All of them.
    all: Spans,
    /// Due to a cause that is no downtime.
    excused: Spans,
    /// Maintenance in a weekly window.
    weekly: Spans,
    /// Announced maintenance, up to the allowance.
    announced: Spans,
    /// Too short to count.
    short: Spans,
    /// Downtime, in whatever hours.
    down: Spans,
}

impl Reckoning {
    fn new(
        commitment: &AvailabilityCommitment,
        calendar: &Calendar,
        now: Timestamp,
        outages: &[Outage],
        counted: &Spans,
    ) -> Self {
        let excuses = |outage: &&Outage| is_excused(commitment, outage);
        let time = |outage: &Outage| Span::new(outage.from, outage.to.unwrap_or(now).min(now));
        let all: Spans = outages.iter().filter_map(time).collect();
        let excused = outages.iter().filter(excuses).filter_map(time).collect();
        let liable: Vec<(&Outage, Span)> = outages
            .iter()
            .filter(|outage| !excuses(outage))
            .filter_map(|outage| Some((outage, time(outage)?)))
            .collect();
        let weekly = weekly(commitment, calendar, &liable);
        let announced = announced(commitment, &liable, &weekly, counted);
        let free = weekly.or(&announced);
        let net = |outage: &Outage, span: Span| {
            let free = if is_announced(commitment, outage) { &free } else { &weekly };
            let planned: Spans = planned(outage, span).into();
            Spans::from(Some(span)).without(&planned.and(free))
        };
        let occurred = combined(commitment, &liable, |_, span| Some(span).into());
        let lasting = occurred.at_least(commitment.formula.ignores_under.unwrap_or_default());
        let down = combined(commitment, &liable, net).and(&lasting);
        Self { all, excused, weekly, announced, short: occurred.without(&lasting), down }
    }

    /// Every stretch in which something was not there, and what it counts as.
    fn segments(
        &self,
        commitment: &AvailabilityCommitment,
        passed: &Spans,
        counted: &Spans,
        down: &Spans,
    ) -> Vec<ClockSegment> {
        let mut left = self.all.and(passed);
        let mut segments = Vec::new();
        let mut take = |of: &Spans, counts: bool, why: &str| {
            let taken = left.and(of);
            left = left.without(&taken);
            let segment = |span: Span| ClockSegment { from: span.from(), to: span.to(), counts, why: why.to_owned() };
            segments.extend(taken.iter().map(segment));
        };
        take(down, true, "downtime");
        take(&passed.without(counted), false, "outside the hours that count");
        take(&self.weekly, false, "maintenance in its weekly window");
        take(&self.announced, false, "maintenance that does not count");
        let least = commitment.formula.ignores_under.unwrap_or_default();
        take(&self.short, false, &format!("shorter than {least}"));
        take(&self.excused, false, "a cause that is no downtime");
        take(passed, false, "not all members were down");
        segments.sort_by_key(|segment| segment.from);
        segments
    }
}

fn is_excused(commitment: &AvailabilityCommitment, outage: &Outage) -> bool {
    let cause = outage.cause.as_deref().map(folded);
    cause.is_some_and(|cause| commitment.formula.excused.iter().any(|excused| folded(excused) == cause))
}

/// The part of an outage that was planned as maintenance.
fn planned(outage: &Outage, span: Span) -> Option<Span> {
    let maintenance = outage.maintenance?;
    span.common(Span::new(maintenance.from, maintenance.until)?)
}

/// Maintenance that lies in the times of every week that the terms leave for it.
fn weekly(commitment: &AvailabilityCommitment, calendar: &Calendar, liable: &[(&Outage, Span)]) -> Spans {
    let planned: Spans = liable.iter().filter_map(|(outage, span)| planned(outage, *span)).collect();
    let (Some(first), Some(last)) = (planned.first(), planned.last()) else { return Spans::default() };
    planned.and(&calendar.weekly_spans(&commitment.formula.maintenance, first.from(), last.to()))
}

/// Maintenance that was announced in time, from the beginning of the window up to the allowance.
fn announced(
    commitment: &AvailabilityCommitment,
    liable: &[(&Outage, Span)],
    weekly: &Spans,
    counted: &Spans,
) -> Spans {
    let announced = liable.iter().filter(|(outage, _)| is_announced(commitment, outage));
    let announced: Spans = announced.filter_map(|(outage, span)| planned(outage, *span)).collect();
    let announced = announced.without(weekly).and(counted);
    match commitment.maintenance_allowance {
        None => announced,
        Some(allowance) => first_of(&announced, allowance),
    }
}

/// Whether maintenance was announced as long before as the terms ask for; terms that speak of none let none pass.
fn is_announced(commitment: &AvailabilityCommitment, outage: &Outage) -> bool {
    let Some(notice) = commitment.maintenance_notice else { return commitment.maintenance_allowance.is_some() };
    let last = outage.maintenance.and_then(|planned| later(planned.from, Duration::ZERO.minus(notice)));
    let announced = outage.maintenance.and_then(|planned| planned.announced_at);
    announced.zip(last).is_some_and(|(announced, last)| announced <= last)
}

/// The first stretches of some time, up to so much.
fn first_of(time: &Spans, most: Duration) -> Spans {
    let mut left = most;
    let mut taken = Vec::new();
    for span in time.iter() {
        let cut = later(span.from(), left).map_or(span.to(), |cut| cut.min(span.to()));
        let Some(span) = Span::new(span.from(), cut) else { break };
        left = left.minus(span.length());
        taken.push(span);
    }
    taken.into_iter().collect()
}

/// When something as a whole is down, from when its members are (Q1).
///
/// - `time`: what of an outage counts.
fn combined(
    commitment: &AvailabilityCommitment,
    liable: &[(&Outage, Span)],
    time: impl Fn(&Outage, Span) -> Spans,
) -> Spans {
    let of = |is_meant: &dyn Fn(&Outage) -> bool| {
        let meant = liable.iter().filter(|(outage, _)| is_meant(outage));
        meant.flat_map(|(outage, span)| time(outage, *span).iter().collect::<Vec<_>>()).collect::<Spans>()
    };
    let members = &commitment.formula.members;
    if commitment.formula.down_when == DownWhen::AnyMember || members.is_empty() {
        return of(&|_| true);
    }
    let whole = of(&|outage| outage.member.is_none());
    let down = |member: &String| {
        let member = folded(member);
        of(&|outage| outage.member.as_deref().is_none_or(|down| folded(down) == member))
    };
    members.iter().map(down).reduce(|all, next| all.and(&next)).unwrap_or(whole)
}
