//! The document of one version, from records that were loaded already.

use std::collections::BTreeMap;

use remit_domain::{
    document::{self, Calendar, Client, Document, NamedTier, OwnNames, Service, Subject, Successor},
    lifecycle::{Life, Stage},
    readiness::Finding,
    terms::{IncludedService, Pin, Sections, Term},
    text::Code,
};

use super::{App, Catalogue, Session, life, names::readiness};
use crate::store::{AgreementRecord, ClientRecord, Handle, StoreError, TermsRecord};

/// One version with what stands around it.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// The agreement.
    pub agreement: &'a AgreementRecord,
    /// The version.
    pub terms: &'a TermsRecord,
    /// Every version that the reader may see, in any order.
    pub versions: &'a [&'a TermsRecord],
    /// The agreement on the line of time.
    pub life: &'a Life,
    /// What the version names.
    pub catalogue: &'a Catalogue,
}

/// Everything that a version says, in words for people. It sends no statement.
#[must_use]
pub fn document(session: &Session, client: &ClientRecord, standing: Standing<'_>) -> Document {
    let Standing { agreement, terms, catalogue, .. } = standing;
    let sections = &*terms.sections;
    let findings = findings(standing);
    document::write(&Subject {
        provider: session.caller.provider().as_str(),
        client: Client { name: &client.name, code: &client.code, time_zone: &client.time_zone },
        number: &agreement.number,
        title: &agreement.title,
        version: &terms.version,
        status: standing.life.terms_status(&terms.version, session.now),
        term: Term { until: terms.term.last_day(sections.renewal.as_ref()), ..terms.term },
        successor: successor(standing),
        findings: &findings,
        sections,
        services: services(catalogue),
        calendar: calendar(catalogue, sections.calendar.as_ref()),
        tier: tier(catalogue, sections.tier.as_ref()),
        further: further(catalogue, sections),
        lines: sections.services.iter().map(|line| own_names(catalogue, line)).collect(),
    })
}

/// What a version leaves unsaid (L1).
#[must_use]
pub fn findings(standing: Standing<'_>) -> Vec<Finding> {
    let number = standing.terms.version.number;
    let before = standing.versions.iter().filter(|terms| terms.version.number < number);
    let accepted = before.filter(|terms| matches!(terms.version.stage, Stage::Accepted { .. }));
    let newest = accepted.max_by_key(|terms| terms.version.number).copied();
    readiness(standing.terms, standing.agreement.currency, newest, standing.catalogue)
}

/// The next accepted version.
fn successor(standing: Standing<'_>) -> Option<Successor> {
    let number = standing.terms.version.number;
    let accepted = |terms: &TermsRecord| matches!(terms.version.stage, Stage::Accepted { .. });
    let later = standing.versions.iter().filter(|terms| terms.version.number > number && accepted(terms));
    let next = later.min_by_key(|terms| terms.version.number).filter(|_| accepted(standing.terms))?;
    Some(Successor { number: next.version.number, from: next.term.from })
}

fn services(catalogue: &Catalogue) -> BTreeMap<Code, Service<'_>> {
    let named = catalogue.services().filter_map(|record| {
        let code: Code = record.code.parse().ok()?;
        Some((code, Service { name: &record.name, description: &record.description, unit: &record.unit }))
    });
    named.collect()
}

fn calendar<'a>(catalogue: &'a Catalogue, pin: Option<&Pin>) -> Option<Calendar<'a>> {
    let record = catalogue.calendar(pin?)?;
    Some(Calendar { name: &record.name, hours: &record.hours, exceptions: &record.exceptions })
}

/// The calendars that clauses name beside those of the terms and of services.
fn further<'a>(catalogue: &'a Catalogue, sections: &Sections) -> BTreeMap<Code, Calendar<'a>> {
    let rules = sections.extra_hours.iter().flat_map(|policy| &policy.rates).filter_map(|rule| rule.calendar.clone());
    let commitments = sections.availability.iter().filter_map(|commitment| commitment.formula.calendar.clone());
    let pins = catalogue.target_calendars(sections).into_iter().chain(rules).chain(commitments);
    pins.filter_map(|pin| Some((pin.code.clone(), calendar(catalogue, Some(&pin))?))).collect()
}

fn tier<'a>(catalogue: &'a Catalogue, pin: Option<&Pin>) -> Option<NamedTier<'a>> {
    let record = catalogue.tier(pin?)?;
    Some(NamedTier { name: &record.name, description: &record.description, tier: &record.tier })
}

fn own_names<'a>(catalogue: &'a Catalogue, line: &IncludedService) -> OwnNames<'a> {
    OwnNames {
        components: catalogue.components(line).to_vec(),
        calendar: calendar(catalogue, line.calendar.as_ref()),
        tier: tier(catalogue, line.tier.as_ref()),
    }
}

/// Which version of an agreement is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WantedVersion {
    /// The one in force, else the newest that was not withdrawn, else the newest.
    Current,
    /// The one with this number.
    Number(u32),
}

impl App {
    /// The document of one version of an agreement, looked up by its number; none where there is no such thing.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn find_document(
        &self,
        session: &Session,
        number: &str,
        wanted: WantedVersion,
    ) -> Result<Option<Document>, StoreError> {
        let handle = Handle::Code(number.to_owned());
        let found = self.store.find_agreements(&session.scope, std::slice::from_ref(&handle)).await?;
        let Some(agreement) = found.get(&handle) else { return Ok(None) };
        let versions = self.store.versions(&session.scope, &[agreement.id]).await?;
        let suspensions = self.store.suspensions(&session.scope, [agreement]).await?;
        let life = life(agreement, &versions, &suspensions);
        let Some(terms) = choose(&versions, &life, wanted, session) else { return Ok(None) };
        let of = Handle::Id(agreement.client_id);
        let clients = self.store.find_clients(&session.scope, std::slice::from_ref(&of)).await?;
        let Some(client) = clients.get(&of) else { return Ok(None) };
        let sections: &Sections = &terms.sections;
        let catalogue = self.catalogue(session, &[sections]).await?;
        let versions: Vec<&TermsRecord> = versions.iter().collect();
        let standing = Standing { agreement, terms, versions: &versions, life: &life, catalogue: &catalogue };
        Ok(Some(document(session, client, standing)))
    }
}

/// The version that is wanted, of versions newest first.
fn choose<'a>(
    versions: &'a [TermsRecord],
    life: &Life,
    wanted: WantedVersion,
    session: &Session,
) -> Option<&'a TermsRecord> {
    match wanted {
        WantedVersion::Number(number) => versions.iter().find(|terms| terms.version.number == number),
        WantedVersion::Current => {
            let withdrawn = |terms: &&TermsRecord| matches!(terms.version.stage, Stage::Withdrawn { .. });
            super::agreed::terms_at(versions, life, session.now)
                .or_else(|| versions.iter().find(|terms| !withdrawn(terms)))
                .or_else(|| versions.first())
        }
    }
}
