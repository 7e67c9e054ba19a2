//! Tickets from a file: the event log of a ticket system as CSV, a row for each change of a ticket.
//!
//! What its columns mean stands in a [`Map`]. The file is read once from its beginning to its end, and never held whole.

mod history;
mod map;
mod rows;
#[cfg(test)]
mod tests;

use std::{io::Read, mem};

pub use map::{Map, MapError};
pub use rows::{Line, LogError};

use crate::{
    app::{App, RecordOutcome, RecordTicket, Session},
    store::StoreError,
};
use rows::Rows;

/// How many tickets are written at once: as many as the API takes.
const AT_ONCE: usize = 500;

/// What an import came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows that were read, those that were rejected among them.
    pub rows: u64,
    /// Rows that were rejected.
    pub rejected: u64,
    /// Tickets that were not there.
    pub created: u64,
    /// Tickets of which something is different now.
    pub updated: u64,
    /// Tickets that stayed as they were.
    pub unchanged: u64,
}

/// A row that was rejected, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Its line in the file, counted from 1.
    pub line: Line,
    /// Why.
    pub why: String,
}

/// Who follows an import.
pub trait Watch {
    /// A row was rejected.
    fn rejected(&mut self, rejected: Rejected);
    /// So many bytes are read, and what was made of them is written.
    fn written(&mut self, bytes: u64, tally: &Tally);
}

/// Why an import stopped.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// The file cannot be read on.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The database does not answer.
    #[error("{error}; what stands before line {line} is written: run it again, or go on with --from-line {line}")]
    Store {
        /// Why.
        error: StoreError,
        /// The first line of what was not written.
        line: Line,
    },
}

/// Records the tickets of a log, 500 at a time. To do it again changes nothing; so does to stop and begin anew.
///
/// - `from`: rows above this line are passed over; it is the first row of a ticket.
///
/// # Errors
/// [`Stopped`] when the file cannot be read or the database does not answer; what was written stays.
pub async fn import(
    app: &App,
    session: &Session,
    (log, map): (impl Read, &Map),
    from: Option<Line>,
    watch: &mut impl Watch,
) -> Result<Tally, Stopped> {
    let mut rows = Rows::new(log, map, from)?;
    let mut tally = Tally::default();
    let mut batch: Vec<(Line, RecordTicket)> = Vec::with_capacity(AT_ONCE);
    loop {
        let next = rows.next_ticket(&mut |rejected| {
            tally.rejected += 1;
            watch.rejected(rejected);
        })?;
        let is_last = next.is_none();
        batch.extend(next);
        if batch.len() >= AT_ONCE || is_last && !batch.is_empty() {
            write(app, session, mem::take(&mut batch), &mut tally, watch).await?;
        }
        tally.rows = rows.read();
        if batch.is_empty() {
            watch.written(rows.bytes(), &tally);
        }
        if is_last {
            return Ok(tally);
        }
    }
}

async fn write(
    app: &App,
    session: &Session,
    batch: Vec<(Line, RecordTicket)>,
    tally: &mut Tally,
    watch: &mut impl Watch,
) -> Result<(), Stopped> {
    let (lines, tickets): (Vec<Line>, Vec<RecordTicket>) = batch.into_iter().unzip();
    let first = lines.first().copied().unwrap_or_default();
    let recorded = app.record_tickets(session, tickets).await.map_err(|error| Stopped::Store { error, line: first })?;
    for (line, ticket) in lines.into_iter().zip(recorded) {
        match ticket.outcome {
            RecordOutcome::Created => tally.created += 1,
            RecordOutcome::Updated => tally.updated += 1,
            RecordOutcome::Unchanged => tally.unchanged += 1,
            RecordOutcome::Deleted | RecordOutcome::Rejected => {
                let why = ticket.errors.into_iter().map(|error| error.message).collect::<Vec<_>>().join("; ");
                tally.rejected += 1;
                watch.rejected(Rejected { line, why: format!("ticket {}: {why}", ticket.reference.id) });
            }
        }
    }
    Ok(())
}
