//! Charges found anew where something has changed (R6–R8).

use std::collections::{BTreeSet, HashMap, HashSet};

use remit_domain::{
    billing::{Entry, Lot, Month, Period, Periods, RatedPeriod, rate_period},
    rating::Times,
    words::RoundingAggregate,
};

use super::{
    adjust::{Anew, Sort, adjust},
    book::{Book, ServiceCodes},
    by_ticket::Tickets,
    ledger::Writes,
    made::{self, Made},
    moved::Moved,
};
use crate::{
    app::{App, Session},
    store::{ChargesOf, EntriesOf, ExternalRef, PeriodRecord, StoreError, TimeEntryRecord, Tx, Uuid},
};

/// What of an agreement a write has touched.
#[derive(Debug)]
pub(super) enum Touched {
    /// What all of it is rated by: its terms, when they hold, how its obligations stood.
    Everything,
    /// These entries.
    Entries(Vec<Moved>),
}

/// One agreement while its charges are found anew.
struct Run<'a> {
    app: &'a App,
    session: &'a Session,
    tx: &'a Tx,
    book: &'a Book,
    touched: &'a Touched,
    periods: Periods,
    codes: ServiceCodes,
    tickets: Tickets,
    /// The new versions of entries that changed, by id.
    fresh: HashMap<Uuid, &'a TimeEntryRecord>,
    /// The entries that are made now, so that nothing was charged for them yet.
    created: HashSet<Uuid>,
    /// Where everything is touched, all entries by month.
    all: HashMap<Month, Vec<TimeEntryRecord>>,
    written: HashSet<Uuid>,
    /// The closed periods that were rated anew.
    made: Vec<Made>,
}

impl App {
    /// Finds all charges of an agreement anew, because what they are rated by has become another.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub(in crate::app) async fn recharge_all(
        &self,
        session: &Session,
        tx: &mut Tx,
        agreement: Uuid,
    ) -> Result<(), StoreError> {
        if !tx.has_work(agreement).await? {
            return Ok(());
        }
        let rows = tx.account_rows(&[agreement]).await?;
        let mut writes = Writes::default();
        if let Some(book) = self.books(session, rows).await?.get(&agreement) {
            self.recharge(session, tx, book, &Touched::Everything, &mut writes).await?;
            self.recredit_book(session, tx, book, None, &mut writes).await?;
        }
        writes.write(tx).await
    }

    /// Finds the charges of an agreement anew where a write has touched it.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub(super) async fn recharge(
        &self,
        session: &Session,
        tx: &Tx,
        book: &Book,
        touched: &Touched,
        writes: &mut Writes,
    ) -> Result<(), StoreError> {
        let moved = match touched {
            Touched::Everything => &[][..],
            Touched::Entries(moved) => moved,
        };
        let created = moved.iter().filter(|moved| moved.before.is_none());
        let mut run = Run {
            app: self,
            session,
            tx,
            book,
            touched,
            periods: book.periods(tx.at()),
            codes: ServiceCodes::new(),
            tickets: Tickets::default(),
            fresh: moved.iter().map(|moved| (moved.after.id, &moved.after)).collect(),
            created: created.map(|moved| moved.after.id).collect(),
            all: HashMap::new(),
            written: HashSet::new(),
            made: Vec::new(),
        };
        run.walk(writes).await?;
        run.write_the_rest(writes);
        let months = run.made.iter().map(|made| made.period.month).collect();
        let charges = run.made.iter().flat_map(|made| made.replayed(book)).collect();
        adjust(tx, book, &run.periods, Anew { months, sort: Sort::Time, charges }, writes).await
    }
}

impl Run<'_> {
    /// Rates the periods that are touched, and those after them whose hours that changes.
    async fn walk(&mut self, writes: &mut Writes) -> Result<(), StoreError> {
        if matches!(self.touched, Touched::Everything) {
            self.load_all().await?;
        }
        let months = self.touched_months();
        let (Some(first), Some(last)) = (months.first().copied(), months.last().copied()) else { return Ok(()) };
        let start = match self.touched {
            // What was known of hours left over may be wrong from the beginning.
            Touched::Everything => None,
            Touched::Entries(_) => self.book.carried(first).map(|(month, carried)| (month, carried.to_vec())),
        };
        let first_of_all = || Some((self.periods.all().first()?.month, Vec::new()));
        let Some((start, mut carried)) = start.or_else(first_of_all) else { return Ok(()) };
        for period in self.periods.clone().from(start) {
            let month = period.month;
            let stored = self.book.row(month).map(|row| &row.carried);
            let same_hours = month == start || stored.map_or(carried.is_empty(), |stored| *stored == carried);
            if !months.contains(&month) && carried.is_empty() && self.moves_no_hours(period) {
                continue;
            }
            if !months.contains(&month) && same_hours && month > first {
                if month > last {
                    break;
                }
                if let Some(next) = self.book.row(month.next()) {
                    carried = next.carried.clone();
                    continue;
                }
            }
            carried = self.rate(period, carried, months.contains(&month), writes).await?;
        }
        Ok(())
    }

    /// Whether no hours can be drawn in a period, nor be left of it, unless earlier ones leave some.
    fn moves_no_hours(&self, period: &Period) -> bool {
        let leaves_none = |row: &PeriodRecord| row.carried.is_empty();
        !self.book.has_hours(period.version) && self.book.row(period.month.next()).is_none_or(leaves_none)
    }

    /// Rates one period and writes what became of it; gives the hours that it leaves.
    async fn rate(
        &mut self,
        period: &Period,
        carried: Vec<Lot>,
        is_touched: bool,
        writes: &mut Writes,
    ) -> Result<Vec<Lot>, StoreError> {
        let month = period.month;
        let is_closed = self.book.closed_until().is_some_and(|closed| month <= closed);
        let has_hours = self.book.has_hours(period.version) || !carried.is_empty();
        let everything = matches!(self.touched, Touched::Everything);
        let of =
            if has_hours || is_closed || everything || !is_touched { EntriesOf::All } else { self.companions(month) };
        let records = self.entries(month, &of).await?;
        let entries: Vec<Entry> = records.iter().map(|record| entry(record, &self.codes, &self.tickets)).collect();
        let rated = rate_period(&self.book.account(), period, &carried, &entries);
        let records = self.write_entries(month, records, &rated, writes);
        let closing = rated.closing.clone();
        let made = Made { period: *period, records, entries, rated };
        if is_closed {
            self.made.push(made);
        } else {
            let stored = match &of {
                EntriesOf::All => self.tx.charges(Some(self.book.agreement.id), ChargesOf::Month(month)).await?,
                EntriesOf::Some { ids, .. } => {
                    let own = made.records.iter().map(|record| record.id).filter(|id| !self.created.contains(id));
                    let ids: Vec<Uuid> = own.chain(ids.iter().copied()).collect::<BTreeSet<_>>().into_iter().collect();
                    self.tx.charges(Some(self.book.agreement.id), ChargesOf::Entries(month, &ids)).await?
                }
            };
            let changed = |id: Uuid| everything || self.fresh.contains_key(&id);
            made::sync(self.book, &made, stored, changed, writes)?;
        }
        self.write_hours(month.next(), &closing, has_hours, writes);
        Ok(closing)
    }

    /// Puts down the hours that a month begins with, where that is not what is stored.
    fn write_hours(&self, month: Month, carried: &[Lot], has_hours: bool, writes: &mut Writes) {
        let stored = self.book.row(month);
        if stored.map_or(has_hours, |stored| stored.carried != carried) {
            let closed = stored.and_then(|stored| stored.closed.clone());
            writes.period(PeriodRecord {
                agreement_id: self.book.agreement.id,
                month,
                carried: carried.to_vec(),
                closed,
            });
        }
    }

    /// The months that what has changed belongs to, before and after.
    fn touched_months(&self) -> BTreeSet<Month> {
        match self.touched {
            Touched::Everything => self.periods.all().iter().map(|period| period.month).collect(),
            Touched::Entries(moved) => {
                let own = |record: &&TimeEntryRecord| record.agreement_id == Some(self.book.agreement.id);
                moved.iter().flat_map(Moved::versions).filter(own).filter_map(|record| record.month).collect()
            }
        }
    }

    /// The entries of a month that changed, and those that are rounded together with them.
    fn companions(&self, month: Month) -> EntriesOf {
        let Touched::Entries(moved) = self.touched else { return EntriesOf::All };
        let policies = self.book.terms.iter().filter_map(|version| version.agreed.sections.extra_hours.as_ref());
        let aggregates: Vec<RoundingAggregate> = policies.map(|policy| policy.rounding.aggregate).collect();
        let by_ticket =
            aggregates.iter().any(|a| matches!(a, RoundingAggregate::Ticket | RoundingAggregate::TicketDay));
        let by_technician = aggregates.contains(&RoundingAggregate::TechnicianDay);
        let here = |record: &&TimeEntryRecord| record.month == Some(month);
        let versions = || moved.iter().flat_map(Moved::versions).filter(here);
        let ids: BTreeSet<Uuid> =
            moved.iter().filter(|moved| moved.before.is_some()).map(|moved| moved.after.id).collect();
        let tickets: HashSet<ExternalRef> =
            versions().filter(|_| by_ticket).filter_map(|record| record.ticket.clone()).collect();
        let technicians: BTreeSet<String> =
            versions().filter(|_| by_technician).filter_map(|record| record.technician.clone()).collect();
        EntriesOf::Some {
            ids: ids.into_iter().collect(),
            tickets: tickets.into_iter().collect(),
            technicians: technicians.into_iter().collect(),
        }
    }

    /// Loads all entries of the agreement, and puts each into the month it belongs to now.
    async fn load_all(&mut self) -> Result<(), StoreError> {
        let all = Month::from_number(i32::MIN)..=Month::from_number(i32::MAX);
        for record in self.tx.time_entries(self.book.agreement.id, all, &EntriesOf::All).await? {
            let month = self.periods.at(record.span.from).map(|period| period.month).or(record.month);
            if let Some(month) = month {
                self.all.entry(month).or_default().push(record);
            }
        }
        Ok(())
    }

    /// The entries of a month as they are to be.
    async fn entries(&mut self, month: Month, of: &EntriesOf) -> Result<Vec<TimeEntryRecord>, StoreError> {
        let mut records = match self.touched {
            Touched::Everything => self.all.remove(&month).unwrap_or_default(),
            Touched::Entries(_) => self.tx.time_entries(self.book.agreement.id, month..=month, of).await?,
        };
        records.retain(|record| !self.fresh.contains_key(&record.id));
        let agreement = Some(self.book.agreement.id);
        let own = |record: &&&TimeEntryRecord| record.month == Some(month) && record.agreement_id == agreement;
        let fresh = self.fresh.values().filter(own).filter(|record| !record.deleted);
        records.extend(fresh.map(|record| (*record).clone()));
        let unknown = records.iter().filter_map(|record| record.service_id).filter(|id| !self.codes.contains_key(id));
        let unknown: Vec<Uuid> = unknown.collect();
        if !unknown.is_empty() {
            self.codes.extend(self.app.service_codes(self.session, unknown.into_iter()).await?);
        }
        let unasked = self.tickets.unasked(&records);
        let found = self.tx.tickets_called(&unasked).await?;
        self.tickets.learn(unasked, found);
        Ok(records)
    }

    /// Gives entries the segments that they are rated in, and writes those that became others.
    fn write_entries(
        &mut self,
        month: Month,
        records: Vec<TimeEntryRecord>,
        rated: &RatedPeriod,
        writes: &mut Writes,
    ) -> Vec<TimeEntryRecord> {
        let mut segments = made::segments(self.book, records.len(), rated);
        let place = |(place, mut record): (usize, TimeEntryRecord)| {
            let segments = segments.get_mut(place).map(std::mem::take).unwrap_or_default();
            let is_fresh = self.fresh.contains_key(&record.id);
            if is_fresh || record.segments != segments || record.month != Some(month) {
                (record.segments, record.month) = (segments, Some(month));
                writes.entry(record.clone());
                self.written.insert(record.id);
            }
            record
        };
        records.into_iter().enumerate().map(place).collect()
    }

    /// Writes what changed and belongs to no period: what was taken back, or is of another agreement now.
    fn write_the_rest(&self, writes: &mut Writes) {
        let Touched::Entries(moved) = self.touched else { return };
        for Moved { after, .. } in moved {
            let elsewhere = after.agreement_id != Some(self.book.agreement.id);
            if !elsewhere && !self.written.contains(&after.id) {
                writes.entry(TimeEntryRecord { segments: Vec::new(), ..after.clone() });
            }
        }
    }
}

/// An entry as rules look at it.
pub(super) fn entry(record: &TimeEntryRecord, codes: &ServiceCodes, tickets: &Tickets) -> Entry {
    Entry {
        id: record.id.as_u128(),
        system: record.reference.system.clone(),
        reference: record.reference.id.clone(),
        span: record.span,
        breaks: record.breaks.clone(),
        times: if record.times_known { Times::Known } else { Times::LengthOnly },
        role: record.role.clone(),
        technician: record.technician.clone(),
        work_kind: record.work_kind.clone(),
        service: record.service_id.and_then(|id| codes.get(&id).cloned()),
        priority: record.priority,
        ticket: tickets.named(record),
        billing: record.billing,
        approved: record.approved_by.is_some(),
    }
}
