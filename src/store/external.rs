//! What other systems call objects.

use std::collections::HashMap;

use remit_entity::external_ref;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, prelude::Uuid,
};

use super::{Handle, Scope, Store, StoreError, Subject, Tx, padded};

/// What another system calls an object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExternalRef {
    /// The system.
    pub system: String,
    /// The object's id there.
    pub id: String,
}

impl From<&ExternalRef> for Handle {
    fn from(reference: &ExternalRef) -> Self {
        Self::External { system: reference.system.clone(), id: reference.id.clone() }
    }
}

impl Store {
    /// The external references of objects of one kind, by object, ordered by system and id.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn external_refs(
        &self,
        scope: &Scope,
        subject: Subject,
        objects: &[Uuid],
    ) -> Result<HashMap<Uuid, Vec<ExternalRef>>, StoreError> {
        if subject == Subject::TimeEntry {
            // It has exactly one, and keeps it in its row.
            return self.time_entry_refs(scope, objects).await;
        }
        let rows = external_ref::Entity::find()
            .filter(external_ref::Column::ProviderId.eq(scope.provider()))
            .filter(external_ref::Column::Subject.eq(subject.as_str()))
            .filter(external_ref::Column::ObjectId.is_in(padded(objects)))
            .order_by_asc(external_ref::Column::System)
            .order_by_asc(external_ref::Column::ExternalId)
            .all(self.reads())
            .await?;
        let mut found: HashMap<Uuid, Vec<ExternalRef>> = HashMap::new();
        for row in rows {
            found.entry(row.object_id).or_default().push(ExternalRef { system: row.system, id: row.external_id });
        }
        Ok(found)
    }
}

/// The objects that references of one kind name.
pub(super) async fn find_all<C: ConnectionTrait>(
    connection: &C,
    scope: &Scope,
    subject: Subject,
    references: &[ExternalRef],
) -> Result<HashMap<ExternalRef, Uuid>, StoreError> {
    if references.is_empty() {
        return Ok(HashMap::new());
    }
    let one = |reference: &ExternalRef| {
        Condition::all()
            .add(external_ref::Column::System.eq(reference.system.as_str()))
            .add(external_ref::Column::ExternalId.eq(reference.id.as_str()))
    };
    let any = padded(references).iter().fold(Condition::any(), |any, reference| any.add(one(reference)));
    let rows = external_ref::Entity::find()
        .filter(external_ref::Column::ProviderId.eq(scope.provider()))
        .filter(external_ref::Column::Subject.eq(subject.as_str()))
        .filter(any)
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(|r| (ExternalRef { system: r.system, id: r.external_id }, r.object_id)).collect())
}

/// The object that a system calls by an id.
pub(super) async fn find<C: ConnectionTrait>(
    connection: &C,
    provider: &str,
    subject: Subject,
    reference: &ExternalRef,
) -> Result<Option<Uuid>, StoreError> {
    let key = (provider.to_owned(), subject.as_str().to_owned(), reference.system.clone(), reference.id.clone());
    Ok(external_ref::Entity::find_by_id(key).one(connection).await?.map(|row| row.object_id))
}

impl Tx {
    /// The object that already has one of these references, unless it is `own`.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn taken_reference(
        &self,
        subject: Subject,
        own: Option<Uuid>,
        references: &[ExternalRef],
    ) -> Result<Option<usize>, StoreError> {
        for (place, reference) in references.iter().enumerate() {
            let holder = find(self.connection(), self.provider(), subject, reference).await?;
            if holder.is_some_and(|holder| Some(holder) != own) {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// Whether an object's references are others than these.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn references_differ(
        &self,
        subject: Subject,
        object: Uuid,
        wanted: &[ExternalRef],
    ) -> Result<bool, StoreError> {
        let held = external_ref::Entity::find()
            .filter(external_ref::Column::ProviderId.eq(self.provider()))
            .filter(external_ref::Column::Subject.eq(subject.as_str()))
            .filter(external_ref::Column::ObjectId.eq(object))
            .all(self.connection())
            .await?;
        let held: Vec<_> = held.into_iter().map(|r| ExternalRef { system: r.system, id: r.external_id }).collect();
        Ok(held.len() != wanted.len() || wanted.iter().any(|reference| !held.contains(reference)))
    }

    /// Replaces an object's references; tells whether that changed anything.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn set_references(
        &self,
        subject: Subject,
        object: Uuid,
        wanted: &[ExternalRef],
    ) -> Result<bool, StoreError> {
        if !self.references_differ(subject, object, wanted).await? {
            return Ok(false);
        }
        external_ref::Entity::delete_many()
            .filter(external_ref::Column::ProviderId.eq(self.provider()))
            .filter(external_ref::Column::Subject.eq(subject.as_str()))
            .filter(external_ref::Column::ObjectId.eq(object))
            .exec(self.connection())
            .await?;
        let rows = wanted.iter().map(|reference| external_ref::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            subject: Set(subject.as_str().to_owned()),
            system: Set(reference.system.clone()),
            external_id: Set(reference.id.clone()),
            object_id: Set(object),
        });
        if !wanted.is_empty() {
            external_ref::Entity::insert_many(rows).exec_without_returning(self.connection()).await?;
        }
        Ok(true)
    }
}
