//! Values against the schema, one line a case.

use serde_json::json;

use super::*;

/// Everything refused, as `path: message`.
fn refused(query: &str, variables: &serde_json::Value) -> Vec<String> {
    let errors = prepared(query, variables).err().unwrap_or_default();
    let line = |error: &RequestError| {
        assert_eq!((error.code, error.locations.len()), ("BAD_USER_INPUT", 1), "{}", error.message);
        format!("{}: {}", error.input_path.clone().unwrap_or_default().join("."), error.message)
    };
    errors.iter().map(line).collect()
}

fn in_document(input: &str) -> Vec<String> {
    refused(&format!("mutation {{ save(input: {input}) {{ id }} }}"), &json!({}))
}

fn in_variable(input: &serde_json::Value) -> Vec<String> {
    refused("mutation($v: ClientInput!) { save(input: $v) { id } }", &json!({ "v": input }))
}

#[test]
fn good_values_pass_from_the_document_and_from_variables() {
    for (literal, json) in [
        (r#"{name: "a"}"#, json!({ "name": "a" })),
        (r#"{name: "a", note: null}"#, json!({ "name": "a", "note": null })),
        (r#"{name: "a", seats: 2147483647}"#, json!({ "name": "a", "seats": 2147483647 })),
        (r#"{name: "a", seats: -2147483648}"#, json!({ "name": "a", "seats": -2147483648 })),
        (r#"{name: "a", rate: 1}"#, json!({ "name": "a", "rate": 1 })),
        (r#"{name: "a", rate: 1.5, active: true}"#, json!({ "name": "a", "rate": 1.5, "active": true })),
        (r#"{name: "a", grade: LOW}"#, json!({ "name": "a", "grade": "LOW" })),
        (r#"{name: "a", from: "2026-12-25"}"#, json!({ "name": "a", "from": "2026-12-25" })),
        (r#"{name: "a", tags: ["x", "y"]}"#, json!({ "name": "a", "tags": ["x", "y"] })),
        (r#"{name: "a", tags: "x"}"#, json!({ "name": "a", "tags": "x" })),
        (r#"{name: "a", tags: []}"#, json!({ "name": "a", "tags": [] })),
        (r#"{name: "a", weekly: {opens: "8"}}"#, json!({ "name": "a", "weekly": { "opens": "8" } })),
        (r#"{name: "a", any: {b: [1, C]}}"#, json!({ "name": "a", "any": { "b": [1, "C"] } })),
        (r#"{name: "a", parent: {id: 7}}"#, json!({ "name": "a", "parent": { "id": 7 } })),
        (r#"{name: "a", parent: {external: {opens: "8"}}}"#, json!({ "name": "a", "parent": { "code": "x" } })),
    ] {
        assert_eq!((in_document(literal), in_variable(&json)), (vec![], vec![]), "{literal}");
    }
}

#[test]
fn bad_values_are_refused_alike_from_the_document_and_from_variables() {
    for (literal, json, expected) in [
        ("{}", json!({}), "input.name: ClientInput needs `name`: String!."),
        ("{name: null}", json!({ "name": null }), "input.name: Expected String!, which cannot be null."),
        ("{name: 1}", json!({ "name": 1 }), "input.name: Expected String; got a number."),
        ("{name: [\"a\"]}", json!({ "name": ["a"] }), "input.name: Expected String; got a list."),
        ("{name: {}}", json!({ "name": {} }), "input.name: Expected String; got an object."),
        ("[{name: \"a\"}]", json!([{ "name": "a" }]), "input: Expected ClientInput, an object; got a list."),
        ("\"a\"", json!("a"), "input: Expected ClientInput, an object; got a string."),
        ("{name: \"a\", x: 1}", json!({ "name": "a", "x": 1 }), "input.x: ClientInput has no field `x`."),
        ("{name: \"\\u0000\"}", json!({ "name": "\0" }), "input.name: String cannot hold the character NUL."),
        (
            "{name: \"a\", seats: 2147483648}",
            json!({ "name": "a", "seats": 2147483648_i64 }),
            "input.seats: Expected Int, a whole number of 32 bits; got 2147483648.",
        ),
        (
            "{name: \"a\", seats: 1.5}",
            json!({ "name": "a", "seats": 1.5 }),
            "input.seats: Expected Int, a whole number of 32 bits; got 1.5.",
        ),
        (
            "{name: \"a\", seats: \"1\"}",
            json!({ "name": "a", "seats": "1" }),
            "input.seats: Expected Int; got a string.",
        ),
        (
            "{name: \"a\", rate: \"1\"}",
            json!({ "name": "a", "rate": "1" }),
            "input.rate: Expected Float; got a string.",
        ),
        (
            "{name: \"a\", active: 1}",
            json!({ "name": "a", "active": 1 }),
            "input.active: Expected Boolean; got a number.",
        ),
        (
            "{name: \"a\", grade: TOP}",
            json!({ "name": "a", "grade": "TOP" }),
            "input.grade: Grade has no value TOP; it has LOW, HIGH.",
        ),
        ("{name: \"a\", grade: 1}", json!({ "name": "a", "grade": 1 }), "input.grade: Expected Grade; got a number."),
        (
            "{name: \"a\", from: \"x\"}",
            json!({ "name": "a", "from": "x" }),
            "input.from: Expected Date, such as 2026-12-25.",
        ),
        (
            "{name: \"a\", tags: [null]}",
            json!({ "name": "a", "tags": [null] }),
            "input.tags.0: Expected String!, which cannot be null.",
        ),
        (
            "{name: \"a\", weekly: [{opens: \"8\"}, {opens: 8}]}",
            json!({ "name": "a", "weekly": [{ "opens": "8" }, { "opens": 8 }] }),
            "input.weekly.1.opens: Expected String; got a number.",
        ),
        (
            "{name: \"a\", weekly: {closes: \"8\"}}",
            json!({ "name": "a", "weekly": { "closes": "8" } }),
            "input.weekly.opens: Hours needs `opens`: String!.",
        ),
        (
            "{name: \"a\", parent: {}}",
            json!({ "name": "a", "parent": {} }),
            "input.parent: Ref takes exactly one field; 0 were given.",
        ),
        (
            "{name: \"a\", parent: {id: 1, code: \"b\"}}",
            json!({ "name": "a", "parent": { "id": 1, "code": "b" } }),
            "input.parent: Ref takes exactly one field; 2 were given.",
        ),
        (
            "{name: \"a\", parent: {id: null}}",
            json!({ "name": "a", "parent": { "id": null } }),
            "input.parent.id: Ref takes exactly one field, and not as null.",
        ),
        (
            "{name: \"a\", parent: {id: 1.5}}",
            json!({ "name": "a", "parent": { "id": 1.5 } }),
            "input.parent.id: Expected ID; got a number.",
        ),
    ] {
        assert_eq!(in_document(literal), [expected]);
        assert_eq!(in_variable(&json), [expected]);
    }
}

#[test]
fn an_enum_is_a_name_in_a_document_and_a_string_in_variables() {
    for (query, variables, expected) in [
        (
            r#"{ find(text: "a", grades: "LOW") { __typename } }"#,
            json!({}),
            "grades: Expected Grade, written without quotes in a document.",
        ),
        (r#"{ find(text: LOW) { __typename } }"#, json!({}), "text: Expected String; got a name without quotes."),
        (
            r#"query($g: Grade = "LOW") { find(text: "a", grades: [$g]) { __typename } }"#,
            json!({}),
            "grades.0: Expected Grade, written without quotes in a document.",
        ),
        (r#"query($g: Grade! = LOW) { find(text: "a", grades: [$g]) { __typename } }"#, json!({}), ""),
        (r#"query($g: Grade! = LOW) { find(text: "a", grades: [$g]) { __typename } }"#, json!({ "g": "HIGH" }), ""),
    ] {
        assert_eq!(refused(query, &variables).concat(), expected, "{query}");
    }
}

#[test]
fn lists_and_strings_end_at_their_limits() {
    let find = "query($m: [[Int!]], $t: String!) { find(text: $t, matrix: $m) { __typename } }";
    for (variables, expected) in [
        (json!({ "t": "a", "m": vec![[1]; 500] }), ""),
        (json!({ "t": "a", "m": vec![[1]; 501] }), "matrix: A list has at most 500 items; this one has 501."),
        (json!({ "t": "a", "m": [vec![1; 500]] }), ""),
        (json!({ "t": "a", "m": [[], vec![1; 501]] }), "matrix.1: A list has at most 500 items; this one has 501."),
        (json!({ "t": "a", "m": 1 }), ""),
        (json!({ "t": "a", "m": [1, null, [2]] }), ""),
        (json!({ "t": "a".repeat(65_536) }), ""),
        (json!({ "t": "é".repeat(32_769) }), "text: String has at most 65536 bytes; this one has 65538."),
    ] {
        assert_eq!(refused(find, &variables).concat(), expected);
    }
    let literal = format!("{{ find(text: \"a\", matrix: [{}]) {{ __typename }} }}", "1 ".repeat(501));
    assert_eq!(refused(&literal, &json!({})), ["matrix: A list has at most 500 items; this one has 501."]);
}

#[test]
fn a_variable_is_checked_where_it_is_used() {
    const SAVE: &str = "mutation($n: String!, $o: [Hours!], $s: Int = 1) {
        save(input: {name: $n, seats: $s, weekly: $o}) { id } }";
    for (query, variables, expected) in [
        (SAVE, json!({ "n": "a", "other": 1 }), ""),
        (SAVE, json!({}), "input.name: Variable `$n` was not given; expected String!."),
        (SAVE, json!({ "n": null }), "input.name: Variable `$n` is null; expected String!."),
        (SAVE, json!({ "n": "a", "s": null }), ""),
        (SAVE, json!({ "n": "a", "s": "b" }), "input.seats: Expected Int; got a string."),
        (SAVE, json!({ "n": "a", "o": [{ "opens": 8 }] }), "input.weekly.0.opens: Expected String; got a number."),
        ("query($l: Int = 5) { find(text: \"a\", limit: $l) { __typename } }", json!({}), ""),
        (
            "query($l: Int = 5) { find(text: \"a\", limit: $l) { __typename } }",
            json!({ "l": null }),
            "limit: Variable `$l` is null; expected Int!.",
        ),
        (
            "query($l: Int = \"b\") { find(text: \"a\", limit: $l) { __typename } }",
            json!({}),
            "limit: Expected Int; got a string.",
        ),
        ("query($l: Int) { find(text: \"a\", limit: $l) { __typename } }", json!({}), ""),
        ("query($i: ID) { client(by: {id: $i}) { id } }", json!({}), "by: Ref takes exactly one field; 0 were given."),
        ("query($i: ID!) { client(by: {id: $i}) { id } }", json!({ "i": "x" }), ""),
        (
            "query($i: ID) { client(by: {id: $i}) { id } }",
            json!({ "i": null }),
            "by.id: Ref takes exactly one field, and not as null.",
        ),
        (
            "query($b: Boolean!) { client @include(if: $b) { id } }",
            json!({ "b": "yes" }),
            "if: Expected Boolean; got a string.",
        ),
        (
            "query($b: Boolean!) { ... @skip(if: $b) { client { id } } }",
            json!({}),
            "if: Variable `$b` was not given; expected Boolean!.",
        ),
    ] {
        assert_eq!(refused(query, &variables).concat(), expected, "{query}");
    }
}

#[test]
fn a_variable_stands_only_where_its_type_may() {
    const NO: &[&str] = &["GRAPHQL_VALIDATION_FAILED"];
    for (declared, used, expected) in [
        ("$v: Int", "find(text: \"a\", limit: $v)", &[][..]),
        ("$v: Int!", "find(text: \"a\", limit: $v)", &["BAD_USER_INPUT"]),
        ("$v: String", "find(text: \"a\", limit: $v)", NO),
        ("$v: String", "find(text: $v)", NO),
        ("$v: String = null", "find(text: $v)", NO),
        ("$v: String = \"a\"", "find(text: $v)", &[]),
        ("$v: ID = \"a\"", "find(text: $v)", NO),
        ("$v: [Grade]", "find(text: \"a\", grades: $v)", NO),
        ("$v: [Grade!]", "find(text: \"a\", grades: $v)", &[]),
        ("$v: Grade", "find(text: \"a\", grades: $v)", NO),
        ("$v: Grade", "find(text: \"a\", grades: [$v])", NO),
        ("$v: Grade = LOW", "find(text: \"a\", grades: [$v])", &[]),
        ("$v: [Int!]", "find(text: \"a\", matrix: [$v])", &[]),
        ("$v: Ref", "client(by: $v)", &[]),
        ("$v: Hours", "client(by: $v)", NO),
        ("$v: Int", "client(by: {code: $v})", NO),
        ("$v: String", "client(by: {external: {opens: $v}})", NO),
        ("$v: String", "client(by: {external: {opens: \"8\", closes: $v}})", &[]),
        ("$v: Boolean", "client @include(if: $v)", NO),
        ("$v: Boolean = true", "client @include(if: $v)", &[]),
        ("$v: String", "client(by: {code: $v})", &["BAD_USER_INPUT"]),
        ("$v: String!", "client(by: {code: $v})", &["BAD_USER_INPUT"]),
        ("$v: String!", "client(by: {code: \"a\", id: 1})", &["BAD_USER_INPUT"]),
        ("$v: Ref = {code: null}", "client(by: $v)", &["BAD_USER_INPUT"]),
    ] {
        assert_eq!(codes(&format!("query({declared}) {{ {used} {{ __typename }} }}")), expected, "{declared} {used}");
    }
}

#[test]
fn arguments_are_found_through_fragments_and_their_parents() {
    for (query, expected) in [
        ("{ node(id: 1) { ... on Client { name(upper: 1) } } }", "upper: Expected Boolean; got a number."),
        ("{ node(id: 1) { ... { next(first: \"a\") { id } } } }", "first: Expected Int; got a string."),
        ("{ node(id: 1) { ... on Terms { grade(is: X) } } }", "is: Grade has no value X; it has LOW, HIGH."),
        ("{ find(text: \"a\") { ... on Client { terms(on: 1) { id } } } }", "on: Expected Date, such as 2026-12-25."),
        (
            "{ client { ...N } node(id: 1) { ...N } } fragment N on Node { next(first: \"a\") { id } }",
            "first: Expected Int; got a string.",
        ),
        (
            "{ client { next { next { next(by: {id: null}) { id } } } } }",
            "by.id: Ref takes exactly one field, and not as null.",
        ),
        ("{ ...R } fragment R on Query { client(by: 1) { id } }", "by: Expected Ref, an object; got a number."),
        ("subscription { changed(grade: 1) { id } }", "grade: Expected Grade; got a number."),
    ] {
        assert_eq!(refused(query, &json!({})).concat(), expected, "{query}");
    }
}

#[test]
fn every_refusal_is_told_up_to_twenty() {
    let hours = |count: usize| format!(r#"{{name: 1, seats: "a", weekly: [{}]}}"#, "{} ".repeat(count));
    assert_eq!(in_document(&hours(1)).len(), 3);
    assert_eq!(in_document(&hours(18)).len(), 20);
    assert_eq!(in_document(&hours(400)).len(), 20);
    let other = "query A($i: Int) { client { next(first: $i) { id } } } query B { client(by: 1) { id } }";
    let request = GraphqlRequest { operation_name: Some("A".to_owned()), ..request(other, &json!({ "i": 1 })) };
    let refused = documents().prepare(&request).unwrap_err();
    assert_eq!(refused[0].code, "GRAPHQL_VALIDATION_FAILED", "a document is judged whole");
}
