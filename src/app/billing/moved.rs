//! Entries that change, and the agreements whose charges that touches.

use std::collections::HashMap;

use super::{book::Book, ledger::Writes, recharge::Touched};
use crate::{
    app::{App, Session},
    store::{StoreError, TimeEntryRecord, Tx, Uuid},
};

/// An entry that has changed.
#[derive(Clone, Debug)]
pub(super) struct Moved {
    /// As it is stored, if it is.
    pub(super) before: Option<TimeEntryRecord>,
    /// As it is to be; not written yet.
    pub(super) after: TimeEntryRecord,
}

impl Moved {
    pub(super) fn versions(&self) -> impl Iterator<Item = &TimeEntryRecord> {
        self.before.iter().chain([&self.after])
    }

    /// The agreements that it was and is rated by.
    pub(super) fn agreements(&self) -> impl Iterator<Item = Uuid> {
        self.versions().filter_map(|version| version.agreement_id)
    }

    /// Whether it belongs to another agreement than before.
    fn leaves(&self) -> Option<Uuid> {
        let before = self.before.as_ref()?.agreement_id?;
        (Some(before) != self.after.agreement_id).then_some(before)
    }
}

impl App {
    /// Finds the charges anew of every agreement that entries belong to or have left, and writes the entries.
    ///
    /// - `books`: those of all these agreements.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub(super) async fn recharge_moved(
        &self,
        session: &Session,
        tx: &Tx,
        moved: Vec<Moved>,
        books: &HashMap<Uuid, Book>,
        writes: &mut Writes,
    ) -> Result<(), StoreError> {
        let mut of: HashMap<Uuid, Vec<Moved>> = HashMap::new();
        for moved in moved {
            if let Some(left) = moved.leaves() {
                of.entry(left).or_default().push(moved.clone());
            }
            match moved.after.agreement_id {
                Some(agreement) => of.entry(agreement).or_default().push(moved),
                // What belongs to no agreement is not rated.
                None => writes.entry(TimeEntryRecord { segments: Vec::new(), ..moved.after }),
            }
        }
        let mut of: Vec<(Uuid, Vec<Moved>)> = of.into_iter().collect();
        of.sort_by_key(|(agreement, _)| *agreement);
        for (agreement, moved) in of {
            if let Some(book) = books.get(&agreement) {
                self.recharge(session, tx, book, &Touched::Entries(moved), writes).await?;
            }
        }
        Ok(())
    }
}
