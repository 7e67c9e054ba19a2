//! What the machine and PostgreSQL allow at most: the same answers without GraphQL, tokens, tenants or rules.
//!
//! `limit ADDRESS DATABASE`. A question is a path, its statements go down one connection together without waiting for each
//! other, rows come binary, and JSON is written once. It reads what Remit's documents say from ordinary tables.

mod agreements;
mod charges;
mod coverage;
mod database;
mod written;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};

use database::Database;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What is behind one question after another.
struct Answer(Result<Vec<u8>, Failure>);

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self.0 {
            Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
            Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
        }
    }
}

/// Writes an answer as a GraphQL server would.
fn data(answer: &impl Serialize) -> Result<Vec<u8>, Failure> {
    #[derive(Serialize)]
    struct Whole<'a, T> {
        data: &'a T,
    }
    Ok(serde_json::to_vec(&Whole { data: answer })?)
}

#[derive(Deserialize)]
struct After {
    #[serde(default)]
    after: String,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, database] = arguments.as_slice() else { return Err("usage: limit ADDRESS DATABASE".into()) };
    let database = Arc::new(Database::connect(database).await?);
    let router = Router::new()
        .route("/page/{number}", get(page))
        .route("/list", get(list))
        .route("/pull", get(pull))
        .route("/coverage/{number}/{service}", get(covered))
        .route("/record", post(record))
        .with_state(database);
    let listener = tokio::net::TcpListener::bind(address).await?;
    Ok(axum::serve(listener, router).await?)
}

async fn page(State(database): State<Arc<Database>>, Path(number): Path<String>) -> Answer {
    Answer(agreements::page(database.next(), &number).await)
}

async fn list(State(database): State<Arc<Database>>, Query(After { after }): Query<After>) -> Answer {
    Answer(agreements::list(database.next(), &after).await)
}

async fn pull(State(database): State<Arc<Database>>, Query(After { after }): Query<After>) -> Answer {
    Answer(charges::pull(database.next(), &after).await)
}

async fn covered(State(database): State<Arc<Database>>, Path((number, service)): Path<(String, String)>) -> Answer {
    Answer(coverage::covered(database.next(), &number, &service).await)
}

async fn record(State(database): State<Arc<Database>>, Json(entry): Json<charges::Entry>) -> Answer {
    Answer(charges::record(database.next(), &entry).await)
}
