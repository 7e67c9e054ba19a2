//! Objects most of whose fields are there with them.
//!
//! To resolve a field takes a context, a future, a value and often an object of its own, which is most of what a long list
//! costs. In a query that is run [`AsJson`](super::as_json::AsJson) what is there is written as it stands. `plain!` says of a type
//! which of its fields these are; the others are resolved in turn. Each is written by its own resolver, which then has nothing
//! to wait for, so there is one definition of it.

use std::borrow::Cow;

use futures_util::FutureExt;

pub(crate) use super::in_turn::*;
use super::{
    as_json::Written,
    scalars::{CurrencyCode, Date, DateTime, Decimal, Duration, LocalTime, TimeZone},
    words::Word,
};

/// A value that can be written without waiting.
pub(crate) trait Plain {
    /// Writes it. False: something in it has to be waited for, and what was written of it has to be taken back.
    ///
    /// - `ctx`: that of the field that it is the value of.
    fn write(&self, ctx: &Context<'_>, out: &mut Written<'_>) -> bool;
}

/// An object some of whose fields are there with it.
pub(crate) trait PlainFields: ContainerType {
    /// Writes a field's value; false as for [`Plain`], or because the field is none of those.
    fn write_field(&self, ctx: &Context<'_>, out: &mut Written<'_>) -> bool;
}

/// Says which fields of a type are there with it, by the names of the schema and of its resolvers. Behind `if` stands when: a
/// relation is there once it was loaded for the whole cohort.
macro_rules! plain {
    ($type:ty: |$this:ident| $($name:literal => $field:ident $(if $loaded:expr)?),+ $(,)?) => {
        impl $crate::graphql::plain::PlainFields for $type {
            fn write_field(
                &self,
                ctx: &async_graphql::Context<'_>,
                out: &mut $crate::graphql::as_json::Written<'_>,
            ) -> bool {
                let $this = self;
                match ctx.item.node.name.node.as_str() {
                    $($name $(if $loaded)? => $crate::graphql::plain::written(self.$field(ctx), ctx, out),)+
                    _ => false,
                }
            }
        }

        impl $crate::graphql::plain::Plain for $type {
            fn write(
                &self,
                ctx: &async_graphql::Context<'_>,
                out: &mut $crate::graphql::as_json::Written<'_>,
            ) -> bool {
                let ctx = ctx.with_selection_set(&ctx.item.node.selection_set);
                $crate::graphql::plain::write_object(self, &ctx, out)
            }
        }
    };
    ($type:ty: $($name:literal => $field:ident),+ $(,)?) => {
        $crate::graphql::plain::plain! { $type: |_this| $($name => $field),+ }
    };
}
pub(crate) use plain;

/// Writes what a resolver gives that has nothing to wait for.
pub(crate) fn written<T: Plain>(
    resolved: impl Future<Output = Result<T>>,
    ctx: &Context<'_>,
    out: &mut Written<'_>,
) -> bool {
    matches!(resolved.now_or_never(), Some(Ok(value)) if value.write(ctx, out))
}

/// Writes an object; false as for [`Plain`].
pub(crate) fn write_object<T: PlainFields>(object: &T, ctx: &ContextSelectionSet<'_>, out: &mut Written<'_>) -> bool {
    out.begin_object();
    let is_whole = resolver_utils::each_selected::<T>(ctx, &ctx.item.node, &mut |field| {
        out.key(&field.node.response_key().node);
        if field.node.name.node == "__typename" {
            out.word(&object.introspection_type_name());
            return true;
        }
        object.write_field(&ctx.with_field(field), out)
    });
    out.end_object();
    is_whole
}

impl<T: Plain> Plain for Option<T> {
    fn write(&self, ctx: &Context<'_>, out: &mut Written<'_>) -> bool {
        match self {
            Some(value) => value.write(ctx, out),
            None => {
                out.null();
                true
            }
        }
    }
}

impl<T: Plain> Plain for [T] {
    fn write(&self, ctx: &Context<'_>, out: &mut Written<'_>) -> bool {
        out.begin_list();
        let is_whole = self.iter().all(|item| {
            out.next();
            item.write(ctx, out)
        });
        out.end_list();
        is_whole
    }
}

impl<T: Plain> Plain for Vec<T> {
    fn write(&self, ctx: &Context<'_>, out: &mut Written<'_>) -> bool {
        self.as_slice().write(ctx, out)
    }
}

impl<T: Plain + ?Sized> Plain for &T {
    fn write(&self, ctx: &Context<'_>, out: &mut Written<'_>) -> bool {
        T::write(self, ctx, out)
    }
}

impl Plain for Cow<'_, str> {
    fn write(&self, ctx: &Context<'_>, out: &mut Written<'_>) -> bool {
        (**self).write(ctx, out)
    }
}

impl<T: remit_domain::words::Word> Plain for Word<T> {
    fn write(&self, _: &Context<'_>, out: &mut Written<'_>) -> bool {
        out.word(self.0.text());
        true
    }
}

/// Scalars, each by its own form.
macro_rules! scalars {
    ($($scalar:ty: |$value:ident| $form:expr),+ $(,)?) => {$(
        impl Plain for $scalar {
            fn write(&self, _: &Context<'_>, out: &mut Written<'_>) -> bool {
                let $value = self;
                out.scalar($form);
                true
            }
        }
    )+};
}

scalars! {
    str: |text| text,
    String: |text| text,
    bool: |flag| flag,
    i32: |number| number,
    ID: |id| id.as_str(),
    CurrencyCode: |scalar| &scalar.text(),
    Date: |scalar| &scalar.text(),
    DateTime: |scalar| &scalar.text(),
    Decimal: |scalar| &scalar.text(),
    Duration: |scalar| &scalar.text(),
    LocalTime: |scalar| &scalar.text(),
    TimeZone: |scalar| &scalar.text(),
}

/// What derives call to resolve an object.
pub(crate) mod resolver_utils {
    use std::pin::Pin;

    use async_graphql::{ContextSelectionSet, ServerResult, Value};

    use super::PlainFields;
    pub(crate) use crate::graphql::in_turn::resolver_utils::*;
    use crate::graphql::{
        as_json::{AsJson, Written},
        in_turn,
    };

    /// Writes the fields of an object that are there with it, and resolves the others in turn.
    pub(crate) fn resolve_container<'a, T: PlainFields>(
        ctx: &'a ContextSelectionSet<'a>,
        root: &'a T,
    ) -> Pin<Box<dyn Future<Output = ServerResult<Value>> + Send + 'a>> {
        if !AsJson::holds(ctx) {
            return in_turn::resolver_utils::resolve_container(ctx, root);
        }
        Box::pin(async move {
            let mut written = Written::new(ctx);
            written.begin_object();
            for field in selected::<T>(ctx) {
                written.key(&field.node.response_key().node);
                let before = written.mark();
                if !root.write_field(&ctx.with_field(field), &mut written) {
                    written.rewind(before);
                    let value = value(ctx, root, field).await?;
                    written.value(value, Some(&field.node.selection_set.node));
                }
            }
            written.end_object();
            Ok(written.end())
        })
    }
}
