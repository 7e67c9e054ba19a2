//! Whose rows a call may touch, and how it names them.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use remit_entity::{agreement, agreement_terms, client};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select,
    Value,
    prelude::Uuid,
    sea_query::{Expr, postgres_array::NotU8},
};

use super::{Actor, ChangeRecord, ExternalRef, Store, StoreError, padded};
use crate::auth::Caller;

/// Whose rows a call may touch. Made from a verified caller only.
#[derive(Clone, Debug)]
pub struct Scope {
    provider: String,
    visible: Visible,
    actor: Arc<Actor>,
    /// Of what changes nothing of the catalogue, the revision at which it first saw that.
    catalogue: Option<Arc<OnceLock<i64>>>,
}

/// What of the provider's rows a caller sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Visible {
    /// All of them.
    All,
    /// What concerns one client.
    Client(Uuid),
    /// Nothing: the token names a client that is not there.
    Nothing,
}

impl Scope {
    /// All rows of a provider, for what the server does on its behalf.
    pub(super) fn of_provider(provider: String) -> Self {
        let server = || "remit".to_owned();
        let actor = Actor { subject: server(), client_id: server(), jti: None, bound_to: None, request_id: None };
        Self { provider, visible: Visible::All, actor: Arc::new(actor), catalogue: None }
    }

    pub(super) fn provider(&self) -> &str {
        &self.provider
    }

    pub(super) fn visible(&self) -> Visible {
        self.visible
    }

    pub(super) fn actor(&self) -> &Arc<Actor> {
        &self.actor
    }

    /// The same within a request, whose id goes into the audit trail.
    #[must_use]
    pub fn of_request(mut self, id: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.actor).request_id = Some(id.into());
        self
    }

    /// The same for what changes nothing of the catalogue, and may take that as it was when it first looked.
    #[must_use]
    pub fn of_query(self) -> Self {
        Self { catalogue: Some(Arc::default()), ..self }
    }

    /// Where the revision is put down at which the catalogue was first seen; none: it may change meanwhile.
    pub(super) fn catalogue(&self) -> Option<&OnceLock<i64>> {
        self.catalogue.as_deref()
    }

    /// Whether the caller sees one client alone.
    #[must_use]
    pub fn is_client_bound(&self) -> bool {
        self.visible != Visible::All
    }

    /// Whether a change of the caller's provider concerns the caller.
    #[must_use]
    pub fn sees(&self, change: &ChangeRecord) -> bool {
        match self.visible {
            Visible::All => true,
            Visible::Client(client) => change.client == Some(client),
            Visible::Nothing => false,
        }
    }

    /// The client that the caller is bound to, if it is there.
    #[must_use]
    pub fn client(&self) -> Option<Uuid> {
        match self.visible {
            Visible::Client(id) => Some(id),
            Visible::All | Visible::Nothing => None,
        }
    }
}

impl Store {
    /// The scope of a caller: its provider, and for a client-bound token that client alone.
    ///
    /// # Errors
    /// [`StoreError`] when the client cannot be looked up.
    pub async fn scope(&self, caller: &Caller) -> Result<Scope, StoreError> {
        let provider = caller.provider().as_str().to_owned();
        let actor = Arc::new(Actor::from(caller));
        let Some(code) = caller.client() else {
            return Ok(Scope { provider, visible: Visible::All, actor, catalogue: None });
        };
        let row: Option<Uuid> = client::Entity::find()
            .select_only()
            .column(client::Column::Id)
            .filter(client::Column::ProviderId.eq(provider.as_str()))
            .filter(client::Column::Code.eq(code.as_str()))
            .into_tuple()
            .one(self.reads())
            .await?;
        Ok(Scope { provider, visible: row.map_or(Visible::Nothing, Visible::Client), actor, catalogue: None })
    }
}

/// How a caller names an object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Handle {
    /// By its id.
    Id(Uuid),
    /// By its code; an agreement's is its number.
    Code(String),
    /// By what another system calls it.
    External {
        /// The system.
        system: String,
        /// Its id there.
        id: String,
    },
}

/// The condition that rows have one of some ids, or one of some other names; none: that is no row. What names nothing stands
/// in no statement: PostgreSQL would plan that anew each time.
pub(super) fn named<N: Clone + Into<Value> + NotU8>(
    connection: &impl ConnectionTrait,
    (id, ids): (impl ColumnTrait, &[Uuid]),
    (name, names): (impl ColumnTrait, &[N]),
) -> Option<Condition> {
    let backend = connection.get_database_backend();
    let ids = (!ids.is_empty()).then(|| among(backend, id, ids));
    let names = (!names.is_empty()).then(|| among(backend, name, names));
    (ids.is_some() || names.is_some()).then(|| Condition::any().add_option(ids).add_option(names))
}

/// How many values an array has at least. PostgreSQL guesses ten for one that it does not know: with fewer, a plan made anew
/// looks cheaper to it than the one that it keeps, each time.
const ARRAY_LEAST: usize = 16;

/// That a column is one of some values. PostgreSQL takes them as one, an array, so that it has one statement for any number.
pub(super) fn among<V: Clone + Into<Value> + NotU8>(
    backend: DbBackend,
    column: impl ColumnTrait,
    values: &[V],
) -> Expr {
    if backend != DbBackend::Postgres {
        return column.is_in(padded(values));
    }
    let again = values.last().into_iter().cycle().take(ARRAY_LEAST.saturating_sub(values.len()));
    column.eq_any(values.iter().chain(again).cloned())
}

/// What handles found, by handle.
pub(super) fn by_handle<T: Clone>(
    handles: &[Handle],
    references: &HashMap<ExternalRef, Uuid>,
    found: &[T],
    names: impl Fn(&T) -> (Uuid, &str),
) -> HashMap<Handle, T> {
    let by_id: HashMap<Uuid, &T> = found.iter().map(|item| (names(item).0, item)).collect();
    let by_name: HashMap<&str, &T> = found.iter().map(|item| (names(item).1, item)).collect();
    let one = |handle: &Handle| match handle {
        Handle::Id(id) => by_id.get(id),
        Handle::Code(code) => by_name.get(code.as_str()),
        Handle::External { system, id } => {
            let reference = ExternalRef { system: system.clone(), id: id.clone() };
            references.get(&reference).and_then(|id| by_id.get(id))
        }
    };
    handles.iter().filter_map(|handle| Some((handle.clone(), T::clone(one(handle)?)))).collect()
}

/// The handles of each kind: ids, codes, references.
pub(super) fn sorted(handles: &[Handle]) -> (Vec<Uuid>, Vec<String>, Vec<ExternalRef>) {
    let (mut ids, mut codes, mut references) = (Vec::new(), Vec::new(), Vec::new());
    for handle in handles {
        match handle {
            Handle::Id(id) => ids.push(*id),
            Handle::Code(code) => codes.push(code.clone()),
            Handle::External { system, id } => references.push(ExternalRef { system: system.clone(), id: id.clone() }),
        }
    }
    (ids, codes, references)
}

/// The ids of a client's agreements.
pub(super) fn agreements_of(provider: &str, client: Uuid) -> sea_orm::sea_query::SelectStatement {
    agreement::Entity::find()
        .select_only()
        .column(agreement::Column::Id)
        .filter(agreement::Column::ProviderId.eq(provider))
        .filter(agreement::Column::ClientId.eq(client))
        .into_query()
}

/// The ids of a client's terms that it may read: those that were offered.
pub(super) fn offered_to(provider: &str, client: Uuid) -> sea_orm::sea_query::SelectStatement {
    agreement_terms::Entity::find()
        .select_only()
        .column(agreement_terms::Column::Id)
        .filter(agreement_terms::Column::ProviderId.eq(provider))
        .filter(agreement_terms::Column::OfferedAt.is_not_null())
        .filter(agreement_terms::Column::AgreementId.in_subquery(agreements_of(provider, client)))
        .into_query()
}

/// Keeps of a provider's rows what the scope sees: all, none, or those whose ids `of_client` gives.
pub(super) fn visible_rows<E: EntityTrait>(
    rows: Select<E>,
    scope: &Scope,
    provider: E::Column,
    id: E::Column,
    of_client: impl FnOnce(Uuid) -> sea_orm::sea_query::SelectStatement,
) -> Select<E> {
    match scope.visible() {
        Visible::All => rows.filter(provider.eq(scope.provider())),
        Visible::Client(client) => rows.filter(provider.eq(scope.provider())).filter(id.in_subquery(of_client(client))),
        // No provider has an empty code.
        Visible::Nothing => rows.filter(provider.eq("")),
    }
}
