//! Why terms were accepted although they guarantee more than history supports.

use remit_domain::Timestamp;
use remit_entity::terms_overpromise;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, prelude::Uuid};
use serde::{Deserialize, Serialize};

use super::{Scope, Store, StoreError, Tx, document, padded, scope::Visible, to_document};

/// Why a version was accepted although it guarantees more than history supports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverpromiseRecord {
    /// The version.
    pub terms_id: Uuid,
    /// Why.
    pub reason: String,
    /// Who said so.
    pub said_by: String,
    /// When.
    pub at: Timestamp,
    /// The guarantees that it is about, as they stood then.
    pub promises: Vec<OverpromisedClause>,
}

/// A guarantee that was beyond what history supported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverpromisedClause {
    /// Its clause.
    pub clause: String,
    /// What is promised, in words.
    pub promise: String,
    /// Why history did not support it.
    pub reason: String,
}

impl Store {
    /// Why some versions were accepted so. It is between the provider and its own staff: a caller that is bound to a client
    /// sees none.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn overpromises(&self, scope: &Scope, terms: &[Uuid]) -> Result<Vec<OverpromiseRecord>, StoreError> {
        if terms.is_empty() || scope.visible() != Visible::All {
            return Ok(Vec::new());
        }
        let rows = terms_overpromise::Entity::find()
            .filter(terms_overpromise::Column::ProviderId.eq(scope.provider()))
            .filter(terms_overpromise::Column::TermsId.is_in(padded(terms)))
            .all(self.reads())
            .await?;
        let record = |row: terms_overpromise::Model| {
            let unreadable = |why: String| StoreError::Unreadable { what: "overpromise", id: row.terms_id, why };
            Ok(OverpromiseRecord {
                terms_id: row.terms_id,
                at: Timestamp::from_microsecond(row.at).map_err(|error| unreadable(error.to_string()))?,
                promises: document("overpromise", row.terms_id, &row.promises)?,
                reason: row.reason,
                said_by: row.said_by,
            })
        };
        rows.into_iter().map(record).collect()
    }
}

impl Tx {
    /// Puts down why a version was accepted so.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn add_overpromise(&self, record: &OverpromiseRecord) -> Result<(), StoreError> {
        let row = terms_overpromise::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            terms_id: Set(record.terms_id),
            reason: Set(record.reason.clone()),
            said_by: Set(record.said_by.clone()),
            at: Set(record.at.as_microsecond()),
            promises: Set(to_document(&record.promises)?),
        };
        terms_overpromise::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }
}
