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
use bytes::Bytes;
use bytestring::ByteString;
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

/// What stands before what was written: how many objects are in it, where it begins, and room for what a whole of which it is
/// the first large part begins with.
const HEAD: usize = NUMBERS + 240;
const NUMBERS: usize = 2 * size_of::<u64>();
/// What most objects need.
const USUAL: usize = 256;
/// From how many bytes on it pays to go on in the buffer of a part, rather than to copy it.
const LARGE: usize = 4_096;
/// For how many bytes a list is made ready at once, at most.
const EXPECTED_MAX: usize = 1 << 20;

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// JSON that is being written: an object or a list, and all that is in it.
pub(crate) struct Written<'a> {
    fragments: &'a Fragments,
    /// What was written, behind its head.
    text: Vec<u8>,
    /// Where it begins.
    begin: usize,
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
        let mut text = Vec::with_capacity(HEAD + USUAL);
        text.extend([0; HEAD]);
        Self { fragments, text, begin: HEAD, objects: 0 }
    }

    /// What was written, in place of its tree.
    pub(crate) fn end(mut self) -> Value {
        let head = [self.objects, self.begin as u64].map(u64::to_le_bytes);
        self.text[..NUMBERS].copy_from_slice(head.as_flattened());
        Value::Binary(self.text.into())
    }

    /// Makes ready for as much again, so many times.
    pub(crate) fn expect(&mut self, more: usize) {
        let each = self.text.len() - self.begin;
        self.text.reserve(each.saturating_add(each / 8).saturating_mul(more).min(EXPECTED_MAX));
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark { length: self.text.len() - self.begin, objects: self.objects }
    }

    /// Takes back what was written since.
    pub(crate) fn rewind(&mut self, mark: Mark) {
        self.text.truncate(self.begin + mark.length);
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
    pub(crate) fn value(&mut self, value: Value, set: Option<&SelectionSet>) {
        match value {
            Value::Binary(part) => self.part(part),
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
                    Some(set) => self.selected(&mut { fields }, set),
                    None => fields.into_iter().for_each(|(key, value)| {
                        self.key(&key);
                        self.value(value, None);
                    }),
                }
                self.end_object();
            }
            Value::Enum(name) => self.word(&name),
            other => self.scalar(&other),
        }
    }

    /// Goes on behind what was written of a part.
    fn part(&mut self, part: Bytes) {
        self.objects += objects(&part);
        let begin = begin(&part);
        let before = self.text.len() - self.begin;
        match begin.checked_sub(before).filter(|moved| *moved >= NUMBERS && part.len() > LARGE) {
            Some(moved) => {
                // Nobody else has the part, so that it is not copied.
                let mut text = Vec::from(part);
                text[moved..begin].copy_from_slice(&self.text[self.begin..]);
                (self.text, self.begin) = (text, moved);
            }
            None => self.text.extend_from_slice(part.get(begin..).unwrap_or_default()),
        }
    }

    /// Writes fields in the order in which they were asked for, in which they may not have come.
    fn selected(&mut self, fields: &mut IndexMap<Name, Value>, set: &SelectionSet) {
        for selection in &set.items {
            let below = match &selection.node {
                Selection::Field(field) => {
                    let key = &field.node.response_key().node;
                    if is_asked_for(&field.node)
                        && let Some(value) = fields.get_mut(key).map(std::mem::take)
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

/// Where what was written begins.
fn begin(written: &[u8]) -> usize {
    let number = written.get(size_of::<u64>()..).and_then(<[u8]>::first_chunk);
    number.and_then(|number| usize::try_from(u64::from_le_bytes(*number)).ok()).unwrap_or(HEAD)
}

/// The body of an answer in which nothing has failed.
pub(crate) fn body(response: Response) -> ByteString {
    let fragments = Fragments::new();
    let mut written = Written::with(&fragments);
    written.begin_object();
    written.key("data");
    written.value(response.data, None);
    if !response.extensions.is_empty() {
        written.key("extensions");
        written.scalar(&response.extensions);
    }
    written.end_object();
    // All that was written are texts and what stands between them.
    Bytes::from(written.text).slice(written.begin..).try_into().unwrap_or_default()
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

        /// A branch that is larger than all that usually stands before it.
        async fn large(&self) -> Branch {
            Branch(vec![Leaf { text: "a leaf".into(), count: None }; LARGE / 16])
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
            let Value::Object(fields) = &written.data else { panic!("{document}") };
            let Some(Value::List(branches)) = fields.get("branches") else { panic!("{document}") };
            assert!(branches.iter().all(|branch| !matches!(branch, Value::Object(_))), "{document}");
            assert_eq!(body(written), serde_json::to_string(&ordinary).unwrap(), "{document}");
        }
    }

    #[tokio::test]
    async fn a_large_part_is_gone_on_with() {
        let long = "a".repeat(HEAD);
        for document in [
            "{ large { leaves { text } } }",
            "{ large { first { text } leaves { text } again: leaves { count } } }",
            &format!("{{ {long}: __typename large {{ leaves {{ text }} }} }}"),
            &format!(
                "{{ {long}: large {{ {long}: leaves {{ text }} }} branches {{ first {{ text }} }} again: large {{ first {{ count }} }} }}"
            ),
        ] {
            let (ordinary, written) = both_ways(document).await;
            assert_eq!(body(written), serde_json::to_string(&ordinary).unwrap(), "{document}");
        }
    }

    #[test]
    fn a_large_part_is_not_copied_where_what_stands_before_it_has_room() {
        let fragments = Fragments::new();
        for (text, before, is_copied) in [("a".repeat(LARGE), HEAD / 2, false), ("a".repeat(LARGE), HEAD, true)] {
            let mut part = Written::with(&fragments);
            part.scalar(&text);
            let Value::Binary(part) = part.end() else { panic!("no part") };
            let place = part.as_ptr();
            let mut whole = Written::with(&fragments);
            whole.begin_object();
            let key = "k".repeat(before);
            whole.key(&key);
            whole.value(Value::Binary(part), None);
            assert_eq!(whole.text.as_ptr() != place, is_copied, "behind {before}");
            let mark = whole.mark();
            whole.key("more");
            whole.rewind(mark);
            whole.end_object();
            assert_eq!(str::from_utf8(&whole.text[whole.begin..]).unwrap(), format!("{{\"{key}\":\"{text}\"}}"));
        }
    }

    #[tokio::test]
    async fn an_object_of_which_nothing_is_taken_is_written_as_one() {
        let document = "{ branches { leaves { text @skip(if: true) } none: leaves @include(if: false) { text } } }";
        let (_, written) = both_ways(document).await;
        assert_eq!(body(written), r#"{"data":{"branches":[{"leaves":[{},{}]},{"leaves":[]}]}}"#);
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
