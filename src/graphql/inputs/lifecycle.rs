//! Making agreements, and the life of their terms.

use async_graphql::InputObject;

use super::{ExternalRefInput, Ref, code, handle, name, prose, references};
use crate::{
    app::{ActivateTerms, CreateAgreement, Problems, TermsRef, WithdrawTerms},
    graphql::{
        ids::Kind,
        scalars::{CurrencyCode, DateTime},
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

/// The agreement whose pending terms are meant, at the field `agreement`.
pub(super) fn terms_ref(p: &mut Problems, agreement: Ref, revision: Option<i32>) -> Option<TermsRef> {
    let agreement = p.at("agreement", |p| handle(p, agreement, Kind::Agreement))?;
    Some(TermsRef { agreement, revision })
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
    pub(crate) fn read(self, p: &mut Problems) -> Option<TermsRef> {
        terms_ref(p, self.agreement, self.revision)
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
}

impl ActivateTermsInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<(TermsRef, ActivateTerms)> {
        let reference = terms_ref(p, self.agreement, self.revision);
        let accepted_by = name(p, "acceptedBy", self.accepted_by);
        let accepted_at = self.accepted_at.map(|at| at.0);
        Some((reference?, ActivateTerms { accepted_by: accepted_by?, accepted_at }))
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
    pub(crate) fn read(self, p: &mut Problems) -> Option<(TermsRef, WithdrawTerms)> {
        let reference = terms_ref(p, self.agreement, self.revision);
        let said = p.take("reason", remit_domain::text::named(self.reason.trim(), remit_domain::text::CLAUSE_MAX));
        let reason = said.and_then(|()| prose(p, "reason", self.reason));
        Some((reference?, WithdrawTerms { reason: reason? }))
    }
}
