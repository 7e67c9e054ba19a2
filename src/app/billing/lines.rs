//! Charges with the names that billing systems go by.

use std::collections::{HashMap, HashSet};

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
    pub reasons: Vec<ReasonRecord>,
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
                reasons: charge.reasons()?,
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
