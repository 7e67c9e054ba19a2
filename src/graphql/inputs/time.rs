//! Recording time.

use async_graphql::InputObject;
use remit_domain::{
    Timestamp,
    rating::Span,
    text,
    time::elapsed,
    words::{EntryBilling, Priority},
};

use super::{ExternalRefInput, REFERENCE_MAX, Ref, handle, optional, prose};
use crate::{
    app::{NewEntry, Problems, RecordEntry, RecordItem, UserErrorCode},
    graphql::{ids::Kind, scalars::DateTime, words::Word},
    store::{ExternalRef, Handle},
};

/// The longest entry.
const ENTRY_MAX: remit_domain::Duration = remit_domain::Duration::from_hours(24);
/// The most breaks that an entry has.
const BREAKS_MAX: usize = 100;

/// Time entries, up to 500 at once.
#[derive(Debug, InputObject)]
pub(crate) struct RecordTimeEntriesInput {
    /// The entries, each by itself: one that is refused keeps no other back.
    pub(crate) entries: Vec<TimeEntryInput>,
}

/// A version of a time entry: all that it says. It replaces what was said before, unless that is newer by `changedAt`.
#[derive(Debug, InputObject)]
pub(crate) struct TimeEntryInput {
    /// What your system calls it: it is found by this, and safe to send again.
    #[graphql(name = "ref")]
    reference: ExternalRefInput,
    /// The agreement that it is rated by. At least one of `agreement`, `client` and `ticket` is needed.
    agreement: Option<Ref>,
    /// The client; its most favourable agreement is chosen once, when the entry comes first.
    client: Option<Ref>,
    /// Your system's time of this version: an older one than stored is UNCHANGED. Left out, the last to arrive wins.
    changed_at: Option<DateTime>,
    /// What of the time was no work; it is cut out first.
    breaks: Option<Vec<IntervalInput>>,
    /// What it is to cost.
    #[graphql(default_with = "Word(EntryBilling::ByTerms)")]
    billing: Word<EntryBilling>,
    /// Whether the hours are those of the work. False: only the length is known, and all of it goes by the hour at which it
    /// starts.
    #[graphql(default = true)]
    times_known: bool,
    /// Who asked for the work although it is not offered; then it is charged.
    approved_by: Option<String>,
    /// The ticket; it gives the agreement, service, scenario and priority that the entry does not say itself.
    ticket: Option<Ref>,
    /// The service.
    service: Option<Ref>,
    /// How urgent it was. Left out: as the ticket was.
    priority: Option<Word<Priority>>,
    /// Who worked, by the terms' roles.
    role: String,
    /// Which of your people worked. Portals do not see it.
    technician: Option<String>,
    /// What kind of work it was, in your words.
    work_kind: Option<String>,
    /// Its first instant.
    started_at: DateTime,
    /// The first instant after it: at most 24 hours later, and not in the future.
    ended_at: DateTime,
    /// What was done. Portals do not see it.
    note: Option<String>,
    /// Takes the entry back; the rest does not matter then.
    deleted: Option<bool>,
}

/// A stretch of time.
#[derive(Debug, InputObject)]
pub(crate) struct IntervalInput {
    /// Its first instant.
    from: DateTime,
    /// The first instant after it.
    to: DateTime,
}

/// Work that is asked about: what it would cost under an agreement.
#[derive(Debug, InputObject)]
pub(crate) struct QuoteInput {
    /// The agreement.
    agreement: Ref,
    /// The service.
    service: Option<Ref>,
    /// How urgent it is.
    priority: Option<Word<Priority>>,
    /// Who works, by the terms' roles.
    role: String,
    /// Which of your people works: where time is rounded by technician.
    technician: Option<String>,
    /// What kind of work it is, in your words.
    work_kind: Option<String>,
    /// Its first instant.
    started_at: DateTime,
    /// The first instant after it, at most 24 hours later.
    ended_at: DateTime,
    /// What of the time is no work.
    breaks: Option<Vec<IntervalInput>>,
    /// Who asks for the work although it is not offered.
    approved_by: Option<String>,
}

impl QuoteInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<NewEntry> {
        let agreement = p.at("agreement", |p| handle(p, self.agreement, Kind::Agreement));
        let service = reference_to(p, "service", self.service, Kind::Service);
        let role = p.take("role", text::named(&self.role, text::NAME_MAX)).map(|()| self.role);
        let technician = word(p, "technician", self.technician);
        let work_kind = word(p, "workKind", self.work_kind);
        let approved_by = word(p, "approvedBy", self.approved_by);
        let span = span(p, self.started_at.0, self.ended_at.0, Timestamp::MAX);
        let breaks = span.and_then(|span| p.at("breaks", |p| breaks(p, span, self.breaks.unwrap_or_default())));
        Some(NewEntry {
            agreement: Some(agreement?),
            client: None,
            ticket: None,
            service: service?,
            priority: self.priority.map(|word| word.0),
            role: role?,
            technician: technician?,
            work_kind: work_kind?,
            span: span?,
            breaks: breaks?,
            billing: EntryBilling::ByTerms,
            times_known: true,
            approved_by: approved_by?,
            note: None,
            changed_at: None,
        })
    }
}

impl RecordTimeEntriesInput {
    /// The items of the batch, each with what is wrong with it.
    pub(crate) fn read(self, now: Timestamp) -> Vec<RecordItem> {
        let item = |(place, entry): (usize, TimeEntryInput)| entry.item(place, now);
        self.entries.into_iter().enumerate().map(item).collect()
    }
}

impl TimeEntryInput {
    fn item(self, place: usize, now: Timestamp) -> RecordItem {
        let reference = ExternalRef { system: self.reference.system.clone(), id: self.reference.id.clone() };
        let mut problems = Problems::of("input");
        let (path, wanted) = problems.at("entries", |p| p.at(place, |p| (p.path().clone(), self.read(p, now))));
        RecordItem { reference, path, wanted: problems.finish(wanted) }
    }

    fn read(self, p: &mut Problems, now: Timestamp) -> Option<RecordEntry> {
        let reference = p.at("ref", |p| named_ref(p, &self.reference));
        let changed_at = self.changed_at.map(|at| at.0);
        if self.deleted == Some(true) {
            return reference.map(|()| RecordEntry::Deleted { changed_at });
        }
        let agreement = reference_to(p, "agreement", self.agreement, Kind::Agreement);
        let client = reference_to(p, "client", self.client, Kind::Client);
        let service = reference_to(p, "service", self.service, Kind::Service);
        let ticket = optional(self.ticket, |ticket| p.at("ticket", |p| ticket_handle(p, ticket)));
        let role = p.take("role", text::named(&self.role, text::NAME_MAX)).map(|()| self.role);
        let technician = word(p, "technician", self.technician);
        let work_kind = word(p, "workKind", self.work_kind);
        let approved_by = word(p, "approvedBy", self.approved_by);
        let note = optional(self.note, |note| prose(p, "note", note));
        let span = span(p, self.started_at.0, self.ended_at.0, now);
        let breaks = span.and_then(|span| p.at("breaks", |p| breaks(p, span, self.breaks.unwrap_or_default())));
        reference?;
        Some(RecordEntry::Is(Box::new(NewEntry {
            agreement: agreement?,
            client: client?,
            ticket: ticket?,
            service: service?,
            priority: self.priority.map(|word| word.0),
            role: role?,
            technician: technician?,
            work_kind: work_kind?,
            span: span?,
            breaks: breaks?,
            billing: self.billing.0,
            times_known: self.times_known,
            approved_by: approved_by?,
            note: note?,
            changed_at,
        })))
    }
}

fn named_ref(p: &mut Problems, reference: &ExternalRefInput) -> Option<()> {
    let system = p.take("system", text::named(&reference.system, REFERENCE_MAX));
    let id = p.take("id", text::named(&reference.id, REFERENCE_MAX));
    system.and(id)
}

fn reference_to(p: &mut Problems, field: &str, reference: Option<Ref>, kind: Kind) -> Option<Option<Handle>> {
    optional(reference, |reference| p.at(field, |p| handle(p, reference, kind)))
}

/// A short text at a field; a blank one is none.
fn word(p: &mut Problems, field: &str, value: Option<String>) -> Option<Option<String>> {
    let value = value.filter(|value| !value.trim().is_empty());
    optional(value, |value| p.take(field, text::named(&value, text::NAME_MAX)).map(|()| value))
}

/// When the work was done: not backwards, with a length of at most a day, and not in the future.
fn span(p: &mut Problems, from: Timestamp, to: Timestamp, now: Timestamp) -> Option<Span> {
    let (field, wrong) = if from > now {
        ("startedAt", format!("lies in the future: it is {now}"))
    } else if to < from {
        ("endedAt", "the work ends before it starts".to_owned())
    } else if to == from {
        ("endedAt", "the work has no length".to_owned())
    } else if elapsed(from, to) > ENTRY_MAX {
        ("endedAt", format!("the work is longer than {ENTRY_MAX}: send it in parts"))
    } else if to > now {
        ("endedAt", format!("lies in the future: it is {now}"))
    } else {
        return Some(Span { from, to });
    };
    p.at(field, |p| p.refuse(UserErrorCode::Invalid, wrong));
    None
}

/// Breaks, sorted and apart; those that touch or overlap are one.
fn breaks(p: &mut Problems, span: Span, list: Vec<IntervalInput>) -> Option<Vec<Span>> {
    if list.len() > BREAKS_MAX {
        p.refuse(UserErrorCode::Invalid, format!("there are {}, at most {BREAKS_MAX} are taken", list.len()));
        return None;
    }
    let mut breaks = p.each(list, |p, IntervalInput { from: DateTime(from), to: DateTime(to) }| {
        if from >= to {
            p.at("to", |p| p.refuse(UserErrorCode::Invalid, "the break ends no later than it starts"));
            return None;
        }
        if from < span.from || to > span.to {
            p.refuse(UserErrorCode::Invalid, "the break lies outside the work");
            return None;
        }
        Some(Span { from, to })
    })?;
    breaks.sort_unstable();
    let mut merged: Vec<Span> = Vec::with_capacity(breaks.len());
    for gap in breaks {
        match merged.last_mut() {
            Some(last) if gap.from <= last.to => last.to = last.to.max(gap.to),
            _ => merged.push(gap),
        }
    }
    if merged.first() == Some(&span) {
        p.refuse(UserErrorCode::Invalid, "the breaks leave no work");
        return None;
    }
    Some(merged)
}

/// A ticket has no code. It may not be recorded yet, so its reference is held to what references are.
fn ticket_handle(p: &mut Problems, ticket: Ref) -> Option<Handle> {
    if let Ref::External(reference) = &ticket {
        p.at("external", |p| named_ref(p, reference))?;
    }
    handle(p, ticket, Kind::Ticket)
}
