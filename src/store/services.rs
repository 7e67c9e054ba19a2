//! Services and what packages hold.

use std::collections::HashMap;

use remit_domain::words::ServiceKind;
use remit_entity::{service, service_component, terms_service};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select, prelude::Uuid,
};

use super::{
    Handle, Page, Scope, Store, StoreError, Subject, Tx, Window, external, padded,
    page::page,
    scope::{by_handle, named, offered_to, sorted, visible_rows},
};

/// A service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceRecord {
    /// Its id.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// What kind it is.
    pub kind: ServiceKind,
    /// What is counted.
    pub unit: String,
    /// Whether it is sold no more.
    pub retired: bool,
}

impl TryFrom<service::Model> for ServiceRecord {
    type Error = StoreError;

    fn try_from(row: service::Model) -> Result<Self, StoreError> {
        let kind = ServiceKind::ALL.iter().find(|kind| kind.as_str() == row.kind);
        let unreadable = || StoreError::Unreadable { what: "service", id: row.id, why: format!("kind {:?}", row.kind) };
        let kind = *kind.ok_or_else(unreadable)?;
        let service::Model { id, code, name, description, unit, retired, .. } = row;
        Ok(Self { id, code, name, description, kind, unit, retired })
    }
}

/// Which services a list holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceFilter {
    /// Of this kind.
    pub kind: Option<ServiceKind>,
    /// Retired or not.
    pub retired: Option<bool>,
}

fn visible(scope: &Scope) -> Select<service::Entity> {
    let named = |client| {
        terms_service::Entity::find()
            .select_only()
            .column(terms_service::Column::ServiceId)
            .filter(terms_service::Column::ProviderId.eq(scope.provider()))
            .filter(terms_service::Column::TermsId.in_subquery(offered_to(scope.provider(), client)))
            .into_query()
    };
    visible_rows(service::Entity::find(), scope, service::Column::ProviderId, service::Column::Id, named)
}

fn filtered(scope: &Scope, filter: &ServiceFilter) -> Select<service::Entity> {
    visible(scope)
        .apply_if(filter.kind, |rows, kind| rows.filter(service::Column::Kind.eq(kind.as_str())))
        .apply_if(filter.retired, |rows, retired| rows.filter(service::Column::Retired.eq(retired)))
}

fn records(rows: Vec<service::Model>) -> Result<Vec<ServiceRecord>, StoreError> {
    rows.into_iter().map(TryInto::try_into).collect()
}

impl Store {
    /// The services that handles name, as far as the scope sees them.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn find_services(
        &self,
        scope: &Scope,
        handles: &[Handle],
    ) -> Result<HashMap<Handle, ServiceRecord>, StoreError> {
        let (mut ids, codes, references) = sorted(handles);
        let references = external::find_all(self.reads(), scope, Subject::Service, &references).await?;
        ids.extend(references.values());
        let names = named(self.reads(), (service::Column::Id, &ids), (service::Column::Code, &codes));
        let Some(named) = names else { return Ok(HashMap::new()) };
        let found = records(visible(scope).filter(named).all(self.reads()).await?)?;
        Ok(by_handle(handles, &references, &found, |record| (record.id, &record.code)))
    }

    /// A page of services by code.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn page_services(
        &self,
        scope: &Scope,
        filter: &ServiceFilter,
        window: &Window,
    ) -> Result<Page<ServiceRecord>, StoreError> {
        let Page { items, more } = page(filtered(scope, filter), service::Column::Code, window, self.reads()).await?;
        Ok(Page { items: records(items)?, more })
    }

    /// How many services a filter lets through.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn count_services(&self, scope: &Scope, filter: &ServiceFilter) -> Result<u64, StoreError> {
        Ok(filtered(scope, filter).count(self.reads()).await?)
    }

    /// The ids of what packages hold, in their order.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn components(&self, scope: &Scope, packages: &[Uuid]) -> Result<HashMap<Uuid, Vec<Uuid>>, StoreError> {
        if packages.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = service_component::Entity::find()
            .filter(service_component::Column::ProviderId.eq(scope.provider()))
            .filter(service_component::Column::PackageId.is_in(padded(packages)))
            .order_by_asc(service_component::Column::Place)
            .all(self.reads())
            .await?;
        let mut held: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
        for row in rows {
            held.entry(row.package_id).or_default().push(row.component_id);
        }
        Ok(held)
    }
}

impl Tx {
    /// The service with a code.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn service(&self, code: &str) -> Result<Option<ServiceRecord>, StoreError> {
        let row = service::Entity::find()
            .filter(service::Column::ProviderId.eq(self.provider()))
            .filter(service::Column::Code.eq(code))
            .one(self.connection())
            .await?;
        row.map(TryInto::try_into).transpose()
    }

    /// What a package holds, in its order.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn components(&self, package: Uuid) -> Result<Vec<Uuid>, StoreError> {
        let rows = service_component::Entity::find()
            .filter(service_component::Column::ProviderId.eq(self.provider()))
            .filter(service_component::Column::PackageId.eq(package))
            .order_by_asc(service_component::Column::Place)
            .all(self.connection())
            .await?;
        Ok(rows.into_iter().map(|row| row.component_id).collect())
    }

    /// Whether a package holds a service.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn is_component(&self, service: Uuid) -> Result<bool, StoreError> {
        let holding = service_component::Entity::find()
            .filter(service_component::Column::ProviderId.eq(self.provider()))
            .filter(service_component::Column::ComponentId.eq(service))
            .count(self.connection())
            .await?;
        Ok(holding > 0)
    }

    /// Makes a service, or replaces one.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn put_service(&self, service: &ServiceRecord, is_new: bool) -> Result<(), StoreError> {
        let row = service::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            id: Set(service.id),
            code: Set(service.code.clone()),
            name: Set(service.name.clone()),
            description: Set(service.description.clone()),
            kind: Set(service.kind.as_str().to_owned()),
            unit: Set(service.unit.clone()),
            retired: Set(service.retired),
        };
        if is_new {
            service::Entity::insert(row).exec_without_returning(self.connection()).await?;
        } else {
            row.update(self.connection()).await?;
        }
        Ok(())
    }

    /// Replaces what a package holds.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn set_components(&self, package: Uuid, components: &[Uuid]) -> Result<(), StoreError> {
        service_component::Entity::delete_many()
            .filter(service_component::Column::ProviderId.eq(self.provider()))
            .filter(service_component::Column::PackageId.eq(package))
            .exec(self.connection())
            .await?;
        let rows = (0..).zip(components).map(|(place, component)| service_component::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            package_id: Set(package),
            component_id: Set(*component),
            place: Set(place),
        });
        if !components.is_empty() {
            service_component::Entity::insert_many(rows).exec_without_returning(self.connection()).await?;
        }
        Ok(())
    }
}
