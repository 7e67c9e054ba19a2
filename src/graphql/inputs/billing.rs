//! Closing periods, and invoices.

use async_graphql::{ID, InputObject};
use remit_domain::text;

use super::{REFERENCE_MAX, Ref, code, handle, lifecycle::said, optional, prose};
use crate::{
    app::{ClosePeriod, MarkInvoiced, Problems, PutPrepaidHours, ReleaseInvoice, UserErrorCode},
    graphql::{
        ids::{self, Kind},
        scalars::{Date, Duration},
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

/// A block of hours bought on top of those in the fee; it is found by its code.
#[derive(Debug, InputObject)]
pub(crate) struct PutPrepaidHoursInput {
    /// The agreement.
    agreement: Ref,
    /// What the block is called; unique per agreement, and it never changes.
    code: String,
    /// How much was bought.
    hours: Duration,
    /// The first day on which it can be used, in the zone of the terms' calendar.
    from: Date,
    /// The last day on which it can be used. Left out: it does not expire.
    until: Option<Date>,
    /// Whether it was paid for; an unpaid block covers nothing.
    paid: bool,
    /// A remark.
    note: Option<String>,
}

impl PutPrepaidHoursInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<PutPrepaidHours> {
        let agreement = p.at("agreement", |p| handle(p, self.agreement, Kind::Agreement));
        let code = code(p, "code", &self.code);
        let note = optional(self.note, |note| prose(p, "note", note));
        let until = self.until.map(|date| date.0);
        if self.hours.0.is_zero() {
            p.at("hours", |p| p.refuse(UserErrorCode::Invalid, "a block has some hours"));
            return None;
        }
        if until.is_some_and(|until| until < self.from.0) {
            p.at("until", |p| p.refuse(UserErrorCode::Invalid, "the block ends before it begins"));
            return None;
        }
        Some(PutPrepaidHours {
            agreement: agreement?,
            code: code?.to_string(),
            hours: self.hours.0,
            from: self.from.0,
            until,
            paid: self.paid,
            note: note?,
        })
    }
}
