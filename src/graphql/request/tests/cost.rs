//! What requests cost, by examples that can be added up by hand.

use async_graphql::{ServerError, Value};
use serde_json::json;

use super::*;

const PRICED: &str = r#"
    directive @cost(weight: String!) on FIELD_DEFINITION
    directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION
    input Inner { n: Int inner: [Inner!] }
    type Leaf { id: ID! heavy: Int @cost(weight: "7") parts: [Leaf!]! names: [String!]! }
    type Page { nodes: [Leaf!]! edges: [Edge!]! total: Int @cost(weight: "10") }
    type Edge { node: Leaf! }
    type Query {
        leaf: Leaf
        leaves(first: Int, last: Int): Page! @listSize(assumedSize: 50, slicingArguments: ["first", "last"], sizedFields: ["edges", "nodes"], requireOneSlicingArgument: false)
        some(ids: [ID!]!): [Leaf]! @listSize(slicingArguments: ["ids"], requireOneSlicingArgument: false)
        plain(n: Int): Int
        takes(input: Inner): Leaf @cost(weight: "3")
    }
    type Mutation { put(input: Inner): Leaf }
"#;

fn price(query: &str, variables: &serde_json::Value) -> Price {
    let documents = Documents::new(PRICED, &[], DocumentRules::default()).unwrap();
    documents.prepare(&request(query, variables)).unwrap_or_else(|wrong| panic!("{query}: {wrong:?}")).price
}

#[test]
fn a_request_costs_what_the_schema_says() {
    for (query, variables, cost) in [
        ("{ plain }", json!({}), 0),
        ("{ leaf { id names } }", json!({}), 1),
        ("{ leaf { id heavy } }", json!({}), 1 + 7),
        ("{ leaf { parts { id } } }", json!({}), 1 + 10),
        ("{ leaf { parts { heavy parts { id } } } }", json!({}), 1 + 10 * (1 + 7 + 10)),
        ("{ leaves { nodes { id } } }", json!({}), 1 + 50),
        ("{ leaves(first: 3) { nodes { heavy } total } }", json!({}), 1 + 3 * 8 + 10),
        ("{ leaves(last: 3) { edges { node { id } } } }", json!({}), 1 + 3 * 2),
        ("query($n: Int) { leaves(first: $n) { nodes { id } } }", json!({ "n": 4 }), 1 + 4),
        ("query($n: Int) { leaves(first: $n) { nodes { id } } }", json!({}), 1 + 50),
        ("query($n: Int = 6) { leaves(first: $n) { nodes { id } } }", json!({}), 1 + 6),
        ("{ leaves(first: -1) { nodes { id } } }", json!({}), 1),
        ("{ some(ids: [1, 2, 3]) { id } }", json!({}), 3),
        ("{ some(ids: 1) { id } }", json!({}), 1),
        ("query($i: [ID!]!) { some(ids: $i) { heavy } }", json!({ "i": ["a", "b"] }), 2 * 8),
        ("{ takes(input: {n: 1, inner: [{n: 2}, {n: 3}]}) { id } }", json!({}), 3 + 3 + 1),
        ("query($i: Inner) { takes(input: $i) { id } }", json!({ "i": { "inner": [{}, {}] } }), 3 + 3 + 1),
        ("mutation { put(input: {}) { id } }", json!({}), 10 + 1 + 1),
        ("{ a: leaf { id } b: leaf { id } }", json!({}), 2),
        ("{ leaf { ...F } ...G } fragment F on Leaf { heavy } fragment G on Query { leaf { ...F } }", json!({}), 2 * 8),
        ("{ leaves(first: 5) { ...P } } fragment P on Page { nodes { id } }", json!({}), 1 + 5),
        ("query($y: Boolean!) { leaf @include(if: $y) { id } plain }", json!({ "y": false }), 0),
        ("query($y: Boolean!) { leaf @include(if: $y) { id } plain }", json!({ "y": true }), 1),
        ("query($y: Boolean!) { ... @skip(if: $y) { leaf { id } } plain }", json!({ "y": true }), 0),
        ("{ leaf { parts @skip(if: true) { id } id } }", json!({}), 1),
        ("{ __typename }", json!({}), 0),
        ("{ __schema { types { name } } }", json!({}), 100),
    ] {
        assert_eq!(price(query, &variables).requested(), cost, "{query}");
    }
}

#[test]
fn what_can_be_merged_or_priced_by_its_parts_is_not_written_at_once() {
    let documents = Documents::new(PRICED, &[], DocumentRules::default()).unwrap();
    let may_be = |query: &str, variables| documents.prepare(&request(query, variables)).unwrap().may_be_json;
    let (nothing, held) = (json!({}), json!({"i": {"n": 1}}));
    for query in [
        "{ plain leaf { id parts { id } } }",
        "{ leaves(first: 3) { ...P } } fragment P on Page { nodes { id } edges { node { id } } }",
        "{ takes(input: {n: 1}) { id } }",
        "{ a: leaf { id } b: leaf { id } }",
    ] {
        assert!(may_be(query, &nothing), "{query}");
    }
    assert!(may_be("query($i: Inner) { takes(input: $i) { id } }", &held));
    for query in [
        "mutation { put { id } }",
        "{ leaf { heavy } }",
        "{ leaf { parts { heavy } } }",
        "{ leaf { id } leaf { names } }",
        "{ leaf { id parts { id } ...F } } fragment F on Leaf { parts { names } }",
    ] {
        assert!(!may_be(query, &nothing), "{query}");
    }
}

#[test]
fn a_cost_never_wraps() {
    let nested =
        format!("{{ leaves(first: 2147483647) {{ nodes {{ {} id {} }} }} }}", "parts { ".repeat(11), "} ".repeat(11));
    let some = "query($n: Int!) { leaves(first: $n) { nodes { parts { parts { parts { id } } } } } }";
    assert!(price(&nested, &json!({})).requested() > 200_000_000_000_000_000);
    assert_eq!(price(some, &json!({ "n": 2147483647 })).requested(), 1 + 2147483647 * 1111);
}

#[test]
fn afterwards_it_is_what_came() {
    let cost =
        |query: &str, data: serde_json::Value| price(query, &json!({})).actual(&Value::from_json(data).unwrap(), &[]);
    let page = "{ leaves { nodes { heavy parts { id } } total } }";
    let three = json!({ "leaves": { "nodes": [{ "heavy": 1, "parts": [] }, { "heavy": 1, "parts": [{ "id": "a" }] }], "total": 2 } });
    assert_eq!(cost(page, three), 1 + 2 * 8 + 1 + 10);
    assert_eq!(cost(page, json!(null)), 0);
    assert_eq!(cost("{ leaf { heavy } }", json!({ "leaf": null })), 0);
    assert_eq!(cost("{ x: leaf { heavy } }", json!({ "x": { "heavy": null } })), 8);
    assert_eq!(cost("{ takes(input: {}) { id } }", json!({ "takes": null })), 3 + 1, "the work was done");
    let many: Vec<_> = (0..99).map(|_| json!({ "id": "a" })).collect();
    assert_eq!(
        cost("{ leaf { parts { id } } }", json!({ "leaf": { "parts": many } })),
        11,
        "never more than was asked"
    );
}

#[test]
fn what_an_error_took_away_counts_as_it_was_asked_for() {
    let cost = |query: &str, data: serde_json::Value, paths: &[serde_json::Value]| {
        let errors: Vec<ServerError> = paths
            .iter()
            .map(|path| ServerError {
                path: serde_json::from_value(path.clone()).unwrap(),
                ..ServerError::new("", None)
            })
            .collect();
        price(query, &json!({})).actual(&Value::from_json(data).unwrap(), &errors)
    };
    let page = "{ leaves(first: 3) { nodes { heavy parts { id } } total } }";
    let requested = 1 + 3 * (1 + 7 + 10) + 10;
    assert_eq!(cost(page, json!(null), &[json!(["leaves", "nodes", 1, "heavy"])]), requested);
    assert_eq!(cost(page, json!(null), &[json!(["leaves"])]), 0, "it failed before anything was read");
    let two = "{ leaf { heavy } leaves(first: 3) { nodes { id } } }";
    assert_eq!(cost(two, json!(null), &[json!(["leaves"])]), 1 + 7, "the other's answer was lost with it");
    let leaf = "{ leaf { heavy parts { id } } }";
    assert_eq!(cost(leaf, json!({ "leaf": null }), &[json!(["leaf"])]), 0);
    assert_eq!(cost(leaf, json!({ "leaf": null }), &[json!(["leaf", "parts", 0, "id"])]), 1 + 7 + 10);
    assert_eq!(cost(leaf, json!({ "leaf": null }), &[json!(["another", "parts"])]), 0);
    let some = "{ some(ids: [1, 2, 3]) { heavy } }";
    let items = json!({ "some": [null, null, { "heavy": 1 }] });
    assert_eq!(cost(some, items, &[json!(["some", 0]), json!(["some", 1, "heavy"])]), 8 + 8);
}
