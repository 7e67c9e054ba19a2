//! What was told of a ticket, taken together: the newest version of each of its parts (S7).

use std::collections::{BTreeMap, HashMap, btree_map::Entry as Place};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{About, Event, Happening, Ticket};
use crate::{
    text::Code,
    time::micros,
    words::{ComponentClass, Delivery, FailureScenario, Priority},
};

/// The most events of one ticket that are kept.
pub const EVENTS_MAX: usize = 2_000;

/// Why a version of a ticket is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// More events than a ticket has.
    #[error("the ticket would have {0} events, at most {EVENTS_MAX} are kept")]
    TooManyEvents(usize),
    /// It says one event in two ways, and neither is the newer.
    #[error("event {0:?} is said twice in this version, and not the same: what it was cannot be told")]
    SaidTwoWays(String),
}

/// One version of a ticket, as its source tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketVersion {
    /// The source's time of this version; none: what arrives last is the newest.
    pub changed_at: Option<Timestamp>,
    /// Its title.
    pub title: String,
    /// Its priority at the opening.
    pub priority: Priority,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Whether it is there no more.
    pub deleted: bool,
    /// What else the version speaks of.
    pub details: Details,
    /// Its priority at `changed_at`, where the version says so.
    pub current_priority: Option<Priority>,
    /// Events that the version speaks of: all so far, or new ones.
    pub events: Vec<GivenEvent>,
}

/// What a version may speak of. The outer none: it does not speak of it; the inner none: it is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// The service concerned.
    pub service: Option<Option<Code>>,
    /// What failed.
    pub scenario: Option<Option<FailureScenario>>,
    /// What kind of thing failed.
    pub component: Option<Option<ComponentClass>>,
    /// By which channel it came.
    pub channel: Option<Option<String>>,
    /// How the work reaches the client.
    pub delivery: Option<Option<Delivery>>,
    /// Who of the client's asks.
    pub caller: Option<Option<String>>,
}

/// One event that a version speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenEvent {
    /// What its source calls it.
    pub id: String,
    /// When and what; none: it did not happen.
    pub happened: Option<(Timestamp, Happening)>,
}

/// What taking a version came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Whether the version is the newest so far.
    pub newest: bool,
    /// Whether anything is different.
    pub changed: bool,
    /// Whether anything is to be kept: what was told may be newer and say the same.
    pub touched: bool,
}

/// The newest versions of a ticket and of its events. Whatever the order in which versions are taken, and however often,
/// the outcome is the same, as long as they carry the source's time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The source's time of the newest version, where any carried one.
    #[serde(default, with = "micros::optional", skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<Timestamp>,
    /// Its title.
    pub title: String,
    /// Its priority at the opening.
    pub priority: Priority,
    /// When it was opened.
    #[serde(with = "micros")]
    pub opened_at: Timestamp,
    /// Whether it is there no more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    #[serde(default, skip_serializing_if = "Said::is_unsaid")]
    service: Said<Code>,
    #[serde(default, skip_serializing_if = "Said::is_unsaid")]
    scenario: Said<FailureScenario>,
    #[serde(default, skip_serializing_if = "Said::is_unsaid")]
    component: Said<ComponentClass>,
    #[serde(default, skip_serializing_if = "Said::is_unsaid")]
    channel: Said<String>,
    #[serde(default, skip_serializing_if = "Said::is_unsaid")]
    delivery: Said<Delivery>,
    #[serde(default, skip_serializing_if = "Said::is_unsaid")]
    caller: Said<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    events: BTreeMap<String, Entry>,
    /// Priorities that versions stated, by their time in microseconds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    stated: BTreeMap<i64, Priority>,
}

/// A part that versions may leave out, with the time of the version that spoke of it last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Said<T> {
    #[default]
    Unsaid,
    Is {
        #[serde(default = "nothing", skip_serializing_if = "Option::is_none")]
        value: Option<T>,
        #[serde(default, with = "micros::optional", skip_serializing_if = "Option::is_none")]
        by: Option<Timestamp>,
    },
}

fn nothing<T>() -> Option<T> {
    None
}

impl<T: Clone + PartialEq> Said<T> {
    fn is_unsaid(&self) -> bool {
        matches!(self, Self::Unsaid)
    }

    fn value(&self) -> Option<T> {
        match self {
            Self::Unsaid => None,
            Self::Is { value, .. } => value.clone(),
        }
    }

    /// Takes what a version of a time says; whether that changes anything.
    fn take(&mut self, said: Option<Option<T>>, at: Option<Timestamp>) -> bool {
        let Some(coming) = said else { return false };
        let before = match self {
            Self::Is { by, .. } if !outranks(*by, at) => return false,
            Self::Is { by, .. } => *by,
            Self::Unsaid => None,
        };
        let changed = self.value() != coming;
        *self = Self::Is { value: coming, by: before.max(at) };
        changed
    }
}

/// One event with the time of the version that spoke of it last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    /// None: it did not happen.
    #[serde(default, flatten, skip_serializing_if = "Option::is_none")]
    happened: Option<Happened>,
    #[serde(default, with = "micros::optional", skip_serializing_if = "Option::is_none")]
    by: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Happened {
    #[serde(with = "micros")]
    at: Timestamp,
    #[serde(flatten)]
    what: Happening,
}

/// Whether a version of one time is taken over one of another: it is unless it is known to be older.
fn outranks(kept: Option<Timestamp>, coming: Option<Timestamp>) -> bool {
    kept.zip(coming).is_none_or(|(kept, coming)| kept <= coming)
}

/// An event that a version says again, and otherwise. The same twice does no harm.
fn said_two_ways(events: &[GivenEvent]) -> Option<&GivenEvent> {
    let mut said: HashMap<&str, &GivenEvent> = HashMap::with_capacity(events.len());
    events.iter().find(|event| said.insert(&event.id, event).is_some_and(|before| before != *event))
}

impl Kept {
    /// A ticket of which this is the first that is heard.
    ///
    /// - `arrived`: when it is heard.
    ///
    /// # Errors
    /// [`Refused`] when it has too many events, or says one in two ways.
    pub fn first(version: TicketVersion, arrived: Timestamp) -> Result<Self, Refused> {
        let mut kept = Self {
            changed_at: version.changed_at,
            title: version.title.clone(),
            priority: version.priority,
            opened_at: version.opened_at,
            deleted: version.deleted,
            service: Said::Unsaid,
            scenario: Said::Unsaid,
            component: Said::Unsaid,
            channel: Said::Unsaid,
            delivery: Said::Unsaid,
            caller: Said::Unsaid,
            events: BTreeMap::new(),
            stated: BTreeMap::new(),
        };
        kept.take(version, arrived)?;
        Ok(kept)
    }

    /// Takes another version. What it says of the ticket itself counts unless a newer version is known; so for each
    /// detail and event that it speaks of, by the newest version that spoke of that.
    ///
    /// - `arrived`: when it is heard.
    ///
    /// # Errors
    /// [`Refused`] when there would be too many events, or the version says one in two ways; then nothing is taken.
    pub fn take(&mut self, version: TicketVersion, arrived: Timestamp) -> Result<Taken, Refused> {
        let events = self.events.len() + version.events.iter().filter(|e| !self.events.contains_key(&e.id)).count();
        if events > EVENTS_MAX {
            return Err(Refused::TooManyEvents(events));
        }
        if let Some(event) = said_two_ways(&version.events) {
            return Err(Refused::SaidTwoWays(event.id.clone()));
        }
        let before = self.clone();
        let by = version.changed_at;
        let newest = outranks(self.changed_at, by);
        let mut changed = false;
        if newest {
            let own = |kept: &Self| (kept.priority, kept.opened_at, kept.deleted);
            changed |=
                self.title != version.title || own(self) != (version.priority, version.opened_at, version.deleted);
            self.changed_at = self.changed_at.max(by);
            self.title = version.title;
            (self.priority, self.opened_at, self.deleted) = (version.priority, version.opened_at, version.deleted);
        }
        let Details { service, scenario, component, channel, delivery, caller } = version.details;
        changed |= self.service.take(service, by);
        changed |= self.scenario.take(scenario, by);
        changed |= self.component.take(component, by);
        changed |= self.channel.take(channel, by);
        changed |= self.delivery.take(delivery, by);
        changed |= self.caller.take(caller, by);
        for event in version.events {
            changed |= self.take_event(event, by);
        }
        if let Some(priority) = version.current_priority {
            changed |= self.take_priority(priority, by, arrived);
        }
        Ok(Taken { newest, changed, touched: *self != before })
    }

    fn take_event(&mut self, given: GivenEvent, by: Option<Timestamp>) -> bool {
        let happened = given.happened.map(|(at, what)| Happened { at, what });
        match self.events.entry(given.id) {
            // A deletion is remembered where something older could still come.
            Place::Vacant(place) if happened.is_some() || by.is_some() => {
                place.insert(Entry { happened, by });
                happened.is_some()
            }
            Place::Vacant(_) => false,
            Place::Occupied(mut place) => {
                let kept = place.get_mut();
                if !outranks(kept.by, by) {
                    return false;
                }
                let changed = kept.happened != happened;
                *kept = Entry { happened, by: kept.by.max(by) };
                changed
            }
        }
    }

    /// Takes that a version states the priority of its time. Without a time it is that of the arrival, and put down only
    /// where it is news.
    fn take_priority(&mut self, priority: Priority, by: Option<Timestamp>, arrived: Timestamp) -> bool {
        let before = self.ticket().events;
        if by.is_none() && self.ticket().priority_at(arrived) == priority {
            return false;
        }
        self.stated.insert(by.unwrap_or(arrived).as_microsecond(), priority);
        self.ticket().events != before
    }

    /// What the ticket is about.
    #[must_use]
    pub fn about(&self) -> About {
        About {
            service: self.service.value(),
            scenario: self.scenario.value(),
            component: self.component.value(),
            channel: self.channel.value(),
            delivery: self.delivery.value(),
            caller: self.caller.value(),
        }
    }

    /// The ticket that follows from what was told.
    #[must_use]
    pub fn ticket(&self) -> Ticket {
        let event = |(id, entry): (&String, &Entry)| {
            let Happened { at, what } = entry.happened?;
            Some(Event { id: id.clone(), at, what })
        };
        let mut ticket = Ticket {
            opened_at: self.opened_at,
            priority: self.priority,
            about: self.about(),
            events: self.events.iter().filter_map(event).collect(),
        };
        // A stated priority that the events do not give is a change of priority at its time.
        for (&at, &priority) in &self.stated {
            let Ok(at) = Timestamp::from_microsecond(at) else { continue };
            if ticket.priority_at(at) != priority {
                let what = Happening::PriorityChanged { priority };
                ticket.events.push(Event { id: format!("currentPriority {at}"), at, what });
            }
        }
        ticket
    }
}
