//! The root of mutations: one `input`, a payload with the changed object, and what was refused.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};

use super::{
    context::Serving,
    inputs::{
        ActivateTermsInput, CreateAgreementInput, DraftTermsInput, OfferTermsInput, PutCalendarInput, PutClientInput,
        PutServiceInput, PutSlaTierInput, WithdrawTermsInput, names::Names,
    },
    types::{AgreementNode, CalendarNode, ClientNode, ServiceNode, TermsNode, TierNode},
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
}

impl From<app::UserError> for UserError {
    fn from(error: app::UserError) -> Self {
        Self { code: error.code.into(), message: error.message, path: error.path }
    }
}

/// Splits an outcome into what was done and what was refused; a fault is an error of the request.
fn settle<T>(outcome: Outcome<T>) -> Result<(Option<T>, Vec<UserError>)> {
    match outcome {
        Ok(done) => Ok((Some(done), Vec::new())),
        Err(Failure::Refused(errors)) => Ok((None, errors.into_iter().map(Into::into).collect())),
        Err(Failure::Fault(fault)) => Err(fault.into()),
    }
}

/// Reads an input.
fn read<T>(read: impl FnOnce(&mut Problems) -> Option<T>) -> Result<T, Failure> {
    let mut problems = Problems::of("input");
    let value = read(&mut problems);
    problems.finish(value).map_err(Failure::Refused)
}

/// Declares payloads with one object.
macro_rules! payloads {
    ($($(#[doc = $doc:literal])+ $name:ident { #[doc = $what:literal] $field:ident: $node:ty }),+ $(,)?) => {
        $($(#[doc = $doc])+
        #[derive(Clone, Debug, SimpleObject)]
        pub(crate) struct $name {
            #[doc = $what]
            $field: Option<$node>,
            /// What was refused; then nothing was done.
            errors: Vec<UserError>,
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
            fn of(outcome: Outcome<(AgreementRecord, Option<TermsRecord>)>) -> Result<Self> {
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
}

/// An outcome whose terms are there.
fn with_terms(outcome: Outcome<(AgreementRecord, TermsRecord)>) -> Outcome<(AgreementRecord, Option<TermsRecord>)> {
    outcome.map(|(agreement, terms)| (agreement, Some(terms)))
}

/// What can be done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mutation;

/// What can be done. Everything that is put is found by its code: made when the code is new, else replaced.
#[Object]
impl Mutation {
    /// Makes or replaces a service.
    async fn put_service(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be.")] input: PutServiceInput,
    ) -> Result<PutServicePayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let outcome = match read(|p| input.read(p)) {
            Ok(put) => app.put_service(session, put).await,
            Err(refused) => Err(refused),
        };
        let (service, errors) = settle(outcome)?;
        Ok(PutServicePayload { service: service.and_then(|record| ServiceNode::all(vec![record]).next()), errors })
    }

    /// Makes a tier, or a new revision of one where what terms pin changes.
    async fn put_sla_tier(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be.")] input: PutSlaTierInput,
    ) -> Result<PutSlaTierPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let outcome = match read(|p| input.read(p)) {
            Ok(put) => app.put_tier(session, put).await,
            Err(refused) => Err(refused),
        };
        let (tier, errors) = settle(outcome)?;
        Ok(PutSlaTierPayload { sla_tier: tier.map(TierNode), errors })
    }

    /// Makes a calendar, or a new revision of one where its zone, weekly hours or weekend change.
    async fn put_calendar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be.")] input: PutCalendarInput,
    ) -> Result<PutCalendarPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let outcome = match read(|p| input.read(p)) {
            Ok(put) => app.put_calendar(session, put).await,
            Err(refused) => Err(refused),
        };
        let (calendar, errors) = settle(outcome)?;
        Ok(PutCalendarPayload { calendar: calendar.map(CalendarNode), errors })
    }

    /// Makes or replaces a client.
    async fn put_client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be.")] input: PutClientInput,
    ) -> Result<PutClientPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let outcome = match read(|p| input.read(p)) {
            Ok(put) => app.put_client(session, put).await,
            Err(refused) => Err(refused),
        };
        let (client, errors) = settle(outcome)?;
        Ok(PutClientPayload { client: client.and_then(|record| ClientNode::all(vec![record]).next()), errors })
    }

    /// Makes an agreement, without terms. A retry with the same content returns it and no error.
    async fn create_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be.")] input: CreateAgreementInput,
    ) -> Result<CreateAgreementPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let outcome = match read(|p| input.read(p)) {
            Ok(create) => app.create_agreement(session, create).await.map(|agreement| (agreement, None)),
            Err(refused) => Err(refused),
        };
        CreateAgreementPayload::of(outcome)
    }

    /// Replaces the sections that are given in the open draft; opens a draft from the newest terms if there is none.
    async fn draft_terms(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the draft is to say.")] input: DraftTermsInput,
    ) -> Result<DraftTermsPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let names = Names::look_up(app, session, &input.wanted()).await?;
        let outcome = match read(|p| input.read(p, &names)) {
            Ok((reference, draft)) => app.draft_terms(session, &reference, draft).await,
            Err(refused) => Err(refused),
        };
        DraftTermsPayload::of(with_terms(outcome))
    }

    /// Freezes the draft so that the client can read it. Refused (NOT_READY) while readiness has a blocking finding.
    async fn offer_terms(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose draft.")] input: OfferTermsInput,
    ) -> Result<OfferTermsPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let outcome = match read(|p| input.read(p)) {
            Ok(reference) => app.offer_terms(session, &reference).await,
            Err(refused) => Err(refused),
        };
        OfferTermsPayload::of(with_terms(outcome))
    }

    /// The client accepted.
    async fn activate_terms(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose offer, and who accepted.")] input: ActivateTermsInput,
    ) -> Result<ActivateTermsPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let outcome = match read(|p| input.read(p)) {
            Ok((reference, activate)) => app.activate_terms(session, &reference, activate).await,
            Err(refused) => Err(refused),
        };
        ActivateTermsPayload::of(with_terms(outcome))
    }

    /// Takes the open draft or offer back.
    async fn withdraw_terms(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and why.")] input: WithdrawTermsInput,
    ) -> Result<WithdrawTermsPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let outcome = match read(|p| input.read(p)) {
            Ok((reference, withdraw)) => app.withdraw_terms(session, &reference, withdraw).await,
            Err(refused) => Err(refused),
        };
        WithdrawTermsPayload::of(with_terms(outcome))
    }
}
