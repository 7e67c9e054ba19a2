//! What was looked up in catalogues, kept: at one revision of a catalogue it never changes.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
    sync::{Arc, PoisonError, RwLock},
};

use quick_cache::{Weighter, sync::Cache};
use remit_domain::{
    terms::{Pin, Sections},
    text::Code,
};

use super::{App, Catalogue, Session};
use crate::store::{CalendarRecord, ClientRecord, Handle, ServiceRecord, StoreError, TierRecord, Uuid};

/// How many shelves are kept: one for each provider, and each client of it whose users ask.
const SHELVES_MAX: usize = 256;
/// How many objects of a kind a shelf keeps.
const OBJECTS_MAX: usize = 4096;
/// How many objects, at most, what versions name is kept of together.
const NAMED_MAX: u64 = 16 * 1024;
/// For how many objects a version counts, with what it says and the terms that are made of it.
const OF_A_VERSION: usize = 16;
/// About how many versions these are of.
const NAMED_ITEMS: usize = 512;
/// How many services' codes are kept.
const CODES_MAX: usize = 16 * 1024;

/// Whose catalogue, as seen by which client's users, at which revision.
pub(super) type Key = (String, Option<Uuid>, i64);

/// What some versions say, by where it stands in memory; as long as it is kept nothing else can stand there.
type Saying = Vec<usize>;

/// What is kept of catalogues.
#[derive(Clone, Debug)]
pub(super) struct Shelves {
    shelves: Arc<Cache<Key, Arc<Shelf>>>,
    codes: Arc<Cache<Uuid, Code>>,
    named: Arc<Cache<(Key, Saying), Named, ByObjects>>,
}

/// What some versions name.
#[derive(Clone, Debug)]
struct Named {
    /// Keeps what they say where it stands.
    _sections: Vec<Arc<Sections>>,
    catalogue: Arc<Catalogue>,
}

/// Counts objects.
#[derive(Clone, Copy, Debug)]
struct ByObjects;

impl Weighter<(Key, Saying), Named> for ByObjects {
    fn weight(&self, (_, saying): &(Key, Saying), named: &Named) -> u64 {
        let versions = saying.len().saturating_mul(OF_A_VERSION);
        u64::try_from(1 + versions + named.catalogue.size()).unwrap_or(u64::MAX)
    }
}

impl Default for Shelves {
    fn default() -> Self {
        Self {
            shelves: Arc::new(Cache::new(SHELVES_MAX)),
            codes: Arc::new(Cache::new(CODES_MAX)),
            named: Arc::new(Cache::with_weighter(NAMED_ITEMS, NAMED_MAX, ByObjects)),
        }
    }
}

impl Shelves {
    /// The code of a service, which never changes, if it was looked up before.
    pub(super) fn code(&self, service: Uuid) -> Option<Code> {
        self.codes.get(&service)
    }

    /// What some versions name, found before or now.
    ///
    /// - `find`: finds it.
    pub(super) async fn named(
        &self,
        key: Key,
        sections: Vec<Arc<Sections>>,
        find: impl AsyncFnOnce(&[Arc<Sections>]) -> Result<Catalogue, StoreError>,
    ) -> Result<Arc<Catalogue>, StoreError> {
        let key = (key, sections.iter().map(|each| Arc::as_ptr(each).addr()).collect());
        if let Some(named) = self.named.get(&key) {
            return Ok(named.catalogue);
        }
        let catalogue = Arc::new(find(&sections).await?);
        self.named.insert(key, Named { _sections: sections, catalogue: Arc::clone(&catalogue) });
        Ok(catalogue)
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
        let Some(key) = self.shelf_key(session).await? else { return Ok(Arc::default()) };
        self.shelves.shelves.get_or_insert_with(&key, || Ok(Arc::default()))
    }

    /// What a caller's shelf is found by; none: nothing is kept, as it may be taken back or is nothing.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub(super) async fn shelf_key(&self, session: &Session) -> Result<Option<Key>, StoreError> {
        let scope = &session.scope;
        let Some(revision) = self.store.catalogue_revision(scope).await? else { return Ok(None) };
        let sees_nothing = scope.is_client_bound() && scope.client().is_none();
        let key = || (session.caller.provider().as_str().to_owned(), scope.client(), revision);
        Ok((!sees_nothing).then(key))
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
