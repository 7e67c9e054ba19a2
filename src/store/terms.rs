//! Versions of agreements.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use remit_domain::{
    Date, Timestamp,
    lifecycle::{Stage, Version},
    terms::{Sections, Term},
};
use remit_entity::{agreement_terms, obligation, terms_calendar, terms_service, terms_tier};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, ModelTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select, prelude::Uuid,
};

use super::{
    AgreementRecord, Scope, Store, StoreError, Tx, padded,
    scope::{Visible, offered_to, visible_rows},
    to_document,
};

/// One version of an agreement's terms.
#[derive(Clone, Debug)]
pub struct TermsRecord {
    /// Its id.
    pub id: Uuid,
    /// The agreement.
    pub agreement_id: Uuid,
    /// Number, stage, and place on the line of time.
    pub version: Version,
    /// The days it is for, as written.
    pub term: Term,
    /// The last day as things stand, renewals by hand included; none: open-ended or renewing by itself.
    pub ends_on: Option<Date>,
    /// What it says.
    pub sections: Arc<Sections>,
}

/// The identity of an obligation within one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObligationRecord {
    /// Its id.
    pub id: Uuid,
    /// The version.
    pub terms_id: Uuid,
    /// Its code, the same in all versions.
    pub code: String,
}

/// As what a version names a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ServiceRole {
    /// It is included.
    Included,
    /// An included package holds it.
    Component,
    /// An exclusion names it.
    Excluded,
    /// An obligation gates it.
    Gated,
}

impl ServiceRole {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Included => "INCLUDED",
            Self::Component => "COMPONENT",
            Self::Excluded => "EXCLUDED",
            Self::Gated => "GATED",
        }
    }
}

/// What a version names in the catalogue.
#[derive(Clone, Debug, Default)]
pub struct TermsNames {
    /// Services, and as what.
    pub services: Vec<(ServiceRole, Uuid)>,
    /// Tiers, by the id that all revisions share.
    pub tiers: Vec<Uuid>,
    /// Calendars, by the id that all revisions share.
    pub calendars: Vec<Uuid>,
}

/// A version without what it says.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) id: Uuid,
    agreement_id: Uuid,
    version: Version,
    term: Term,
    ends_on: Option<Date>,
}

impl Frame {
    pub(super) fn of(row: &agreement_terms::Model) -> Result<Self, StoreError> {
        let unreadable = |why: String| StoreError::Unreadable { what: "version of the terms", id: row.id, why };
        let instant = |micros: Option<i64>| {
            micros.map(Timestamp::from_microsecond).transpose().map_err(|error| unreadable(error.to_string()))
        };
        let date = |text: &Option<String>| {
            text.as_deref().map(str::parse::<Date>).transpose().map_err(|error| unreadable(error.to_string()))
        };
        let at = |micros, what| instant(micros)?.ok_or_else(|| unreadable(format!("{what} is not said")));
        let stage = match row.stage.as_str() {
            "DRAFT" => Stage::Draft,
            "OFFERED" => Stage::Offered { at: at(row.offered_at, "offered_at")? },
            "ACCEPTED" => Stage::Accepted {
                offered_at: at(row.offered_at, "offered_at")?,
                by: row.accepted_by.clone().unwrap_or_default(),
                at: at(row.accepted_at, "accepted_at")?,
            },
            "WITHDRAWN" => Stage::Withdrawn {
                offered_at: instant(row.offered_at)?,
                reason: row.withdrawn_reason.clone().unwrap_or_default(),
                at: at(row.withdrawn_at, "withdrawn_at")?,
            },
            other => return Err(unreadable(format!("stage {other:?}"))),
        };
        let (begins, ends) = (instant(row.begins_at)?, instant(row.ends_at)?);
        let ends_on = date(&row.ends_on)?;
        let term = Term { from: date(&row.effective_from)?, until: date(&row.effective_until)? };
        let version = Version { number: row.version.unsigned_abs(), stage, begins, ends };
        Ok(Self { id: row.id, agreement_id: row.agreement_id, version, term, ends_on })
    }

    pub(super) fn is_offered(&self) -> bool {
        self.version.stage.offered_at().is_some()
    }

    /// The version with what it says.
    pub(super) fn saying(self, sections: Arc<Sections>) -> TermsRecord {
        let Self { id, agreement_id, version, term, ends_on } = self;
        TermsRecord { id, agreement_id, version, term, ends_on, sections }
    }
}

/// The versions a scope may read: of a client's agreements, those that were offered.
fn visible(scope: &Scope) -> Select<agreement_terms::Entity> {
    let of_client = |client| offered_to(scope.provider(), client);
    let (provider, id) = (agreement_terms::Column::ProviderId, agreement_terms::Column::Id);
    visible_rows(agreement_terms::Entity::find(), scope, provider, id, of_client)
}

impl Store {
    /// All versions of some agreements, newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn versions(&self, scope: &Scope, agreements: &[Uuid]) -> Result<Vec<TermsRecord>, StoreError> {
        if agreements.is_empty() {
            return Ok(Vec::new());
        }
        let rows = visible(scope)
            .filter(agreement_terms::Column::AgreementId.is_in(padded(agreements)))
            .order_by_desc(agreement_terms::Column::Version);
        self.said.versions(self.reads(), rows, self.reads_committed()).await
    }

    /// All versions of some agreements that the scope sees, newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn versions_of<'a>(
        &self,
        scope: &Scope,
        agreements: impl IntoIterator<Item = &'a AgreementRecord>,
    ) -> Result<Vec<TermsRecord>, StoreError> {
        let agreements: Vec<&AgreementRecord> = agreements.into_iter().collect();
        if !self.reads_committed() {
            let ids: Vec<Uuid> = agreements.iter().map(|agreement| agreement.id).collect();
            return self.versions(scope, &ids).await;
        }
        let of_provider = (scope.provider(), true);
        let mut found = self.said.of_agreements(self.reads(), of_provider, &agreements).await?;
        if scope.is_client_bound() {
            let own: HashSet<Uuid> = agreements
                .iter()
                .filter(|agreement| Some(agreement.client_id) == scope.client())
                .map(|agreement| agreement.id)
                .collect();
            found.retain(|terms| own.contains(&terms.agreement_id) && terms.version.stage.offered_at().is_some());
        }
        Ok(found)
    }

    /// The versions with these ids.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn terms(&self, scope: &Scope, ids: &[Uuid]) -> Result<Vec<TermsRecord>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows = visible(scope).filter(agreement_terms::Column::Id.is_in(padded(ids)));
        self.said.versions(self.reads(), rows, self.reads_committed()).await
    }

    /// The identities of the obligations of some versions that the scope sees.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn obligations<'a>(
        &self,
        scope: &Scope,
        versions: impl IntoIterator<Item = &'a TermsRecord>,
    ) -> Result<Vec<ObligationRecord>, StoreError> {
        let versions: Vec<&TermsRecord> =
            versions.into_iter().filter(|terms| !terms.sections.obligations.is_empty()).collect();
        let kept = |terms: &&TermsRecord| self.said.obligations(terms.id);
        let mut known: Vec<Arc<[ObligationRecord]>> = versions.iter().filter_map(kept).collect();
        let unknown: Vec<&TermsRecord> = versions.into_iter().filter(|terms| kept(terms).is_none()).collect();
        if !unknown.is_empty() {
            let ids: Vec<Uuid> = unknown.iter().map(|terms| terms.id).collect();
            let found = self.obligation_rows(scope, obligation::Column::TermsId, &ids).await?;
            for terms in unknown {
                let own: Arc<[ObligationRecord]> =
                    found.iter().filter(|row| row.terms_id == terms.id).cloned().collect();
                if self.reads_committed() && terms.version.stage.offered_at().is_some() {
                    self.said.keep_obligations(terms.id, Arc::clone(&own));
                }
                known.push(own);
            }
        }
        Ok(known.iter().flat_map(|own| own.iter().cloned()).collect())
    }

    /// The obligations with these ids.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn find_obligations(&self, scope: &Scope, ids: &[Uuid]) -> Result<Vec<ObligationRecord>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.obligation_rows(scope, obligation::Column::Id, ids).await
    }

    async fn obligation_rows(
        &self,
        scope: &Scope,
        key: obligation::Column,
        values: &[Uuid],
    ) -> Result<Vec<ObligationRecord>, StoreError> {
        let readable = visible(scope).select_only().column(agreement_terms::Column::Id).into_query();
        let rows = obligation::Entity::find()
            .filter(obligation::Column::ProviderId.eq(scope.provider()))
            .filter(key.is_in(padded(values)))
            .apply_if((scope.visible() != Visible::All).then_some(()), |rows, ()| {
                rows.filter(obligation::Column::TermsId.in_subquery(readable))
            })
            .all(self.reads())
            .await?;
        let record = |row: obligation::Model| ObligationRecord { id: row.id, terms_id: row.terms_id, code: row.code };
        Ok(rows.into_iter().map(record).collect())
    }
}

impl Tx {
    /// All versions of an agreement, newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn versions(&self, agreement: Uuid) -> Result<Vec<TermsRecord>, StoreError> {
        let rows = agreement_terms::Entity::find()
            .filter(agreement_terms::Column::ProviderId.eq(self.provider()))
            .filter(agreement_terms::Column::AgreementId.eq(agreement))
            .order_by_desc(agreement_terms::Column::Version);
        self.said().versions(self.connection(), rows, false).await
    }

    /// Whether a version that was offered and not withdrawn names a calendar.
    pub(super) async fn calendar_is_agreed(&self, calendar: Uuid) -> Result<bool, StoreError> {
        Ok(self.agreed_on(calendar).count(self.connection()).await? > 0)
    }

    /// The revisions of a calendar that such versions pin.
    pub(super) async fn agreed_revisions(&self, calendar: Uuid, code: &str) -> Result<BTreeSet<u32>, StoreError> {
        let versions = self.said().versions(self.connection(), self.agreed_on(calendar), false).await?;
        let pins = versions.iter().flat_map(|terms| terms.sections.calendars().chain(&terms.sections.target_calendars));
        Ok(pins.filter(|pin| pin.code.as_str() == code).filter_map(|pin| pin.revision).collect())
    }

    /// The versions that were offered and not withdrawn and name a calendar.
    fn agreed_on(&self, calendar: Uuid) -> Select<agreement_terms::Entity> {
        let naming = terms_calendar::Entity::find()
            .select_only()
            .column(terms_calendar::Column::TermsId)
            .filter(terms_calendar::Column::ProviderId.eq(self.provider()))
            .filter(terms_calendar::Column::CalendarId.eq(calendar))
            .into_query();
        agreement_terms::Entity::find()
            .filter(agreement_terms::Column::ProviderId.eq(self.provider()))
            .filter(agreement_terms::Column::Stage.is_in(["OFFERED", "ACCEPTED"]))
            .filter(agreement_terms::Column::Id.in_subquery(naming))
    }

    /// Makes a version; it becomes the agreement's newest.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn add_terms(&self, terms: &TermsRecord) -> Result<(), StoreError> {
        agreement_terms::Entity::insert(self.terms_row(terms)?).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Writes a version that is there.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn update_terms(&self, terms: &TermsRecord) -> Result<(), StoreError> {
        self.terms_row(terms)?.update(self.connection()).await?;
        Ok(())
    }

    fn terms_row(&self, terms: &TermsRecord) -> Result<agreement_terms::ActiveModel, StoreError> {
        let micros = |instant: Option<Timestamp>| instant.map(Timestamp::as_microsecond);
        let (stage, offered, accepted, withdrawn) = match terms.version.stage.clone() {
            Stage::Draft => ("DRAFT", None, None, None),
            Stage::Offered { at } => ("OFFERED", Some(at), None, None),
            Stage::Accepted { offered_at, by, at } => ("ACCEPTED", Some(offered_at), Some((by, at)), None),
            Stage::Withdrawn { offered_at, reason, at } => ("WITHDRAWN", offered_at, None, Some((reason, at))),
        };
        let (accepted_by, accepted_at) = accepted.unzip();
        let (withdrawn_reason, withdrawn_at) = withdrawn.unzip();
        Ok(agreement_terms::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            id: Set(terms.id),
            agreement_id: Set(terms.agreement_id),
            version: Set(terms.version.number.cast_signed()),
            stage: Set(stage.to_owned()),
            effective_from: Set(terms.term.from.map(|date| date.to_string())),
            effective_until: Set(terms.term.until.map(|date| date.to_string())),
            begins_at: Set(micros(terms.version.begins)),
            ends_on: Set(terms.ends_on.map(|date| date.to_string())),
            ends_at: Set(micros(terms.version.ends)),
            offered_at: Set(micros(offered)),
            accepted_by: Set(accepted_by),
            accepted_at: Set(micros(accepted_at)),
            withdrawn_at: Set(micros(withdrawn_at)),
            withdrawn_reason: Set(withdrawn_reason),
            sections: Set(to_document(&*terms.sections)?),
        })
    }

    /// Replaces what a version names.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer, or a name is not of this provider.
    pub async fn set_names(&self, terms: Uuid, names: &TermsNames) -> Result<(), StoreError> {
        let connection = self.connection();
        macro_rules! replace {
            ($table:ident, $rows:expr) => {{
                $table::Entity::delete_many()
                    .filter($table::Column::ProviderId.eq(self.provider()))
                    .filter($table::Column::TermsId.eq(terms))
                    .exec(connection)
                    .await?;
                let rows: Vec<$table::ActiveModel> = $rows;
                if !rows.is_empty() {
                    $table::Entity::insert_many(rows).exec_without_returning(connection).await?;
                }
            }};
        }
        let (provider_id, terms_id) = (Set(self.provider().to_owned()), Set(terms));
        let service = |(role, id): &(ServiceRole, Uuid)| terms_service::ActiveModel {
            provider_id: provider_id.clone(),
            terms_id: terms_id.clone(),
            role: Set(role.as_str().to_owned()),
            service_id: Set(*id),
        };
        let tier = |id: &Uuid| terms_tier::ActiveModel {
            provider_id: provider_id.clone(),
            terms_id: terms_id.clone(),
            tier_id: Set(*id),
        };
        let calendar = |id: &Uuid| terms_calendar::ActiveModel {
            provider_id: provider_id.clone(),
            terms_id: terms_id.clone(),
            calendar_id: Set(*id),
        };
        replace!(terms_service, unique(&names.services).iter().map(service).collect());
        replace!(terms_tier, unique(&names.tiers).iter().map(tier).collect());
        replace!(terms_calendar, unique(&names.calendars).iter().map(calendar).collect());
        Ok(())
    }

    /// The id of an obligation within a version.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn obligation_id(&self, terms: Uuid, code: &str) -> Result<Option<Uuid>, StoreError> {
        let row = obligation::Entity::find()
            .filter(obligation::Column::ProviderId.eq(self.provider()))
            .filter(obligation::Column::TermsId.eq(terms))
            .filter(obligation::Column::Code.eq(code))
            .one(self.connection())
            .await?;
        Ok(row.map(|row| row.id))
    }

    /// Gives each obligation of a version an identity; one whose code stays keeps its own.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn set_obligations(&self, terms: Uuid, codes: &[String]) -> Result<(), StoreError> {
        let held = obligation::Entity::find()
            .filter(obligation::Column::ProviderId.eq(self.provider()))
            .filter(obligation::Column::TermsId.eq(terms))
            .all(self.connection())
            .await?;
        let known: HashMap<String, Uuid> = held.iter().map(|row| (row.code.clone(), row.id)).collect();
        for gone in held.into_iter().filter(|row| !codes.contains(&row.code)) {
            gone.delete(self.connection()).await?;
        }
        let new = codes.iter().filter(|code| !known.contains_key(*code)).map(|code| obligation::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            id: Set(Uuid::now_v7()),
            terms_id: Set(terms),
            code: Set(code.clone()),
        });
        let rows: Vec<_> = new.collect();
        if !rows.is_empty() {
            obligation::Entity::insert_many(rows).exec_without_returning(self.connection()).await?;
        }
        Ok(())
    }
}

/// The distinct values, in order of first appearance.
fn unique<T: Clone + PartialEq>(values: &[T]) -> Vec<T> {
    let mut distinct: Vec<T> = Vec::with_capacity(values.len());
    for value in values {
        if !distinct.contains(value) {
            distinct.push(value.clone());
        }
    }
    distinct
}
