//! A page of an export: run as any query, and told line by line.

use std::{collections::HashMap, fmt::Write as _};

use async_graphql::{Name, PathSegment, Response, ServerError, Value};
use serde_json::{Value as Json, json};

use super::{Api, Manner, Told, Waits, reply::refused};
use crate::{
    app::Session,
    auth::Scope,
    graphql::{
        Reply,
        admission::Refused,
        bulk::BulkExport,
        errors,
        paging::changes_cursor,
        request::{RequestError, Way},
    },
    store::StoreError,
    telemetry::Outcome,
};

/// The last line of an export that is whole.
const END: &str = "{\"end\":true}\n";

/// A page of an export, as lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportPage {
    /// Its lines, each with its line feed: JSON objects.
    pub lines: String,
    /// How it goes on.
    pub then: Then,
}

/// How an export goes on behind a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// With the page behind this cursor.
    Page(String),
    /// It is whole, as the last line says.
    Whole,
    /// With the same page, in so many seconds: a budget is spent, or too many wait.
    Wait(u64),
    /// It cannot: a line that says why, which is not among the page's.
    Broken(String),
}

impl Api {
    /// Whether an export would be taken.
    ///
    /// # Errors
    /// What is said to whoever asked.
    pub fn check_export(&self, export: &BulkExport) -> Result<(), Reply> {
        export.page(&self.documents, None).map(drop).map_err(|errors| refused(&errors))
    }

    /// The query that exports a connection of the root with all that its nodes say themselves; none: it has no such
    /// connection.
    #[must_use]
    pub fn export_of(&self, connection: &str) -> Option<String> {
        self.shapes().export(connection)
    }

    /// Reads the page of an export behind a cursor, with the caller's rights, from the caller's budget, before the deadline.
    /// The first page begins with the line that has the place in the change feed.
    pub async fn export_page(&self, session: Session, export: &BulkExport, after: Option<&str>) -> ExportPage {
        self.read_page(session, export, after).await.unwrap_or_else(|errors| broken(&errors))
    }

    /// # Errors
    /// Why the page cannot be read, as a list of errors.
    async fn read_page(&self, session: Session, export: &BulkExport, after: Option<&str>) -> Result<ExportPage, Json> {
        let ready = export.page(&self.documents, after);
        let (prepared, way) = ready.map_err(|errors| errors.iter().map(RequestError::to_json).collect::<Json>())?;
        // Before the page: what changes while it is read is told again behind it.
        let lines = match after {
            None => opening(self, &session).await.map_err(|fault| json!([errors::of_no_field(fault.into())]))?,
            Some(_) => String::new(),
        };
        let counting = self.metrics.begin();
        // What it would wait for, nobody waits for: an export ends where the list does.
        match self.paid(session, prepared, Manner::Ordinary, Waits::begin()).await {
            Ok((Told { response, .. }, _)) => {
                let codes: Vec<&str> = response.errors.iter().map(errors::code).collect();
                let outcome = if codes.contains(&"TIMEOUT") { Outcome::TimedOut } else { Outcome::Executed };
                counting.end(outcome, codes.into_iter().filter_map(errors::place));
                Ok(told(response, &way, lines))
            }
            Err(Refused { retry_after, .. }) => {
                counting.end(Outcome::Limited, []);
                Ok(ExportPage { lines: String::new(), then: Then::Wait(retry_after) })
            }
        }
    }
}

/// The first line: where in the feed to begin, for whoever may read it.
async fn opening(api: &Api, session: &Session) -> Result<String, StoreError> {
    let follows = session.caller.may(Scope::ChangesRead) && !session.scope.is_client_bound();
    let place = if follows { Some(api.app.store().feed_head(&session.scope).await?) } else { None };
    Ok(format!("{}\n", json!({"changes": place.map(changes_cursor)})))
}

fn broken(errors: &Json) -> ExportPage {
    ExportPage { lines: String::new(), then: Then::Broken(format!("{}\n", json!({"errors": errors}))) }
}

/// The lines of an answer.
///
/// - `way`: where in it the connection is.
/// - `lines`: what stands before it.
fn told(response: Response, way: &Way, mut lines: String) -> ExportPage {
    let mut of_nodes: HashMap<usize, Vec<Json>> = HashMap::new();
    let mut of_page = Vec::new();
    for error in &response.errors {
        match place_of(error, way) {
            Some((place, below)) => of_nodes.entry(place).or_default().push(spelled(error, Some(below))),
            None => of_page.push(spelled(error, None)),
        }
    }
    if !of_page.is_empty() {
        return broken(&Json::Array(of_page));
    }
    let mut found = response.data;
    for key in &way.keys {
        found = member(&mut found, key);
    }
    let mut last = None;
    if let Value::List(edges) = member(&mut found, "edges") {
        for (place, mut edge) in edges.into_iter().enumerate() {
            let (cursor, node) = (member(&mut edge, "cursor"), member(&mut edge, "node"));
            // A value has no form that JSON lacks, and writing to a string cannot fail.
            write!(lines, "{{\"cursor\":{},\"node\":{}", json_text(&cursor), json_text(&node)).ok();
            if let Some(errors) = of_nodes.remove(&place) {
                write!(lines, ",\"errors\":{}", Json::Array(errors)).ok();
            }
            lines.push_str("}\n");
            last = Some(cursor);
        }
    }
    let more = member(&mut member(&mut found, "pageInfo"), "hasNextPage") == Value::Boolean(true);
    match last {
        Some(Value::String(cursor)) if more => ExportPage { lines, then: Then::Page(cursor) },
        _ => ExportPage { lines: lines + END, then: Then::Whole },
    }
}

/// Takes a member out of an object; null where there is none.
fn member(of: &mut Value, name: &str) -> Value {
    match of {
        Value::Object(members) => members.swap_remove(&Name::new(name)).unwrap_or_default(),
        _ => Value::Null,
    }
}

fn json_text(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Which node of a page an error is of, and where in it; none: it is of the page.
fn place_of<'a>(error: &'a ServerError, way: &Way) -> Option<(usize, &'a [PathSegment])> {
    let (lead, rest) = error.path.split_at_checked(way.keys.len())?;
    let leads =
        lead.iter().zip(&way.keys).all(|(segment, key)| matches!(segment, PathSegment::Field(name) if name == key));
    match rest {
        [PathSegment::Field(edges), PathSegment::Index(place), PathSegment::Field(node), below @ ..]
            if leads && edges == "edges" && node == "node" =>
        {
            Some((*place, below))
        }
        _ => None,
    }
}

/// An error as a line has it: with its way inside the node, and without a place in a document that nobody wrote.
fn spelled(error: &ServerError, below: Option<&[PathSegment]>) -> Json {
    let mut said = json!(error);
    if let Some(members) = said.as_object_mut() {
        members.remove("locations");
        match below {
            Some(below) => members.insert("path".to_owned(), json!(below)),
            None => None,
        };
    }
    said
}
