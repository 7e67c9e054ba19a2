//! Relay connections over keyset pages.

use std::borrow::Cow;

use async_graphql::{
    Context, ContextSelectionSet, Object, OutputType, Positioned, Result, ServerResult, SimpleObject, Value,
    parser::types::Field, registry::Registry, resolver_utils::resolve_list,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use remit_domain::words::FactKind;

use super::{
    as_json::{AsJson, Written},
    context::Serving,
    errors::bad_input,
    plain::plain,
    types::{
        AgreementNode, ApiClientNode, AuditNode, BackupRunNode, BillingPeriodNode, CalendarNode, ChargeNode,
        ClientNode, DeliveryNode, MeasurementNode, OutageNode, RevocationNode, ServiceNode, TicketNode, TierNode,
        WebhookNode,
    },
};
use crate::store::{
    AgreementFilter, AuditFilter, ChargeFilter, DeliveryFilter, FactFilter, Page, Place, ServiceFilter, TicketFilter,
    TicketPlace, Uuid, Window,
};

/// How many items a page has at most.
pub(crate) const PAGE_MAX: i32 = 500;
/// How many it has when nothing is said.
const PAGE_DEFAULT: i32 = 50;

/// Whether a list has more, and where it stands.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::plain")]
pub(crate) struct PageInfo {
    /// Whether there is more behind the page.
    pub(super) has_next_page: bool,
    /// Whether there is more before the page.
    pub(super) has_previous_page: bool,
    /// The cursor of the page's first item.
    pub(super) start_cursor: Option<String>,
    /// The cursor of the page's last item.
    pub(super) end_cursor: Option<String>,
}

plain! {
    PageInfo:
    "hasNextPage" => has_next_page,
    "hasPreviousPage" => has_previous_page,
    "startCursor" => start_cursor,
    "endCursor" => end_cursor,
}

/// A list, and with it what its items and its count come from. A cursor is good for the list it came from only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum List {
    Services(ServiceFilter),
    SlaTiers,
    Calendars,
    Clients,
    Agreements(AgreementFilter),
    /// A filter by something that is not there.
    Nothing,
    AgreementsOf(Uuid, u64),
    Tickets(TicketFilter),
    /// A filter of tickets by something that is not there.
    NoTickets,
    Charges(ChargeFilter),
    ChargesOf(Uuid, u64),
    /// A filter of charges by something that is not there.
    NoCharges,
    PeriodsOf(Uuid, u64),
    Facts(FactFilter),
    /// A filter of facts by something that is not there.
    NoFacts(FactKind),
    Webhooks,
    WebhookDeliveries(DeliveryFilter),
    ApiClients,
    Revocations,
    Audit(AuditFilter),
}

impl List {
    /// The mark in its cursors.
    fn mark(&self) -> &'static str {
        match self {
            Self::Services(_) => "services",
            Self::SlaTiers => "slaTiers",
            Self::Calendars => "calendars",
            Self::Clients => "clients",
            Self::Agreements(_) | Self::Nothing | Self::AgreementsOf(..) => "agreements",
            Self::Tickets(filter) if filter.due_before.is_some() => "tickets by due time",
            Self::Tickets(_) | Self::NoTickets => "tickets",
            Self::Charges(_) | Self::ChargesOf(..) | Self::NoCharges => "charges",
            Self::PeriodsOf(..) => "periods",
            Self::Facts(FactFilter { kind, .. }) | Self::NoFacts(kind) => match kind {
                FactKind::Outage => "outages",
                FactKind::BackupRun => "backupRuns",
                FactKind::Measurement => "measurements",
            },
            Self::Webhooks => "webhooks",
            Self::WebhookDeliveries(_) => "webhookDeliveries",
            Self::ApiClients => "apiClients",
            Self::Revocations => "revocations",
            Self::Audit(_) => "audit",
        }
    }

    /// Whether a key is one of the list's.
    fn takes(&self, key: &str) -> bool {
        match self {
            Self::Tickets(_) => key.parse::<TicketPlace>().is_ok(),
            Self::Audit(_) | Self::Revocations | Self::WebhookDeliveries(_) => Uuid::try_parse(key).is_ok(),
            _ => true,
        }
    }

    async fn count(&self, ctx: &Context<'_>) -> Result<u64> {
        let Serving { app, session } = Serving::of(ctx)?;
        let (store, scope) = (app.store(), &session.scope);
        Ok(match self {
            Self::Services(filter) => store.count_services(scope, filter).await?,
            Self::SlaTiers => store.count_tiers(scope).await?,
            Self::Calendars => store.count_calendars(scope).await?,
            Self::Clients => store.count_clients(scope).await?,
            Self::Agreements(filter) => store.count_agreements(scope, filter).await?,
            Self::Nothing | Self::NoCharges | Self::NoFacts(_) | Self::NoTickets => 0,
            Self::AgreementsOf(_, count) | Self::PeriodsOf(_, count) | Self::ChargesOf(_, count) => *count,
            Self::Charges(filter) => store.count_charges(scope, filter).await?,
            Self::Facts(filter) => store.count_facts(scope, filter).await?,
            Self::Webhooks => store.count_webhooks(scope).await?,
            Self::WebhookDeliveries(filter) => store.count_deliveries(scope, filter).await?,
            Self::Tickets(filter) => store.count_tickets(scope, filter).await?,
            Self::ApiClients => store.count_api_clients(scope).await?,
            Self::Revocations => store.count_revocations(scope).await?,
            Self::Audit(filter) => store.count_audit(scope, filter).await?,
        })
    }
}

/// The arguments of a connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slice {
    pub(crate) first: Option<i32>,
    pub(crate) after: Option<String>,
    pub(crate) last: Option<i32>,
    pub(crate) before: Option<String>,
}

impl Slice {
    /// How many items from the beginning are asked for.
    ///
    /// # Errors
    /// BAD_USER_INPUT for a count below 0 or above 500.
    pub(crate) fn limit(&self) -> Result<u64> {
        count("first", self.first.unwrap_or(PAGE_DEFAULT))
    }

    /// The stretch of a list that is asked for.
    ///
    /// # Errors
    /// BAD_USER_INPUT for counts below 0 or above 500, for `first` with `last`, and for a cursor of another list.
    pub(crate) fn window(&self, list: &List) -> Result<Window> {
        let (limit, from_end) = match (self.first, self.last) {
            (Some(_), Some(_)) => return Err(bad_input(&["last"], "goes with `before`, not together with `first`")),
            (None, Some(last)) => (count("last", last)?, true),
            (first, None) => (count("first", first.unwrap_or(PAGE_DEFAULT))?, false),
        };
        let key = |name: &str, cursor: &Option<String>| {
            let read = |cursor: &String| {
                let key = read_cursor(list.mark(), cursor).filter(|key| list.takes(key));
                key.ok_or_else(|| bad_input(&[name], format!("is no cursor of the list {}", list.mark())))
            };
            cursor.as_ref().map(read).transpose()
        };
        Ok(Window { limit, after: key("after", &self.after)?, before: key("before", &self.before)?, from_end })
    }
}

fn cursor(mark: &str, key: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{mark}\n{key}"))
}

fn read_cursor(mark: &str, cursor: &str) -> Option<String> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (of, key) = text.split_once('\n')?;
    (of == mark && !key.contains('\0')).then(|| key.to_owned())
}

/// How many items a count asks for.
fn count(name: &str, count: i32) -> Result<u64> {
    let limit = u64::try_from(count).ok().filter(|_| count <= PAGE_MAX);
    limit.ok_or_else(|| bad_input(&[name], format!("must be from 0 to {PAGE_MAX}, not {count}")))
}

/// The cursor of a place in the change feed.
pub(crate) fn changes_cursor(place: Place) -> String {
    cursor("changes", &place.to_string())
}

/// The place in the change feed that a cursor names; none: it is no cursor of the feed.
pub(crate) fn changes_place(cursor: &str) -> Option<Place> {
    read_cursor("changes", cursor)?.parse().ok()
}

/// An item of a list.
pub(crate) trait Item: OutputType {
    /// What the list is ordered by.
    fn key(&self) -> Cow<'_, str>;

    /// Writes the item without waiting. False: that cannot be, and what was written has to be taken back.
    fn write(&self, _: &ContextSelectionSet<'_>, _: &mut Written<'_>) -> bool {
        false
    }

    /// Loads for all items that were read with it what can be had for less, before they are written.
    fn load_ahead(&self, _: &ContextSelectionSet<'_>) -> impl Future<Output = ()> + Send {
        async {}
    }
}

/// An item with its place in the list.
#[derive(Clone, Debug)]
pub(crate) struct Edge<T> {
    mark: &'static str,
    node: T,
}

impl<T: Item> Edge<T> {
    fn place(&self) -> String {
        cursor(self.mark, &self.node.key())
    }
}

/// The items of a page.
pub(crate) struct Nodes<'a, T>(&'a [Edge<T>]);

impl<T: Item> OutputType for Nodes<'_, T> {
    fn type_name() -> Cow<'static, str> {
        Vec::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<T>::create_type_info(registry)
    }

    /// Where objects are written at once there is nothing to gain by a task for each item: what they wait for they load
    /// together.
    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let nodes = self.0.iter().map(|edge| &edge.node);
        if !AsJson::holds(ctx) {
            return resolve_list(ctx, field, nodes, Some(self.0.len())).await;
        }
        if let Some(Edge { node, .. }) = self.0.first() {
            node.load_ahead(ctx).await;
        }
        let mut written = Written::new(ctx);
        let mut waited = 0;
        written.begin_list();
        for (place, node) in nodes.enumerate() {
            written.next();
            let (ctx, before) = (ctx.with_index(place), written.mark());
            // The first loads for all of them. If the second waits too, something is asked for that each waits for.
            if waited > 1 || !node.write(&ctx, &mut written) {
                waited += 1;
                written.rewind(before);
                let value = node.resolve(&ctx, field).await?;
                written.value(value, Some(&field.node.selection_set.node));
            }
            if place == 0 {
                written.expect(self.0.len() - 1);
            }
        }
        written.end_list();
        Ok(written.end())
    }
}

/// A page of a list.
#[derive(Clone, Debug)]
pub(crate) struct Connection<T> {
    list: List,
    edges: Vec<Edge<T>>,
    info: PageInfo,
}

impl<T: Item> Connection<T> {
    /// A page as it was read, with its items as nodes.
    pub(crate) fn new(list: List, window: &Window, more: bool, nodes: impl Iterator<Item = T>) -> Self {
        let mark = list.mark();
        let edges: Vec<Edge<T>> = nodes.map(|node| Edge { mark, node }).collect();
        let info = PageInfo {
            has_next_page: if window.from_end { window.before.is_some() } else { more },
            has_previous_page: if window.from_end { more } else { window.after.is_some() },
            start_cursor: edges.first().map(Edge::place),
            end_cursor: edges.last().map(Edge::place),
        };
        Self { list, edges, info }
    }

    /// A page of nothing.
    pub(crate) fn empty(list: List, window: &Window) -> Self {
        Self::new(list, window, false, std::iter::empty())
    }

    /// A page of records, made into nodes together.
    pub(crate) fn of<R, N: Iterator<Item = T>>(
        list: List,
        window: &Window,
        page: Page<R>,
        nodes: impl FnOnce(Vec<R>) -> N,
    ) -> Self {
        Self::new(list, window, page.more, nodes(page.items))
    }
}

/// An item with its place in the list.
#[Object(
    concrete(name = "ServiceEdge", params(ServiceNode)),
    concrete(name = "SlaTierEdge", params(TierNode)),
    concrete(name = "ServiceCalendarEdge", params(CalendarNode)),
    concrete(name = "ClientEdge", params(ClientNode)),
    concrete(name = "AgreementEdge", params(AgreementNode)),
    concrete(name = "ChargeEdge", params(ChargeNode)),
    concrete(name = "BillingPeriodEdge", params(BillingPeriodNode)),
    concrete(name = "OutageEdge", params(OutageNode)),
    concrete(name = "BackupRunEdge", params(BackupRunNode)),
    concrete(name = "MeasurementEdge", params(MeasurementNode)),
    concrete(name = "WebhookEdge", params(WebhookNode)),
    concrete(name = "WebhookDeliveryEdge", params(DeliveryNode)),
    concrete(name = "TicketEdge", params(TicketNode)),
    concrete(name = "ApiClientEdge", params(ApiClientNode)),
    concrete(name = "RevocationEdge", params(RevocationNode)),
    concrete(name = "AuditEntryEdge", params(AuditNode)),
    crate = "crate::graphql::in_turn"
)]
impl<T: Item> Edge<T> {
    /// The place: give it back as `after` or `before`.
    async fn cursor(&self) -> String {
        self.place()
    }

    /// The item.
    async fn node(&self) -> &T {
        &self.node
    }
}

/// A page of a list.
#[Object(
    concrete(name = "ServiceConnection", params(ServiceNode)),
    concrete(name = "SlaTierConnection", params(TierNode)),
    concrete(name = "ServiceCalendarConnection", params(CalendarNode)),
    concrete(name = "ClientConnection", params(ClientNode)),
    concrete(name = "AgreementConnection", params(AgreementNode)),
    concrete(name = "ChargeConnection", params(ChargeNode)),
    concrete(name = "BillingPeriodConnection", params(BillingPeriodNode)),
    concrete(name = "OutageConnection", params(OutageNode)),
    concrete(name = "BackupRunConnection", params(BackupRunNode)),
    concrete(name = "MeasurementConnection", params(MeasurementNode)),
    concrete(name = "WebhookConnection", params(WebhookNode)),
    concrete(name = "WebhookDeliveryConnection", params(DeliveryNode)),
    concrete(name = "TicketConnection", params(TicketNode)),
    concrete(name = "ApiClientConnection", params(ApiClientNode)),
    concrete(name = "RevocationConnection", params(RevocationNode)),
    concrete(name = "AuditEntryConnection", params(AuditNode)),
    crate = "crate::graphql::in_turn"
)]
impl<T: Item> Connection<T>
where
    Edge<T>: OutputType,
{
    /// The items with their places.
    async fn edges(&self) -> &[Edge<T>] {
        &self.edges
    }

    /// The items.
    async fn nodes(&self) -> Nodes<'_, T> {
        Nodes(&self.edges)
    }

    /// Whether the list has more.
    async fn page_info(&self) -> &PageInfo {
        &self.info
    }

    /// How many items the whole list has; counted only when asked for.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(i32::try_from(self.list.count(ctx).await?).unwrap_or(i32::MAX))
    }
}
