//! The schema as the walk needs it: what each type has, and what each place takes.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, InputValueDefinition, Type, TypeKind, TypeSystemDefinition},
};

/// A type where it is used: its innermost name, in how many lists, and as it is written.
#[derive(Clone, Debug)]
pub(super) struct Used {
    pub(super) name: String,
    pub(super) lists: usize,
    pub(super) written: String,
}

impl Used {
    fn of(kind: &Type) -> Self {
        let (mut base, mut lists) = (&kind.base, 0);
        while let BaseType::List(inner) = base {
            (base, lists) = (&inner.base, lists + 1);
        }
        let BaseType::Named(name) = base else { unreachable!("a list ends at a name") };
        Self { name: name.to_string(), lists, written: kind.to_string() }
    }

    pub(super) fn is_required(&self) -> bool {
        self.written.ends_with('!')
    }
}

/// An argument, or a field of an input.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    pub(super) name: String,
    pub(super) kind: Used,
    pub(super) has_default: bool,
}

impl Taken {
    fn of(value: &InputValueDefinition) -> Self {
        let (name, has_default) = (value.name.node.to_string(), value.default_value.is_some());
        Self { name, kind: Used::of(&value.ty.node), has_default }
    }

    pub(super) fn must_be_given(&self) -> bool {
        self.kind.is_required() && !self.has_default
    }
}

/// A field of an object.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) takes: Vec<Taken>,
    pub(super) gives: Used,
}

/// The schema.
#[derive(Debug, Default)]
pub(super) struct Schema {
    pub(super) objects: BTreeMap<String, Vec<Field>>,
    pub(super) inputs: BTreeMap<String, Vec<Taken>>,
    pub(super) enums: BTreeMap<String, Vec<String>>,
    /// The types that are nodes.
    pub(super) nodes: Vec<String>,
}

impl Schema {
    pub(super) fn read() -> Self {
        let mut schema = Self::default();
        for definition in parse_schema(remit::graphql::sdl()).unwrap().definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let name = definition.node.name.node.to_string();
            match definition.node.kind {
                TypeKind::Object(object) => {
                    if object.implements.iter().any(|of| of.node == "Node") {
                        schema.nodes.push(name.clone());
                    }
                    let fields = object.fields.iter().map(|field| Field {
                        name: field.node.name.node.to_string(),
                        takes: field.node.arguments.iter().map(|value| Taken::of(&value.node)).collect(),
                        gives: Used::of(&field.node.ty.node),
                    });
                    schema.objects.insert(name, fields.collect());
                }
                TypeKind::InputObject(input) => {
                    let fields = input.fields.iter().map(|value| Taken::of(&value.node));
                    schema.inputs.insert(name, fields.collect());
                }
                TypeKind::Enum(kind) => {
                    let values = kind.values.iter().map(|value| value.node.value.node.to_string());
                    schema.enums.insert(name, values.collect());
                }
                TypeKind::Interface(_) => assert_eq!(name, "Node", "another interface: teach the walk to select it"),
                TypeKind::Union(_) => panic!("{name} is a union: teach the walk to select it"),
                TypeKind::Scalar => {}
            }
        }
        schema
    }

    pub(super) fn fields(&self, object: &str) -> &[Field] {
        self.objects.get(object).map_or(&[], Vec::as_slice)
    }

    /// The types of objects that questions lead to.
    pub(super) fn asked_for(&self) -> BTreeSet<&str> {
        let (mut found, mut next) = (BTreeSet::new(), vec!["Query"]);
        while let Some(kind) = next.pop() {
            if found.insert(kind) {
                next.extend(self.fields(kind).iter().map(|field| field.gives.name.as_str()));
            }
        }
        found.retain(|kind| self.objects.contains_key(*kind));
        found
    }

    /// Selects what a type has, as deep as `depth` objects; `leave_out` says which fields not to ask for.
    pub(super) fn select(&self, kind: &str, depth: usize, leave_out: &dyn Fn(&str, &str) -> bool) -> String {
        self.select_below(&[kind], depth, leave_out)
    }

    fn select_below(&self, path: &[&str], depth: usize, leave_out: &dyn Fn(&str, &str) -> bool) -> String {
        let kind = path[path.len() - 1];
        let mut text = "{ __typename ".to_owned();
        if kind == "Node" {
            return text + "id }";
        }
        for field in self.fields(kind).iter().filter(|field| !leave_out(kind, &field.name)) {
            let target = field.gives.name.as_str();
            // The items are in `nodes` too.
            if field.name == "edges" {
                text += "edges { __typename cursor } ";
                continue;
            }
            let below = match self.objects.contains_key(target) || target == "Node" {
                false => String::new(),
                true if depth > 0 && !path.contains(&target) => {
                    self.select_below(&[path, &[target]].concat(), depth - 1, leave_out)
                }
                true if self.nodes.iter().any(|node| node == target) => "{ __typename id }".into(),
                true => continue,
            };
            let needed = field.takes.iter().filter(|taken| taken.must_be_given());
            let arguments: Vec<String> =
                needed.map(|taken| format!("{}: {}", taken.name, literal(taken, kind))).collect();
            let arguments = if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
            text += &format!("{}{arguments} {below} ", field.name);
        }
        text + "}"
    }
}

/// A value for an argument that a field below the roots must be given.
pub(super) fn literal(taken: &Taken, on: &str) -> &'static str {
    match taken.kind.name.as_str() {
        "DateTime" if taken.name == "to" => "\"2026-11-25T15:00:00Z\"",
        "DateTime" => "\"2026-11-20T15:00:00Z\"",
        "Duration" => "\"PT1H\"",
        "Date" => "\"2026-11-20\"",
        other => panic!("a field of {on} must be given a {other}: teach the walk one"),
    }
}
