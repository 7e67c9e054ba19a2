//! Taking exceptions from outside into a calendar: holiday sets and iCalendar files.

use std::sync::Arc;

use remit_domain::{
    calendar::{Clash, Exception, Exceptions, Hours, Merged, WeeklyPeriod},
    text::Code,
    words::Weekday,
};

use super::{
    App, Outcome, PutCalendar, Session, UserError, UserErrorCode,
    catalogue::{begun, hours_refusal, save_calendar},
};
use crate::store::CalendarRecord;

/// Which calendar takes exceptions in, and how.
#[derive(Clone, Debug)]
pub struct ImportExceptions {
    /// Its code.
    pub code: Code,
    /// What it is to be if it is not there.
    pub new: Option<NewCalendar>,
    /// Which exception stays where a date has one already.
    pub clash: Clash,
    /// Whether it is done or only told.
    pub doing: Doing,
}

/// A calendar that an import may make; Saturday and Sunday are its weekend.
#[derive(Clone, Debug)]
pub struct NewCalendar {
    /// Its name.
    pub name: String,
    /// Its zone, an IANA name.
    pub zone: String,
    /// Its weekly hours.
    pub weekly: Vec<WeeklyPeriod>,
}

/// Whether something is done or only told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// It is done.
    Done,
    /// Nothing is written.
    Told,
}

/// What became of an import.
#[derive(Clone, Debug)]
pub struct Imported {
    /// What became of each exception.
    pub merged: Merged,
    /// Whether the calendar was not there before.
    pub is_new: bool,
}

impl App {
    /// Takes exceptions into a calendar, in one transaction; to do it again changes nothing (C10).
    ///
    /// Where terms use the calendar, dates that have begun stay as they are.
    ///
    /// - `coming`: the exceptions, given the calendar's hours.
    ///
    /// # Errors
    /// Refused when there is no such calendar and none is to be made, when there is one with other hours than those it
    /// is to be made with, or when `coming` refuses.
    pub async fn import_exceptions(
        &self,
        session: &Session,
        import: ImportExceptions,
        coming: impl FnOnce(&Hours) -> Result<Vec<Exception>, UserError>,
    ) -> Outcome<Imported> {
        let tx = self.store.begin(&session.scope, session.now).await?;
        let old = tx.calendar(import.code.as_str()).await?;
        let hours = hours(&import, old.as_ref())?;
        let begun = match &old {
            Some(old) => begun(session, &tx, old).await?,
            None => None,
        };
        let there = old.as_ref().map(|old| Arc::clone(&old.exceptions)).unwrap_or_default();
        let merged = there.merge(coming(&hours)?, import.clash, begun).map_err(|error| refusal(error.to_string()))?;
        let is_new = old.is_none();
        if import.doing == Doing::Done && (is_new || merged.changes()) {
            let put = put(import, old.as_ref(), &hours, merged.exceptions.clone());
            save_calendar(session, tx, old, put).await?;
            self.catch_up(session).await?;
        }
        Ok(Imported { merged, is_new })
    }
}

/// The hours of the calendar that is there or is to be made.
fn hours(import: &ImportExceptions, old: Option<&CalendarRecord>) -> Result<Arc<Hours>, UserError> {
    let made = |new: &NewCalendar| {
        let weekend = old.map_or(vec![Weekday::Saturday, Weekday::Sunday], |old| old.hours.weekend().to_vec());
        Hours::new(&new.zone, new.weekly.clone(), &weekend).map_err(|error| hours_refusal(&error))
    };
    let code = &import.code;
    match (old, &import.new) {
        (Some(old), None) => Ok(Arc::clone(&old.hours)),
        (Some(old), Some(new)) if *old.hours == made(new)? => Ok(Arc::clone(&old.hours)),
        (Some(_), Some(_)) => {
            Err(refusal(format!("the calendar {code} is there already, with another zone or other hours")))
        }
        (None, Some(new)) => Ok(Arc::new(made(new)?)),
        (None, None) => {
            Err(UserError::new(UserErrorCode::NotFound, &["input", "code"], format!("there is no calendar {code}")))
        }
    }
}

fn put(import: ImportExceptions, old: Option<&CalendarRecord>, hours: &Hours, exceptions: Exceptions) -> PutCalendar {
    let new_name = import.new.map(|new| new.name);
    PutCalendar {
        name: old.map(|old| old.name.clone()).or(new_name).unwrap_or_else(|| import.code.to_string()),
        code: import.code,
        zone: hours.zone().to_owned(),
        weekly: hours.weekly().to_vec(),
        weekend: None,
        exceptions: Some(exceptions),
        staffed: None,
    }
}

fn refusal(text: String) -> UserError {
    UserError::new(UserErrorCode::Invalid, &["input"], text)
}
