//! The root of subscriptions.
//!
//! An operation that listens is run many times: once when it begins, to check what is asked for and to learn its
//! [`Topic`]; then anew for each [`Event`], with the rights and the time of that moment (see `listen`).
//!
//! To add one: a field here, its topic and event in these enums, what of the feed becomes an event in `Topic::events`, a
//! line in the table of scopes.

use std::sync::{Arc, OnceLock};

use async_graphql::{Context, Result, Subscription as Root};
use futures_util::{Stream, stream};

use super::{
    context::Serving,
    feed,
    ids::Kind,
    reference::Ref,
    scopes,
    types::{AgreementNode, ChangeEdge, SlaClockChange, SubjectType},
};
use crate::store::{ChangeRecord, Handle, Place, Subject, Uuid};

/// What a subscription is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    /// Everything, or some kinds of objects, from a place on.
    Changes { after: Option<Place>, subjects: Option<Vec<Subject>> },
    /// Agreements, or those of one client.
    Agreements { client: Option<Uuid> },
    /// The clocks of tickets, or of those under one agreement, of one client, or both.
    Clocks { agreement: Option<Uuid>, client: Option<Uuid> },
    /// What never happens: something was named that is not there.
    Nothing,
}

/// What is answered with once.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Change(ChangeEdge),
    Agreement(Uuid),
    Clock(ChangeRecord),
}

/// Why a subscription's operation is run.
#[derive(Clone, Debug)]
pub(crate) enum Occasion {
    /// It begins; the topic goes in here.
    Beginning(Arc<OnceLock<Topic>>),
    /// Something happened.
    Event(Event),
}

impl Topic {
    /// The place behind which the feed is read; none: only what comes.
    pub(crate) fn after(&self) -> Option<Place> {
        match self {
            Self::Changes { after, .. } => *after,
            Self::Agreements { .. } | Self::Clocks { .. } | Self::Nothing => None,
        }
    }

    /// The kinds of objects whose changes it is about; none: all.
    pub(crate) fn subjects(&self) -> Option<Vec<Subject>> {
        match self {
            Self::Changes { subjects, .. } => subjects.clone(),
            Self::Agreements { .. } => Some(vec![Subject::Agreement, Subject::Terms, Subject::Obligation]),
            Self::Clocks { .. } => Some(vec![Subject::Ticket]),
            Self::Nothing => Some(Vec::new()),
        }
    }

    /// The events that changes make; several changes of one agreement make one.
    pub(crate) fn events(&self, changes: Vec<ChangeRecord>) -> Vec<Event> {
        match self {
            Self::Changes { .. } => ChangeEdge::all(changes).map(Event::Change).collect(),
            Self::Agreements { client } => {
                let of_client = changes.iter().filter(|change| client.is_none() || change.client == *client);
                let mut agreements: Vec<Uuid> = Vec::new();
                for agreement in of_client.filter_map(|change| change.agreement) {
                    if !agreements.contains(&agreement) {
                        agreements.push(agreement);
                    }
                }
                agreements.into_iter().map(Event::Agreement).collect()
            }
            Self::Clocks { agreement, client } => {
                let is_meant = |change: &ChangeRecord| {
                    change.clock.is_some()
                        && (agreement.is_none() || change.agreement == *agreement)
                        && (client.is_none() || change.client == *client)
                };
                changes.into_iter().filter(is_meant).map(Event::Clock).collect()
            }
            Self::Nothing => Vec::new(),
        }
    }
}

/// What can be listened to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subscription;

/// What can be listened to, over WebSocket (graphql-transport-ws) or server-sent events.
#[Root]
impl Subscription {
    /// What happens, in commit order, each change once: from a cursor of `changes` on, or only what comes.
    ///
    /// A cursor that points before what is kept is refused (CURSOR_EXPIRED), never skipped. Keep the last cursor: after a
    /// disconnection it goes on from there.
    async fn changed<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "From behind this cursor; left out: only what comes.")] after: Option<String>,
        #[graphql(desc = "Only these kinds of objects; of none where the list is empty. Left out: all.")] types: Option<
            Vec<SubjectType>,
        >,
    ) -> Result<impl Stream<Item = ChangeEdge> + use<'a>> {
        let edge = match Occasion::of(ctx)? {
            Occasion::Beginning(topic) => {
                scopes::admit(&Serving::of(ctx)?.session, "Subscription", "changed")?;
                let after = after.as_deref().map(feed::place).transpose()?;
                begin(topic, Topic::Changes { after, subjects: feed::subjects(types) })
            }
            Occasion::Event(Event::Change(edge)) => Some(edge.clone()),
            Occasion::Event(_) => None,
        };
        Ok(stream::iter(edge))
    }

    /// An agreement, its terms or how its obligations stand were changed: the agreement as it is now. Several changes at
    /// once come as one.
    async fn agreement_changed<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Only those of this client.")] client: Option<Ref>,
    ) -> Result<impl Stream<Item = AgreementNode> + use<'a>> {
        let agreement = match Occasion::of(ctx)? {
            Occasion::Beginning(topic) => {
                scopes::admit(&Serving::of(ctx)?.session, "Subscription", "agreementChanged")?;
                begin(topic, agreements_of(ctx, client).await?)
            }
            Occasion::Event(Event::Agreement(id)) => {
                let Serving { app, session } = Serving::of(ctx)?;
                let found = app.store().find_agreements(&session.scope, &[Handle::Id(*id)]).await?;
                found.into_values().next().and_then(AgreementNode::one)
            }
            Occasion::Event(_) => None,
        };
        Ok(stream::iter(agreement))
    }

    /// A clock of a ticket started, paused, resumed, is about to breach, breached or was met.
    async fn sla_clock_changed<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "Only of tickets under this agreement.")] agreement: Option<Ref>,
        #[graphql(desc = "Only of tickets of this client.")] client: Option<Ref>,
    ) -> Result<impl Stream<Item = SlaClockChange> + use<'a>> {
        let change = match Occasion::of(ctx)? {
            Occasion::Beginning(topic) => {
                scopes::admit(&Serving::of(ctx)?.session, "Subscription", "slaClockChanged")?;
                begin(topic, clocks_of(ctx, agreement, client).await?)
            }
            Occasion::Event(Event::Clock(change)) => SlaClockChange::of(ctx, change).await?,
            Occasion::Event(_) => None,
        };
        Ok(stream::iter(change))
    }
}

impl Occasion {
    fn of<'a>(ctx: &Context<'a>) -> Result<&'a Self> {
        ctx.data::<Self>()
    }
}

/// Puts the topic down. Nothing is answered with: what is asked for has not happened yet.
fn begin<T>(put_down: &OnceLock<Topic>, topic: Topic) -> Option<T> {
    // A document has one root field to listen to.
    put_down.set(topic).ok();
    None
}

async fn agreements_of(ctx: &Context<'_>, client: Option<Ref>) -> Result<Topic> {
    let Some(client) = client else { return Ok(Topic::Agreements { client: None }) };
    let found = client_of(ctx, client).await?;
    Ok(found.map_or(Topic::Nothing, |client| Topic::Agreements { client: Some(client) }))
}

async fn clocks_of(ctx: &Context<'_>, agreement: Option<Ref>, client: Option<Ref>) -> Result<Topic> {
    let mut meant = (None, None);
    if let Some(agreement) = agreement {
        let Serving { app, session } = Serving::of(ctx)?;
        let handle = agreement.named(Kind::Agreement);
        let found = app.store().find_agreements(&session.scope, &[handle]).await?.into_values().next();
        let Some(found) = found else { return Ok(Topic::Nothing) };
        meant.0 = Some(found.id);
    }
    if let Some(client) = client {
        let Some(found) = client_of(ctx, client).await? else { return Ok(Topic::Nothing) };
        meant.1 = Some(found);
    }
    Ok(Topic::Clocks { agreement: meant.0, client: meant.1 })
}

/// The client that is named, if the caller sees it.
async fn client_of(ctx: &Context<'_>, client: Ref) -> Result<Option<Uuid>> {
    let Serving { app, session } = Serving::of(ctx)?;
    let handle = client.named(Kind::Client);
    let found = app.store().find_clients(&session.scope, &[handle]).await?.into_values().next();
    Ok(found.map(|client| client.id))
}
