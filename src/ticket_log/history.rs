//! One ticket, as its rows tell it.

use std::collections::BTreeSet;

use csv::StringRecord;
use remit_domain::{
    Timestamp, text,
    ticket::{Details, GivenEvent, Happening, TicketVersion},
    words::Priority,
};

use super::{
    Rejected,
    map::{Columns, Ended, Map, Reached, State},
    rows::{Line, Places, field},
};
use crate::{
    app::{AskedAgreement, RecordTicket},
    store::{ExternalRef, Handle},
};

/// The most characters that a ticket's title and its id have.
const TEXT_MAX: usize = 255;

/// A row of a ticket.
pub(super) struct Row {
    pub(super) line: Line,
    pub(super) at: Timestamp,
    pub(super) record: StringRecord,
}

/// What a row says of its instant.
struct Said<'a> {
    at: Timestamp,
    priority: Priority,
    state: &'a State,
}

/// The ticket that rows tell of, in whatever order they stand; none where none of them can be read.
pub(super) fn ticket(
    map: &Map,
    places: &Places,
    id: &str,
    mut rows: Vec<Row>,
    reject: &mut impl FnMut(Rejected),
) -> Option<RecordTicket> {
    rows.sort_by_key(|row| row.at);
    let nothing = State::default();
    let mut said = Vec::with_capacity(rows.len());
    rows.retain(|row| match say(map, places, row, &nothing) {
        Ok(one) => {
            said.push(one);
            true
        }
        Err(why) => {
            reject(Rejected { line: row.line, why: format!("ticket {id}: {why}") });
            false
        }
    });
    let last = rows.last()?;
    match version(map, places, id, &said, last) {
        Ok(ticket) => Some(ticket),
        Err(why) => {
            reject(Rejected { line: last.line, why: format!("ticket {id}: {why}") });
            None
        }
    }
}

fn say<'a>(map: &'a Map, places: &Places, row: &Row, nothing: &'a State) -> Result<Said<'a>, String> {
    let value = |place: usize| field(map, &row.record, place);
    let empty = |heading: &str| format!("{heading} is empty");
    let priority = value(places.priority).ok_or_else(|| empty(&map.columns.priority))?;
    opened(map, places, row)?;
    for (heading, place, _) in milestones(&map.columns, places) {
        instant(map, row, heading, place)?;
    }
    let state = match places.state {
        None => nothing,
        Some(place) => map.state(value(place).unwrap_or_default())?,
    };
    Ok(Said { at: row.at, priority: map.priority(priority)?, state })
}

/// When its ticket was opened, as a row has it; none: it is not known.
fn opened(map: &Map, places: &Places, row: &Row) -> Result<Option<Timestamp>, String> {
    instant(map, row, &map.columns.opened, places.opened)
}

/// The columns that say when milestones came: heading, place, and what came.
fn milestones<'a>(columns: &'a Columns, places: &Places) -> impl Iterator<Item = (&'a str, usize, Happening)> {
    let all = [
        (&columns.responded, places.responded, Happening::Responded),
        (&columns.planned, places.planned, Happening::Planned),
        (&columns.worked_around, places.worked_around, Happening::WorkedAround),
        (&columns.resolved, places.resolved, Happening::Resolved),
        (&columns.cancelled, places.cancelled, Happening::Cancelled),
    ];
    all.into_iter().filter_map(|(heading, place, what)| Some((heading.as_deref()?, place?, what)))
}

/// The instant that a row has in a column; none: it is not known.
fn instant(map: &Map, row: &Row, heading: &str, place: usize) -> Result<Option<Timestamp>, String> {
    let read = |text: &str| map.times.read(text).map_err(|error| format!("{heading}: {error}"));
    field(map, &row.record, place).map(read).transpose()
}

/// The ticket by its last row, with the events that all of them give.
fn version(map: &Map, places: &Places, id: &str, said: &[Said<'_>], last: &Row) -> Result<RecordTicket, String> {
    let value = |place: Option<usize>| place.and_then(|place| field(map, &last.record, place));
    let opened_at = opened(map, places, last)?.ok_or_else(|| format!("{} is empty", map.columns.opened))?;
    let handle = |code: &str| Handle::Code(code.to_owned());
    let by = match (&map.owner, value(places.agreement), value(places.client)) {
        (Some(owner), ..) => owner.clone(),
        (None, Some(agreement), _) => AskedAgreement::Agreement(handle(map.agreement(agreement)?)),
        (None, None, Some(client)) => AskedAgreement::Client(handle(map.client(client)?)),
        (None, None, None) => return Err("it says not whose it is".into()),
    };
    let service = match (places.service, value(places.service)) {
        (None, _) => None,
        (Some(_), None) => Some(None),
        (Some(_), Some(value)) => Some(Some(handle(map.service(value)?))),
    };
    let title = value(places.title).unwrap_or(id);
    text::named(id, TEXT_MAX).map_err(|error| format!("its id {error}"))?;
    let title: String = title.chars().filter(|letter| !letter.is_control()).take(TEXT_MAX).collect();
    text::named(&title, TEXT_MAX).map_err(|error| format!("its title {error}"))?;
    let channel = value(places.channel).map(str::to_owned);
    let mut events = events(said);
    for (heading, place, what) in milestones(&map.columns, places) {
        let happened = instant(map, last, heading, place)?.map(|at| (at, what));
        events.push(GivenEvent { id: what.kind().as_str().to_owned(), happened });
    }
    Ok(RecordTicket {
        path: Vec::new(),
        reference: ExternalRef { system: map.system.clone(), id: id.to_owned() },
        by,
        service,
        version: TicketVersion {
            changed_at: Some(last.at),
            title,
            priority: said.first().map_or(Priority::P3, |first| first.priority),
            opened_at,
            deleted: false,
            details: Details { channel: places.channel.map(|_| channel), ..Details::default() },
            current_priority: None,
            events,
        },
    })
}

/// What happened between rows. Rows of one instant are one step: what passed in it counts, and where it led to.
///
/// An event is known by what it is and when, so that the same rows give the same events.
fn events(said: &[Said<'_>]) -> Vec<GivenEvent> {
    let nothing = State::default();
    let (mut events, mut reached) = (Vec::new(), BTreeSet::<Reached>::new());
    let (mut before, mut priority) = (&nothing, said.first().map(|first| first.priority));
    for step in said.chunk_by(|one, next| one.at == next.at) {
        let Some(last) = step.last() else { continue };
        let mut tell = |what: Happening| {
            let id = format!("{} {}", what.kind(), last.at);
            events.push(GivenEvent { id, happened: Some((last.at, what)) });
        };
        if priority != Some(last.priority) {
            tell(Happening::PriorityChanged { priority: last.priority });
            priority = Some(last.priority);
        }
        for new in step.iter().flat_map(|row| &row.state.reached).filter(|new| reached.insert(**new)) {
            tell(new.happening());
        }
        for what in turns(before, last.state) {
            tell(what);
        }
        before = last.state;
    }
    events
}

/// What leads from one state to another.
fn turns(before: &State, after: &State) -> Vec<Happening> {
    let mut turns = Vec::new();
    // What has ended waits for nothing.
    let waiting = |state: &State| state.waits.filter(|_| state.ended.is_none());
    match (before.ended, after.ended) {
        (Some(_), None) => turns.push(Happening::Reopened),
        (was, Some(ended)) if was != Some(ended) => turns.push(Ended::happening(ended)),
        _ => {}
    }
    if after.ended.is_none() && waiting(before) != waiting(after) {
        turns.push(match waiting(after) {
            Some(reason) => Happening::Waiting { reason, replaces: true },
            None => Happening::Resumed { reason: None },
        });
    }
    turns
}
