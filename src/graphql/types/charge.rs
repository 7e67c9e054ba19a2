//! Charges.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use async_graphql::{Context, ContextSelectionSet, ID, Object, Result, SimpleObject};
use remit_domain::{
    money,
    words::{ChargeKind, ChargeStatus, HoursClass},
};
use tokio::sync::OnceCell;

use super::{
    AgreementNode, BillingPeriodNode, ClientNode, Money, ServiceNode, TermsNode, TicketNode, TimeEntryNode,
    agreement::{Called, agreements},
    coverage::Reason,
    hours::HoursDraw,
    rate,
    sections::RateRule,
    time_entry::clients,
};
use crate::{
    graphql::{
        as_json::Written,
        cohort::Member,
        context::Serving,
        ids::Kind,
        paging::Item,
        plain::{plain, resolver_utils::each_selected, write_object},
        reference::ExternalRef,
        scalars::{Date, DateTime, Duration},
        words::Word,
    },
    store::{self, AgreementName, BlockRecord, ChargeRecord, Handle, Subject, Uuid},
};

/// What charges loaded together relate to.
#[derive(Debug, Default)]
pub(crate) struct Related {
    clients: OnceCell<HashMap<Uuid, ClientNode>>,
    agreements: OnceCell<HashMap<Uuid, AgreementNode>>,
    /// What the agreements are called, if no more is asked of them.
    called: OnceCell<HashMap<Uuid, AgreementName>>,
    entries: OnceCell<HashMap<Uuid, TimeEntryNode>>,
    terms: OnceCell<HashMap<Uuid, TermsNode>>,
    periods: OnceCell<HashMap<Uuid, BillingPeriodNode>>,
    adjusted: OnceCell<HashMap<Uuid, ChargeNode>>,
    references: OnceCell<HashMap<Uuid, Vec<store::ExternalRef>>>,
    blocks: OnceCell<Vec<BlockRecord>>,
}

/// A charge in the API.
#[derive(Clone, Debug)]
pub(crate) struct ChargeNode(Member<ChargeRecord, Related>);

impl ChargeNode {
    pub(crate) fn all(records: Vec<ChargeRecord>) -> impl Iterator<Item = Self> {
        Member::all(records).map(Self)
    }

    pub(crate) fn record(&self) -> &ChargeRecord {
        &self.0
    }

    fn siblings(&self) -> impl Iterator<Item = &ChargeRecord> {
        self.0.siblings().iter()
    }

    async fn entry(&self, ctx: &Context<'_>) -> Result<Option<TimeEntryNode>> {
        let Some(entry) = self.record().time_entry_id else { return Ok(None) };
        let Serving { app, session } = Serving::of(ctx)?;
        let load = || async {
            let ids: HashSet<Uuid> = self.siblings().filter_map(|charge| charge.time_entry_id).collect();
            let handles: Vec<Handle> = ids.into_iter().map(Handle::Id).collect();
            let found = app.store().find_time_entries(&session.scope, &handles).await?;
            let nodes = TimeEntryNode::all(found.into_values().collect()).map(|node| (node.uuid(), node));
            Ok::<_, async_graphql::Error>(nodes.collect::<HashMap<_, _>>())
        };
        Ok(self.0.related().entries.get_or_try_init(load).await?.get(&entry).cloned())
    }

    /// The version that it was charged by.
    async fn terms(&self, ctx: &Context<'_>) -> Result<Option<&TermsNode>> {
        let Some(terms) = self.record().terms_id else { return Ok(None) };
        let Serving { app, session } = Serving::of(ctx)?;
        let load = || async {
            let ids: HashSet<Uuid> = self.siblings().filter_map(|charge| charge.terms_id).collect();
            let found = app.store().terms(&session.scope, &ids.into_iter().collect::<Vec<_>>()).await?;
            let nodes = TermsNode::all(found).map(|node| (node.record().id, node));
            Ok::<_, async_graphql::Error>(nodes.collect::<HashMap<_, _>>())
        };
        Ok(self.0.related().terms.get_or_try_init(load).await?.get(&terms))
    }

    async fn period_node(&self, ctx: &Context<'_>, month: remit_domain::billing::Month) -> Result<BillingPeriodNode> {
        let load = || async {
            let months = self.siblings().flat_map(|c| [(c.agreement_id, c.month), (c.agreement_id, c.for_month)]);
            let nodes = BillingPeriodNode::all(months.collect::<HashSet<_>>().into_iter().collect());
            Ok::<_, async_graphql::Error>(nodes.map(|node| (node.uuid(), node)).collect::<HashMap<_, _>>())
        };
        let periods = self.0.related().periods.get_or_try_init(load).await?;
        let id = store::period_id(self.record().agreement_id, month);
        let _ = ctx;
        periods.get(&id).cloned().ok_or_else(|| "the charge's period is not there".into())
    }

    /// What its agreement is called, where that was loaded.
    async fn called(&self, _: &Context<'_>) -> Result<Called<'_>> {
        let called = self.0.related().called.get().and_then(|called| called.get(&self.record().agreement_id));
        called.map(Called).ok_or_else(|| "the charge's agreement is not there".into())
    }

    fn money(&self, minor: i64) -> Money {
        money::Money { minor, currency: self.record().currency }.into()
    }
}

impl Item for ChargeNode {
    fn key(&self) -> Cow<'_, str> {
        Cow::Owned(self.0.place())
    }

    fn write(&self, ctx: &ContextSelectionSet<'_>, out: &mut Written<'_>) -> bool {
        write_object(self, ctx, out)
    }

    async fn load_ahead(&self, ctx: &ContextSelectionSet<'_>) {
        let (mut asked, mut is_name) = (false, true);
        each_selected::<Self>(ctx, &ctx.item.node, &mut |field| {
            if field.node.name.node == "agreement" {
                asked = true;
                is_name &= Called::is_all_of(ctx, &field.node.selection_set.node);
            }
            is_name
        });
        let Some(Serving { app, session }) = ctx.data_opt::<Serving>().filter(|_| asked && is_name) else { return };
        let ids = self.siblings().map(|charge| charge.agreement_id);
        // Whatever keeps them from being read is told by the field itself.
        if let Ok(called) = app.store().names_of_agreements(&session.scope, ids).await {
            self.0.related().called.get_or_init(async || called).await;
        }
    }
}

/// What is charged, credited or adjusted. One per time entry, class of hours, rule of price and kind; it keeps its id as long
/// as there is one for these.
#[Object(name = "Charge", crate = "crate::graphql::plain")]
impl ChargeNode {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        Kind::Charge.id(self.record().id)
    }

    /// What it is for.
    async fn kind(&self) -> Word<ChargeKind> {
        Word(self.record().kind)
    }

    /// How far it has come.
    async fn status(&self) -> Word<ChargeStatus> {
        Word(self.record().status)
    }

    /// The agreement.
    async fn agreement(&self, ctx: &Context<'_>) -> Result<AgreementNode> {
        let load = || agreements(ctx, self.siblings().map(|charge| charge.agreement_id));
        let agreements = self.0.related().agreements.get_or_try_init(load).await?;
        agreements.get(&self.record().agreement_id).cloned().ok_or_else(|| "the charge's agreement is not there".into())
    }

    /// The client.
    async fn client(&self, ctx: &Context<'_>) -> Result<ClientNode> {
        let load = || clients(ctx, self.siblings().map(|charge| charge.client_id));
        let clients = self.0.related().clients.get_or_try_init(load).await?;
        clients.get(&self.record().client_id).cloned().ok_or_else(|| "the charge's client is not there".into())
    }

    /// The billing period that it stands in.
    async fn period(&self, ctx: &Context<'_>) -> Result<BillingPeriodNode> {
        self.period_node(ctx, self.record().month).await
    }

    /// The entry that it charges. Null: it is a service credit, or the entry was taken back.
    async fn time_entry(&self, ctx: &Context<'_>) -> Result<Option<TimeEntryNode>> {
        self.entry(ctx).await
    }

    /// The ticket that the entry was for. Null: it names none, or one that is not recorded.
    async fn ticket(&self, ctx: &Context<'_>) -> Result<Option<TicketNode>> {
        match self.entry(ctx).await? {
            Some(entry) => entry.ticket_node(ctx).await,
            None => Ok(None),
        }
    }

    /// The service that the work was for: the entry's own, else its ticket's.
    async fn service(&self, ctx: &Context<'_>) -> Result<Option<ServiceNode>> {
        let Some(entry) = self.entry(ctx).await? else { return Ok(None) };
        if let Some(own) = entry.service_node(ctx).await? {
            return Ok(Some(own));
        }
        match entry.ticket_node(ctx).await? {
            Some(ticket) => ticket.service(ctx).await,
            None => Ok(None),
        }
    }

    /// The rule of price. Null: none matches.
    async fn rate_rule(&self, ctx: &Context<'_>) -> Result<Option<RateRule>> {
        let Some(code) = self.record().rule_code.as_ref() else { return Ok(None) };
        let Some(terms) = self.terms(ctx).await? else { return Ok(None) };
        let policy = terms.record().sections.extra_hours.as_ref();
        let rule = policy.and_then(|policy| policy.rates.iter().find(|rule| rule.code.as_str() == code));
        match rule {
            Some(rule) => Ok(Some(RateRule::new(rule, terms.named(ctx).await?))),
            None => Ok(None),
        }
    }

    /// What the billing system calls it.
    async fn external_refs(&self, ctx: &Context<'_>) -> Result<Vec<ExternalRef>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let ids: Vec<Uuid> = self.siblings().map(|charge| charge.id).collect();
        let load = || app.store().external_refs(&session.scope, Subject::Charge, &ids);
        let found = self.0.related().references.get_or_try_init(load).await?;
        Ok(found.get(&self.record().id).into_iter().flatten().map(Into::into).collect())
    }

    /// What an ADJUSTMENT corrects. Null: the work was not charged when its period was closed.
    async fn adjusts(&self, ctx: &Context<'_>) -> Result<Option<ChargeNode>> {
        let Some(adjusted) = self.record().adjusts_id else { return Ok(None) };
        let Serving { app, session } = Serving::of(ctx)?;
        let load = || async {
            let ids: Vec<Uuid> = self.siblings().filter_map(|charge| charge.adjusts_id).collect();
            let found = app.store().find_charges(&session.scope, &ids).await?;
            let nodes = ChargeNode::all(found).map(|node| (node.record().id, node));
            Ok::<_, async_graphql::Error>(nodes.collect::<HashMap<_, _>>())
        };
        Ok(self.0.related().adjusted.get_or_try_init(load).await?.get(&adjusted).cloned())
    }

    /// The billing period that it is for: of an ADJUSTMENT the closed one.
    async fn for_period(&self, ctx: &Context<'_>) -> Result<BillingPeriodNode> {
        self.period_node(ctx, self.record().for_month).await
    }

    /// The class of the hours.
    async fn hours_class(&self) -> Option<Word<HoursClass>> {
        self.record().hours_class.map(Word)
    }

    /// The first instant of the work.
    async fn from(&self) -> Option<DateTime> {
        self.record().from.map(DateTime)
    }

    /// The first instant after the work.
    async fn to(&self) -> Option<DateTime> {
        self.record().to.map(DateTime)
    }

    /// Time worked.
    async fn worked(&self) -> Duration {
        Duration(self.record().worked)
    }

    /// Rounded time that hours paid for cover.
    async fn included(&self) -> Duration {
        Duration(self.record().included)
    }

    /// Rounded time less what is included.
    async fn charged(&self) -> Duration {
        Duration(self.record().charged)
    }

    /// What an hour costs.
    async fn hourly_rate(&self) -> Option<Money> {
        self.record().rate.map(rate)
    }

    /// What the client owes: a SERVICE_CREDIT is negative, an ADJUSTMENT has either sign, in its durations too.
    async fn amount(&self) -> Money {
        self.money(self.record().minor)
    }

    /// Of a SERVICE_CREDIT that has to be claimed, the last day for that. Null: it is due unasked, or is another charge.
    async fn claim_by(&self, ctx: &Context<'_>) -> Result<Option<Date>> {
        if self.record().kind != ChargeKind::ServiceCredit {
            return Ok(None);
        }
        let policy = self.terms(ctx).await?.and_then(|terms| terms.record().sections.credit_policy);
        Ok(policy.and_then(|policy| policy.claim_by(self.record().month)).map(Date))
    }

    /// Why: the terms, the hours, the rule, the rounding, what was drawn, the amount; of a SERVICE_CREDIT each promise that
    /// fell short, what was promised and reached, the step, the caps.
    async fn reasons(&self) -> Result<Vec<Reason<'_>>> {
        Ok(self.record().reasons()?.into_iter().map(Into::into).collect())
    }

    /// The invoice that it stands on.
    async fn invoice_ref(&self) -> Option<&str> {
        self.record().invoice_ref.as_deref()
    }

    /// The hours paid for that were drawn for it, in the order of drawing. An adjustment draws none: what it changes is in
    /// `included`.
    async fn draws(&self, ctx: &Context<'_>) -> Result<Vec<HoursDraw>> {
        if self.record().draws.is_empty() {
            return Ok(Vec::new());
        }
        let Serving { app, session } = Serving::of(ctx)?;
        let load = || async {
            let ids: HashSet<Uuid> = self.siblings().map(|charge| charge.agreement_id).collect();
            let ids: Vec<Uuid> = ids.into_iter().collect();
            Ok::<_, async_graphql::Error>(app.store().prepaid_hours(&session.scope, &ids).await?)
        };
        let blocks = self.0.related().blocks.get_or_try_init(load).await?;
        Ok(self.record().draws.iter().map(|draw| HoursDraw::new(draw, blocks)).collect())
    }

    /// The invoice that it was taken off last, because that was voided.
    async fn released(&self) -> Option<Release> {
        self.record().released.as_ref().map(|released| Release {
            invoice_ref: released.invoice_ref.clone(),
            reason: released.reason.clone(),
            at: DateTime(released.at),
        })
    }
}

plain! {
    ChargeNode: |this|
    "id" => id,
    "kind" => kind,
    "status" => status,
    "client" => client if this.0.related().clients.initialized(),
    "agreement" => called if this.0.related().called.initialized(),
    "agreement" => agreement if this.0.related().agreements.initialized(),
    "hoursClass" => hours_class,
    "from" => from,
    "to" => to,
    "worked" => worked,
    "included" => included,
    "charged" => charged,
    "hourlyRate" => hourly_rate,
    "amount" => amount,
    "reasons" => reasons,
    "invoiceRef" => invoice_ref,
}

/// That an invoice was voided.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "ChargeRelease")]
pub(crate) struct Release {
    /// The invoice.
    invoice_ref: String,
    /// Why.
    reason: String,
    /// When.
    at: DateTime,
}
