//! Software that gets its tokens from this server, and its secrets.

use std::collections::HashMap;

use remit_domain::Timestamp;
use remit_entity::{api_client, api_secret, client, revocation};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, prelude::Uuid, sea_query::Expr,
};

use super::{
    Handle, Page, Scope, Store, StoreError, Tx, Window, padded,
    page::page,
    revocations::cuts,
    scope::{Visible, named, sorted},
};
use crate::auth::{ApiClientId, ScopeSet, SecretHash};

/// An API client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiClientRecord {
    /// Its id.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What its tokens may allow.
    pub scopes: ScopeSet,
    /// The one client that its tokens are bound to.
    pub client_id: Option<Uuid>,
    /// How long a token holds, in seconds.
    pub token_seconds: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it gets no tokens.
    pub expires_at: Option<Timestamp>,
    /// Since when it gets none because somebody said so.
    pub disabled_at: Option<Timestamp>,
}

/// A secret of an API client: all of it but the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretRecord {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub api_client_id: Uuid,
    /// What is kept of it.
    pub hash: SecretHash,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is not taken.
    pub expires_at: Option<Timestamp>,
    /// When a token was got with it last, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// What there is to hold somebody to who says to be an API client.
#[derive(Debug)]
pub struct ClaimedClient {
    /// The API client.
    pub record: ApiClientRecord,
    /// The code of the client that its tokens are bound to.
    pub bound_to: Option<String>,
    /// Its secrets.
    pub secrets: Vec<SecretRecord>,
    /// How often all its tokens were revoked.
    pub cuts: u64,
}

impl TryFrom<api_client::Model> for ApiClientRecord {
    type Error = StoreError;

    fn try_from(row: api_client::Model) -> Result<Self, StoreError> {
        let instant = |at| instant("API client", row.id, at);
        let unreadable = |why: String| StoreError::Unreadable { what: "API client", id: row.id, why };
        let seconds = u32::try_from(row.token_seconds).map_err(|error| unreadable(error.to_string()))?;
        Ok(Self {
            created_at: instant(row.created_at)?,
            expires_at: row.expires_at.map(instant).transpose()?,
            disabled_at: row.disabled_at.map(instant).transpose()?,
            token_seconds: seconds,
            id: row.id,
            code: row.code,
            name: row.name,
            scopes: ScopeSet::from_claim(&row.scopes),
            client_id: row.client_id,
        })
    }
}

impl TryFrom<api_secret::Model> for SecretRecord {
    type Error = StoreError;

    fn try_from(row: api_secret::Model) -> Result<Self, StoreError> {
        let instant = |at| instant("API secret", row.id, at);
        Ok(Self {
            created_at: instant(row.created_at)?,
            expires_at: row.expires_at.map(instant).transpose()?,
            last_used_at: row.last_used_at.map(instant).transpose()?,
            id: row.id,
            api_client_id: row.api_client_id,
            hash: SecretHash::kept(row.hash),
        })
    }
}

fn instant(what: &'static str, id: Uuid, at: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(at).map_err(|error| StoreError::Unreadable { what, id, why: error.to_string() })
}

fn micros(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::as_microsecond)
}

/// The provider's API clients; none for a scope that is bound to a client.
fn visible(scope: &Scope) -> Select<api_client::Entity> {
    let provider = if scope.visible() == Visible::All { scope.provider() } else { "" };
    api_client::Entity::find().filter(api_client::Column::ProviderId.eq(provider))
}

impl Store {
    /// The API clients that handles name; they have no names in other systems.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn find_api_clients(
        &self,
        scope: &Scope,
        handles: &[Handle],
    ) -> Result<Vec<ApiClientRecord>, StoreError> {
        let (ids, codes, _) = sorted(handles);
        let names = named(self.reads(), (api_client::Column::Id, &ids), (api_client::Column::Code, &codes));
        let Some(named) = names else { return Ok(Vec::new()) };
        visible(scope).filter(named).all(self.reads()).await?.into_iter().map(TryInto::try_into).collect()
    }

    /// A page of API clients by code.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn page_api_clients(&self, scope: &Scope, window: &Window) -> Result<Page<ApiClientRecord>, StoreError> {
        let Page { items, more } = page(visible(scope), api_client::Column::Code, window, self.reads()).await?;
        Ok(Page { items: items.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?, more })
    }

    /// How many API clients there are.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn count_api_clients(&self, scope: &Scope) -> Result<u64, StoreError> {
        Ok(visible(scope).count(self.reads()).await?)
    }

    /// The secrets of API clients, by API client, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn api_secrets(
        &self,
        scope: &Scope,
        api_clients: &[Uuid],
    ) -> Result<HashMap<Uuid, Vec<SecretRecord>>, StoreError> {
        let rows = api_secret::Entity::find()
            .filter(api_secret::Column::ProviderId.eq(scope.provider()))
            .filter(api_secret::Column::ApiClientId.is_in(padded(api_clients)))
            .order_by_asc(api_secret::Column::Id)
            .all(self.reads())
            .await?;
        let mut found: HashMap<Uuid, Vec<SecretRecord>> = HashMap::new();
        for row in rows {
            found.entry(row.api_client_id).or_default().push(row.try_into()?);
        }
        Ok(found)
    }

    /// The API client of an id, with what its claim is held to. One of the few questions that are put before there is a
    /// caller: whoever asks has still to show a secret. The statements are the same whether or not there is one.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn claimed_api_client(&self, id: &ApiClientId) -> Result<Option<ClaimedClient>, StoreError> {
        let provider = id.provider().as_str();
        // First: a cut that comes in between is then one that the token has not come after.
        let cuts = revocation::Entity::find()
            .filter(revocation::Column::ProviderId.eq(provider))
            .filter(revocation::Column::Kind.is_in(["SUBJECT", "SOFTWARE"]))
            .filter(revocation::Column::Name.eq(id.to_string()))
            .filter(cuts())
            .count(self.reads())
            .await?;
        let row = api_client::Entity::find()
            .filter(api_client::Column::ProviderId.eq(provider))
            .filter(api_client::Column::Code.eq(id.code()))
            .one(self.reads())
            .await?;
        let (own, bound_to) = row.as_ref().map_or((Uuid::nil(), None), |row| (row.id, row.client_id));
        let secrets = api_secret::Entity::find()
            .filter(api_secret::Column::ProviderId.eq(provider))
            .filter(api_secret::Column::ApiClientId.eq(own))
            .all(self.reads())
            .await?;
        let bound_to: Option<String> = client::Entity::find()
            .select_only()
            .column(client::Column::Code)
            .filter(client::Column::ProviderId.eq(provider))
            .filter(client::Column::Id.eq(bound_to.unwrap_or_default()))
            .into_tuple()
            .one(self.reads())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let secrets = secrets.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
        Ok(Some(ClaimedClient { record: row.try_into()?, bound_to, secrets, cuts }))
    }

    /// Puts down that a token was got with a secret.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn secret_used(&self, id: &ApiClientId, secret: Uuid, at: Timestamp) -> Result<(), StoreError> {
        api_secret::Entity::update_many()
            .col_expr(api_secret::Column::LastUsedAt, Expr::value(at.as_microsecond()))
            .filter(api_secret::Column::ProviderId.eq(id.provider().as_str()))
            .filter(api_secret::Column::Id.eq(secret))
            .exec(&self.writes)
            .await?;
        Ok(())
    }
}

impl Tx {
    /// The API client that a handle names.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn api_client(&self, handle: &Handle) -> Result<Option<ApiClientRecord>, StoreError> {
        let named = match handle {
            Handle::Id(id) => api_client::Column::Id.eq(*id),
            Handle::Code(code) => api_client::Column::Code.eq(code.as_str()),
            Handle::External { .. } => return Ok(None),
        };
        let row = visible(self.scope()).filter(named).one(self.connection()).await?;
        row.map(TryInto::try_into).transpose()
    }

    /// Makes an API client, or replaces one.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn put_api_client(&self, record: &ApiClientRecord, is_new: bool) -> Result<(), StoreError> {
        let row = api_client::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            id: Set(record.id),
            code: Set(record.code.clone()),
            name: Set(record.name.clone()),
            scopes: Set(record.scopes.to_string()),
            client_id: Set(record.client_id),
            token_seconds: Set(i32::try_from(record.token_seconds).unwrap_or(i32::MAX)),
            created_at: Set(record.created_at.as_microsecond()),
            expires_at: Set(micros(record.expires_at)),
            disabled_at: Set(micros(record.disabled_at)),
        };
        if is_new {
            api_client::Entity::insert(row).exec_without_returning(self.connection()).await?;
        } else {
            row.update(self.connection()).await?;
        }
        Ok(())
    }

    /// The secrets of an API client, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn api_secrets(&self, api_client: Uuid) -> Result<Vec<SecretRecord>, StoreError> {
        let rows = api_secret::Entity::find()
            .filter(api_secret::Column::ProviderId.eq(self.provider()))
            .filter(api_secret::Column::ApiClientId.eq(api_client))
            .order_by_asc(api_secret::Column::Id)
            .all(self.connection())
            .await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Adds a secret.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn add_api_secret(&self, secret: &SecretRecord) -> Result<(), StoreError> {
        let row = api_secret::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            id: Set(secret.id),
            api_client_id: Set(secret.api_client_id),
            hash: Set(secret.hash.as_str().to_owned()),
            created_at: Set(secret.created_at.as_microsecond()),
            expires_at: Set(micros(secret.expires_at)),
            last_used_at: Set(micros(secret.last_used_at)),
        };
        api_secret::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Lets the secrets of an API client be taken until an instant and no longer, those that end sooner as before.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn end_api_secrets(&self, api_client: Uuid, at: Timestamp) -> Result<(), StoreError> {
        let ends = api_secret::Column::ExpiresAt;
        api_secret::Entity::update_many()
            .col_expr(ends, Expr::value(at.as_microsecond()))
            .filter(api_secret::Column::ProviderId.eq(self.provider()))
            .filter(api_secret::Column::ApiClientId.eq(api_client))
            .filter(Condition::any().add(ends.is_null()).add(ends.gt(at.as_microsecond())))
            .exec(self.connection())
            .await?;
        Ok(())
    }
}
