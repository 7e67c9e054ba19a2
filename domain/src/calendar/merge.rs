//! Exceptions that come from outside, taken into those of a calendar (C10).

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{CalendarError, Exception, Exceptions};

/// Which exception stays where a date has one already and another comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clash {
    /// The one that is there.
    Keep,
    /// The one that comes.
    Replace,
}

/// What became of exceptions that came from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// The exceptions as they are from now on.
    pub exceptions: Exceptions,
    /// Those of dates that had none.
    pub added: Vec<Exception>,
    /// Those that took another's place, with the one that is gone.
    pub replaced: Vec<(Exception, Exception)>,
    /// Those that stayed out because their date has another, with the one that is there.
    pub kept: Vec<(Exception, Exception)>,
    /// Those that stayed out because their date has begun.
    pub begun: Vec<Exception>,
    /// How many were there already, word for word.
    pub same: usize,
}

impl Merged {
    /// Whether anything is different from now on.
    #[must_use]
    pub fn changes(&self) -> bool {
        !self.added.is_empty() || !self.replaced.is_empty()
    }
}

impl Exceptions {
    /// Takes in exceptions that come from outside; what is there is never left out.
    ///
    /// - `begun`: the last date that can no longer change; none: every date can.
    ///
    /// # Errors
    /// [`CalendarError`] as [`Exceptions::new`], for those that come or for all of them together.
    pub fn merge(&self, coming: Vec<Exception>, clash: Clash, begun: Option<Date>) -> Result<Merged, CalendarError> {
        let coming = Self::new(coming)?;
        let is_past = |date| begun.is_some_and(|begun| date <= begun);
        let mut merged = Merged::default();
        let mut all: BTreeMap<Date, Exception> = self.iter().map(|there| (there.date, there.clone())).collect();
        for new in Vec::from(coming) {
            match self.of(new.date) {
                Some(there) if *there == new => merged.same += 1,
                there if is_past(new.date) && !there.is_some_and(|there| there.same_hours(&new)) => {
                    merged.begun.push(new);
                }
                Some(there) if clash == Clash::Keep => merged.kept.push((new, there.clone())),
                there => {
                    all.insert(new.date, new.clone());
                    match there {
                        Some(there) => merged.replaced.push((new, there.clone())),
                        None => merged.added.push(new),
                    }
                }
            }
        }
        merged.exceptions = Self::new(all.into_values().collect())?;
        Ok(merged)
    }
}
