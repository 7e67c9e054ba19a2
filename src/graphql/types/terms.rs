//! Versions of agreements.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use async_graphql::{Context, ID, Object, Result};
use remit_domain::{
    lifecycle::{Life, Stage},
    span::Span,
    terms,
    words::TermsStatus,
};
use tokio::sync::{Mutex, OnceCell};

use super::{
    AgreementNode, CalendarNode, ObligationNode, ServiceNode, TierNode,
    agreement::agreements,
    availability::AvailabilityCommitment,
    commitment_report::{self, CommitmentReport},
    commitments::{BackupCommitment, PerformanceExpectation, RecoveryCommitment},
    document::DocumentFormat,
    life::{Renewal, Withdrawal},
    promise_check::{AcceptedOverpromise, PromiseCheck},
    promises::{CreditPolicy, Indexation, NamedCaller, TerminationTrigger},
    readiness::Readiness,
    recovery_report::Recoveries,
    sections::{Exclusion, ExtraHoursPolicy, IncludedService, Responsibility},
};
use crate::{
    app::{self, Catalogue},
    graphql::{
        cohort::Member,
        context::Serving,
        ids::Kind,
        plain::plain,
        scalars::{Date, DateTime},
        words::Word,
    },
    store::{OverpromiseRecord, StatusRecord, TermsRecord, Uuid},
};

/// What versions loaded together relate to.
#[derive(Debug, Default)]
pub(crate) struct Related {
    agreements: OnceCell<HashMap<Uuid, AgreementNode>>,
    named: OnceCell<Named>,
    obligations: OnceCell<HashMap<(Uuid, String), Uuid>>,
    statuses: OnceCell<HashMap<(Uuid, String), Vec<StatusRecord>>>,
    promise_checks: OnceCell<HashMap<Uuid, app::PromiseCheck>>,
    overpromises: OnceCell<Vec<OverpromiseRecord>>,
    reports: Mutex<HashMap<Span, Arc<OnceCell<Reports>>>>,
    pub(super) recoveries: Mutex<HashMap<Span, Arc<OnceCell<Recoveries>>>>,
}

impl Related {
    /// Whether what the versions name is loaded.
    pub(super) fn is_named(&self) -> bool {
        self.named.initialized()
    }
}

/// How the commitments of a cohort came out, by version.
type Reports = HashMap<Uuid, app::CommitmentReport>;

/// What versions name, as nodes.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) services: HashMap<String, ServiceNode>,
}

impl Named {
    pub(crate) fn services<'a, C: AsRef<str> + 'a>(&self, codes: impl IntoIterator<Item = C>) -> Vec<ServiceNode> {
        codes.into_iter().filter_map(|code| self.services.get(code.as_ref()).cloned()).collect()
    }
}

/// One version of an agreement's terms in the API.
#[derive(Clone, Debug)]
pub(crate) struct TermsNode(Member<TermsRecord, Related>);

impl TermsNode {
    pub(crate) fn all(records: Vec<TermsRecord>) -> impl Iterator<Item = Self> {
        Member::all(records).map(Self)
    }

    pub(crate) fn one(record: TermsRecord) -> Option<Self> {
        Self::all(vec![record]).next()
    }

    pub(crate) fn record(&self) -> &TermsRecord {
        &self.0
    }

    /// The version among those that were loaded with it.
    pub(super) fn member(&self) -> &Member<TermsRecord, Related> {
        &self.0
    }

    /// What the versions of the cohort name.
    pub(super) async fn named(&self, ctx: &Context<'_>) -> Result<&Named> {
        let Serving { app, session } = Serving::of(ctx)?;
        let load = || async {
            let catalogue = app.catalogue_of(session, &Vec::from_iter(self.0.siblings())).await?;
            let nodes = ServiceNode::all(catalogue.services().cloned().collect());
            let services = nodes.map(|node| (node.code_text().to_owned(), node)).collect();
            Ok::<_, async_graphql::Error>(Named { catalogue, services })
        };
        self.0.related().named.get_or_try_init(load).await
    }

    pub(super) async fn agreement_node(&self, ctx: &Context<'_>) -> Result<AgreementNode> {
        let load = || agreements(ctx, self.0.siblings().iter().map(|terms| terms.agreement_id));
        let agreements = self.0.related().agreements.get_or_try_init(load).await?;
        agreements.get(&self.0.agreement_id).cloned().ok_or_else(|| "the terms' agreement is not there".into())
    }

    /// The obligations of the version.
    pub(crate) async fn obligation_nodes(&self, ctx: &Context<'_>) -> Result<Vec<ObligationNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let load = || async {
            let rows = app.store().obligations(&session.scope, self.0.siblings()).await?;
            Ok::<_, async_graphql::Error>(rows.into_iter().map(|row| ((row.terms_id, row.code), row.id)).collect())
        };
        let ids: &HashMap<(Uuid, String), Uuid> = self.0.related().obligations.get_or_try_init(load).await?;
        let node = |(place, obligation): (usize, &terms::Obligation)| {
            let id = *ids.get(&(self.0.id, obligation.code.to_string()))?;
            Some(ObligationNode { id, terms: self.clone(), place })
        };
        Ok(self.0.sections.obligations.iter().enumerate().filter_map(node).collect())
    }

    /// The obligation of the version with this code.
    pub(crate) async fn obligation_node(&self, ctx: &Context<'_>, code: &str) -> Result<Option<ObligationNode>> {
        let nodes = self.obligation_nodes(ctx).await?;
        Ok(nodes.into_iter().find(|node| node.obligation().code.as_str() == code))
    }

    /// What was recorded of an obligation in the agreement of the version, in order of recording.
    pub(super) async fn statuses(&self, ctx: &Context<'_>, code: &str) -> Result<&[StatusRecord]> {
        let Serving { app, session } = Serving::of(ctx)?;
        let load = || async {
            let agreements: HashSet<Uuid> = self.0.siblings().iter().map(|terms| terms.agreement_id).collect();
            let agreements: Vec<Uuid> = agreements.into_iter().collect();
            let mut statuses: HashMap<(Uuid, String), Vec<StatusRecord>> = HashMap::new();
            for status in app.store().statuses(&session.scope, &agreements).await? {
                statuses.entry((status.agreement_id, status.code.clone())).or_default().push(status);
            }
            Ok::<_, async_graphql::Error>(statuses)
        };
        let statuses = self.0.related().statuses.get_or_try_init(load).await?;
        Ok(statuses.get(&(self.0.agreement_id, code.to_owned())).map_or(&[][..], Vec::as_slice))
    }
}

/// One version of what was agreed: immutable once offered, an amendment is a new version. Clauses are numbered within the
/// document and stay stable within a version.
#[Object(name = "AgreementTerms", crate = "crate::graphql::plain")]
impl TermsNode {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        Kind::AgreementTerms.id(self.0.id)
    }

    /// The number of the version, from 1.
    async fn version(&self) -> i32 {
        self.0.version.number.cast_signed()
    }

    /// How it stands now.
    async fn status(&self, ctx: &Context<'_>) -> Result<Word<TermsStatus>> {
        let Serving { session, .. } = Serving::of(ctx)?;
        if !matches!(self.0.version.stage, Stage::Accepted { .. }) {
            return Ok(Word(Life::default().terms_status(&self.0.version, session.now)));
        }
        let life = self.agreement_node(ctx).await?.life(ctx).await?;
        Ok(Word(life.terms_status(&self.0.version, session.now)))
    }

    /// The agreement.
    async fn agreement(&self, ctx: &Context<'_>) -> Result<AgreementNode> {
        self.agreement_node(ctx).await
    }

    /// The first day, by the zone of the calendar.
    async fn effective_from(&self) -> Option<Date> {
        self.0.term.from.map(Date)
    }

    /// The last day as agreed, included, and without later renewals; null: open-ended.
    async fn effective_until(&self) -> Option<Date> {
        self.0.term.last_day(self.0.sections.renewal.as_ref()).map(Date)
    }

    /// What happens when the term ends; null: it ends, if it has an end.
    async fn renewal(&self) -> Option<Renewal> {
        self.0.sections.renewal.map(Into::into)
    }

    /// Who accepted for the client.
    async fn accepted_by(&self) -> Option<&str> {
        match &self.0.version.stage {
            Stage::Accepted { by, .. } => Some(by),
            _ => None,
        }
    }

    /// When the client accepted.
    async fn accepted_at(&self) -> Option<DateTime> {
        match &self.0.version.stage {
            Stage::Accepted { at, .. } => Some(DateTime(*at)),
            _ => None,
        }
    }

    /// That the draft or offer was taken back.
    async fn withdrawal(&self) -> Option<Withdrawal> {
        match &self.0.version.stage {
            Stage::Withdrawn { reason, at, .. } => Some(Withdrawal { at: DateTime(*at), reason: reason.clone() }),
            _ => None,
        }
    }

    /// The business hours of all services that name none of their own.
    async fn calendar(&self, ctx: &Context<'_>) -> Result<Option<CalendarNode>> {
        let named = self.named(ctx).await?;
        let record = self.0.sections.calendar.as_ref().and_then(|pin| named.catalogue.calendar(pin));
        Ok(record.cloned().map(CalendarNode))
    }

    /// The targets of all services that name none of their own.
    async fn tier(&self, ctx: &Context<'_>) -> Result<Option<TierNode>> {
        let named = self.named(ctx).await?;
        Ok(self.0.sections.tier.as_ref().and_then(|pin| named.catalogue.tier(pin)).cloned().map(TierNode))
    }

    /// The calendars that targets of the tiers name: as agreed once the terms are offered.
    async fn target_calendars(&self, ctx: &Context<'_>) -> Result<Vec<CalendarNode>> {
        let named = self.named(ctx).await?;
        let pins = named.catalogue.target_calendars(&self.0.sections);
        Ok(pins.iter().filter_map(|pin| named.catalogue.calendar(pin)).cloned().map(CalendarNode).collect())
    }

    /// Who may ask for service; empty: anyone of the client's.
    async fn callers(&self, ctx: &Context<'_>) -> Result<Vec<NamedCaller>> {
        let named = self.named(ctx).await?;
        let callers = self.0.sections.callers.iter().enumerate();
        Ok(callers.map(|(place, caller)| NamedCaller::new(place, caller, named)).collect())
    }

    /// How prices may rise; null: only as the client agrees.
    async fn indexation(&self) -> Option<Indexation> {
        self.0.sections.indexation.as_ref().map(Into::into)
    }

    /// What holds for all service credits together.
    async fn credit_policy(&self) -> Option<CreditPolicy> {
        self.0.sections.credit_policy.as_ref().map(Into::into)
    }

    /// When broken promises end the agreement.
    async fn termination_triggers(&self) -> Vec<TerminationTrigger> {
        self.0.sections.termination_triggers.iter().enumerate().map(Into::into).collect()
    }

    /// What is done.
    async fn services(&self, ctx: &Context<'_>) -> Result<Vec<IncludedService>> {
        let named = self.named(ctx).await?;
        let lines = self.0.sections.services.iter().enumerate();
        Ok(lines.filter_map(|(place, line)| IncludedService::new(place, line, named)).collect())
    }

    /// What is not done.
    async fn exclusions(&self, ctx: &Context<'_>) -> Result<Vec<Exclusion>> {
        let named = self.named(ctx).await?;
        let exclusions = self.0.sections.exclusions.iter().enumerate();
        Ok(exclusions.map(|(place, exclusion)| Exclusion::new(place, exclusion, named)).collect())
    }

    /// Whether work outside the fee is to be had, when, and what it costs.
    async fn extra_hours(&self, ctx: &Context<'_>) -> Result<Option<ExtraHoursPolicy>> {
        let Some(policy) = &self.0.sections.extra_hours else { return Ok(None) };
        Ok(Some(ExtraHoursPolicy::new(policy, self.named(ctx).await?)))
    }

    /// Who answers for which failure.
    async fn responsibilities(&self) -> Vec<Responsibility> {
        self.0.sections.responsibilities.iter().enumerate().map(Into::into).collect()
    }

    /// What the client's systems or conduct must meet.
    async fn obligations(&self, ctx: &Context<'_>) -> Result<Vec<ObligationNode>> {
        self.obligation_nodes(ctx).await
    }

    /// What is expected of hardware, third-party systems and workstations.
    async fn performance(&self) -> Vec<PerformanceExpectation> {
        self.0.sections.performance.iter().enumerate().map(Into::into).collect()
    }

    /// How much of the time things are there.
    async fn availability(&self, ctx: &Context<'_>) -> Result<Vec<AvailabilityCommitment>> {
        let named = self.named(ctx).await?;
        let one = |(place, commitment)| AvailabilityCommitment::new(place, commitment, self, named);
        Ok(self.0.sections.availability.iter().enumerate().map(one).collect())
    }

    /// How fast failures get fixed.
    async fn recovery(&self) -> Vec<RecoveryCommitment> {
        self.0.sections.recovery.iter().enumerate().map(Into::into).collect()
    }

    /// How often backups run.
    async fn backups(&self) -> Vec<BackupCommitment> {
        self.0.sections.backups.iter().enumerate().map(Into::into).collect()
    }

    /// What the version leaves unsaid.
    async fn readiness(&self, ctx: &Context<'_>) -> Result<Readiness> {
        Ok(self.with_standing(ctx, app::findings).await?.into())
    }

    /// Every promise of the version beside what the provider's own past shows, by the promise's own clock and rules.
    async fn promise_check(&self, ctx: &Context<'_>) -> Result<PromiseCheck> {
        let Serving { app, session } = Serving::of(ctx)?;
        let load = || async {
            let versions: Vec<&TermsRecord> = self.0.siblings().iter().collect();
            app.promise_checks(session, &versions).await
        };
        let checks = self.0.related().promise_checks.get_or_try_init(load).await?;
        checks.get(&self.0.id).map(Into::into).ok_or_else(|| "a version was not checked".into())
    }

    /// Why it was accepted although it guarantees more than history supported; null: it does not.
    async fn accepted_overpromise(&self, ctx: &Context<'_>) -> Result<Option<AcceptedOverpromise>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let load = || async {
            let ids: Vec<Uuid> = self.0.siblings().iter().map(|terms| terms.id).collect();
            app.store().overpromises(&session.scope, &ids).await
        };
        let found = self.0.related().overpromises.get_or_try_init(load).await?;
        Ok(found.iter().find(|record| record.terms_id == self.0.id).map(Into::into))
    }

    /// How every performance, availability, recovery and backup commitment came out over a time.
    async fn commitment_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The beginning of the time.")] from: DateTime,
        #[graphql(desc = "Its end, not included; at most two years later.")] to: DateTime,
    ) -> Result<CommitmentReport> {
        let Serving { app, session } = Serving::of(ctx)?;
        let stretch = commitment_report::stretch(from.0, to.0)?;
        let cell = Arc::clone(self.0.related().reports.lock().await.entry(stretch).or_default());
        let load = || async {
            let versions: Vec<&TermsRecord> = self.0.siblings().iter().collect();
            app.commitment_reports(session, &versions, stretch).await
        };
        let reports = cell.get_or_try_init(load).await?;
        let found = reports.get(&self.0.id).ok_or("a version has no report")?;
        Ok(CommitmentReport::new(self.clone(), stretch, found))
    }

    /// Everything that the version says, in words for people, with the same numbers of clauses. The same terms give the
    /// same text. What people wrote is escaped.
    async fn document(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How it is written.", default_with = "DocumentFormat::Markdown")] format: DocumentFormat,
    ) -> Result<String> {
        self.written(ctx, format).await
    }
}

plain! {
    TermsNode: |this|
    "id" => id,
    "version" => version,
    "effectiveFrom" => effective_from,
    "effectiveUntil" => effective_until,
    "acceptedBy" => accepted_by,
    "acceptedAt" => accepted_at,
    "calendar" => calendar if this.0.related().is_named(),
    "tier" => tier if this.0.related().is_named(),
    "services" => services if this.0.related().is_named(),
    "obligations" => obligations if this.0.related().obligations.initialized(),
}
