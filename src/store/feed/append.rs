//! Writing the feed, with the commit of what it tells of.

use sea_orm::{ConnectionTrait, DbBackend, Value, prelude::Uuid};

use super::Change;
use crate::store::{
    StoreError, Tx,
    rows::{array, unnest},
    statement,
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
    /// Appends changes to the feed, in their order.
    pub(in crate::store) async fn append(&self, changes: &[Change]) -> Result<(), StoreError> {
        for changes in changes.chunks(APPENDED_AT_ONCE) {
            self.append_some(changes).await?;
        }
        Ok(())
    }

    async fn append_some(&self, changes: &[Change]) -> Result<(), StoreError> {
        let backend = self.connection().get_database_backend();
        let rows = changes.iter().map(|change| self.change_values(change));
        let (sql, values) = if backend == DbBackend::Postgres {
            let mut columns: [Vec<Value>; COLUMNS] = Default::default();
            for row in rows {
                columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
            }
            let common = [self.provider().into(), self.at().as_microsecond().into(), self.epoch().into()];
            let arrays = columns.into_iter().map(array).collect::<Result<Vec<_>, _>>()?;
            (from_arrays(), common.into_iter().chain(arrays).collect())
        } else {
            let count = i64::try_from(changes.len()).unwrap_or(i64::MAX);
            let sql = "UPDATE feed SET last_sequence = last_sequence + ?";
            self.connection().execute_raw(statement(backend, sql, vec![count.into()])).await?;
            let behind = (0..count).rev();
            let values = rows.zip(behind).flat_map(|(row, behind)| {
                let common = [self.provider().into(), self.at().as_microsecond().into(), self.epoch().into()];
                common.into_iter().chain([behind.into()]).chain(row)
            });
            (from_values(changes.len()), values.collect())
        };
        self.connection().execute_raw(statement(backend, &sql, values)).await?;
        Ok(())
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
