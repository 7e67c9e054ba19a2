//! Inputs with a default of which it matters whether they were said.

use std::borrow::Cow;

use async_graphql::{InputType, InputValueResult, Value, registry::Registry};

/// A value of an input that has a default. In the schema it is no other than the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stated<T> {
    /// It was said.
    Said(T),
    /// It was left out, and this is the default.
    LeftOut(T),
}

impl<T> Stated<T> {
    /// The value; none: it was left out.
    pub(super) fn said(self) -> Option<T> {
        match self {
            Self::Said(value) => Some(value),
            Self::LeftOut(_) => None,
        }
    }

    const fn value(&self) -> &T {
        match self {
            Self::Said(value) | Self::LeftOut(value) => value,
        }
    }
}

impl<T: InputType> InputType for Stated<T> {
    type RawValueType = T::RawValueType;

    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn qualified_type_name() -> String {
        T::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        T::parse(value).map(Self::Said).map_err(async_graphql::InputValueError::propagate)
    }

    fn to_value(&self) -> Value {
        self.value().to_value()
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        self.value().as_raw_value()
    }
}
