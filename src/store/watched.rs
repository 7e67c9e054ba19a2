//! Since when somebody watches whether something is there.

use remit_domain::{Timestamp, span::Span, text::folded};
use remit_entity::watched_subject;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait, prelude::Uuid,
};

use super::{
    Scope, Store, StoreError, Tx, padded,
    scope::{Visible, agreements_of},
};

/// Since when somebody watches whether something of an agreement is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedRecord {
    /// Its id.
    pub id: Uuid,
    /// The agreement.
    pub agreement_id: Uuid,
    /// What is watched, as it is written.
    pub subject: String,
    /// Since when.
    pub since: Timestamp,
    /// The first instant at which nobody does any more; none: somebody still does.
    pub until: Option<Timestamp>,
}

impl WatchedRecord {
    /// The time in which it is watched, as far as it has come.
    #[must_use]
    pub fn span(&self, now: Timestamp) -> Option<Span> {
        Span::new(self.since, self.until.unwrap_or(now).min(now))
    }
}

impl TryFrom<watched_subject::Model> for WatchedRecord {
    type Error = StoreError;

    fn try_from(row: watched_subject::Model) -> Result<Self, StoreError> {
        let unreadable = |why: String| StoreError::Unreadable { what: "watched subject", id: row.id, why };
        let instant = |at| Timestamp::from_microsecond(at).map_err(|error| unreadable(error.to_string()));
        Ok(Self {
            since: instant(row.since)?,
            until: row.until.map(instant).transpose()?,
            id: row.id,
            agreement_id: row.agreement_id,
            subject: row.subject,
        })
    }
}

impl Store {
    /// What of some agreements is watched, by subject.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn watched_of(&self, scope: &Scope, agreements: &[Uuid]) -> Result<Vec<WatchedRecord>, StoreError> {
        if agreements.is_empty() || scope.visible() == Visible::Nothing {
            return Ok(Vec::new());
        }
        let rows = watched_subject::Entity::find()
            .filter(watched_subject::Column::ProviderId.eq(scope.provider()))
            .filter(watched_subject::Column::AgreementId.is_in(padded(agreements)))
            .apply_if(scope.client(), |rows, client| {
                rows.filter(watched_subject::Column::AgreementId.in_subquery(agreements_of(scope.provider(), client)))
            })
            .order_by_asc(watched_subject::Column::About)
            .all(self.reads())
            .await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Where some subjects are watched, of all of the provider's agreements.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn watched_about(&self, scope: &Scope, about: &[String]) -> Result<Vec<WatchedRecord>, StoreError> {
        if about.is_empty() || scope.visible() != Visible::All {
            return Ok(Vec::new());
        }
        let rows = watched_subject::Entity::find()
            .filter(watched_subject::Column::ProviderId.eq(scope.provider()))
            .filter(watched_subject::Column::About.is_in(padded(about)))
            .all(self.reads())
            .await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

impl Tx {
    /// Since when a subject of an agreement is watched.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn watched(&self, agreement: Uuid, subject: &str) -> Result<Option<WatchedRecord>, StoreError> {
        let row = watched_subject::Entity::find()
            .filter(watched_subject::Column::ProviderId.eq(self.provider()))
            .filter(watched_subject::Column::AgreementId.eq(agreement))
            .filter(watched_subject::Column::About.eq(folded(subject)))
            .one(self.connection())
            .await?;
        row.map(TryInto::try_into).transpose()
    }

    /// What of an agreement is watched.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn all_watched(&self, agreement: Uuid) -> Result<Vec<WatchedRecord>, StoreError> {
        let rows = watched_subject::Entity::find()
            .filter(watched_subject::Column::ProviderId.eq(self.provider()))
            .filter(watched_subject::Column::AgreementId.eq(agreement))
            .all(self.connection())
            .await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Makes or replaces it.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn put_watched(&self, watched: &WatchedRecord, is_new: bool) -> Result<(), StoreError> {
        let row = watched_subject::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            id: Set(watched.id),
            agreement_id: Set(watched.agreement_id),
            about: Set(folded(&watched.subject)),
            subject: Set(watched.subject.clone()),
            since: Set(watched.since.as_microsecond()),
            until: Set(watched.until.map(Timestamp::as_microsecond)),
        };
        if is_new {
            watched_subject::Entity::insert(row).exec_without_returning(self.connection()).await?;
        } else {
            row.update(self.connection()).await?;
        }
        Ok(())
    }
}
