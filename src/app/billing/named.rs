//! What the entries of a batch name, looked up all at once.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{
    book::ServiceCodes,
    decide::refusal,
    record::{NewEntry, RecordEntry, RecordItem},
};
use crate::{
    app::{App, AskedAgreement, CoverageRequest, Path, Session, UserError, UserErrorCode},
    store::{AgreementRecord, ClientRecord, ExternalRef, Handle, ServiceRecord, StoreError, TicketRecord, Uuid},
};

/// What the entries of a batch name.
#[derive(Debug, Default)]
pub(super) struct Named {
    agreements: HashMap<Handle, AgreementRecord>,
    clients: HashMap<Handle, ClientRecord>,
    services: HashMap<Handle, ServiceRecord>,
    service_codes: ServiceCodes,
    tickets: HashMap<Handle, NamedTicket>,
    /// What their sources call the tickets that entries name, recorded or not.
    named_tickets: Vec<ExternalRef>,
    /// For each item that names no agreement, nor a ticket that has one, the agreement that was chosen.
    chosen: HashMap<usize, Uuid>,
}

/// A ticket that entries name, and that is there.
#[derive(Debug, PartialEq, Eq)]
struct NamedTicket {
    reference: ExternalRef,
    client: Uuid,
    agreement: Option<Uuid>,
}

impl From<&TicketRecord> for NamedTicket {
    fn from(ticket: &TicketRecord) -> Self {
        Self { reference: ticket.reference.clone(), client: ticket.client_id, agreement: ticket.agreement_id }
    }
}

/// What one entry names.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub(super) client: Uuid,
    pub(super) agreement: Option<Uuid>,
    /// Whether the agreement was chosen for the client, not named.
    pub(super) chosen: bool,
    /// What the source of its ticket calls that, recorded or not.
    pub(super) ticket: Option<ExternalRef>,
    /// Whether its client and agreement are those of the ticket.
    pub(super) by_ticket: bool,
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
        // What is looked up here is no write yet.
        let session = &session.clone().of_query();
        let (store, scope) = (&self.store, &session.scope);
        let agreements = store.find_agreements(scope, &handles(|entry| entry.agreement.as_ref())).await?;
        let services = self.services(session, handles(|entry| entry.service.as_ref())).await?;
        let tickets = store.find_tickets(scope, &handles(|entry| entry.ticket.as_ref())).await?;
        let code = |service: &ServiceRecord| Some((service.id, service.code.parse().ok()?));
        let mut named = Named {
            agreements,
            clients: store.find_clients(scope, &handles(|entry| entry.client.as_ref())).await?,
            service_codes: services.values().filter_map(code).collect(),
            services,
            tickets: tickets.iter().map(|(handle, ticket)| (handle.clone(), ticket.into())).collect(),
            ..Named::default()
        };
        let references: HashSet<ExternalRef> =
            wanted.iter().filter_map(|(_, entry)| named.reference(entry.ticket.as_ref()?)).collect();
        named.named_tickets = references.into_iter().collect();
        named.chosen = self.choose_agreements(session, &wanted, &named).await?;
        Ok(named)
    }

    /// Chooses an agreement for the entries that name none, nor a ticket that has one: the most favourable in force (V7),
    /// else the first that has accepted terms.
    async fn choose_agreements(
        &self,
        session: &Session,
        wanted: &[(usize, &NewEntry)],
        named: &Named,
    ) -> Result<HashMap<usize, Uuid>, StoreError> {
        let asked: Vec<(usize, Uuid, &NewEntry)> = wanted
            .iter()
            .filter_map(|(place, entry)| Some((*place, named.client_to_choose_for(entry)?, *entry)))
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
    let set: HashSet<&T> = values.collect();
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
    /// The agreement that a handle names.
    pub(super) fn agreement(&self, handle: &Handle) -> Option<Uuid> {
        self.agreements.get(handle).map(|agreement| agreement.id)
    }

    /// Every agreement that the entries or their tickets name, or that was chosen for their clients.
    pub(super) fn agreements(&self) -> impl Iterator<Item = Uuid> {
        let of_tickets = self.tickets.values().filter_map(|ticket| ticket.agreement);
        self.agreements.values().map(|agreement| agreement.id).chain(of_tickets).chain(self.chosen.values().copied())
    }

    /// The codes of the services that entries name.
    pub(super) fn service_codes(&self) -> &ServiceCodes {
        &self.service_codes
    }

    /// What their sources call the tickets that entries name, recorded or not.
    pub(super) fn tickets(&self) -> &[ExternalRef] {
        &self.named_tickets
    }

    /// The clients of entries and the tickets that they name, where any does.
    pub(super) fn clients_of_tickets(&self) -> BTreeSet<Uuid> {
        if self.named_tickets.is_empty() {
            return BTreeSet::new();
        }
        let of_agreements = self.agreements.values().map(|agreement| agreement.client_id);
        let of_tickets = self.tickets.values().map(|ticket| ticket.client);
        of_agreements.chain(of_tickets).chain(self.clients.values().map(|client| client.id)).collect()
    }

    /// Whether the tickets still belong where they did.
    ///
    /// - `found`: those that are there now.
    pub(super) fn still_holds(&self, found: &[TicketRecord]) -> bool {
        let found: Vec<NamedTicket> = found.iter().map(Into::into).collect();
        self.tickets.values().all(|ticket| found.contains(ticket))
            && found.iter().all(|ticket| self.tickets.values().any(|known| known == ticket))
    }

    fn reference(&self, ticket: &Handle) -> Option<ExternalRef> {
        match (self.tickets.get(ticket), ticket) {
            (Some(found), _) => Some(found.reference.clone()),
            (None, Handle::External { system, id }) => Some(ExternalRef { system: system.clone(), id: id.clone() }),
            (None, Handle::Id(_) | Handle::Code(_)) => None,
        }
    }

    /// The client that an agreement is to be chosen for; none: the entry or its ticket has one.
    fn client_to_choose_for(&self, entry: &NewEntry) -> Option<Uuid> {
        let ticket = entry.ticket.as_ref().and_then(|handle| self.tickets.get(handle));
        if entry.agreement.is_some() || ticket.is_some_and(|ticket| ticket.agreement.is_some()) {
            return None;
        }
        let said = entry.client.as_ref().and_then(|handle| self.clients.get(handle)).map(|client| client.id);
        said.or(ticket.map(|ticket| ticket.client))
    }

    /// The ticket of an entry, as far as it is there.
    ///
    /// # Errors
    /// What is wrong: nothing has that name, and where the work belongs is not said either; or it is another client's.
    fn ticket(&self, path: &Path, entry: &NewEntry, whose: Option<Uuid>) -> Result<Option<&NamedTicket>, UserError> {
        let Some(handle) = &entry.ticket else { return Ok(None) };
        let found = self.tickets.get(handle);
        let may_come_later = whose.is_some() && matches!(handle, Handle::External { .. });
        match found {
            None if may_come_later => Ok(None),
            None => Err(refusal(UserErrorCode::NotFound, path, "ticket", "no such ticket")),
            Some(ticket) if whose.is_some_and(|client| client != ticket.client) => {
                Err(refusal(UserErrorCode::Invalid, path, "ticket", "the ticket is another client's"))
            }
            Some(ticket) => Ok(Some(ticket)),
        }
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
        let ticket = self.ticket(path, entry, whose).unwrap_or_else(|error| {
            errors.push(error);
            None
        });
        match whose.or(ticket.map(|ticket| ticket.client)).filter(|_| errors.is_empty()) {
            Some(client) => {
                let given = agreement.map(|agreement| agreement.id).or(ticket.and_then(|ticket| ticket.agreement));
                Ok(Names {
                    client,
                    agreement: given.or_else(|| self.chosen.get(&place).copied()),
                    chosen: given.is_none(),
                    ticket: entry.ticket.as_ref().and_then(|ticket| self.reference(ticket)),
                    by_ticket: agreement.is_none() && entry.ticket.is_some(),
                    service: service.flatten().map(|service| service.id),
                })
            }
            None => Err(errors),
        }
    }
}
