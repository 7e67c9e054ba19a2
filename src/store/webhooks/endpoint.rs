//! Webhooks, and what they sign by.

use std::{collections::HashMap, fmt};

use remit_domain::Timestamp;
use remit_entity::{webhook, webhook_delivery, webhook_key, webhook_lane};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, FromQueryResult, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select, prelude::Uuid,
};

use super::delivery::DeliveryState;
use crate::store::{
    Handle, Page, Place, Scope, Store, StoreError, Subject, Tx, Window, document, padded,
    page::page,
    scope::{Visible, by_handle, sorted},
    to_document,
};

/// Where a provider's changes are delivered to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookRecord {
    /// Its id.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// Where to.
    pub url: String,
    /// What it is for.
    pub description: String,
    /// Of which kinds of object; empty: all.
    pub subjects: Vec<Subject>,
    /// Which events; empty: all.
    pub events: Vec<String>,
    /// What is sent of each change, a GraphQL selection; none: what every change has.
    pub selection: Option<String>,
    /// What the selection may read: scopes with blanks between.
    pub scopes: String,
    /// Whether nothing is sent for now.
    pub paused: bool,
    /// Up to where changes were taken up.
    pub place: Place,
    /// How many attempts failed since the last one that did not.
    pub failures: u32,
    /// When the first of them was.
    pub failing_since: Option<Timestamp>,
    /// When it was put first.
    pub made_at: Timestamp,
}

impl WebhookRecord {
    /// The kinds of objects whose changes it gets; none: all.
    #[must_use]
    pub fn kinds(&self) -> Option<Vec<Subject>> {
        (!self.subjects.is_empty()).then(|| self.subjects.clone())
    }
}

/// What a webhook's messages are signed by.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyRecord {
    /// Its id.
    pub id: Uuid,
    /// The webhook.
    pub webhook_id: Uuid,
    /// Whoever has it can sign.
    pub secret: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// The first instant at which it signs no more; none for the newest.
    pub until: Option<Timestamp>,
}

/// Without the secret.
impl fmt::Debug for KeyRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRecord").field("id", &self.id).field("webhook_id", &self.webhook_id).finish_non_exhaustive()
    }
}

/// How much of a webhook's deliveries has not arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// On its way.
    pub pending: u64,
    /// Given up.
    pub dead: u64,
}

impl TryFrom<webhook::Model> for WebhookRecord {
    type Error = StoreError;

    fn try_from(row: webhook::Model) -> Result<Self, StoreError> {
        let unreadable = |why: String| StoreError::Unreadable { what: "webhook", id: row.id, why };
        let instant = |at| Timestamp::from_microsecond(at).map_err(|error| unreadable(error.to_string()));
        let words: Vec<String> = document("webhook", row.id, &row.subjects)?;
        let subject = |word: &String| Subject::read(word).ok_or_else(|| unreadable(format!("the subject {word}")));
        Ok(Self {
            subjects: words.iter().map(subject).collect::<Result<_, _>>()?,
            events: document("webhook", row.id, &row.events)?,
            place: Place::new(row.epoch, row.transaction_id, row.sequence),
            failures: u32::try_from(row.failures).unwrap_or(0),
            failing_since: row.failing_since.map(instant).transpose()?,
            made_at: instant(row.made_at)?,
            id: row.id,
            code: row.code,
            url: row.url,
            description: row.description,
            selection: row.selection,
            scopes: row.scopes,
            paused: row.paused,
        })
    }
}

impl TryFrom<webhook_key::Model> for KeyRecord {
    type Error = StoreError;

    fn try_from(row: webhook_key::Model) -> Result<Self, StoreError> {
        let unreadable = |why: String| StoreError::Unreadable { what: "webhook key", id: row.id, why };
        let instant = |at| Timestamp::from_microsecond(at).map_err(|error| unreadable(error.to_string()));
        let (made_at, until) = (instant(row.made_at)?, row.until.map(instant).transpose()?);
        Ok(Self { id: row.id, webhook_id: row.webhook_id, secret: row.secret.0, made_at, until })
    }
}

/// The webhooks that a scope sees: none, for one that is bound to a client.
fn visible(scope: &Scope) -> Select<webhook::Entity> {
    let provider = if scope.visible() == Visible::All { scope.provider() } else { "" };
    webhook::Entity::find().filter(webhook::Column::ProviderId.eq(provider))
}

fn named(handles: &[Handle]) -> Condition {
    let (ids, codes, _) = sorted(handles);
    Condition::any().add(webhook::Column::Id.is_in(padded(&ids))).add(webhook::Column::Code.is_in(padded(&codes)))
}

fn records<R: TryFrom<M, Error = StoreError>, M>(rows: Vec<M>) -> Result<Vec<R>, StoreError> {
    rows.into_iter().map(TryInto::try_into).collect()
}

impl Store {
    /// The webhooks that handles name, as far as the scope sees them. Other systems have no names for webhooks.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn find_webhooks(
        &self,
        scope: &Scope,
        handles: &[Handle],
    ) -> Result<HashMap<Handle, WebhookRecord>, StoreError> {
        if handles.is_empty() {
            return Ok(HashMap::new());
        }
        let found: Vec<WebhookRecord> = records(visible(scope).filter(named(handles)).all(self.reads()).await?)?;
        Ok(by_handle(handles, &HashMap::new(), &found, |record| (record.id, &record.code)))
    }

    /// The webhooks of all providers that select what is sent, each with its provider's code.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn selecting_webhooks(&self) -> Result<Vec<(String, WebhookRecord)>, StoreError> {
        let rows = webhook::Entity::find().filter(webhook::Column::Selection.is_not_null()).all(self.reads()).await?;
        rows.into_iter().map(|row| Ok((row.provider_id.clone(), row.try_into()?))).collect()
    }

    /// A page of webhooks by code.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn page_webhooks(&self, scope: &Scope, window: &Window) -> Result<Page<WebhookRecord>, StoreError> {
        let Page { items, more } = page(visible(scope), webhook::Column::Code, window, self.reads()).await?;
        Ok(Page { items: records(items)?, more })
    }

    /// How many webhooks there are.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn count_webhooks(&self, scope: &Scope) -> Result<u64, StoreError> {
        Ok(visible(scope).count(self.reads()).await?)
    }

    /// What some webhooks sign by, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn webhook_keys(&self, scope: &Scope, webhooks: &[Uuid]) -> Result<Vec<KeyRecord>, StoreError> {
        let rows = webhook_key::Entity::find()
            .filter(webhook_key::Column::ProviderId.eq(scope.provider()))
            .filter(webhook_key::Column::WebhookId.is_in(padded(webhooks)))
            .order_by_desc(webhook_key::Column::Id)
            .all(self.reads())
            .await?;
        records(rows)
    }

    /// How much has not arrived, by webhook.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn webhook_backlogs(
        &self,
        scope: &Scope,
        webhooks: &[Uuid],
    ) -> Result<HashMap<Uuid, Backlog>, StoreError> {
        #[derive(FromQueryResult)]
        struct Counted {
            webhook_id: Uuid,
            state: String,
            count: i64,
        }
        let open = [DeliveryState::Pending, DeliveryState::Dead].map(DeliveryState::as_str);
        let rows: Vec<Counted> = webhook_delivery::Entity::find()
            .select_only()
            .column(webhook_delivery::Column::WebhookId)
            .column(webhook_delivery::Column::State)
            .column_as(webhook_delivery::Column::Id.count(), "count")
            .filter(webhook_delivery::Column::ProviderId.eq(scope.provider()))
            .filter(webhook_delivery::Column::WebhookId.is_in(padded(webhooks)))
            .filter(webhook_delivery::Column::State.is_in(open))
            .group_by(webhook_delivery::Column::WebhookId)
            .group_by(webhook_delivery::Column::State)
            .into_model()
            .all(self.reads())
            .await?;
        let mut found: HashMap<Uuid, Backlog> = HashMap::new();
        for Counted { webhook_id, state, count } in rows {
            let (backlog, count) = (found.entry(webhook_id).or_default(), u64::try_from(count).unwrap_or(0));
            match state == DeliveryState::Dead.as_str() {
                true => backlog.dead = count,
                false => backlog.pending = count,
            }
        }
        Ok(found)
    }
}

impl Tx {
    /// The webhook that a handle names.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn webhook(&self, handle: &Handle) -> Result<Option<WebhookRecord>, StoreError> {
        let rows = webhook::Entity::find().filter(webhook::Column::ProviderId.eq(self.provider()));
        let row = rows.filter(named(std::slice::from_ref(handle))).one(self.connection()).await?;
        row.map(TryInto::try_into).transpose()
    }

    /// How many webhooks the provider has.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn webhook_count(&self) -> Result<u64, StoreError> {
        let rows = webhook::Entity::find().filter(webhook::Column::ProviderId.eq(self.provider()));
        Ok(rows.count(self.connection()).await?)
    }

    /// Makes a webhook.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn add_webhook(&self, webhook: &WebhookRecord) -> Result<(), StoreError> {
        let row = webhook::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            id: Set(webhook.id),
            epoch: Set(webhook.place.epoch()),
            transaction_id: Set(webhook.place.transaction()),
            sequence: Set(webhook.place.sequence()),
            failures: Set(0),
            failing_since: Set(None),
            made_at: Set(webhook.made_at.as_microsecond()),
            ..self.told(webhook)?
        };
        webhook::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Writes what is said of a webhook that is there; how far it is stays.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn update_webhook(&self, webhook: &WebhookRecord) -> Result<(), StoreError> {
        let key = (self.provider().to_owned(), webhook.id);
        let row = webhook::ActiveModel {
            provider_id: sea_orm::ActiveValue::Unchanged(key.0),
            id: sea_orm::ActiveValue::Unchanged(key.1),
            ..self.told(webhook)?
        };
        row.update(self.connection()).await?;
        Ok(())
    }

    /// What somebody says of a webhook.
    fn told(&self, webhook: &WebhookRecord) -> Result<webhook::ActiveModel, StoreError> {
        let subjects: Vec<&str> = webhook.subjects.iter().map(|subject| subject.as_str()).collect();
        Ok(webhook::ActiveModel {
            code: Set(webhook.code.clone()),
            url: Set(webhook.url.clone()),
            description: Set(webhook.description.clone()),
            subjects: Set(to_document(&subjects)?),
            events: Set(to_document(&webhook.events)?),
            selection: Set(webhook.selection.clone()),
            scopes: Set(webhook.scopes.clone()),
            paused: Set(webhook.paused),
            ..Default::default()
        })
    }

    /// Makes a key, and lets the webhook's others end: those that are to sign longer than until `until`, then.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn add_webhook_key(&self, key: &KeyRecord, until: Timestamp) -> Result<(), StoreError> {
        let until = until.as_microsecond();
        let longer =
            Condition::any().add(webhook_key::Column::Until.is_null()).add(webhook_key::Column::Until.gt(until));
        let own = Condition::all()
            .add(webhook_key::Column::ProviderId.eq(self.provider()))
            .add(webhook_key::Column::WebhookId.eq(key.webhook_id));
        webhook_key::Entity::update_many()
            .col_expr(webhook_key::Column::Until, until.into())
            .filter(own.clone())
            .filter(longer)
            .exec(self.connection())
            .await?;
        let ended = own.add(webhook_key::Column::Until.lte(self.at().as_microsecond()));
        webhook_key::Entity::delete_many().filter(ended).exec(self.connection()).await?;
        let row = webhook_key::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            id: Set(key.id),
            webhook_id: Set(key.webhook_id),
            secret: Set(webhook_key::Secret(key.secret.clone())),
            made_at: Set(key.made_at.as_microsecond()),
            until: Set(key.until.map(Timestamp::as_microsecond)),
        };
        webhook_key::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Removes a webhook with all that is on its way and that has arrived.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn delete_webhook(&self, id: Uuid) -> Result<(), StoreError> {
        let provider = self.provider();
        // The row itself first: whoever takes changes up for it does so too, and neither waits for the other in turn.
        webhook::Entity::update_many()
            .col_expr(webhook::Column::Paused, true.into())
            .filter(webhook::Column::ProviderId.eq(provider))
            .filter(webhook::Column::Id.eq(id))
            .exec(self.connection())
            .await?;
        macro_rules! remove {
            ($($table:ident, $key:ident;)+) => {
                $($table::Entity::delete_many()
                    .filter($table::Column::ProviderId.eq(provider))
                    .filter($table::Column::$key.eq(id))
                    .exec(self.connection())
                    .await?;)+
            };
        }
        remove! { webhook_lane, WebhookId; webhook_delivery, WebhookId; webhook_key, WebhookId; webhook, Id; }
        Ok(())
    }
}
