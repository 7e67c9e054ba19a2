//! The engine, with objects of many small fields resolved in turn.
//!
//! The engine makes a task of each field of each object, so that all of them can wait at once. Most fields wait for
//! nothing: a charge has thirty, and all but a few are there with it. A type with `crate = "crate::graphql::in_turn"` is
//! resolved field by field, in the order asked, without tasks; those of its fields that do wait then wait one after the
//! other. Objects of one list are still resolved side by side.
//!
//! In a query that is run [`AsJson`](super::as_json::AsJson) such an object is its JSON as soon as it is resolved.

pub(crate) use async_graphql::*;

/// What derives call to resolve an object.
pub(crate) mod resolver_utils {
    use std::pin::Pin;

    pub(crate) use async_graphql::resolver_utils::*;
    use async_graphql::{
        ContextSelectionSet, Name, Positioned, ServerResult, Value,
        indexmap::IndexMap,
        parser::types::{Field, Selection, SelectionSet},
    };

    use crate::graphql::{
        as_json::{AsJson, Written},
        request::presence::is_asked_for,
        scopes::Unguarded,
    };

    /// Resolves the fields of an object in turn. Where a guard looks at each field, that is left to the engine.
    ///
    /// The future is boxed, for an object may hold others of its own type.
    pub(crate) fn resolve_container<'a, T: ContainerType + ?Sized>(
        ctx: &'a ContextSelectionSet<'a>,
        root: &'a T,
    ) -> Pin<Box<dyn Future<Output = ServerResult<Value>> + Send + 'a>> {
        if ctx.data_opt::<Unguarded>().is_none() {
            return Box::pin(async_graphql::resolver_utils::resolve_container(ctx, root));
        }
        if AsJson::holds(ctx) {
            return Box::pin(async move {
                let mut written = Written::new(ctx);
                written.begin_object();
                for field in selected::<T>(ctx) {
                    let value = value(ctx, root, field).await?;
                    written.key(&field.node.response_key().node);
                    written.value(value, Some(&field.node.selection_set.node));
                }
                written.end_object();
                Ok(written.end())
            });
        }
        Box::pin(async move {
            let selected = selected::<T>(ctx);
            let mut fields = IndexMap::with_capacity(selected.len());
            for field in selected {
                match value(ctx, root, field).await {
                    Ok(value) => put(&mut fields, field.node.response_key().node.clone(), value),
                    Err(error) => ctx.add_error(error),
                }
            }
            Ok(Value::Object(fields))
        })
    }

    /// The fields that are taken of an object, fragments written out.
    pub(in crate::graphql) fn selected<'a, T: ContainerType + ?Sized>(
        ctx: &ContextSelectionSet<'a>,
    ) -> Vec<&'a Positioned<Field>> {
        let mut selected = Vec::with_capacity(ctx.item.node.items.len());
        each_selected::<T>(ctx, &ctx.item.node, &mut |field| {
            selected.push(field);
            true
        });
        selected
    }

    /// Goes through the fields that are taken of an object until one says false; whether none did.
    pub(in crate::graphql) fn each_selected<'a, T: ContainerType + ?Sized>(
        ctx: &ContextSelectionSet<'a>,
        set: &'a SelectionSet,
        each: &mut dyn FnMut(&'a Positioned<Field>) -> bool,
    ) -> bool {
        set.items.iter().all(|selection| {
            let (on, below) = match &selection.node {
                Selection::Field(field) => return !is_asked_for(&field.node) || each(field),
                Selection::InlineFragment(inline) => (inline.node.type_condition.as_ref(), &inline.node.selection_set),
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = ctx.query_env.fragments.get(&spread.node.fragment_name.node) else {
                        return true;
                    };
                    (Some(&fragment.node.type_condition), &fragment.node.selection_set)
                }
            };
            !on.is_none_or(|on| is_of::<T>(ctx, &on.node.on.node)) || each_selected::<T>(ctx, &below.node, each)
        })
    }

    /// Whether an object's type is this one, or one of its interfaces is.
    fn is_of<T: ContainerType + ?Sized>(ctx: &ContextSelectionSet<'_>, name: &str) -> bool {
        let own = T::type_name();
        own == name || ctx.schema_env.registry.implements.get(&*own).is_some_and(|of| of.contains(name))
    }

    pub(in crate::graphql) async fn value<'a, T: ContainerType + ?Sized>(
        ctx: &'a ContextSelectionSet<'a>,
        root: &'a T,
        field: &'a Positioned<Field>,
    ) -> ServerResult<Value> {
        if field.node.name.node == "__typename" {
            return Ok(Value::String(root.introspection_type_name().into_owned()));
        }
        Ok(root.resolve_field(&ctx.with_field(field)).await?.unwrap_or_default())
    }

    /// Puts a value under its key; what is selected twice is merged.
    fn put(fields: &mut IndexMap<Name, Value>, key: Name, value: Value) {
        match fields.get_mut(&key) {
            Some(before) => merge(before, value),
            None => {
                fields.insert(key, value);
            }
        }
    }

    fn merge(before: &mut Value, value: Value) {
        match (before, value) {
            (Value::Object(before), Value::Object(value)) => {
                value.into_iter().for_each(|(key, value)| put(before, key, value));
            }
            (Value::List(before), Value::List(values)) => {
                before.iter_mut().zip(values).for_each(|(before, value)| merge(before, value));
            }
            _ => {}
        }
    }
}
