//! Agreements.

mod billing;
mod called;

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use async_graphql::{Context, ContextSelectionSet, ID, Object, Result};
use remit_domain::{
    Timestamp,
    billing::Lot,
    lifecycle::{Life, Stage},
    words::AgreementStatus,
};
use tokio::sync::{Mutex, OnceCell};

use billing::BillingPages;
pub(super) use called::Called;

use super::{
    BillingPeriodNode, ChargeNode, ClientNode, PrepaidHours, SlaReport, TermsNode,
    hours::HoursBalance,
    life::{AgreementRenewal, CurrentTerm, Suspension, Termination},
    rights::TerminationRight,
};
use crate::{
    app::{self, current_term, life},
    graphql::{
        as_json::Written,
        billing::ChargeFilterInput,
        cohort::Member,
        context::Serving,
        errors::bad_input,
        ids::Kind,
        paging::{Connection, Item, List, Slice},
        plain::{plain, write_object},
        reference::ExternalRef,
        scalars::{CurrencyCode, DateTime},
        words::Word,
    },
    store::{self, AgreementRecord, BlockRecord, RenewalRecord, SlaLine, Subject, SuspensionRecord, Uuid},
};

/// The lines of the reports of a cohort's agreements.
type Lines = Arc<OnceCell<Vec<SlaLine>>>;

/// The hours that a cohort's agreements have at an instant.
type HoursLeft = Arc<OnceCell<HashMap<Uuid, Vec<Lot>>>>;

/// How the termination triggers of a cohort's agreements stand at an instant.
type Rights = Arc<OnceCell<HashMap<Uuid, Vec<app::TerminationRight>>>>;

/// What agreements loaded together relate to.
#[derive(Debug, Default)]
pub(crate) struct Related {
    clients: OnceCell<HashMap<Uuid, ClientNode>>,
    versions: OnceCell<HashMap<Uuid, Vec<TermsNode>>>,
    references: OnceCell<HashMap<Uuid, Vec<store::ExternalRef>>>,
    suspensions: OnceCell<Vec<SuspensionRecord>>,
    renewals: OnceCell<Vec<RenewalRecord>>,
    reports: Mutex<HashMap<(Timestamp, Timestamp), Lines>>,
    billing: BillingPages,
    blocks: OnceCell<Vec<BlockRecord>>,
    hours: Mutex<HashMap<Timestamp, HoursLeft>>,
    rights: Mutex<HashMap<Timestamp, Rights>>,
}

/// Agreements by their ids.
pub(super) async fn agreements(
    ctx: &Context<'_>,
    ids: impl Iterator<Item = Uuid>,
) -> Result<HashMap<Uuid, AgreementNode>> {
    let Serving { app, session } = Serving::of(ctx)?;
    let found = app.store().agreements_with(&session.scope, ids).await?;
    let nodes = AgreementNode::all(found).map(|node| (node.record().id, node));
    Ok(nodes.collect())
}

/// An agreement in the API.
#[derive(Clone, Debug)]
pub(crate) struct AgreementNode(Member<AgreementRecord, Related>);

impl AgreementNode {
    pub(crate) fn all(records: Vec<AgreementRecord>) -> impl Iterator<Item = Self> {
        Member::all(records).map(Self)
    }

    pub(crate) fn one(record: AgreementRecord) -> Option<Self> {
        Self::all(vec![record]).next()
    }

    pub(crate) fn record(&self) -> &AgreementRecord {
        &self.0
    }

    /// Whether all is loaded that tells which terms are in force.
    fn is_placed(&self) -> bool {
        let related = self.0.related();
        related.versions.initialized() && related.suspensions.initialized()
    }

    fn ids(&self) -> Vec<Uuid> {
        self.0.siblings().iter().map(|agreement| agreement.id).collect()
    }

    async fn load_versions(&self, ctx: &Context<'_>) -> Result<HashMap<Uuid, Vec<TermsNode>>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let records = app.store().versions_of(&session.scope, self.0.siblings()).await?;
        let mut versions: HashMap<Uuid, Vec<TermsNode>> = HashMap::new();
        for terms in TermsNode::all(records) {
            versions.entry(terms.record().agreement_id).or_default().push(terms);
        }
        Ok(versions)
    }

    /// The versions that the caller may read, newest first.
    pub(crate) async fn visible_versions(&self, ctx: &Context<'_>) -> Result<&[TermsNode]> {
        let versions = self.0.related().versions.get_or_try_init(|| self.load_versions(ctx)).await?;
        Ok(versions.get(&self.0.id).map_or(&[][..], Vec::as_slice))
    }

    async fn own_suspensions(&self, ctx: &Context<'_>) -> Result<impl Iterator<Item = &SuspensionRecord>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let load = || app.store().suspensions(&session.scope, self.0.siblings());
        let found = self.0.related().suspensions.get_or_try_init(load).await?;
        Ok(found.iter().filter(|suspension| suspension.agreement_id == self.0.id))
    }

    /// The agreement on the line of time, as far as the caller may read its versions.
    pub(super) async fn life(&self, ctx: &Context<'_>) -> Result<Life> {
        let versions = self.visible_versions(ctx).await?.iter().map(TermsNode::record);
        Ok(life(&self.0, versions, self.own_suspensions(ctx).await?))
    }

    /// The client whose it is.
    pub(crate) async fn client_node(&self, ctx: &Context<'_>) -> Result<ClientNode> {
        let Serving { app, session } = Serving::of(ctx)?;
        let load = || async {
            let found = app.clients(session, self.0.siblings().iter().map(|agreement| agreement.client_id)).await?;
            let nodes = ClientNode::all(found.into_values().collect()).map(|node| (node.uuid(), node));
            Ok::<_, async_graphql::Error>(nodes.collect::<HashMap<_, _>>())
        };
        let clients = self.0.related().clients.get_or_try_init(load).await?;
        clients.get(&self.0.client_id).cloned().ok_or_else(|| "the agreement's client is not there".into())
    }

    async fn in_force(&self, ctx: &Context<'_>, at: Timestamp) -> Result<Option<TermsNode>> {
        let life = self.life(ctx).await?;
        let number = life.in_force(at).map(|version| version.number);
        let versions = self.visible_versions(ctx).await?;
        Ok(versions.iter().find(|terms| Some(terms.record().version.number) == number).cloned())
    }

    async fn own_blocks(&self, ctx: &Context<'_>) -> Result<Vec<BlockRecord>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let ids = self.ids();
        let load = || app.store().prepaid_hours(&session.scope, &ids);
        let found = self.0.related().blocks.get_or_try_init(load).await?;
        Ok(found.iter().filter(|block| block.agreement_id == self.0.id).cloned().collect())
    }
}

impl Item for AgreementNode {
    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0.number)
    }

    fn write(&self, ctx: &ContextSelectionSet<'_>, out: &mut Written<'_>) -> bool {
        write_object(self, ctx, out)
    }
}

/// What a provider and a client have agreed, through all its versions.
#[Object(name = "Agreement", crate = "crate::graphql::plain")]
impl AgreementNode {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        Kind::Agreement.id(self.0.id)
    }

    /// The number, unique per provider: the code of an agreement.
    async fn number(&self) -> &str {
        &self.0.number
    }

    /// The title.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// Whose it is.
    async fn client(&self, ctx: &Context<'_>) -> Result<ClientNode> {
        self.client_node(ctx).await
    }

    /// How it stands now.
    async fn status(&self, ctx: &Context<'_>) -> Result<Word<AgreementStatus>> {
        let Serving { session, .. } = Serving::of(ctx)?;
        let suspensions = self.own_suspensions(ctx).await?.map(|record| record.suspension);
        Ok(Word(self.0.status(suspensions, session.now)))
    }

    /// The term that runs, and what comes after it. Null: open-ended, or nothing was accepted yet.
    async fn current_term(&self, ctx: &Context<'_>) -> Result<Option<CurrentTerm>> {
        let Serving { session, .. } = Serving::of(ctx)?;
        let accepted = |terms: &&TermsNode| matches!(terms.record().version.stage, Stage::Accepted { .. });
        let Some(terms) = self.visible_versions(ctx).await?.iter().find(accepted) else { return Ok(None) };
        let named = terms.named(ctx).await?;
        Ok(current_term(&self.0, terms.record(), &named.catalogue, session.now).map(Into::into))
    }

    /// When nothing of the agreement holds, in order of time.
    async fn suspensions(&self, ctx: &Context<'_>) -> Result<Vec<Suspension>> {
        Ok(self.own_suspensions(ctx).await?.map(Into::into).collect())
    }

    /// That the agreement was ended before its time.
    async fn termination(&self) -> Option<Termination> {
        self.0.termination.as_ref().map(Into::into)
    }

    /// What was said about the ends of its terms, in order of time.
    async fn renewals(&self, ctx: &Context<'_>) -> Result<Vec<AgreementRenewal>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let ids = self.ids();
        let load = || app.store().renewals(&session.scope, &ids);
        let found = self.0.related().renewals.get_or_try_init(load).await?;
        Ok(found.iter().filter(|renewal| renewal.agreement_id == self.0.id).map(Into::into).collect())
    }

    /// The currency of all its prices.
    async fn currency(&self) -> CurrencyCode {
        CurrencyCode(self.0.currency)
    }

    /// Goes up with every change; send it back as `revision` to write safely.
    async fn revision(&self) -> i32 {
        self.0.revision
    }

    /// The terms in force now; null while the agreement is suspended.
    async fn terms(&self, ctx: &Context<'_>) -> Result<Option<TermsNode>> {
        self.in_force(ctx, Serving::of(ctx)?.session.now).await
    }

    /// The terms in force at an instant.
    async fn terms_at(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The instant.")] at: DateTime,
    ) -> Result<Option<TermsNode>> {
        self.in_force(ctx, at.0).await
    }

    /// The open draft or offer, if there is one.
    async fn pending(&self, ctx: &Context<'_>) -> Result<Option<TermsNode>> {
        let open = |terms: &&TermsNode| matches!(terms.record().version.stage, Stage::Draft | Stage::Offered { .. });
        Ok(self.visible_versions(ctx).await?.iter().find(open).cloned())
    }

    /// Every version, newest first.
    async fn versions(&self, ctx: &Context<'_>) -> Result<&[TermsNode]> {
        self.visible_versions(ctx).await
    }

    /// How the clocks of its tickets went from an instant to another, by the judgements that lie between.
    async fn sla_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first instant of the time.")] from: DateTime,
        #[graphql(desc = "The first instant after it.")] to: DateTime,
    ) -> Result<SlaReport> {
        let Serving { app, session } = Serving::of(ctx)?;
        let (from, to) = (from.0, to.0);
        if to < from {
            return Err(bad_input(&["to"], "lies before `from`"));
        }
        let cell = Arc::clone(self.0.related().reports.lock().await.entry((from, to)).or_default());
        let ids = self.ids();
        let load = || app.store().sla_lines(&session.scope, &ids, from, to, session.now);
        let lines = cell.get_or_try_init(load).await?.iter().filter(|line| line.agreement_id == self.0.id);
        Ok(SlaReport::new(from, to, lines.map(Into::into)))
    }

    /// How the termination triggers of the terms in force at an instant stand, by the months that are over by then and as they
    /// are known now. Empty while no terms are in force, or where they have none.
    async fn termination_rights(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The instant; now, if left out, and at the latest.")] at: Option<DateTime>,
    ) -> Result<Vec<TerminationRight>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let at = at.map_or(session.now, |at| at.0);
        let cell = Arc::clone(self.0.related().rights.lock().await.entry(at).or_default());
        let ids = self.ids();
        let rights = cell.get_or_try_init(|| app.termination_rights(session, &ids, at)).await?;
        Ok(rights.get(&self.0.id).into_iter().flatten().map(Into::into).collect())
    }

    /// What other systems call it.
    async fn external_refs(&self, ctx: &Context<'_>) -> Result<Vec<ExternalRef>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let ids = self.ids();
        let load = || app.store().external_refs(&session.scope, Subject::Agreement, &ids);
        let found = self.0.related().references.get_or_try_init(load).await?;
        Ok(found.get(&self.0.id).into_iter().flatten().map(Into::into).collect())
    }

    /// Its billing periods that have begun, in order of time. After its last day there is one more, for adjustments.
    async fn periods(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<String>,
    ) -> Result<Connection<BillingPeriodNode>> {
        let slice = Slice { first, after, ..Slice::default() };
        let window = slice.window(&List::PeriodsOf(self.0.id, 0))?;
        self.page_of_periods(ctx, &window).await
    }

    /// Its charges, by billing period, then time.
    async fn charges(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Which.")] filter: Option<ChargeFilterInput>,
    ) -> Result<Connection<ChargeNode>> {
        let slice = Slice { first, after, ..Slice::default() };
        let window = slice.window(&List::NoCharges)?;
        self.page_of_charges(ctx, &window, filter.unwrap_or_default()).await
    }

    /// The blocks of hours bought for it, by their first day.
    async fn prepaid_hours(&self, ctx: &Context<'_>) -> Result<Vec<PrepaidHours>> {
        Ok(self.own_blocks(ctx).await?.iter().map(Into::into).collect())
    }

    /// The hours that it can use at an instant: what its billing period brought and was left over, less what work begun by
    /// then has drawn. Null: it has no billing period then.
    async fn hours(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The instant. Left out: now.")] as_of: Option<DateTime>,
    ) -> Result<Option<HoursBalance>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let at = as_of.map_or(session.now, |at| at.0);
        let cell = Arc::clone(self.0.related().hours.lock().await.entry(at).or_default());
        let ids = self.ids();
        let left = cell.get_or_try_init(|| app.hours_left(session, &ids, at)).await?;
        let Some(lots) = left.get(&self.0.id) else { return Ok(None) };
        Ok(Some(HoursBalance::new(at, lots, &self.own_blocks(ctx).await?)))
    }
}

plain! {
    AgreementNode: |this|
    "id" => id,
    "number" => number,
    "title" => title,
    "client" => client if this.0.related().clients.initialized(),
    "status" => status if this.0.related().suspensions.initialized(),
    "currency" => currency,
    "revision" => revision,
    "terms" => terms if this.is_placed(),
}
