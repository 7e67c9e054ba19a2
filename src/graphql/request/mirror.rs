//! Inputs asked back: what the API answers, in the form in which it is put.
//!
//! Every field of an input has a field of the same name in the type that it makes, so a file of inputs can be written from
//! an answer and read again, and a new field of an input is in such files without a line here. In files an object is
//! named by its code alone.

use std::collections::BTreeSet;

use async_graphql::parser::types::{BaseType, Type};
use serde_json::{Map, Value};
use toml::{Table, Value as Entry};

use super::shapes::{InputShape, InputType, Shapes, ValueShape, base_name};

/// The input that names an object.
const REF: &str = "Ref";

/// An object of the catalogue that a file names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// The field of the root by which it is found: `service`, `slaTier`, `calendar`, `client`.
    pub root: &'static str,
    /// Its code.
    pub code: String,
}

impl Shapes {
    fn object(&self, name: &str) -> Option<&InputShape> {
        match self.input_type(name)? {
            InputType::Object(shape) => Some(shape),
            InputType::Scalar(_) | InputType::Enum(_) => None,
        }
    }

    /// What to select of the type that an input makes, to have all that the input says.
    ///
    /// - `skip`: fields of the input that are no part of what is made.
    #[must_use]
    pub fn selection(&self, input: &str, skip: &[&str]) -> String {
        let fields = self.object(input).into_iter().flat_map(InputShape::fields);
        let select = |(name, shape): &(String, ValueShape)| match base_name(&shape.ty) {
            REF if is_code_only(input, name) => format!("{name}Code"),
            REF => format!("{name} {{ code }}"),
            inner if self.object(inner).is_some() => format!("{name} {{ {} }}", self.selection(inner, &[])),
            _ => name.clone(),
        };
        fields.filter(|(name, _)| !skip.contains(&name.as_str())).map(select).collect::<Vec<_>>().join(" ")
    }

    /// What was answered to [`Shapes::selection`], as a file says it: objects by their codes, and without what is empty.
    #[must_use]
    pub fn to_file(&self, input: &str, answer: &Value) -> Table {
        let mut table = Table::new();
        for (name, shape) in self.object(input).into_iter().flat_map(InputShape::fields) {
            let answered = if is_code_only(input, name) { &answer[format!("{name}Code")] } else { &answer[name] };
            if let Some(entry) = self.entry(&shape.ty, answered) {
                table.insert(name.clone(), entry);
            }
        }
        table
    }

    fn entry(&self, ty: &Type, answer: &Value) -> Option<Entry> {
        match (&ty.base, answer) {
            (_, Value::Null) => None,
            (BaseType::List(_), Value::Array(items)) if items.is_empty() && ty.nullable => None,
            (BaseType::List(item), Value::Array(items)) => {
                Some(Entry::Array(items.iter().filter_map(|answer| self.entry(item, answer)).collect()))
            }
            (BaseType::Named(name), Value::Object(fields)) if name == REF => {
                fields.get("code").and_then(Value::as_str).map(|code| Entry::String(code.to_owned()))
            }
            (BaseType::Named(name), Value::Object(_)) => Some(Entry::Table(self.to_file(name, answer))),
            (_, Value::String(text)) => Some(Entry::String(text.clone())),
            (_, Value::Bool(flag)) => Some(Entry::Boolean(*flag)),
            (_, Value::Number(number)) => number.as_i64().map(Entry::Integer),
            _ => None,
        }
    }

    /// What a file says, as an input: codes become references, dates text.
    ///
    /// - `whole`: whether a field that can be cleared and is not in the file is cleared.
    #[must_use]
    pub fn from_file(&self, input: &str, file: &Table, whole: bool) -> Map<String, Value> {
        let mut fields = Map::new();
        let shapes = self.object(input).map_or(&[][..], InputShape::fields);
        for (name, entry) in file {
            let shape = shapes.iter().find(|(known, _)| known == name).map(|(_, shape)| shape);
            fields.insert(name.clone(), self.value(shape.map(|shape| &shape.ty), entry));
        }
        let missing =
            shapes.iter().filter(|(name, shape)| shape.ty.nullable && !shape.defaulted && !file.contains_key(name));
        if whole {
            fields.extend(missing.map(|(name, _)| (name.clone(), Value::Null)));
        }
        fields
    }

    /// A value of a type; one of a field that there is not stays as it is, for the check of the request to name it.
    fn value(&self, ty: Option<&Type>, entry: &Entry) -> Value {
        let named = ty.map(base_name);
        match entry {
            Entry::Array(items) => {
                let item = ty.map(|ty| match &ty.base {
                    BaseType::List(item) => &**item,
                    BaseType::Named(_) => ty,
                });
                Value::Array(items.iter().map(|entry| self.value(item, entry)).collect())
            }
            Entry::String(code) if named == Some(REF) => Value::from_iter([("code", code.as_str())]),
            Entry::Table(table) => Value::Object(self.from_file(named.unwrap_or_default(), table, false)),
            Entry::String(text) => Value::from(text.as_str()),
            Entry::Integer(number) => Value::from(*number),
            Entry::Float(number) => Value::from(*number),
            Entry::Boolean(flag) => Value::from(*flag),
            Entry::Datetime(date) => Value::from(date.to_string()),
        }
    }

    /// The objects of the catalogue that a file of an input names.
    #[must_use]
    pub fn named(&self, input: &str, file: &Table) -> BTreeSet<Named> {
        let mut found = BTreeSet::new();
        self.collect(input, file, &mut found);
        found
    }

    fn collect(&self, input: &str, file: &Table, found: &mut BTreeSet<Named>) {
        for (name, shape) in self.object(input).into_iter().flat_map(InputShape::fields) {
            let entries: Vec<&Entry> = match file.get(name) {
                Some(Entry::Array(items)) => items.iter().collect(),
                other => other.into_iter().collect(),
            };
            for entry in entries {
                match (base_name(&shape.ty), entry) {
                    (REF, Entry::String(code)) => {
                        found.extend(root_of(name).map(|root| Named { root, code: code.clone() }));
                    }
                    (inner, Entry::Table(table)) => self.collect(inner, table, found),
                    _ => {}
                }
            }
        }
    }
}

/// Whether the type gives only the code of what the input names.
fn is_code_only(input: &str, field: &str) -> bool {
    (input, field) == ("SlaTargetInput", "calendar")
}

/// The root by which what a field names is found.
fn root_of(field: &str) -> Option<&'static str> {
    match field {
        "calendar" => Some("calendar"),
        "tier" => Some("slaTier"),
        "client" => Some("client"),
        "service" | "services" | "gatesServices" | "components" => Some("service"),
        _ => None,
    }
}
