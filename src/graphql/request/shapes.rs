//! What the schema lets each argument be.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Positioned, Value,
    parser::{
        parse_schema,
        types::{
            BaseType, ConstDirective, FieldDefinition, InputObjectType, InputValueDefinition, OperationType,
            SchemaDefinition, Type, TypeDefinition, TypeKind, TypeSystemDefinition,
        },
    },
};

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
    /// Reads the schema's own text and joins each scalar with its check.
    ///
    /// A scalar without a check takes any value; the engine has the last word on it.
    ///
    /// # Errors
    /// The text does not parse, mentions a type it does not define, or lacks a scalar that `scalars` names.
    pub fn from_sdl(sdl: &str, scalars: &[(&'static str, ScalarCheck)]) -> Result<Self, String> {
        let document = parse_schema(sdl).map_err(|error| format!("The schema does not parse: {error}"))?;
        let mut shapes = Self::built_in();
        for definition in document.definitions {
            match definition {
                TypeSystemDefinition::Schema(schema) => shapes.roots.rename(schema.node),
                TypeSystemDefinition::Type(defined) => shapes.define(defined.node),
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        for &(name, check) in scalars {
            let scalar = shapes.scalars.get_mut(name).ok_or_else(|| format!("The schema has no scalar {name}."))?;
            *scalar = Scalar::Custom(Some(check));
        }
        shapes.closed()
    }

    fn built_in() -> Self {
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
            roots: Roots::default(),
        }
    }

    /// Adds a type, or what an extension adds to one.
    fn define(&mut self, defined: TypeDefinition) {
        let name = defined.name.node.to_string();
        match defined.kind {
            TypeKind::Scalar => {
                self.scalars.entry(name).or_insert(Scalar::Custom(None));
            }
            TypeKind::Enum(of) => {
                let values = of.values.into_iter().map(|value| value.node.value.node.to_string());
                self.enums.entry(name).or_default().extend(values);
            }
            TypeKind::InputObject(of) => self.inputs.entry(name).or_default().extend(&defined.directives, of),
            TypeKind::Object(of) => self.define_output(name, of.fields),
            TypeKind::Interface(of) => self.define_abstract(name, of.fields),
            TypeKind::Union(_) => self.define_abstract(name, Vec::new()),
        }
    }

    fn define_output(&mut self, name: String, fields: Vec<Positioned<FieldDefinition>>) {
        let shapes = fields.into_iter().map(|field| (field.node.name.node.to_string(), FieldShape::new(field.node)));
        self.outputs.entry(name).or_default().extend(shapes);
    }

    fn define_abstract(&mut self, name: String, fields: Vec<Positioned<FieldDefinition>>) {
        self.abstracts.insert(name.clone());
        self.define_output(name, fields);
    }

    /// Self, if every type an input mentions is one an input may have.
    fn closed(self) -> Result<Self, String> {
        let of_inputs = self.inputs.values().flat_map(|input| &input.fields).map(|(_, shape)| shape);
        let fields = self.outputs.values().flat_map(HashMap::values);
        let of_arguments = fields.flat_map(|field| field.arguments.values());
        let lost = of_inputs.chain(of_arguments).find(|shape| self.input_type(base_name(&shape.ty)).is_none());
        match lost {
            Some(shape) => Err(format!("The schema has no input type {}.", base_name(&shape.ty))),
            None => Ok(self),
        }
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

    fn extend(&mut self, directives: &[Positioned<ConstDirective>], added: InputObjectType) {
        self.one_of |= directives.iter().any(|directive| directive.node.name.node == "oneOf");
        for field in added.fields {
            let name = field.node.name.node.to_string();
            self.known.insert(name.clone());
            self.fields.push((name, ValueShape::new(field.node)));
        }
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
    fn new(defined: InputValueDefinition) -> Self {
        Self { ty: defined.ty.node, defaulted: defined.default_value.is_some() }
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
    fn new(directives: &[Positioned<ConstDirective>]) -> Self {
        let find = |name: &str| directives.iter().map(|directive| &directive.node).find(|on| on.name.node == name);
        let weight = find("cost").and_then(|on| match &on.get_argument("weight")?.node {
            Value::String(text) => text.parse().ok(),
            _ => None,
        });
        let names = |on: &ConstDirective, argument: &str| match on.get_argument(argument).map(|value| &value.node) {
            Some(Value::List(items)) => items.iter().filter_map(text).collect(),
            _ => Vec::new(),
        };
        let size = find("listSize").map(|on| ListSize {
            assumed: on.get_argument("assumedSize").and_then(|value| match &value.node {
                Value::Number(number) => number.as_u64(),
                _ => None,
            }),
            slicing: names(on, "slicingArguments"),
            fields: names(on, "sizedFields"),
        });
        Self { weight: weight.unwrap_or_default(), size }
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
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

    fn new(defined: FieldDefinition) -> Self {
        let argument = |argument: Positioned<InputValueDefinition>| {
            (argument.node.name.node.to_string(), ValueShape::new(argument.node))
        };
        Self {
            result: base_name(&defined.ty.node).to_owned(),
            list: matches!(defined.ty.node.base, BaseType::List(_)),
            cost: FieldCost::new(&defined.directives),
            arguments: defined.arguments.into_iter().map(argument).collect(),
            ty: defined.ty.node,
        }
    }
}

#[derive(Debug)]
struct Roots {
    query: String,
    mutation: String,
    subscription: String,
}

impl Roots {
    fn rename(&mut self, schema: SchemaDefinition) {
        for (root, named) in [
            (&mut self.query, schema.query),
            (&mut self.mutation, schema.mutation),
            (&mut self.subscription, schema.subscription),
        ] {
            if let Some(name) = named {
                *root = name.node.to_string();
            }
        }
    }
}

impl Default for Roots {
    fn default() -> Self {
        Self { query: "Query".to_owned(), mutation: "Mutation".to_owned(), subscription: "Subscription".to_owned() }
    }
}
