//! How the termination triggers of agreements stand (Q4).

use std::collections::HashMap;

use remit_domain::{
    Date, Timestamp,
    billing::{JudgedTicket, Month, Observed, Period, Record, Right, looked_at, looked_at_by_triggers, rights},
    commitment::Fact,
    share::Share,
    span::Span,
    terms::TerminationTrigger,
};

use super::book::Book;
use crate::{
    app::{App, Session},
    store::{StoreError, Uuid},
};

/// How a termination trigger stands at an instant.
#[derive(Clone, Debug)]
pub struct TerminationRight {
    /// Its place in the terms.
    pub place: usize,
    /// The trigger.
    pub trigger: TerminationTrigger,
    /// The first day without the agreement, if notice is given then; none: it does not allow to end it.
    pub earliest: Option<Date>,
    /// The months that it looks at, in order, with what was measured and whether that counts.
    pub months: Vec<(Month, Option<Share>, bool)>,
}

impl From<&Right<'_>> for TerminationRight {
    fn from(right: &Right<'_>) -> Self {
        Self {
            place: right.place,
            trigger: right.trigger.clone(),
            earliest: right.earliest,
            months: right.months.iter().map(|month| (month.month, month.reached, month.is_bad)).collect(),
        }
    }
}

impl App {
    /// How the termination triggers of some agreements that the caller sees stand at an instant, at the latest now, with a
    /// constant number of statements.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn termination_rights(
        &self,
        session: &Session,
        agreements: &[Uuid],
        at: Timestamp,
    ) -> Result<HashMap<Uuid, Vec<TerminationRight>>, StoreError> {
        let at = at.min(session.now);
        let books =
            self.books(session, self.store.account_rows(&session.scope, session.now, agreements).await?).await?;
        let looked: HashMap<Uuid, Vec<Period>> =
            books.iter().map(|(id, book)| (*id, looked_at_by_triggers(&book.account(), at))).collect();
        let records = self.records_of(session, &books, &looked).await?;
        let nothing = Record::default();
        let of_book = |(id, book): (&Uuid, &Book)| {
            let record = records.get(id).unwrap_or(&nothing);
            (*id, rights(&book.account(), at, record).iter().map(Into::into).collect())
        };
        Ok(books.iter().map(of_book).collect())
    }

    /// What the months are measured by that some agreements look back at.
    async fn records_of(
        &self,
        session: &Session,
        books: &HashMap<Uuid, Book>,
        looked: &HashMap<Uuid, Vec<Period>>,
    ) -> Result<HashMap<Uuid, Record>, StoreError> {
        let mut records: HashMap<Uuid, Record> = HashMap::new();
        let periods = || looked.values().flatten();
        let ends = periods().map(|period| period.from).min().zip(periods().map(|period| period.to).max());
        let Some((first, last)) = ends else { return Ok(records) };
        let meant: Vec<Uuid> = looked.iter().filter(|(_, periods)| !periods.is_empty()).map(|(id, _)| *id).collect();
        let (store, scope) = (&self.store, &session.scope);
        for (agreement, judged) in store.judgements(scope, &meant, (first, last), session.now).await? {
            let list: &mut Vec<JudgedTicket> = &mut records.entry(agreement).or_default().judged;
            list.push(judged);
        }
        let begins = books.iter().filter_map(|(id, book)| outages_from(book, looked.get(id)?.first()?)).min();
        let Some(stretch) = Span::new(begins.unwrap_or(first).min(first), last) else { return Ok(records) };
        for fact in store.facts_of(scope, &meant, stretch).await? {
            let about = fact.fact().key();
            let record = records.entry(fact.agreement_id).or_default();
            match fact.kept.fact {
                Fact::Outage(outage) => record.observed.outages.entry(about).or_default().push(outage),
                Fact::BackupRun(run) => record.runs.push(run),
                Fact::Measurement(_) => {}
            }
        }
        for ((agreement, about), spans) in self.known_of(session, &meant).await? {
            let observed: &mut Observed = &mut records.entry(agreement).or_default().observed;
            observed.known.insert(about, spans);
        }
        Ok(records)
    }
}

/// Since when outages of an agreement can matter for a period.
fn outages_from(book: &Book, period: &Period) -> Option<Timestamp> {
    let commitments: Vec<_> = book.terms.iter().flat_map(|v| &v.agreed.sections.availability).cloned().collect();
    Some(looked_at(&commitments, period)?.from())
}
