//! How the clocks of tickets stand: computed, written for lists and reports, and told to the feed where it changed.
//!
//! Clocks are a function of what was told of a ticket, of the terms, the obligations and the instant (S7). Their rows are
//! written anew with whatever they follow from, and by [`App::settle`] alone; so are the feed's rows about them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use remit_domain::{
    Duration, Timestamp,
    coverage::clock_rules,
    sla::clock::{Clock, ClockRules, clocks, next_change},
    terms::{Obligation, clause},
    ticket::Ticket,
    words::{ClockChangeKind, ClockState, Word},
};

use super::{Agreed, App, InForce, Session, tickets::Batch};
use crate::{
    auth::Caller,
    store::{Change, ChangeKind, ClockMark, ClockRecord, StoreError, Subject, SuspendedBy, TicketRecord, Tx, Uuid},
};

/// How many tickets one pass writes in one transaction: as many as are recorded at a time.
const TICKETS_AT_ONCE: u64 = 500;

/// What a ticket's clocks go by, looked up for many tickets at once.
#[derive(Debug, Default)]
pub struct ClockTerms(Agreed);

impl ClockTerms {
    /// The terms in force when a ticket was opened (S8).
    #[must_use]
    pub fn in_force(&self, record: &TicketRecord) -> Option<InForce<'_>> {
        self.0.at(record.agreement_id?, record.kept.opened_at)
    }

    /// The rules of a ticket's clocks; none: no terms were in force when it was opened (S8), or nothing is promised to who
    /// asks.
    #[must_use]
    pub fn rules(&self, record: &TicketRecord, ticket: &Ticket) -> Option<ClockRules<'_>> {
        let agreement = record.agreement_id?;
        let in_force = self.0.at(agreement, ticket.opened_at)?;
        clock_rules(in_force.terms, self.0.states(agreement), &ticket.about)
    }
}

impl App {
    /// Looks up what the clocks of some tickets go by.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn clock_terms(
        &self,
        session: &Session,
        tickets: impl Iterator<Item = &TicketRecord>,
    ) -> Result<ClockTerms, StoreError> {
        let asked: Vec<(Uuid, Timestamp)> =
            tickets.filter_map(|ticket| Some((ticket.agreement_id?, ticket.kept.opened_at))).collect();
        let agreements = asked.iter().map(|(agreement, _)| *agreement);
        let agreements = self.store.agreements_with(&session.scope, agreements).await?;
        Ok(ClockTerms(self.agreed(session, &agreements, &asked).await?))
    }

    /// Writes the clocks anew of all tickets of the caller's provider for which it is time, and tells the feed which changed.
    /// How many tickets that were. A caller bound to a client does nothing.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer; what is left is done by the next pass.
    pub async fn catch_up(&self, session: &Session) -> Result<usize, StoreError> {
        let mut done = 0;
        while !session.scope.is_client_bound() {
            match self.pass(session).await? {
                0 => break,
                some => done += some,
            }
        }
        Ok(done)
    }

    /// Does the same for whatever provider. Any number of servers may do it at once: each ticket is one server's.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer; what is left is done by the next pass.
    pub async fn catch_up_all(&self, now: Timestamp) -> Result<usize, StoreError> {
        let mut done = 0;
        while let Some(provider) = self.store.provider_with_due_tickets(now).await? {
            let session = self.session(Caller::operator(provider, now.as_second()), now).await?;
            match self.pass(&session).await? {
                // Another server is at it.
                0 => break,
                some => done += some,
            }
        }
        Ok(done)
    }

    /// Writes the clocks anew of some tickets for which it is time; how many.
    async fn pass(&self, session: &Session) -> Result<usize, StoreError> {
        let mut turns = BTreeSet::new();
        loop {
            if let Some(count) = self.try_to_pass(session, &mut turns).await? {
                return Ok(count);
            }
        }
    }

    /// Does so, unless more turns have to be taken than were known of; these are put down.
    async fn try_to_pass(&self, session: &Session, turns: &mut BTreeSet<Uuid>) -> Result<Option<usize>, StoreError> {
        let due = self.store.due_tickets(&session.scope, session.now, TICKETS_AT_ONCE).await?;
        if due.is_empty() {
            return Ok(Some(0));
        }
        turns.extend(due.iter().map(|ticket| ticket.belongs_to));
        let taken = Vec::from_iter(turns.iter().copied());
        let mut tx = self.store.begin_recording(&session.scope, session.now, &taken).await?;
        let tickets = tx.due_tickets(&due).await?;
        let count = tickets.len();
        if count > 0 {
            let mut batch = Batch::again(tickets);
            self.choose_ticket_agreements(session, &mut batch).await?;
            if !self.write_tickets(session, &mut tx, &mut batch, turns).await? {
                return Ok(None);
            }
            tx.commit().await?;
        }
        Ok(Some(count))
    }

    /// Writes tickets with their clocks as of now, and tells the feed which clocks changed. Since when, of each agreement
    /// concerned, judgements may have become others.
    ///
    /// - `known`: those that may have clocks already.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub(super) async fn settle(
        &self,
        session: &Session,
        tx: &mut Tx,
        tickets: Vec<Unsettled<'_>>,
        known: &[Uuid],
    ) -> Result<BTreeMap<Uuid, Timestamp>, StoreError> {
        let terms = self.clock_terms(session, tickets.iter().map(|ticket| &*ticket.record)).await?;
        let mut before: HashMap<Uuid, Vec<ClockRecord>> = HashMap::new();
        for clock in tx.clocks(known).await? {
            before.entry(clock.ticket_id).or_default().push(clock);
        }
        let (mut written, mut gone, mut spans) = (Vec::new(), Vec::new(), Vec::new());
        let (mut records, mut since) = (Vec::new(), BTreeMap::new());
        for Unsettled { record, regrouped } in tickets {
            let old = before.remove(&record.id).unwrap_or_default();
            let Standing { clocks, changes, next_at } = self.stand(record, &terms, &old, session.now);
            changes.into_iter().for_each(|change| tx.changed(change));
            record.told_at = record.told_at.max(session.now);
            record.next_at = next_at;
            for (agreement, at) in judged_otherwise(&old, &clocks, regrouped) {
                let first = since.entry(agreement).or_insert(at);
                *first = at.min(*first);
            }
            let stays = |of: &&ClockRecord| clocks.iter().any(|clock| clock.milestone == of.milestone);
            gone.extend(old.iter().filter(|of| !stays(of)).map(|of| (of.ticket_id, of.milestone)));
            spans.extend(clocks.iter().filter(|clock| !clock.earlier.is_empty()).cloned());
            let is_same = |clock: &ClockRecord| old.iter().any(|of| of.says_the_same(clock));
            written.extend(clocks.into_iter().filter(|clock| !is_same(clock)));
            records.push(&*record);
        }
        tx.put_tickets(&records).await?;
        tx.drop_clocks(&gone).await?;
        tx.put_clocks(&written).await?;
        tx.set_spans(known, &spans).await?;
        Ok(since)
    }

    /// How the clocks of a ticket stand as of now, and what is to be told of them.
    fn stand(&self, record: &TicketRecord, terms: &ClockTerms, old: &[ClockRecord], now: Timestamp) -> Standing {
        if record.kept.deleted {
            return Standing::default();
        }
        // A clock that was set back takes nothing back that was told.
        let now = now.max(record.told_at);
        let ticket = record.kept.ticket();
        let rules = terms.rules(record, &ticket);
        let obligations = terms.in_force(record).map_or(&[][..], |of| &of.terms.sections.obligations);
        let found = rules.as_ref().map(|rules| clocks(rules, &ticket, now)).unwrap_or_default();
        let mut standing = Standing::default();
        for clock in &found {
            let before = old.iter().find(|of| of.milestone == clock.milestone);
            let told = self.tell(before, clock);
            let mark = |percent| Some(ClockMark { milestone: clock.milestone, percent });
            standing.changes.extend(told.iter().map(|(kind, percent)| clock_change(record, *kind, mark(*percent))));
            let percent = self.told_percent(before, clock);
            standing.clocks.extend(clock_record(record, clock, obligations, percent));
        }
        let told = |clock: &Clock<'_>| {
            let own = standing.clocks.iter().find(|of| of.milestone == clock.milestone);
            own.map_or(0, |own| own.told_percent)
        };
        let waited = |clock: &Clock<'_>| {
            let told = told(clock);
            self.warnings.iter().copied().filter(|percent| *percent > told).collect()
        };
        standing.next_at = next_change(rules.as_ref(), &ticket, &found, now, waited);
        standing
    }

    /// The highest percentage of a clock's time whose using up is told by now.
    fn told_percent(&self, before: Option<&ClockRecord>, clock: &Clock<'_>) -> u8 {
        let used = self.warnings.iter().copied().filter(|percent| clock.has_used(*percent)).max();
        used.unwrap_or(0).max(told_before(before, clock))
    }

    /// What is to be told of a clock that stood so before: each percentage once, and where it stands now.
    ///
    /// Of a clock that is heard of for the first time what it went through is told by where it stands.
    fn tell(&self, before: Option<&ClockRecord>, clock: &Clock<'_>) -> Vec<(ClockChangeKind, Option<u8>)> {
        let mut told = Vec::new();
        if before.is_none() {
            told.push((ClockChangeKind::Started, None));
        }
        let was_open = before.is_none_or(|before| before.ended_at.is_none());
        let is_open = clock.span.until.is_none();
        if is_open || was_open && before.is_some() && clock.state != ClockState::Cancelled {
            let since = told_before(before, clock);
            let new = self.warnings.iter().copied().filter(|percent| *percent > since && clock.has_used(*percent));
            told.extend(new.map(|percent| (ClockChangeKind::Warning, Some(percent))));
        }
        let state = before.map_or(ClockState::Running, |before| before.state);
        let anew = before.is_some_and(|before| before.ended_at.is_some() && before.span.from < clock.span.from);
        if anew && !is_open {
            // It was reopened, and has ended again.
            told.push((ClockChangeKind::Resumed, None));
        }
        if state != clock.state || anew {
            let kind = match clock.state {
                ClockState::Running => ClockChangeKind::Resumed,
                ClockState::Paused => ClockChangeKind::Paused,
                ClockState::Met => ClockChangeKind::Met,
                ClockState::Breached => ClockChangeKind::Breached,
                ClockState::Cancelled => ClockChangeKind::Cancelled,
            };
            told.push((kind, None));
        }
        told
    }
}

/// A ticket whose clocks are to be written.
pub(super) struct Unsettled<'a> {
    pub(super) record: &'a mut TicketRecord,
    /// Whether it became one of another service or the like, so that its judgements count for another promise.
    pub(super) regrouped: bool,
}

/// Since when, of each agreement, a ticket was judged otherwise than it is now, or may have been: clocks that had been open
/// before they were judged last are taken for changed.
fn judged_otherwise(old: &[ClockRecord], new: &[ClockRecord], regrouped: bool) -> Vec<(Uuid, Timestamp)> {
    let was_reopened = |clock: &ClockRecord| clock.span.from > clock.opened_at;
    let stays = |clock: &ClockRecord, among: &[ClockRecord]| {
        !regrouped && !was_reopened(clock) && among.iter().any(|other| other.says_the_same(clock))
    };
    let first = |clock: &ClockRecord| match clock.state {
        _ if was_reopened(clock) => Some(clock.opened_at),
        ClockState::Met | ClockState::Breached => clock.ended_at,
        // It may be breached already without that being written.
        ClockState::Running => clock.due,
        ClockState::Paused | ClockState::Cancelled => None,
    };
    let of_old = old.iter().filter(|clock| !stays(clock, new));
    let of_new = new.iter().filter(|clock| !stays(clock, old));
    of_old.chain(of_new).filter_map(|clock| Some((clock.agreement_id, first(clock)?))).collect()
}

/// How the clocks of one ticket stand, and what is to be told of them.
#[derive(Default)]
struct Standing {
    clocks: Vec<ClockRecord>,
    changes: Vec<Change>,
    next_at: Option<Timestamp>,
}

/// The percentage that was told of a clock; another target begins anew.
fn told_before(before: Option<&ClockRecord>, clock: &Clock<'_>) -> u8 {
    let same = before.filter(|before| before.span.priority == clock.span.priority);
    same.map_or(0, |before| before.told_percent)
}

/// A clock as it is kept.
///
/// - `obligations`: those of the terms that it goes by.
fn clock_record(
    record: &TicketRecord,
    clock: &Clock<'_>,
    obligations: &[Obligation],
    told_percent: u8,
) -> Option<ClockRecord> {
    let by = |(place, time): (usize, Duration)| {
        let Obligation { code, title, .. } = obligations.get(place)?;
        Some(SuspendedBy { code: code.to_string(), clause: clause::obligation(place), title: title.clone(), time })
    };
    Some(ClockRecord {
        ticket_id: record.id,
        milestone: clock.milestone,
        client_id: record.client_id,
        agreement_id: record.agreement_id?,
        opened_at: record.kept.opened_at,
        state: clock.state,
        due: clock.due,
        span: clock.span,
        ended_at: clock.span.until,
        stopped_at: clock.stopped_at,
        waited: clock.waited(),
        suspended: clock.suspended(),
        suspended_by: clock.suspended_by().into_iter().filter_map(by).collect(),
        told_percent,
        earlier: clock.earlier.clone(),
    })
}

/// What the feed calls what happens to a clock.
fn clock_event(kind: ClockChangeKind) -> &'static str {
    match kind {
        ClockChangeKind::Started => "clock.started",
        ClockChangeKind::Paused => "clock.paused",
        ClockChangeKind::Resumed => "clock.resumed",
        ClockChangeKind::Warning => "clock.warning",
        ClockChangeKind::Met => "clock.met",
        ClockChangeKind::Breached => "clock.breached",
        ClockChangeKind::Cancelled => "clock.cancelled",
    }
}

/// What happened to a clock by the feed's word for it; none: the word is of something else.
#[must_use]
pub fn clock_change_kind(event: &str) -> Option<ClockChangeKind> {
    ClockChangeKind::WORDS.iter().copied().find(|kind| clock_event(*kind) == event)
}

fn clock_change(record: &TicketRecord, kind: ClockChangeKind, clock: Option<ClockMark>) -> Change {
    ticket_change(record, ChangeKind::Updated, clock_event(kind), clock)
}

/// A change of a ticket, for the feed.
pub(super) fn ticket_change(
    record: &TicketRecord,
    kind: ChangeKind,
    event: &'static str,
    clock: Option<ClockMark>,
) -> Change {
    Change {
        subject: Subject::Ticket,
        id: record.id,
        kind,
        event,
        agreement: record.agreement_id,
        client: Some(record.client_id),
        clock,
    }
}
