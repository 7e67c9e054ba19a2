//! What is on its way to a webhook, has arrived there, or was given up.

use remit_domain::Timestamp;
use remit_entity::{change, webhook_delivery};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    prelude::Uuid,
};
use serde::{Deserialize, Serialize};

use crate::store::{ChangeRecord, Page, Scope, Store, StoreError, Window, document, padded, scope::Visible};

/// What has become of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// It is to be sent, for the first time or again.
    Pending,
    /// The receiver has taken it.
    Delivered,
    /// It was given up.
    Dead,
}

impl DeliveryState {
    const ALL: [Self; 3] = [Self::Pending, Self::Delivered, Self::Dead];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Delivered => "DELIVERED",
            Self::Dead => "DEAD",
        }
    }
}

/// What is delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// Something that happened.
    Change(ChangeRecord),
    /// That changes are missing: they were no longer kept when they were to be taken up.
    Gap,
}

/// A delivery to a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// Its id.
    pub id: Uuid,
    /// The webhook.
    pub webhook_id: Uuid,
    /// The id of what is delivered, the same for all webhooks and however often it is sent.
    pub message: Uuid,
    /// What.
    pub what: Delivered,
    /// What happened in words of the subject.
    pub event: String,
    /// When it happened.
    pub at: Timestamp,
    /// What has become of it.
    pub state: DeliveryState,
    /// When it was taken up, or put in again.
    pub queued_at: Timestamp,
    /// When it arrived or was given up.
    pub settled_at: Option<Timestamp>,
    /// How many attempts failed since it was taken up or put in again.
    pub failures: u32,
    /// The attempts of the last time, oldest first, and before them some of earlier times.
    pub attempts: Vec<Attempt>,
}

/// One time that something was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When, in microseconds.
    pub at: i64,
    /// How long it took, in microseconds.
    pub took: i64,
    /// The status that was answered; none: there was no answer.
    pub status: Option<u16>,
    /// Why it failed; none: it did not.
    pub problem: Option<String>,
    /// The beginning of what was answered.
    pub answer: String,
}

/// Which deliveries a list holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// To this webhook.
    pub webhook: Option<Uuid>,
    /// Of which has become one of these; empty: whatever.
    pub states: Vec<DeliveryState>,
}

impl TryFrom<webhook_delivery::Model> for DeliveryRecord {
    type Error = StoreError;

    fn try_from(row: webhook_delivery::Model) -> Result<Self, StoreError> {
        let id = row.id;
        let unreadable = |why: String| StoreError::Unreadable { what: "webhook delivery", id, why };
        let instant = |at| Timestamp::from_microsecond(at).map_err(|error| unreadable(error.to_string()));
        let state = DeliveryState::ALL.into_iter().find(|state| state.as_str() == row.state);
        let state = state.ok_or_else(|| unreadable(format!("the state {}", row.state)))?;
        let attempts: Vec<Attempt> = document("webhook delivery", id, &row.attempts)?;
        let (webhook_id, message, event) = (row.webhook_id, row.change_id, row.event.clone());
        let (at, queued_at, settled_at) = (row.at, row.queued_at, row.settled_at);
        Ok(Self {
            id,
            webhook_id,
            message,
            event,
            at: instant(at)?,
            state,
            queued_at: instant(queued_at)?,
            settled_at: settled_at.map(instant).transpose()?,
            failures: u32::try_from(row.failures).unwrap_or(0),
            attempts,
            what: match as_change(row) {
                Some(row) => Delivered::Change(row.try_into()?),
                None => Delivered::Gap,
            },
        })
    }
}

/// The row of the feed that a delivery holds; none: it tells of the feed itself.
fn as_change(row: webhook_delivery::Model) -> Option<change::Model> {
    Some(change::Model {
        provider_id: row.provider_id,
        id: row.change_id,
        epoch: row.epoch,
        transaction_id: row.transaction_id,
        sequence: row.sequence,
        subject: row.subject?,
        subject_id: row.subject_id,
        kind: row.kind?,
        event: row.event,
        agreement_id: row.agreement_id,
        client_id: row.client_id,
        milestone: row.milestone,
        percent: row.percent,
        at: row.at,
    })
}

/// The deliveries that a scope sees: none, for one that is bound to a client.
fn visible(scope: &Scope) -> Select<webhook_delivery::Entity> {
    let provider = if scope.visible() == Visible::All { scope.provider() } else { "" };
    webhook_delivery::Entity::find().filter(webhook_delivery::Column::ProviderId.eq(provider))
}

fn filtered(scope: &Scope, filter: &DeliveryFilter) -> Select<webhook_delivery::Entity> {
    let states: Vec<&str> = filter.states.iter().map(|state| state.as_str()).collect();
    let states = (!states.is_empty()).then_some(states);
    visible(scope)
        .apply_if(filter.webhook, |rows, webhook| rows.filter(webhook_delivery::Column::WebhookId.eq(webhook)))
        .apply_if(states, |rows, states| rows.filter(webhook_delivery::Column::State.is_in(states)))
}

impl Store {
    /// The deliveries with these ids.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn find_deliveries(&self, scope: &Scope, ids: &[Uuid]) -> Result<Vec<DeliveryRecord>, StoreError> {
        let rows = visible(scope).filter(webhook_delivery::Column::Id.is_in(padded(ids))).all(self.reads()).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// A page of deliveries in the order in which they were taken up.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn page_deliveries(
        &self,
        scope: &Scope,
        filter: &DeliveryFilter,
        window: &Window,
    ) -> Result<Page<DeliveryRecord>, StoreError> {
        let id = webhook_delivery::Column::Id;
        // A key that is no id stands nowhere: nothing comes behind it.
        let key = |key: &String| Uuid::try_parse(key).unwrap_or(Uuid::max());
        let rows = filtered(scope, filter)
            .apply_if(window.after.as_ref().map(key), |rows, after| rows.filter(id.gt(after)))
            .apply_if(window.before.as_ref().map(key), |rows, before| rows.filter(id.lt(before)));
        let ordered = if window.from_end { rows.order_by_desc(id) } else { rows.order_by_asc(id) };
        let found = ordered.limit(window.limit.saturating_add(1)).all(self.reads()).await?;
        let Page { items, more } = Page::cut(found, window);
        Ok(Page { items: items.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?, more })
    }

    /// How many deliveries a filter lets through.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn count_deliveries(&self, scope: &Scope, filter: &DeliveryFilter) -> Result<u64, StoreError> {
        Ok(filtered(scope, filter).count(self.reads()).await?)
    }

    /// Forgets what arrived before an instant, and what was given up before another; at most so many.
    ///
    /// Returns how many were forgotten.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn forget_deliveries(
        &self,
        arrived_before: Timestamp,
        dead_before: Timestamp,
        most: u64,
    ) -> Result<u64, StoreError> {
        let old = |state: DeliveryState, before: Timestamp| {
            Condition::all()
                .add(webhook_delivery::Column::State.eq(state.as_str()))
                .add(webhook_delivery::Column::SettledAt.lt(before.as_microsecond()))
        };
        let old = Condition::any()
            .add(old(DeliveryState::Delivered, arrived_before))
            .add(old(DeliveryState::Dead, dead_before));
        let rows = webhook_delivery::Entity::find().filter(old.clone()).limit(most).select_only();
        let ids: Vec<Uuid> = rows.column(webhook_delivery::Column::Id).into_tuple().all(self.reads()).await?;
        if ids.is_empty() {
            return Ok(0);
        }
        // The condition once more: it may have been put in again meanwhile.
        let forgotten = webhook_delivery::Entity::delete_many()
            .filter(webhook_delivery::Column::Id.is_in(padded(&ids)))
            .filter(old)
            .exec(self.writes())
            .await?;
        Ok(forgotten.rows_affected)
    }
}
