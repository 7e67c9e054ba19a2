//! What was recorded that commitments are held against: outages, backup runs, measurements.

use std::collections::HashMap;

use remit_domain::{
    Timestamp,
    commitment::{Fact, Kept},
    span::Span,
    words::FactKind,
};
use remit_entity::{external_ref, fact};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select, prelude::Uuid,
};

use super::{
    ExternalRef, Handle, Page, Scope, Store, StoreError, Subject, Tx, Window, document, external, padded,
    page::page,
    rows::insert_all,
    scope::{Visible, agreements_of, by_handle, sorted},
    to_document,
};

/// Something that was recorded of an agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactRecord {
    /// Its id.
    pub id: Uuid,
    /// The agreement.
    pub agreement_id: Uuid,
    /// What it was, by its newest version.
    pub kept: Kept,
}

/// Which facts a list holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FactFilter {
    /// Of this kind.
    pub kind: FactKind,
    /// Of this agreement.
    pub agreement: Option<Uuid>,
    /// Of this client's agreements.
    pub client: Option<Uuid>,
    /// About this subject or metric, as it is compared.
    pub about: Option<String>,
    /// Begun at this instant or later.
    pub from: Option<Timestamp>,
    /// Begun before this instant.
    pub until: Option<Timestamp>,
}

/// As what the feed and external references know a kind of fact.
#[must_use]
pub const fn subject_of(kind: FactKind) -> Subject {
    match kind {
        FactKind::Outage => Subject::Outage,
        FactKind::BackupRun => Subject::BackupRun,
        FactKind::Measurement => Subject::Measurement,
    }
}

impl FactRecord {
    /// What it was.
    #[must_use]
    pub fn fact(&self) -> &Fact {
        &self.kept.fact
    }

    /// What lists are ordered by: the beginning, then the id. Instants before 1970 sort before those after it.
    #[must_use]
    pub fn place(&self) -> String {
        let micros = i128::from(self.fact().begins().as_microsecond()) + (1 << 62);
        format!("{micros:019}{}", self.id.simple())
    }
}

impl TryFrom<fact::Model> for FactRecord {
    type Error = StoreError;

    fn try_from(row: fact::Model) -> Result<Self, StoreError> {
        let unreadable = |why: String| StoreError::Unreadable { what: "fact", id: row.id, why };
        let changed_at = row.changed_at.map(Timestamp::from_microsecond).transpose();
        Ok(Self {
            id: row.id,
            agreement_id: row.agreement_id,
            kept: Kept {
                fact: document("fact", row.id, &row.body)?,
                changed_at: changed_at.map_err(|error| unreadable(error.to_string()))?,
                deleted: row.deleted,
            },
        })
    }
}

/// The facts that a scope sees; what was deleted is not there.
fn visible(scope: &Scope) -> Select<fact::Entity> {
    let rows = fact::Entity::find().filter(fact::Column::Deleted.eq(false));
    match scope.visible() {
        Visible::All => rows.filter(fact::Column::ProviderId.eq(scope.provider())),
        Visible::Client(client) => rows
            .filter(fact::Column::ProviderId.eq(scope.provider()))
            .filter(fact::Column::AgreementId.in_subquery(agreements_of(scope.provider(), client))),
        // No provider has an empty code.
        Visible::Nothing => rows.filter(fact::Column::ProviderId.eq("")),
    }
}

fn filtered(scope: &Scope, filter: &FactFilter) -> Select<fact::Entity> {
    visible(scope)
        .filter(fact::Column::Kind.eq(filter.kind.as_str()))
        .apply_if(filter.agreement, |rows, agreement| rows.filter(fact::Column::AgreementId.eq(agreement)))
        .apply_if(filter.client, |rows, client| {
            rows.filter(fact::Column::AgreementId.in_subquery(agreements_of(scope.provider(), client)))
        })
        .apply_if(filter.about.as_ref(), |rows, about| rows.filter(fact::Column::About.eq(about.as_str())))
        .apply_if(filter.from, |rows, from| rows.filter(fact::Column::BeginsAt.gte(from.as_microsecond())))
        .apply_if(filter.until, |rows, until| rows.filter(fact::Column::BeginsAt.lt(until.as_microsecond())))
}

fn records(rows: Vec<fact::Model>) -> Result<Vec<FactRecord>, StoreError> {
    rows.into_iter().map(TryInto::try_into).collect()
}

impl Store {
    /// The facts of a kind that handles name, as far as the scope sees them; they have no codes.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn find_facts(
        &self,
        scope: &Scope,
        kind: FactKind,
        handles: &[Handle],
    ) -> Result<HashMap<Handle, FactRecord>, StoreError> {
        let (mut ids, _, references) = sorted(handles);
        let references = external::find_all(self.reads(), scope, subject_of(kind), &references).await?;
        ids.extend(references.values());
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = visible(scope)
            .filter(fact::Column::Kind.eq(kind.as_str()))
            .filter(fact::Column::Id.is_in(padded(&ids)))
            .all(self.reads())
            .await?;
        let named: Vec<Handle> = handles.iter().filter(|h| !matches!(h, Handle::Code(_))).cloned().collect();
        Ok(by_handle(&named, &references, &records(rows)?, |record| (record.id, "")))
    }

    /// A page of facts, by their beginning.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn page_facts(
        &self,
        scope: &Scope,
        filter: &FactFilter,
        window: &Window,
    ) -> Result<Page<FactRecord>, StoreError> {
        let Page { items, more } = page(filtered(scope, filter), fact::Column::Place, window, self.reads()).await?;
        Ok(Page { items: records(items)?, more })
    }

    /// How many facts there are.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn count_facts(&self, scope: &Scope, filter: &FactFilter) -> Result<u64, StoreError> {
        Ok(filtered(scope, filter).count(self.reads()).await?)
    }

    /// What was recorded of some agreements and reaches into a stretch of time, in order of time.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn facts_of(
        &self,
        scope: &Scope,
        agreements: &[Uuid],
        stretch: Span,
    ) -> Result<Vec<FactRecord>, StoreError> {
        if agreements.is_empty() {
            return Ok(Vec::new());
        }
        let rows = visible(scope)
            .filter(fact::Column::AgreementId.is_in(padded(agreements)))
            .filter(reaches_into(stretch))
            .order_by_asc(fact::Column::Place)
            .all(self.reads())
            .await?;
        records(rows)
    }

    /// What was recorded of a kind about some subjects, of any agreement, and reaches into a stretch of time; in order of
    /// time.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn facts_about(
        &self,
        scope: &Scope,
        kind: FactKind,
        about: &[String],
        stretch: Span,
    ) -> Result<Vec<FactRecord>, StoreError> {
        if about.is_empty() {
            return Ok(Vec::new());
        }
        let rows = visible(scope)
            .filter(fact::Column::Kind.eq(kind.as_str()))
            .filter(fact::Column::About.is_in(padded(about)))
            .filter(reaches_into(stretch))
            .order_by_asc(fact::Column::Place)
            .all(self.reads())
            .await?;
        records(rows)
    }

    /// When the first outage of each subject of some agreements began, by agreement and by subject as it is compared.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn first_outages_of(
        &self,
        scope: &Scope,
        agreements: &[Uuid],
    ) -> Result<HashMap<(Uuid, String), Timestamp>, StoreError> {
        if agreements.is_empty() {
            return Ok(HashMap::new());
        }
        first_outages(self.reads(), visible(scope).filter(fact::Column::AgreementId.is_in(padded(agreements)))).await
    }

    /// The same of some subjects, of all agreements.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn first_outages_about(
        &self,
        scope: &Scope,
        about: &[String],
    ) -> Result<HashMap<(Uuid, String), Timestamp>, StoreError> {
        if about.is_empty() {
            return Ok(HashMap::new());
        }
        first_outages(self.reads(), visible(scope).filter(fact::Column::About.is_in(padded(about)))).await
    }
}

/// When the first outage of each subject among some facts began, by agreement and subject.
async fn first_outages<C: ConnectionTrait>(
    connection: &C,
    facts: Select<fact::Entity>,
) -> Result<HashMap<(Uuid, String), Timestamp>, StoreError> {
    let first: Vec<(Uuid, String, i64)> = facts
        .filter(fact::Column::Kind.eq(FactKind::Outage.as_str()))
        .select_only()
        .column(fact::Column::AgreementId)
        .column(fact::Column::About)
        .column_as(fact::Column::BeginsAt.min(), "first")
        .group_by(fact::Column::AgreementId)
        .group_by(fact::Column::About)
        .into_tuple()
        .all(connection)
        .await?;
    let instant = |micros| Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MIN);
    Ok(first.into_iter().map(|(agreement, about, from)| ((agreement, about), instant(from))).collect())
}

/// Begun before the stretch ends; of outages that are over, not over before it begins.
fn reaches_into(stretch: Span) -> Condition {
    let (from, to) = (stretch.from().as_microsecond(), stretch.to().as_microsecond());
    let lasting = Condition::all()
        .add(fact::Column::Kind.eq(FactKind::Outage.as_str()))
        .add(Condition::any().add(fact::Column::EndsAt.is_null()).add(fact::Column::EndsAt.gt(from)));
    let begun =
        Condition::all().add(fact::Column::Kind.ne(FactKind::Outage.as_str())).add(fact::Column::BeginsAt.gte(from));
    Condition::all().add(fact::Column::BeginsAt.lt(to)).add(Condition::any().add(lasting).add(begun))
}

impl Tx {
    /// What is known under some references, what was deleted included.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn known_facts(
        &self,
        kind: FactKind,
        references: &[ExternalRef],
    ) -> Result<HashMap<ExternalRef, FactRecord>, StoreError> {
        let found = external::find_all(self.connection(), self.scope(), subject_of(kind), references).await?;
        if found.is_empty() {
            return Ok(HashMap::new());
        }
        let ids: Vec<Uuid> = found.values().copied().collect();
        let rows = fact::Entity::find()
            .filter(fact::Column::ProviderId.eq(self.provider()))
            .filter(fact::Column::Id.is_in(padded(&ids)))
            .all(self.connection())
            .await?;
        let by_id: HashMap<Uuid, FactRecord> = records(rows)?.into_iter().map(|record| (record.id, record)).collect();
        let known = |(reference, id): (ExternalRef, Uuid)| Some((reference, by_id.get(&id)?.clone()));
        Ok(found.into_iter().filter_map(known).collect())
    }

    /// The facts of an agreement that are there.
    fn facts_there(&self, agreement: Uuid) -> Select<fact::Entity> {
        fact::Entity::find()
            .filter(fact::Column::ProviderId.eq(self.provider()))
            .filter(fact::Column::AgreementId.eq(agreement))
            .filter(fact::Column::Deleted.eq(false))
    }

    /// The outages of an agreement that reach into a stretch of time, in order of time.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn outages(&self, agreement: Uuid, stretch: Span) -> Result<Vec<FactRecord>, StoreError> {
        let outages = self.facts_there(agreement).filter(fact::Column::Kind.eq(FactKind::Outage.as_str()));
        let rows = outages.filter(reaches_into(stretch)).order_by_asc(fact::Column::Place);
        records(rows.all(self.connection()).await?)
    }

    /// When the first outage of each subject of an agreement began, by agreement and by subject as it is compared.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn first_outages(&self, agreement: Uuid) -> Result<HashMap<(Uuid, String), Timestamp>, StoreError> {
        first_outages(self.connection(), self.facts_there(agreement)).await
    }

    /// Makes facts, each with what its source calls it, and replaces others by their ids.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn write_facts(
        &self,
        made: &[(ExternalRef, FactRecord)],
        replaced: &[FactRecord],
    ) -> Result<(), StoreError> {
        let gone: Vec<Uuid> = replaced.iter().map(|record| record.id).collect();
        if !gone.is_empty() {
            fact::Entity::delete_many()
                .filter(fact::Column::ProviderId.eq(self.provider()))
                .filter(fact::Column::Id.is_in(padded(&gone)))
                .exec(self.connection())
                .await?;
        }
        let rows: Vec<fact::ActiveModel> = made
            .iter()
            .map(|(_, record)| record)
            .chain(replaced)
            .map(|r| self.fact_row(r))
            .collect::<Result<_, _>>()?;
        insert_all(self.connection(), rows, None).await?;
        let reference = |(reference, record): &(ExternalRef, FactRecord)| external_ref::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            subject: Set(subject_of(record.fact().kind()).as_str().to_owned()),
            system: Set(reference.system.clone()),
            external_id: Set(reference.id.clone()),
            object_id: Set(record.id),
        };
        insert_all(self.connection(), made.iter().map(reference).collect(), None).await
    }

    fn fact_row(&self, record: &FactRecord) -> Result<fact::ActiveModel, StoreError> {
        let Kept { fact, changed_at, deleted } = &record.kept;
        Ok(fact::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            id: Set(record.id),
            agreement_id: Set(record.agreement_id),
            kind: Set(fact.kind().as_str().to_owned()),
            about: Set(fact.key()),
            begins_at: Set(fact.begins().as_microsecond()),
            ends_at: Set(fact.ends().map(Timestamp::as_microsecond)),
            place: Set(record.place()),
            body: Set(to_document(fact)?),
            changed_at: Set(changed_at.map(Timestamp::as_microsecond)),
            deleted: Set(*deleted),
        })
    }
}
