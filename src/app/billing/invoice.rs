//! Charges on invoices (R10).

use std::collections::HashMap;

use remit_domain::words::ChargeStatus;

use crate::{
    app::{App, Failure, Outcome, Session, UserError, UserErrorCode, open::refuse},
    store::{Change, ChangeKind, ChargeRecord, ChargesOf, ReleaseRecord, Subject, Tx, Uuid},
};

/// Which charges stand on an invoice.
#[derive(Clone, Debug)]
pub struct MarkInvoiced {
    /// The charges, in the order given; none for an id that names none.
    pub charges: Vec<Option<Uuid>>,
    /// What the billing system calls the invoice.
    pub invoice_ref: String,
}

/// The invoice that was voided.
#[derive(Clone, Debug)]
pub struct ReleaseInvoice {
    /// What the billing system calls it.
    pub invoice_ref: String,
    /// Why.
    pub reason: String,
}

impl App {
    /// Puts charges on an invoice, all or none. Again with the same invoice changes nothing.
    ///
    /// # Errors
    /// Refused when one of them is not there, is provisional, or stands on another invoice.
    pub async fn mark_charges_invoiced(&self, session: &Session, mark: MarkInvoiced) -> Outcome<Vec<ChargeRecord>> {
        let ids: Vec<Uuid> = mark.charges.iter().flatten().copied().collect();
        let tx = self.store.begin_recording(&session.scope, session.now, &[]).await?;
        take_agreements_of(&tx, ChargesOf::Ids(&ids)).await?;
        let found = tx.charges(None, ChargesOf::Ids(&ids)).await?;
        let mut found: HashMap<Uuid, ChargeRecord> = found.into_iter().map(|charge| (charge.id, charge)).collect();
        let refused: Vec<UserError> = mark
            .charges
            .iter()
            .enumerate()
            .filter_map(|(place, id)| refusal(place, id.and_then(|id| found.get(&id)), &mark.invoice_ref))
            .collect();
        if !refused.is_empty() {
            return Err(Failure::Refused(refused));
        }
        let mut changed = Vec::new();
        for charge in found.values_mut().filter(|charge| charge.status != ChargeStatus::Invoiced) {
            charge.status = ChargeStatus::Invoiced;
            charge.invoice_ref = Some(mark.invoice_ref.clone());
            changed.push(charge.clone());
        }
        write(tx, &changed, "charge.invoiced").await?;
        Ok(ids.iter().filter_map(|id| found.get(id).cloned()).collect())
    }

    /// Takes all charges off an invoice that was voided: they are final again and can stand on another. Doing it again
    /// changes nothing.
    ///
    /// # Errors
    /// Refused when no charge stands on it, or ever did.
    pub async fn release_invoice(&self, session: &Session, release: ReleaseInvoice) -> Outcome<Vec<ChargeRecord>> {
        let invoice = release.invoice_ref.as_str();
        let tx = self.store.begin_recording(&session.scope, session.now, &[]).await?;
        take_agreements_of(&tx, ChargesOf::Invoice(invoice)).await?;
        let mut charges = tx.charges(None, ChargesOf::Invoice(invoice)).await?;
        if charges.is_empty() {
            return Err(refuse(UserErrorCode::NotFound, "invoiceRef", "no charge stands on such an invoice"));
        }
        let mut changed = Vec::new();
        for charge in charges.iter_mut().filter(|charge| charge.invoice_ref.as_deref() == Some(invoice)) {
            charge.status = ChargeStatus::Final;
            charge.invoice_ref = None;
            let (invoice_ref, reason) = (release.invoice_ref.clone(), release.reason.clone());
            charge.released = Some(ReleaseRecord { invoice_ref, reason, at: session.now });
            changed.push(charge.clone());
        }
        write(tx, &changed, "charge.released").await?;
        charges.retain(|charge| charge.released.as_ref().is_some_and(|released| released.invoice_ref == invoice));
        Ok(charges)
    }
}

/// Waits until no other write concerns the agreements of some charges.
async fn take_agreements_of(tx: &Tx, of: ChargesOf<'_>) -> Outcome<()> {
    let charges = tx.charges(None, of).await?;
    let agreements: Vec<Uuid> = charges.iter().map(|charge| charge.agreement_id).collect();
    Ok(tx.take_agreements(&agreements).await?)
}

fn refusal(place: usize, charge: Option<&ChargeRecord>, invoice_ref: &str) -> Option<UserError> {
    let refused = |code, text: String| Some(UserError::new(code, &["input", "charges", &place.to_string()], text));
    let Some(charge) = charge else { return refused(UserErrorCode::NotFound, "no such charge".into()) };
    match (charge.status, charge.invoice_ref.as_deref()) {
        (ChargeStatus::Provisional, _) => {
            let text = format!("the charge can still change: close the period {} first", charge.month);
            refused(UserErrorCode::Invalid, text)
        }
        (ChargeStatus::Invoiced, Some(other)) if other != invoice_ref => {
            refused(UserErrorCode::Conflict, format!("the charge stands on the invoice {other} already"))
        }
        _ => None,
    }
}

/// Writes charges that became others, and commits.
async fn write(mut tx: Tx, charges: &[ChargeRecord], event: &'static str) -> Outcome<()> {
    let rows = tx.charge_rows(charges)?;
    for charge in charges {
        let (agreement, client) = (Some(charge.agreement_id), Some(charge.client_id));
        let (subject, kind) = (Subject::Charge, ChangeKind::Updated);
        tx.changed(Change { subject, id: charge.id, kind, event, agreement, client, clock: None });
    }
    Ok(tx.commit_with(rows).await?)
}
