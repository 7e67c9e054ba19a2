//! Service credits: made when a period closes, and adjusted when what they follow from changes later (R8, R9).

use std::collections::{BTreeMap, HashMap};

use remit_domain::{
    Date, Duration, Timestamp,
    billing::{Credit, Happened, Month, Observed, Period, looked_at, period_credits},
    commitment::{Fact, Outage},
    span::{Span, Spans},
    time::utc_date,
    words::{ChargeKind, ChargeStatus},
};

use super::{
    adjust::{Anew, Replayed, Sort, Why, adjust},
    book::Book,
    ledger::Writes,
};
use crate::{
    app::{App, Session, known::known},
    store::{ChangeKind, ChargeRecord, ChargesOf, StoreError, Tx, Uuid, stored_reasons},
};

impl App {
    /// Writes the credits of periods that are being closed, as final as these.
    ///
    /// - `periods`: one after another, the first of them the earliest that was open.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub(super) async fn make_credits(
        &self,
        tx: &Tx,
        book: &Book,
        periods: &[Period],
        writes: &mut Writes,
    ) -> Result<(), StoreError> {
        let credits = credits_of(tx, book, periods).await?;
        for period in periods {
            let Some(credit) = credits.get(&period.month) else { continue };
            let row = ChargeRecord { reasons: stored_reasons(&credit.reasons)?, ..row(book, period, credit) };
            writes.charge(row, ChangeKind::Created, "charge.made");
        }
        Ok(())
    }

    /// Finds the credits of closed periods anew; where one is not what was billed, the difference is an adjustment.
    ///
    /// - `from`: the first month concerned; none: all of them.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub(super) async fn recredit_book(
        &self,
        session: &Session,
        tx: &Tx,
        book: &Book,
        from: Option<Month>,
        writes: &mut Writes,
    ) -> Result<(), StoreError> {
        let Some(closed) = book.closed_until().filter(|_| book.earns_credits()) else { return Ok(()) };
        let periods = book.periods(session.now);
        let of = periods.all().iter().filter(|period| from.is_none_or(|from| from <= period.month));
        let concerned: Vec<Period> = of.filter(|period| period.month <= closed).copied().collect();
        let credits = credits_of(tx, book, &concerned).await?;
        let of_period = |period: &Period| {
            let credit = credits.get(&period.month)?;
            Some(Replayed { row: row(book, period, credit), why: Why::Credit(credit) })
        };
        let charges = concerned.iter().filter_map(of_period).collect();
        let months = concerned.iter().map(|period| period.month).collect();
        adjust(tx, book, &periods, Anew { months, sort: Sort::Credits, charges }, writes).await
    }

    /// Finds the credits of closed periods of some agreements anew, because something became known that they follow from:
    /// of each from an instant on.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub(in crate::app) async fn recredit(
        &self,
        session: &Session,
        tx: &mut Tx,
        since: &BTreeMap<Uuid, Timestamp>,
    ) -> Result<(), StoreError> {
        let named: Vec<Uuid> = since.keys().copied().collect();
        let closed = tx.closed_until(&named).await?;
        // In no zone is it more than a day earlier than by UTC.
        let first = |at: &Timestamp| Month::of(utc_date(*at).yesterday().unwrap_or(Date::MIN));
        let mut concerned: Vec<Uuid> = named;
        concerned.retain(|id| since.get(id).zip(closed.get(id)).is_some_and(|(at, closed)| first(at) <= *closed));
        if concerned.is_empty() {
            return Ok(());
        }
        let books = self.books(session, tx.account_rows(&concerned).await?).await?;
        let mut writes = Writes::default();
        for id in &concerned {
            if let Some((book, at)) = books.get(id).zip(since.get(id)) {
                self.recredit_book(session, tx, book, Some(first(at)), &mut writes).await?;
            }
        }
        writes.write(tx).await
    }
}

/// What some periods of an agreement earn, by what is known in a write.
async fn credits_of(tx: &Tx, book: &Book, periods: &[Period]) -> Result<BTreeMap<Month, Credit>, StoreError> {
    let (Some(first), Some(last)) = (periods.first(), periods.last()) else { return Ok(BTreeMap::new()) };
    if !book.earns_credits() {
        return Ok(BTreeMap::new());
    }
    let agreement = book.agreement.id;
    let tickets = tx.judged_tickets(agreement, first.from, last.to).await?;
    let tickets = tickets.iter().map(|record| record.kept.ticket()).collect();
    let happened = Happened { tickets, observed: observed(tx, book, first, last).await? };
    let given = match first.month {
        month if month == Month::first_of(month.year()) => BTreeMap::new(),
        month => given(tx, agreement, Month::first_of(month.year()), month.before()).await?,
    };
    Ok(period_credits(&book.account(), periods, &happened, given))
}

/// What was recorded of the things that an agreement promises to be there, as far as it matters for some periods.
async fn observed(tx: &Tx, book: &Book, first: &Period, last: &Period) -> Result<Observed, StoreError> {
    let agreement = book.agreement.id;
    let commitments: Vec<_> = book.terms.iter().flat_map(|v| &v.agreed.sections.availability).cloned().collect();
    let looked = looked_at(&commitments, first).filter(|_| !commitments.is_empty());
    let Some(stretch) = looked.and_then(|looked| Span::new(looked.from(), last.to)) else {
        return Ok(Observed::default());
    };
    let mut outages: HashMap<String, Vec<Outage>> = HashMap::new();
    for record in tx.outages(agreement, stretch).await? {
        let about = record.fact().key();
        if let Fact::Outage(outage) = record.kept.fact {
            outages.entry(about).or_default().push(outage);
        }
    }
    let told = known(tx.first_outages(agreement).await?, tx.all_watched(agreement).await?);
    let known: HashMap<String, Spans> = told.into_iter().map(|((_, about), spans)| (about, spans)).collect();
    Ok(Observed { outages, known })
}

/// The credits that were given for some months, adjustments included.
async fn given(tx: &Tx, agreement: Uuid, from: Month, until: Month) -> Result<BTreeMap<Month, i64>, StoreError> {
    let mut given: BTreeMap<Month, i64> = BTreeMap::new();
    for charge in tx.charges(Some(agreement), ChargesOf::Credits(from..=until)).await? {
        let sum = given.entry(charge.for_month).or_default();
        *sum = sum.saturating_add(charge.minor);
    }
    Ok(given)
}

/// The row of a period's credit, without its reasons. There is one a period, so the period is what it is known by.
fn row(book: &Book, period: &Period, credit: &Credit) -> ChargeRecord {
    ChargeRecord {
        id: Uuid::now_v7(),
        agreement_id: book.agreement.id,
        client_id: book.agreement.client_id,
        month: period.month,
        for_month: period.month,
        kind: ChargeKind::ServiceCredit,
        status: ChargeStatus::Final,
        time_entry_id: None,
        adjusts_kind: None,
        hours_class: None,
        rule_code: None,
        terms_id: period.version.and_then(|version| book.terms_ids.get(version).copied()),
        from: None,
        to: None,
        worked: Duration::ZERO,
        included: Duration::ZERO,
        charged: Duration::ZERO,
        rate: None,
        minor: credit.amount.minor,
        currency: credit.amount.currency,
        reasons: String::new(),
        draws: Vec::new(),
        adjusts_id: None,
        invoice_ref: None,
        released: None,
    }
}
