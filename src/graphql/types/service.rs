//! Services.

use std::{borrow::Cow, collections::HashMap};

use async_graphql::{Context, ID, Object, Result};
use tokio::sync::OnceCell;

use crate::{
    graphql::{
        cohort::Member, context::Serving, ids::Kind, paging::Item, plain::plain, reference::ExternalRef, words::Word,
    },
    store::{self, Handle, ServiceRecord, Subject, Uuid},
};
use remit_domain::words::ServiceKind;

/// What services loaded together relate to.
#[derive(Debug, Default)]
pub(crate) struct Related {
    references: OnceCell<HashMap<Uuid, Vec<store::ExternalRef>>>,
    components: OnceCell<HashMap<Uuid, Vec<ServiceNode>>>,
}

/// A service in the API.
#[derive(Clone, Debug)]
pub(crate) struct ServiceNode(Member<ServiceRecord, Related>);

impl ServiceNode {
    pub(crate) fn all(records: Vec<ServiceRecord>) -> impl Iterator<Item = Self> {
        Member::all(records).map(Self)
    }

    pub(crate) fn uuid(&self) -> Uuid {
        self.0.id
    }

    pub(crate) fn code_text(&self) -> &str {
        &self.0.code
    }

    /// What each package of the cohort holds.
    async fn load_components(&self, ctx: &Context<'_>) -> Result<HashMap<Uuid, Vec<Self>>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let packages: Vec<Uuid> =
            self.0.siblings().iter().filter(|s| s.kind == ServiceKind::Package).map(|s| s.id).collect();
        let held = app.store().components(&session.scope, &packages).await?;
        let handles: Vec<Handle> = held.values().flatten().map(|id| Handle::Id(*id)).collect();
        let found = app.store().find_services(&session.scope, &handles).await?;
        let nodes: HashMap<Uuid, Self> =
            Self::all(found.into_values().collect()).map(|node| (node.uuid(), node)).collect();
        let node = |id: &Uuid| nodes.get(id).cloned();
        Ok(held.into_iter().map(|(package, ids)| (package, ids.iter().filter_map(node).collect())).collect())
    }
}

impl Item for ServiceNode {
    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0.code)
    }
}

/// What a provider sells: support, management, cloud, or a package of them.
#[Object(name = "Service", crate = "crate::graphql::plain")]
impl ServiceNode {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        Kind::Service.id(self.0.id)
    }

    /// The code, unique per provider; it never changes.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// The name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// What kind it is.
    async fn kind(&self) -> Word<ServiceKind> {
        Word(self.0.kind)
    }

    /// What is counted: month, seat, device.
    async fn unit(&self) -> &str {
        &self.0.unit
    }

    /// The services a PACKAGE holds; empty for the other kinds.
    async fn components(&self, ctx: &Context<'_>) -> Result<Vec<ServiceNode>> {
        let held = self.0.related().components.get_or_try_init(|| self.load_components(ctx)).await?;
        Ok(held.get(&self.0.id).cloned().unwrap_or_default())
    }

    /// Whether it is sold no more.
    async fn retired(&self) -> bool {
        self.0.retired
    }

    /// What other systems call it.
    async fn external_refs(&self, ctx: &Context<'_>) -> Result<Vec<ExternalRef>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let ids: Vec<Uuid> = self.0.siblings().iter().map(|service| service.id).collect();
        let load = || app.store().external_refs(&session.scope, Subject::Service, &ids);
        let found = self.0.related().references.get_or_try_init(load).await?;
        Ok(found.get(&self.0.id).into_iter().flatten().map(Into::into).collect())
    }
}

plain! {
    ServiceNode:
    "id" => id,
    "code" => code,
    "name" => name,
    "description" => description,
    "kind" => kind,
    "unit" => unit,
}
