//! What becomes of each entry of a batch.

use std::collections::HashMap;

use remit_domain::{
    Timestamp,
    billing::{Month, Periods},
    words::RecordOutcome as Outcome,
};

use super::{
    book::Book,
    by_ticket::Tickets,
    moved::Moved,
    named::Named,
    recharge,
    record::{NewEntry, RecordEntry, RecordItem},
    roles::role_refused,
};
use crate::{
    app::{Path, Session, UserError, UserErrorCode},
    store::{ExternalRef, TimeEntryRecord, Uuid},
};

/// What is decided of one item.
pub(super) enum Decided {
    Result(Outcome, Option<Box<TimeEntryRecord>>),
    Refused(Vec<UserError>),
    Write { outcome: Outcome, moved: Box<Moved> },
}

pub(super) fn refusal(code: UserErrorCode, path: &Path, field: &str, text: impl Into<String>) -> UserError {
    let path = path.iter().cloned().chain([field.to_owned()]).collect();
    UserError { code, message: text.into(), path }
}

/// Decides what becomes of each item, in the order of the batch: what one item makes of an entry is what the next finds.
pub(super) fn decide_all(
    session: &Session,
    items: &[RecordItem],
    named: &Named,
    stored: &[TimeEntryRecord],
    books: &mut HashMap<Uuid, Book>,
) -> Vec<Decided> {
    let mut known: HashMap<ExternalRef, TimeEntryRecord> =
        stored.iter().map(|entry| (entry.reference.clone(), entry.clone())).collect();
    let mut periods: HashMap<Uuid, Periods> = HashMap::new();
    let mut decided: Vec<Decided> = Vec::with_capacity(items.len());
    let mut written: HashMap<Uuid, usize> = HashMap::new();
    for (place, item) in items.iter().enumerate() {
        let before = known.get(&item.reference).cloned();
        let one = match &item.wanted {
            Err(errors) => Decided::Refused(errors.clone()),
            Ok(RecordEntry::Deleted { changed_at }) => delete(before, *changed_at),
            Ok(RecordEntry::Is(wanted)) => {
                let asked = Asked { session, item, named, place };
                asked.version(before, wanted, books, &mut periods)
            }
        };
        let Decided::Write { outcome, moved } = one else {
            decided.push(one);
            continue;
        };
        if let Some(refused) = closed_for_good(session, &item.path, &moved, books) {
            decided.push(Decided::Refused(vec![refused]));
            continue;
        }
        known.insert(item.reference.clone(), moved.after.clone());
        // Of two versions of one batch the newer is written over the older; what was there before stays the same.
        let earlier = written.insert(moved.after.id, decided.len()).and_then(|earlier| decided.get_mut(earlier));
        let before = match earlier {
            Some(earlier) => {
                let entry = Some(moved.after.clone()).filter(|entry| !entry.deleted).map(Box::new);
                match std::mem::replace(earlier, Decided::Result(Outcome::Unchanged, entry.clone())) {
                    Decided::Write { outcome, moved: first } => {
                        *earlier = Decided::Result(outcome, entry);
                        first.before
                    }
                    other => {
                        *earlier = other;
                        moved.before
                    }
                }
            }
            None => moved.before,
        };
        decided.push(Decided::Write { outcome, moved: Box::new(Moved { before, after: moved.after }) });
    }
    decided
}

fn delete(before: Option<TimeEntryRecord>, changed_at: Option<Timestamp>) -> Decided {
    let Some(before) = before.filter(|before| !before.deleted) else {
        return Decided::Result(Outcome::Unchanged, None);
    };
    if is_older(changed_at, before.changed_at) {
        return Decided::Result(Outcome::Unchanged, Some(Box::new(before)));
    }
    let after = TimeEntryRecord { deleted: true, changed_at: changed_at.max(before.changed_at), ..before.clone() };
    Decided::Write { outcome: Outcome::Deleted, moved: Box::new(Moved { before: Some(before), after }) }
}

/// Whether a version is older than the one stored; one without a time is the newest.
fn is_older(version: Option<Timestamp>, stored: Option<Timestamp>) -> bool {
    version.zip(stored).is_some_and(|(version, stored)| version < stored)
}

/// One item that says what an entry is.
struct Asked<'a> {
    session: &'a Session,
    item: &'a RecordItem,
    named: &'a Named,
    place: usize,
}

impl Asked<'_> {
    fn refused(&self, code: UserErrorCode, field: &str, text: impl Into<String>) -> Decided {
        Decided::Refused(vec![refusal(code, &self.item.path, field, text)])
    }

    fn version(
        &self,
        before: Option<TimeEntryRecord>,
        wanted: &NewEntry,
        books: &mut HashMap<Uuid, Book>,
        periods: &mut HashMap<Uuid, Periods>,
    ) -> Decided {
        let live = before.clone().filter(|before| !before.deleted);
        if before.as_ref().is_some_and(|before| is_older(wanted.changed_at, before.changed_at)) {
            return Decided::Result(Outcome::Unchanged, live.map(Box::new));
        }
        let names = match self.named.of(self.place, &self.item.path, wanted) {
            Ok(names) => names,
            Err(errors) => return Decided::Refused(errors),
        };
        // A client's agreement is chosen once: a later version of the entry stays with it.
        let kept = live.as_ref().filter(|live| names.chosen && live.client_id == names.client);
        let agreement = kept.and_then(|kept| kept.agreement_id).or(names.agreement);
        let mut after = TimeEntryRecord {
            id: before.as_ref().map_or_else(Uuid::now_v7, |before| before.id),
            reference: self.item.reference.clone(),
            client_id: names.client,
            agreement_id: agreement,
            ticket: names.ticket.clone(),
            by_ticket: names.by_ticket,
            service_id: names.service,
            priority: wanted.priority,
            role: wanted.role.clone(),
            technician: wanted.technician.clone(),
            work_kind: wanted.work_kind.clone(),
            span: wanted.span,
            breaks: wanted.breaks.clone(),
            billing: wanted.billing,
            times_known: wanted.times_known,
            approved_by: wanted.approved_by.clone(),
            note: wanted.note.clone(),
            changed_at: wanted.changed_at.max(before.as_ref().and_then(|before| before.changed_at)),
            deleted: false,
            month: None,
            segments: Vec::new(),
        };
        if let Some(book) = agreement.and_then(|id| books.get_mut(&id)) {
            match self.month(&after, book, periods) {
                Ok(month) => after.month = Some(month),
                Err(refused) => return refused,
            }
        }
        let same = live.as_ref().is_some_and(|live| {
            let like =
                TimeEntryRecord { changed_at: after.changed_at, segments: live.segments.clone(), ..live.clone() };
            TimeEntryRecord { segments: live.segments.clone(), ..after.clone() } == like
        });
        if same {
            return Decided::Result(Outcome::Unchanged, live.map(Box::new));
        }
        let outcome = if live.is_some() { Outcome::Updated } else { Outcome::Created };
        Decided::Write { outcome, moved: Box::new(Moved { before, after }) }
    }

    /// The billing period of an entry, or why it cannot be rated.
    fn month(
        &self,
        entry: &TimeEntryRecord,
        book: &mut Book,
        periods: &mut HashMap<Uuid, Periods>,
    ) -> Result<Month, Decided> {
        let account = book.account();
        let Some(version) = account.ground(entry.span.from).version() else {
            let text = "the work lies before the first terms of the agreement, so nothing says what it costs";
            return Err(self.refused(UserErrorCode::Invalid, "startedAt", text));
        };
        if book.latest_work.is_none_or(|latest| latest < entry.span.from) {
            book.latest_work = Some(entry.span.from);
            periods.remove(&book.agreement.id);
        }
        let now = self.session.now;
        let periods = periods.entry(book.agreement.id).or_insert_with(|| book.periods(now));
        let Some(period) = periods.at(entry.span.from) else {
            let text = "the agreement has no billing period at that time";
            return Err(self.refused(UserErrorCode::Invalid, "startedAt", text));
        };
        let alone = recharge::entry(entry, self.named.service_codes(), &Tickets::default());
        match role_refused(book, version, period, &alone) {
            Some(text) => Err(self.refused(UserErrorCode::Invalid, "role", text)),
            None => Ok(period.month),
        }
    }
}

/// Refuses a change to a closed period of an agreement that has no open one left for the adjustment.
fn closed_for_good(session: &Session, path: &Path, moved: &Moved, books: &HashMap<Uuid, Book>) -> Option<UserError> {
    let versions = moved.before.iter().chain([&moved.after]).filter(|version| !version.deleted || moved.after.deleted);
    for version in versions {
        let book = version.agreement_id.and_then(|id| books.get(&id));
        let (Some(book), Some(month)) = (book, version.month) else { continue };
        let Some(closed) = book.closed_until().filter(|closed| month <= *closed) else { continue };
        if book.periods(session.now).from(closed.next()).is_empty() {
            let text =
                format!("the period {month} is closed, and the agreement has no open one left for an adjustment");
            return Some(refusal(UserErrorCode::PeriodClosed, path, "startedAt", text));
        }
    }
    None
}
