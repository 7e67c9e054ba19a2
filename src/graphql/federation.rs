//! The API as a subgraph: objects of other services can refer to Remit's by their ids, and a router puts both together.
//!
//! A router asks `_service` once for the schema, and `_entities` for the objects that others refer to, many at a time: they
//! are loaded as `nodes` loads them, with one statement or two for each kind. Both are left out of the published schema,
//! for nobody else asks for them.

use std::{borrow::Cow, sync::LazyLock};

use async_graphql::{
    Context, ContextSelectionSet, ID, InputValueResult, Object, OutputType, Positioned, Result, SDLExportOptions,
    Scalar, ScalarType, ServerResult, SimpleObject, Value,
    parser::types::Field,
    registry::{MetaType, MetaTypeId, Registry},
};

use super::{
    errors::bad_input,
    ids::{self, Kind},
    nodes::{Named, Node, find_nodes},
    plain_schema,
    query::BATCH_MAX,
};

/// Types that other subgraphs may have too, field for field.
const SHARED: [&str; 1] = ["PageInfo"];

/// The schema as a subgraph: each persisted object is known by its id.
static SUBGRAPH: LazyLock<String> = LazyLock::new(|| {
    let sdl = plain_schema().sdl_with_options(SDLExportOptions::new().federation());
    let mut subgraph = String::with_capacity(sdl.len());
    for line in sdl.lines() {
        let name = line.strip_prefix("type ").and_then(|rest| rest.split(' ').next()).unwrap_or_default();
        let mark = match line.strip_suffix(" {") {
            Some(head) if head.starts_with("type ") && head.ends_with(" implements Node") => {
                Some(format!("{head} @key(fields: \"id\") {{"))
            }
            Some(head) if SHARED.contains(&name) => Some(format!("{head} @shareable {{")),
            _ => None,
        };
        subgraph.push_str(mark.as_deref().unwrap_or(line));
        subgraph.push('\n');
    }
    subgraph
});

/// A reference to an object, as a router writes it: `{"__typename": "Client", "id": "…"}`.
#[derive(Clone, Debug)]
struct Any(Value);

/// A reference to an object, as a router writes it: `{"__typename": "Client", "id": "…"}`.
#[Scalar(name = "_Any")]
impl ScalarType for Any {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(value))
    }

    fn to_value(&self) -> Value {
        self.0.clone()
    }
}

impl Any {
    /// The id in it, if it is one of the type that is named.
    fn id(&self) -> Option<ID> {
        let Value::Object(fields) = &self.0 else { return None };
        let text = |name: &str| match fields.get(name) {
            Some(Value::String(text)) => Some(text.as_str()),
            _ => None,
        };
        let (id, named) = (text("id")?, text("__typename")?);
        let (kind, _): (Kind, _) = ids::read(id)?;
        (kind.type_name() == named).then(|| ID::from(id))
    }
}

/// What a router reads first.
#[derive(SimpleObject)]
#[graphql(name = "_Service")]
struct Service {
    /// The schema as a subgraph.
    sdl: &'static str,
}

/// Any persisted object; a union of all that implement `Node`.
struct Entity(Node);

impl OutputType for Entity {
    fn type_name() -> Cow<'static, str> {
        "_Entity".into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Union, |registry| {
            <Node as OutputType>::create_type_info(registry);
            let possible_types = match registry.types.get(&*<Node as OutputType>::type_name()) {
                Some(MetaType::Interface { possible_types, .. }) => possible_types.clone(),
                _ => Default::default(),
            };
            MetaType::Union {
                name: "_Entity".to_owned(),
                description: Some("Any persisted object.".to_owned()),
                possible_types,
                visible: None,
                inaccessible: false,
                tags: Vec::new(),
                rust_typename: Some(std::any::type_name::<Self>()),
                directive_invocations: Vec::new(),
            }
        })
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        self.0.resolve(ctx, field).await
    }
}

/// What routers ask.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Federation;

#[Object(name = "AskedByRouters")]
impl Federation {
    /// The schema as a subgraph.
    #[graphql(name = "_service")]
    async fn service(&self) -> Service {
        Service { sdl: &SUBGRAPH }
    }

    /// Objects that other subgraphs refer to, at most 500, in the order of the references; null for each that names none.
    #[graphql(name = "_entities")]
    async fn entities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The references.")] representations: Vec<Any>,
    ) -> Result<Vec<Named<Entity>>> {
        if representations.len() > BATCH_MAX {
            let why = format!("there are {}, at most {BATCH_MAX} are taken", representations.len());
            return Err(bad_input(&["representations"], why));
        }
        // No object has an empty id.
        let ids: Vec<ID> = representations.iter().map(|any| any.id().unwrap_or_else(|| ID::from(""))).collect();
        Ok(find_nodes(ctx, &ids).await?.into_iter().map(|node| node.map(|node| node.map(Entity))).collect())
    }
}
