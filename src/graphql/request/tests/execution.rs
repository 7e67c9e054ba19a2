//! What the engine makes of a prepared document.

use std::sync::Arc;

use async_graphql::{EmptySubscription, Enum, ID, InputObject, MaybeUndefined, Object, OneofObject, Schema};
use serde_json::{Value, json};

use super::super::*;

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum Grade {
    Low,
    High,
}

#[derive(InputObject)]
struct Patch {
    name: MaybeUndefined<String>,
    seats: MaybeUndefined<i32>,
    grade: MaybeUndefined<Grade>,
    inner: MaybeUndefined<Box<Patch>>,
    parts: Option<Vec<Patch>>,
    notes: MaybeUndefined<Vec<Option<String>>>,
    #[graphql(default = 7)]
    days: i32,
}

#[derive(OneofObject)]
enum Ref {
    Id(ID),
    Code(String),
}

fn told<T>(value: &MaybeUndefined<T>, show: impl Fn(&T) -> String) -> String {
    match value {
        MaybeUndefined::Undefined => "-".to_owned(),
        MaybeUndefined::Null => "null".to_owned(),
        MaybeUndefined::Value(value) => show(value),
    }
}

impl Patch {
    fn told(&self) -> String {
        let parts = self.parts.iter().flatten().map(Self::told).collect::<String>();
        let grade = |grade: &Grade| if *grade == Grade::Low { "low" } else { "high" }.to_owned();
        format!(
            "[{} {} {} {} {parts} {} {}]",
            told(&self.name, String::clone),
            told(&self.seats, i32::to_string),
            told(&self.grade, grade),
            told(&self.inner, |inner| inner.told()),
            told(&self.notes, |notes| notes.iter().map(|note| note.as_deref().unwrap_or("null")).collect()),
            self.days,
        )
    }
}

struct Query;

#[Object]
impl Query {
    async fn patch(&self, input: Patch) -> String {
        input.told()
    }

    async fn first(&self, n: MaybeUndefined<i32>, #[graphql(default = 10)] limit: i32) -> String {
        format!("{} {limit}", told(&n, i32::to_string))
    }

    async fn by(&self, by: Option<Ref>) -> Option<String> {
        by.map(|by| match by {
            Ref::Id(id) => format!("id {}", *id),
            Ref::Code(code) => format!("code {code}"),
        })
    }

    async fn again(&self) -> Query {
        Query
    }
}

struct Change;

#[Object]
impl Change {
    async fn patch(&self, input: Patch) -> String {
        input.told()
    }
}

/// The data, or else the code of each refusal and the message of each of the engine's errors.
async fn run(query: &str, variables: Value) -> Value {
    let schema = Schema::new(Query, Change, EmptySubscription);
    let documents = Documents::new(&schema.sdl(), &[], DocumentRules::default()).unwrap();
    let request = GraphqlRequest {
        query: query.to_owned(),
        variables: variables.as_object().unwrap().clone(),
        ..Default::default()
    };
    match documents.prepare(&request) {
        Err(refused) => refused.iter().map(|error| error.code).collect(),
        Ok(ready) => {
            let outline = Arc::clone(&ready.outline);
            let mut response = schema.execute(ready.into_request()).await;
            outline.complete(&mut response);
            let messages = response.errors.iter().map(|error| error.message.clone());
            if response.errors.is_empty() { response.data.into_json().unwrap() } else { messages.collect() }
        }
    }
}

#[tokio::test]
async fn what_a_variable_leaves_out_is_left_as_it_is() {
    let query = "query($n: String, $s: Int, $g: Grade, $i: Patch, $d: Int! = 9) {
        patch(input: {name: $n, seats: $s, grade: $g, inner: $i, days: $d}) }";
    for (variables, expected) in [
        (json!({}), "[- - - -  - 9]"),
        (json!({ "n": null }), "[null - - -  - 9]"),
        (json!({ "n": "a", "s": null, "x": 1 }), "[a null - -  - 9]"),
        (json!({ "g": "LOW", "d": 1 }), "[- - low -  - 1]"),
        (json!({ "i": {} }), "[- - - [- - - -  - 7]  - 9]"),
        (json!({ "i": { "name": null, "grade": "HIGH" } }), "[- - - [null - high -  - 7]  - 9]"),
    ] {
        assert_eq!(run(query, variables.clone()).await, json!({ "patch": expected }), "{variables}");
    }
}

#[tokio::test]
async fn what_is_left_out_is_left_out_at_any_depth() {
    for (query, variables, expected) in [
        (
            "query($n: String) { patch(input: {inner: {inner: {name: $n}}}) }",
            json!({}),
            json!({ "patch": "[- - - [- - - [- - - -  - 7]  - 7]  - 7]" }),
        ),
        (
            "query($n: String) { patch(input: {parts: [{name: $n}, {name: null}]}) }",
            json!({}),
            json!({ "patch": "[- - - - [- - - -  - 7][null - - -  - 7] - 7]" }),
        ),
        (
            "query($n: String) { patch(input: {notes: [$n, \"b\"]}) }",
            json!({}),
            json!({ "patch": "[- - - -  nullb 7]" }),
        ),
        (
            "query($n: String) { patch(input: {name: $n, notes: [$n]}) }",
            json!({}),
            json!({ "patch": "[- - - -  null 7]" }),
        ),
        ("query($d: Int) { patch(input: {days: $d}) }", json!({}), json!({ "patch": "[- - - -  - 7]" })),
        ("query($n: Int, $l: Int) { first(n: $n, limit: $l) }", json!({}), json!({ "first": "- 10" })),
        ("query($n: Int) { first(n: $n) }", json!({ "n": null }), json!({ "first": "null 10" })),
        (
            "query($n: Int) { ...F } fragment F on Query { first(n: $n) again { ...G } } fragment G on Query { first(n: $n) }",
            json!({}),
            json!({ "first": "- 10", "again": { "first": "- 10" } }),
        ),
        ("mutation($s: Int) { patch(input: {seats: $s}) }", json!({}), json!({ "patch": "[- - - -  - 7]" })),
        ("query($b: Ref) { by(by: $b) }", json!({}), json!({ "by": null })),
        ("query($c: String!) { by(by: {code: $c}) }", json!({ "c": "x" }), json!({ "by": "code x" })),
        ("query($c: String) { by(by: {code: $c}) }", json!({ "c": "x" }), json!(["GRAPHQL_VALIDATION_FAILED"])),
        ("query($i: ID, $c: String) { by(by: {id: $i, code: $c}) }", json!({}), json!(["BAD_USER_INPUT"])),
        (
            "query($i: ID, $c: String) { by(by: {id: $i, code: $c}) }",
            json!({ "c": "x" }),
            json!(["GRAPHQL_VALIDATION_FAILED"]),
        ),
    ] {
        assert_eq!(run(query, variables).await, expected, "{query}");
    }
}

#[tokio::test]
async fn a_condition_keeps_its_default() {
    let query = "query($b: Boolean! = true, $n: Boolean = false) { first @include(if: $b) by @skip(if: $n) }";
    for (variables, expected) in [
        (json!({}), json!({ "first": "- 10", "by": null })),
        (json!({ "b": false }), json!({ "by": null })),
        (json!({ "n": true }), json!({ "first": "- 10" })),
        (json!({ "n": null }), json!(["BAD_USER_INPUT"])),
    ] {
        assert_eq!(run(query, variables).await, expected);
    }
}

#[tokio::test]
async fn operations_that_share_a_fragment_stay_valid() {
    let query = "query A($n: Int) { ...F } query B($n: Int, $m: Int) { ...F again { first(n: $m) } }
        fragment F on Query { first(n: $n) }";
    let schema = Schema::new(Query, Change, EmptySubscription);
    let documents = Documents::new(&schema.sdl(), &[], DocumentRules::default()).unwrap();
    for (name, variables, expected) in [
        ("A", json!({}), json!({ "first": "- 10" })),
        ("A", json!({ "n": 1 }), json!({ "first": "1 10" })),
        ("B", json!({}), json!({ "first": "- 10", "again": { "first": "- 10" } })),
        ("B", json!({ "n": 1 }), json!({ "first": "1 10", "again": { "first": "- 10" } })),
    ] {
        let request = json!({ "query": query, "operationName": name, "variables": variables });
        let request = GraphqlRequest::from_json(request).unwrap();
        let ready = documents.prepare(&request).unwrap();
        let response = schema.execute(ready.into_request()).await;
        assert_eq!((response.errors, response.data.into_json().unwrap()), (vec![], expected), "{name} {variables}");
    }
}
