//! Clients.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use async_graphql::{Context, ID, Object, Result};
use tokio::sync::{Mutex, OnceCell};

use super::AgreementNode;
use crate::{
    graphql::{
        cohort::Member,
        context::Serving,
        ids::Kind,
        paging::{Connection, Item, List, Slice},
        plain::plain,
        reference::ExternalRef,
        scalars::TimeZone,
    },
    store::{self, ClientRecord, Page, Subject, Uuid, Window},
};

/// The pages of agreements of a cohort's clients.
type Pages = HashMap<Uuid, (Page<AgreementNode>, u64)>;

/// What clients loaded together relate to.
#[derive(Debug, Default)]
pub(crate) struct Related {
    references: OnceCell<HashMap<Uuid, Vec<store::ExternalRef>>>,
    agreements: Mutex<HashMap<Window, Arc<OnceCell<Pages>>>>,
}

/// A client in the API.
#[derive(Clone, Debug)]
pub(crate) struct ClientNode(Member<ClientRecord, Related>);

impl ClientNode {
    pub(crate) fn all(records: Vec<ClientRecord>) -> impl Iterator<Item = Self> {
        Member::all(records).map(Self)
    }

    pub(crate) fn uuid(&self) -> Uuid {
        self.0.id
    }

    pub(crate) fn record(&self) -> &ClientRecord {
        &self.0
    }

    fn ids(&self) -> Vec<Uuid> {
        self.0.siblings().iter().map(|client| client.id).collect()
    }

    async fn load_agreements(&self, ctx: &Context<'_>, window: &Window) -> Result<Pages> {
        let Serving { app, session } = Serving::of(ctx)?;
        let counts = app.store().count_agreements_of_clients(&session.scope, &self.ids()).await?;
        let pages = app.store().page_agreements_of_clients(&session.scope, &self.ids(), window).await?;
        let (mut records, mut lengths) = (Vec::new(), Vec::new());
        for (client, page) in pages {
            lengths.push((client, page.items.len(), page.more));
            records.extend(page.items);
        }
        let mut nodes = AgreementNode::all(records);
        let page = |(client, length, more)| {
            let items = nodes.by_ref().take(length).collect();
            (client, (Page { items, more }, counts.get(&client).copied().unwrap_or_default()))
        };
        Ok(lengths.into_iter().map(page).collect())
    }
}

impl Item for ClientNode {
    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0.code)
    }
}

/// A client of the provider.
#[Object(name = "Client", crate = "crate::graphql::plain")]
impl ClientNode {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        Kind::Client.id(self.0.id)
    }

    /// The code, unique per provider; it never changes, and a portal's token names it.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// The name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The zone that the client's people live in.
    async fn time_zone(&self) -> TimeZone {
        TimeZone(self.0.time_zone.clone())
    }

    /// What other systems call it.
    async fn external_refs(&self, ctx: &Context<'_>) -> Result<Vec<ExternalRef>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let ids = self.ids();
        let load = || app.store().external_refs(&session.scope, Subject::Client, &ids);
        let found = self.0.related().references.get_or_try_init(load).await?;
        Ok(found.get(&self.0.id).into_iter().flatten().map(Into::into).collect())
    }

    /// Its agreements, by number.
    async fn agreements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Connection<AgreementNode>> {
        let of_any = List::AgreementsOf(self.0.id, 0);
        let window = Slice { first, after, last, before }.window(&of_any)?;
        let cell = Arc::clone(self.0.related().agreements.lock().await.entry(window.clone()).or_default());
        let pages = cell.get_or_try_init(|| self.load_agreements(ctx, &window)).await?;
        let (page, count) = match pages.get(&self.0.id) {
            Some((page, count)) => (page.clone(), *count),
            None => (Page { items: Vec::new(), more: false }, 0),
        };
        Ok(Connection::of(List::AgreementsOf(self.0.id, count), &window, page, Vec::into_iter))
    }
}

plain! {
    ClientNode:
    "id" => id,
    "code" => code,
    "name" => name,
    "timeZone" => time_zone,
}
