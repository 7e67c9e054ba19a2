//! Objects that are JSON as soon as they are resolved.
//!
//! The engine makes a tree of an answer, of which most is thrown away once it is written: for five hundred charges some
//! thirty thousand values and keys. A query that is run with [`AsJson`] writes each object at once, and hands up its bytes
//! in place of a tree.
//!
//! That holds for answers in which nothing has failed: where something has, null may go up to where it is allowed, and what
//! was written is wrong. Such an answer is thrown away, and the query is run again the ordinary way.

use std::collections::HashMap;

use async_graphql::{
    ContextSelectionSet, Name, Positioned, Response, Value,
    indexmap::IndexMap,
    parser::types::{FragmentDefinition, Selection, SelectionSet},
};
use serde::Serialize;

/// In the data of a request whose objects are written at once. No two fields of a selection have one key there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AsJson;

/// How many objects there are in what was written, before it: what an answer cost.
const HEAD: usize = size_of::<u64>();
/// What most objects need.
const USUAL: usize = 256;

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// An object that is being written.
pub(crate) struct Written<'a> {
    fragments: &'a Fragments,
    text: Vec<u8>,
    objects: u64,
}

impl<'a> Written<'a> {
    /// An object of which nothing is written yet.
    pub(crate) fn new(ctx: &ContextSelectionSet<'a>) -> Self {
        Self::with(&ctx.query_env.fragments)
    }

    fn with(fragments: &'a Fragments) -> Self {
        let mut text = Vec::with_capacity(USUAL);
        text.extend([0; HEAD]);
        Self { fragments, text, objects: 1 }
    }

    /// Writes a field.
    ///
    /// - `set`: what is selected of its value.
    pub(crate) fn field(&mut self, key: &str, value: &Value, set: &SelectionSet) {
        let opening = if self.text.len() == HEAD { b'{' } else { b',' };
        self.text.push(opening);
        self.key(key);
        self.value(value, Some(set));
    }

    /// The object in place of its tree.
    pub(crate) fn end(mut self) -> Value {
        if self.text.len() == HEAD {
            // As the engine has it.
            return Value::Null;
        }
        self.text.push(b'}');
        self.text[..HEAD].copy_from_slice(&self.objects.to_le_bytes());
        Value::Binary(self.text.into())
    }

    fn key(&mut self, key: &str) {
        // A name has no character that JSON writes otherwise.
        self.text.push(b'"');
        self.text.extend_from_slice(key.as_bytes());
        self.text.extend_from_slice(b"\":");
    }

    /// - `set`: what is selected of it; none: its fields are in order.
    fn value(&mut self, value: &Value, set: Option<&SelectionSet>) {
        match value {
            Value::Binary(object) => {
                self.objects += objects(object);
                self.text.extend_from_slice(object.get(HEAD..).unwrap_or_default());
            }
            Value::List(items) => {
                self.text.push(b'[');
                for (place, item) in items.iter().enumerate() {
                    self.comma(place > 0);
                    self.value(item, set);
                }
                self.text.push(b']');
            }
            // An object of a type that the engine resolves; without a selection it is a scalar.
            Value::Object(fields) if set.is_none_or(|set| !set.items.is_empty()) => {
                self.objects += 1;
                self.text.push(b'{');
                match set {
                    Some(set) => self.selected(fields, set, &mut true),
                    None => self.all(fields),
                }
                self.text.push(b'}');
            }
            Value::Enum(name) => {
                self.text.push(b'"');
                self.text.extend_from_slice(name.as_bytes());
                self.text.push(b'"');
            }
            other => self.plain(other),
        }
    }

    fn all(&mut self, fields: &IndexMap<Name, Value>) {
        for (place, (key, value)) in fields.iter().enumerate() {
            self.comma(place > 0);
            self.key(key);
            self.value(value, None);
        }
    }

    /// Writes fields in the order in which they were asked for, in which they may not have come.
    fn selected(&mut self, fields: &IndexMap<Name, Value>, set: &SelectionSet, is_first: &mut bool) {
        for selection in &set.items {
            let below = match &selection.node {
                Selection::Field(field) => {
                    let key = &field.node.response_key().node;
                    if let Some(value) = fields.get(key) {
                        self.comma(!std::mem::take(is_first));
                        self.key(key);
                        self.value(value, Some(&field.node.selection_set.node));
                    }
                    continue;
                }
                Selection::InlineFragment(inline) => &inline.node.selection_set.node,
                Selection::FragmentSpread(spread) => match self.fragments.get(&spread.node.fragment_name.node) {
                    Some(fragment) => &fragment.node.selection_set.node,
                    None => continue,
                },
            };
            self.selected(fields, below, is_first);
        }
    }

    fn comma(&mut self, is_needed: bool) {
        if is_needed {
            self.text.push(b',');
        }
    }

    fn plain(&mut self, value: &impl Serialize) {
        // A value has no form that JSON lacks, and a vector takes all of it.
        let _ = serde_json::to_writer(&mut self.text, value);
    }
}

/// How many objects there are in one that was written, itself counted.
pub(crate) fn objects(object: &[u8]) -> u64 {
    object.first_chunk().map_or(0, |head| u64::from_le_bytes(*head))
}

/// The body of an answer in which nothing has failed.
pub(crate) fn body(response: &Response) -> String {
    let fragments = Fragments::new();
    let mut written = Written::with(&fragments);
    written.text.clear();
    written.text.extend_from_slice(b"{\"data\":");
    written.value(&response.data, None);
    if !response.extensions.is_empty() {
        written.text.extend_from_slice(b",\"extensions\":");
        written.plain(&response.extensions);
    }
    written.text.push(b'}');
    // All that was written are texts and what stands between them.
    String::from_utf8(written.text).unwrap_or_default()
}
