//! The domain's words as GraphQL enums: names, values and descriptions come from the one definition.

use std::borrow::Cow;

use async_graphql::{
    ContextSelectionSet, InputType, InputValueError, InputValueResult, Name, OutputType, Positioned, ServerResult,
    Value,
    parser::types::Field,
    registry::{Deprecation, MetaEnumValue, MetaType, MetaTypeId, Registry},
};
use remit_domain::words;

/// One of the domain's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word<T>(pub(crate) T);

impl<T: words::Word> Word<T> {
    fn describe(registry_name: &str) -> MetaType {
        let value = |word: &T| {
            let value = MetaEnumValue {
                name: word.text().into(),
                description: Some(word.meaning().trim().into()),
                deprecation: Deprecation::NoDeprecated,
                visible: None,
                inaccessible: false,
                tags: Vec::new(),
                directive_invocations: Vec::new(),
            };
            (word.text().to_owned(), value)
        };
        MetaType::Enum {
            name: registry_name.into(),
            description: Some(T::MEANING.trim().into()),
            enum_values: T::WORDS.iter().map(value).collect(),
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            rust_typename: Some(std::any::type_name::<Self>()),
            directive_invocations: Vec::new(),
            requires_scopes: Vec::new(),
        }
    }
}

impl<T: words::Word> InputType for Word<T> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        T::NAME.into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_input_type::<Self, _>(MetaTypeId::Enum, |_| Self::describe(T::NAME))
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let value = value.unwrap_or_default();
        let text = match &value {
            Value::Enum(name) => name.as_str(),
            Value::String(text) => text,
            _ => return Err(InputValueError::expected_type(value)),
        };
        let word = T::WORDS.iter().find(|word| word.text() == text);
        word.map(|word| Self(*word)).ok_or_else(|| InputValueError::custom(format!("{text} is no {}", T::NAME)))
    }

    fn to_value(&self) -> Value {
        Value::Enum(Name::new(self.0.text()))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<T: words::Word> OutputType for Word<T> {
    fn type_name() -> Cow<'static, str> {
        T::NAME.into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Enum, |_| Self::describe(T::NAME))
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(InputType::to_value(self))
    }
}

/// A list of words for output.
pub(crate) fn words<T: Copy>(list: &[T]) -> Vec<Word<T>> {
    list.iter().copied().map(Word).collect()
}

/// A list of words from an input; a list left out is empty.
pub(crate) fn unworded<T>(list: Option<Vec<Word<T>>>) -> Vec<T> {
    list.unwrap_or_default().into_iter().map(|word| word.0).collect()
}
