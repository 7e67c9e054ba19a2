//! The hours of agreements as they stand (V5).

use std::collections::HashMap;

use remit_domain::{
    Timestamp,
    billing::{Lot, LotOrigin, Month, Periods, left},
    rating::{HourPool, PoolTime},
    time::utc_date,
};

use super::{book::Book, close::carried};
use crate::{
    app::{App, Session},
    store::{StoreError, Uuid},
};

/// The hours of some agreements, with what was drawn of them about some instants.
#[derive(Debug, Default)]
pub(in crate::app) struct StandingHours {
    now: Timestamp,
    books: HashMap<Uuid, Book>,
    drawn: HashMap<(Uuid, Month), Vec<(LotOrigin, PoolTime)>>,
}

impl App {
    /// Looks up the hours of agreements at some instants, with a number of statements that depends on neither.
    ///
    /// - `begun_by`: only what work that began before this instant has drawn counts; none: all work.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub(in crate::app) async fn standing_hours(
        &self,
        session: &Session,
        asked: &[(Uuid, Timestamp)],
        begun_by: Option<Timestamp>,
    ) -> Result<StandingHours, StoreError> {
        let (Some(first), Some(last)) = (asked.iter().map(|a| a.1).min(), asked.iter().map(|a| a.1).max()) else {
            return Ok(StandingHours::default());
        };
        let mut agreements: Vec<Uuid> = asked.iter().map(|(agreement, _)| *agreement).collect();
        agreements.sort_unstable();
        agreements.dedup();
        let rows = self.store.account_rows(&session.scope, session.now, &agreements).await?;
        let books = self.books(session, rows).await?;
        // In every zone an instant lies at most a month off its own by UTC.
        let months = Month::of(utc_date(first)).before()..=Month::of(utc_date(last)).next();
        let mut drawn: HashMap<(Uuid, Month), Vec<(LotOrigin, PoolTime)>> = HashMap::new();
        for (agreement, month, draws) in self.store.draws(&session.scope, &agreements, months, begun_by).await? {
            let of_month = draws.into_iter().map(|draw| (draw.lot, draw.time));
            drawn.entry((agreement, month)).or_default().extend(of_month);
        }
        Ok(StandingHours { now: session.now, books, drawn })
    }
}

impl StandingHours {
    fn periods(&self, book: &Book, at: Timestamp) -> Periods {
        Periods::begun(&book.account(), self.now.max(at), book.latest_work.max(Some(at)))
    }

    /// The hours that are left of an agreement in the period of an instant, in lots; none: it has no such period.
    pub(in crate::app) fn left(&self, agreement: Uuid, at: Timestamp) -> Option<(HourPool<'_>, Vec<Lot>)> {
        let book = self.books.get(&agreement)?;
        let account = book.account();
        let periods = self.periods(book, at);
        let period = periods.at(at)?;
        let carried = carried(book, &periods, period.month);
        let drawn = self.drawn.get(&(agreement, period.month)).into_iter().flatten().copied();
        Some(left(&account, period, &carried, drawn))
    }
}
