//! The document that both sides read: everything that one version says, in words for people.
//!
//! [`write()`] makes a [`Document`] of a [`Subject`], a function a section and a line a fact; [`markdown()`] and [`html()`]
//! spell it. The same subject always gives the same text. Clauses have the numbers of [`crate::terms::clause`].
//!
//! What is excluded, and what takes a promise away, is a clause or a line like any other and stands beside the promise.
//!
//! To say something new: a line in the function of its section; a new section of the terms: a file beside the others and
//! a line in [`write()`]. The page for readers is `docs/rules/document.md`.

mod accountability;
mod availability;
mod clauses;
mod credits;
mod extra_hours;
mod front;
mod html;
mod included_hours;
mod invoice;
mod markdown;
mod model;
mod performance;
mod phrases;
mod promises;
mod requirements;
mod response;
mod say;
mod services;
mod statement;
#[cfg(test)]
mod tests;
mod week;

use std::collections::BTreeMap;

use crate::{
    calendar::{Exceptions, Hours},
    lifecycle::Version,
    readiness::Finding,
    sla::Tier,
    terms::{Sections, Term},
    text::Code,
    words::{Section, TermsStatus},
};
use jiff::civil::Date;

pub(crate) use availability::{availability_promise, backup_promise, recovery_promise};
pub use html::html;
pub use invoice::InvoiceLine;
pub use markdown::markdown;
pub use model::{Block, Clause, Document, Level, Line, Span, Table};
pub(crate) use phrases::{cap_basis, charge, together, worked};
pub(crate) use response::promise as target_promise;
pub(crate) use say::{brief, date, lot, month};
pub use statement::{Statement, StatementLine, statement};

/// One version with all that the document says of it.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// What the provider is called.
    pub provider: &'a str,
    /// The client.
    pub client: Client<'a>,
    /// The agreement's number.
    pub number: &'a str,
    /// The agreement's title.
    pub title: &'a str,
    /// The version, with its stage.
    pub version: &'a Version,
    /// How it stands.
    pub status: TermsStatus,
    /// The days it is for.
    pub term: Term,
    /// The accepted version that takes its place, where there is one.
    pub successor: Option<Successor>,
    /// What it leaves unsaid; said while it is a draft.
    pub findings: &'a [Finding],
    /// What is written.
    pub sections: &'a Sections,
    /// The services that it names, by code.
    pub services: BTreeMap<Code, Service<'a>>,
    /// Its own business hours.
    pub calendar: Option<Calendar<'a>>,
    /// Its own response times.
    pub tier: Option<NamedTier<'a>>,
    /// The calendars that targets, rules of price and availability commitments name, by code.
    pub further: BTreeMap<Code, Calendar<'a>>,
    /// For each of `sections.services`, what it names of its own.
    pub lines: Vec<OwnNames<'a>>,
}

/// The client of an agreement.
#[derive(Clone, Copy, Debug)]
pub struct Client<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its code.
    pub code: &'a str,
    /// The zone that its people live in; instants are said in it.
    pub time_zone: &'a str,
}

/// The accepted version that takes another's place.
#[derive(Clone, Copy, Debug)]
pub struct Successor {
    /// Its number.
    pub number: u32,
    /// Its first day.
    pub from: Option<Date>,
}

/// A service as the catalogue names it.
#[derive(Clone, Copy, Debug)]
pub struct Service<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it is; may be empty.
    pub description: &'a str,
    /// What is counted.
    pub unit: &'a str,
}

/// Business hours with their name.
#[derive(Clone, Copy, Debug)]
pub struct Calendar<'a> {
    /// The name.
    pub name: &'a str,
    /// The hours that terms pin.
    pub hours: &'a Hours,
    /// Dates with hours of their own.
    pub exceptions: &'a Exceptions,
}

/// Response times with their name.
#[derive(Clone, Copy, Debug)]
pub struct NamedTier<'a> {
    /// The name.
    pub name: &'a str,
    /// What they are for; may be empty.
    pub description: &'a str,
    /// The targets.
    pub tier: &'a Tier,
}

/// What an included service names of its own.
#[derive(Clone, Debug, Default)]
pub struct OwnNames<'a> {
    /// Of a package, what it holds.
    pub components: Vec<Code>,
    /// Business hours.
    pub calendar: Option<Calendar<'a>>,
    /// Response times.
    pub tier: Option<NamedTier<'a>>,
}

impl Subject<'_> {
    /// A service with its code: `Off-site backup (BACKUP)`.
    fn service(&self, code: &Code) -> String {
        match self.services.get(code) {
            Some(service) if service.name != code.as_str() => format!("{} ({code})", service.name),
            _ => code.to_string(),
        }
    }

    /// The name of a calendar that a clause names.
    fn hours(&self, code: &Code) -> String {
        self.further.get(code).map_or_else(|| code.to_string(), |calendar| calendar.name.to_owned())
    }

    /// Services with their codes.
    fn services<'b>(&self, codes: impl IntoIterator<Item = &'b Code>) -> Vec<String> {
        codes.into_iter().map(|code| self.service(code)).collect()
    }
}

/// Writes one section.
type Writer = fn(&Subject<'_>) -> Vec<Block>;

/// Everything that a version says.
#[must_use]
pub fn write(subject: &Subject<'_>) -> Document {
    let mut blocks = front::write(subject);
    let parts: [(Section, Writer); 7] = [
        (Section::Services, services::write),
        (Section::ResponseTime, response_time),
        (Section::Accountability, accountability::write),
        (Section::ClientRequirements, requirements::write),
        (Section::Promises, promises::write),
        (Section::Performance, performance::write),
        (Section::Availability, availability::write),
    ];
    for (section, write) in parts {
        let (number, name) = phrases::chapter(section);
        blocks.push(heading(Level::Chapter, Some(number), name));
        blocks.extend(write(subject));
    }
    Document { title: format!("{} {}", subject.number, subject.title), blocks }
}

/// Section 2: how fast, in which hours, and what other hours cost.
fn response_time(subject: &Subject<'_>) -> Vec<Block> {
    let parts: [Writer; 5] =
        [response::write, extra_hours::write, included_hours::write, response::course, clauses::indexation];
    parts.iter().flat_map(|write| write(subject)).collect()
}

fn heading(level: Level, number: Option<&str>, text: impl Into<Line>) -> Block {
    Block::Heading { level, number: number.map(str::to_owned), text: text.into() }
}

/// A part of a section, with the number that its clauses begin with.
fn part(number: &str, text: &str) -> Block {
    heading(Level::Part, Some(number), text)
}

/// A part of a section that has no clauses.
fn unnumbered(text: &str) -> Block {
    heading(Level::Part, None, text)
}

fn paragraph(text: impl Into<Line>) -> Block {
    Block::Paragraph(text.into())
}

/// What stands where a list of the terms is empty.
fn nothing_said(text: &str) -> Vec<Block> {
    vec![paragraph(text)]
}
