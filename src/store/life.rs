//! What happens to agreements in the course of time: suspensions, and what was said about renewals.

use remit_domain::{Date, Timestamp, lifecycle::Suspension};
use remit_entity::{agreement_suspension, terms_renewal};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, prelude::Uuid, sea_query::SelectStatement,
};

use super::{AgreementRecord, Scope, Store, StoreError, Tx, padded};

/// A time in which nothing of an agreement holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuspensionRecord {
    /// Its id.
    pub id: Uuid,
    /// The agreement.
    pub agreement_id: Uuid,
    /// The first day without the agreement.
    pub from_on: Date,
    /// The first day with it again; none: not said yet.
    pub until_on: Option<Date>,
    /// The same as instants.
    pub suspension: Suspension,
    /// Why.
    pub reason: String,
}

/// What was said about the end of a term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenewalRecord {
    /// Its id.
    pub id: Uuid,
    /// The agreement.
    pub agreement_id: Uuid,
    /// The version whose term it is.
    pub terms_id: Uuid,
    /// What was said.
    pub decision: RenewalDecision,
    /// The last day that follows from it.
    pub ends_on: Date,
    /// Who said so.
    pub said_by: String,
    /// When.
    pub at: Timestamp,
}

/// What was said about the end of a term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RenewalDecision {
    /// There is another term.
    Renewed,
    /// There is none.
    Declined {
        /// Why.
        reason: String,
    },
}

fn unreadable(what: &'static str, id: Uuid, why: impl std::fmt::Display) -> StoreError {
    StoreError::Unreadable { what, id, why: why.to_string() }
}

impl TryFrom<agreement_suspension::Model> for SuspensionRecord {
    type Error = StoreError;

    fn try_from(row: agreement_suspension::Model) -> Result<Self, StoreError> {
        let date = |text: &str| text.parse::<Date>().map_err(|error| unreadable("suspension", row.id, error));
        let instant = |at| Timestamp::from_microsecond(at).map_err(|error| unreadable("suspension", row.id, error));
        Ok(Self {
            from_on: date(&row.from_on)?,
            until_on: row.until_on.as_deref().map(date).transpose()?,
            suspension: Suspension { from: instant(row.from_at)?, until: row.until_at.map(instant).transpose()? },
            id: row.id,
            agreement_id: row.agreement_id,
            reason: row.reason,
        })
    }
}

impl TryFrom<terms_renewal::Model> for RenewalRecord {
    type Error = StoreError;

    fn try_from(row: terms_renewal::Model) -> Result<Self, StoreError> {
        let decision = match (row.kind.as_str(), row.reason) {
            ("RENEWED", _) => RenewalDecision::Renewed,
            ("DECLINED", reason) => RenewalDecision::Declined { reason: reason.unwrap_or_default() },
            (other, _) => return Err(unreadable("renewal", row.id, format!("kind {other:?}"))),
        };
        Ok(Self {
            id: row.id,
            agreement_id: row.agreement_id,
            terms_id: row.terms_id,
            decision,
            ends_on: row.ends_on.parse().map_err(|error| unreadable("renewal", row.id, error))?,
            said_by: row.said_by,
            at: Timestamp::from_microsecond(row.at).map_err(|error| unreadable("renewal", row.id, error))?,
        })
    }
}

/// The ids of the agreements that are suspended at an instant.
pub(super) fn suspended(scope: &Scope, at: Timestamp) -> SelectStatement {
    use agreement_suspension::Column::{AgreementId, FromAt, ProviderId, UntilAt};
    agreement_suspension::Entity::find()
        .select_only()
        .column(AgreementId)
        .filter(ProviderId.eq(scope.provider()))
        .filter(FromAt.lte(at.as_microsecond()))
        .filter(Condition::any().add(UntilAt.is_null()).add(UntilAt.gt(at.as_microsecond())))
        .into_query()
}

/// The suspensions of some agreements, in order of time. Nothing is read where there is none.
pub(super) async fn suspensions<'a, C: ConnectionTrait>(
    connection: &C,
    provider: &str,
    agreements: impl IntoIterator<Item = &'a AgreementRecord>,
) -> Result<Vec<SuspensionRecord>, StoreError> {
    let suspended = agreements.into_iter().filter(|agreement| agreement.was_suspended);
    let agreements: Vec<Uuid> = suspended.map(|agreement| agreement.id).collect();
    if agreements.is_empty() {
        return Ok(Vec::new());
    }
    let rows = agreement_suspension::Entity::find()
        .filter(agreement_suspension::Column::ProviderId.eq(provider))
        .filter(agreement_suspension::Column::AgreementId.is_in(padded(&agreements)))
        .order_by_asc(agreement_suspension::Column::FromAt)
        .all(connection)
        .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

impl Store {
    /// The suspensions of some agreements that the scope sees, in order of time.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn suspensions<'a>(
        &self,
        scope: &Scope,
        agreements: impl IntoIterator<Item = &'a AgreementRecord>,
    ) -> Result<Vec<SuspensionRecord>, StoreError> {
        suspensions(self.reads(), scope.provider(), agreements).await
    }

    /// What was said about the renewals of some agreements that the scope sees, in order of time.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn renewals(&self, scope: &Scope, agreements: &[Uuid]) -> Result<Vec<RenewalRecord>, StoreError> {
        if agreements.is_empty() {
            return Ok(Vec::new());
        }
        let rows = terms_renewal::Entity::find()
            .filter(terms_renewal::Column::ProviderId.eq(scope.provider()))
            .filter(terms_renewal::Column::AgreementId.is_in(padded(agreements)))
            .order_by_asc(terms_renewal::Column::At)
            .order_by_asc(terms_renewal::Column::Id)
            .all(self.reads())
            .await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

impl Tx {
    /// The suspensions of an agreement, in order of time.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn suspensions(&self, agreement: Uuid) -> Result<Vec<SuspensionRecord>, StoreError> {
        let rows = agreement_suspension::Entity::find()
            .filter(agreement_suspension::Column::ProviderId.eq(self.provider()))
            .filter(agreement_suspension::Column::AgreementId.eq(agreement))
            .order_by_asc(agreement_suspension::Column::FromAt)
            .all(self.connection())
            .await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Makes a suspension.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn add_suspension(&self, suspension: &SuspensionRecord) -> Result<(), StoreError> {
        let row = self.suspension_row(suspension);
        agreement_suspension::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Writes a suspension that is there.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn update_suspension(&self, suspension: &SuspensionRecord) -> Result<(), StoreError> {
        self.suspension_row(suspension).update(self.connection()).await?;
        Ok(())
    }

    fn suspension_row(&self, record: &SuspensionRecord) -> agreement_suspension::ActiveModel {
        agreement_suspension::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            id: Set(record.id),
            agreement_id: Set(record.agreement_id),
            from_on: Set(record.from_on.to_string()),
            from_at: Set(record.suspension.from.as_microsecond()),
            until_on: Set(record.until_on.map(|date| date.to_string())),
            until_at: Set(record.suspension.until.map(Timestamp::as_microsecond)),
            reason: Set(record.reason.clone()),
        }
    }

    /// Puts down what was said about the end of a term.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn add_renewal(&self, renewal: &RenewalRecord) -> Result<(), StoreError> {
        let (kind, reason) = match &renewal.decision {
            RenewalDecision::Renewed => ("RENEWED", None),
            RenewalDecision::Declined { reason } => ("DECLINED", Some(reason.clone())),
        };
        let row = terms_renewal::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            id: Set(renewal.id),
            agreement_id: Set(renewal.agreement_id),
            terms_id: Set(renewal.terms_id),
            kind: Set(kind.to_owned()),
            ends_on: Set(renewal.ends_on.to_string()),
            said_by: Set(renewal.said_by.clone()),
            reason: Set(reason),
            at: Set(renewal.at.as_microsecond()),
        };
        terms_renewal::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }
}
