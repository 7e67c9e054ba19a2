//! Of which time it is known whether something was there (Q7).

use std::collections::HashMap;

use remit_domain::{
    Timestamp,
    span::{Span, Spans},
    text::folded,
};

use super::{App, Session};
use crate::store::{StoreError, Uuid, WatchedRecord};

/// An agreement, and a subject of it as it is compared.
pub(super) type Of = (Uuid, String);

impl App {
    /// The time of which it is known whether subjects of some agreements were there: from the first outage that was
    /// recorded, or since somebody watches.
    pub(super) async fn known_of(
        &self,
        session: &Session,
        agreements: &[Uuid],
    ) -> Result<HashMap<Of, Spans>, StoreError> {
        let first = self.store().first_outages_of(&session.scope, agreements).await?;
        Ok(known(first, self.store().watched_of(&session.scope, agreements).await?))
    }

    /// The same of some subjects, of all agreements.
    pub(super) async fn known_about(
        &self,
        session: &Session,
        about: &[String],
    ) -> Result<HashMap<Of, Spans>, StoreError> {
        let first = self.store().first_outages_about(&session.scope, about).await?;
        Ok(known(first, self.store().watched_about(&session.scope, about).await?))
    }
}

/// The time of which it is known, by the first outages and by what is watched.
pub(super) fn known(first: HashMap<Of, Timestamp>, watched: Vec<WatchedRecord>) -> HashMap<Of, Spans> {
    let mut known: HashMap<Of, (Timestamp, Timestamp)> =
        first.into_iter().map(|(of, from)| (of, (from, Timestamp::MAX))).collect();
    for watch in watched {
        let span = known.entry((watch.agreement_id, folded(&watch.subject))).or_insert((watch.since, Timestamp::MAX));
        *span = (span.0.min(watch.since), watch.until.unwrap_or(Timestamp::MAX));
    }
    known.into_iter().map(|(of, (from, until))| (of, Span::new(from, until).into())).collect()
}
