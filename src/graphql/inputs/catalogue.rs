//! Putting services, tiers, calendars and clients.

use async_graphql::{InputObject, MaybeUndefined};
use remit_domain::{
    calendar::{CalendarError, Exception, Exceptions, WallPeriod},
    decimal,
    words::{ServiceKind, Weekday},
};

use super::{ExternalRefInput, Ref, code, given, handle, name, prose, references};
use crate::{
    app::{Problems, PutCalendar, PutClient, PutService, UserErrorCode},
    graphql::{
        ids::Kind,
        inputs::hours::{OpenPeriodInput, weekly},
        scalars::{Date, Decimal, LocalTime, TimeZone},
        words::{Word, unworded},
    },
};

/// A service to be made or replaced, found by its code.
#[derive(Debug, InputObject)]
pub(crate) struct PutServiceInput {
    /// The code; it never changes.
    code: String,
    /// The name.
    name: String,
    /// What it is. Left out on creation: empty.
    description: MaybeUndefined<String>,
    /// What kind it is.
    kind: Word<ServiceKind>,
    /// What is counted. Left out on creation: month.
    unit: MaybeUndefined<String>,
    /// What a PACKAGE holds; packages do not hold packages.
    components: MaybeUndefined<Vec<Ref>>,
    /// Whether it is sold no more.
    retired: MaybeUndefined<bool>,
    /// What other systems call it.
    external_refs: MaybeUndefined<Vec<ExternalRefInput>>,
}

impl PutServiceInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<PutService> {
        let code = code(p, "code", &self.code);
        let title = name(p, "name", self.name);
        let description = super::optional(given(self.description, String::new), |text| prose(p, "description", text));
        let unit = super::optional(given(self.unit, || "month".into()), |unit| name(p, "unit", unit));
        let components = super::optional(given(self.components, Vec::new), |list| {
            p.at("components", |p| p.each(list, |p, reference| handle(p, reference, Kind::Service)))
        });
        let refs =
            super::optional(given(self.external_refs, Vec::new), |list| p.at("externalRefs", |p| references(p, list)));
        Some(PutService {
            code: code?,
            name: title?,
            description: description?,
            kind: self.kind.0,
            unit: unit?,
            components: components?,
            retired: given(self.retired, || false),
            external_refs: refs?,
        })
    }
}

/// A client to be made or replaced, found by its code.
#[derive(Debug, InputObject)]
pub(crate) struct PutClientInput {
    /// The code; it never changes.
    code: String,
    /// The name.
    name: String,
    /// The zone that the client's people live in. Left out on creation: UTC.
    time_zone: MaybeUndefined<TimeZone>,
    /// What other systems call it.
    external_refs: MaybeUndefined<Vec<ExternalRefInput>>,
}

impl PutClientInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<PutClient> {
        let code = code(p, "code", &self.code);
        let title = name(p, "name", self.name);
        let refs =
            super::optional(given(self.external_refs, Vec::new), |list| p.at("externalRefs", |p| references(p, list)));
        let time_zone = given(self.time_zone, || TimeZone("UTC".into())).map(|zone| zone.0);
        Some(PutClient { code: code?, name: title?, time_zone, external_refs: refs? })
    }
}

/// A calendar to be made or revised, found by its code.
#[derive(Debug, InputObject)]
pub(crate) struct PutCalendarInput {
    /// The code; it never changes.
    code: String,
    /// The name.
    name: String,
    /// The zone that the wall times are in.
    time_zone: TimeZone,
    /// The open periods of every week.
    weekly: Vec<OpenPeriodInput>,
    /// The dates with hours of their own.
    exceptions: MaybeUndefined<Vec<CalendarExceptionInput>>,
    /// Whether the provider has people at work in these hours.
    staffed: MaybeUndefined<bool>,
    /// The days whose closed hours are WEEKEND. Left out on creation: SATURDAY, SUNDAY.
    weekend: MaybeUndefined<Vec<Word<Weekday>>>,
}

impl PutCalendarInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<PutCalendar> {
        let code = code(p, "code", &self.code);
        let title = name(p, "name", self.name);
        let periods = p.at("weekly", |p| weekly(p, self.weekly));
        let exceptions =
            super::optional(given(self.exceptions, Vec::new), |list| p.at("exceptions", |p| exceptions(p, list)));
        let default = || vec![Word(Weekday::Saturday), Word(Weekday::Sunday)];
        Some(PutCalendar {
            code: code?,
            name: title?,
            zone: self.time_zone.0,
            weekly: periods?,
            weekend: given(self.weekend, default).map(|days| unworded(Some(days))),
            exceptions: exceptions?,
            staffed: given(self.staffed, || false),
        })
    }
}

/// A date with hours of its own.
#[derive(Debug, InputObject)]
pub(crate) struct CalendarExceptionInput {
    /// The date, local to the calendar's zone.
    date: Date,
    /// What it is called.
    name: String,
    /// Whether the whole date counts as a holiday. Left out: true without periods, false with.
    holiday: Option<bool>,
    /// When it is open; left out or empty: closed all day.
    periods: Option<Vec<LocalPeriodInput>>,
}

/// A period of one date, in wall time.
#[derive(Debug, InputObject)]
pub(crate) struct LocalPeriodInput {
    /// When it opens.
    opens: LocalTime,
    /// When it closes; no later than it opens: on the next date.
    closes: LocalTime,
}

fn exceptions(p: &mut Problems, list: Vec<CalendarExceptionInput>) -> Option<Exceptions> {
    let read = p.each(list, |p, exception| {
        let periods = p.at("periods", |p| {
            let list = exception.periods.unwrap_or_default();
            p.each(list, |p, period| p.check(WallPeriod::new(period.opens.0, period.closes.0)))
        })?;
        let holiday = exception.holiday.unwrap_or(periods.is_empty());
        Some(Exception { date: exception.date.0, name: exception.name, holiday, periods })
    })?;
    let made = Exceptions::new(read);
    placed(p, made)
}

/// Takes a part of a calendar, or refuses it at the place of the period or exception that is at fault.
pub(super) fn placed<T>(p: &mut Problems, made: Result<T, CalendarError>) -> Option<T> {
    match made {
        Ok(made) => Some(made),
        Err(error) => {
            let refuse = |p: &mut Problems| p.refuse(UserErrorCode::Invalid, error.to_string());
            match error.place() {
                Some(place) => p.at(place, refuse),
                None => refuse(p),
            }
            None
        }
    }
}

/// Money's and factors' decimals at a field.
pub(super) fn exact(p: &mut Problems, field: &str, value: &Decimal) -> Option<rust_decimal::Decimal> {
    p.take(field, decimal::parse(&value.0))
}
