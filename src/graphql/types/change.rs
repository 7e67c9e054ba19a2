//! What happened.

use std::collections::HashMap;

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use tokio::sync::OnceCell;

use super::SlaClock;

use crate::{
    graphql::{
        cohort::Member,
        context::Serving,
        ids::Kind,
        nodes::{Node, load_nodes},
        paging::{PageInfo, changes_cursor},
        reference::ExternalRef,
        scalars::DateTime,
    },
    store::{self, ChangeRecord, Page, Place, Subject, Uuid},
};

/// What kind of object changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "store::Subject")]
pub(crate) enum SubjectType {
    /// A service.
    Service,
    /// An SLA tier; the change names its revision.
    SlaTier,
    /// A calendar; the change names its revision.
    Calendar,
    /// A client.
    Client,
    /// An agreement.
    Agreement,
    /// A version of an agreement's terms.
    Terms,
    /// An obligation within a version of the terms.
    Obligation,
    /// A ticket.
    Ticket,
    /// A time entry.
    TimeEntry,
    /// A charge.
    Charge,
    /// A billing period of an agreement.
    BillingPeriod,
    /// A time in which something was not there.
    Outage,
    /// A run of a backup or a restore.
    BackupRun,
    /// A measured value.
    Measurement,
}

/// Whether an object came into being, became another, or is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "store::ChangeKind")]
pub(crate) enum ChangeKind {
    /// It is new.
    Created,
    /// It was there before.
    Updated,
    /// It is there no more.
    Deleted,
}

/// What changes read together relate to.
#[derive(Debug, Default)]
pub(crate) struct Related {
    subjects: OnceCell<HashMap<Uuid, Node>>,
    references: OnceCell<HashMap<Uuid, Vec<store::ExternalRef>>>,
}

/// A change in the API.
#[derive(Clone, Debug)]
pub(crate) struct ChangeNode(Member<ChangeRecord, Related>);

impl ChangeNode {
    pub(crate) fn all(records: Vec<ChangeRecord>) -> impl Iterator<Item = Self> {
        Member::all(records).map(Self)
    }

    async fn load_subjects(&self, ctx: &Context<'_>) -> Result<HashMap<Uuid, Node>> {
        let wanted: Vec<(Kind, Uuid)> =
            self.0.siblings().iter().map(|change| (Kind::of(change.subject), change.subject_id)).collect();
        load_nodes(ctx, &wanted).await
    }

    async fn load_references(&self, ctx: &Context<'_>) -> Result<HashMap<Uuid, Vec<store::ExternalRef>>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let mut found = HashMap::new();
        let referred = [
            Subject::Service,
            Subject::Client,
            Subject::Agreement,
            Subject::Ticket,
            Subject::TimeEntry,
            Subject::Charge,
        ];
        for subject in referred {
            let changes = self.0.siblings().iter().filter(|change| change.subject == subject);
            let mut ids: Vec<Uuid> = changes.map(|change| change.subject_id).collect();
            ids.sort_unstable();
            ids.dedup();
            if !ids.is_empty() && subject == Subject::Ticket {
                let references = app.store().ticket_references(&session.scope, &ids).await?;
                found.extend(references.into_iter().map(|(id, reference)| (id, vec![reference])));
            } else if !ids.is_empty() {
                found.extend(app.store().external_refs(&session.scope, subject, &ids).await?);
            }
        }
        Ok(found)
    }
}

/// Something that happened.
#[Object(name = "Change", crate = "crate::graphql::in_turn")]
impl ChangeNode {
    /// What kind of object changed.
    #[graphql(name = "type")]
    async fn subject_type(&self) -> SubjectType {
        self.0.subject.into()
    }

    /// Whether it came into being, became another, or is gone.
    async fn kind(&self) -> ChangeKind {
        self.0.kind.into()
    }

    /// What happened in words of the subject: terms.activated. Words may be added; take one you do not know as "changed".
    async fn event(&self) -> &str {
        &self.0.event
    }

    /// The global id of what changed.
    async fn subject_id(&self) -> ID {
        Kind::of(self.0.subject).id(self.0.subject_id)
    }

    /// What other systems call it.
    async fn external_refs(&self, ctx: &Context<'_>) -> Result<Vec<ExternalRef>> {
        let found = self.0.related().references.get_or_try_init(|| self.load_references(ctx)).await?;
        Ok(found.get(&self.0.subject_id).into_iter().flatten().map(Into::into).collect())
    }

    /// The agreement it belongs to.
    async fn agreement_id(&self) -> Option<ID> {
        self.0.agreement.map(|id| Kind::Agreement.id(id))
    }

    /// The client it belongs to.
    async fn client_id(&self) -> Option<ID> {
        self.0.client.map(|id| Kind::Client.id(id))
    }

    /// The object as it is now; null when it is gone, or when the token's scopes do not reach its kind.
    async fn subject(&self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let found = self.0.related().subjects.get_or_try_init(|| self.load_subjects(ctx)).await?;
        Ok(found.get(&self.0.subject_id).cloned())
    }

    /// Of a change of a ticket's clock, the clock as it stood then, by what is known now; null when the ticket is gone, or
    /// when the token has no `tickets:read`.
    async fn clock(&self, ctx: &Context<'_>) -> Result<Option<SlaClock>> {
        let found = self.0.related().subjects.get_or_try_init(|| self.load_subjects(ctx)).await?;
        match (self.0.clock, found.get(&self.0.subject_id)) {
            (Some(clock), Some(Node::Ticket(ticket))) => ticket.clock_at(ctx, clock.milestone, self.0.at).await,
            _ => Ok(None),
        }
    }

    /// Of a clock's warning, how much of the target is used up.
    async fn percent(&self) -> Option<i32> {
        self.0.clock.and_then(|clock| clock.percent).map(i32::from)
    }

    /// When it happened. The feed is in the order of commits, which this need not be.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }
}

/// A change with its place in the feed.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "ChangeEdge")]
pub(crate) struct ChangeEdge {
    /// The place: keep it, and read on from it with `after`.
    cursor: String,
    /// The change.
    node: ChangeNode,
}

impl ChangeEdge {
    pub(crate) fn all(records: Vec<ChangeRecord>) -> impl Iterator<Item = Self> {
        ChangeNode::all(records).map(|node| Self { cursor: changes_cursor(node.0.place), node })
    }
}

/// A stretch of the feed.
#[derive(Clone, Debug)]
pub(crate) struct ChangeConnection {
    edges: Vec<ChangeEdge>,
    info: PageInfo,
}

impl ChangeConnection {
    /// A page of the feed behind a place.
    pub(crate) fn new(after: Option<Place>, page: Page<ChangeRecord>) -> Self {
        let edges: Vec<ChangeEdge> = ChangeEdge::all(page.items).collect();
        let cursor = |edge: Option<&ChangeEdge>| edge.map(|edge| edge.cursor.clone());
        let asked = after.map(changes_cursor);
        let info = PageInfo {
            has_next_page: page.more,
            has_previous_page: asked.is_some(),
            start_cursor: cursor(edges.first()),
            end_cursor: cursor(edges.last()).or(asked),
        };
        Self { edges, info }
    }
}

/// A stretch of the feed.
#[Object(name = "ChangeConnection")]
impl ChangeConnection {
    /// The changes with their places.
    async fn edges(&self) -> &[ChangeEdge] {
        &self.edges
    }

    /// The changes.
    async fn nodes(&self) -> Vec<&ChangeNode> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// Where to read on. An empty page's endCursor is the `after` it was asked with.
    async fn page_info(&self) -> &PageInfo {
        &self.info
    }

    /// The cursor of the newest change there is, of whatever kind. Take it, read everything once, then follow the feed
    /// from it: nothing is missed, and what changed meanwhile is seen twice.
    async fn head(&self, ctx: &Context<'_>) -> Result<String> {
        let Serving { app, session } = Serving::of(ctx)?;
        Ok(changes_cursor(app.store().feed_head(&session.scope).await?))
    }
}
