//! What the schema lets each argument be.

use std::collections::{HashMap, HashSet};

use apollo_compiler::{
    Schema,
    ast::{Directive, DirectiveList, FieldDefinition, InputValueDefinition, Value as Literal},
    schema::{Component, ComponentName, ExtendedType, InputObjectType},
    validation::Valid,
};
use async_graphql::{
    Value,
    parser::types::{BaseType, OperationType, Type},
};

use super::parse::ty;

/// Says what is wrong with a scalar's value, in a sentence; null and variables never reach it.
pub type ScalarCheck = fn(&Value) -> Result<(), String>;

/// The parts of a schema that checking a document's values takes: built once, read by every request.
#[derive(Debug)]
pub struct Shapes {
    inputs: HashMap<String, InputShape>,
    enums: HashMap<String, Vec<String>>,
    scalars: HashMap<String, Scalar>,
    /// Objects, interfaces and unions; a union has no fields.
    outputs: HashMap<String, HashMap<String, FieldShape>>,
    /// Which of the outputs are interfaces and unions.
    abstracts: HashSet<String>,
    roots: Roots,
}

impl Shapes {
    /// Takes a schema's shapes and joins each scalar with its check.
    ///
    /// A scalar without a check takes any value; the engine has the last word on it.
    ///
    /// # Errors
    /// The schema lacks a scalar that `scalars` names.
    pub fn new(schema: &Valid<Schema>, scalars: &[(&'static str, ScalarCheck)]) -> Result<Self, String> {
        let mut shapes = Self::built_in(Roots::of(schema));
        let of_introspection = |name: &str| name.starts_with("__");
        for (name, defined) in schema.types.iter().filter(|(name, _)| !of_introspection(name)) {
            shapes.define(name.to_string(), defined);
        }
        for &(name, check) in scalars {
            let scalar = shapes.scalars.get_mut(name).ok_or_else(|| format!("The schema has no scalar {name}."))?;
            *scalar = Scalar::Custom(Some(check));
        }
        Ok(shapes)
    }

    fn built_in(roots: Roots) -> Self {
        let scalars = [
            ("Int", Scalar::Int),
            ("Float", Scalar::Float),
            ("String", Scalar::String),
            ("Boolean", Scalar::Boolean),
            ("ID", Scalar::Id),
        ];
        Self {
            inputs: HashMap::new(),
            enums: HashMap::new(),
            scalars: scalars.into_iter().map(|(name, scalar)| (name.to_owned(), scalar)).collect(),
            outputs: HashMap::new(),
            abstracts: HashSet::new(),
            roots,
        }
    }

    /// Adds a type.
    fn define(&mut self, name: String, defined: &ExtendedType) {
        let fields = match defined {
            ExtendedType::Scalar(_) => {
                self.scalars.entry(name).or_insert(Scalar::Custom(None));
                return;
            }
            ExtendedType::Enum(of) => {
                self.enums.insert(name, of.values.keys().map(ToString::to_string).collect());
                return;
            }
            ExtendedType::InputObject(of) => {
                self.inputs.insert(name, InputShape::new(of));
                return;
            }
            ExtendedType::Object(of) => of.fields.values().map(FieldShape::named).collect(),
            ExtendedType::Interface(of) => {
                self.abstracts.insert(name.clone());
                of.fields.values().map(FieldShape::named).collect()
            }
            ExtendedType::Union(_) => {
                self.abstracts.insert(name.clone());
                HashMap::new()
            }
        };
        self.outputs.insert(name, fields);
    }

    /// The type of the root for an operation of this kind.
    pub(in crate::graphql) fn root(&self, kind: OperationType) -> &str {
        match kind {
            OperationType::Query => &self.roots.query,
            OperationType::Mutation => &self.roots.mutation,
            OperationType::Subscription => &self.roots.subscription,
        }
    }

    /// A field of an object or interface.
    pub(in crate::graphql) fn field(&self, parent: &str, field: &str) -> Option<&FieldShape> {
        self.outputs.get(parent)?.get(field)
    }

    /// The fields of an object or interface.
    pub(super) fn fields(&self, parent: &str) -> impl Iterator<Item = &str> {
        self.outputs.get(parent).into_iter().flat_map(|fields| fields.keys().map(String::as_str))
    }

    /// Whether a type has fields, or is one of several that have.
    pub(super) fn is_output(&self, name: &str) -> bool {
        self.outputs.contains_key(name)
    }

    /// Whether what has this type has another too, which is not known before it is there.
    pub(in crate::graphql) fn is_abstract(&self, name: &str) -> bool {
        self.abstracts.contains(name)
    }

    /// What an input of this type is.
    pub(super) fn input_type(&self, name: &str) -> Option<InputType<'_>> {
        if let Some(scalar) = self.scalars.get(name) {
            return Some(InputType::Scalar(*scalar));
        }
        if let Some(input) = self.inputs.get(name) {
            return Some(InputType::Object(input));
        }
        self.enums.get(name).map(|values| InputType::Enum(values))
    }
}

/// The type's name inside all its lists.
pub(super) fn base_name(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => base_name(item),
    }
}

/// The kinds of types a value can have.
#[derive(Clone, Copy, Debug)]
pub(super) enum InputType<'a> {
    Scalar(Scalar),
    /// The values' names, in the schema's order.
    Enum(&'a [String]),
    Object(&'a InputShape),
}

/// A leaf of an input.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scalar {
    Int,
    Float,
    String,
    Boolean,
    Id,
    Custom(Option<ScalarCheck>),
}

/// An input object.
#[derive(Debug, Default)]
pub(super) struct InputShape {
    /// Exactly one field, and that not null.
    pub(super) one_of: bool,
    fields: Vec<(String, ValueShape)>,
    known: HashSet<String>,
}

impl InputShape {
    /// The fields in the schema's order.
    pub(super) fn fields(&self) -> &[(String, ValueShape)] {
        &self.fields
    }

    pub(super) fn knows(&self, field: &str) -> bool {
        self.known.contains(field)
    }

    fn new(defined: &InputObjectType) -> Self {
        let fields = defined.fields.iter().map(|(name, field)| (name.to_string(), ValueShape::new(field))).collect();
        let known = defined.fields.keys().map(ToString::to_string).collect();
        Self { one_of: defined.directives.has("oneOf"), fields, known }
    }
}

/// An argument or a field of an input object.
#[derive(Debug)]
pub(super) struct ValueShape {
    pub(super) ty: Type,
    /// Has a default, so that nothing need be given.
    pub(super) defaulted: bool,
}

impl ValueShape {
    fn new(defined: &InputValueDefinition) -> Self {
        Self { ty: ty(&defined.ty), defaulted: defined.default_value.is_some() }
    }

    /// Has to be there: not null and without a default.
    pub(super) fn is_required(&self) -> bool {
        !self.ty.nullable && !self.defaulted
    }
}

/// A field of an object or interface.
#[derive(Debug)]
pub(in crate::graphql) struct FieldShape {
    /// The type of its result.
    pub(super) ty: Type,
    /// The named type of its result, lists taken off.
    pub(in crate::graphql) result: String,
    /// Whether it gives a list.
    pub(super) list: bool,
    /// What it costs.
    pub(super) cost: FieldCost,
    arguments: HashMap<String, ValueShape>,
}

/// What the schema says a field costs.
#[derive(Debug, Default)]
pub(super) struct FieldCost {
    /// Beside what it gives.
    pub(super) weight: u64,
    /// How long a list it gives.
    pub(super) size: Option<ListSize>,
}

/// How long a list is before it is read.
#[derive(Debug, Default)]
pub(super) struct ListSize {
    pub(super) assumed: Option<u64>,
    /// The arguments that say it, the first that is given.
    pub(super) slicing: Vec<String>,
    /// The fields of the result that are so long; none: the result itself.
    pub(super) fields: Vec<String>,
}

impl FieldCost {
    fn new(directives: &DirectiveList) -> Self {
        let said = |on: &Directive, argument: &str| on.specified_argument_by_name(argument).cloned();
        let weight = directives.get("cost").and_then(|on| said(on, "weight")?.as_str()?.parse().ok());
        let names = |on: &Directive, argument: &str| {
            let listed = said(on, argument);
            let items = listed.as_ref().and_then(|names| names.as_list()).unwrap_or_default();
            items.iter().filter_map(|name| name.as_str()).map(str::to_owned).collect()
        };
        let size = directives.get("listSize").map(|on| ListSize {
            assumed: said(on, "assumedSize").and_then(|size| number(&size)),
            slicing: names(on, "slicingArguments"),
            fields: names(on, "sizedFields"),
        });
        Self { weight: weight.unwrap_or_default(), size }
    }
}

fn number(value: &Literal) -> Option<u64> {
    match value {
        Literal::Int(digits) => digits.as_str().parse().ok(),
        _ => None,
    }
}

impl FieldShape {
    pub(super) fn argument(&self, name: &str) -> Option<&ValueShape> {
        self.arguments.get(name)
    }

    /// Whether it cannot be asked for without saying more.
    pub(super) fn needs_arguments(&self) -> bool {
        self.arguments.values().any(ValueShape::is_required)
    }

    /// A field's name, and its shape.
    fn named(defined: &Component<FieldDefinition>) -> (String, Self) {
        let ty = ty(&defined.ty);
        let arguments = defined.arguments.iter().map(|argument| (argument.name.to_string(), ValueShape::new(argument)));
        let shape = Self {
            result: base_name(&ty).to_owned(),
            list: matches!(ty.base, BaseType::List(_)),
            cost: FieldCost::new(&defined.directives),
            arguments: arguments.collect(),
            ty,
        };
        (defined.name.to_string(), shape)
    }
}

#[derive(Debug)]
struct Roots {
    query: String,
    mutation: String,
    subscription: String,
}

impl Roots {
    fn of(schema: &Schema) -> Self {
        let named = &schema.schema_definition;
        let name = |root: &Option<ComponentName>, usual: &str| root.as_ref().map_or(usual, |name| name).to_owned();
        Self {
            query: name(&named.query, "Query"),
            mutation: name(&named.mutation, "Mutation"),
            subscription: name(&named.subscription, "Subscription"),
        }
    }
}
