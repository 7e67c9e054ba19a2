//! Requests over a small made-up schema.

mod completion;
mod cost;
mod execution;
mod known;
mod limits;
mod requests;
mod values;

use async_graphql::Value;
use serde_json::json;

use super::*;

const SDL: &str = r#"
    scalar Date
    scalar Anything
    enum Grade { LOW HIGH }
    input Hours { opens: String! closes: String }
    input ClientInput {
        name: String!
        note: String
        seats: Int = 3
        rate: Float
        active: Boolean
        grade: Grade
        from: Date
        tags: [String!]
        weekly: [Hours!]
        any: Anything
        parent: Ref
    }
    input Ref @oneOf { id: ID code: String external: Hours }
    interface Node { id: ID! next(first: Int, by: Ref): Node }
    type Client implements Node { id: ID! next(first: Int, by: Ref): Node name(upper: Boolean): String terms(on: Date): [Terms!]! }
    type Terms implements Node { id: ID! next(first: Int, by: Ref): Node grade(is: Grade!): Boolean }
    union Found = Client | Terms
    type Query {
        client(by: Ref): Client
        node(id: ID!): Node
        find(text: String!, grades: [Grade!], matrix: [[Int!]], limit: Int! = 10): [Found!]!
    }
    type Change { save(input: ClientInput!): Client }
    type Heard { changed(grade: Grade): Client }
    schema { query: Query mutation: Change subscription: Heard }
"#;

fn date(value: &Value) -> Result<(), String> {
    match value {
        Value::String(text) if text.len() == 10 => Ok(()),
        _ => Err("Expected Date, such as 2026-12-25.".to_owned()),
    }
}

fn request(query: &str, variables: &serde_json::Value) -> GraphqlRequest {
    GraphqlRequest::from_json(json!({ "query": query, "variables": variables })).unwrap()
}

fn documents() -> Documents {
    documents_by(DocumentRules::default())
}

fn documents_by(rules: DocumentRules) -> Documents {
    Documents::new(SDL, &[("Date", date)], rules).unwrap()
}

fn prepared(query: &str, variables: &serde_json::Value) -> Result<Prepared, Vec<RequestError>> {
    documents().prepare(&request(query, variables))
}

/// The codes a document is refused with.
fn codes(query: &str) -> Vec<&'static str> {
    prepared(query, &json!({})).err().unwrap_or_default().iter().map(|error| error.code).collect()
}
