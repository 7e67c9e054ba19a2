//! Closing billing periods (R8, R9).

use remit_domain::{
    Date,
    billing::{Lot, Month, Period, Periods, looked_at_by_triggers, rate_period},
};

use super::{book::Book, ledger::Writes};
use crate::{
    app::{App, Outcome, Session, UserErrorCode, open::refuse},
    store::{ChangeKind, Handle, PeriodRecord, StoreError, Subject, Tx, Uuid, period_id},
};

/// Which period is to be closed.
#[derive(Clone, Debug)]
pub struct ClosePeriod {
    /// The agreement.
    pub agreement: Handle,
    /// The period's first day.
    pub from: Date,
    /// Whether the periods before it that are open are closed too, in order.
    pub with_earlier: bool,
}

impl App {
    /// Closes a period for good: its charges are final, and what is recorded later for it becomes an adjustment. Closing
    /// it again changes nothing.
    ///
    /// # Errors
    /// Refused when there is no such period, it is not over, or one before it is open.
    pub async fn close_billing_period(&self, session: &Session, close: ClosePeriod) -> Outcome<(Uuid, Month)> {
        let mut tx = self.store.begin_recording(&session.scope, session.now, &[]).await?;
        let unknown = || refuse(UserErrorCode::NotFound, "agreement", "no such agreement");
        let agreement = tx.agreement(&close.agreement).await?.ok_or_else(unknown)?.id;
        tx.take_agreements(&[agreement]).await?;
        let books = self.books(session, tx.account_rows(&[agreement]).await?).await?;
        let book = books.get(&agreement).ok_or_else(unknown)?;
        let periods = book.periods(session.now);
        let wanted = find(session, &periods, close.from)?;
        let is_closed = |month: Month| book.closed_until().is_some_and(|closed| month <= closed);
        if is_closed(wanted.month) {
            return Ok((agreement, wanted.month));
        }
        let is_meant = |period: &&Period| period.month <= wanted.month && !is_closed(period.month);
        let open: Vec<Period> = periods.all().iter().filter(is_meant).copied().collect();
        if let Some(earlier) = open.first().filter(|first| first.month < wanted.month && !close.with_earlier) {
            let text = format!("periods close in order, and {} is open", earlier.month);
            return Err(refuse(UserErrorCode::Conflict, "from", text));
        }
        let mut writes = Writes::default();
        self.make_credits(&tx, book, &open, &mut writes).await?;
        for period in &open {
            self.close_one(session, &mut tx, book, &periods, period, &mut writes).await?;
            self.tell_rights(session, book, period, &mut writes).await?;
        }
        writes.commit(tx).await?;
        Ok((agreement, wanted.month))
    }

    async fn close_one(
        &self,
        session: &Session,
        tx: &mut Tx,
        book: &Book,
        periods: &Periods,
        period: &Period,
        writes: &mut Writes,
    ) -> Outcome<()> {
        let (agreement, month) = (&book.agreement, period.month);
        tx.finish_charges(agreement.id, month).await?;
        let closed = Some((session.now, session.caller.subject().to_owned()));
        let carried = carried(book, periods, month);
        writes.period(PeriodRecord { agreement_id: agreement.id, month, carried, closed });
        let id = period_id(agreement.id, month);
        let (kind, event) = (ChangeKind::Updated, "period.closed");
        writes.say(Subject::BillingPeriod, id, kind, event, agreement.id, agreement.client_id);
        Ok(())
    }
}

impl App {
    /// Tells the feed that with the end of a period broken promises allow a party to end the agreement, where they did not
    /// before it (Q4).
    async fn tell_rights(
        &self,
        session: &Session,
        book: &Book,
        period: &Period,
        writes: &mut Writes,
    ) -> Result<(), StoreError> {
        if looked_at_by_triggers(&book.account(), period.to).is_empty() {
            return Ok(());
        }
        let agreement = &book.agreement;
        let mut allowed = Vec::new();
        for at in [period.from, period.to] {
            let rights = self.termination_rights(session, &[agreement.id], at).await?.remove(&agreement.id);
            let given = rights.into_iter().flatten().filter(|right| right.earliest.is_some());
            allowed.push(given.map(|right| right.trigger).collect::<Vec<_>>());
        }
        let [before, now] = allowed.as_slice() else { return Ok(()) };
        if now.iter().any(|trigger| !before.contains(trigger)) {
            let (kind, event) = (ChangeKind::Updated, "agreement.terminable");
            writes.say(Subject::Agreement, agreement.id, kind, event, agreement.id, agreement.client_id);
        }
        Ok(())
    }
}

/// The period that begins on a day, if it can be closed.
fn find(session: &Session, periods: &Periods, from: Date) -> Outcome<Period> {
    let month = Month::of(from);
    if month.first() != from {
        let text = format!("a period begins on the first of a month, such as {}", month.first());
        return Err(refuse(UserErrorCode::Invalid, "from", text));
    }
    let not_over = || refuse(UserErrorCode::Invalid, "from", format!("the period {month} is not over"));
    match periods.of_month(month) {
        Some(period) if period.is_over(session.now) => Ok(*period),
        Some(_) => Err(not_over()),
        // Of an agreement that goes on, a later month will come.
        None if periods.all().last().is_some_and(|last| last.month < month && !last.is_over(session.now)) => {
            Err(not_over())
        }
        None => Err(refuse(UserErrorCode::NotFound, "from", "the agreement has no such period")),
    }
}

/// The hours left over that a month begins with. Months behind the last that they are known of had no work.
pub(super) fn carried(book: &Book, periods: &Periods, month: Month) -> Vec<Lot> {
    let first = periods.all().first().map_or(month, |first| first.month);
    let (from, lots) = book.carried(month).map_or((first, Vec::new()), |(month, lots)| (month, lots.to_vec()));
    let account = book.account();
    let before = periods.from(from).iter().take_while(|period| period.month < month);
    before.fold(lots, |lots, period| rate_period(&account, period, &lots, &[]).closing)
}
