//! Time that several requests record at once, as one write: of a single entry most of what it costs is beginning and ending.
//!
//! Each request keeps what is its own: its outcome, and its place in the audit trail. So only such go together as have no
//! agreement in common, and what does not come out that way at once is done by each alone.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    convert::Infallible,
    time::Duration,
};

use super::{
    named::Named,
    record::{EntryResult, RecordEntry, RecordItem},
};
use crate::{
    app::{App, Session},
    store::{ExternalRef, Handle, Scope, StoreError, TimeEntryRecord, Together, Uuid},
};

/// So many entries of a request go together with others'; more are worth a write of their own.
const ENTRIES_TOGETHER: usize = 8;
/// How long a request waits for the write of another, to go with the next one.
const WRITTEN_WITHIN: Duration = Duration::from_millis(100);

/// What came of the entries of a request; none: it is to be recorded alone.
type Recorded = Option<Result<Vec<EntryResult>, StoreError>>;

/// Requests that record time, in lanes by provider.
#[derive(Debug)]
pub(in crate::app) struct Recordings(Together<String, Recording, Recorded>);

impl Default for Recordings {
    fn default() -> Self {
        Self(Together::new(WRITTEN_WITHIN))
    }
}

/// What a request records.
#[derive(Clone, Debug)]
pub(super) struct Recording {
    session: Session,
    items: Vec<RecordItem>,
}

/// The agreement that an entry names, and nothing else that could lead to another.
fn agreement(item: &RecordItem) -> Option<&Handle> {
    match &item.wanted {
        Ok(RecordEntry::Is(entry)) if entry.ticket.is_none() => entry.agreement.as_ref(),
        _ => None,
    }
}

impl Recording {
    fn goes_together(&self) -> bool {
        let is_small = (1..=ENTRIES_TOGETHER).contains(&self.items.len());
        is_small && !self.session.scope.is_client_bound() && self.items.iter().all(|item| agreement(item).is_some())
    }
}

/// Which of some recordings have neither an agreement nor an entry in common with one before them.
fn apart(recordings: &[Recording]) -> Vec<bool> {
    let (mut agreements, mut entries) = (HashSet::new(), HashSet::new());
    let is_apart = |recording: &'_ Recording| {
        let own: Vec<(&Handle, &ExternalRef)> =
            recording.items.iter().filter_map(|item| Some((agreement(item)?, &item.reference))).collect();
        let is_apart =
            own.iter().all(|(handle, reference)| !(agreements.contains(*handle) || entries.contains(*reference)));
        if is_apart {
            agreements.extend(own.iter().map(|(handle, _)| Handle::clone(handle)));
            entries.extend(own.iter().map(|(_, reference)| ExternalRef::clone(reference)));
        }
        is_apart
    };
    recordings.iter().map(is_apart).collect()
}

/// The requests that a write consists of; none: it is one request's.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Askers<'a>(&'a [&'a Recording]);

/// What of a write is which request's, by their places.
#[derive(Debug)]
pub(super) struct Owners<'a> {
    askers: Askers<'a>,
    agreements: HashMap<Uuid, usize>,
    entries: HashMap<&'a ExternalRef, usize>,
}

impl<'a> Askers<'a> {
    /// What is whose; none: two have an agreement in common, which they call by different names.
    pub(super) fn owners(self, named: &Named) -> Option<Owners<'a>> {
        let (mut agreements, mut entries) = (HashMap::new(), HashMap::new());
        for (place, recording) in self.0.iter().enumerate() {
            for item in &recording.items {
                entries.insert(&item.reference, place);
                let agreement = agreement(item).and_then(|handle| named.agreement(handle));
                if agreement.is_some_and(|id| *agreements.entry(id).or_insert(place) != place) {
                    return None;
                }
            }
        }
        Some(Owners { askers: self, agreements, entries })
    }
}

impl Owners<'_> {
    /// Whether an entry that is there is with an agreement of the request that records it.
    pub(super) fn keeps(&self, stored: &TimeEntryRecord) -> bool {
        let place = stored.agreement_id.map(|agreement| self.agreements.get(&agreement));
        self.askers.0.is_empty() || place.is_none_or(|place| place == self.entries.get(&stored.reference))
    }

    /// On whose behalf each agreement is written to.
    pub(super) fn scopes(&self) -> HashMap<Uuid, Scope> {
        let scope = |place: usize| Some(self.askers.0.get(place)?.session.scope.clone());
        self.agreements.iter().filter_map(|(agreement, place)| Some((*agreement, scope(*place)?))).collect()
    }
}

impl App {
    /// Records the entries of a request, with those of others if they can go together.
    pub(super) async fn record_together(
        &self,
        session: &Session,
        items: Vec<RecordItem>,
    ) -> Result<Vec<EntryResult>, StoreError> {
        let recording = Recording { session: session.clone(), items };
        if self.store.is_whole() && recording.goes_together() {
            let lane = session.caller.provider().as_str().to_owned();
            let record = async |recordings: Vec<Recording>| Ok::<_, Infallible>(self.record_all(&recordings).await);
            if let Ok(Some(Some(recorded))) = self.recordings.0.ask(lane, recording.clone(), record).await {
                return recorded;
            }
        }
        self.record_alone(session, &recording.items).await
    }

    /// What came of each recording as one write; none: it is to be recorded alone.
    async fn record_all(&self, recordings: &[Recording]) -> Vec<Recorded> {
        let apart = apart(recordings);
        let round: Vec<&Recording> =
            recordings.iter().zip(&apart).filter_map(|(one, apart)| apart.then_some(one)).collect();
        let mut recorded = self.record_round(&round).await.into_iter();
        apart.into_iter().map(|is_apart| if is_apart { recorded.next() } else { None }).collect()
    }

    /// What came of recordings that are apart; nothing, if they cannot be one write after all.
    async fn record_round(&self, round: &[&Recording]) -> Vec<Result<Vec<EntryResult>, StoreError>> {
        let (first, now) = match round {
            // While it is away, others come to go together.
            [one] => return vec![self.record_alone(&one.session, &one.items).await],
            [first, others @ ..] => (first, others.iter().fold(first.session.now, |now, one| now.max(one.session.now))),
            [] => return Vec::new(),
        };
        let session = Session { now, ..first.session.clone() };
        let items: Vec<RecordItem> = round.iter().flat_map(|recording| recording.items.iter().cloned()).collect();
        let results = match self.try_to_record(&session, &items, &mut BTreeSet::new(), Askers(round)).await {
            Ok(Some(results)) => results,
            // Something of another request's or of nobody's is concerned.
            Ok(None) => return Vec::new(),
            Err(error) => {
                tracing::warn!(%error, requests = round.len(), "each request records its time alone");
                return Vec::new();
            }
        };
        let mut results = results.into_iter();
        round.iter().map(|recording| Ok(results.by_ref().take(recording.items.len()).collect())).collect()
    }
}
