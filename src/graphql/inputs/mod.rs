//! Inputs, and how they are read into the domain's types.
//!
//! What a scalar or the shape of an input refuses has been refused before anything here runs. What is left is checked
//! here field by field; everything that is wrong is put down with its path, and nothing is done unless all is right.

mod access;
mod availability;
mod billing;
mod catalogue;
mod commitments;
mod draft;
pub(crate) mod facts;
mod hours;
mod lifecycle;
pub(crate) mod names;
mod obligations;
mod promises;
mod rehearsal;
mod renewal;
mod stated;
mod tickets;
mod tier;
mod time;
mod webhooks;

use async_graphql::MaybeUndefined;
use remit_domain::text::{self, Code};

pub(crate) use access::{PutApiClientInput, RevokeTokensInput, RotateApiClientInput};
pub(crate) use billing::{
    CloseBillingPeriodInput, MarkChargesInvoicedInput, PutPrepaidHoursInput, ReleaseInvoiceInput,
};
pub(crate) use catalogue::{PutCalendarInput, PutClientInput, PutServiceInput};
pub(crate) use draft::DraftTermsInput;
pub(crate) use facts::{RecordBackupRunsInput, RecordMeasurementsInput, RecordOutagesInput, WatchSubjectInput};
pub(crate) use lifecycle::{
    ActivateTermsInput, CreateAgreementInput, DeclineRenewalInput, OfferTermsInput, RenewAgreementInput,
    ResumeAgreementInput, SuspendAgreementInput, TerminateAgreementInput, UpdateAgreementInput, WithdrawTermsInput,
};
pub(crate) use obligations::{ConfirmObligationStatusInput, RecordObligationStatusInput, RejectObligationStatusInput};
pub(crate) use rehearsal::RehearseInput;
pub(crate) use tickets::RecordTicketsInput;
pub(crate) use tier::PutSlaTierInput;
pub(crate) use time::{QuoteInput, RecordTimeEntriesInput};
pub(crate) use webhooks::{
    DeleteWebhookInput, PutWebhookInput, ReplayWebhookInput, RotateWebhookSecretInput, TestWebhookInput,
};

use super::{
    ids::Kind,
    reference::{ExternalRefInput, Ref, wrong_kind},
};
use crate::{
    app::{Problems, UserErrorCode},
    store::{ExternalRef, Handle},
};

/// The most characters a system's name or an id in it has.
const REFERENCE_MAX: usize = 255;
/// The most days of anything: a hundred years.
const DAYS_MAX: i32 = 36_525;

/// A field of a PATCH: left out, it stays (none); null, it is cleared to what it is by default.
fn given<T>(field: MaybeUndefined<T>, cleared: impl FnOnce() -> T) -> Option<T> {
    match field {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(cleared()),
        MaybeUndefined::Value(value) => Some(value),
    }
}

/// A code at a field.
fn code(problems: &mut Problems, field: &str, text: &str) -> Option<Code> {
    problems.take(field, text.parse::<Code>())
}

/// A name or title at a field: one line that says something.
fn name(problems: &mut Problems, field: &str, value: String) -> Option<String> {
    problems.take(field, text::named(&value, text::NAME_MAX)).map(|()| value)
}

/// A text of several lines at a field, which may be empty.
fn prose(problems: &mut Problems, field: &str, value: String) -> Option<String> {
    problems.take(field, text::prose(&value, text::CLAUSE_MAX)).map(|()| value)
}

/// An optional value: what is not there is right.
fn optional<T, U>(value: Option<T>, read: impl FnOnce(T) -> Option<U>) -> Option<Option<U>> {
    match value {
        Some(value) => read(value).map(Some),
        None => Some(None),
    }
}

/// A handle at the place of the reading.
fn handle(problems: &mut Problems, reference: Ref, kind: Kind) -> Option<Handle> {
    match reference.handle(kind) {
        Ok(handle) => Some(handle),
        Err(other) => {
            problems.at("id", |here| here.refuse(UserErrorCode::Invalid, wrong_kind(kind, other)));
            None
        }
    }
}

/// External references at the place of the reading, each once.
fn references(problems: &mut Problems, list: Vec<ExternalRefInput>) -> Option<Vec<ExternalRef>> {
    let mut seen: Vec<ExternalRef> = Vec::new();
    problems.each(list, |here, ExternalRefInput { system, id }| {
        let system = here.take("system", text::named(&system, REFERENCE_MAX)).map(|()| system);
        let id = here.take("id", text::named(&id, REFERENCE_MAX)).map(|()| id);
        let reference = ExternalRef { system: system?, id: id? };
        if seen.contains(&reference) {
            here.refuse(UserErrorCode::Invalid, "the same reference is given twice");
            return None;
        }
        seen.push(reference.clone());
        Some(reference)
    })
}

/// A whole number in a range at a field.
fn number(problems: &mut Problems, field: &str, value: i32, from: i32, to: i32) -> Option<u32> {
    if (from..=to).contains(&value) {
        return u32::try_from(value).ok();
    }
    problems.at(field, |here| here.refuse(UserErrorCode::Invalid, format!("must be from {from} to {to}, not {value}")));
    None
}
