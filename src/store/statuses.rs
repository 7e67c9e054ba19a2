//! What was recorded of obligations. What an agreement's say at one revision of it never changes, and is kept.

use std::{collections::HashMap, sync::Arc};

use quick_cache::sync::Cache;
use remit_domain::{
    Timestamp,
    coverage::StateChange,
    words::{ObligationState, StatementStatus, Word},
};
use remit_entity::{agreement, obligation_status};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait},
};

use super::{
    AgreementRecord, Scope, Store, StoreError, Tx, padded,
    scope::{Visible, agreements_of},
};

/// Of how many agreements it is kept.
const AGREEMENTS_MAX: usize = 4096;
/// Of what more was said of than this is read each time.
const KEPT_MAX: usize = 100;

/// One recorded state of an obligation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusRecord {
    /// Its id.
    pub id: Uuid,
    /// The agreement.
    pub agreement_id: Uuid,
    /// The obligation's code, the same in all versions.
    pub code: String,
    /// How it stands, since when, and whether that counts.
    pub change: StateChange,
    /// What shows it.
    pub evidence: Option<String>,
    /// Who recorded it.
    pub recorded_by: String,
    /// Who confirmed or rejected what a client attested.
    pub judgement: Option<Judgement>,
}

/// What the provider says of a client's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Who judged.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why; always there for a rejection.
    pub reason: Option<String>,
}

/// The word that is spelled so.
pub(super) fn word<T: Word>(text: &str) -> Result<T, String> {
    T::WORDS.iter().copied().find(|word| word.text() == text).ok_or_else(|| format!("{text:?} is no {}", T::NAME))
}

impl TryFrom<obligation_status::Model> for StatusRecord {
    type Error = StoreError;

    fn try_from(row: obligation_status::Model) -> Result<Self, StoreError> {
        let unreadable = |why: String| StoreError::Unreadable { what: "obligation status", id: row.id, why };
        let instant = |at| Timestamp::from_microsecond(at).map_err(|error| unreadable(error.to_string()));
        let judgement = match (row.judged_by.clone(), row.judged_at) {
            (Some(by), Some(at)) => Some(Judgement { by, at: instant(at)?, reason: row.judgement.clone() }),
            _ => None,
        };
        Ok(Self {
            change: StateChange {
                state: word::<ObligationState>(&row.state).map_err(unreadable)?,
                since: instant(row.since)?,
                until: row.until.map(instant).transpose()?,
                status: word::<StatementStatus>(&row.status).map_err(unreadable)?,
                recorded_at: instant(row.recorded_at)?,
            },
            id: row.id,
            agreement_id: row.agreement_id,
            code: row.code,
            evidence: row.evidence,
            recorded_by: row.recorded_by,
            judgement,
        })
    }
}

/// What was recorded of the obligations of agreements, each at this revision of that.
#[derive(Clone, Debug)]
pub(super) struct Statuses(Arc<Cache<Uuid, AtRevision>>);

type AtRevision = (i32, Arc<[StatusRecord]>);

impl Default for Statuses {
    fn default() -> Self {
        Self(Arc::new(Cache::new(AGREEMENTS_MAX)))
    }
}

/// A row, and the revision at which it was read.
#[derive(Debug, FromQueryResult)]
struct Dated {
    #[sea_orm(nested)]
    row: obligation_status::Model,
    revision: i32,
}

impl Statuses {
    /// What was recorded of the obligations of some agreements of a provider, of each in order of recording. Nothing is read
    /// where there is nothing, nor what was read before at the agreement's revision.
    ///
    /// - `keeps`: whether what is read is committed.
    pub(super) async fn of_agreements<C: ConnectionTrait>(
        &self,
        connection: &C,
        (provider, keeps): (&str, bool),
        agreements: impl IntoIterator<Item = &AgreementRecord>,
    ) -> Result<Vec<StatusRecord>, StoreError> {
        let (mut found, mut unknown) = (Vec::new(), Vec::new());
        for agreement in agreements.into_iter().filter(|agreement| agreement.status_revision > 0) {
            match self.0.get(&agreement.id) {
                Some((revision, kept)) if revision == agreement.status_revision => found.extend(kept.iter().cloned()),
                _ => unknown.push(agreement.id),
            }
        }
        if unknown.is_empty() {
            return Ok(found);
        }
        let revision = agreement::Entity::find()
            .select_only()
            .column(agreement::Column::StatusRevision)
            .filter(agreement::Column::ProviderId.eq(provider))
            .filter(
                Expr::col((agreement::Entity, agreement::Column::Id))
                    .equals((obligation_status::Entity, obligation_status::Column::AgreementId)),
            )
            .into_query();
        let rows = obligation_status::Entity::find()
            .expr_as(Expr::from(revision), "revision")
            .filter(obligation_status::Column::ProviderId.eq(provider))
            .filter(obligation_status::Column::AgreementId.is_in(padded(&unknown)))
            .order_by_asc(obligation_status::Column::RecordedAt)
            .order_by_asc(obligation_status::Column::Id)
            .into_model::<Dated>();
        let mut read: HashMap<Uuid, (i32, Vec<StatusRecord>)> = HashMap::new();
        for Dated { row, revision } in rows.all(connection).await? {
            let (_, of_one) = read.entry(row.agreement_id).or_insert_with(|| (revision, Vec::new()));
            of_one.push(row.try_into()?);
        }
        for (id, (revision, of_one)) in read {
            found.extend(of_one.iter().cloned());
            if keeps && of_one.len() <= KEPT_MAX {
                self.0.insert(id, (revision, of_one.into()));
            }
        }
        Ok(found)
    }
}

impl Store {
    /// What was recorded of the obligations of agreements that the scope was found to see, of each in order of recording.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn statuses_of(
        &self,
        scope: &Scope,
        agreements: impl IntoIterator<Item = &AgreementRecord>,
    ) -> Result<Vec<StatusRecord>, StoreError> {
        let from = (scope.provider(), self.reads_committed());
        self.said.statuses.of_agreements(self.reads(), from, agreements).await
    }

    /// What was recorded of the obligations of some agreements that the scope sees, in order of recording.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn statuses(&self, scope: &Scope, agreements: &[Uuid]) -> Result<Vec<StatusRecord>, StoreError> {
        self.status_rows(scope, obligation_status::Column::AgreementId, agreements).await
    }

    /// The recorded states with these ids.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn find_statuses(&self, scope: &Scope, ids: &[Uuid]) -> Result<Vec<StatusRecord>, StoreError> {
        self.status_rows(scope, obligation_status::Column::Id, ids).await
    }

    async fn status_rows(
        &self,
        scope: &Scope,
        key: obligation_status::Column,
        values: &[Uuid],
    ) -> Result<Vec<StatusRecord>, StoreError> {
        if values.is_empty() || scope.visible() == Visible::Nothing {
            return Ok(Vec::new());
        }
        let rows = obligation_status::Entity::find()
            .filter(obligation_status::Column::ProviderId.eq(scope.provider()))
            .filter(key.is_in(padded(values)))
            .apply_if(scope.client(), |rows, client| {
                rows.filter(obligation_status::Column::AgreementId.in_subquery(agreements_of(scope.provider(), client)))
            })
            .order_by_asc(obligation_status::Column::RecordedAt)
            .order_by_asc(obligation_status::Column::Id)
            .all(self.reads())
            .await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

impl Tx {
    /// What was recorded of one obligation of an agreement, in order of recording.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn statuses(&self, agreement: Uuid, code: &str) -> Result<Vec<StatusRecord>, StoreError> {
        let rows = obligation_status::Entity::find()
            .filter(obligation_status::Column::ProviderId.eq(self.provider()))
            .filter(obligation_status::Column::AgreementId.eq(agreement))
            .filter(obligation_status::Column::Code.eq(code))
            .order_by_asc(obligation_status::Column::RecordedAt)
            .order_by_asc(obligation_status::Column::Id)
            .all(self.connection())
            .await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// The recorded state with this id.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn status(&self, id: Uuid) -> Result<Option<StatusRecord>, StoreError> {
        let row = obligation_status::Entity::find()
            .filter(obligation_status::Column::ProviderId.eq(self.provider()))
            .filter(obligation_status::Column::Id.eq(id))
            .one(self.connection())
            .await?;
        row.map(TryInto::try_into).transpose()
    }

    /// Makes a recorded state.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn add_status(&self, status: &StatusRecord) -> Result<(), StoreError> {
        obligation_status::Entity::insert(self.status_row(status)).exec_without_returning(self.connection()).await?;
        self.raise_status_revision(status.agreement_id).await
    }

    /// Writes a recorded state that is there.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn update_status(&self, status: &StatusRecord) -> Result<(), StoreError> {
        self.status_row(status).update(self.connection()).await?;
        self.raise_status_revision(status.agreement_id).await
    }

    async fn raise_status_revision(&self, agreement: Uuid) -> Result<(), StoreError> {
        use agreement::Column::{Id, ProviderId, StatusRevision};
        agreement::Entity::update_many()
            .col_expr(StatusRevision, Expr::col(StatusRevision).add(1))
            .filter(ProviderId.eq(self.provider()))
            .filter(Id.eq(agreement))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    fn status_row(&self, status: &StatusRecord) -> obligation_status::ActiveModel {
        let StatusRecord { id, agreement_id, code, change, evidence, recorded_by, judgement } = status.clone();
        obligation_status::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            id: Set(id),
            agreement_id: Set(agreement_id),
            code: Set(code),
            state: Set(change.state.as_str().to_owned()),
            since: Set(change.since.as_microsecond()),
            until: Set(change.until.map(Timestamp::as_microsecond)),
            status: Set(change.status.as_str().to_owned()),
            evidence: Set(evidence),
            recorded_by: Set(recorded_by),
            recorded_at: Set(change.recorded_at.as_microsecond()),
            judged_by: Set(judgement.as_ref().map(|judgement| judgement.by.clone())),
            judged_at: Set(judgement.as_ref().map(|judgement| judgement.at.as_microsecond())),
            judgement: Set(judgement.and_then(|judgement| judgement.reason)),
        }
    }
}
