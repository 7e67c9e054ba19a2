//! The rows of the feed, written with the commit of what they tell of.

use sea_orm::{DbBackend, Value, prelude::Uuid};

use super::Change;
use crate::store::{
    StoreError, Tx,
    rows::{Part, Rows, array, unnest},
};

/// How many changes one statement appends: far below the most values that one may have.
const APPENDED_AT_ONCE: usize = 500;

/// The columns that tell the changes of a write apart, with the types of arrays of them.
const OWN: [(&str, &str); COLUMNS] = [
    ("id", "uuid[]"),
    ("subject", "text[]"),
    ("subject_id", "uuid[]"),
    ("kind", "text[]"),
    ("event", "text[]"),
    ("agreement_id", "uuid[]"),
    ("client_id", "uuid[]"),
    ("milestone", "text[]"),
    ("percent", "integer[]"),
];
const COLUMNS: usize = 9;

fn insert() -> String {
    let own = OWN.map(|(column, _)| column).join(", ");
    format!("INSERT INTO change (provider_id, at, epoch, transaction_id, sequence, {own})")
}

/// PostgreSQL numbers the rows of arrays in their order.
fn from_arrays() -> String {
    let common = "?::text, ?::bigint, ?::bigint, pg_current_xact_id()::text::bigint, nextval('change_sequence')";
    let own = OWN.map(|(column, _)| column).join(", ");
    format!("{} SELECT {common}, {own} FROM {} AS new ({own})", insert(), unnest(&OWN.map(|(_, array)| array)))
}

fn from_values(count: usize) -> String {
    let row = format!("(?, ?, ?, 0, (SELECT last_sequence FROM feed) - ?{})", ", ?".repeat(COLUMNS));
    format!("{} VALUES {}", insert(), vec![row; count].join(", "))
}

impl Tx {
    /// Changes as rows of the feed, in their order.
    pub(in crate::store) fn change_rows(&self, changes: &[Change]) -> Result<Rows, StoreError> {
        let mut rows = Rows::default();
        for some in changes.chunks(APPENDED_AT_ONCE) {
            match self.backend() {
                DbBackend::Postgres => rows.push(self.numbered_by_database(some)?),
                _ => self.numbered_here(some).into_iter().for_each(|part| rows.push(part)),
            }
        }
        Ok(rows)
    }

    fn numbered_by_database(&self, changes: &[Change]) -> Result<Part, StoreError> {
        let mut columns: [Vec<Value>; COLUMNS] = Default::default();
        for change in changes {
            let row = self.change_values(change);
            columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
        }
        let arrays = columns.into_iter().map(array).collect::<Result<Vec<_>, _>>()?;
        Ok(Part {
            table: "change",
            sql: from_arrays(),
            values: self.common().into_iter().chain(arrays).collect(),
            is_many: false,
        })
    }

    fn numbered_here(&self, changes: &[Change]) -> [Part; 2] {
        let count = i64::try_from(changes.len()).unwrap_or(i64::MAX);
        let values = changes.iter().zip((0..count).rev()).flat_map(|(change, behind)| {
            self.common().into_iter().chain([behind.into()]).chain(self.change_values(change))
        });
        let raise = "UPDATE feed SET last_sequence = last_sequence + ?";
        [
            Part { table: "feed", sql: raise.to_owned(), values: vec![count.into()], is_many: false },
            Part { table: "change", sql: from_values(changes.len()), values: values.collect(), is_many: false },
        ]
    }

    /// What all changes of a write share.
    fn common(&self) -> [Value; 3] {
        [self.provider().into(), self.at().as_microsecond().into(), self.epoch().into()]
    }

    fn change_values(&self, change: &Change) -> [Value; COLUMNS] {
        let clock = change.clock;
        [
            Uuid::now_v7().into(),
            change.subject.as_str().into(),
            change.id.into(),
            change.kind.as_str().into(),
            change.event.into(),
            change.agreement.into(),
            change.client.into(),
            clock.map(|clock| clock.milestone.as_str()).into(),
            clock.and_then(|clock| clock.percent).map(i32::from).into(),
        ]
    }
}
