//! The root of mutations: one `input`, a payload with the changed object, and what was refused.

use async_graphql::{Context, MergedObject, Object, Result};

use super::{
    access::AccessMutation,
    billing::BillingMutation,
    context::Serving,
    facts::FactMutation,
    inputs::{
        ActivateTermsInput, ConfirmObligationStatusInput, CreateAgreementInput, DeclineRenewalInput, DraftTermsInput,
        OfferTermsInput, PutCalendarInput, PutClientInput, PutServiceInput, PutSlaTierInput,
        RecordObligationStatusInput, RejectObligationStatusInput, RenewAgreementInput, ResumeAgreementInput,
        SuspendAgreementInput, TerminateAgreementInput, UpdateAgreementInput, WithdrawTermsInput, names::Names,
    },
    payloads::{
        ActivateTermsPayload, ConfirmObligationStatusPayload, CreateAgreementPayload, DeclineRenewalPayload,
        DraftTermsPayload, OfferTermsPayload, PutCalendarPayload, PutClientPayload, PutServicePayload,
        PutSlaTierPayload, RecordObligationStatusPayload, RejectObligationStatusPayload, RenewAgreementPayload,
        ResumeAgreementPayload, SuspendAgreementPayload, TerminateAgreementPayload, UpdateAgreementPayload,
        WithdrawTermsPayload, perform, read, settle, shown, with_terms,
    },
    tickets::TicketMutation,
    types::{AgreementNode, CalendarNode, ClientNode, ServiceNode, TierNode},
    webhooks::WebhookMutation,
};

/// What can be done. Everything that is put is found by its code: made when the code is new, else replaced.
#[derive(MergedObject, Clone, Copy, Debug, Default)]
pub(crate) struct Mutation(Agreed, TicketMutation, BillingMutation, FactMutation, WebhookMutation, AccessMutation);

/// What can be done with what is agreed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Agreed;

/// What can be done with what is agreed.
#[Object]
impl Agreed {
    /// Makes or replaces a service.
    async fn put_service(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be.")] input: PutServiceInput,
    ) -> Result<PutServicePayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let outcome = perform(read(|p| input.read(p)), |put| app.put_service(session, put)).await;
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
        let names = Names::look_up(app, session, &input.wanted()).await?;
        let outcome = perform(read(|p| input.read(p, &names)), |put| app.put_tier(session, put)).await;
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
        let outcome = perform(read(|p| input.read(p)), |put| app.put_calendar(session, put)).await;
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
        let outcome = perform(read(|p| input.read(p)), |put| app.put_client(session, put)).await;
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
        let outcome = perform(read(|p| input.read(p)), |create| app.create_agreement(session, create))
            .await
            .map(|agreement| (agreement, None));
        CreateAgreementPayload::of(outcome)
    }

    /// Gives an agreement another title or other external references; its terms say the rest.
    async fn update_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what is to change.")] input: UpdateAgreementInput,
    ) -> Result<UpdateAgreementPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let act = |(reference, update)| app.update_agreement(session, reference, update);
        let (agreement, errors) = settle(perform(read(|p| input.read(p)), act).await)?;
        Ok(UpdateAgreementPayload { agreement: agreement.and_then(AgreementNode::one), errors })
    }

    /// Replaces the sections that are given in the open draft; opens a draft from the newest terms if there is none.
    async fn draft_terms(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the draft is to say.")] input: DraftTermsInput,
    ) -> Result<DraftTermsPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let names = Names::look_up(app, session, &input.wanted()).await?;
        let outcome =
            perform(read(|p| input.read(p, &names)), |(reference, draft)| app.draft_terms(session, reference, draft))
                .await;
        DraftTermsPayload::of(with_terms(outcome))
    }

    /// Freezes the draft so that the client can read it. Refused (NOT_READY) while readiness has a blocking finding.
    async fn offer_terms(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose draft.")] input: OfferTermsInput,
    ) -> Result<OfferTermsPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let outcome = perform(read(|p| input.read(p)), |reference| app.offer_terms(session, reference)).await;
        OfferTermsPayload::of(with_terms(outcome))
    }

    /// The client accepted. Refused (OVERPROMISED) while a guarantee is beyond what history supports, unless
    /// `acceptOverpromise` gives a reason.
    async fn activate_terms(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose offer, and who accepted.")] input: ActivateTermsInput,
    ) -> Result<ActivateTermsPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let outcome =
            perform(read(|p| input.read(p)), |(reference, activate)| app.activate_terms(session, reference, activate))
                .await;
        ActivateTermsPayload::of(with_terms(outcome))
    }

    /// Takes the open draft or offer back.
    async fn withdraw_terms(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and why.")] input: WithdrawTermsInput,
    ) -> Result<WithdrawTermsPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let outcome =
            perform(read(|p| input.read(p)), |(reference, withdraw)| app.withdraw_terms(session, reference, withdraw))
                .await;
        WithdrawTermsPayload::of(with_terms(outcome))
    }

    /// Suspends the agreement: from a day on nothing of it holds, until another day or until it is resumed.
    async fn suspend_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, from when, and why.")] input: SuspendAgreementInput,
    ) -> Result<SuspendAgreementPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let act = |(reference, suspend)| app.suspend_agreement(session, reference, suspend);
        SuspendAgreementPayload::of(with_terms(perform(read(|p| input.read(p)), act).await))
    }

    /// Lets a suspended agreement hold again from a day on.
    async fn resume_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and from when.")] input: ResumeAgreementInput,
    ) -> Result<ResumeAgreementPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let act = |(reference, on)| app.resume_agreement(session, reference, on);
        ResumeAgreementPayload::of(with_terms(perform(read(|p| input.read(p)), act).await))
    }

    /// Ends the agreement before its time. Until the day has come, it can be moved by terminating anew.
    async fn terminate_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, from when, and why.")] input: TerminateAgreementInput,
    ) -> Result<TerminateAgreementPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let act = |(reference, terminate)| app.terminate_agreement(session, reference, terminate);
        TerminateAgreementPayload::of(with_terms(perform(read(|p| input.read(p)), act).await))
    }

    /// Agrees on another term of the agreement in force by hand, or after its renewal was declined.
    async fn renew_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, until when, and who agreed.")] input: RenewAgreementInput,
    ) -> Result<RenewAgreementPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let act = |(reference, renew)| app.renew_agreement(session, reference, renew);
        RenewAgreementPayload::of(with_terms(perform(read(|p| input.read(p)), act).await))
    }

    /// Gives notice: the agreement that renews by itself ends at the first end that the notice is in time for.
    async fn decline_renewal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, when, who and why.")] input: DeclineRenewalInput,
    ) -> Result<DeclineRenewalPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let act = |(reference, decline)| app.decline_renewal(session, reference, decline);
        DeclineRenewalPayload::of(with_terms(perform(read(|p| input.read(p)), act).await))
    }

    /// Puts down how an obligation stands. With a token bound to a client it is attested, and counts once confirmed.
    async fn record_obligation_status(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which obligation, how it stands and since when.")] input: RecordObligationStatusInput,
    ) -> Result<RecordObligationStatusPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let outcome = perform(read(|p| input.read(p)), |record| app.record_status(session, record)).await;
        let (obligation, errors) = shown(ctx, outcome).await?;
        Ok(RecordObligationStatusPayload { obligation, errors })
    }

    /// Agrees with what a client attested: from now on it counts.
    async fn confirm_obligation_status(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was attested.")] input: ConfirmObligationStatusInput,
    ) -> Result<ConfirmObligationStatusPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let outcome = perform(read(|p| input.read(p)), |judge| app.judge_status(session, judge)).await;
        let (obligation, errors) = shown(ctx, outcome).await?;
        Ok(ConfirmObligationStatusPayload { obligation, errors })
    }

    /// Does not agree with what a client attested: it does not count.
    async fn reject_obligation_status(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was attested, and why it is not so.")] input: RejectObligationStatusInput,
    ) -> Result<RejectObligationStatusPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let outcome = perform(read(|p| input.read(p)), |judge| app.judge_status(session, judge)).await;
        let (obligation, errors) = shown(ctx, outcome).await?;
        Ok(RejectObligationStatusPayload { obligation, errors })
    }
}
