//! Answers in which something failed, and the order of their fields.

use std::time::Duration;

use async_graphql::{EmptyMutation, EmptySubscription, Interface, Object, Result, Schema};
use serde_json::{Value, json};

use super::super::*;

#[derive(Interface)]
#[graphql(field(name = "id", ty = "i32"))]
enum Node {
    Thing(Thing),
    Other(Other),
}

struct Thing(i32);

#[Object]
impl Thing {
    async fn id(&self) -> i32 {
        self.0
    }

    async fn slow(&self) -> i32 {
        tokio::time::sleep(Duration::from_millis(2)).await;
        self.0
    }

    async fn must(&self) -> Result<i32> {
        Err("it must and does not".into())
    }

    async fn may(&self) -> Result<Option<i32>> {
        Err("it may and does not".into())
    }

    async fn odd(&self) -> Result<i32> {
        if self.0 % 2 == 1 { Err("it is odd".into()) } else { Ok(self.0) }
    }

    async fn must_have(&self) -> Thing {
        Thing(self.0)
    }

    async fn may_have(&self) -> Option<Thing> {
        Some(Thing(self.0))
    }

    async fn things(&self) -> Vec<Thing> {
        vec![Thing(0), Thing(1)]
    }

    async fn some_things(&self) -> Vec<Option<Thing>> {
        vec![Some(Thing(0)), Some(Thing(1)), None]
    }

    async fn maybe_things(&self) -> Option<Vec<Thing>> {
        Some(vec![Thing(0), Thing(1)])
    }

    async fn node(&self) -> Option<Node> {
        Some(if self.0 == 7 { Node::Other(Other) } else { Node::Thing(Thing(self.0)) })
    }
}

struct Other;

#[Object]
impl Other {
    async fn id(&self) -> i32 {
        0
    }

    async fn name(&self) -> Result<String> {
        Err("it has none".into())
    }
}

struct Query;

#[Object]
impl Query {
    async fn thing(&self) -> Option<Thing> {
        Some(Thing(1))
    }

    async fn there(&self) -> Thing {
        Thing(2)
    }

    async fn seven(&self) -> Option<Thing> {
        Some(Thing(7))
    }
}

/// The data of an answer as text, and how many errors it has.
async fn answer(query: &str, variables: Value) -> (String, usize) {
    let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
    let documents = Documents::new(&schema.sdl(), &[], DocumentRules::default()).unwrap();
    let variables = variables.as_object().cloned().unwrap_or_default();
    let request = GraphqlRequest { query: query.to_owned(), variables, ..GraphqlRequest::default() };
    let prepared = documents.prepare(&request).unwrap_or_else(|errors| panic!("{query}: {errors:?}"));
    let outline = Arc::clone(&prepared.outline);
    let mut response = schema.execute(prepared.into_request()).await;
    outline.complete(&mut response);
    (serde_json::to_string(&response.data).unwrap(), response.errors.len())
}

#[tokio::test]
async fn what_failed_is_null_up_to_where_null_may_be() {
    for (query, data, errors) in [
        ("{ thing { id may } }", r#"{"thing":{"id":1,"may":null}}"#, 1),
        ("{ thing { may } }", r#"{"thing":{"may":null}}"#, 1),
        ("{ thing { id must } }", r#"{"thing":null}"#, 1),
        ("{ there { id must } }", "null", 1),
        ("{ thing { id } there { must } }", "null", 1),
        ("{ thing { must } there { id } }", r#"{"thing":null,"there":{"id":2}}"#, 1),
        ("{ thing { id mayHave { mustHave { must } } } }", r#"{"thing":{"id":1,"mayHave":null}}"#, 1),
        ("{ thing { id mustHave { mustHave { must } } } }", r#"{"thing":null}"#, 1),
        ("{ thing { mustHave { mustHave { may } } } }", r#"{"thing":{"mustHave":{"mustHave":{"may":null}}}}"#, 1),
        ("{ thing { things { odd } } }", r#"{"thing":null}"#, 1),
        ("{ thing { someThings { odd } } }", r#"{"thing":{"someThings":[{"odd":0},null,null]}}"#, 1),
        ("{ thing { maybeThings { id odd } } }", r#"{"thing":{"maybeThings":null}}"#, 1),
        (
            "{ thing { maybeThings { id may } } }",
            r#"{"thing":{"maybeThings":[{"id":0,"may":null},{"id":1,"may":null}]}}"#,
            2,
        ),
        ("{ a: thing { b: may may } }", r#"{"a":{"b":null,"may":null}}"#, 2),
        (
            "{ thing { ...F mayHave { id } } } fragment F on Thing { mayHave { may slow } }",
            r#"{"thing":{"mayHave":{"may":null,"slow":1,"id":1}}}"#,
            1,
        ),
        ("{ seven { node { id ... on Thing { may } ... on Other { name } } } }", r#"{"seven":{"node":null}}"#, 1),
        (
            "{ thing { node { id ... on Thing { may } ... on Other { name } } } }",
            r#"{"thing":{"node":{"id":1,"may":null}}}"#,
            1,
        ),
        (
            "query ($no: Boolean = false) { thing { id must @include(if: $no) may @skip(if: true) } }",
            r#"{"thing":{"id":1}}"#,
            0,
        ),
    ] {
        assert_eq!(answer(query, json!({})).await, (data.to_owned(), errors), "{query}");
    }
}

#[tokio::test]
async fn fields_come_in_the_order_of_the_selection() {
    for (query, data) in [
        ("{ thing { slow id } there { id } }", r#"{"thing":{"slow":1,"id":1},"there":{"id":2}}"#),
        (
            "{ thing { id ...Late slow __typename } } fragment Late on Thing { mayHave { slow id } }",
            r#"{"thing":{"id":1,"mayHave":{"slow":1,"id":1},"slow":1,"__typename":"Thing"}}"#,
        ),
        ("{ thing { things { slow id } id } }", r#"{"thing":{"things":[{"slow":0,"id":0},{"slow":1,"id":1}],"id":1}}"#),
        ("{ thing { slow may id } }", r#"{"thing":{"slow":1,"may":null,"id":1}}"#),
        (
            "{ __type(name: \"Thing\") { name kind } thing { id } }",
            r#"{"__type":{"name":"Thing","kind":"OBJECT"},"thing":{"id":1}}"#,
        ),
    ] {
        assert_eq!(answer(query, json!({})).await.0, data, "{query}");
    }
}

#[tokio::test]
async fn an_object_of_which_nothing_is_taken_is_an_empty_one() {
    for (query, data) in [
        ("{ thing { id @skip(if: true) } }", r#"{"thing":{}}"#),
        ("{ thing @skip(if: true) { id } }", "{}"),
        ("{ ... @skip(if: true) { thing { id } } }", "{}"),
        ("query ($no: Boolean = false) { thing { ... @include(if: $no) { id } } }", r#"{"thing":{}}"#),
        ("{ seven { node { ... on Thing { id } } } }", r#"{"seven":{"node":{}}}"#),
        ("{ seven { node { ...T } } } fragment T on Thing { id }", r#"{"seven":{"node":{}}}"#),
        ("{ thing { node { ...T } } } fragment T on Thing { id }", r#"{"thing":{"node":{"id":1}}}"#),
        (
            "{ thing { ...T } } fragment T on Thing { things { ...N } } fragment N on Thing { id @skip(if: true) }",
            r#"{"thing":{"things":[{},{}]}}"#,
        ),
        ("{ thing { someThings { id @skip(if: true) } } }", r#"{"thing":{"someThings":[{},{},null]}}"#),
        ("{ thing { id @skip(if: true) } thing { id } }", r#"{"thing":{"id":1}}"#),
        ("{ __type(name: \"Thing\") { name @skip(if: true) } }", r#"{"__type":{}}"#),
        ("{ thing { id @skip(if: true) may } }", r#"{"thing":{"may":null}}"#),
    ] {
        assert_eq!(answer(query, json!({})).await.0, data, "{query}");
    }
}
