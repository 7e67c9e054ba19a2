//! Service calendars.

use std::{borrow::Cow, sync::Arc};

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use remit_domain::{
    calendar::{self, Calendar},
    words::{HoursClass, Weekday},
};

use crate::{
    graphql::{
        context::Serving,
        errors::bad_input,
        ids::Kind,
        paging::Item,
        plain::plain,
        scalars::{Date, DateTime, Duration, LocalTime, TimeZone},
        words::{Word, words},
    },
    store::CalendarRecord,
};

/// A calendar in the API.
#[derive(Clone, Debug)]
pub(crate) struct CalendarNode(pub(crate) CalendarRecord);

impl CalendarNode {
    /// The same, ready to be asked.
    fn compiled(&self, ctx: &Context<'_>) -> Result<Arc<Calendar>> {
        Ok(Serving::of(ctx)?.app.calendar(&self.0))
    }
}

impl Item for CalendarNode {
    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0.code)
    }
}

/// Business hours in a zone. Zone, weekly hours and weekend are revisioned as a tier is; exceptions belong to all
/// revisions, so that next year's holidays reach the terms in force.
#[Object(name = "ServiceCalendar", crate = "crate::graphql::plain")]
impl CalendarNode {
    /// The global id of this revision.
    pub(crate) async fn id(&self) -> ID {
        Kind::ServiceCalendar.id(self.0.id)
    }

    /// The code, unique per provider, shared by all revisions.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// The number of this revision, from 1.
    async fn revision(&self) -> i32 {
        self.0.revision.cast_signed()
    }

    /// The name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The zone that the wall times are in.
    async fn time_zone(&self) -> TimeZone {
        TimeZone(self.0.hours.zone().to_owned())
    }

    /// Whether the provider has people at work in these hours.
    async fn staffed(&self) -> bool {
        self.0.staffed
    }

    /// The open periods of every week.
    async fn weekly(&self) -> Vec<OpenPeriod> {
        self.0.hours.weekly().iter().map(Into::into).collect()
    }

    /// The dates with hours of their own.
    async fn exceptions(&self) -> Vec<CalendarException> {
        self.0.exceptions.iter().map(Into::into).collect()
    }

    /// The days whose closed hours are WEEKEND.
    async fn weekend(&self) -> Vec<Word<Weekday>> {
        words(self.0.hours.weekend())
    }

    /// Whether it is open at an instant.
    async fn is_open(&self, ctx: &Context<'_>, #[graphql(desc = "The instant.")] at: DateTime) -> Result<bool> {
        Ok(self.compiled(ctx)?.is_open(at.0))
    }

    /// Of which class an instant's hour is.
    async fn hours_class(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The instant.")] at: DateTime,
    ) -> Result<Word<HoursClass>> {
        Ok(Word(self.compiled(ctx)?.hours_class(at.0)))
    }

    /// When it next goes from closed to open, after an instant; null when it does not within 100 years.
    async fn next_opening(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The instant.")] at: DateTime,
    ) -> Result<Option<DateTime>> {
        Ok(self.compiled(ctx)?.next_opening(at.0).map(DateTime))
    }

    /// How much open time lies between two instants; `to` before `from` is an input error.
    async fn open_time(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first instant.")] from: DateTime,
        #[graphql(desc = "The instant after the last.")] to: DateTime,
    ) -> Result<Duration> {
        let open = self.compiled(ctx)?.open_time(from.0, to.0);
        open.map(Duration).map_err(|error| bad_input(&["to"], error.to_string()))
    }

    /// The earliest instant by which so much open time has passed; null when it does not open that long within 100 years.
    async fn due(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The instant from which open time counts.")] from: DateTime,
        #[graphql(desc = "How much open time.")] within: Duration,
    ) -> Result<Option<DateTime>> {
        Ok(self.compiled(ctx)?.due(from.0, within.0).map(DateTime))
    }
}

plain! {
    CalendarNode:
    "id" => id,
    "code" => code,
    "name" => name,
    "revision" => revision,
    "timeZone" => time_zone,
}

/// A period of every week, in wall time. One that closes no later than it opens runs past midnight.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct OpenPeriod {
    /// The day it begins on.
    weekday: Word<Weekday>,
    /// When it opens.
    opens: LocalTime,
    /// When it closes; 24:00 is midnight.
    closes: LocalTime,
}

impl From<&calendar::WeeklyPeriod> for OpenPeriod {
    fn from(weekly: &calendar::WeeklyPeriod) -> Self {
        let (opens, closes) = (LocalTime(weekly.period.opens()), LocalTime(weekly.period.closes()));
        Self { weekday: Word(weekly.weekday), opens, closes }
    }
}

/// A date with hours of its own, which replace its weekly ones.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct CalendarException {
    /// The date, local to the calendar's zone.
    date: Date,
    /// What it is called.
    name: String,
    /// Whether the whole date counts as a holiday.
    holiday: bool,
    /// When it is open; empty: closed all day.
    periods: Vec<LocalPeriod>,
}

impl From<&calendar::Exception> for CalendarException {
    fn from(exception: &calendar::Exception) -> Self {
        Self {
            date: Date(exception.date),
            name: exception.name.clone(),
            holiday: exception.holiday,
            periods: exception.periods.iter().map(Into::into).collect(),
        }
    }
}

/// A period of one date, in wall time. One that closes no later than it opens runs past midnight.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct LocalPeriod {
    /// When it opens.
    opens: LocalTime,
    /// When it closes; 24:00 is midnight.
    closes: LocalTime,
}

impl From<&calendar::WallPeriod> for LocalPeriod {
    fn from(period: &calendar::WallPeriod) -> Self {
        Self { opens: LocalTime(period.opens()), closes: LocalTime(period.closes()) }
    }
}
