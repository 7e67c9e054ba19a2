//! Putting services, tiers, calendars and clients: made when the code is new, else replaced.
//!
//! An omitted field stays as it is. Putting what is there already changes nothing, writes nothing and tells nobody.

use std::sync::Arc;

use remit_domain::{
    Date, Percent,
    calendar::{CalendarError, Exceptions, Hours, WeeklyPeriod},
    sla::{CreditStep, EscalationStep, Target, Tier, TierError, TierParts, UpdateCadence, WaitingRule},
    text::Code,
    words::{ServiceKind, Weekday},
};

use super::{App, Outcome, Session, UserError, UserErrorCode};
use crate::store::{
    CalendarRecord, Change, ChangeKind, ClientRecord, ExternalRef, Handle, Recheck, ServiceRecord, Subject, TierRecord,
    Tx, Uuid,
};

/// What a service is to be.
#[derive(Clone, Debug)]
pub struct PutService {
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// What kind it is.
    pub kind: ServiceKind,
    /// What is counted.
    pub unit: Option<String>,
    /// What a package holds.
    pub components: Option<Vec<Handle>>,
    /// Whether it is sold no more.
    pub retired: Option<bool>,
    /// What other systems call it.
    pub external_refs: Option<Vec<ExternalRef>>,
}

/// What a tier is to be.
#[derive(Clone, Debug)]
pub struct PutTier {
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// What is promised for which priority.
    pub targets: Vec<Target>,
    /// What waiting stops.
    pub waiting: Option<Vec<WaitingRule>>,
    /// How often somebody says how a ticket stands.
    pub updates: Option<Vec<UpdateCadence>>,
    /// Who is brought in when.
    pub escalations: Option<Vec<EscalationStep>>,
    /// What falling short earns.
    pub credits: Option<Vec<CreditStep>>,
    /// The most that one period's credits come to.
    pub credit_cap: Option<Option<Percent>>,
    /// Below so many judged tickets a target earns no credit.
    pub credit_minimum_tickets: u32,
}

/// What a calendar is to be.
#[derive(Clone, Debug)]
pub struct PutCalendar {
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: String,
    /// Its zone, an IANA name.
    pub zone: String,
    /// Its weekly hours.
    pub weekly: Vec<WeeklyPeriod>,
    /// The days whose closed hours are WEEKEND.
    pub weekend: Option<Vec<Weekday>>,
    /// Dates with hours of their own.
    pub exceptions: Option<Exceptions>,
    /// Whether the provider has people at work in these hours.
    pub staffed: Option<bool>,
}

/// What a client is to be.
#[derive(Clone, Debug)]
pub struct PutClient {
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: String,
    /// Its zone, an IANA name.
    pub time_zone: Option<String>,
    /// What other systems call it.
    pub external_refs: Option<Vec<ExternalRef>>,
}

impl App {
    /// Makes or replaces a service.
    ///
    /// # Errors
    /// Refused when a component is unknown or a package, or an external reference is another's.
    pub async fn put_service(&self, session: &Session, put: PutService) -> Outcome<ServiceRecord> {
        let mut tx = self.store.begin(&session.scope, session.now).await?;
        let before = tx.service(put.code.as_str()).await?;
        let components = self.components_to_be(session, &put, before.as_ref(), &tx).await?;
        let old = before.as_ref();
        let service = ServiceRecord {
            id: old.map_or_else(Uuid::now_v7, |s| s.id),
            code: put.code.to_string(),
            name: put.name,
            description: put.description.or_else(|| old.map(|s| s.description.clone())).unwrap_or_default(),
            kind: put.kind,
            unit: put.unit.or_else(|| old.map(|s| s.unit.clone())).unwrap_or_else(|| "month".into()),
            retired: put.retired.or_else(|| old.map(|s| s.retired)).unwrap_or_default(),
        };
        let renamed = set_references(&tx, Subject::Service, service.id, put.external_refs.as_deref()).await?;
        let refilled = match components {
            Some(wanted) if tx.components(service.id).await? != wanted => Some(wanted),
            _ => None,
        };
        let rewritten = old != Some(&service);
        if rewritten {
            tx.put_service(&service, old.is_none()).await?;
        }
        if let Some(wanted) = &refilled {
            tx.set_components(service.id, wanted).await?;
        }
        if rewritten || refilled.is_some() || renamed {
            tx.changed(put_change(Subject::Service, service.id, old.is_none(), "service.put"));
            tx.commit().await?;
        }
        Ok(service)
    }

    /// The ids of what the service is to hold; none: as it is.
    async fn components_to_be(
        &self,
        session: &Session,
        put: &PutService,
        before: Option<&ServiceRecord>,
        tx: &Tx,
    ) -> Outcome<Option<Vec<Uuid>>> {
        let is_package = put.kind == ServiceKind::Package;
        if is_package
            && let Some(before) = before
            && tx.is_component(before.id).await?
        {
            let text = "a package holds this service, and packages do not hold packages";
            return Err(UserError::new(UserErrorCode::Invalid, &["input", "kind"], text).into());
        }
        let Some(handles) = &put.components else { return Ok((!is_package).then(Vec::new)) };
        if !is_package && !handles.is_empty() {
            let text = format!("a service of kind {} has no components, only a PACKAGE has", put.kind);
            return Err(UserError::new(UserErrorCode::Invalid, &["input", "components"], text).into());
        }
        let found = self.store.find_services(&session.scope, handles).await?;
        let mut ids = Vec::new();
        for (place, handle) in handles.iter().enumerate() {
            let path = ["input", "components", &place.to_string()];
            let refuse = |code, text: String| UserError::new(code, &path, text);
            let service = found.get(handle).ok_or_else(|| refuse(UserErrorCode::NotFound, "no such service".into()))?;
            if service.kind == ServiceKind::Package || service.code == put.code.as_str() {
                let text = format!("{} is a package, and packages do not hold packages", service.code);
                return Err(refuse(UserErrorCode::Invalid, text).into());
            }
            if ids.contains(&service.id) {
                return Err(refuse(UserErrorCode::Invalid, format!("{} is listed twice", service.code)).into());
            }
            ids.push(service.id);
        }
        Ok(Some(ids))
    }

    /// Makes a tier, or a new revision of one where what terms pin has changed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_tier(&self, session: &Session, put: PutTier) -> Outcome<TierRecord> {
        let mut tx = self.store.begin(&session.scope, session.now).await?;
        let old = tx.tier(put.code.as_str()).await?;
        let kept = old.as_ref().map(|old| old.tier.parts().clone()).unwrap_or_default();
        let definition = Tier::new(TierParts {
            targets: put.targets,
            waiting: put.waiting.unwrap_or(kept.waiting),
            updates: put.updates.unwrap_or(kept.updates),
            escalations: put.escalations.unwrap_or(kept.escalations),
            credits: put.credits.unwrap_or(kept.credits),
            credit_cap: put.credit_cap.unwrap_or(kept.credit_cap),
            credit_minimum_tickets: put.credit_minimum_tickets,
        })
        .map_err(|error| tier_refusal(&error))?;
        let same = old.as_ref().filter(|old| *old.tier == definition);
        let tier = TierRecord {
            id: same.map_or_else(Uuid::now_v7, |old| old.id),
            tier_id: old.as_ref().map_or_else(Uuid::now_v7, |old| old.tier_id),
            code: put.code.to_string(),
            revision: same.map_or_else(|| old.as_ref().map_or(0, |old| old.revision) + 1, |old| old.revision),
            name: put.name,
            description: put.description.or_else(|| old.as_ref().map(|o| o.description.clone())).unwrap_or_default(),
            tier: Arc::new(definition),
        };
        let relabelled = old.as_ref().is_none_or(|o| o.name != tier.name || o.description != tier.description);
        if relabelled || same.is_none() {
            tx.put_tier(&tier, old.is_none()).await?;
            if same.is_none() {
                tx.add_tier_revision(&tier).await?;
            }
            tx.changed(put_change(Subject::SlaTier, tier.id, old.is_none(), "tier.put"));
            tx.commit().await?;
        }
        Ok(tier)
    }

    /// Makes a calendar, or a new revision of one where its zone, weekly hours or weekend have changed.
    ///
    /// # Errors
    /// Refused when terms use the calendar and an exception of a date that has begun would change.
    pub async fn put_calendar(&self, session: &Session, put: PutCalendar) -> Outcome<CalendarRecord> {
        let tx = self.store.begin(&session.scope, session.now).await?;
        let old = tx.calendar(put.code.as_str()).await?;
        let calendar = save_calendar(session, tx, old, put).await?;
        self.catch_up(session).await?;
        Ok(calendar)
    }

    /// Makes or replaces a client.
    ///
    /// # Errors
    /// Refused when an external reference is another's.
    pub async fn put_client(&self, session: &Session, put: PutClient) -> Outcome<ClientRecord> {
        let mut tx = self.store.begin(&session.scope, session.now).await?;
        let old = tx.client(put.code.as_str()).await?;
        let client = ClientRecord {
            id: old.as_ref().map_or_else(Uuid::now_v7, |c| c.id),
            code: put.code.to_string(),
            name: put.name,
            time_zone: put
                .time_zone
                .or_else(|| old.as_ref().map(|c| c.time_zone.clone()))
                .unwrap_or_else(|| "UTC".into()),
        };
        let renamed = set_references(&tx, Subject::Client, client.id, put.external_refs.as_deref()).await?;
        let rewritten = old.as_ref() != Some(&client);
        if rewritten {
            tx.put_client(&client, old.is_none()).await?;
        }
        if rewritten || renamed {
            let change = put_change(Subject::Client, client.id, old.is_none(), "client.put");
            tx.changed(Change { client: Some(client.id), ..change });
            tx.commit().await?;
        }
        Ok(client)
    }
}

/// Writes how a calendar is to be and commits, or only drops the turn where that is how it is.
///
/// - `old`: how it stands in `tx`.
pub(super) async fn save_calendar(
    session: &Session,
    mut tx: Tx,
    old: Option<CalendarRecord>,
    put: PutCalendar,
) -> Outcome<CalendarRecord> {
    let usual = || vec![Weekday::Saturday, Weekday::Sunday];
    let weekend = put.weekend.or_else(|| old.as_ref().map(|old| old.hours.weekend().to_vec())).unwrap_or_else(usual);
    let hours = Hours::new(&put.zone, put.weekly, &weekend).map_err(|error| hours_refusal(&error))?;
    let same = old.as_ref().filter(|old| *old.hours == hours);
    let kept = || old.as_ref().map(|old| Arc::clone(&old.exceptions));
    let exceptions = put.exceptions.map(Arc::new).or_else(kept).unwrap_or_default();
    let revised = old.as_ref().is_none_or(|old| old.exceptions != exceptions);
    if revised
        && let Some(old) = &old
        && let Some(begun) = begun(session, &tx, old).await?
    {
        refuse_past_exceptions(begun, old, &exceptions)?;
    }
    let calendar = CalendarRecord {
        id: same.map_or_else(Uuid::now_v7, |old| old.id),
        calendar_id: old.as_ref().map_or_else(Uuid::now_v7, |old| old.calendar_id),
        code: put.code.to_string(),
        revision: same.map_or_else(|| old.as_ref().map_or(0, |old| old.revision) + 1, |old| old.revision),
        name: put.name,
        staffed: put.staffed.or_else(|| old.as_ref().map(|old| old.staffed)).unwrap_or_default(),
        hours: Arc::new(hours),
        exceptions,
        exceptions_revision: old.as_ref().map_or(0, |old| old.exceptions_revision) + i64::from(revised),
    };
    let relabelled = old.as_ref().is_none_or(|o| o.name != calendar.name || o.staffed != calendar.staffed);
    if relabelled || revised || same.is_none() {
        tx.put_calendar(&calendar, old.is_none()).await?;
        if same.is_none() {
            tx.add_calendar_revision(&calendar).await?;
        }
        if revised && old.is_some() {
            tx.recheck(Recheck::Calendar(calendar.calendar_id)).await?;
        }
        tx.changed(put_change(Subject::Calendar, calendar.id, old.is_none(), "calendar.put"));
        tx.commit().await?;
    }
    Ok(calendar)
}

fn tier_refusal(error: &TierError) -> UserError {
    let (field, place) = match error {
        TierError::Ambiguous { place, .. } => ("targets", Some(place.to_string())),
        TierError::SameReason { place, .. } => ("waiting", Some(place.to_string())),
        TierError::SameUpdates { place, .. } => ("updates", Some(place.to_string())),
        _ => ("targets", None),
    };
    let path: Vec<&str> = ["input", field].into_iter().chain(place.as_deref()).collect();
    UserError::new(UserErrorCode::Invalid, &path, error.to_string())
}

pub(super) fn hours_refusal(error: &CalendarError) -> UserError {
    let place = error.place().map(|place| place.to_string());
    let path: Vec<&str> = ["input", "weekly"].into_iter().chain(place.as_deref()).collect();
    UserError::new(UserErrorCode::Invalid, &path, error.to_string())
}

/// Replaces an object's external references where they are given; tells whether that changed anything.
///
/// # Errors
/// Refused when one of them is another object's.
pub(super) async fn set_references(
    tx: &Tx,
    subject: Subject,
    object: Uuid,
    wanted: Option<&[ExternalRef]>,
) -> Outcome<bool> {
    let Some(wanted) = wanted else { return Ok(false) };
    if let Some(place) = tx.taken_reference(subject, Some(object), wanted).await? {
        let path = ["input", "externalRefs", &place.to_string()];
        return Err(UserError::new(UserErrorCode::AlreadyExists, &path, "another object has this reference").into());
    }
    Ok(tx.set_references(subject, object, wanted).await?)
}

fn put_change(subject: Subject, id: Uuid, is_new: bool, event: &'static str) -> Change {
    let kind = if is_new { ChangeKind::Created } else { ChangeKind::Updated };
    Change { subject, id, kind, event, agreement: None, client: None, clock: None }
}

/// The last date that has begun for terms that use a calendar, wherever their revision's zone is; none: none use it.
pub(super) async fn begun(session: &Session, tx: &Tx, calendar: &CalendarRecord) -> Outcome<Option<Date>> {
    let agreed = tx.agreed_hours(calendar).await?;
    Ok(agreed.iter().map(|hours| hours.date_at(session.now)).max())
}

/// Exceptions reach all terms that use the calendar, so those of dates that have begun are history.
fn refuse_past_exceptions(begun: Date, old: &CalendarRecord, wanted: &Exceptions) -> Result<(), UserError> {
    let Some(date) = old.exceptions.first_difference(wanted).filter(|date| *date <= begun) else { return Ok(()) };
    let place = wanted.iter().position(|exception| exception.date == date);
    let place = place.map(|place| place.to_string());
    let path: Vec<&str> = ["input", "exceptions"].into_iter().chain(place.as_deref()).collect();
    let text = format!("terms use this calendar, and {date} has begun: its hours can no longer change");
    Err(UserError::new(UserErrorCode::Invalid, &path, text))
}
