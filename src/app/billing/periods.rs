//! The billing periods of agreements.

use std::collections::HashMap;

use remit_domain::billing::Month;

use crate::{
    app::{App, Session},
    store::{StoreError, Uuid},
};

impl App {
    /// The months of the billing periods of some agreements that the caller sees, in order.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn billing_months(
        &self,
        session: &Session,
        agreements: &[Uuid],
    ) -> Result<HashMap<Uuid, Vec<Month>>, StoreError> {
        let rows = self.store.account_rows(&session.scope, session.now, agreements).await?;
        let books = self.books(session, rows).await?;
        let months = |book: &super::book::Book| book.periods(session.now).all().iter().map(|p| p.month).collect();
        Ok(books.iter().map(|(id, book)| (*id, months(book))).collect())
    }

    /// The agreements and months that ids of billing periods name, of those that the caller sees and that have begun.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn find_periods(&self, session: &Session, ids: &[Uuid]) -> Result<Vec<(Uuid, Month)>, StoreError> {
        let named = self.store.named_periods(&session.scope, ids).await?;
        let agreements: Vec<Uuid> = named.iter().map(|(_, agreement, _)| *agreement).collect();
        let months = self.billing_months(session, &agreements).await?;
        let begun = |agreement: &Uuid, month: &Month| months.get(agreement).is_some_and(|all| all.contains(month));
        let named = named.into_iter().map(|(_, agreement, month)| (agreement, month));
        Ok(named.filter(|(agreement, month)| begun(agreement, month)).collect())
    }
}
