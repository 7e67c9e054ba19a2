//! Names in an input, looked up all at once before it is read.

use std::collections::HashMap;

use remit_domain::{terms::Pin, text::Code};

use crate::{
    app::{App, Problems, Session, UserErrorCode},
    graphql::{ids::Kind, inputs::handle, reference::Ref},
    store::{Handle, StoreError},
};

/// The handles that an input holds, by kind.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    services: Vec<Handle>,
    tiers: Vec<Handle>,
    calendars: Vec<Handle>,
}

impl Wanted {
    /// Adds a service; an id of another kind is refused when the input is read.
    pub(super) fn service(&mut self, reference: &Ref) {
        self.services.extend(reference.clone().handle(Kind::Service));
    }

    pub(super) fn tier(&mut self, reference: &Ref) {
        self.tiers.extend(reference.clone().handle(Kind::SlaTier));
    }

    pub(super) fn calendar(&mut self, reference: &Ref) {
        self.calendars.extend(reference.clone().handle(Kind::ServiceCalendar));
    }
}

/// What the handles of an input name.
#[derive(Debug)]
pub(crate) struct Names {
    services: HashMap<Handle, Code>,
    tiers: HashMap<Handle, Pin>,
    calendars: HashMap<Handle, Pin>,
}

impl Names {
    /// Looks the handles up.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer; a handle that names nothing is refused when the input is read.
    pub(crate) async fn look_up(app: &App, session: &Session, wanted: &Wanted) -> Result<Self, StoreError> {
        let (store, scope) = (app.store(), &session.scope);
        let services = store.find_services(scope, &wanted.services).await?;
        let tiers = store.find_tiers(scope, &wanted.tiers).await?;
        let calendars = store.find_calendars(scope, &wanted.calendars).await?;
        let service =
            |(handle, record): (Handle, crate::store::ServiceRecord)| Some((handle, record.code.parse().ok()?));
        let tier = |(handle, record): (Handle, crate::store::TierRecord)| pinned(handle, &record.code, record.revision);
        let calendar =
            |(handle, record): (Handle, crate::store::CalendarRecord)| pinned(handle, &record.code, record.revision);
        Ok(Self {
            services: services.into_iter().filter_map(service).collect(),
            tiers: tiers.into_iter().filter_map(tier).collect(),
            calendars: calendars.into_iter().filter_map(calendar).collect(),
        })
    }

    /// The service that is named at the place of the reading.
    pub(super) fn service(&self, problems: &mut Problems, reference: Ref) -> Option<Code> {
        find(problems, reference, Kind::Service, &self.services)
    }

    /// The tier that is named at the place of the reading.
    pub(super) fn tier(&self, problems: &mut Problems, reference: Ref) -> Option<Pin> {
        find(problems, reference, Kind::SlaTier, &self.tiers)
    }

    /// The calendar that is named at the place of the reading.
    pub(super) fn calendar(&self, problems: &mut Problems, reference: Ref) -> Option<Pin> {
        find(problems, reference, Kind::ServiceCalendar, &self.calendars)
    }
}

/// A code means the newest revision until the terms are offered; an id that very one.
fn pinned(handle: Handle, code: &str, revision: u32) -> Option<(Handle, Pin)> {
    let revision = matches!(handle, Handle::Id(_)).then_some(revision);
    Some((handle, Pin { code: code.parse().ok()?, revision }))
}

fn find<T: Clone>(problems: &mut Problems, reference: Ref, kind: Kind, found: &HashMap<Handle, T>) -> Option<T> {
    let handle = handle(problems, reference, kind)?;
    let value = found.get(&handle).cloned();
    if value.is_none() {
        problems.refuse(UserErrorCode::NotFound, format!("no such {}", kind.type_name()));
    }
    value
}
