//! Clocks against an oracle that walks minute by minute and knows only the rules' words.

use proptest::{collection::vec, option, prelude::*, sample::select};

use super::*;
use crate::{
    calendar::tests::oracle::some_calendar,
    sla::{Limit, Opening, Target},
    time::later,
    words::Clock as Counts,
};

const MINUTE: i64 = 60_000_000;
/// How far the oracle looks ahead for a due time, in minutes.
const AHEAD: i64 = 9 * 1440;

fn shifted(from: Timestamp, minutes: i64) -> Timestamp {
    later(from, Duration::from_micros(minutes * MINUTE)).unwrap()
}

fn minutes(count: i64) -> Duration {
    Duration::from_micros(count * MINUTE)
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    /// There is no target.
    None,
    Open,
    Met,
    Breached(i64),
    Cancelled,
    Dropped(i64),
}

/// One clock, minute by minute since the opening.
struct Oracle<'a> {
    office: &'a Office,
    ticket: &'a Ticket,
    milestone: Milestone,
    target: Option<&'a Target>,
    state: State,
    /// For each minute, whether nothing held or stopped the clock.
    log: Vec<bool>,
    waits: Vec<WaitingReason>,
    stopped: Option<i64>,
    /// Whether it stopped because the ticket was cancelled: it then stays as it is until it is reopened.
    cancelled: bool,
    /// When the milestone came, or the clock ended.
    ended: Option<i64>,
    judgements: Vec<(i64, bool, Priority)>,
}

impl<'a> Oracle<'a> {
    fn target(&self, urgency: Priority) -> Option<&'a Target> {
        let class = self.office.calendar.hours_class(self.ticket.opened_at);
        let opening = Opening { class, channel: None, delivery: None };
        self.office.tier.target(urgency, self.milestone, &opening).map(|(_, target)| target)
    }

    fn minute(&self, place: i64) -> Timestamp {
        shifted(self.ticket.opened_at, place)
    }

    fn counts(&self, target: &Target, place: i64) -> bool {
        target.limit.clock() == Counts::AroundTheClock || self.office.calendar.is_open(self.minute(place))
    }

    /// The minutes a target gives.
    fn worth(&self, target: &Target) -> Option<i64> {
        match target.limit {
            Limit::Within { time, .. } => Some(time.micros() / MINUTE),
            Limit::BusinessDays(days) => {
                let due = self.office.calendar.due_in_business_days(self.ticket.opened_at, days)?;
                let minutes = elapsed(self.ticket.opened_at, due).micros() / MINUTE;
                Some((0..minutes).filter(|place| self.counts(target, *place)).count() as i64)
            }
        }
    }

    fn used(&self, target: &Target, until: i64) -> i64 {
        (0..until).filter(|place| self.log[*place as usize] && self.counts(target, *place)).count() as i64
    }

    /// The minute by whose beginning the target was used up.
    fn ran_out(&self, target: &Target) -> Option<i64> {
        let worth = self.worth(target)?;
        let mut used = 0;
        (0..self.log.len() as i64).find_map(|place| {
            used += i64::from(self.log[place as usize] && self.counts(target, place));
            (used == worth).then_some(place + 1)
        })
    }

    fn judge(&mut self, at: i64, met: bool) {
        self.judgements.push((at, met, self.target.unwrap().priority));
    }

    /// S4: breached the moment after it was due.
    fn breach(&mut self, now: i64) {
        let due = self.target.filter(|_| self.state == State::Open).and_then(|target| self.ran_out(target));
        if let Some(due) = due.filter(|due| *due < now) {
            self.state = State::Breached(due);
            self.judge(due, false);
        }
    }

    fn stops(&self, reason: WaitingReason) -> bool {
        match self.office.tier.waiting().iter().find(|rule| rule.reason == reason) {
            Some(rule) => rule.stops.contains(&self.milestone),
            None => reason == WaitingReason::Client && self.milestone != Milestone::Response,
        }
    }

    fn is_held(&self, place: i64) -> bool {
        let at = self.minute(place);
        self.waits.iter().any(|reason| self.stops(*reason))
            || self.office.suspended.iter().any(|s| s.from <= at && s.until.is_none_or(|until| at < until))
    }

    fn take(&mut self, what: Happening, now: i64) {
        match what {
            Happening::Waiting { reason, replaces } => {
                self.waits.retain(|other| !replaces && *other != reason);
                self.waits.push(reason);
            }
            Happening::Resumed { reason } => self.waits.retain(|other| reason.is_some_and(|reason| reason != *other)),
            Happening::PriorityChanged { priority } => self.change_priority(priority, now),
            Happening::Responded if self.milestone == Milestone::Response => self.stop(now, true),
            Happening::Planned if self.milestone == Milestone::Plan => self.stop(now, true),
            Happening::WorkedAround if self.milestone == Milestone::Workaround => self.stop(now, true),
            Happening::Resolved => {
                self.waits.clear();
                self.stop(now, true);
            }
            Happening::Cancelled => {
                self.waits.clear();
                self.stop(now, false);
            }
            Happening::Reopened if self.milestone == Milestone::Resolution && self.stopped.is_some() => {
                (self.stopped, self.cancelled) = (None, false);
                match self.state {
                    State::Met | State::Cancelled => (self.state, self.ended) = (State::Open, None),
                    State::Breached(_) => self.ended = None,
                    State::None | State::Open | State::Dropped(_) => {}
                }
            }
            _ => {}
        }
    }

    fn stop(&mut self, now: i64, reached: bool) {
        if self.stopped.is_some() {
            return;
        }
        (self.stopped, self.cancelled) = (Some(now), !reached);
        match self.state {
            State::Open if reached => {
                (self.state, self.ended) = (State::Met, Some(now));
                self.judge(now, true);
            }
            State::Open => (self.state, self.ended) = (State::Cancelled, Some(now)),
            State::Breached(_) => self.ended = Some(now),
            _ => {}
        }
    }

    fn change_priority(&mut self, urgency: Priority, now: i64) {
        if self.cancelled {
            return;
        }
        match (self.state, self.target(urgency)) {
            (State::Met | State::Breached(_) | State::Cancelled, _) => {}
            (State::None | State::Dropped(_), None) => {}
            (State::Open, None) => (self.state, self.ended) = (State::Dropped(now), Some(now)),
            (State::None | State::Open | State::Dropped(_), Some(target)) => {
                (self.target, self.state, self.ended) = (Some(target), State::Open, self.stopped);
                let due = self.ran_out(target);
                if due.is_some_and(|due| due < self.stopped.unwrap_or(now)) {
                    self.state = State::Breached(now);
                    self.judge(now, false);
                } else if self.stopped.is_some() {
                    self.state = State::Met;
                    self.judge(now, true);
                }
            }
        }
    }

    /// Walks to a minute.
    fn walk(office: &'a Office, ticket: &'a Ticket, milestone: Milestone, to: i64) -> Self {
        let mut walk = Self {
            office,
            ticket,
            milestone,
            target: None,
            state: State::None,
            log: Vec::new(),
            waits: Vec::new(),
            stopped: None,
            cancelled: false,
            ended: None,
            judgements: Vec::new(),
        };
        walk.target = walk.target(ticket.priority);
        if walk.target.is_some() {
            walk.state = State::Open;
        }
        let mut events: Vec<&Event> = ticket.events.iter().collect();
        events.sort_by_key(|event| (event.at.max(ticket.opened_at), event.what.rank(), event.id.clone()));
        for place in 0..=to {
            let due: Vec<&Event> =
                events.iter().filter(|event| event.at.max(ticket.opened_at) == walk.minute(place)).copied().collect();
            if !due.is_empty() || place == to {
                walk.breach(place);
            }
            for event in due {
                walk.take(event.what, place);
            }
            if place < to {
                let runs = walk.stopped.is_none() && !walk.is_held(place);
                walk.log.push(runs);
            }
        }
        walk
    }

    /// Holds a clock to what the oracle has come to at a minute.
    fn check(&self, clock: Option<&Clock<'_>>, now: i64) {
        let Some(target) = self.target else {
            assert!(clock.is_none(), "{clock:#?}");
            return;
        };
        let clock = clock.unwrap_or_else(|| panic!("no clock for {}", self.milestone));
        let until = self.ended.unwrap_or(now);
        let (used, worth) = (self.used(target, until), self.worth(target));
        assert_eq!(clock.target, target);
        assert_eq!(clock.elapsed, minutes(used), "{clock:#?}");
        assert_eq!(clock.stopped_at, self.ended.map(|ended| self.minute(ended)), "{clock:#?}");
        let ran_out = self.ran_out(target).filter(|due| *due <= until);
        let held = self.stopped.is_none() && self.is_held(now) && ran_out.is_none();
        let state = match self.state {
            State::Open if held => ClockState::Paused,
            State::Open => ClockState::Running,
            State::Met => ClockState::Met,
            State::Breached(_) => ClockState::Breached,
            State::Cancelled | State::Dropped(_) => ClockState::Cancelled,
            State::None => unreachable!(),
        };
        assert_eq!(clock.state, state, "{clock:#?}");
        let breached = if let State::Breached(at) = self.state { Some(self.minute(at)) } else { None };
        assert_eq!(clock.breached_at, breached);
        let judged: Vec<_> = clock
            .judgements
            .iter()
            .map(|j| {
                (
                    elapsed(self.ticket.opened_at, j.at).micros() / MINUTE,
                    j.judged == super::super::Judged::Met,
                    j.target.priority,
                )
            })
            .collect();
        assert_eq!(judged, self.judgements);
        let Some(worth) = worth else { return };
        assert_eq!(clock.remaining, minutes((worth - used).max(0)));
        if matches!(self.state, State::Dropped(_)) {
            return;
        }
        match ran_out {
            Some(due) => assert_eq!(clock.due, Some(self.minute(due)), "{clock:#?}"),
            None if held => assert_eq!(clock.due, None, "{clock:#?}"),
            None => {
                let mut left = worth - used;
                let ahead = until..until + AHEAD;
                let due = ahead.into_iter().find_map(|place| {
                    let counts = self.counts(target, place);
                    if left == 0 {
                        return counts.then_some(place);
                    }
                    left -= i64::from(counts);
                    (left == 0).then_some(place + 1)
                });
                if let Some(due) = due {
                    assert_eq!(clock.due, Some(self.minute(due)), "{clock:#?}");
                }
            }
        }
    }
}

fn some_limit() -> impl Strategy<Value = Limit> {
    let clock = select(Counts::ALL);
    prop_oneof![
        5 => (1_i64..3000, clock).prop_map(|(time, clock)| Limit::Within { time: minutes(time), clock }),
        1 => (1_u32..3).prop_map(Limit::BusinessDays),
    ]
}

/// A tier of up to three priorities; some of their milestones have no target.
fn some_tier() -> impl Strategy<Value = Tier> {
    let limits = vec(option::weighted(0.7, some_limit()), 12);
    let waiting = vec(option::of(vec(select(Milestone::ALL), 0..3)), WaitingReason::ALL.len());
    (limits, waiting).prop_map(|(limits, waiting)| {
        let target = |(place, limit): (usize, Option<Limit>)| {
            Some(Target {
                priority: Priority::ALL[place / 4],
                milestone: Milestone::ALL[place % 4],
                limit: limit?,
                opened_in: Vec::new(),
                channels: Vec::new(),
                delivery: None,
                calendar: None,
                strength: crate::words::PromiseStrength::Target,
                attainment: crate::Percent::ALL,
            })
        };
        let targets = limits.into_iter().enumerate().filter_map(target).collect();
        let waiting = WaitingReason::ALL.iter().zip(waiting);
        let waiting =
            waiting.filter_map(|(reason, stops)| Some(crate::sla::WaitingRule { reason: *reason, stops: stops? }));
        Tier::new(crate::sla::TierParts { targets, waiting: waiting.collect(), ..Default::default() }).unwrap()
    })
}

fn some_happening() -> impl Strategy<Value = Happening> {
    let reason = || select(WaitingReason::ALL);
    prop_oneof![
        4 => (reason(), prop::bool::weighted(0.2)).prop_map(|(reason, replaces)| Happening::Waiting { reason, replaces }),
        4 => option::of(reason()).prop_map(|reason| Happening::Resumed { reason }),
        3 => select(&Priority::ALL[..3]).prop_map(|priority| Happening::PriorityChanged { priority }),
        1 => Just(Happening::Responded),
        1 => Just(Happening::Planned),
        1 => Just(Happening::WorkedAround),
        2 => Just(Happening::Resolved),
        2 => Just(Happening::Reopened),
        1 => Just(Happening::Cancelled),
    ]
}

fn some_ticket(from: Timestamp) -> impl Strategy<Value = Ticket> {
    // Many at one instant, so that the order within it matters.
    let moment = prop_oneof![1 => Just(-50_i64), 4 => 0_i64..4000, 3 => (0_i64..12).prop_map(|place| place * 300)];
    let events = vec((moment, some_happening(), 0_usize..100), 0..9);
    (0_i64..3000, select(&Priority::ALL[..3]), events).prop_map(move |(skip, urgency, drawn)| {
        let opened_at = shifted(from, skip);
        let event = |(place, (after, what, id)): (usize, (i64, Happening, usize))| Event {
            id: format!("{id:02}{place}"),
            at: shifted(opened_at, after),
            what,
        };
        let events = drawn.into_iter().enumerate().map(event).collect();
        Ticket { opened_at, priority: urgency, about: About::default(), events }
    })
}

fn some_suspensions(from: Timestamp) -> impl Strategy<Value = Vec<Suspended>> {
    vec((0_i64..5000, option::of(1_i64..1500)), 0..3).prop_map(move |drawn| {
        let stretch = |(place, (begins, lasts)): (usize, (i64, Option<i64>))| Suspended {
            from: shifted(from, begins),
            until: lasts.map(|lasts| shifted(from, begins + lasts)),
            obligation: place,
            title: "a firewall".into(),
        };
        drawn.into_iter().enumerate().map(stretch).collect()
    })
}

fn some_case() -> impl Strategy<Value = (Office, Ticket)> {
    some_calendar().prop_flat_map(|(hours, exceptions, from)| {
        let calendar = Calendar::compile(&hours, &exceptions);
        (some_tier(), some_suspensions(from), some_ticket(from)).prop_map(move |(tier, suspended, ticket)| {
            (Office { suspended, ..Office::new(tier, calendar.clone()) }, ticket)
        })
    })
}

impl std::fmt::Debug for Office {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {:#?} {:?}", self.calendar.hours(), self.tier, self.suspended)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, ..ProptestConfig::default() })]

    #[test]
    fn every_clock_is_as_the_rules_say((office, ticket) in some_case(), asked in vec(0_i64..5000, 3)) {
        let rules = office.rules();
        for now in asked.into_iter().chain([0]) {
            let found = clocks(&rules, &ticket, shifted(ticket.opened_at, now));
            for milestone in Milestone::ALL {
                let walk = Oracle::walk(&office, &ticket, *milestone, now);
                let clock = found.iter().find(|clock| clock.milestone == *milestone);
                walk.check(clock, now);
                if let Some(clock) = clock {
                    check_proof(clock, shifted(ticket.opened_at, now));
                }
            }
        }
    }

    #[test]
    fn nothing_changes_by_itself_before_it_is_said_to((office, ticket) in some_case(), now in 0_i64..4000) {
        let rules = office.rules();
        let at = shifted(ticket.opened_at, now);
        let before = clocks(&rules, &ticket, at);
        let waited = |_: &Clock<'_>| vec![50, 75];
        let Some(next) = super::super::next_change(Some(&rules), &ticket, &before, at, waited) else { return Ok(()) };
        let seen = |clocks: &[Clock<'_>]| -> Vec<(ClockState, bool, bool)> {
            clocks.iter().map(|clock| (clock.state, clock.has_used(50), clock.has_used(75))).collect()
        };
        let moment = Duration::from_micros(-1);
        let last = later(next, moment).unwrap();
        if last >= at {
            let open = |clocks: &[(ClockState, bool, bool)]| clocks.iter().filter(|(state, ..)| *state == ClockState::Running).count();
            let (was, is) = (seen(&before), seen(&clocks(&rules, &ticket, last)));
            prop_assert_eq!(open(&was), open(&is));
            for (was, is) in was.iter().zip(&is) {
                prop_assert_eq!(was.0, is.0);
                if was.0 == ClockState::Running {
                    prop_assert_eq!(was, is);
                }
            }
        }
    }
}
