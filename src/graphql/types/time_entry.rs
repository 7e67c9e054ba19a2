//! Time entries.

use std::collections::{HashMap, HashSet};

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use remit_domain::{
    Currency, money,
    words::{EntryBilling, EntryFlag, Priority},
};
use tokio::sync::OnceCell;

use super::{
    AgreementNode, ChargeNode, ClientNode, ServiceNode, TicketNode, agreement::agreements, coverage::RatedSegment,
};
use crate::{
    graphql::{cohort::Member, context::Serving, ids::Kind, reference::ExternalRef, scalars::DateTime, words::Word},
    store::{self, Handle, SegmentRecord, TimeEntryRecord, Uuid},
};

/// What entries loaded together relate to.
#[derive(Debug, Default)]
pub(crate) struct Related {
    clients: OnceCell<HashMap<Uuid, ClientNode>>,
    agreements: OnceCell<HashMap<Uuid, AgreementNode>>,
    services: OnceCell<HashMap<Uuid, ServiceNode>>,
    tickets: OnceCell<HashMap<store::ExternalRef, TicketNode>>,
    charges: OnceCell<HashMap<Uuid, Vec<ChargeNode>>>,
    overlapping: OnceCell<HashSet<Uuid>>,
}

/// A time entry in the API.
#[derive(Clone, Debug)]
pub(crate) struct TimeEntryNode(Member<TimeEntryRecord, Related>);

impl TimeEntryNode {
    pub(crate) fn all(records: Vec<TimeEntryRecord>) -> impl Iterator<Item = Self> {
        Member::all(records).map(Self)
    }

    pub(crate) fn uuid(&self) -> Uuid {
        self.0.id
    }

    /// The ticket that it names, where the caller sees it.
    pub(crate) async fn ticket_node(&self, ctx: &Context<'_>) -> Result<Option<TicketNode>> {
        let Some(ticket) = &self.0.ticket else { return Ok(None) };
        let Serving { app, session } = Serving::of(ctx)?;
        let load = || async {
            let named: HashSet<&store::ExternalRef> =
                self.0.siblings().iter().filter_map(|e| e.ticket.as_ref()).collect();
            let handles: Vec<Handle> = named.into_iter().map(Into::into).collect();
            let found = app.store().find_tickets(&session.scope, &handles).await?;
            let nodes = TicketNode::all(found.into_values().collect()).map(|node| (node.reference().clone(), node));
            Ok::<_, async_graphql::Error>(nodes.collect::<HashMap<_, _>>())
        };
        Ok(self.0.related().tickets.get_or_try_init(load).await?.get(ticket).cloned())
    }

    /// The services that the entries loaded together name.
    pub(crate) async fn service_node(&self, ctx: &Context<'_>) -> Result<Option<ServiceNode>> {
        let Some(service) = self.0.service_id else { return Ok(None) };
        let Serving { app, session } = Serving::of(ctx)?;
        let load = || async {
            let named: HashSet<Uuid> = self.0.siblings().iter().filter_map(|entry| entry.service_id).collect();
            let handles: Vec<Handle> = named.into_iter().map(Handle::Id).collect();
            let found = app.store().find_services(&session.scope, &handles).await?;
            let nodes = ServiceNode::all(found.into_values().collect()).map(|node| (node.uuid(), node));
            Ok::<_, async_graphql::Error>(nodes.collect::<HashMap<_, _>>())
        };
        Ok(self.0.related().services.get_or_try_init(load).await?.get(&service).cloned())
    }

    async fn is_overlapping(&self, ctx: &Context<'_>) -> Result<bool> {
        let Serving { app, session } = Serving::of(ctx)?;
        let load = || async {
            let ids: Vec<Uuid> = self.0.siblings().iter().map(|entry| entry.id).collect();
            Ok::<_, async_graphql::Error>(app.store().overlapping_time_entries(&session.scope, &ids).await?)
        };
        Ok(self.0.related().overlapping.get_or_try_init(load).await?.contains(&self.0.id))
    }

    async fn agreement_node(&self, ctx: &Context<'_>) -> Result<Option<AgreementNode>> {
        let Some(agreement) = self.0.agreement_id else { return Ok(None) };
        let ids = || self.0.siblings().iter().filter_map(|entry| entry.agreement_id);
        let load = || agreements(ctx, ids());
        Ok(self.0.related().agreements.get_or_try_init(load).await?.get(&agreement).cloned())
    }
}

/// Clients by their ids.
pub(super) async fn clients(ctx: &Context<'_>, ids: impl Iterator<Item = Uuid>) -> Result<HashMap<Uuid, ClientNode>> {
    let Serving { app, session } = Serving::of(ctx)?;
    let found = app.clients(session, ids).await?;
    Ok(ClientNode::all(found.into_values().collect()).map(|node| (node.uuid(), node)).collect())
}

/// A stretch of time.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct Interval {
    /// Its first instant.
    from: DateTime,
    /// The first instant after it.
    to: DateTime,
}

/// Time that somebody worked, in its newest version.
#[Object(name = "TimeEntry", crate = "crate::graphql::in_turn")]
impl TimeEntryNode {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        Kind::TimeEntry.id(self.0.id)
    }

    /// What the system that it comes from calls it.
    async fn external_ref(&self) -> ExternalRef {
        (&self.0.reference).into()
    }

    /// The client that the work was for.
    async fn client(&self, ctx: &Context<'_>) -> Result<ClientNode> {
        let ids = || self.0.siblings().iter().map(|entry| entry.client_id);
        let clients = self.0.related().clients.get_or_try_init(|| clients(ctx, ids())).await?;
        clients.get(&self.0.client_id).cloned().ok_or_else(|| "the entry's client is not there".into())
    }

    /// The agreement that it is rated by. Null: the client has none, and nothing is charged.
    async fn agreement(&self, ctx: &Context<'_>) -> Result<Option<AgreementNode>> {
        self.agreement_node(ctx).await
    }

    /// The ticket that it was for. Null: it names none, or one that is not recorded.
    async fn ticket(&self, ctx: &Context<'_>) -> Result<Option<TicketNode>> {
        self.ticket_node(ctx).await
    }

    /// The service that it was for, as the entry says.
    async fn service(&self, ctx: &Context<'_>) -> Result<Option<ServiceNode>> {
        self.service_node(ctx).await
    }

    /// How urgent it was, as the entry says.
    async fn priority(&self) -> Option<Word<Priority>> {
        self.0.priority.map(Word)
    }

    /// Who worked, by the terms' roles.
    async fn role(&self) -> &str {
        &self.0.role
    }

    /// Which of the provider's people worked.
    async fn technician(&self) -> Option<&str> {
        self.0.technician.as_deref()
    }

    /// What kind of work it was, in the provider's words.
    async fn work_kind(&self) -> Option<&str> {
        self.0.work_kind.as_deref()
    }

    /// Its first instant.
    async fn started_at(&self) -> DateTime {
        DateTime(self.0.span.from)
    }

    /// The first instant after it.
    async fn ended_at(&self) -> DateTime {
        DateTime(self.0.span.to)
    }

    /// What of it was no work: in order of time, those that touch taken together.
    async fn breaks(&self) -> Vec<Interval> {
        self.0.breaks.iter().map(|gap| Interval { from: DateTime(gap.from), to: DateTime(gap.to) }).collect()
    }

    /// What it is to cost.
    async fn billing(&self) -> Word<EntryBilling> {
        Word(self.0.billing)
    }

    /// Whether the hours are those of the work. False: all of it goes by the hour at which it starts.
    async fn times_known(&self) -> bool {
        self.0.times_known
    }

    /// Who asked for the work although it is not offered.
    async fn approved_by(&self) -> Option<&str> {
        self.0.approved_by.as_deref()
    }

    /// What was done.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// What is odd about it, although it was taken.
    async fn flags(&self, ctx: &Context<'_>) -> Result<Vec<Word<EntryFlag>>> {
        // Where else somebody was is no business of a client's.
        let is_staff = !Serving::of(ctx)?.session.scope.is_client_bound();
        let overlaps = is_staff && self.0.technician.is_some() && self.is_overlapping(ctx).await?;
        let unpriced = self.0.segments.iter().any(|segment| segment.unpriced);
        let flags = [
            (overlaps, EntryFlag::Overlaps),
            (!self.0.times_known, EntryFlag::TimesUnknown),
            (unpriced, EntryFlag::Unpriced),
        ];
        Ok(flags.into_iter().filter(|(holds, _)| *holds).map(|(_, flag)| Word(flag)).collect())
    }

    /// How it is rated by what is known now, in order of time: cut where the class of the hour or the rule changes.
    async fn segments(&self, ctx: &Context<'_>) -> Result<Vec<RatedSegment>> {
        if self.0.segments.is_empty() {
            return Ok(Vec::new());
        }
        let agreement = self.agreement_node(ctx).await?;
        let currency = agreement.map_or(Currency::NONE, |agreement| agreement.record().currency);
        Ok(self.0.segments.iter().map(|segment| rated(segment, currency)).collect())
    }

    /// What it is charged at: its charges, and adjustments of them.
    async fn charges(&self, ctx: &Context<'_>) -> Result<Vec<ChargeNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let load = || async {
            let ids: Vec<Uuid> = self.0.siblings().iter().map(|entry| entry.id).collect();
            let found = app.store().charges_of_entries(&session.scope, &ids).await?;
            let mut of: HashMap<Uuid, Vec<ChargeNode>> = HashMap::new();
            for node in ChargeNode::all(found) {
                if let Some(entry) = node.record().time_entry_id {
                    of.entry(entry).or_default().push(node);
                }
            }
            Ok::<_, async_graphql::Error>(of)
        };
        let charges = self.0.related().charges.get_or_try_init(load).await?;
        Ok(charges.get(&self.0.id).cloned().unwrap_or_default())
    }
}

pub(super) fn rated(segment: &SegmentRecord, currency: Currency) -> RatedSegment {
    RatedSegment {
        from: DateTime(segment.from),
        to: DateTime(segment.to),
        hours_class: Word(segment.class),
        treatment: Word(segment.treatment),
        worked: crate::graphql::scalars::Duration(segment.worked),
        included: crate::graphql::scalars::Duration(segment.included),
        charged: crate::graphql::scalars::Duration(segment.charged),
        hourly_rate: segment.rate.map(super::rate),
        amount: money::Money { minor: segment.minor, currency }.into(),
    }
}
