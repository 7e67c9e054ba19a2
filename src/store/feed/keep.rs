//! How long the feed is kept.

use remit_domain::Timestamp;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Value};

use super::read::EDGE;
use crate::store::{Store, StoreError, statement};

impl Store {
    /// Forgets the changes of before an instant, and remembers of each kind the newest of them: whoever has not read so
    /// far is told. One server at a time does it; what another is forgetting already is left to it.
    ///
    /// Returns how many were forgotten.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer; then none was forgotten.
    pub async fn forget_changes(&self, before: Timestamp) -> Result<u64, StoreError> {
        let turn = self.writes().begin().await?;
        let Some((old, values)) = old_ones(&turn, before).await? else { return Ok(0) };
        let backend = turn.get_database_backend();
        let newest = format!(
            "INSERT INTO change_floor (provider_id, subject, epoch, transaction_id, sequence) \
             SELECT provider_id, subject, epoch, transaction_id, sequence FROM (SELECT provider_id, subject, epoch, \
             transaction_id, sequence, row_number() OVER (PARTITION BY provider_id, subject \
             ORDER BY epoch DESC, transaction_id DESC, sequence DESC) AS behind FROM change WHERE {old}) AS gone \
             WHERE behind = 1 ON CONFLICT (provider_id, subject) DO UPDATE SET epoch = excluded.epoch, \
             transaction_id = excluded.transaction_id, sequence = excluded.sequence \
             WHERE (excluded.epoch, excluded.transaction_id, excluded.sequence) > \
             (change_floor.epoch, change_floor.transaction_id, change_floor.sequence)"
        );
        turn.execute_raw(statement(backend, &newest, values.clone())).await?;
        let forget = format!("DELETE FROM change WHERE {old}");
        let forgotten = turn.execute_raw(statement(backend, &forget, values)).await?.rows_affected();
        turn.commit().await.map_err(StoreError::Unavailable)?;
        Ok(forgotten)
    }
}

/// The condition for what is old and final, the same for every statement of the transaction; none: another server is at it.
async fn old_ones(turn: &DatabaseTransaction, before: Timestamp) -> Result<Option<(String, Vec<Value>)>, StoreError> {
    let before: Value = before.as_microsecond().into();
    if turn.get_database_backend() != DbBackend::Postgres {
        return Ok(Some(("at < ?".to_owned(), vec![before])));
    }
    let sql = format!("SELECT pg_try_advisory_xact_lock(7236971) AS mine, {EDGE} AS edge, epoch FROM feed");
    let row = turn.query_one_raw(statement(DbBackend::Postgres, &sql, Vec::new())).await?;
    let Some(row) = row else { return Ok(None) };
    if !row.try_get::<bool>("", "mine")? {
        return Ok(None);
    }
    let (edge, epoch): (i64, i64) = (row.try_get("", "edge")?, row.try_get("", "epoch")?);
    let old = "at < ? AND (epoch < ? OR transaction_id < ?)";
    Ok(Some((old.to_owned(), vec![before, epoch.into(), edge.into()])))
}
