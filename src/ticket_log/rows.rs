//! The rows of a log, gathered ticket by ticket.

use std::{collections::VecDeque, io::Read, mem};

use csv::{ReaderBuilder, StringRecord};
use remit_domain::Timestamp;

use super::{
    Rejected,
    history::{Row, ticket},
    map::{Columns, Map},
};
use crate::app::RecordTicket;

/// A line of a file, counted from 1.
pub type Line = u64;

/// How many rows of one ticket are held at most.
const ROWS_MAX: usize = 10_000;

/// How many of the tickets before are remembered, to notice rows that stand apart from their ticket's others.
const REMEMBERED: usize = 1_000;

/// Why a log cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// It has no such column.
    #[error("the file has no column {heading:?}; it has {found}")]
    NoColumn {
        /// The heading.
        heading: String,
        /// Those it has.
        found: String,
    },
    /// Two columns have the same heading.
    #[error("the file has two columns {0:?}")]
    TwoColumns(String),
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    Unreadable(#[from] csv::Error),
}

/// The places of the columns that are read.
pub(super) struct Places {
    ticket: usize,
    pub(super) opened: usize,
    at: usize,
    pub(super) priority: usize,
    pub(super) state: Option<usize>,
    pub(super) title: Option<usize>,
    pub(super) service: Option<usize>,
    pub(super) client: Option<usize>,
    pub(super) agreement: Option<usize>,
    pub(super) channel: Option<usize>,
    pub(super) responded: Option<usize>,
    pub(super) planned: Option<usize>,
    pub(super) worked_around: Option<usize>,
    pub(super) resolved: Option<usize>,
    pub(super) cancelled: Option<usize>,
}

impl Places {
    fn find(columns: &Columns, headings: &StringRecord) -> Result<Self, LogError> {
        let one = |heading: &str| {
            let mut found = headings.iter().enumerate().filter(|(_, own)| own.trim() == heading);
            match (found.next(), found.next()) {
                (Some((place, _)), None) => Ok(place),
                (Some(_), Some(_)) => Err(LogError::TwoColumns(heading.to_owned())),
                (None, _) => {
                    let found = headings.iter().collect::<Vec<_>>().join(", ");
                    Err(LogError::NoColumn { heading: heading.to_owned(), found })
                }
            }
        };
        let maybe = |heading: &Option<String>| heading.as_deref().map(one).transpose();
        Ok(Self {
            ticket: one(&columns.ticket)?,
            opened: one(&columns.opened)?,
            at: one(&columns.at)?,
            priority: one(&columns.priority)?,
            state: maybe(&columns.state)?,
            title: maybe(&columns.title)?,
            service: maybe(&columns.service)?,
            client: maybe(&columns.client)?,
            agreement: maybe(&columns.agreement)?,
            channel: maybe(&columns.channel)?,
            responded: maybe(&columns.responded)?,
            planned: maybe(&columns.planned)?,
            worked_around: maybe(&columns.worked_around)?,
            resolved: maybe(&columns.resolved)?,
            cancelled: maybe(&columns.cancelled)?,
        })
    }
}

/// The rows of a log, gathered ticket by ticket.
pub(super) struct Rows<'a, R> {
    reader: csv::Reader<R>,
    map: &'a Map,
    places: Places,
    from: Line,
    read: u64,
    /// The rows of the ticket that is being gathered, and what it is called.
    held: (String, Vec<Row>),
    before: VecDeque<String>,
}

impl<'a, R: Read> Rows<'a, R> {
    pub(super) fn new(log: R, map: &'a Map, from: Option<Line>) -> Result<Self, LogError> {
        let mut reader = ReaderBuilder::new().flexible(true).buffer_capacity(1 << 18).from_reader(log);
        let places = Places::find(&map.columns, reader.headers()?)?;
        let (held, before) = (Default::default(), VecDeque::with_capacity(REMEMBERED));
        Ok(Self { reader, map, places, from: from.unwrap_or_default(), read: 0, held, before })
    }

    /// How many rows are read.
    pub(super) fn read(&self) -> u64 {
        self.read
    }

    /// How many bytes are read.
    pub(super) fn bytes(&self) -> u64 {
        self.reader.position().byte()
    }

    /// The next ticket with the line of its first row; none: there are no more.
    ///
    /// # Errors
    /// [`LogError`] when the file cannot be read on.
    pub(super) fn next_ticket(
        &mut self,
        reject: &mut impl FnMut(Rejected),
    ) -> Result<Option<(Line, RecordTicket)>, LogError> {
        loop {
            let gathered = self.gather(reject)?;
            let Some((id, rows)) = gathered else { return Ok(None) };
            let first = rows.first().map(|row| row.line).unwrap_or_default();
            if let Some(ticket) = ticket(self.map, &self.places, &id, rows, reject) {
                return Ok(Some((first, ticket)));
            }
        }
    }

    /// The rows of the next ticket, and what it is called.
    fn gather(&mut self, reject: &mut impl FnMut(Rejected)) -> Result<Option<(String, Vec<Row>)>, LogError> {
        let mut record = StringRecord::new();
        loop {
            let more = match self.reader.read_record(&mut record) {
                Ok(more) => more,
                Err(error) => {
                    // Text that is no text is this row's fault alone.
                    let csv::ErrorKind::Utf8 { pos: Some(place), .. } = error.kind() else { return Err(error.into()) };
                    self.read += 1;
                    reject(Rejected { line: place.line(), why: "the row is not UTF-8".into() });
                    continue;
                }
            };
            if !more {
                let (id, rows) = mem::take(&mut self.held);
                return Ok((!rows.is_empty()).then_some((id, rows)));
            }
            let line = record.position().map_or(0, csv::Position::line);
            if line < self.from {
                continue;
            }
            self.read += 1;
            let (id, at) = match self.place(&record) {
                Ok(placed) => placed,
                Err(why) => {
                    reject(Rejected { line, why });
                    continue;
                }
            };
            let row = Row { line, at, record: record.clone() };
            if self.held.0 == id && self.held.1.len() < ROWS_MAX {
                self.held.1.push(row);
            } else if self.held.0 == id {
                reject(Rejected { line, why: format!("ticket {id}: more than {ROWS_MAX} rows") });
            } else if self.before.contains(&id) {
                let why = format!("ticket {id}: its rows stand apart; sort the file by ticket, then by time");
                reject(Rejected { line, why });
            } else {
                let (before, rows) = mem::replace(&mut self.held, (id, vec![row]));
                if !rows.is_empty() {
                    if self.before.len() == REMEMBERED {
                        self.before.pop_front();
                    }
                    self.before.push_back(before.clone());
                    return Ok(Some((before, rows)));
                }
            }
        }
    }

    /// Which ticket a row is of, and since when it is so.
    fn place(&self, record: &StringRecord) -> Result<(String, Timestamp), String> {
        let id = field(self.map, record, self.places.ticket).ok_or("it names no ticket")?;
        let heading = &self.map.columns.at;
        let at = field(self.map, record, self.places.at).ok_or_else(|| format!("ticket {id}: {heading} is empty"))?;
        let at = self.map.times.read(at).map_err(|error| format!("ticket {id}: {heading}: {error}"))?;
        Ok((id.to_owned(), at))
    }
}

/// What a row has in a column, where anything is known.
pub(super) fn field<'a>(map: &Map, record: &'a StringRecord, place: usize) -> Option<&'a str> {
    map.known(record.get(place)?)
}
