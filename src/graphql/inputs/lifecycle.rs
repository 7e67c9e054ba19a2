//! Making agreements, and the life of their terms.

use async_graphql::{InputObject, MaybeUndefined};
use remit_domain::{Date as Day, text};

use super::{ExternalRefInput, Ref, code, given, handle, name, optional, prose, references};
use crate::{
    app::{
        ActivateTerms, AgreementRef, CreateAgreement, DeclineRenewal, Ending, Problems, RenewAgreement, Suspend,
        UpdateAgreement, WithdrawTerms,
    },
    graphql::{
        ids::Kind,
        scalars::{CurrencyCode, Date, DateTime},
    },
};

/// An agreement to be made, without terms.
#[derive(Debug, InputObject)]
pub(crate) struct CreateAgreementInput {
    /// The number, unique per provider; it never changes.
    number: String,
    /// The title.
    title: String,
    /// Whose it is.
    client: Ref,
    /// The currency of all its prices.
    currency: CurrencyCode,
    /// What other systems call it.
    external_refs: Option<Vec<ExternalRefInput>>,
}

impl CreateAgreementInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<CreateAgreement> {
        let number = code(p, "number", &self.number);
        let title = name(p, "title", self.title);
        let client = p.at("client", |p| handle(p, self.client, Kind::Client));
        let refs = p.at("externalRefs", |p| references(p, self.external_refs.unwrap_or_default()));
        Some(CreateAgreement {
            number: number?,
            title: title?,
            client: client?,
            currency: self.currency.0,
            external_refs: refs?,
        })
    }
}

/// What of an agreement is to change, beside its terms.
#[derive(Debug, InputObject)]
pub(crate) struct UpdateAgreementInput {
    /// The agreement.
    agreement: Ref,
    /// Its revision when it was read; left out: whatever it is.
    revision: Option<i32>,
    /// The title. Left out: as it is.
    title: MaybeUndefined<String>,
    /// What other systems call it: all of it. Left out: as it is; null: nothing.
    external_refs: MaybeUndefined<Vec<ExternalRefInput>>,
}

impl UpdateAgreementInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<(AgreementRef, UpdateAgreement)> {
        let reference = agreement_ref(p, self.agreement, self.revision);
        let title = optional(given(self.title, String::new), |title| name(p, "title", title));
        let refs = optional(given(self.external_refs, Vec::new), |list| p.at("externalRefs", |p| references(p, list)));
        Some((reference?, UpdateAgreement { title: title?, external_refs: refs? }))
    }
}

/// The agreement that is meant, at the field `agreement`.
pub(super) fn agreement_ref(p: &mut Problems, agreement: Ref, revision: Option<i32>) -> Option<AgreementRef> {
    let agreement = p.at("agreement", |p| handle(p, agreement, Kind::Agreement))?;
    Some(AgreementRef { agreement, revision })
}

/// A text of several lines at a field that says something.
pub(super) fn said(p: &mut Problems, field: &str, text: String) -> Option<String> {
    p.take(field, text::named(text.trim(), text::CLAUSE_MAX)).and_then(|()| prose(p, field, text))
}

/// Freezes the draft.
#[derive(Debug, InputObject)]
pub(crate) struct OfferTermsInput {
    /// The agreement.
    agreement: Ref,
    /// Its revision when it was read; left out: whatever it is.
    revision: Option<i32>,
}

impl OfferTermsInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<AgreementRef> {
        agreement_ref(p, self.agreement, self.revision)
    }
}

/// The client accepted the offer.
#[derive(Debug, InputObject)]
pub(crate) struct ActivateTermsInput {
    /// The agreement.
    agreement: Ref,
    /// Its revision when it was read; left out: whatever it is.
    revision: Option<i32>,
    /// Who accepted for the client.
    accepted_by: String,
    /// When. Left out: now.
    accepted_at: Option<DateTime>,
    /// Why it is accepted although it guarantees more than history supports; it is kept and shown to the provider's own.
    accept_overpromise: Option<String>,
}

impl ActivateTermsInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<(AgreementRef, ActivateTerms)> {
        let reference = agreement_ref(p, self.agreement, self.revision);
        let accepted_by = name(p, "acceptedBy", self.accepted_by);
        let accepted_at = self.accepted_at.map(|at| at.0);
        let accept_overpromise = optional(self.accept_overpromise, |reason| said(p, "acceptOverpromise", reason));
        let (accepted_by, accept_overpromise) = (accepted_by?, accept_overpromise?);
        Some((reference?, ActivateTerms { accepted_by, accepted_at, accept_overpromise }))
    }
}

/// Takes the draft or offer back.
#[derive(Debug, InputObject)]
pub(crate) struct WithdrawTermsInput {
    /// The agreement.
    agreement: Ref,
    /// Its revision when it was read; left out: whatever it is.
    revision: Option<i32>,
    /// Why.
    reason: String,
}

impl WithdrawTermsInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<(AgreementRef, WithdrawTerms)> {
        let reference = agreement_ref(p, self.agreement, self.revision);
        let reason = said(p, "reason", self.reason);
        Some((reference?, WithdrawTerms { reason: reason? }))
    }
}

/// From a day on nothing of the agreement holds, until it is resumed.
#[derive(Debug, InputObject)]
pub(crate) struct SuspendAgreementInput {
    /// The agreement.
    agreement: Ref,
    /// Its revision when it was read; left out: whatever it is.
    revision: Option<i32>,
    /// The first day without the agreement.
    on: Date,
    /// The first day with the agreement again. Left out: `resumeAgreement` says so, once it is known.
    until: Option<Date>,
    /// Why.
    reason: String,
}

impl SuspendAgreementInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<(AgreementRef, Suspend)> {
        let reference = agreement_ref(p, self.agreement, self.revision);
        let reason = said(p, "reason", self.reason);
        let until = self.until.map(|until| until.0);
        Some((reference?, Suspend { on: self.on.0, until, reason: reason? }))
    }
}

/// Ends the agreement before its time.
#[derive(Debug, InputObject)]
pub(crate) struct TerminateAgreementInput {
    /// The agreement.
    agreement: Ref,
    /// Its revision when it was read; left out: whatever it is.
    revision: Option<i32>,
    /// The first day without the agreement.
    on: Date,
    /// Why.
    reason: String,
}

impl TerminateAgreementInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<(AgreementRef, Ending)> {
        let reference = agreement_ref(p, self.agreement, self.revision);
        let reason = said(p, "reason", self.reason);
        Some((reference?, Ending { on: self.on.0, reason: reason? }))
    }
}

/// Lets a suspended agreement hold again.
#[derive(Debug, InputObject)]
pub(crate) struct ResumeAgreementInput {
    /// The agreement.
    agreement: Ref,
    /// Its revision when it was read; left out: whatever it is.
    revision: Option<i32>,
    /// The first day with the agreement again.
    on: Date,
}

impl ResumeAgreementInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<(AgreementRef, Day)> {
        Some((agreement_ref(p, self.agreement, self.revision)?, self.on.0))
    }
}

/// Another term, agreed by hand.
#[derive(Debug, InputObject)]
pub(crate) struct RenewAgreementInput {
    /// The agreement.
    agreement: Ref,
    /// Its revision when it was read; left out: whatever it is.
    revision: Option<i32>,
    /// The last day of the new term; `Agreement.currentTerm.nextEndsOn` is what the terms foresee.
    until: Date,
    /// Who agreed for the client.
    accepted_by: String,
}

impl RenewAgreementInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<(AgreementRef, RenewAgreement)> {
        let reference = agreement_ref(p, self.agreement, self.revision);
        let accepted_by = name(p, "acceptedBy", self.accepted_by);
        Some((reference?, RenewAgreement { until: self.until.0, accepted_by: accepted_by? }))
    }
}

/// Notice that there is to be no other term.
#[derive(Debug, InputObject)]
pub(crate) struct DeclineRenewalInput {
    /// The agreement.
    agreement: Ref,
    /// Its revision when it was read; left out: whatever it is.
    revision: Option<i32>,
    /// The day on which notice was given. Left out: today.
    on: Option<Date>,
    /// Who gave it.
    said_by: String,
    /// Why.
    reason: String,
}

impl DeclineRenewalInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<(AgreementRef, DeclineRenewal)> {
        let reference = agreement_ref(p, self.agreement, self.revision);
        let said_by = name(p, "saidBy", self.said_by);
        let reason = said(p, "reason", self.reason);
        let on = self.on.map(|on| on.0);
        Some((reference?, DeclineRenewal { on, said_by: said_by?, reason: reason? }))
    }
}
