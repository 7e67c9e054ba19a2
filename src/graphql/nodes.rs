//! Any persisted object, by its id.

use std::collections::HashMap;

use async_graphql::{Context, ID, Interface, Result};
use remit_domain::words::FactKind;

use super::{
    context::Serving,
    errors::forbidden,
    ids::{self, Kind},
    scopes,
    types::{
        AgreementNode, ApiClientNode, AuditNode, BackupRunNode, BillingPeriodNode, CalendarNode, ChargeNode,
        ClientNode, DeliveryNode, MeasurementNode, ObligationNode, OutageNode, RevocationNode, ServiceNode, StatusNode,
        TermsNode, TicketNode, TierNode, TimeEntryNode, WebhookNode,
    },
};
use crate::{
    app::Session,
    auth::Scope,
    store::{Handle, Uuid},
};

/// Any persisted object.
#[derive(Clone, Debug, Interface)]
#[graphql(name = "Node", field(name = "id", ty = "ID", desc = "The global id: opaque, and it never changes."))]
#[allow(clippy::large_enum_variant, reason = "nodes are few and short-lived")]
pub(crate) enum Node {
    Service(ServiceNode),
    SlaTier(TierNode),
    ServiceCalendar(CalendarNode),
    Client(ClientNode),
    Agreement(AgreementNode),
    AgreementTerms(TermsNode),
    Obligation(ObligationNode),
    ObligationStatus(StatusNode),
    Ticket(TicketNode),
    TimeEntry(TimeEntryNode),
    Charge(ChargeNode),
    BillingPeriod(BillingPeriodNode),
    Outage(OutageNode),
    BackupRun(BackupRunNode),
    Measurement(MeasurementNode),
    Webhook(WebhookNode),
    WebhookDelivery(DeliveryNode),
    ApiClient(ApiClientNode),
    Revocation(RevocationNode),
    AuditEntry(AuditNode),
}

/// An object that an id was asked for; or FORBIDDEN, whether or not there is one: the token's scopes do not reach its kind.
pub(crate) type Named<T> = Option<Result<T>>;

/// The objects of ids in their order, with one statement or two for each kind among them.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn find_nodes(ctx: &Context<'_>, ids: &[ID]) -> Result<Vec<Named<Node>>> {
    let Serving { session, .. } = Serving::of(ctx)?;
    let read: Vec<Option<(Kind, Uuid)>> = ids.iter().map(|id| ids::read(id)).collect();
    let wanted: Vec<(Kind, Uuid)> = read.iter().flatten().copied().collect();
    let nodes = load_nodes(ctx, &wanted).await?;
    let named = |(kind, uuid)| match out_of_reach(kind, session) {
        Some((needed, why)) => Some(Err(forbidden(needed, &why))),
        None => nodes.get(&uuid).cloned().map(Ok),
    };
    Ok(read.into_iter().map(|id| id.and_then(named)).collect())
}

/// What a token lacks to see objects of a kind, and why.
fn out_of_reach(kind: Kind, session: &Session) -> Option<(Scope, String)> {
    scopes::rule(kind.type_name(), "id").and_then(|rule| scopes::lacking(rule, session))
}

/// The objects that the caller sees, by their ids; those that the token's scopes do not reach are left out.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn load_nodes(ctx: &Context<'_>, wanted: &[(Kind, Uuid)]) -> Result<HashMap<Uuid, Node>> {
    let Serving { session, .. } = Serving::of(ctx)?;
    let mut nodes = HashMap::new();
    for kind in Kind::ALL {
        let mut wanted: Vec<Uuid> = wanted.iter().filter(|(k, _)| *k == kind).map(|(_, uuid)| *uuid).collect();
        wanted.sort_unstable();
        wanted.dedup();
        if !wanted.is_empty() && out_of_reach(kind, session).is_none() {
            load_kind(ctx, kind, &wanted, &mut nodes).await?;
        }
    }
    Ok(nodes)
}

async fn load_kind(ctx: &Context<'_>, kind: Kind, wanted: &[Uuid], nodes: &mut HashMap<Uuid, Node>) -> Result<()> {
    let Serving { app, session } = Serving::of(ctx)?;
    let (store, scope) = (app.store(), &session.scope);
    let handles: Vec<Handle> = wanted.iter().copied().map(Handle::Id).collect();
    match kind {
        Kind::Service => {
            let found = store.find_services(scope, &handles).await?;
            nodes.extend(ServiceNode::all(found.into_values().collect()).map(|n| (n.uuid(), Node::Service(n))));
        }
        Kind::SlaTier => {
            let found = store.find_tiers(scope, &handles).await?.into_values();
            nodes.extend(found.map(|record| (record.id, Node::SlaTier(TierNode(record)))));
        }
        Kind::ServiceCalendar => {
            let found = store.find_calendars(scope, &handles).await?.into_values();
            nodes.extend(found.map(|record| (record.id, Node::ServiceCalendar(CalendarNode(record)))));
        }
        Kind::Client => {
            let found = store.find_clients(scope, &handles).await?;
            nodes.extend(ClientNode::all(found.into_values().collect()).map(|n| (n.uuid(), Node::Client(n))));
        }
        Kind::Agreement => {
            let found = store.find_agreements(scope, &handles).await?;
            let found = AgreementNode::all(found.into_values().collect());
            nodes.extend(found.map(|node| (node.record().id, Node::Agreement(node))));
        }
        Kind::AgreementTerms => {
            let found = TermsNode::all(store.terms(scope, wanted).await?);
            nodes.extend(found.map(|node| (node.record().id, Node::AgreementTerms(node))));
        }
        Kind::Obligation => {
            let rows = store.find_obligations(scope, wanted).await?;
            let versions: Vec<Uuid> = rows.iter().map(|row| row.terms_id).collect();
            for terms in TermsNode::all(store.terms(scope, &versions).await?) {
                let own = terms.obligation_nodes(ctx).await?;
                nodes.extend(own.into_iter().map(|node| (node.uuid(), Node::Obligation(node))));
            }
        }
        Kind::ObligationStatus => {
            let found = store.find_statuses(scope, wanted).await?.into_iter();
            nodes.extend(found.map(|record| (record.id, Node::ObligationStatus(StatusNode(record)))));
        }
        Kind::Ticket => {
            let found = store.find_tickets(scope, &handles).await?;
            nodes.extend(TicketNode::all(found.into_values().collect()).map(|n| (n.uuid(), Node::Ticket(n))));
        }
        Kind::TimeEntry => {
            let found = store.find_time_entries(scope, &handles).await?;
            let found = TimeEntryNode::all(found.into_values().collect());
            nodes.extend(found.map(|node| (node.uuid(), Node::TimeEntry(node))));
        }
        Kind::Charge => {
            let found = ChargeNode::all(store.find_charges(scope, wanted).await?);
            nodes.extend(found.map(|node| (node.record().id, Node::Charge(node))));
        }
        Kind::BillingPeriod => {
            let found = app.find_periods(session, wanted).await?;
            nodes.extend(BillingPeriodNode::all(found).map(|node| (node.uuid(), Node::BillingPeriod(node))));
        }
        Kind::Outage => {
            let found = store.find_facts(scope, FactKind::Outage, &handles).await?.into_values().collect();
            nodes.extend(OutageNode::all(found).map(|node| (node.uuid(), Node::Outage(node))));
        }
        Kind::BackupRun => {
            let found = store.find_facts(scope, FactKind::BackupRun, &handles).await?.into_values().collect();
            nodes.extend(BackupRunNode::all(found).map(|node| (node.uuid(), Node::BackupRun(node))));
        }
        Kind::Measurement => {
            let found = store.find_facts(scope, FactKind::Measurement, &handles).await?.into_values().collect();
            nodes.extend(MeasurementNode::all(found).map(|node| (node.uuid(), Node::Measurement(node))));
        }
        Kind::Webhook => {
            let found = store.find_webhooks(scope, &handles).await?;
            nodes.extend(WebhookNode::all(found.into_values().collect()).map(|n| (n.uuid(), Node::Webhook(n))));
        }
        Kind::WebhookDelivery => {
            let found = DeliveryNode::all(store.find_deliveries(scope, wanted).await?);
            nodes.extend(found.map(|node| (node.uuid(), Node::WebhookDelivery(node))));
        }
        Kind::ApiClient => {
            let found = ApiClientNode::all(store.find_api_clients(scope, &handles).await?);
            nodes.extend(found.map(|node| (node.uuid(), Node::ApiClient(node))));
        }
        Kind::Revocation => {
            let found = RevocationNode::all(store.find_revocations(scope, wanted).await?);
            nodes.extend(found.map(|node| (node.uuid(), Node::Revocation(node))));
        }
        Kind::AuditEntry => {
            let found = AuditNode::all(store.find_audit(scope, wanted).await?);
            nodes.extend(found.map(|node| (node.uuid(), Node::AuditEntry(node))));
        }
    }
    Ok(())
}
