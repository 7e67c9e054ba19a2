//! Clients.

use std::collections::HashMap;

use remit_entity::client;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait,
    Select, prelude::Uuid,
};

use super::{
    Handle, Page, Scope, Store, StoreError, Subject, Tx, Window, external,
    page::page,
    scope::{by_handle, named, sorted, visible_rows},
};

/// A client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientRecord {
    /// Its id.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its zone, an IANA name.
    pub time_zone: String,
}

impl From<client::Model> for ClientRecord {
    fn from(row: client::Model) -> Self {
        let client::Model { id, code, name, time_zone, .. } = row;
        Self { id, code, name, time_zone }
    }
}

fn visible(scope: &Scope) -> Select<client::Entity> {
    let itself = |id: Uuid| {
        client::Entity::find()
            .select_only()
            .column(client::Column::Id)
            .filter(client::Column::ProviderId.eq(scope.provider()))
            .filter(client::Column::Id.eq(id))
            .into_query()
    };
    visible_rows(client::Entity::find(), scope, client::Column::ProviderId, client::Column::Id, itself)
}

impl Store {
    /// The clients that handles name, as far as the scope sees them.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn find_clients(
        &self,
        scope: &Scope,
        handles: &[Handle],
    ) -> Result<HashMap<Handle, ClientRecord>, StoreError> {
        let (mut ids, codes, references) = sorted(handles);
        let references = external::find_all(self.reads(), scope, Subject::Client, &references).await?;
        ids.extend(references.values());
        let names = named(self.reads(), (client::Column::Id, &ids), (client::Column::Code, &codes));
        let Some(named) = names else { return Ok(HashMap::new()) };
        let rows = visible(scope).filter(named).all(self.reads()).await?;
        let found: Vec<ClientRecord> = rows.into_iter().map(Into::into).collect();
        Ok(by_handle(handles, &references, &found, |record| (record.id, &record.code)))
    }

    /// A page of clients by code.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn page_clients(&self, scope: &Scope, window: &Window) -> Result<Page<ClientRecord>, StoreError> {
        let Page { items, more } = page(visible(scope), client::Column::Code, window, self.reads()).await?;
        Ok(Page { items: items.into_iter().map(Into::into).collect(), more })
    }

    /// How many clients there are.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn count_clients(&self, scope: &Scope) -> Result<u64, StoreError> {
        Ok(visible(scope).count(self.reads()).await?)
    }
}

impl Tx {
    /// The client with a code.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn client(&self, code: &str) -> Result<Option<ClientRecord>, StoreError> {
        let row = client::Entity::find()
            .filter(client::Column::ProviderId.eq(self.provider()))
            .filter(client::Column::Code.eq(code))
            .one(self.connection())
            .await?;
        Ok(row.map(Into::into))
    }

    /// Makes a client, or replaces one.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn put_client(&self, client: &ClientRecord, is_new: bool) -> Result<(), StoreError> {
        let row = client::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            id: Set(client.id),
            code: Set(client.code.clone()),
            name: Set(client.name.clone()),
            time_zone: Set(client.time_zone.clone()),
        };
        if is_new {
            client::Entity::insert(row).exec_without_returning(self.connection()).await?;
        } else {
            row.update(self.connection()).await?;
        }
        Ok(())
    }
}
