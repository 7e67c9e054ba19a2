//! Calendars, their revisions, and their live exceptions.

use std::{collections::HashMap, sync::Arc};

use remit_domain::{
    calendar::{Calendar, Exceptions, Hours},
    terms::Pin,
};
use remit_entity::{calendar, calendar_revision, terms_calendar};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait,
    Select, prelude::Uuid,
};

use super::{
    Handle, Page, Scope, Store, StoreError, Tx, Window, document,
    revisions::Revisioned,
    scope::{offered_to, visible_rows},
    to_document,
};

/// One revision of a calendar, with what all its revisions share.
#[derive(Clone, Debug)]
pub struct CalendarRecord {
    /// The revision's id.
    pub id: Uuid,
    /// The id that all revisions share.
    pub calendar_id: Uuid,
    /// The code.
    pub code: String,
    /// The number of the revision, from 1.
    pub revision: u32,
    /// The name.
    pub name: String,
    /// Whether the provider has people at work in these hours.
    pub staffed: bool,
    /// What terms pin: zone, weekly hours, weekend.
    pub hours: Arc<Hours>,
    /// What reaches all revisions.
    pub exceptions: Arc<Exceptions>,
    /// Goes up with every change of the exceptions.
    pub exceptions_revision: i64,
}

impl CalendarRecord {
    /// The calendar, ready to be asked.
    #[must_use]
    pub fn compile(&self) -> Calendar {
        Calendar::compile(&self.hours, &self.exceptions)
    }
}

impl Revisioned for CalendarRecord {
    type Head = calendar::Entity;
    type Revision = calendar_revision::Entity;
    const HEAD: (calendar::Column, calendar::Column) = (calendar::Column::Id, calendar::Column::Code);
    const REVISION: [calendar_revision::Column; 4] = {
        use calendar_revision::Column::{CalendarId, Id, ProviderId, Revision};
        [ProviderId, Id, CalendarId, Revision]
    };

    fn visible(scope: &Scope) -> Select<calendar::Entity> {
        let named = |client| {
            terms_calendar::Entity::find()
                .select_only()
                .column(terms_calendar::Column::CalendarId)
                .filter(terms_calendar::Column::ProviderId.eq(scope.provider()))
                .filter(terms_calendar::Column::TermsId.in_subquery(offered_to(scope.provider(), client)))
                .into_query()
        };
        visible_rows(calendar::Entity::find(), scope, calendar::Column::ProviderId, calendar::Column::Id, named)
    }

    fn head(row: &calendar::Model) -> (Uuid, &str, i32) {
        (row.id, &row.code, row.revision)
    }

    fn head_of(row: &calendar_revision::Model) -> Uuid {
        row.calendar_id
    }

    fn record(head: &calendar::Model, revision: &calendar_revision::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: revision.id,
            calendar_id: head.id,
            code: head.code.clone(),
            revision: revision.revision.unsigned_abs(),
            name: head.name.clone(),
            staffed: head.staffed,
            hours: Arc::new(document("calendar's hours", revision.id, &revision.hours)?),
            exceptions: Arc::new(document("calendar's exceptions", head.id, &head.exceptions)?),
            exceptions_revision: head.exceptions_revision,
        })
    }

    fn identity(&self) -> (Uuid, Uuid, u32) {
        (self.id, self.calendar_id, self.revision)
    }
}

impl Store {
    /// The calendars that handles name: a code the newest revision, an id that very one.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn find_calendars(
        &self,
        scope: &Scope,
        handles: &[Handle],
    ) -> Result<HashMap<Handle, CalendarRecord>, StoreError> {
        self.find_revisions(scope, handles).await
    }

    /// The calendars that terms name, each at the revision that is pinned or the newest.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn pinned_calendars(
        &self,
        scope: &Scope,
        pins: &[Pin],
    ) -> Result<HashMap<Pin, CalendarRecord>, StoreError> {
        self.pinned(scope, pins).await
    }

    /// The calendars in whose hours the provider has people at work, each at its newest revision.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn staffed_calendars(&self, scope: &Scope) -> Result<Vec<CalendarRecord>, StoreError> {
        let heads = CalendarRecord::visible(scope).filter(calendar::Column::Staffed.eq(true)).all(self.reads()).await?;
        let pins = heads.iter().filter_map(|head| Some(Pin { code: head.code.parse().ok()?, revision: None }));
        let pins: Vec<Pin> = pins.collect();
        Ok(self.pinned(scope, &pins).await?.into_values().collect())
    }

    /// A page of calendars by code, each at its newest revision.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn page_calendars(&self, scope: &Scope, window: &Window) -> Result<Page<CalendarRecord>, StoreError> {
        self.page_newest(scope, window).await
    }

    /// How many calendars there are.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn count_calendars(&self, scope: &Scope) -> Result<u64, StoreError> {
        Ok(CalendarRecord::visible(scope).count(self.reads()).await?)
    }
}

impl Tx {
    /// The newest revision of the calendar with a code.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn calendar(&self, code: &str) -> Result<Option<CalendarRecord>, StoreError> {
        let head = calendar::Entity::find()
            .filter(calendar::Column::ProviderId.eq(self.provider()))
            .filter(calendar::Column::Code.eq(code))
            .one(self.connection())
            .await?;
        let Some(head) = head else { return Ok(None) };
        let revision = calendar_revision::Entity::find()
            .filter(calendar_revision::Column::ProviderId.eq(self.provider()))
            .filter(calendar_revision::Column::CalendarId.eq(head.id))
            .filter(calendar_revision::Column::Revision.eq(head.revision))
            .one(self.connection())
            .await?;
        revision.map(|revision| CalendarRecord::record(&head, &revision)).transpose()
    }

    /// The hours of a calendar that terms pin which were offered and not withdrawn; of revisions in one zone one is enough.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn agreed_hours(&self, calendar: &CalendarRecord) -> Result<Vec<Hours>, StoreError> {
        if !self.calendar_is_agreed(calendar.calendar_id).await? {
            return Ok(Vec::new());
        }
        let rows = calendar_revision::Entity::find()
            .filter(calendar_revision::Column::ProviderId.eq(self.provider()))
            .filter(calendar_revision::Column::CalendarId.eq(calendar.calendar_id))
            .all(self.connection())
            .await?;
        let hours = |row: &calendar_revision::Model| document::<Hours>("calendar's hours", row.id, &row.hours);
        if rows.iter().map(hours).all(|hours| hours.is_ok_and(|hours| hours.zone() == calendar.hours.zone())) {
            return Ok(vec![(*calendar.hours).clone()]);
        }
        let agreed = self.agreed_revisions(calendar.calendar_id, &calendar.code).await?;
        rows.iter().filter(|row| agreed.contains(&row.revision.unsigned_abs())).map(hours).collect()
    }

    /// Makes a calendar or replaces what its revisions share.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn put_calendar(&self, calendar: &CalendarRecord, is_new: bool) -> Result<(), StoreError> {
        let row = calendar::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            id: Set(calendar.calendar_id),
            code: Set(calendar.code.clone()),
            name: Set(calendar.name.clone()),
            revision: Set(calendar.revision.cast_signed()),
            staffed: Set(calendar.staffed),
            exceptions: Set(to_document(&*calendar.exceptions)?),
            exceptions_revision: Set(calendar.exceptions_revision),
        };
        if is_new {
            calendar::Entity::insert(row).exec_without_returning(self.connection()).await?;
        } else {
            row.update(self.connection()).await?;
        }
        Ok(())
    }

    /// Adds a revision to a calendar.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn add_calendar_revision(&self, calendar: &CalendarRecord) -> Result<(), StoreError> {
        let row = calendar_revision::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            id: Set(calendar.id),
            calendar_id: Set(calendar.calendar_id),
            revision: Set(calendar.revision.cast_signed()),
            hours: Set(to_document(&*calendar.hours)?),
        };
        calendar_revision::Entity::insert(row).exec_without_returning(self.connection()).await?;
        Ok(())
    }
}
