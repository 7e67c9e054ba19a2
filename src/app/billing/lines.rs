//! Charges with the names that billing systems go by.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use remit_domain::{
    Date, Duration, Timestamp, calendar::Calendar, money::Rate, rating::amount_of, terms::Pin, time::utc_date,
    words::ChargeKind,
};

use crate::{
    app::{App, Session},
    store::{
        AgreementRecord, ChargeFilter, ChargeRecord, ClientRecord, ExternalRef, Handle, Page, ReasonRecord,
        ServiceRecord, StoreError, Subject, TermsRecord, TimeEntryRecord, Uuid, Window,
    },
};

/// A charge with the names that billing systems go by.
#[derive(Clone, Debug)]
pub struct ChargeLine {
    /// The charge.
    pub charge: ChargeRecord,
    /// Its agreement.
    pub agreement: AgreementRecord,
    /// What other systems call the agreement.
    pub agreement_refs: Vec<ExternalRef>,
    /// Its client.
    pub client: ClientRecord,
    /// What other systems call the client.
    pub client_refs: Vec<ExternalRef>,
    /// The entry that it charges, unless that was taken back.
    pub entry: Option<TimeEntryRecord>,
    /// The service of the entry.
    pub service: Option<ServiceRecord>,
    /// What the billing system calls the rule of price.
    pub item_code: Option<String>,
    /// Why.
    pub reasons: Vec<ReasonRecord<'static>>,
    /// The calendar of the terms that it is charged by: its days are by the zone of this.
    pub calendar: Option<Arc<Calendar>>,
}

impl ChargeLine {
    fn date(&self, at: Timestamp) -> Date {
        self.calendar.as_ref().map_or_else(|| utc_date(at), |calendar| calendar.date_at(at))
    }

    /// When the work began that is billed with the period that the charge stands in; none: it is no work, or corrects what
    /// was billed before.
    fn work_of_the_period(&self) -> Option<Timestamp> {
        self.charge.from.filter(|_| self.charge.kind != ChargeKind::Adjustment)
    }

    /// The day on which the work began; none: it is no work.
    #[must_use]
    pub fn worked_on(&self) -> Option<Date> {
        self.charge.from.map(|from| self.date(from))
    }

    /// A day in the period that it stands in: that of the work, else the period's last.
    #[must_use]
    pub fn billed_on(&self) -> Date {
        let month = self.charge.month;
        let worked_on = self.work_of_the_period().map(|from| self.date(from));
        worked_on.map_or(month.last(), |day| day.clamp(month.first(), month.last()))
    }

    /// An instant in the period that it stands in: the beginning of the work, else the period's last second.
    #[must_use]
    pub fn billed_at(&self) -> Timestamp {
        let next = self.charge.month.next().first();
        let end = || self.calendar.as_ref().map_or_else(|| utc_start(next), |calendar| calendar.start_of(next));
        self.work_of_the_period().unwrap_or_else(|| Timestamp::from_second(end().as_second() - 1).unwrap_or_default())
    }

    /// What an hour costs, and what its hours come to, in minor units: the amount itself where only rounding differs; none:
    /// it is no hours at a rate.
    #[must_use]
    pub fn hours_at_rate(&self) -> Option<(Rate, i64)> {
        let charge = &self.charge;
        let rate = charge.rate.filter(|_| charge.charged > Duration::ZERO)?;
        let exact = amount_of(rate, charge.charged)?;
        // What is rounded together shares one rounding.
        let is_rounding = exact.abs_diff(charge.minor) <= 1;
        Some((rate, if is_rounding { charge.minor } else { exact }))
    }
}

/// The first instant of a date by UTC.
fn utc_start(date: Date) -> Timestamp {
    let days = (date - Date::constant(1970, 1, 1)).get_days();
    Timestamp::from_second(i64::from(days) * 86_400).unwrap_or_default()
}

impl App {
    /// A page of charges with the names that billing systems go by, in the order of [`Store::page_charges`]. The number of
    /// statements does not depend on how many there are.
    ///
    /// [`Store::page_charges`]: crate::store::Store::page_charges
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn charge_lines(
        &self,
        session: &Session,
        filter: &ChargeFilter,
        window: &Window,
    ) -> Result<Page<ChargeLine>, StoreError> {
        let (store, scope) = (&self.store, &session.scope);
        let Page { items, more } = store.page_charges(scope, filter, window).await?;
        let ids = |of: fn(&ChargeRecord) -> Option<Uuid>| items.iter().filter_map(of).collect::<HashSet<Uuid>>();
        let handles = |ids: HashSet<Uuid>| ids.into_iter().map(Handle::Id).collect::<Vec<_>>();
        let (agreement_ids, client_ids) = (ids(|c| Some(c.agreement_id)), ids(|c| Some(c.client_id)));
        let of_agreements: Vec<Uuid> = agreement_ids.iter().copied().collect();
        let of_clients: Vec<Uuid> = client_ids.iter().copied().collect();
        let agreements = store.find_agreements(scope, &handles(agreement_ids)).await?;
        let clients = store.find_clients(scope, &handles(client_ids)).await?;
        let agreement_refs = store.external_refs(scope, Subject::Agreement, &of_agreements).await?;
        let client_refs = store.external_refs(scope, Subject::Client, &of_clients).await?;
        let entries = store.find_time_entries(scope, &handles(ids(|charge| charge.time_entry_id))).await?;
        let services = entries.values().filter_map(|entry| entry.service_id).collect();
        let services = store.find_services(scope, &handles(services)).await?;
        let terms: Vec<Uuid> = ids(|charge| charge.terms_id).into_iter().collect();
        let terms: HashMap<Uuid, TermsRecord> =
            store.terms(scope, &terms).await?.into_iter().map(|terms| (terms.id, terms)).collect();
        let pins: HashSet<Pin> = terms.values().filter_map(|terms| terms.sections.calendar.clone()).collect();
        let pins: Vec<Pin> = pins.into_iter().collect();
        let calendars = store.pinned_calendars(scope, &pins).await?;
        let calendars: HashMap<Pin, Arc<Calendar>> =
            calendars.into_iter().map(|(pin, record)| (pin, self.calendar(&record))).collect();
        let calendar =
            |terms_id: Option<Uuid>| calendars.get(terms.get(&terms_id?)?.sections.calendar.as_ref()?).cloned();
        let line = |charge: ChargeRecord| {
            let entry = charge.time_entry_id.and_then(|id| entries.get(&Handle::Id(id))).cloned();
            let service = entry.as_ref().and_then(|entry| services.get(&Handle::Id(entry.service_id?)));
            Ok::<_, StoreError>(Some(ChargeLine {
                agreement: match agreements.get(&Handle::Id(charge.agreement_id)) {
                    Some(agreement) => agreement.clone(),
                    None => return Ok(None),
                },
                client: match clients.get(&Handle::Id(charge.client_id)) {
                    Some(client) => client.clone(),
                    None => return Ok(None),
                },
                agreement_refs: agreement_refs.get(&charge.agreement_id).cloned().unwrap_or_default(),
                client_refs: client_refs.get(&charge.client_id).cloned().unwrap_or_default(),
                service: service.cloned(),
                item_code: item_code(&charge, &terms),
                reasons: charge.reasons()?.into_iter().map(ReasonRecord::into_owned).collect(),
                calendar: calendar(charge.terms_id),
                entry,
                charge,
            }))
        };
        let lines = items.into_iter().map(line).collect::<Result<Vec<_>, _>>()?;
        Ok(Page { items: lines.into_iter().flatten().collect(), more })
    }
}

/// What the billing system calls the rule by which a charge is priced.
fn item_code(charge: &ChargeRecord, terms: &HashMap<Uuid, TermsRecord>) -> Option<String> {
    let policy = terms.get(&charge.terms_id?)?.sections.extra_hours.as_ref()?;
    let code = charge.rule_code.as_deref()?;
    policy.rates.iter().find(|rule| rule.code.as_str() == code)?.item_code.clone()
}
