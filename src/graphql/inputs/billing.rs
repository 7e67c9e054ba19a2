//! Closing periods, and invoices.

use async_graphql::{ID, InputObject};
use remit_domain::text;

use super::{REFERENCE_MAX, Ref, handle, lifecycle::said};
use crate::{
    app::{ClosePeriod, MarkInvoiced, Problems, ReleaseInvoice},
    graphql::{
        ids::{self, Kind},
        scalars::Date,
    },
};

/// A billing period to be closed for good.
#[derive(Debug, InputObject)]
pub(crate) struct CloseBillingPeriodInput {
    /// The agreement.
    agreement: Ref,
    /// The first day of the period.
    from: Date,
    /// Closes the periods before it that are open, too, in order. Left out: they must be closed already.
    with_earlier: Option<bool>,
}

impl CloseBillingPeriodInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<ClosePeriod> {
        let agreement = p.at("agreement", |p| handle(p, self.agreement, Kind::Agreement));
        let with_earlier = self.with_earlier.unwrap_or(false);
        Some(ClosePeriod { agreement: agreement?, from: self.from.0, with_earlier })
    }
}

/// Charges that stand on an invoice.
#[derive(Debug, InputObject)]
pub(crate) struct MarkChargesInvoicedInput {
    /// The charges: all are taken, or none.
    charges: Vec<ID>,
    /// What the billing system calls the invoice.
    invoice_ref: String,
}

impl MarkChargesInvoicedInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<MarkInvoiced> {
        let charge = |id: &ID| ids::read(id).filter(|(kind, _)| *kind == Kind::Charge).map(|(_, uuid)| uuid);
        let charges = self.charges.iter().map(charge).collect();
        let invoice_ref = invoice_ref(p, self.invoice_ref)?;
        Some(MarkInvoiced { charges, invoice_ref })
    }
}

/// An invoice that was voided.
#[derive(Debug, InputObject)]
pub(crate) struct ReleaseInvoiceInput {
    /// What the billing system calls it.
    invoice_ref: String,
    /// Why.
    reason: String,
}

impl ReleaseInvoiceInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<ReleaseInvoice> {
        let invoice_ref = invoice_ref(p, self.invoice_ref);
        let reason = said(p, "reason", self.reason);
        Some(ReleaseInvoice { invoice_ref: invoice_ref?, reason: reason? })
    }
}

fn invoice_ref(p: &mut Problems, text: String) -> Option<String> {
    p.take("invoiceRef", text::named(&text, REFERENCE_MAX)).map(|()| text)
}
