//! Objects that are JSON as soon as they are resolved.
//!
//! The engine makes a tree of an answer, of which most is thrown away once it is written: for five hundred charges some
//! thirty thousand values and keys. A query that is run with [`AsJson`] writes each object at once, and hands up its bytes
//! in place of a tree. What of an object is there with it is written without being resolved at all: see [`plain`](super::plain).
//!
//! That holds for answers in which nothing has failed: where something has, null may go up to where it is allowed, and what
//! was written is wrong. Such an answer is thrown away, and the query is run again the ordinary way.

use std::collections::HashMap;

use async_graphql::{
    ContextBase, ContextSelectionSet, Name, Positioned, Response, Value,
    indexmap::IndexMap,
    parser::types::{FragmentDefinition, Selection, SelectionSet},
};
use serde::Serialize;

use super::{request::presence::is_asked_for, scopes::Unguarded};

/// In the data of a request whose objects are written at once. No two fields of a selection have one key there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AsJson;

impl AsJson {
    /// Whether objects are written at once. Never where a guard looks at each field, for it would not be asked.
    pub(crate) fn holds<T>(ctx: &ContextBase<'_, T>) -> bool {
        ctx.data_opt::<Self>().is_some() && ctx.data_opt::<Unguarded>().is_some()
    }
}

/// How many objects there are in what was written, before it: what an answer cost.
const HEAD: usize = size_of::<u64>();
/// What most objects need.
const USUAL: usize = 256;

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// JSON that is being written: an object or a list, and all that is in it.
pub(crate) struct Written<'a> {
    fragments: &'a Fragments,
    text: Vec<u8>,
    objects: u64,
}

/// How much was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    length: usize,
    objects: u64,
}

impl<'a> Written<'a> {
    /// Nothing yet.
    pub(crate) fn new(ctx: &ContextSelectionSet<'a>) -> Self {
        Self::with(&ctx.query_env.fragments)
    }

    fn with(fragments: &'a Fragments) -> Self {
        let mut text = Vec::with_capacity(USUAL);
        text.extend([0; HEAD]);
        Self { fragments, text, objects: 0 }
    }

    /// What was written, in place of its tree.
    pub(crate) fn end(mut self) -> Value {
        self.text[..HEAD].copy_from_slice(&self.objects.to_le_bytes());
        Value::Binary(self.text.into())
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark { length: self.text.len(), objects: self.objects }
    }

    /// Takes back what was written since.
    pub(crate) fn rewind(&mut self, mark: Mark) {
        self.text.truncate(mark.length);
        self.objects = mark.objects;
    }

    /// Begins an object.
    pub(crate) fn begin_object(&mut self) {
        self.objects += 1;
        self.text.push(b'{');
    }

    /// Begins a field of an object.
    pub(crate) fn key(&mut self, key: &str) {
        self.next();
        self.word(key);
        self.text.push(b':');
    }

    /// Ends an object.
    pub(crate) fn end_object(&mut self) {
        self.text.push(b'}');
    }

    /// Begins a list.
    pub(crate) fn begin_list(&mut self) {
        self.text.push(b'[');
    }

    /// Begins an item of a list, or a field of an object.
    pub(crate) fn next(&mut self) {
        // No value ends so.
        if !matches!(self.text.last(), Some(b'[' | b'{')) {
            self.text.push(b',');
        }
    }

    /// Ends a list.
    pub(crate) fn end_list(&mut self) {
        self.text.push(b']');
    }

    pub(crate) fn null(&mut self) {
        self.text.extend_from_slice(b"null");
    }

    /// Writes a word that JSON writes as it is: a name of the schema.
    pub(crate) fn word(&mut self, word: &str) {
        self.text.push(b'"');
        self.text.extend_from_slice(word.as_bytes());
        self.text.push(b'"');
    }

    /// Writes a text, a number, or whatever else has a form of its own.
    pub(crate) fn scalar<T: Serialize + ?Sized>(&mut self, value: &T) {
        // No value has a form that JSON lacks, and a vector takes all of it.
        let _ = serde_json::to_writer(&mut self.text, value);
    }

    /// Writes what was resolved.
    ///
    /// - `set`: what is selected of it; none: its fields are in order.
    pub(crate) fn value(&mut self, value: &Value, set: Option<&SelectionSet>) {
        match value {
            Value::Binary(written) => {
                self.objects += objects(written);
                self.text.extend_from_slice(written.get(HEAD..).unwrap_or_default());
            }
            Value::List(items) => {
                self.begin_list();
                for item in items {
                    self.next();
                    self.value(item, set);
                }
                self.end_list();
            }
            // An object of a type that the engine resolves; without a selection it is a scalar.
            Value::Object(fields) if set.is_none_or(|set| !set.items.is_empty()) => {
                self.begin_object();
                match set {
                    Some(set) => self.selected(fields, set),
                    None => fields.iter().for_each(|(key, value)| {
                        self.key(key);
                        self.value(value, None);
                    }),
                }
                self.end_object();
            }
            Value::Enum(name) => self.word(name),
            other => self.scalar(other),
        }
    }

    /// Writes fields in the order in which they were asked for, in which they may not have come.
    fn selected(&mut self, fields: &IndexMap<Name, Value>, set: &SelectionSet) {
        for selection in &set.items {
            let below = match &selection.node {
                Selection::Field(field) => {
                    let key = &field.node.response_key().node;
                    if is_asked_for(&field.node)
                        && let Some(value) = fields.get(key)
                    {
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
            self.selected(fields, below);
        }
    }
}

/// How many objects there are in what was written.
pub(crate) fn objects(written: &[u8]) -> u64 {
    written.first_chunk().map_or(0, |head| u64::from_le_bytes(*head))
}

/// About how long the JSON is of what was written at once in a value.
fn length(value: &Value) -> usize {
    match value {
        Value::Binary(written) => written.len(),
        Value::Object(fields) => fields.values().map(length).sum(),
        _ => 0,
    }
}

/// The body of an answer in which nothing has failed.
pub(crate) fn body(response: &Response) -> String {
    let fragments = Fragments::new();
    let mut text = Vec::with_capacity(USUAL.saturating_add(length(&response.data)));
    text.push(b'{');
    let mut written = Written { fragments: &fragments, text, objects: 0 };
    written.key("data");
    written.value(&response.data, None);
    if !response.extensions.is_empty() {
        written.key("extensions");
        written.scalar(&response.extensions);
    }
    written.text.push(b'}');
    // All that was written are texts and what stands between them.
    String::from_utf8(written.text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Request, Schema, SimpleObject};

    use super::*;
    use crate::graphql::plain::plain;

    #[derive(Clone, SimpleObject)]
    #[graphql(crate = "crate::graphql::plain")]
    struct Leaf {
        text: String,
        count: Option<i32>,
    }

    plain! { Leaf: "text" => text, "count" => count }

    struct Branch(Vec<Leaf>);

    #[Object(crate = "crate::graphql::plain")]
    impl Branch {
        async fn leaves(&self) -> &[Leaf] {
            &self.0
        }

        async fn first(&self) -> Option<&Leaf> {
            self.0.first()
        }

        async fn fails(&self) -> async_graphql::Result<i32> {
            Err("it does".into())
        }
    }

    plain! { Branch: "leaves" => leaves }

    struct Query;

    #[Object]
    impl Query {
        async fn branches(&self) -> Vec<Branch> {
            let leaf = |count| Leaf { text: format!("\"{count:?}\"\n"), count };
            vec![Branch(vec![leaf(Some(1)), leaf(None)]), Branch(Vec::new())]
        }
    }

    async fn both_ways(document: &str) -> (Response, Response) {
        let schema = || Schema::build(Query, EmptyMutation, EmptySubscription);
        let ordinary = schema().finish().execute(document).await;
        (ordinary, schema().data(Unguarded).finish().execute(Request::new(document).data(AsJson)).await)
    }

    #[tokio::test]
    async fn what_is_written_is_what_the_engine_makes() {
        let documents = [
            "{ branches { leaves { count text } } }",
            "{ branches { a: leaves { __typename ...L } first { count } b: __typename } } fragment L on Leaf { text }",
            "{ branches { ... on Branch { first { t: text } leaves { ... { count } } } } }",
            "{ branches { leaves { text @skip(if: true) count } __typename @include(if: false) } }",
        ];
        for document in documents {
            let (ordinary, written) = both_ways(document).await;
            assert_eq!(body(&written), serde_json::to_string(&ordinary).unwrap(), "{document}");
            let Value::Object(fields) = &written.data else { panic!("{document}") };
            let Some(Value::List(branches)) = fields.get("branches") else { panic!("{document}") };
            assert!(branches.iter().all(|branch| !matches!(branch, Value::Object(_))), "{document}");
        }
    }

    #[tokio::test]
    async fn an_object_of_which_nothing_is_taken_is_written_as_one() {
        let document = "{ branches { leaves { text @skip(if: true) } none: leaves @include(if: false) { text } } }";
        let (_, written) = both_ways(document).await;
        assert_eq!(body(&written), r#"{"data":{"branches":[{"leaves":[{},{}]},{"leaves":[]}]}}"#);
    }

    #[tokio::test]
    async fn objects_are_counted() {
        let (_, written) = both_ways("{ branches { leaves { text } first { text } } }").await;
        let Value::Object(fields) = written.data else { panic!("no data") };
        let Some(Value::List(branches)) = fields.get("branches") else { panic!("no list") };
        let count = |branch: &Value| if let Value::Binary(written) = branch { objects(written) } else { 0 };
        assert_eq!(branches.iter().map(count).collect::<Vec<_>>(), [4, 1]);
    }

    #[tokio::test]
    async fn nothing_is_written_where_a_guard_looks() {
        let guarded = Schema::new(Query, EmptyMutation, EmptySubscription);
        let response = guarded.execute(Request::new("{ branches { leaves { text } } }").data(AsJson)).await;
        let Value::Object(fields) = response.data else { panic!("no data") };
        let Some(Value::List(branches)) = fields.get("branches") else { panic!("no list") };
        assert!(branches.iter().all(|branch| matches!(branch, Value::Object(_))));
    }

    #[tokio::test]
    async fn what_fails_is_told() {
        let (ordinary, written) = both_ways("{ branches { fails } }").await;
        assert!(!ordinary.errors.is_empty() && !written.errors.is_empty());
    }
}
