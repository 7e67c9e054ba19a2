//! What was agreed when: the terms in force for many agreements and instants, with a constant number of statements.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use remit_domain::{Timestamp, coverage::ObligationStates, lifecycle::Life, terms::AgreedTerms, text::Code};

use super::{App, Session, life};
use crate::store::{AgreementRecord, StoreError, TermsRecord, Uuid};

/// Some agreements on the line of time, with the terms that were in force at the instants asked about.
#[derive(Debug, Default)]
pub struct Agreed {
    versions: HashMap<Uuid, Vec<TermsRecord>>,
    lives: HashMap<Uuid, Life>,
    states: HashMap<Uuid, ObligationStates>,
    terms: HashMap<Uuid, Arc<AgreedTerms>>,
}

/// A version with all that it names.
#[derive(Clone, Copy, Debug)]
pub struct InForce<'a> {
    /// The version.
    pub record: &'a TermsRecord,
    /// The same with what it names at hand.
    pub terms: &'a Arc<AgreedTerms>,
}

impl Agreed {
    /// The terms in force at an instant that was asked about; none: nothing is.
    #[must_use]
    pub fn at(&self, agreement: Uuid, at: Timestamp) -> Option<InForce<'_>> {
        let record = self.version_at(agreement, at)?;
        Some(InForce { record, terms: self.terms.get(&record.id)? })
    }

    /// The version in force at any instant.
    #[must_use]
    pub fn version_at(&self, agreement: Uuid, at: Timestamp) -> Option<&TermsRecord> {
        terms_at(self.versions(agreement), self.lives.get(&agreement)?, at)
    }

    /// The versions of an agreement that the caller may read, newest first.
    #[must_use]
    pub fn versions(&self, agreement: Uuid) -> &[TermsRecord] {
        self.versions.get(&agreement).map_or(&[][..], Vec::as_slice)
    }

    /// An agreement on the line of time; none: nothing of it was ever accepted.
    #[must_use]
    pub fn life(&self, agreement: Uuid) -> Option<&Life> {
        self.lives.get(&agreement)
    }

    /// What was recorded of an agreement's obligations.
    #[must_use]
    pub fn states(&self, agreement: Uuid) -> &ObligationStates {
        static NOTHING: ObligationStates = ObligationStates::new();
        self.states.get(&agreement).unwrap_or(&NOTHING)
    }
}

/// The version in force at an instant.
pub(super) fn terms_at<'a>(versions: &'a [TermsRecord], life: &Life, at: Timestamp) -> Option<&'a TermsRecord> {
    let number = life.in_force(at)?.number;
    versions.iter().find(|terms| terms.version.number == number)
}

impl App {
    /// Looks up what was in force, for all pairs of an agreement and an instant at once.
    ///
    /// - `agreements`: those that `asked` names.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn agreed(
        &self,
        session: &Session,
        agreements: &[AgreementRecord],
        asked: &[(Uuid, Timestamp)],
    ) -> Result<Agreed, StoreError> {
        let mut agreed = Agreed::default();
        let each: BTreeMap<Uuid, &AgreementRecord> = agreements.iter().map(|each| (each.id, each)).collect();
        for terms in self.store.versions_of(&session.scope, each.values().copied()).await? {
            agreed.versions.entry(terms.agreement_id).or_default().push(terms);
        }
        agreed.lives = self.lives(session, agreements, &agreed.versions).await?;
        let decisive: HashMap<Uuid, TermsRecord> = asked
            .iter()
            .filter_map(|(agreement, at)| agreed.version_at(*agreement, *at))
            .map(|terms| (terms.id, terms.clone()))
            .collect();
        let gating = decisive.values().filter(|terms| !terms.sections.obligations.is_empty());
        let gated: BTreeSet<Uuid> = gating.map(|terms| terms.agreement_id).collect();
        agreed.states = self.states(session, each.into_values().filter(|each| gated.contains(&each.id))).await?;
        let catalogue = self.catalogue_of(session, &Vec::from_iter(decisive.values())).await?;
        let currencies: HashMap<Uuid, _> = agreements.iter().map(|a| (a.id, a.currency)).collect();
        let resolve = |terms: &TermsRecord| {
            let currency = *currencies.get(&terms.agreement_id)?;
            Some((terms.id, catalogue.agreed(&terms.sections, currency)?))
        };
        agreed.terms = decisive.values().filter_map(resolve).collect();
        Ok(agreed)
    }

    /// Each agreement on the line of time.
    pub(super) async fn lives<'a>(
        &self,
        session: &Session,
        agreements: impl IntoIterator<Item = &'a AgreementRecord>,
        versions: &HashMap<Uuid, Vec<TermsRecord>>,
    ) -> Result<HashMap<Uuid, Life>, StoreError> {
        let accepted = |agreement: &&AgreementRecord| agreement.standing.accepted_version.is_some();
        let agreements: HashMap<Uuid, &AgreementRecord> =
            agreements.into_iter().filter(accepted).map(|agreement| (agreement.id, agreement)).collect();
        let suspensions = self.store.suspensions(&session.scope, agreements.values().copied()).await?;
        let one = |(id, agreement): (Uuid, &AgreementRecord)| {
            let suspensions = suspensions.iter().filter(|suspension| suspension.agreement_id == id);
            (id, life(agreement, versions.get(&id).into_iter().flatten(), suspensions))
        };
        Ok(agreements.into_iter().map(one).collect())
    }

    /// How the obligations of some agreements stand.
    async fn states(
        &self,
        session: &Session,
        agreements: impl Iterator<Item = &AgreementRecord>,
    ) -> Result<HashMap<Uuid, ObligationStates>, StoreError> {
        let mut states: HashMap<Uuid, ObligationStates> = HashMap::new();
        for status in self.store.statuses_of(&session.scope, agreements).await? {
            if let Ok(code) = status.code.parse::<Code>() {
                states.entry(status.agreement_id).or_default().entry(code).or_default().push(status.change);
            }
        }
        Ok(states)
    }
}
