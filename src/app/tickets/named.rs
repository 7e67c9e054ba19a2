//! What the tickets of a batch name, looked up all at once.

use std::collections::HashMap;

use super::RecordTicket;
use crate::{
    app::{App, AskedAgreement, Given, Session, UserError, UserErrorCode},
    store::{AgreementRecord, ClientRecord, Handle, ServiceRecord, StoreError, Uuid},
};

impl App {
    /// Looks up where tickets belong and which services they name.
    pub(super) async fn named_by(&self, session: &Session, items: &[RecordTicket]) -> Result<Named, StoreError> {
        let (mut agreements, mut clients, mut services) = (Vec::new(), Vec::new(), Vec::new());
        for item in items {
            match &item.by {
                AskedAgreement::Agreement(handle) => add(&mut agreements, handle),
                AskedAgreement::Client(handle) => add(&mut clients, handle),
            }
            if let Some(Some(handle)) = &item.service {
                add(&mut services, handle);
            }
        }
        let clients = self.store.find_clients(&session.scope, &clients).await?;
        let ids: Vec<Uuid> = clients.values().map(|client| client.id).collect();
        Ok(Named {
            agreements: self.store.find_agreements(&session.scope, &agreements).await?,
            of_clients: self.store.agreements_of_clients(&session.scope, &ids).await?,
            services: self.store.find_services(&session.scope, &services).await?,
            clients,
        })
    }
}

fn add(handles: &mut Vec<Handle>, handle: &Handle) {
    // Batches name few agreements, clients and services.
    if handles.last() != Some(handle) && !handles.contains(handle) {
        handles.push(handle.clone());
    }
}

/// Where tickets belong and what they name.
#[derive(Default)]
pub(super) struct Named {
    agreements: HashMap<Handle, AgreementRecord>,
    clients: HashMap<Handle, ClientRecord>,
    of_clients: Vec<AgreementRecord>,
    services: HashMap<Handle, ServiceRecord>,
}

/// Where one ticket belongs.
#[derive(Clone, Copy)]
pub(super) enum Owner {
    Agreement { id: Uuid, client: Uuid },
    Client(Uuid),
}

impl Owner {
    /// The client, the agreement where it is said, and whether it is to be chosen.
    pub(super) fn columns(self) -> (Uuid, Option<Uuid>, bool) {
        match self {
            Self::Agreement { id, client } => (client, Some(id), false),
            Self::Client(client) => (client, None, true),
        }
    }
}

impl Named {
    /// What a write of these tickets keeps others of its kind from: agreements, and clients.
    pub(super) fn concerned(&self) -> impl Iterator<Item = Uuid> {
        let agreements = self.agreements.values().chain(&self.of_clients).flat_map(|a| [a.id, a.client_id]);
        agreements.chain(self.clients.values().map(|client| client.id))
    }

    pub(super) fn owner(&self, item: &RecordTicket) -> Result<Owner, UserError> {
        let unknown =
            |field: &str, what: &str| refused(item, UserErrorCode::NotFound, field, format!("no such {what}"));
        match &item.by {
            AskedAgreement::Agreement(handle) => {
                let found = self.agreements.get(handle).ok_or_else(|| unknown("agreement", "agreement"))?;
                Ok(Owner::Agreement { id: found.id, client: found.client_id })
            }
            AskedAgreement::Client(handle) => {
                let found = self.clients.get(handle).ok_or_else(|| unknown("client", "client"))?;
                Ok(Owner::Client(found.id))
            }
        }
    }

    /// The service that a version speaks of: by its code, and by its id.
    pub(super) fn service(&self, item: &RecordTicket) -> Result<Given<Option<&ServiceRecord>>, UserError> {
        let Some(said) = &item.service else { return Ok(None) };
        let unknown = || refused(item, UserErrorCode::NotFound, "service", "no such service");
        said.as_ref().map(|handle| self.services.get(handle).ok_or_else(unknown)).transpose().map(Some)
    }
}

pub(super) fn refused(item: &RecordTicket, code: UserErrorCode, field: &str, message: impl Into<String>) -> UserError {
    let path = item.path.iter().map(String::as_str).chain([field]).collect::<Vec<_>>();
    UserError::new(code, &path, message)
}
