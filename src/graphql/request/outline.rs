//! An answer as the specification has it: the fields of an object in the order in which they were asked for, and where one
//! failed, null, up to the nearest place that may be null.
//!
//! The engine leaves a field that failed out of its object, and puts the others in as they are ready. An [`Outline`] is made
//! once per operation, fragments written out; giving an answer its form is a walk over it.

use std::collections::HashMap;

use async_graphql::{
    Name, PathSegment, Response, ServerError, Value,
    indexmap::IndexMap,
    parser::types::{BaseType, ExecutableDocument, OperationDefinition, Selection, SelectionSet, Type},
};

use super::shapes::Shapes;

/// What an operation's answer may hold, in order.
#[derive(Debug, Default)]
pub struct Outline {
    parts: Vec<Part>,
    /// Whether a key is asked for more than once, so that what comes of it is put together.
    merges: bool,
}

/// A field of an answer.
#[derive(Debug)]
struct Part {
    key: Name,
    /// Its type; none: it is of the schema itself, which does not fail.
    ty: Option<Type>,
    below: Outline,
}

/// Where an answer has errors.
#[derive(Debug, Default)]
struct Failed {
    /// The field or item itself has failed.
    here: bool,
    fields: HashMap<String, Failed>,
    items: HashMap<usize, Failed>,
}

impl Outline {
    /// The outline of an operation. The limits bound its size.
    pub(super) fn new(shapes: &Shapes, document: &ExecutableDocument, operation: &OperationDefinition) -> Self {
        let mut outline = Self::default();
        outline.add(shapes, document, &operation.selection_set.node, shapes.root(operation.ty));
        outline
    }

    fn add(&mut self, shapes: &Shapes, document: &ExecutableDocument, set: &SelectionSet, parent: &str) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let (key, set) = (&field.node.response_key().node, &field.node.selection_set.node);
                    let shape = shapes.field(parent, &field.node.name.node);
                    let below = &mut self.part(key, shape.map(|shape| &shape.ty)).below;
                    below.add(shapes, document, set, shape.map_or("", |shape| &shape.result));
                }
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map(|on| on.node.on.node.as_str());
                    self.add(shapes, document, &inline.node.selection_set.node, on.unwrap_or(parent));
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                        let on = &fragment.node.type_condition.node.on.node;
                        self.add(shapes, document, &fragment.node.selection_set.node, on);
                    }
                }
            }
        }
    }

    /// Lets what lies at the end of a way be null where something below it has failed, whatever its type says.
    pub(super) fn let_be_null(&mut self, way: &[&str]) {
        let Some((key, rest)) = way.split_first() else { return };
        let Some(part) = self.parts.iter_mut().find(|part| part.key == *key) else { return };
        match (rest.is_empty(), &mut part.ty) {
            (true, Some(ty)) => ty.nullable = true,
            (true, None) => {}
            (false, _) => part.below.let_be_null(rest),
        }
    }

    /// The part of a key; fields with one key are merged.
    fn part(&mut self, key: &Name, ty: Option<&Type>) -> &mut Part {
        let found = self.parts.iter().position(|part| part.key == *key);
        self.merges |= found.is_some();
        let place = found.unwrap_or_else(|| {
            self.parts.push(Part { key: key.clone(), ty: ty.cloned(), below: Self::default() });
            self.parts.len() - 1
        });
        &mut self.parts[place]
    }

    /// Whether what is asked for more than once has to be put together, anywhere in the answer.
    pub(super) fn merges(&self) -> bool {
        self.merges || self.parts.iter().any(|part| part.below.merges())
    }

    /// Gives an answer its form.
    pub(in crate::graphql) fn complete(&self, response: &mut Response) {
        let failed = Failed::of(&response.errors);
        let fields = match std::mem::take(&mut response.data) {
            Value::Object(fields) => fields,
            // Every field has failed.
            Value::Null if failed.as_ref().is_some_and(|failed| !failed.fields.is_empty()) => IndexMap::new(),
            other => {
                response.data = other;
                return;
            }
        };
        response.data = self.object(fields, failed.as_ref()).map_or(Value::Null, Value::Object);
    }

    /// An object in its form; none: a field that cannot be null has failed.
    fn object(&self, mut fields: IndexMap<Name, Value>, failed: Option<&Failed>) -> Option<IndexMap<Name, Value>> {
        if failed.is_none() && self.is_in_order(&fields) {
            // Most objects: they stay where they are.
            let mut parts = self.parts.iter();
            for (key, value) in &mut fields {
                let Some(part) = parts.find(|part| part.key == *key) else { break };
                if !part.below.parts.is_empty() {
                    *value = part.value(std::mem::take(value), None)?;
                }
            }
            return Some(fields);
        }
        let mut ordered = IndexMap::with_capacity(self.parts.len());
        for part in &self.parts {
            let failed = failed.and_then(|failed| failed.fields.get(part.key.as_str()));
            let value = match fields.swap_remove(&part.key) {
                Some(value) => value,
                None if failed.is_some() => Value::Null,
                // Left out by `@skip`, `@include`, or because the object is of another type.
                None => continue,
            };
            ordered.insert(part.key.clone(), part.value(value, failed)?);
        }
        Some(ordered)
    }

    fn is_in_order(&self, fields: &IndexMap<Name, Value>) -> bool {
        let mut parts = self.parts.iter();
        fields.keys().all(|key| parts.any(|part| part.key == *key))
    }
}

impl Part {
    fn value(&self, value: Value, failed: Option<&Failed>) -> Option<Value> {
        self.of_type(value, self.ty.as_ref(), failed)
    }

    /// A value in its form; none: it cannot be null and has failed.
    fn of_type(&self, value: Value, ty: Option<&Type>, failed: Option<&Failed>) -> Option<Value> {
        let item = ty.and_then(|ty| match &ty.base {
            BaseType::List(item) => Some(&**item),
            BaseType::Named(_) => None,
        });
        let formed = match (value, failed) {
            (Value::List(items), _) => {
                let items = items.into_iter().enumerate();
                let each =
                    |(place, value)| self.of_type(value, item, failed.and_then(|failed| failed.items.get(&place)));
                items.map(each).collect::<Option<Vec<Value>>>().map(Value::List)
            }
            (Value::Object(fields), _) if !self.below.parts.is_empty() => {
                self.below.object(fields, failed).map(Value::Object)
            }
            // An object of which every field has failed.
            (Value::Null, Some(failed)) if !failed.here && item.is_none() => {
                self.below.object(IndexMap::new(), Some(failed)).map(Value::Object)
            }
            (Value::Null, Some(_)) => None,
            (other, _) => Some(other),
        };
        formed.or_else(|| ty.is_none_or(|ty| ty.nullable).then_some(Value::Null))
    }
}

impl Failed {
    /// None: nothing has failed.
    fn of(errors: &[ServerError]) -> Option<Self> {
        let mut all = None;
        for error in errors.iter().filter(|error| !error.path.is_empty()) {
            let mut at = all.get_or_insert_with(Self::default);
            for segment in &error.path {
                at = match segment {
                    PathSegment::Field(name) => at.fields.entry(name.clone()).or_default(),
                    PathSegment::Index(place) => at.items.entry(*place).or_default(),
                };
            }
            at.here = true;
        }
        all
    }
}
