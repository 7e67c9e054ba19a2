//! Making agreements.

use remit_domain::{Currency, text::Code};

use super::{App, Outcome, Session, UserError, UserErrorCode, catalogue::set_references};
use crate::store::{AgreementRecord, Change, ChangeKind, ExternalRef, Handle, Standing, Subject, Uuid};

/// What an agreement is to be.
#[derive(Clone, Debug)]
pub struct CreateAgreement {
    /// Its number.
    pub number: Code,
    /// Its title.
    pub title: String,
    /// Whose it is.
    pub client: Handle,
    /// The currency of all its prices.
    pub currency: Currency,
    /// What other systems call it.
    pub external_refs: Vec<ExternalRef>,
}

impl App {
    /// Makes an agreement, without terms. A retry with the same content finds the one that was made.
    ///
    /// # Errors
    /// Refused when the client is unknown, or number or an external reference is taken by another agreement.
    pub async fn create_agreement(&self, session: &Session, create: CreateAgreement) -> Outcome<AgreementRecord> {
        let refuse = |code, field: &str, text: &str| UserError::new(code, &["input", field], text);
        let mut tx = self.store.begin(&session.scope, session.now).await?;
        let clients = self.store.find_clients(&session.scope, std::slice::from_ref(&create.client)).await?;
        let Some(client) = clients.get(&create.client) else {
            return Err(refuse(UserErrorCode::NotFound, "client", "no such client").into());
        };
        if let Some(old) = tx.agreement(&Handle::Code(create.number.to_string())).await? {
            let same = old.title == create.title && old.client_id == client.id && old.currency == create.currency;
            if same && !tx.references_differ(Subject::Agreement, old.id, &create.external_refs).await? {
                return Ok(old);
            }
            let text = "another agreement has this number";
            return Err(refuse(UserErrorCode::AlreadyExists, "number", text).into());
        }
        let agreement = AgreementRecord {
            id: Uuid::now_v7(),
            number: create.number.to_string(),
            title: create.title,
            client_id: client.id,
            currency: create.currency,
            revision: 1,
            standing: Standing::default(),
            termination: None,
        };
        tx.add_agreement(&agreement).await?;
        set_references(&tx, Subject::Agreement, agreement.id, Some(&create.external_refs)).await?;
        tx.changed(Change {
            subject: Subject::Agreement,
            id: agreement.id,
            kind: ChangeKind::Created,
            event: "agreement.created",
            agreement: Some(agreement.id),
            client: Some(client.id),
            clock: None,
        });
        tx.commit().await?;
        Ok(agreement)
    }
}
