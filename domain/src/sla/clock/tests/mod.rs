//! Clocks against tables of cases, against an oracle that steps through time, and in any order of arrival.

mod cases;
mod endings;
mod oracle;
mod tables;

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};

use super::{Clock, ClockRules, Suspended, clocks};
use crate::{
    Timestamp,
    calendar::{Calendar, tests::calendar},
    sla::Tier,
    text::Code,
    ticket::{About, Event, Happening, Ticket},
    time::{Duration, elapsed, parse_instant},
    words::{ClockState, Milestone, Priority, WaitingReason},
};

fn at(text: &str) -> Timestamp {
    parse_instant(text).unwrap()
}

/// Monday to Friday from nine to five in New York.
fn office() -> Calendar {
    calendar("America/New_York", "MON-FRI 09:00-17:00", &[])
}

/// A tier of targets such as `P1 RESPONSE PT4H`, `P2 RESOLUTION PT8H AROUND_THE_CLOCK`, `P3 PLAN 2`, with waiting rules.
fn tier(targets: &[&str], waiting: &[(&str, &[&str])]) -> Tier {
    let target = |text: &&str| {
        let parts: Vec<&str> = text.split(' ').collect();
        let limit = match parts[2].parse::<u32>() {
            Ok(days) => json!({"BUSINESS_DAYS": days}),
            Err(_) => {
                json!({"WITHIN": {"time": parts[2], "clock": parts.get(3).copied().unwrap_or("BUSINESS_HOURS")}})
            }
        };
        json!({"priority": parts[0], "milestone": parts[1], "limit": limit, "opened_in": [], "strength": "TARGET", "attainment": "95"})
    };
    let rule = |(reason, stops): &(&str, &[&str])| json!({"reason": reason, "stops": stops});
    let targets: Vec<Value> = targets.iter().map(target).collect();
    let waiting: Vec<Value> = waiting.iter().map(rule).collect();
    serde_json::from_value(
        json!({"targets": targets, "waiting": waiting, "credits": [], "credit_cap": null, "credit_minimum_tickets": 1}),
    )
    .unwrap()
}

/// An event such as `WAITING CLIENT`, `RESUMED`, `PRIORITY_CHANGED P1`; `WAITING CLIENT !` ends the other waits.
fn event(id: usize, when: Timestamp, text: &str) -> Event {
    let parts: Vec<&str> = text.split(' ').collect();
    let reason = || parts.get(1).map(|text| *WaitingReason::ALL.iter().find(|r| r.as_str() == *text).unwrap());
    let what = match parts[0] {
        "WAITING" => Happening::Waiting { reason: reason().unwrap(), replaces: parts.len() > 2 },
        "RESUMED" => Happening::Resumed { reason: reason() },
        "PRIORITY_CHANGED" => Happening::PriorityChanged { priority: priority(parts[1]) },
        kind => serde_json::from_value(json!({"kind": kind})).unwrap(),
    };
    Event { id: format!("{id:03}"), at: when, what }
}

fn priority(text: &str) -> Priority {
    *Priority::ALL.iter().find(|p| p.as_str() == text).unwrap()
}

fn milestone(text: &str) -> Milestone {
    *Milestone::ALL.iter().find(|m| m.as_str() == text).unwrap()
}

fn ticket(opened: &str, urgency: &str, events: &[(&str, &str)]) -> Ticket {
    let events = events.iter().enumerate().map(|(place, (when, text))| event(place, at(when), text));
    Ticket { opened_at: at(opened), priority: priority(urgency), about: About::default(), events: events.collect() }
}

/// What clocks are judged by in a test.
struct Office {
    tier: Tier,
    calendar: Calendar,
    own: BTreeMap<Code, Arc<Calendar>>,
    suspended: Vec<Suspended>,
}

impl Office {
    fn new(tier: Tier, calendar: Calendar) -> Self {
        Self { tier, calendar, own: BTreeMap::new(), suspended: Vec::new() }
    }

    fn rules(&self) -> ClockRules<'_> {
        ClockRules {
            tier: &self.tier,
            calendar: &self.calendar,
            target_calendars: &self.own,
            suspended: self.suspended.clone(),
        }
    }
}

/// Holds a clock's proof to the clock: it is whole, and what counted adds up.
fn check_proof(clock: &Clock<'_>, asked_at: Timestamp) {
    let segments = clock.segments();
    let end = clock.stopped_at.unwrap_or(asked_at);
    let mut reached = clock.started_at;
    for segment in &segments {
        assert!(segment.from == reached && segment.to > segment.from, "{clock:#?}");
        reached = segment.to;
    }
    assert_eq!(reached, end.max(clock.started_at), "{clock:#?}");
    let counted = |segments: &[crate::sla::ClockSegment]| {
        segments.iter().filter(|s| s.counts).map(|s| elapsed(s.from, s.to)).fold(Duration::ZERO, Duration::plus)
    };
    assert_eq!(counted(&segments), clock.elapsed, "{clock:#?}");
    let ahead = clock.ahead();
    if let (ClockState::Running | ClockState::Met, Some(due)) = (clock.state, clock.due) {
        assert_eq!(counted(&ahead), clock.remaining, "{clock:#?}");
        assert_eq!(ahead.last().map_or(due, |last| last.to), due, "{clock:#?}");
    }
    if let (ClockState::Breached, Some(due)) = (clock.state, clock.due) {
        let until: Vec<_> = segments.iter().filter(|segment| segment.to <= due).cloned().collect();
        assert_eq!(counted(&until), clock.worth().unwrap(), "{clock:#?}");
    }
}
