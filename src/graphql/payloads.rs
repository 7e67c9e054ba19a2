//! What mutations answer: the changed object, and what was refused.

use async_graphql::{Context, Enum, Result, SimpleObject};

use super::types::{
    AgreementNode, CalendarNode, ClientNode, ObligationNode, ServiceNode, TermsNode, TierNode, WebhookAttempt,
    WebhookNode,
};
use crate::{
    app::{self, Failure, Outcome, Problems},
    store::{AgreementRecord, TermsRecord},
};

/// Why nothing was done: a rule or the catalogue says no.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct UserError {
    /// The kind of refusal. Stable: branch on it.
    code: UserErrorCode,
    /// What is wrong and what to do.
    message: String,
    /// Where in the input: field names, and places counted from 0.
    path: Vec<String>,
}

/// The kinds of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "app::UserErrorCode")]
pub(crate) enum UserErrorCode {
    /// A name names nothing.
    NotFound,
    /// The name is taken by something else.
    AlreadyExists,
    /// The value is not one that can be.
    Invalid,
    /// It does not go with how things stand.
    Conflict,
    /// The agreement has changed since it was read.
    StaleRevision,
    /// The terms are no draft, or no draft any more.
    NotADraft,
    /// The draft has blocking findings.
    NotReady,
    /// The terms would begin no later than those accepted before them.
    TermsOverlap,
    /// A guarantee is beyond what history supports.
    Overpromised,
    /// The billing period is closed, and nothing is left that could be charged for it.
    PeriodClosed,
    /// The `Idempotency-Key` was sent with another request before.
    IdempotencyMismatch,
}

impl From<app::UserError> for UserError {
    fn from(error: app::UserError) -> Self {
        Self { code: error.code.into(), message: error.message, path: error.path }
    }
}

/// Splits an outcome into what was done and what was refused; a fault is an error of the request.
pub(super) fn settle<T>(outcome: Outcome<T>) -> Result<(Option<T>, Vec<UserError>)> {
    match outcome {
        Ok(done) => Ok((Some(done), Vec::new())),
        Err(Failure::Refused(errors)) => Ok((None, errors.into_iter().map(Into::into).collect())),
        Err(Failure::Fault(fault)) => Err(fault.into()),
    }
}

/// Reads an input.
pub(super) fn read<T>(read: impl FnOnce(&mut Problems) -> Option<T>) -> Outcome<T> {
    let mut problems = Problems::of("input");
    let value = read(&mut problems);
    problems.finish(value).map_err(Failure::Refused)
}

/// Does what was read, unless the reading refused it.
pub(super) async fn perform<T, R, F: Future<Output = Outcome<R>>>(
    read: Outcome<T>,
    act: impl FnOnce(T) -> F,
) -> Outcome<R> {
    match read {
        Ok(input) => act(input).await,
        Err(refused) => Err(refused),
    }
}

/// Declares payloads with one object.
macro_rules! payloads {
    ($($(#[doc = $doc:literal])+ $name:ident { #[doc = $what:literal] $field:ident: $node:ty }),+ $(,)?) => {
        $($(#[doc = $doc])+
        #[derive(Clone, Debug, SimpleObject)]
        pub(crate) struct $name {
            #[doc = $what]
            pub(super) $field: Option<$node>,
            /// What was refused; then nothing was done.
            pub(super) errors: Vec<UserError>,
        })+
    };
}

payloads! {
    /// What putting a service came to.
    PutServicePayload { #[doc = "The service."] service: ServiceNode },
    /// What putting a tier came to.
    PutSlaTierPayload { #[doc = "The tier, at its newest revision."] sla_tier: TierNode },
    /// What putting a calendar came to.
    PutCalendarPayload { #[doc = "The calendar, at its newest revision."] calendar: CalendarNode },
    /// What putting a client came to.
    PutClientPayload { #[doc = "The client."] client: ClientNode },
    /// What changing an agreement came to.
    UpdateAgreementPayload { #[doc = "The agreement."] agreement: AgreementNode },
    /// What recording came to.
    RecordObligationStatusPayload { #[doc = "The obligation, in the terms in force or else the newest that have it."] obligation: ObligationNode },
    /// What confirming came to.
    ConfirmObligationStatusPayload { #[doc = "The obligation, in the terms in force or else the newest that have it."] obligation: ObligationNode },
    /// What removing a webhook came to.
    DeleteWebhookPayload { #[doc = "The webhook as it was."] webhook: WebhookNode },
    /// What replaying came to.
    ReplayWebhookPayload { #[doc = "The webhook."] webhook: WebhookNode },
    /// What rejecting came to.
    RejectObligationStatusPayload { #[doc = "The obligation, in the terms in force or else the newest that have it."] obligation: ObligationNode },
}

/// Declares payloads with a webhook and something of it.
macro_rules! webhook_payloads {
    ($($(#[doc = $doc:literal])+ $name:ident { $(#[doc = $what:literal])+ $field:ident: $kind:ty }),+ $(,)?) => {
        $($(#[doc = $doc])+
        #[derive(Clone, Debug, SimpleObject)]
        pub(crate) struct $name {
            /// The webhook.
            pub(super) webhook: Option<WebhookNode>,
            $(#[doc = $what])+
            pub(super) $field: Option<$kind>,
            /// What was refused; then nothing was done.
            pub(super) errors: Vec<UserError>,
        })+
    };
}

webhook_payloads! {
    /// What putting a webhook came to.
    PutWebhookPayload {
        /// What a new webhook's messages are signed by, `whsec_…`. It is shown this once. Null: the webhook was there, or
        /// receivers verify by its public key.
        secret: String
    },
    /// What rotating came to.
    RotateWebhookSecretPayload {
        /// The new secret, `whsec_…`. It is shown this once. Null: receivers verify by the public key.
        secret: String
    },
    /// What trying a webhook out came to.
    TestWebhookPayload {
        /// What came of the attempt.
        attempt: WebhookAttempt
    },
}

/// Declares payloads with an agreement and its terms.
macro_rules! terms_payloads {
    ($($(#[doc = $doc:literal])+ $name:ident),+ $(,)?) => {
        $($(#[doc = $doc])+
        #[derive(Clone, Debug, SimpleObject)]
        pub(crate) struct $name {
            /// The agreement.
            agreement: Option<AgreementNode>,
            /// The version of its terms that was changed.
            terms: Option<TermsNode>,
            /// What was refused; then nothing was done.
            errors: Vec<UserError>,
        }

        impl $name {
            pub(super) fn of(outcome: Outcome<(AgreementRecord, Option<TermsRecord>)>) -> Result<Self> {
                let (done, errors) = settle(outcome)?;
                let (agreement, terms) = done.unzip();
                let terms = terms.flatten().and_then(TermsNode::one);
                Ok(Self { agreement: agreement.and_then(AgreementNode::one), terms, errors })
            }
        })+
    };
}

terms_payloads! {
    /// What making an agreement came to; it has no terms yet.
    CreateAgreementPayload,
    /// What drafting came to.
    DraftTermsPayload,
    /// What offering came to.
    OfferTermsPayload,
    /// What accepting came to.
    ActivateTermsPayload,
    /// What withdrawing came to.
    WithdrawTermsPayload,
    /// What suspending came to.
    SuspendAgreementPayload,
    /// What resuming came to.
    ResumeAgreementPayload,
    /// What terminating came to.
    TerminateAgreementPayload,
    /// What renewing by hand came to.
    RenewAgreementPayload,
    /// What declining a renewal came to.
    DeclineRenewalPayload,
}

/// An outcome whose terms are there.
pub(super) fn with_terms(
    outcome: Outcome<(AgreementRecord, TermsRecord)>,
) -> Outcome<(AgreementRecord, Option<TermsRecord>)> {
    outcome.map(|(agreement, terms)| (agreement, Some(terms)))
}

/// The obligation that a version shows.
pub(super) async fn shown(
    ctx: &Context<'_>,
    outcome: Outcome<(TermsRecord, String)>,
) -> Result<(Option<ObligationNode>, Vec<UserError>)> {
    let (done, errors) = settle(outcome)?;
    let Some((record, code)) = done else { return Ok((None, errors)) };
    let Some(terms) = TermsNode::one(record) else { return Ok((None, errors)) };
    Ok((terms.obligation_node(ctx, &code).await?, errors))
}
