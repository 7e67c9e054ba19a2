//! What a charge is for, in one line of an invoice.

use std::fmt;

use jiff::Timestamp;

use super::{phrases, say};
use crate::{
    billing::Month,
    words::{ChargeKind, HoursClass},
};

/// A charge as an invoice says it:
/// `Extra hours, worked on a weekend, begun 10 October 2026, 06:00 (America/New_York), PSA 4711`.
#[derive(Clone, Copy, Debug)]
pub struct InvoiceLine<'a> {
    /// What it is for.
    pub kind: ChargeKind,
    /// The class of the hours; none: it is no work.
    pub class: Option<HoursClass>,
    /// When the work began; none: it is no work.
    pub begun: Option<Timestamp>,
    /// The zone of its days and hours.
    pub zone: &'a str,
    /// The system that the entry comes from, and what that calls it; none: there is none.
    pub entry: Option<(&'a str, &'a str)>,
    /// The month that it corrects; none: that which it is billed with.
    pub corrects: Option<Month>,
}

impl fmt::Display for InvoiceLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&say::sentence(phrases::charge(self.kind)))?;
        if let Some(class) = self.class {
            write!(f, ", worked {}", phrases::worked(class))?;
        }
        if let Some(begun) = self.begun {
            write!(f, ", begun {}", say::instant(begun, self.zone))?;
        }
        if let Some((system, id)) = self.entry {
            write!(f, ", {system} {id}")?;
        }
        match self.corrects {
            Some(month) => write!(f, ", for {}", say::month(month)),
            None => Ok(()),
        }
    }
}
