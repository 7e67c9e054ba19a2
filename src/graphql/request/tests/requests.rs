//! What a request is, and which operation it asks for.

use serde_json::json;

use super::*;

#[test]
fn a_request_is_read_by_name_from_an_object() {
    let full = json!({ "query": "{ a }", "operationName": "A", "variables": { "x": 1 }, "extensions": {}, "more": 1 });
    let read = GraphqlRequest::from_json(full).unwrap();
    assert_eq!((read.query.as_str(), read.operation_name.as_deref()), ("{ a }", Some("A")));
    assert_eq!(read.variables.get("x"), Some(&json!(1)));
    let bare = json!({ "query": "{ a }", "operationName": null, "variables": null, "extensions": null });
    assert_eq!(GraphqlRequest::from_json(bare), GraphqlRequest::from_json(json!({ "query": "{ a }" })));
}

#[test]
fn what_is_no_request_is_refused_by_name() {
    for (json, message) in [
        (json!(["{ a }", "A", {}]), "A request is a JSON object, not an array."),
        (json!("{ a }"), "A request is a JSON object, not a string."),
        (json!(null), "A request is a JSON object, not null."),
        (json!({}), "`query` is missing: the document to run, as a string."),
        (json!({ "query": null }), "`query` is a string, not null."),
        (json!({ "query": null, "extensions": {} }), "`query` is missing: the document to run, as a string."),
        (json!({ "query": "", "documentId": 1 }), "`documentId` is a string or null, not a number."),
        (
            json!({ "extensions": { "persistedQuery": 1 } }),
            "`extensions.persistedQuery` is an object or null, not a number.",
        ),
        (json!({ "extensions": { "persistedQuery": { "version": 2 } } }), "`extensions.persistedQuery.version` is 1."),
        (
            json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": "ab" } } }),
            "`extensions.persistedQuery.sha256Hash` is the SHA-256 of the document's text, in 64 letters of hex.",
        ),
        (
            json!({ "query": "", "extensions": { "cost": { "dryRun": 1 } } }),
            "`extensions.cost.dryRun` is a boolean, not a number.",
        ),
        (json!({ "query": 1 }), "`query` is a string, not a number."),
        (json!({ "query": "", "operationName": 1 }), "`operationName` is a string or null, not a number."),
        (json!({ "query": "", "variables": [] }), "`variables` is an object or null, not an array."),
        (json!({ "query": "", "variables": "{}" }), "`variables` is an object or null, not a string."),
        (json!({ "query": "", "extensions": true }), "`extensions` is an object or null, not a boolean."),
    ] {
        let refused = GraphqlRequest::from_json(json).unwrap_err();
        assert_eq!((refused.code, refused.message.as_str()), ("BAD_USER_INPUT", message));
    }
}

#[test]
fn an_error_carries_code_place_and_path() {
    let refused = prepared("{ client(by: {}) { id } }", &json!({})).unwrap_err();
    assert_eq!(
        refused.iter().map(RequestError::to_json).collect::<Vec<_>>(),
        [json!({
            "message": "Ref takes exactly one field; 0 were given.",
            "locations": [{ "line": 1, "column": 14 }],
            "extensions": { "code": "BAD_USER_INPUT", "inputPath": ["by"] },
        })]
    );
    let bare = GraphqlRequest::from_json(json!([])).unwrap_err().to_json();
    assert_eq!(bare["extensions"], json!({ "code": "BAD_USER_INPUT" }));
    assert_eq!(bare.get("locations"), None);
}

#[test]
fn a_document_that_does_not_parse_is_refused_where_it_breaks() {
    for (query, code, locations) in [
        ("", "GRAPHQL_PARSE_FAILED", vec![(1, 1)]),
        ("{ a", "GRAPHQL_PARSE_FAILED", vec![(1, 4)]),
        ("{ a(x: \"b) }", "GRAPHQL_PARSE_FAILED", vec![(1, 8)]),
        ("{\n  a b: }", "GRAPHQL_PARSE_FAILED", vec![(2, 8)]),
        ("{ client(by: {code: \"a\"} first) { id } }", "GRAPHQL_PARSE_FAILED", vec![(1, 26)]),
        ("{ client(by: {code code: \"a\"}) { id } }", "GRAPHQL_PARSE_FAILED", vec![(1, 15)]),
        ("{ client(by: {code: \"a\", code: \"b\"}) { id } }", "GRAPHQL_VALIDATION_FAILED", vec![(1, 26)]),
        ("{ a } { b }", "GRAPHQL_VALIDATION_FAILED", vec![(1, 7)]),
        ("query A { a } query A { b }", "GRAPHQL_VALIDATION_FAILED", vec![(1, 15)]),
        ("{ client { id } } type A { b: Int }", "GRAPHQL_VALIDATION_FAILED", vec![(1, 19)]),
        ("{ node(id: 1e999) { id } }", "GRAPHQL_VALIDATION_FAILED", vec![(1, 12)]),
        ("query ($a: ID = $b) { node(id: $a) { id } }", "GRAPHQL_PARSE_FAILED", vec![(1, 17)]),
        ("fragment F on Client { id }", "GRAPHQL_VALIDATION_FAILED", vec![]),
    ] {
        let refused = prepared(query, &json!({})).unwrap_err();
        assert_eq!((refused[0].code, &refused[0].locations), (code, &locations), "{query}: {}", refused[0].message);
        assert!(!refused[0].message.contains('\n'), "{}", refused[0].message);
    }
}

#[test]
fn the_operation_is_the_one_named_or_the_only_one() {
    let two = "query A { client { id } } mutation B { save(input: {name: \"x\"}) { id } }";
    for (query, asked, expected) in [
        ("{ client { id } }", None, Some((None, OperationKind::Query))),
        ("query A { client { id } }", None, Some((Some("A"), OperationKind::Query))),
        ("subscription { changed { id } }", None, Some((None, OperationKind::Subscription))),
        (two, Some("A"), Some((Some("A"), OperationKind::Query))),
        (two, Some("B"), Some((Some("B"), OperationKind::Mutation))),
        (two, None, None),
        (two, Some("C"), None),
        (two, Some(""), None),
        ("{ client { id } }", Some("A"), None),
    ] {
        let request = GraphqlRequest { operation_name: asked.map(str::to_owned), ..request(query, &json!({})) };
        let found = documents().prepare(&request);
        let found = found.map(|ready| (ready.operation_name, ready.kind)).map_err(|refused| refused[0].code);
        let expected = expected.map(|(name, kind)| (name.map(str::to_owned), kind)).ok_or("GRAPHQL_VALIDATION_FAILED");
        assert_eq!(found, expected, "{query} {asked:?}");
    }
}

#[test]
fn root_fields_are_found_through_fragments() {
    let query = "query { client { id } ...F ... { b: client { id } ... on Query { __typename } } }
        fragment F on Query { c: node(id: 1) { id } ...G } fragment G on Query { d: client { id } }";
    let mut roots: Vec<_> = prepared(query, &json!({})).unwrap().roots.as_ref().clone().into_iter().collect();
    roots.sort();
    let expected =
        [("__typename", "__typename"), ("b", "client"), ("c", "node"), ("client", "client"), ("d", "client")];
    assert_eq!(roots, expected.map(|(key, field)| (key.to_owned(), field.to_owned())));
}

#[test]
fn a_schema_has_to_be_whole() {
    for (sdl, scalars, message) in [
        ("type Query {", &[][..], "syntax error"),
        ("type Query { a(b: C): Int }", &[], "cannot find type `C`"),
        ("input A { b: [C!]! } type Query { a(b: A): Int }", &[], "cannot find type `C`"),
        ("type Query { a(b: Query): Int }", &[], "must be of an input type"),
        ("type Query { a: Int }", &[("Date", date as ScalarCheck)], "no scalar Date"),
    ] {
        let refused = Documents::new(sdl, scalars, DocumentRules::default()).unwrap_err();
        assert!(refused.contains(message), "{refused}");
    }
}

#[test]
fn what_makes_no_sense_in_the_schema_is_told_where_it_stands() {
    for (query, message, location) in [
        ("query($n: Int) { client { id } }", "unused variable", (1, 7)),
        ("{ client { next(first: $m) { id } } }", "variable `$m` is not defined", (1, 24)),
        ("{ client(x: 1) { id } }", "argument `x`", (1, 10)),
        ("{ client {\n nothing } }", "field `nothing`", (2, 2)),
        ("{ node { id } }", "node(id:)", (1, 3)),
        ("{ client { ...Gone } }", "fragment `Gone`", (1, 12)),
        ("{ client { id @gone } }", "directive `@gone`", (1, 15)),
        ("{ client { a: id a: name } }", "`a`", (1, 18)),
    ] {
        let refused = prepared(query, &json!({})).unwrap_err();
        let found = (refused[0].code, refused[0].locations.first());
        assert_eq!(found, ("GRAPHQL_VALIDATION_FAILED", Some(&location)), "{query}: {}", refused[0].message);
        let told = refused[0].message.to_lowercase();
        assert!(told.contains(&message.to_lowercase()) && !told.contains('\n'), "{query}: {told}");
    }
}
