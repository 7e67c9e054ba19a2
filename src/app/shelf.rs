//! What was looked up in catalogues, kept: at one revision of a catalogue it never changes.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
    sync::{Arc, PoisonError, RwLock},
};

use quick_cache::sync::Cache;
use remit_domain::{terms::Pin, text::Code};

use super::{App, Session};
use crate::store::{CalendarRecord, ClientRecord, Handle, ServiceRecord, StoreError, TierRecord, Uuid};

/// How many shelves are kept: one for each provider, and each client of it whose users ask.
const SHELVES_MAX: usize = 256;
/// How many objects of a kind a shelf keeps.
const OBJECTS_MAX: usize = 4096;
/// How many services' codes are kept.
const CODES_MAX: usize = 16 * 1024;

/// Whose catalogue, as seen by which client's users, at which revision.
type Key = (String, Option<Uuid>, i64);

/// What is kept of catalogues.
#[derive(Clone, Debug)]
pub(super) struct Shelves {
    shelves: Arc<Cache<Key, Arc<Shelf>>>,
    codes: Arc<Cache<Uuid, Code>>,
}

impl Default for Shelves {
    fn default() -> Self {
        Self { shelves: Arc::new(Cache::new(SHELVES_MAX)), codes: Arc::new(Cache::new(CODES_MAX)) }
    }
}

impl Shelves {
    /// The code of a service, which never changes, if it was looked up before.
    pub(super) fn code(&self, service: Uuid) -> Option<Code> {
        self.codes.get(&service)
    }

    /// Keeps the code of a service.
    pub(super) fn keep_code(&self, service: Uuid, code: Code) {
        self.codes.insert(service, code);
    }
}

/// What one kind of caller was shown of a catalogue at one revision.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    pub(super) services: Objects<Code, ServiceRecord>,
    pub(super) tiers: Objects<Pin, TierRecord>,
    pub(super) calendars: Objects<Pin, CalendarRecord>,
    pub(super) clients: Objects<Uuid, ClientRecord>,
}

/// Objects by what terms call them.
#[derive(Debug)]
pub(super) struct Objects<K, V>(RwLock<HashMap<K, V>>);

impl<K, V> Default for Objects<K, V> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Objects<K, V> {
    /// The objects that are wanted, as far as they are there.
    ///
    /// - `load`: looks up those that were not before.
    pub(super) async fn find(
        &self,
        wanted: Vec<K>,
        load: impl AsyncFnOnce(Vec<K>) -> Result<HashMap<K, V>, StoreError>,
    ) -> Result<HashMap<K, V>, StoreError> {
        let (mut found, mut missing) = (HashMap::with_capacity(wanted.len()), Vec::new());
        {
            let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
            for name in wanted {
                match kept.get(&name) {
                    Some(object) => {
                        found.insert(name, object.clone());
                    }
                    None => missing.push(name),
                }
            }
        }
        if !missing.is_empty() {
            let loaded = load(missing).await?;
            let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if kept.len() + loaded.len() <= OBJECTS_MAX {
                kept.extend(loaded.clone());
            }
            found.extend(loaded);
        }
        Ok(found)
    }
}

impl App {
    /// The shelf of what a caller sees of the catalogue as it is now.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub(super) async fn shelf(&self, session: &Session) -> Result<Arc<Shelf>, StoreError> {
        let scope = &session.scope;
        let Some(revision) = self.store.catalogue_revision(scope).await? else { return Ok(Arc::default()) };
        if scope.is_client_bound() && scope.client().is_none() {
            return Ok(Arc::default());
        }
        let key = (session.caller.provider().as_str().to_owned(), scope.client(), revision);
        self.shelves.shelves.get_or_insert_with(&key, || Ok(Arc::default()))
    }

    /// The clients with these ids that a caller sees.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn clients(
        &self,
        session: &Session,
        ids: impl IntoIterator<Item = Uuid>,
    ) -> Result<HashMap<Uuid, ClientRecord>, StoreError> {
        let ids: HashSet<Uuid> = ids.into_iter().collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let load = async |ids: Vec<Uuid>| {
            let handles: Vec<Handle> = ids.into_iter().map(Handle::Id).collect();
            let found = self.store.find_clients(&session.scope, &handles).await?;
            Ok(found.into_values().map(|client| (client.id, client)).collect())
        };
        self.shelf(session).await?.clients.find(ids.into_iter().collect(), load).await
    }
}
