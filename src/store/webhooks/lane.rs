//! Sharing the work: who sends what, and what came of it.
//!
//! A lane is the pending deliveries of one subject to one webhook. Whoever claims it has it alone for as long as its lease
//! is renewed, sends the first delivery, and says what came of it. A server that dies renews nothing, and its lanes are
//! claimed by the others; what it had sent and not yet said is sent a second time.

use remit_domain::Timestamp;
use remit_entity::{webhook, webhook_delivery};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter, QueryOrder, Value,
    prelude::Uuid,
};

use super::{Attempt, DeliveryRecord, WebhookRecord, begin, database_time, delivery::DeliveryState, queue::hasten};
use crate::store::{Scope, Store, StoreError, statement, to_document};

/// How long a lane belongs to who claimed it, in microseconds of the database's time, unless it is renewed.
const LEASE: i64 = 6_000_000;

/// How many attempts of a delivery are kept.
const ATTEMPTS_KEPT: usize = 30;

/// A webhook that has something to be sent.
#[derive(Clone, Debug)]
pub struct DueWebhook {
    /// Whose it is.
    pub scope: Scope,
    /// Which.
    pub id: Uuid,
    /// How many attempts failed since the last one that did not.
    pub failures: u32,
    /// For how many subjects; not counted further than it is of use.
    pub waiting: usize,
}

/// A delivery that is to be sent by whoever holds this.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// Whose it is.
    pub scope: Scope,
    /// Where it goes.
    pub webhook: WebhookRecord,
    /// What it is.
    pub delivery: DeliveryRecord,
    subject: Uuid,
    lease: Uuid,
}

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The receiver has taken it.
    Delivered,
    /// It is tried again.
    Again(Timestamp),
    /// It is given up.
    Dead,
}

impl Store {
    /// The webhooks of all providers that have something to be sent now, those that are paused left out.
    ///
    /// - `most`: for how many subjects it is counted.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn webhooks_due(&self, now: Timestamp, most: u32) -> Result<Vec<DueWebhook>, StoreError> {
        let backend = self.reads().get_database_backend();
        let sql = format!(
            "SELECT * FROM (SELECT provider_id, id, failures, (SELECT count(*) FROM (SELECT 1 FROM webhook_lane lane \
             WHERE lane.provider_id = webhook.provider_id AND lane.webhook_id = webhook.id AND lane.due_at <= ? \
             AND lane.leased_until <= {} LIMIT {most}) AS due) AS waiting FROM webhook WHERE NOT paused) AS counted \
             WHERE waiting > 0",
            database_time(backend)
        );
        let rows = self.reads().query_all_raw(statement(backend, &sql, vec![now.as_microsecond().into()])).await?;
        let due = |row: &sea_orm::QueryResult| {
            let (failures, waiting): (i32, i64) = (row.try_get("", "failures")?, row.try_get("", "waiting")?);
            Ok(DueWebhook {
                scope: Scope::of_provider(row.try_get("", "provider_id")?),
                id: row.try_get("", "id")?,
                failures: u32::try_from(failures).unwrap_or(0),
                waiting: usize::try_from(waiting).unwrap_or(0),
            })
        };
        rows.iter().map(due).collect()
    }

    /// Claims the delivery of a webhook that has been due for longest and that nobody is at.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn claim_delivery(
        &self,
        scope: &Scope,
        webhook: Uuid,
        now: Timestamp,
    ) -> Result<Option<Claimed>, StoreError> {
        loop {
            let lease = Uuid::now_v7();
            let Some(subject) = self.claim_lane(scope, webhook, lease, now).await? else { return Ok(None) };
            let claimed = self.claimed(scope, webhook, subject, lease).await;
            match claimed {
                Ok(Some(claimed)) => return Ok(Some(claimed)),
                // Nothing is pending in it, or the webhook has gone.
                Ok(None) => self.close_lane(scope, webhook, subject, lease).await?,
                Err(error) => return Err(error),
            }
        }
    }

    async fn claim_lane(
        &self,
        scope: &Scope,
        webhook: Uuid,
        lease: Uuid,
        now: Timestamp,
    ) -> Result<Option<Uuid>, StoreError> {
        let backend = self.writes().get_database_backend();
        let (time, own) =
            (database_time(backend), if backend == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" });
        let sql = format!(
            "UPDATE webhook_lane SET lease = ?, leased_until = {time} + {LEASE} WHERE provider_id = ? AND webhook_id = ? \
             AND subject_id = (SELECT subject_id FROM webhook_lane WHERE provider_id = ? AND webhook_id = ? AND due_at <= ? \
             AND leased_until <= {time} ORDER BY due_at, subject_id LIMIT 1 {own}) RETURNING subject_id"
        );
        let (provider, now) = (scope.provider(), now.as_microsecond());
        let values: Vec<Value> =
            vec![lease.into(), provider.into(), webhook.into(), provider.into(), webhook.into(), now.into()];
        let row = self.writes().query_one_raw(statement(backend, &sql, values)).await?;
        Ok(row.map(|row| row.try_get("", "subject_id")).transpose()?)
    }

    /// What a claimed lane has to send; none: nothing, or not now.
    async fn claimed(
        &self,
        scope: &Scope,
        webhook: Uuid,
        subject: Uuid,
        lease: Uuid,
    ) -> Result<Option<Claimed>, StoreError> {
        use webhook_delivery::Column;
        let to = webhook::Entity::find_by_id((scope.provider().to_owned(), webhook)).one(self.reads()).await?;
        let Some(to) = to else { return Ok(None) };
        let first = webhook_delivery::Entity::find()
            .filter(Column::ProviderId.eq(scope.provider()))
            .filter(Column::WebhookId.eq(webhook))
            .filter(Column::SubjectId.eq(subject))
            .filter(Column::State.eq(DeliveryState::Pending.as_str()))
            .order_by_asc(Column::Epoch)
            .order_by_asc(Column::TransactionId)
            .order_by_asc(Column::Sequence)
            .one(self.reads())
            .await?;
        let Some(first) = first else { return Ok(None) };
        Ok(Some(Claimed { scope: scope.clone(), webhook: to.try_into()?, delivery: first.try_into()?, subject, lease }))
    }

    /// Lets go of a lane in which there was nothing to do.
    async fn close_lane(&self, scope: &Scope, webhook: Uuid, subject: Uuid, lease: Uuid) -> Result<(), StoreError> {
        let turn = begin(self).await?;
        let key = [scope.provider().into(), webhook.into(), subject.into()];
        if free_lane(&turn, &key, lease, None).await? {
            remove_empty_lane(&turn, &key).await?;
        }
        turn.commit().await.map_err(StoreError::Unavailable)
    }

    /// Keeps what was claimed for a little longer; whether it still belongs to who claimed it.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn renew_claim(&self, claimed: &Claimed) -> Result<bool, StoreError> {
        let backend = self.writes().get_database_backend();
        let sql = format!(
            "UPDATE webhook_lane SET leased_until = {} + {LEASE} WHERE provider_id = ? AND webhook_id = ? \
             AND subject_id = ? AND lease = ?",
            database_time(backend)
        );
        let values = claimed.key().into_iter().chain([claimed.lease.into()]).collect();
        Ok(self.writes().execute_raw(statement(backend, &sql, values)).await?.rows_affected() == 1)
    }

    /// Lets go of what was claimed as if it had not been.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn release_claim(&self, claimed: &Claimed) -> Result<(), StoreError> {
        free_lane(self.writes(), &claimed.key(), claimed.lease, None).await.map(drop)
    }

    /// Puts down what came of an attempt, and lets go of what was claimed.
    ///
    /// Returns false when it belongs to somebody else meanwhile; then nothing was put down.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer; then nothing was put down.
    pub async fn settle_claim(
        &self,
        claimed: &Claimed,
        attempt: &Attempt,
        fate: Fate,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let turn = begin(self).await?;
        let due = if let Fate::Again(at) = fate { at } else { now };
        if !free_lane(&turn, &claimed.key(), claimed.lease, Some(due)).await? {
            return Ok(false);
        }
        write_fate(&turn, claimed, attempt, fate, now).await?;
        if !matches!(fate, Fate::Again(_)) {
            remove_empty_lane(&turn, &claimed.key()).await?;
        }
        turn.commit().await.map_err(StoreError::Unavailable)?;
        Ok(true)
    }

    /// Puts down that a webhook's receiver took something, or did not.
    ///
    /// - `down_from`: a receiver that had failed so many times in a row was down: now that it takes something, all that
    ///   waits for it is tried at once.
    ///
    /// Returns how many times in a row it has failed.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn note_webhook_health(
        &self,
        claimed: &Claimed,
        fate: Fate,
        down_from: u32,
        now: Timestamp,
    ) -> Result<u32, StoreError> {
        let (provider, webhook) = (claimed.scope.provider(), claimed.webhook.id);
        let (backend, key): (_, [Value; 2]) = (self.writes().get_database_backend(), [provider.into(), webhook.into()]);
        if fate != Fate::Delivered {
            let sql = "UPDATE webhook SET failures = failures + 1, failing_since = COALESCE(failing_since, ?) \
                       WHERE provider_id = ? AND id = ? RETURNING failures";
            let values = std::iter::once(now.as_microsecond().into()).chain(key).collect();
            let row = self.writes().query_one_raw(statement(backend, sql, values)).await?;
            let failures: Option<i32> = row.map(|row| row.try_get("", "failures")).transpose()?;
            return Ok(failures.and_then(|failures| u32::try_from(failures).ok()).unwrap_or(0));
        }
        if claimed.webhook.failures == 0 {
            return Ok(0);
        }
        let sql =
            "UPDATE webhook SET failures = 0, failing_since = NULL WHERE provider_id = ? AND id = ? AND failures > 0";
        self.writes().execute_raw(statement(backend, sql, key.to_vec())).await?;
        if claimed.webhook.failures >= down_from {
            hasten(self.writes(), provider, webhook, now).await?;
        }
        Ok(0)
    }
}

impl Claimed {
    /// The code of the provider whose it is.
    #[must_use]
    pub fn provider(&self) -> &str {
        self.scope.provider()
    }

    fn key(&self) -> [Value; 3] {
        [self.scope.provider().into(), self.webhook.id.into(), self.subject.into()]
    }
}

/// Lets go of a lane, unless it belongs to somebody else; `due` is when it is due next, if that changes.
async fn free_lane<C: ConnectionTrait>(
    connection: &C,
    key: &[Value; 3],
    lease: Uuid,
    due: Option<Timestamp>,
) -> Result<bool, StoreError> {
    let sql = "UPDATE webhook_lane SET due_at = COALESCE(?, due_at), lease = NULL, leased_until = 0 \
               WHERE provider_id = ? AND webhook_id = ? AND subject_id = ? AND lease = ?";
    let due: Value = due.map(Timestamp::as_microsecond).into();
    let values = std::iter::once(due).chain(key.iter().cloned()).chain([lease.into()]).collect();
    let freed = connection.execute_raw(statement(connection.get_database_backend(), sql, values)).await?;
    Ok(freed.rows_affected() == 1)
}

/// Removes a lane that has nothing pending. It is held by this transaction, so that nothing is put in meanwhile.
async fn remove_empty_lane(turn: &DatabaseTransaction, key: &[Value; 3]) -> Result<(), StoreError> {
    let sql = "DELETE FROM webhook_lane WHERE provider_id = ? AND webhook_id = ? AND subject_id = ? AND NOT EXISTS \
               (SELECT 1 FROM webhook_delivery AS waiting WHERE waiting.provider_id = webhook_lane.provider_id \
               AND waiting.webhook_id = webhook_lane.webhook_id AND waiting.subject_id = webhook_lane.subject_id \
               AND waiting.state = 'PENDING')";
    turn.execute_raw(statement(turn.get_database_backend(), sql, key.to_vec())).await?;
    Ok(())
}

async fn write_fate(
    turn: &DatabaseTransaction,
    claimed: &Claimed,
    attempt: &Attempt,
    fate: Fate,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (state, settled) = match fate {
        Fate::Delivered => (DeliveryState::Delivered, Some(now)),
        Fate::Again(_) => (DeliveryState::Pending, None),
        Fate::Dead => (DeliveryState::Dead, Some(now)),
    };
    let mut attempts = claimed.delivery.attempts.clone();
    attempts.push(attempt.clone());
    let kept = attempts.split_off(attempts.len().saturating_sub(ATTEMPTS_KEPT));
    let failed = i32::from(fate != Fate::Delivered);
    let sql = "UPDATE webhook_delivery SET state = ?, settled_at = ?, failures = failures + ?, attempts = ? \
               WHERE provider_id = ? AND id = ?";
    let values: Vec<Value> = vec![
        state.as_str().into(),
        settled.map(Timestamp::as_microsecond).into(),
        failed.into(),
        to_document(&kept)?.into(),
        claimed.scope.provider().into(),
        claimed.delivery.id.into(),
    ];
    turn.execute_raw(statement(turn.get_database_backend(), sql, values)).await?;
    Ok(())
}
