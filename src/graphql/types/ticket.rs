//! Tickets.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use remit_domain::{
    Timestamp, ticket,
    words::{ComponentClass, Delivery, FailureScenario, Milestone, Priority, TicketEventKind, WaitingReason},
};
use tokio::sync::OnceCell;

use super::{AgreementNode, ClientNode, ServiceNode, agreement::agreements, sla::SlaClock};
use crate::{
    app::ClockTerms,
    graphql::{
        cohort::Member, context::Serving, ids::Kind, paging::Item, reference::ExternalRef, scalars::DateTime,
        words::Word,
    },
    store::{self, Handle, TicketPlace, TicketRecord, Uuid},
};

/// What tickets loaded together relate to.
#[derive(Debug, Default)]
pub(crate) struct Related {
    clients: OnceCell<HashMap<Uuid, ClientNode>>,
    agreements: OnceCell<HashMap<Uuid, AgreementNode>>,
    services: OnceCell<HashMap<Uuid, ServiceNode>>,
    terms: OnceCell<Arc<ClockTerms>>,
}

/// A ticket in the API.
#[derive(Clone, Debug)]
pub(crate) struct TicketNode {
    member: Member<TicketRecord, Related>,
    ticket: Arc<ticket::Ticket>,
    /// Its place in the list that it came from.
    key: String,
}

impl TicketNode {
    pub(crate) fn all(records: Vec<TicketRecord>) -> impl Iterator<Item = Self> {
        let node = |member: Member<TicketRecord, Related>| {
            let ticket = Arc::new(member.kept.ticket());
            Self { member, ticket, key: String::new() }
        };
        Member::all(records).map(node)
    }

    /// The tickets of a page, with their places.
    pub(crate) fn placed(items: Vec<(TicketPlace, TicketRecord)>) -> impl Iterator<Item = Self> {
        let (places, records): (Vec<TicketPlace>, Vec<TicketRecord>) = items.into_iter().unzip();
        Self::all(records).zip(places).map(|(node, place)| Self { key: place.to_string(), ..node })
    }

    pub(crate) fn uuid(&self) -> Uuid {
        self.member.id
    }

    /// What its source calls it.
    pub(crate) fn reference(&self) -> &store::ExternalRef {
        &self.member.reference
    }

    /// The objects that the tickets of the cohort have one of each, by a handle.
    fn handles(&self, of: impl Fn(&TicketRecord) -> Option<Uuid>) -> Vec<Handle> {
        let ids: std::collections::BTreeSet<Uuid> = self.member.siblings().iter().filter_map(of).collect();
        ids.into_iter().map(Handle::Id).collect()
    }

    async fn clock_terms(&self, ctx: &Context<'_>) -> Result<Arc<ClockTerms>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let load = || async {
            let terms = app.clock_terms(session, self.member.siblings().iter()).await?;
            Ok::<_, async_graphql::Error>(Arc::new(terms))
        };
        Ok(Arc::clone(self.member.related().terms.get_or_try_init(load).await?))
    }

    /// Its clocks as they stand at an instant.
    pub(crate) async fn clocks_at(&self, ctx: &Context<'_>, at: Timestamp) -> Result<Vec<SlaClock>> {
        let terms = self.clock_terms(ctx).await?;
        Ok(SlaClock::all(&terms, &self.member, &self.ticket, at))
    }

    /// One of its clocks as it stands at an instant.
    pub(crate) async fn clock_at(
        &self,
        ctx: &Context<'_>,
        milestone: Milestone,
        at: Timestamp,
    ) -> Result<Option<SlaClock>> {
        Ok(self.clocks_at(ctx, at).await?.into_iter().find(|clock| clock.milestone() == milestone))
    }
}

impl Item for TicketNode {
    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.key)
    }
}

/// A ticket of a PSA, as it told of it.
#[Object(name = "Ticket", crate = "crate::graphql::in_turn")]
impl TicketNode {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        Kind::Ticket.id(self.member.id)
    }

    /// What its source calls it.
    async fn external_ref(&self) -> ExternalRef {
        (&self.member.reference).into()
    }

    /// Whose it is.
    async fn client(&self, ctx: &Context<'_>) -> Result<ClientNode> {
        let Serving { app, session } = Serving::of(ctx)?;
        let load = || async {
            let handles = self.handles(|ticket| Some(ticket.client_id));
            let found = app.store().find_clients(&session.scope, &handles).await?;
            let nodes = ClientNode::all(found.into_values().collect()).map(|node| (node.uuid(), node));
            Ok::<_, async_graphql::Error>(nodes.collect::<HashMap<_, _>>())
        };
        let clients = self.member.related().clients.get_or_try_init(load).await?;
        clients.get(&self.member.client_id).cloned().ok_or_else(|| "the ticket's client is not there".into())
    }

    /// The agreement that it is judged by; null: its client had none in force when it was opened.
    async fn agreement(&self, ctx: &Context<'_>) -> Result<Option<AgreementNode>> {
        let load = || agreements(ctx, self.member.siblings().iter().filter_map(|ticket| ticket.agreement_id));
        let agreements = self.member.related().agreements.get_or_try_init(load).await?;
        Ok(self.member.agreement_id.and_then(|id| agreements.get(&id).cloned()))
    }

    /// The service concerned.
    pub(crate) async fn service(&self, ctx: &Context<'_>) -> Result<Option<ServiceNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let load = || async {
            let handles = self.handles(|ticket| ticket.service_id);
            let found = app.store().find_services(&session.scope, &handles).await?;
            let nodes = ServiceNode::all(found.into_values().collect()).map(|node| (node.uuid(), node));
            Ok::<_, async_graphql::Error>(nodes.collect::<HashMap<_, _>>())
        };
        let services = self.member.related().services.get_or_try_init(load).await?;
        Ok(self.member.service_id.and_then(|id| services.get(&id).cloned()))
    }

    /// What failed.
    async fn scenario(&self) -> Option<Word<FailureScenario>> {
        self.ticket.about.scenario.map(Word)
    }

    /// What kind of thing failed.
    async fn component(&self) -> Option<Word<ComponentClass>> {
        self.ticket.about.component.map(Word)
    }

    /// By which channel it came, in the provider's words.
    async fn channel(&self) -> Option<&str> {
        self.ticket.about.channel.as_deref()
    }

    /// How the work reaches the client.
    async fn delivery(&self) -> Option<Word<Delivery>> {
        self.ticket.about.delivery.map(Word)
    }

    /// Who of the client's asked, as the terms name them.
    async fn caller(&self) -> Option<&str> {
        self.ticket.about.caller.as_deref()
    }

    /// Its title.
    async fn title(&self) -> &str {
        &self.member.kept.title
    }

    /// Its priority now.
    async fn priority(&self, ctx: &Context<'_>) -> Result<Word<Priority>> {
        Ok(Word(self.ticket.priority_at(Serving::of(ctx)?.session.now)))
    }

    /// Its priority at the opening.
    async fn opened_priority(&self) -> Word<Priority> {
        Word(self.ticket.priority)
    }

    /// What happened to it, in order.
    async fn events(&self) -> Vec<TicketEvent> {
        self.ticket.events_until(Timestamp::MAX).into_iter().map(Into::into).collect()
    }

    /// When it was opened.
    async fn opened_at(&self) -> DateTime {
        DateTime(self.ticket.opened_at)
    }

    /// Since when it is resolved; null: it is not, or was reopened.
    async fn resolved_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        Ok(self.ticket.resolved_at(Serving::of(ctx)?.session.now).map(DateTime))
    }

    /// Its clocks as they stood at an instant, from the events up to then, by the terms in force when it was opened.
    async fn clocks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The instant; left out: now.")] at: Option<DateTime>,
    ) -> Result<Vec<SlaClock>> {
        let at = at.map_or(Serving::of(ctx)?.session.now, |at| at.0);
        self.clocks_at(ctx, at).await
    }
}

/// One thing that happened to a ticket. A PRIORITY_CHANGED whose id begins with `currentPriority` follows from what a
/// version said of the priority.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct TicketEvent {
    /// What its source calls it.
    id: String,
    /// What happened.
    kind: Word<TicketEventKind>,
    /// When.
    at: DateTime,
    /// Of PRIORITY_CHANGED, the priority from here on.
    priority: Option<Word<Priority>>,
    /// Of WAITING, for what it waits; of RESUMED, for what it waits no more.
    waiting_for: Option<Word<WaitingReason>>,
}

impl From<&ticket::Event> for TicketEvent {
    fn from(event: &ticket::Event) -> Self {
        let (priority, waiting_for) = match event.what {
            ticket::Happening::PriorityChanged { priority } => (Some(priority), None),
            ticket::Happening::Waiting { reason, .. } => (None, Some(reason)),
            ticket::Happening::Resumed { reason } => (None, reason),
            _ => (None, None),
        };
        Self {
            id: event.id.clone(),
            kind: Word(event.what.kind()),
            at: DateTime(event.at),
            priority: priority.map(Word),
            waiting_for: waiting_for.map(Word),
        }
    }
}
