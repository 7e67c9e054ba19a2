//! Making agreements, and changing what is not part of their terms.

use remit_domain::{Currency, text::Code};

use super::{
    AgreementRef, App, Outcome, Session, UserError, UserErrorCode, catalogue::set_references, open::Open, terms::Given,
};
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

/// What of an agreement is to change; what is not given stays.
#[derive(Clone, Debug)]
pub struct UpdateAgreement {
    /// Its title.
    pub title: Given<String>,
    /// What other systems call it.
    pub external_refs: Given<Vec<ExternalRef>>,
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
            has_prepaid: false,
            was_suspended: false,
            status_revision: 0,
        };
        tx.add_agreement(&agreement).await?;
        set_references(&tx, Subject::Agreement, agreement.id, Some(&create.external_refs)).await?;
        tx.changed(change(&agreement, ChangeKind::Created, "agreement.created"));
        tx.commit().await?;
        Ok(agreement)
    }

    /// Gives an agreement another title or other external references. What is so already changes nothing.
    ///
    /// # Errors
    /// Refused when the agreement is unknown or has changed since `revision`, or a reference is another's.
    pub async fn update_agreement(
        &self,
        session: &Session,
        reference: AgreementRef,
        update: UpdateAgreement,
    ) -> Outcome<AgreementRecord> {
        let mut open = self.open(session, reference).await?;
        let title = update.title.filter(|title| *title != open.agreement.title);
        let (id, refs) = (open.agreement.id, update.external_refs.as_deref());
        let renamed = set_references(&open.tx, Subject::Agreement, id, refs).await?;
        if title.is_none() && !renamed {
            return Ok(open.agreement);
        }
        open.agreement.title = title.unwrap_or(open.agreement.title);
        open.write_agreement().await?;
        let Open { mut tx, agreement, .. } = open;
        tx.changed(change(&agreement, ChangeKind::Updated, "agreement.updated"));
        tx.commit().await?;
        Ok(agreement)
    }
}

/// What the feed is told of an agreement.
pub(super) fn change(agreement: &AgreementRecord, kind: ChangeKind, event: &'static str) -> Change {
    let (id, client) = (agreement.id, Some(agreement.client_id));
    Change { subject: Subject::Agreement, id, kind, event, agreement: Some(id), client, clock: None }
}
