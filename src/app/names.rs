//! What terms name, looked up for many versions at once with a constant number of statements.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
};

use remit_domain::{
    Currency,
    calendar::Calendar,
    readiness::{self, Draft, Finding},
    terms::{AgreedLine, AgreedTerms, IncludedService, Pin, Sections},
    text::Code,
};

use super::{App, Session, shelf::Shelf};
use crate::store::{CalendarRecord, Handle, ServiceRecord, StoreError, TermsRecord, TierRecord};

/// Terms by what they say, where that stands in memory, and their currency.
type Made = HashMap<(usize, Currency), Arc<AgreedTerms>>;

/// Everything that some versions name.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    services: HashMap<String, ServiceRecord>,
    components: HashMap<String, Vec<Code>>,
    tiers: HashMap<Pin, TierRecord>,
    calendars: HashMap<Pin, CalendarRecord>,
    compiled: HashMap<Pin, Arc<Calendar>>,
    /// The terms that were made of it.
    agreed: Arc<RwLock<Made>>,
}

impl Catalogue {
    /// A service by its code.
    #[must_use]
    pub fn service(&self, code: &str) -> Option<&ServiceRecord> {
        self.services.get(code)
    }

    /// Every service that is named or held by a package that is.
    pub fn services(&self) -> impl Iterator<Item = &ServiceRecord> {
        self.services.values()
    }

    /// What an included service holds: what was pinned, else what its package holds now.
    #[must_use]
    pub fn components<'a>(&'a self, line: &'a IncludedService) -> &'a [Code] {
        let live = || self.components.get(line.service.as_str()).map_or(&[][..], Vec::as_slice);
        line.components.as_deref().unwrap_or_else(live)
    }

    /// The revision of a tier that a pin means.
    #[must_use]
    pub fn tier(&self, pin: &Pin) -> Option<&TierRecord> {
        self.tiers.get(pin)
    }

    /// The revision of a calendar that a pin means.
    #[must_use]
    pub fn calendar(&self, pin: &Pin) -> Option<&CalendarRecord> {
        self.calendars.get(pin)
    }

    /// The same calendar, ready to be asked.
    #[must_use]
    pub fn compiled(&self, pin: &Pin) -> Option<&Arc<Calendar>> {
        self.compiled.get(pin)
    }

    /// The calendars that targets of the tiers of a version name, each once.
    #[must_use]
    pub fn target_calendars(&self, sections: &Sections) -> Vec<Pin> {
        let tiers = sections.tiers().filter_map(|pin| self.tier(pin));
        let codes: BTreeSet<&Code> = tiers.flat_map(|record| record.tier.calendars()).collect();
        codes.into_iter().map(|code| sections.target_calendar(code)).collect()
    }

    /// How many objects there are in it.
    #[must_use]
    pub(super) fn size(&self) -> usize {
        self.services.len() + self.components.len() + self.tiers.len() + self.calendars.len()
    }

    /// The terms with all that they name; none while they name no calendar or tier.
    #[must_use]
    pub fn agreed(&self, sections: &Arc<Sections>, currency: Currency) -> Option<Arc<AgreedTerms>> {
        let key = (Arc::as_ptr(sections).addr(), currency);
        let known = self.agreed.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        known.or_else(|| {
            // They keep what they say, so that nothing else can come to stand there.
            let agreed = Arc::new(self.agree(sections, currency)?);
            self.agreed.write().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&agreed));
            Some(agreed)
        })
    }

    /// The same, made anew.
    #[must_use]
    pub fn agree(&self, sections: &Arc<Sections>, currency: Currency) -> Option<AgreedTerms> {
        let calendar = |pin: Option<&Pin>| self.compiled(pin?).cloned();
        let tier = |pin: Option<&Pin>| self.tier(pin?).map(|record| Arc::clone(&record.tier));
        let target_calendars = self.target_calendars(sections).into_iter();
        let target_calendars =
            target_calendars.filter_map(|pin| Some((pin.code.clone(), calendar(Some(&pin))?))).collect();
        let own_calendar = calendar(sections.calendar.as_ref())?;
        let own_tier = tier(sections.tier.as_ref())?;
        let line = |line: &IncludedService| AgreedLine {
            components: self.components(line).to_vec(),
            calendar: calendar(line.calendar.as_ref()).unwrap_or_else(|| Arc::clone(&own_calendar)),
            tier: tier(line.tier.as_ref()).unwrap_or_else(|| Arc::clone(&own_tier)),
        };
        let lines = sections.services.iter().map(line).collect();
        let rules = sections.extra_hours.iter().flat_map(|policy| &policy.rates);
        let rate_calendars = rules.map(|rule| calendar(rule.calendar.as_ref())).collect();
        let availability = sections.availability.iter().map(|line| line.formula.calendar.as_ref());
        let availability_calendars = availability.map(calendar);
        Some(AgreedTerms {
            currency,
            sections: Arc::clone(sections),
            lines,
            rate_calendars,
            availability_calendars: availability_calendars.collect(),
            target_calendars,
            calendar: own_calendar,
            tier: own_tier,
        })
    }
}

impl App {
    /// Looks up everything that some versions name, unless it is at hand from before.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn catalogue(&self, session: &Session, versions: &[&Sections]) -> Result<Catalogue, StoreError> {
        let (store, scope) = (&self.store, &session.scope);
        let shelf = self.shelf(session).await?;
        let services = self.services_of(session, &shelf, versions).await?;
        let tiers: HashSet<&Pin> = versions.iter().flat_map(|sections| sections.tiers()).collect();
        let tiers = tiers.into_iter().cloned().collect();
        let tiers = shelf.tiers.find(tiers, async |pins| store.pinned_tiers(scope, &pins).await).await?;
        let found = Catalogue { tiers, ..services };
        let named = versions.iter().flat_map(|sections| sections.calendars()).cloned();
        let of_targets = versions.iter().flat_map(|sections| found.target_calendars(sections));
        let calendars: HashSet<Pin> = named.chain(of_targets).collect();
        let calendars = calendars.into_iter().collect();
        let calendars =
            shelf.calendars.find(calendars, async |pins| store.pinned_calendars(scope, &pins).await).await?;
        let compiled = calendars.iter().map(|(pin, record)| (pin.clone(), self.calendar(record))).collect();
        Ok(Catalogue { calendars, compiled, ..found })
    }

    /// Everything that some versions name. While the catalogue stays as it is, that of offered versions does too, and is kept.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn catalogue_of(
        &self,
        session: &Session,
        versions: &[&TermsRecord],
    ) -> Result<Arc<Catalogue>, StoreError> {
        if versions.is_empty() {
            return Ok(Arc::default());
        }
        let mut sections: Vec<Arc<Sections>> = versions.iter().map(|terms| Arc::clone(&terms.sections)).collect();
        sections.sort_unstable_by_key(Arc::as_ptr);
        sections.dedup_by_key(|each| Arc::as_ptr(each));
        let find = async |sections: &[Arc<Sections>]| {
            let sections: Vec<&Sections> = sections.iter().map(|each| &**each).collect();
            self.catalogue(session, &sections).await
        };
        let is_fixed = versions.iter().all(|terms| terms.version.stage.offered_at().is_some());
        match if is_fixed { self.shelf_key(session).await? } else { None } {
            Some(key) => self.shelves.named(key, sections, find).await,
            None => Ok(Arc::new(find(&sections).await?)),
        }
    }

    /// The services that some versions name, and what packages among them hold now.
    async fn services_of(
        &self,
        session: &Session,
        shelf: &Shelf,
        versions: &[&Sections],
    ) -> Result<Catalogue, StoreError> {
        let codes: BTreeSet<&Code> = versions.iter().flat_map(|sections| named_services(sections)).collect();
        let codes = codes.into_iter().cloned().collect();
        let found = shelf.services.find(codes, async |codes| self.services_called(session, codes).await).await?;
        // What offered terms hold is pinned.
        let lines = versions.iter().flat_map(|sections| &sections.services);
        let live: BTreeSet<&Code> = lines.filter(|line| line.components.is_none()).map(|line| &line.service).collect();
        let packages = live.into_iter().filter_map(|code| found.get(code));
        let packages: Vec<_> = packages.map(|record| record.id).collect();
        let held = self.store.components(&session.scope, &packages).await?;
        let inner: Vec<Handle> = held.values().flatten().map(|id| Handle::Id(*id)).collect();
        let inner = self.store.find_services(&session.scope, &inner).await?;
        let code_of = |id| inner.get(&Handle::Id(id)).and_then(|record| record.code.parse::<Code>().ok());
        let components = found.values().filter_map(|package| {
            let held = held.get(&package.id)?.iter().filter_map(|id| code_of(*id)).collect();
            Some((package.code.clone(), held))
        });
        let components = components.collect();
        let services = found.into_values().chain(inner.into_values()).map(|record| (record.code.clone(), record));
        Ok(Catalogue { services: services.collect(), components, ..Catalogue::default() })
    }

    /// The services that handles name, as far as the caller sees them.
    pub(super) async fn services(
        &self,
        session: &Session,
        handles: impl IntoIterator<Item = Handle>,
    ) -> Result<HashMap<Handle, ServiceRecord>, StoreError> {
        let (mut codes, mut others) = (Vec::new(), Vec::new());
        for handle in handles {
            match &handle {
                // What is no code is none of a service.
                Handle::Code(code) => codes.extend(code.parse::<Code>()),
                Handle::Id(_) | Handle::External { .. } => others.push(handle),
            }
        }
        let mut found = self.store.find_services(&session.scope, &others).await?;
        if !codes.is_empty() {
            let shelf = self.shelf(session).await?;
            let called = shelf.services.find(codes, async |codes| self.services_called(session, codes).await).await?;
            found.extend(called.into_iter().map(|(code, service)| (Handle::Code(code.to_string()), service)));
        }
        Ok(found)
    }

    async fn services_called(
        &self,
        session: &Session,
        codes: Vec<Code>,
    ) -> Result<HashMap<Code, ServiceRecord>, StoreError> {
        let handles: Vec<Handle> = codes.iter().map(|code| Handle::Code(code.to_string())).collect();
        let mut found = self.store.find_services(&session.scope, &handles).await?;
        let named = codes.into_iter().zip(handles);
        Ok(named.filter_map(|(code, handle)| Some((code, found.remove(&handle)?))).collect())
    }
}

fn named_services(sections: &Sections) -> impl Iterator<Item = &Code> {
    let included = sections.services.iter().flat_map(|line| line.components.iter().flatten().chain([&line.service]));
    let excluded = sections.exclusions.iter().filter_map(|exclusion| exclusion.service.as_ref());
    let gated = sections.obligations.iter().flat_map(|obligation| &obligation.gates_services);
    let called = sections.callers.iter().flat_map(|caller| &caller.services);
    included.chain(excluded).chain(gated).chain(called)
}

/// What a version leaves unsaid (L1).
///
/// - `before`: the newest version accepted before it.
#[must_use]
pub(super) fn readiness(
    terms: &TermsRecord,
    currency: Currency,
    before: Option<&TermsRecord>,
    catalogue: &Catalogue,
) -> Vec<Finding> {
    let sections = &*terms.sections;
    let path = |parts: &[&str]| parts.iter().map(|&part| part.to_owned()).collect::<Vec<_>>();
    let own = sections.tier.iter().map(|pin| (path(&["tier"]), pin));
    let lines = sections.services.iter().enumerate();
    let of_lines =
        lines.filter_map(|(place, line)| Some((path(&["services", &place.to_string(), "tier"]), line.tier.as_ref()?)));
    let named: Vec<_> = own.chain(of_lines).filter_map(|(path, pin)| Some((path, catalogue.tier(pin)?))).collect();
    let tiers: Vec<_> = named.iter().map(|(path, record)| (path.clone(), &*record.tier)).collect();
    let retired = sections.services.iter().map(|line| &line.service);
    let retired: BTreeSet<Code> =
        retired.filter(|code| catalogue.service(code.as_str()).is_some_and(|s| s.retired)).cloned().collect();
    let draft = Draft {
        currency,
        term: terms.term,
        accepted_from: before.and_then(|before| before.term.from),
        accepted: before.map(|before| &*before.sections),
        sections,
        hours: sections.calendar.as_ref().and_then(|pin| catalogue.calendar(pin)).map(|record| &*record.hours),
        tiers: &tiers,
        retired: &retired,
    };
    readiness::find_gaps(&draft)
}
