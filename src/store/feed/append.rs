//! Writing the feed, with the commit of what it tells of.

use sea_orm::{ConnectionTrait, DbBackend, Value, prelude::Uuid};

use super::Change;
use crate::store::{StoreError, Tx, statement};

/// How many changes one statement appends: far below the most values that one may have.
const APPENDED_AT_ONCE: usize = 500;

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
        let (transaction, sequence) = match backend {
            DbBackend::Postgres => ("pg_current_xact_id()::text::bigint", "nextval('change_sequence')"),
            _ => {
                let count = i64::try_from(changes.len()).unwrap_or(i64::MAX);
                let sql = "UPDATE feed SET last_sequence = last_sequence + ?";
                self.connection().execute_raw(statement(backend, sql, vec![count.into()])).await?;
                ("0", "(SELECT last_sequence FROM feed) - ?")
            }
        };
        let row = format!("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, {transaction}, {sequence})");
        let rows = vec![row; changes.len()].join(", ");
        let sql = format!(
            "INSERT INTO change (provider_id, id, subject, subject_id, kind, event, agreement_id, client_id, milestone, \
             percent, at, epoch, transaction_id, sequence) VALUES {rows}"
        );
        let mut values: Vec<Value> = Vec::new();
        for (place, change) in changes.iter().enumerate() {
            values.extend(self.change_values(change));
            if backend != DbBackend::Postgres {
                let behind = changes.len() - 1 - place;
                values.push(i64::try_from(behind).unwrap_or(i64::MAX).into());
            }
        }
        self.connection().execute_raw(statement(backend, &sql, values)).await?;
        Ok(())
    }

    fn change_values(&self, change: &Change) -> [Value; 12] {
        let clock = change.clock;
        [
            self.provider().into(),
            Uuid::now_v7().into(),
            change.subject.as_str().into(),
            change.id.into(),
            change.kind.as_str().into(),
            change.event.into(),
            change.agreement.into(),
            change.client.into(),
            clock.map(|clock| clock.milestone.as_str()).into(),
            clock.and_then(|clock| clock.percent).map(i32::from).into(),
            self.at().as_microsecond().into(),
            self.epoch().into(),
        ]
    }
}
