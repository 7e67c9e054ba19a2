//! The objects of the world, as answers show them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Whose an object is: the part of the world that it came with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part(pub(super) &'static str);

/// An object that has an id.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) kind: String,
    pub(super) part: Part,
    /// How it can be named in a `Ref`.
    pub(super) handles: Vec<Value>,
}

/// The objects that are known, by id.
#[derive(Debug, Default)]
pub(super) struct Objects(pub(super) BTreeMap<String, Object>);

impl Objects {
    /// Takes in what an answer shows: what is new came with `part`. The ids that are new.
    pub(super) fn learn(&mut self, answer: &Value, part: Part) -> Vec<String> {
        match answer {
            Value::Array(items) => items.iter().flat_map(|item| self.learn(item, part)).collect(),
            Value::Object(fields) => {
                let mut new: Vec<String> = fields.values().flat_map(|field| self.learn(field, part)).collect();
                let text = |name: &str| fields.get(name).and_then(Value::as_str);
                let (Some(kind), Some(id)) = (text("__typename"), text("id").filter(|id| is_ours(id))) else {
                    return new;
                };
                let mut handles = vec![json!({"id": id})];
                handles.extend(text("code").or(text("number")).map(|code| json!({"code": code})));
                let many = fields.get("externalRefs").and_then(Value::as_array).into_iter().flatten();
                let references = many.chain(fields.get("externalRef"));
                handles.extend(
                    references
                        .map(|known_as| json!({"external": {"system": known_as["system"], "id": known_as["id"]}})),
                );
                if !self.0.contains_key(id) {
                    new.push(id.to_owned());
                }
                let known =
                    self.0.entry(id.to_owned()).or_insert(Object { kind: kind.into(), part, handles: Vec::new() });
                if handles.len() > known.handles.len() {
                    known.handles = handles;
                }
                new
            }
            _ => Vec::new(),
        }
    }

    /// An object of a kind out of each of these parts, by id.
    pub(super) fn of(&self, kind: &str, parts: &[Part]) -> impl Iterator<Item = (&String, &Object)> {
        let first_of = move |part: &Part| self.0.iter().find(|(_, object)| object.kind == kind && object.part == *part);
        parts.iter().filter_map(first_of)
    }

    /// The first and the last object of a kind in each of these parts.
    pub(super) fn ends_of(&self, kind: &str, parts: &[Part]) -> impl Iterator<Item = &String> {
        parts.iter().flat_map(move |part| {
            let mut of = self.0.iter().filter(|(_, object)| object.kind == kind && object.part == *part);
            of.next().into_iter().chain(of.next_back()).map(|(id, _)| id)
        })
    }

    /// The first id in a text that is of none of these parts.
    pub(super) fn foreign_in<'a>(&'a self, text: &str, parts: &[Part]) -> Option<&'a str> {
        let foreign = self.0.iter().filter(|(_, object)| !parts.contains(&object.part));
        foreign.map(|(id, _)| id.as_str()).find(|id| text.contains(*id))
    }
}

/// Whether an id is one of Remit's, and not what another system calls something.
fn is_ours(id: &str) -> bool {
    id.split_once('_').is_some_and(|(_, hex)| hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// A handle of the same form that names nothing.
pub(super) fn unknown(handle: &Value) -> Value {
    if let Some(id) = handle["id"].as_str() {
        let (prefix, _) = id.split_once('_').unwrap();
        return json!({"id": format!("{prefix}_0193f0000000700080000000000000ff")});
    }
    match handle["code"].as_str() {
        Some(_) => json!({"code": "NO-SUCH-NAME"}),
        None => json!({"external": {"system": handle["external"]["system"], "id": "no-such-name"}}),
    }
}

/// The text of a handle that an answer might repeat.
pub(super) fn name(handle: &Value) -> &str {
    let texts = [&handle["id"], &handle["code"], &handle["external"]["id"]];
    texts.into_iter().find_map(Value::as_str).unwrap()
}
