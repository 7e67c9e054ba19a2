//! What the entries of a batch name, looked up all at once.

use std::collections::HashMap;

use super::{
    decide::refusal,
    record::{NewEntry, RecordEntry, RecordItem},
};
use crate::{
    app::{App, AskedAgreement, CoverageRequest, Path, Session, UserError, UserErrorCode},
    store::{AgreementRecord, ClientRecord, Handle, ServiceRecord, StoreError, Uuid},
};

/// What the entries of a batch name.
#[derive(Debug, Default)]
pub(super) struct Named {
    agreements: HashMap<Handle, AgreementRecord>,
    clients: HashMap<Handle, ClientRecord>,
    services: HashMap<Handle, ServiceRecord>,
    /// For each item that names a client alone, the agreement that was chosen.
    chosen: HashMap<usize, Uuid>,
}

/// What one entry names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names {
    pub(super) client: Uuid,
    pub(super) agreement: Option<Uuid>,
    /// Whether the agreement was chosen for the client, not named.
    pub(super) chosen: bool,
    pub(super) ticket: Option<Uuid>,
    pub(super) service: Option<Uuid>,
}

impl App {
    /// Looks up what the entries of a batch name.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer; what names nothing is refused entry by entry.
    pub(super) async fn name_entries(&self, session: &Session, items: &[RecordItem]) -> Result<Named, StoreError> {
        let wanted: Vec<(usize, &NewEntry)> = items
            .iter()
            .enumerate()
            .filter_map(|(place, item)| match &item.wanted {
                Ok(RecordEntry::Is(entry)) => Some((place, &**entry)),
                _ => None,
            })
            .collect();
        let handles = |of: fn(&NewEntry) -> Option<&Handle>| distinct(wanted.iter().filter_map(|(_, entry)| of(entry)));
        let (store, scope) = (&self.store, &session.scope);
        let mut named = Named {
            agreements: store.find_agreements(scope, &handles(|entry| entry.agreement.as_ref())).await?,
            clients: store.find_clients(scope, &handles(|entry| entry.client.as_ref())).await?,
            services: store.find_services(scope, &handles(|entry| entry.service.as_ref())).await?,
            chosen: HashMap::new(),
        };
        named.chosen = self.choose_agreements(session, &wanted, &named).await?;
        Ok(named)
    }

    /// Chooses an agreement for the entries that name a client alone: the most favourable in force (V7), else the first
    /// that has accepted terms.
    async fn choose_agreements(
        &self,
        session: &Session,
        wanted: &[(usize, &NewEntry)],
        named: &Named,
    ) -> Result<HashMap<usize, Uuid>, StoreError> {
        let of_client = wanted.iter().filter(|(_, entry)| entry.agreement.is_none() && entry.ticket.is_none());
        let asked: Vec<(usize, Uuid, &NewEntry)> = of_client
            .filter_map(|(place, entry)| Some((*place, named.clients.get(entry.client.as_ref()?)?.id, *entry)))
            .collect();
        if asked.is_empty() {
            return Ok(HashMap::new());
        }
        let questions: Vec<CoverageRequest> = asked.iter().map(|(_, client, entry)| question(*client, entry)).collect();
        let answers = self.coverage(session, &questions).await?;
        let clients: Vec<Uuid> = asked.iter().map(|(_, client, _)| *client).collect();
        let all = self.store.agreements_of_clients(&session.scope, &distinct(clients.iter())).await?;
        let fallback = |client: Uuid| {
            let own = all.iter().filter(|agreement| agreement.client_id == client);
            own.into_iter().find(|agreement| agreement.standing.accepted_version.is_some()).map(|found| found.id)
        };
        let chosen = asked.iter().zip(answers).filter_map(|((place, client, _), answer)| {
            Some((*place, answer.terms.map(|terms| terms.agreement_id).or_else(|| fallback(*client))?))
        });
        Ok(chosen.collect())
    }
}

fn distinct<'a, T: Clone + Eq + std::hash::Hash + 'a>(values: impl Iterator<Item = &'a T>) -> Vec<T> {
    let set: std::collections::HashSet<&T> = values.collect();
    set.into_iter().cloned().collect()
}

fn question(client: Uuid, entry: &NewEntry) -> CoverageRequest {
    CoverageRequest {
        by: AskedAgreement::Client(Handle::Id(client)),
        service: entry.service.clone(),
        priority: entry.priority,
        scenario: None,
        component: None,
        role: Some(entry.role.clone()),
        work_kind: entry.work_kind.clone(),
        channel: None,
        delivery: None,
        caller: None,
        work: None,
        at: entry.span.from,
    }
}

impl Named {
    /// Every agreement that the entries name, or that was chosen for their clients.
    pub(super) fn agreements(&self) -> impl Iterator<Item = Uuid> {
        self.agreements.values().map(|agreement| agreement.id).chain(self.chosen.values().copied())
    }

    /// What an entry names.
    ///
    /// # Errors
    /// What names nothing, or does not go together.
    pub(super) fn of(&self, place: usize, path: &Path, entry: &NewEntry) -> Result<Names, Vec<UserError>> {
        let mut errors = Vec::new();
        let mut missing = |field: &str, what: &str| {
            errors.push(refusal(UserErrorCode::NotFound, path, field, format!("no such {what}")));
        };
        let agreement = entry.agreement.as_ref().map(|handle| self.agreements.get(handle));
        let client = entry.client.as_ref().map(|handle| self.clients.get(handle));
        let service = entry.service.as_ref().map(|handle| self.services.get(handle));
        if agreement == Some(None) {
            missing("agreement", "agreement");
        }
        if matches!(client, Some(None)) {
            missing("client", "client");
        }
        if matches!(service, Some(None)) {
            missing("service", "service");
        }
        if entry.ticket.is_some() {
            missing("ticket", "ticket");
        }
        let (agreement, client) = (agreement.flatten(), client.flatten());
        if let Some((agreement, client)) = agreement.zip(client).filter(|(a, c)| a.client_id != c.id) {
            let text = format!("the agreement {} is not {}'s", agreement.number, client.code);
            errors.push(refusal(UserErrorCode::Invalid, path, "client", text));
        }
        if entry.agreement.is_none() && entry.client.is_none() && entry.ticket.is_none() {
            let text = "an agreement, a client or a ticket is needed";
            errors.push(refusal(UserErrorCode::Invalid, path, "agreement", text));
        }
        let whose = agreement.map(|agreement| agreement.client_id).or(client.map(|client| client.id));
        match whose.filter(|_| errors.is_empty()) {
            Some(client) => Ok(Names {
                client,
                agreement: agreement.map(|agreement| agreement.id).or_else(|| self.chosen.get(&place).copied()),
                chosen: agreement.is_none(),
                ticket: None,
                service: service.flatten().map(|service| service.id),
            }),
            None => Err(errors),
        }
    }
}
