//! Taking changes up from the feed, each once for each webhook.

use std::collections::BTreeSet;

use remit_domain::Timestamp;
use remit_entity::{webhook, webhook_delivery, webhook_lane};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, Value,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use super::{WebhookRecord, begin, delivery::DeliveryState};
use crate::store::{ChangeRecord, Place, Scope, Store, StoreError, Tx, statement};

/// A webhook behind whose place the feed has more, and the scope of the provider whose it is.
#[derive(Clone, Debug)]
pub struct Behind {
    /// Whose.
    pub scope: Scope,
    /// Which.
    pub webhook: WebhookRecord,
}

/// What is taken up.
#[derive(Clone, Debug)]
pub struct Queued<'a> {
    /// What goes to the webhook, in order.
    pub changes: &'a [ChangeRecord],
    /// Whether changes are missing before them.
    pub gap: bool,
    /// Up to where the feed was looked through.
    pub place: Place,
}

/// A delivery's state and counters as they are at its beginning.
fn as_new() -> webhook_delivery::ActiveModel {
    webhook_delivery::ActiveModel {
        state: Set(DeliveryState::Pending.as_str().to_owned()),
        failures: Set(0),
        settled_at: Set(None),
        attempts: Set("[]".to_owned()),
        ..Default::default()
    }
}

impl Store {
    /// The webhooks of all providers behind whose place the feed has more, those that are paused left out.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn webhooks_behind(&self) -> Result<Vec<Behind>, StoreError> {
        let behind = |table: &str| {
            format!(
                "EXISTS (SELECT 1 FROM {table} WHERE {table}.provider_id = webhook.provider_id \
                 AND ({table}.epoch, {table}.transaction_id, {table}.sequence) \
                 > (webhook.epoch, webhook.transaction_id, webhook.sequence))"
            )
        };
        // What is no longer kept was there too.
        let sql =
            format!("SELECT * FROM webhook WHERE NOT paused AND ({} OR {})", behind("change"), behind("change_floor"));
        let backend = self.reads().get_database_backend();
        let rows = webhook::Entity::find().from_raw_sql(statement(backend, &sql, Vec::new())).all(self.reads()).await?;
        let behind = |row: webhook::Model| {
            let scope = Scope::of_provider(row.provider_id.clone());
            Ok(Behind { scope, webhook: row.try_into()? })
        };
        rows.into_iter().map(behind).collect()
    }

    /// Puts changes on their way to a webhook and its place behind them. What has arrived or was given up before is put in
    /// again.
    ///
    /// Returns false when another server has taken up meanwhile, or the webhook was paused or removed; then nothing was
    /// done.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer; then nothing was done.
    pub async fn queue_changes(
        &self,
        Behind { scope, webhook }: &Behind,
        queued: &Queued<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let turn = begin(self).await?;
        if !move_place(&turn, scope, webhook, queued.place).await? {
            return Ok(false);
        }
        let row = |row: webhook_delivery::ActiveModel| webhook_delivery::ActiveModel {
            provider_id: Set(scope.provider().to_owned()),
            id: Set(Uuid::now_v7()),
            webhook_id: Set(webhook.id),
            queued_at: Set(now.as_microsecond()),
            ..row
        };
        let mut rows: Vec<webhook_delivery::ActiveModel> = Vec::new();
        if queued.gap {
            rows.push(row(of_gap(webhook, queued.place, now)));
        }
        rows.extend(queued.changes.iter().map(|change| row(of_change(change))));
        if !rows.is_empty() {
            let gap = queued.gap.then_some(webhook.id);
            let subjects: BTreeSet<Uuid> = queued.changes.iter().map(|change| change.subject_id).chain(gap).collect();
            insert(&turn, rows).await?;
            open_lanes(&turn, scope.provider(), webhook.id, &subjects, now).await?;
        }
        turn.commit().await.map_err(StoreError::Unavailable)?;
        Ok(true)
    }
}

/// Moves a webhook's place, unless it is not where it was.
async fn move_place(
    turn: &DatabaseTransaction,
    scope: &Scope,
    webhook: &WebhookRecord,
    to: Place,
) -> Result<bool, StoreError> {
    let sql = "UPDATE webhook SET epoch = ?, transaction_id = ?, sequence = ? WHERE provider_id = ? AND id = ? \
               AND NOT paused AND epoch = ? AND transaction_id = ? AND sequence = ?";
    let mut values: Vec<Value> = to.values().to_vec();
    values.extend([scope.provider().into(), webhook.id.into()]);
    values.extend(webhook.place.values());
    let moved = turn.execute_raw(statement(turn.get_database_backend(), sql, values)).await?;
    Ok(moved.rows_affected() == 1)
}

fn of_change(change: &ChangeRecord) -> webhook_delivery::ActiveModel {
    webhook_delivery::ActiveModel {
        change_id: Set(change.id),
        epoch: Set(change.place.epoch()),
        transaction_id: Set(change.place.transaction()),
        sequence: Set(change.place.sequence()),
        subject: Set(Some(change.subject.as_str().to_owned())),
        subject_id: Set(change.subject_id),
        kind: Set(Some(change.kind.as_str().to_owned())),
        event: Set(change.event.clone()),
        agreement_id: Set(change.agreement),
        client_id: Set(change.client),
        milestone: Set(change.clock.map(|clock| clock.milestone.as_str().to_owned())),
        percent: Set(change.clock.and_then(|clock| clock.percent).map(i32::from)),
        at: Set(change.at.as_microsecond()),
        ..as_new()
    }
}

/// That changes are missing; it goes by itself, beside everything else.
fn of_gap(webhook: &WebhookRecord, place: Place, now: Timestamp) -> webhook_delivery::ActiveModel {
    webhook_delivery::ActiveModel {
        change_id: Set(Uuid::now_v7()),
        epoch: Set(place.epoch()),
        transaction_id: Set(place.transaction()),
        sequence: Set(place.sequence()),
        subject: Set(None),
        subject_id: Set(webhook.id),
        kind: Set(None),
        event: Set("webhook.gap".to_owned()),
        agreement_id: Set(None),
        client_id: Set(None),
        milestone: Set(None),
        percent: Set(None),
        at: Set(now.as_microsecond()),
        ..as_new()
    }
}

/// Puts deliveries in; those that are there and not on their way are put in again.
async fn insert(turn: &DatabaseTransaction, rows: Vec<webhook_delivery::ActiveModel>) -> Result<(), StoreError> {
    use webhook_delivery::Column;
    let settled = ExprTrait::ne(Expr::col((webhook_delivery::Entity, Column::State)), DeliveryState::Pending.as_str());
    let again = OnConflict::columns([Column::ProviderId, Column::WebhookId, Column::ChangeId])
        .update_columns([Column::State, Column::Failures, Column::SettledAt, Column::QueuedAt])
        .action_and_where(settled)
        .to_owned();
    webhook_delivery::Entity::insert_many(rows).on_conflict(again).exec_without_returning(turn).await?;
    Ok(())
}

/// Lets somebody work on the deliveries of these subjects. A lane that is there is held until the commit, so that whoever
/// finishes it meanwhile sees what was put in.
pub(super) async fn open_lanes<C: ConnectionTrait>(
    turn: &C,
    provider: &str,
    webhook: Uuid,
    subjects: &BTreeSet<Uuid>,
    now: Timestamp,
) -> Result<(), StoreError> {
    use webhook_lane::Column;
    let lane = |subject: &Uuid| webhook_lane::ActiveModel {
        provider_id: Set(provider.to_owned()),
        webhook_id: Set(webhook),
        subject_id: Set(*subject),
        due_at: Set(now.as_microsecond()),
        lease: Set(None),
        leased_until: Set(0),
    };
    let key = [Column::ProviderId, Column::WebhookId, Column::SubjectId];
    let held = OnConflict::columns(key).value(Column::WebhookId, webhook).to_owned();
    webhook_lane::Entity::insert_many(subjects.iter().map(lane)).on_conflict(held).exec_without_returning(turn).await?;
    Ok(())
}

impl Tx {
    /// Sets a webhook back to a place: what is behind it is taken up again. What waits for its next attempt is tried at
    /// once.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn set_webhook_place(&self, webhook: Uuid, place: Place) -> Result<(), StoreError> {
        let sql = "UPDATE webhook SET epoch = ?, transaction_id = ?, sequence = ? WHERE provider_id = ? AND id = ?";
        let mut values: Vec<Value> = place.values().to_vec();
        values.extend([self.provider().into(), webhook.into()]);
        self.connection().execute_raw(statement(self.backend(), sql, values)).await?;
        Ok(())
    }

    /// Puts deliveries in again that have arrived or were given up; the others stay as they are.
    ///
    /// Returns how many.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn requeue_deliveries(&self, webhook: Uuid, ids: &[Uuid]) -> Result<u64, StoreError> {
        use webhook_delivery::Column;
        let rows = webhook_delivery::Entity::find()
            .filter(Column::ProviderId.eq(self.provider()))
            .filter(Column::WebhookId.eq(webhook))
            .filter(Column::Id.is_in(crate::store::padded(ids)))
            .filter(Column::State.ne(DeliveryState::Pending.as_str()))
            .all(self.connection())
            .await?;
        if rows.is_empty() {
            return Ok(0);
        }
        let subjects: BTreeSet<Uuid> = rows.iter().map(|row| row.subject_id).collect();
        let again: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let (fresh, now) = (as_new(), self.at());
        let put_in = webhook_delivery::ActiveModel {
            queued_at: Set(now.as_microsecond()),
            attempts: sea_orm::ActiveValue::NotSet,
            ..fresh
        };
        webhook_delivery::Entity::update_many()
            .set(put_in)
            .filter(Column::ProviderId.eq(self.provider()))
            .filter(Column::Id.is_in(crate::store::padded(&again)))
            .exec(self.connection())
            .await?;
        open_lanes(self.connection(), self.provider(), webhook, &subjects, now).await?;
        Ok(again.len() as u64)
    }

    /// Lets everything that waits for its next attempt be tried at once.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn hasten_webhook(&self, webhook: Uuid) -> Result<(), StoreError> {
        hasten(self.connection(), self.provider(), webhook, self.at()).await
    }
}

/// Makes due what is due later, and nobody is at.
pub(super) async fn hasten<C: ConnectionTrait>(
    connection: &C,
    provider: &str,
    webhook: Uuid,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql =
        "UPDATE webhook_lane SET due_at = ? WHERE provider_id = ? AND webhook_id = ? AND due_at > ? AND lease IS NULL";
    let now = now.as_microsecond();
    let values = vec![now.into(), provider.into(), webhook.into(), now.into()];
    connection.execute_raw(statement(connection.get_database_backend(), sql, values)).await?;
    Ok(())
}
