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
    Handle, Page, Scope, Store, StoreError, Tx, Window, document, padded,
    page::page,
    scope::{offered_to, sorted, visible_rows},
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

fn record(head: &calendar::Model, revision: &calendar_revision::Model) -> Result<CalendarRecord, StoreError> {
    Ok(CalendarRecord {
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

/// The revision that a pin means, of a calendar whose newest one is `newest`.
fn wanted(pin: &Pin, newest: i32) -> i32 {
    pin.revision.and_then(|revision| i32::try_from(revision).ok()).unwrap_or(newest)
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
        let (ids, codes, _) = sorted(handles);
        let mut found = HashMap::new();
        if !ids.is_empty() {
            for record in self.calendar_revisions_by_id(scope, &ids).await? {
                found.insert(Handle::Id(record.id), record);
            }
        }
        let pins: Vec<Pin> =
            codes.iter().filter_map(|code| Some(Pin { code: code.parse().ok()?, revision: None })).collect();
        for (pin, record) in self.pinned_calendars(scope, &pins).await? {
            found.insert(Handle::Code(pin.code.to_string()), record);
        }
        Ok(found)
    }

    async fn calendar_revisions_by_id(&self, scope: &Scope, ids: &[Uuid]) -> Result<Vec<CalendarRecord>, StoreError> {
        let revisions = calendar_revision::Entity::find()
            .filter(calendar_revision::Column::ProviderId.eq(scope.provider()))
            .filter(calendar_revision::Column::Id.is_in(padded(ids)))
            .all(self.reads())
            .await?;
        let calendars: Vec<Uuid> = revisions.iter().map(|revision| revision.calendar_id).collect();
        let heads = visible(scope).filter(calendar::Column::Id.is_in(padded(&calendars))).all(self.reads()).await?;
        let head = |revision: &calendar_revision::Model| heads.iter().find(|head| head.id == revision.calendar_id);
        revisions.into_iter().filter_map(|r| head(&r).map(|head| record(head, &r))).collect()
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
        if pins.is_empty() {
            return Ok(HashMap::new());
        }
        let codes: Vec<&str> = pins.iter().map(|pin| pin.code.as_str()).collect();
        let heads = visible(scope).filter(calendar::Column::Code.is_in(padded(&codes))).all(self.reads()).await?;
        let of = |pin: &Pin| heads.iter().find(|head| head.code == pin.code.as_str());
        let numbers: Vec<i32> = pins.iter().filter_map(|pin| Some(wanted(pin, of(pin)?.revision))).collect();
        let records = self.numbered_calendars(scope, &heads, &numbers).await?;
        let meant = |pin: &Pin| {
            let head = of(pin)?;
            let number = wanted(pin, head.revision).unsigned_abs();
            let record = records.iter().find(|record| record.calendar_id == head.id && record.revision == number)?;
            Some((pin.clone(), record.clone()))
        };
        Ok(pins.iter().filter_map(meant).collect())
    }

    /// Those revisions of some calendars that have one of the numbers.
    async fn numbered_calendars(
        &self,
        scope: &Scope,
        heads: &[calendar::Model],
        numbers: &[i32],
    ) -> Result<Vec<CalendarRecord>, StoreError> {
        if heads.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<Uuid> = heads.iter().map(|head| head.id).collect();
        let mut numbers = numbers.to_vec();
        numbers.sort_unstable();
        numbers.dedup();
        let revisions = calendar_revision::Entity::find()
            .filter(calendar_revision::Column::ProviderId.eq(scope.provider()))
            .filter(calendar_revision::Column::CalendarId.is_in(padded(&ids)))
            .filter(calendar_revision::Column::Revision.is_in(padded(&numbers)))
            .all(self.reads())
            .await?;
        let head = |revision: &calendar_revision::Model| heads.iter().find(|head| head.id == revision.calendar_id);
        revisions.into_iter().filter_map(|r| head(&r).map(|head| record(head, &r))).collect()
    }

    /// A page of calendars by code, each at its newest revision.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn page_calendars(&self, scope: &Scope, window: &Window) -> Result<Page<CalendarRecord>, StoreError> {
        let heads = page(visible(scope), calendar::Column::Code, window, self.reads()).await?;
        let numbers: Vec<i32> = heads.items.iter().map(|head| head.revision).collect();
        let records = self.numbered_calendars(scope, &heads.items, &numbers).await?;
        let newest = |head: &calendar::Model| {
            records.iter().find(|r| r.calendar_id == head.id && r.revision == head.revision.unsigned_abs()).cloned()
        };
        Ok(Page { items: heads.items.iter().filter_map(newest).collect(), more: heads.more })
    }

    /// How many calendars there are.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn count_calendars(&self, scope: &Scope) -> Result<u64, StoreError> {
        Ok(visible(scope).count(self.reads()).await?)
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
        revision.map(|revision| record(&head, &revision)).transpose()
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
