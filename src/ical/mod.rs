//! iCalendar files (RFC 5545): which days and stretches of time they name.
//!
//! Read are events, repeated ones too, with what takes single times out of them or puts others in their place. To-dos,
//! journals, alarms and free-busy times are passed over. What cannot be read is an error with its line: a file is taken
//! as a whole or not at all.
//!
//! Architecture invariant: no database, no clock. Content lines are taken apart here, for the line numbers; repetition,
//! where iCalendar is hard, is the `rrule` crate's.

mod event;
mod lines;
mod moment;
mod repeat;
#[cfg(test)]
mod tests;
mod zones;

use std::ops::RangeInclusive;

use remit_domain::{DateTime, calendar::Stretch, holidays::DayOff};

use event::Event;
use lines::Line;
use moment::Moment;
use zones::Zones;

/// What a file says that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct IcalError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
}

/// What a file names in some years.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Happenings {
    /// Whole days, by date.
    pub days: Vec<DayOff>,
    /// Parts of days, in the calendar's zone, by beginning; each with the line its event begins on.
    pub stretches: Vec<(usize, Stretch)>,
    /// Events that were not taken, each with why.
    pub left_out: Vec<String>,
}

/// Which events say that something is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// All; those shown as free too, as calendars of holidays mark their days.
    All,
    /// Those that are not shown as free.
    Busy,
}

/// Reads a file.
///
/// An event that lasts from midnight to midnight in the calendar's zone is whole days, however it is written.
///
/// - `zone`: the calendar's zone, an IANA name.
///
/// # Errors
/// [`IcalError`] at what cannot be read.
pub fn read(text: &str, zone: &str, years: &RangeInclusive<i16>, taken: Taken) -> Result<Happenings, IcalError> {
    let lines = lines::lines(text)?;
    let zones = Zones::new(zone, &lines);
    let events = events(&lines)?;
    let mut replaced: Vec<(&str, Moment)> = Vec::new();
    for event in &events {
        if let (Some(uid), Some(moment)) = (event.uid(), event.replaces(&zones)?) {
            replaced.push((uid, moment));
        }
    }
    let mut found = Happenings::default();
    for event in &events {
        let others = |(uid, moment)| (Some(uid) == event.uid()).then_some(moment);
        let replaced: Vec<&Moment> = replaced.iter().map(|(uid, moment)| (*uid, moment)).filter_map(others).collect();
        let replaced = if event.replaces(&zones)?.is_some() { &[] } else { replaced.as_slice() };
        found.take(event, replaced, &zones, years, taken)?;
    }
    found.days.sort_by_key(|day| day.date);
    found.stretches.sort_by_key(|(_, stretch)| stretch.from);
    Ok(found)
}

impl Happenings {
    fn take(
        &mut self,
        event: &Event<'_>,
        replaced: &[&Moment],
        zones: &Zones<'_>,
        years: &RangeInclusive<i16>,
        taken: Taken,
    ) -> Result<(), IcalError> {
        let (name, start) = (event.name()?, event.start(zones)?);
        let length = event.length(&start, zones)?;
        // Beyond the last year by two days, which no zone shifts a time by.
        let until = remit_domain::Date::new(years.end().saturating_add(1), 1, 2).unwrap_or(remit_domain::Date::MAX);
        let starts = event.starts(&start, until.at(0, 0, 0, 0), replaced, zones)?;
        let why = match () {
            () if event.is_cancelled() => Some("is cancelled"),
            () if event.is_observance() => Some("is an observance, not a day off"),
            () if event.is_free() && (taken == Taken::Busy || !start.is_day()) => Some("is shown as free"),
            () => None,
        };
        if let Some(why) = why {
            self.left_out.push(format!("line {}: {name:?} {why}", event.line()));
            return Ok(());
        }
        for wall in starts {
            let end = wall.saturating_add(length);
            let within = |wall| Moment { wall, zone: start.zone.clone() }.wall_in(zones.calendar());
            self.happens(
                event.line(),
                Stretch { name: name.clone(), from: within(wall), to: within(end) },
                &start,
                years,
            );
        }
        Ok(())
    }

    /// Takes one time of an event.
    fn happens(&mut self, line: usize, stretch: Stretch, start: &Moment, years: &RangeInclusive<i16>) {
        let is_midnight = |wall: DateTime| wall == wall.date().at(0, 0, 0, 0);
        let lasts_days = is_midnight(stretch.from) && is_midnight(stretch.to) && stretch.from < stretch.to;
        if start.is_day() || lasts_days {
            let mut date = stretch.from.date();
            while date < stretch.to.date() && date.year() <= *years.end() {
                if years.contains(&date.year()) {
                    self.days.push(DayOff { date, name: stretch.name.clone(), observed: false });
                }
                let Ok(next) = date.tomorrow() else { break };
                date = next;
            }
        } else if years.contains(&stretch.from.year()) {
            self.stretches.push((line, stretch));
        }
    }
}

/// The events of a file.
///
/// # Errors
/// [`IcalError`] for a file that is no calendar or that breaks off.
fn events(lines: &[Line]) -> Result<Vec<Event<'_>>, IcalError> {
    let mut open: Vec<(&Line, Vec<&Line>)> = Vec::new();
    let mut found = Vec::new();
    for line in lines {
        match line.name.as_str() {
            "BEGIN" => {
                if open.is_empty() && !line.says("BEGIN", "VCALENDAR") {
                    return Err(line.error("a file begins with BEGIN:VCALENDAR"));
                }
                open.push((line, Vec::new()));
            }
            "END" => {
                let (begin, lines) = open.pop().ok_or_else(|| line.error("nothing has begun that could end"))?;
                if !line.says("END", begin.value.trim()) {
                    return Err(line.error(format!("what began on line {} is {}", begin.number, begin.value.trim())));
                }
                if begin.says("BEGIN", "VEVENT") {
                    found.push(Event::new(begin, lines));
                }
            }
            _ => match open.last_mut() {
                Some((_, lines)) => lines.push(line),
                None => return Err(line.error("this is no iCalendar file: it begins with BEGIN:VCALENDAR")),
            },
        }
    }
    if let Some((begin, _)) = open.first() {
        return Err(begin.error("what begins here does not end: the file breaks off"));
    }
    if lines.is_empty() {
        return Err(IcalError { line: 1, problem: "the file is empty".into() });
    }
    Ok(found)
}
