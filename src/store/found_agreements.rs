//! Agreements found by name.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use remit_entity::agreement;
use sea_orm::{ConnectionTrait, QueryFilter, QuerySelect, QueryTrait, prelude::Uuid, sea_query::Expr};

use super::{
    AgreementRecord, Handle, Scope, Store, StoreError, Subject,
    agreements::{read_beside, visible},
    external, revision_of_catalogue,
    scope::{Visible, among, by_handle, named, sorted},
    together::Together,
};

/// Agreements that many requests ask for by name; together go those of one provider that see the same of it.
pub(super) type FoundTogether = Together<(String, Visible), Vec<Handle>, Arc<Found>>;

/// So many names of one request go together with others'; more are worth a statement of their own.
const NAMES_TOGETHER: usize = 4;

/// The agreements that some names mean.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) records: Vec<AgreementRecord>,
    /// At which revision the catalogue was as they were read; none: none were.
    pub(super) catalogue_revision: Option<i64>,
}

/// What an agreement is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementName {
    /// Its id.
    pub id: Uuid,
    /// Its number.
    pub number: String,
    /// Its title.
    pub title: String,
}

impl Store {
    /// The agreements that handles name, as far as the scope sees them.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn find_agreements(
        &self,
        scope: &Scope,
        handles: &[Handle],
    ) -> Result<HashMap<Handle, AgreementRecord>, StoreError> {
        let (mut ids, numbers, references) = sorted(handles);
        if references.is_empty() && (1..=NAMES_TOGETHER).contains(&handles.len()) && self.reads_committed() {
            return self.find_together(scope, handles).await;
        }
        let references = external::find_all(self.reads(), scope, Subject::Agreement, &references).await?;
        ids.extend(references.values());
        let names = named(self.reads(), (agreement::Column::Id, &ids), (agreement::Column::Number, &numbers));
        let Some(named) = names else { return Ok(HashMap::new()) };
        let found = self.agreements(scope, visible(scope).filter(named)).await?;
        Ok(by_handle(handles, &references, &found, |record| (record.id, &record.number)))
    }

    /// The agreements with these ids, as far as the scope sees them.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn agreements_with(
        &self,
        scope: &Scope,
        ids: impl IntoIterator<Item = Uuid>,
    ) -> Result<Vec<AgreementRecord>, StoreError> {
        let ids = Vec::from_iter(ids.into_iter().collect::<HashSet<_>>());
        if ids.len() <= NAMES_TOGETHER {
            let handles = Vec::from_iter(ids.into_iter().map(Handle::Id));
            return Ok(self.find_agreements(scope, &handles).await?.into_values().collect());
        }
        let meant = among(self.reads().get_database_backend(), agreement::Column::Id, &ids);
        self.agreements(scope, visible(scope).filter(meant)).await
    }

    /// What the agreements with these ids are called, as far as the scope sees them: a tenth of what reading them takes.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn names_of_agreements(
        &self,
        scope: &Scope,
        ids: impl IntoIterator<Item = Uuid>,
    ) -> Result<HashMap<Uuid, AgreementName>, StoreError> {
        use agreement::Column as C;
        let ids = Vec::from_iter(ids.into_iter().collect::<HashSet<_>>());
        let named = visible(scope)
            .filter(among(self.reads().get_database_backend(), C::Id, &ids))
            .select_only()
            .columns([C::Id, C::Number, C::Title])
            .expr(Expr::from(revision_of_catalogue(scope).into_query()));
        let rows: Vec<(Uuid, String, String, i64)> = named.into_tuple().all(self.reads()).await?;
        if let (Some(seen), Some((.., revision))) = (scope.catalogue().filter(|_| self.reads_committed()), rows.first())
        {
            seen.get_or_init(|| *revision);
        }
        Ok(rows.into_iter().map(|(id, number, title, _)| (id, AgreementName { id, number, title })).collect())
    }

    /// The agreements that ids and numbers name, by one statement with what other requests ask for meanwhile.
    async fn find_together(
        &self,
        scope: &Scope,
        handles: &[Handle],
    ) -> Result<HashMap<Handle, AgreementRecord>, StoreError> {
        let load = async |asked: Vec<Vec<Handle>>| {
            let found = Arc::new(self.find_named(scope, &asked.concat()).await?);
            Ok::<_, StoreError>(vec![found; asked.len()])
        };
        let lane = (scope.provider().to_owned(), scope.visible());
        let found = match self.found.ask(lane, handles.to_vec(), load).await? {
            Some(found) => found,
            None => Arc::new(self.find_named(scope, handles).await?),
        };
        if let (Some(seen), Some(revision)) = (scope.catalogue(), found.catalogue_revision) {
            seen.get_or_init(|| revision);
        }
        let meant = |handle: &Handle| {
            let named = found.records.iter().find(|record| match handle {
                Handle::Id(id) => record.id == *id,
                Handle::Code(number) => record.number == *number,
                Handle::External { .. } => false,
            });
            Some((handle.clone(), named?.clone()))
        };
        Ok(handles.iter().filter_map(meant).collect())
    }

    async fn find_named(&self, scope: &Scope, handles: &[Handle]) -> Result<Found, StoreError> {
        let (ids, numbers, _) = sorted(handles);
        let names = named(self.reads(), (agreement::Column::Id, &ids), (agreement::Column::Number, &numbers));
        let Some(named) = names else { return Ok(Found { records: Vec::new(), catalogue_revision: None }) };
        read_beside(self.reads(), scope, visible(scope).filter(named)).await
    }
}
