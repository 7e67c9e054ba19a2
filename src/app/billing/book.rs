//! An agreement as billing sees it, with all that it names.

use std::collections::{BTreeSet, HashMap};

use remit_domain::{
    Timestamp,
    billing::{Account, Lot, Month, Periods, PrepaidBlock, VersionTerms},
    coverage::ObligationStates,
    lifecycle::{Life, Stage},
    terms::{AgreedTerms, AvailabilityCommitment},
    text::Code,
};

use crate::{
    app::{App, Session, life},
    store::{AccountRows, AgreementRecord, BlockRecord, Handle, PeriodRecord, StoreError, Uuid},
};

/// An agreement as billing sees it.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) agreement: AgreementRecord,
    pub(super) life: Life,
    /// Every accepted version, and its id.
    pub(super) terms: Vec<VersionTerms>,
    pub(super) terms_ids: Vec<Uuid>,
    pub(super) states: ObligationStates,
    pub(super) blocks: Vec<PrepaidBlock>,
    /// The start of the latest entry, if the agreement has ended: of others nothing depends on it.
    pub(super) latest_work: Option<Timestamp>,
    rows: Vec<PeriodRecord>,
}

impl Book {
    /// The account that rules are asked with.
    pub(super) fn account(&self) -> Account<'_> {
        Account {
            currency: self.agreement.currency,
            life: &self.life,
            terms: &self.terms,
            states: &self.states,
            blocks: &self.blocks,
        }
    }

    /// The periods that have begun.
    pub(super) fn periods(&self, now: Timestamp) -> Periods {
        Periods::begun(&self.account(), now, self.latest_work)
    }

    /// The last month that is closed.
    pub(super) fn closed_until(&self) -> Option<Month> {
        self.rows.iter().filter(|row| row.closed.is_some()).map(|row| row.month).max()
    }

    /// What is stored of a month.
    pub(super) fn row(&self, month: Month) -> Option<&PeriodRecord> {
        self.rows.iter().find(|row| row.month == month)
    }

    /// The latest month, not after another, that the hours left over are known of, and those hours. Months behind it had no
    /// work yet.
    pub(super) fn carried(&self, month: Month) -> Option<(Month, &[Lot])> {
        let known = self.rows.iter().filter(|row| row.month <= month).max_by_key(|row| row.month)?;
        Some((known.month, &known.carried))
    }

    /// Whether any version promises something that earns credits.
    pub(super) fn earns_credits(&self) -> bool {
        let tiers = |agreed: &AgreedTerms| {
            let of_lines = agreed.lines.iter().any(|line| !line.tier.credits().is_empty());
            of_lines || !agreed.tier.credits().is_empty()
        };
        let earns = |agreed: &AgreedTerms| {
            tiers(agreed) || agreed.sections.availability.iter().any(AvailabilityCommitment::earns_credits)
        };
        self.terms.iter().any(|version| earns(&version.agreed))
    }

    /// Whether hours can be drawn by the terms or from blocks.
    pub(super) fn has_hours(&self, version: Option<usize>) -> bool {
        let included = |place: usize| {
            let policy = self.terms.get(place)?.agreed.sections.extra_hours.as_ref()?;
            policy.included.as_ref()
        };
        !self.blocks.is_empty() || version.and_then(included).is_some()
    }
}

/// The services of the catalogue by their ids, as rating names them.
pub(super) type ServiceCodes = HashMap<Uuid, Code>;

impl App {
    /// Makes books of what is known of some agreements.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub(super) async fn books(&self, session: &Session, rows: AccountRows) -> Result<HashMap<Uuid, Book>, StoreError> {
        let catalogue = self.catalogue_of(session, &Vec::from_iter(&rows.versions)).await?;
        let AccountRows { agreements, versions, suspensions, statuses, periods, blocks, mut latest_work } = rows;
        let mut books = HashMap::new();
        for agreement in agreements {
            let own = || versions.iter().filter(|terms| terms.agreement_id == agreement.id);
            let accepted = own().filter(|terms| matches!(terms.version.stage, Stage::Accepted { .. }));
            let agreed = accepted.filter_map(|terms| {
                let agreed = catalogue.agreed(&terms.sections, agreement.currency)?;
                Some((VersionTerms { number: terms.version.number, agreed }, terms.id))
            });
            let (terms, terms_ids) = agreed.unzip();
            let mut states = ObligationStates::new();
            for status in statuses.iter().filter(|status| status.agreement_id == agreement.id) {
                if let Ok(code) = status.code.parse::<Code>() {
                    states.entry(code).or_default().push(status.change);
                }
            }
            let book = Book {
                life: life(&agreement, own(), suspensions.iter().filter(|s| s.agreement_id == agreement.id)),
                terms,
                terms_ids,
                states,
                blocks: blocks.iter().filter(|b| b.agreement_id == agreement.id).map(BlockRecord::block).collect(),
                latest_work: latest_work.remove(&agreement.id),
                rows: periods.iter().filter(|row| row.agreement_id == agreement.id).cloned().collect(),
                agreement,
            };
            books.insert(book.agreement.id, book);
        }
        Ok(books)
    }

    /// The codes of services.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub(super) async fn service_codes(
        &self,
        session: &Session,
        ids: impl Iterator<Item = Uuid>,
    ) -> Result<ServiceCodes, StoreError> {
        let ids: BTreeSet<Uuid> = ids.collect();
        let mut codes: ServiceCodes = ids.iter().filter_map(|id| Some((*id, self.shelves.code(*id)?))).collect();
        let unknown = ids.into_iter().filter(|id| !codes.contains_key(id)).map(Handle::Id).collect::<Vec<_>>();
        for service in self.store.find_services(&session.scope, &unknown).await?.into_values() {
            if let Ok(code) = service.code.parse::<Code>() {
                self.shelves.keep_code(service.id, code.clone());
                codes.insert(service.id, code);
            }
        }
        Ok(codes)
    }
}
