//! On which cluster the feed is counted.

use sea_orm::{ConnectionTrait, DbBackend};

use crate::store::{StoreError, statement};

/// The identity of a PostgreSQL cluster and of its history: a restored dump has another cluster, a restored backup or a
/// standby that took over another timeline. On either, transactions may be numbered that were numbered before.
const CLUSTER: &str = "(SELECT system_identifier::text || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) \
     FROM pg_control_system())";

/// The epoch in which a transaction counts its changes, as an expression; null while the feed is settled on a cluster
/// other than the one that runs the statement.
pub(in crate::store) fn epoch_here(backend: DbBackend) -> String {
    match backend {
        DbBackend::Postgres => format!("(SELECT epoch FROM feed WHERE cluster = {CLUSTER})"),
        _ => "(SELECT epoch FROM feed)".to_owned(),
    }
}

/// Counts a new epoch when the database stands on another cluster than the last time: a restored dump brings
/// transaction ids that sort before those of the cluster it came from.
pub(in crate::store) async fn settle_epoch(database: &impl ConnectionTrait) -> Result<(), StoreError> {
    let backend = database.get_database_backend();
    let cluster = match backend {
        DbBackend::Postgres => CLUSTER,
        _ => "'sqlite'",
    };
    let settle = format!(
        "UPDATE feed SET epoch = CASE WHEN cluster = '' THEN epoch ELSE epoch + 1 END, cluster = {cluster} \
         WHERE cluster <> {cluster}"
    );
    database.execute_raw(statement(backend, &settle, Vec::new())).await?;
    Ok(())
}
