//! Exports of whole lists: asked for here, served page by page.
//!
//! The server keeps nothing of an export. Its handle holds what it is of, and its last cursor where it stands, so any
//! server goes on with it, and whoever brings it is held to the rules at each page.

use std::sync::Arc;

use async_graphql::{Context, Error, InputObject, Object, Result, SimpleObject};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use super::{
    context::Serving,
    errors::bad_input,
    paging::PAGE_MAX,
    request::{Documents, GraphqlRequest, Prepared, RequestError, Way},
    scalars::JsonObject,
    scopes,
};

/// How many nodes a page of an export has when nothing is said: enough that statements are shared, and little to hold.
pub const PAGE_DEFAULT: u64 = 100;
/// The most characters of a handle: many a proxy takes no URL of more than 8 KB.
const HANDLE_MAX: usize = 7_500;

/// An export of one connection from its beginning to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkExport {
    request: GraphqlRequest,
    page_size: u64,
}

impl BulkExport {
    /// An export.
    ///
    /// - `query`: the query with the connection, such as `{ agreements { nodes { number } } }`.
    /// - `variables`: the values of its variables.
    /// - `page_size`: how many nodes are read at once, from 1 to 500; beyond that it is taken to be one of the two.
    #[must_use]
    pub fn new(query: impl Into<String>, variables: Map<String, Value>, page_size: u64) -> Self {
        let request = GraphqlRequest { query: query.into(), variables, ..GraphqlRequest::default() };
        Self { request, page_size: page_size.clamp(1, PAGE_MAX.unsigned_abs().into()) }
    }

    /// The export that a handle means; none: it is no handle.
    #[must_use]
    pub fn from_handle(handle: &str) -> Option<Self> {
        let said: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(handle).ok()?).ok()?;
        let (query, variables) = (said.get("query")?.as_str()?, said.get("variables")?.as_object()?);
        Some(Self::new(query, variables.clone(), said.get("pageSize")?.as_u64()?))
    }

    /// What stands in its URL: all that it is.
    #[must_use]
    pub fn handle(&self) -> String {
        let GraphqlRequest { query, variables, .. } = &self.request;
        let said = json!({"query": query, "variables": variables, "pageSize": self.page_size});
        URL_SAFE_NO_PAD.encode(said.to_string())
    }

    /// What its page behind a cursor runs, no dearer than a request may be.
    pub(super) fn page(
        &self,
        documents: &Documents,
        after: Option<&str>,
    ) -> Result<(Prepared, Arc<Way>), Vec<RequestError>> {
        let (prepared, way) = documents.prepare_page(&self.request, self.page_size, after)?;
        documents.affordable(&prepared).map_err(|error| vec![error])?;
        Ok((prepared, way))
    }
}

/// A whole list to be had, line by line.
#[derive(Debug, InputObject)]
pub(crate) struct BulkExportInput {
    /// A query of one connection of which `nodes` alone is selected, without `first`, `after`, `last` and `before`:
    /// `{ agreements { nodes { number status } } }`. The connection may lie below an object, as in
    /// `{ agreement(by: {code: "MSA-1"}) { charges { nodes { id } } } }`.
    query: String,
    /// The values of the query's variables.
    variables: Option<JsonObject>,
    /// How many nodes are read at once, from 1 to 500; left out: 100. The budgets are paid page by page.
    page_size: Option<i32>,
}

impl BulkExportInput {
    fn read(self) -> Result<BulkExport> {
        let page_size = self.page_size.map_or(Some(PAGE_DEFAULT), |size| u64::try_from(size).ok());
        let page_size = page_size.filter(|size| (1..=PAGE_MAX.unsigned_abs().into()).contains(size));
        let page_size =
            page_size.ok_or_else(|| bad_input(&["input", "pageSize"], format!("must be from 1 to {PAGE_MAX}")))?;
        let variables = self.variables.map(|JsonObject(variables)| variables).unwrap_or_default();
        Ok(BulkExport::new(self.query, variables, page_size))
    }
}

/// Where a whole list is to be had.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "BulkExport")]
pub(crate) struct BulkExportNode {
    /// The path on this server, and on every other one of the same database: GET it with a token as for any request. It holds
    /// for as long as the query fits the schema, and shows nothing without a token.
    ///
    /// It answers JSON Lines. The first line has the place in the change feed from which to follow what changes meanwhile, each
    /// further one a node with its cursor, the last one `{"end":true}`. One that was cut is read on with `?after=` and the
    /// last cursor.
    url: String,
    /// What each page may cost.
    page_cost: i32,
}

/// What can be had as a whole.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BulkQuery;

/// What can be had as a whole.
#[Object]
impl BulkQuery {
    /// A whole list, however long: where to read it line by line. Nothing is kept of it on the server, and nothing is read yet.
    async fn bulk_export(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which list, and what of it.")] input: BulkExportInput,
    ) -> Result<BulkExportNode> {
        let Serving { session, .. } = Serving::of(ctx)?;
        let export = input.read()?;
        let (prepared, way) = export.page(ctx.data::<Arc<Documents>>()?, None).map_err(|errors| refused(&errors))?;
        way.fields.iter().try_for_each(|(parent, field)| scopes::admit(session, parent, field))?;
        let handle = export.handle();
        if handle.len() > HANDLE_MAX {
            let over = (handle.len() - HANDLE_MAX) * 3 / 4 + 1;
            let text = format!("is {over} bytes too long to be named in a URL; blanks count too");
            return Err(bad_input(&["input", "query"], text));
        }
        let page_cost = i32::try_from(prepared.price.requested()).unwrap_or(i32::MAX);
        Ok(BulkExportNode { url: format!("/bulk/{handle}"), page_cost })
    }
}

/// What is wrong with a query that is to be exported, all of it.
fn refused(errors: &[RequestError]) -> Error {
    let said: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
    bad_input(&["input", "query"], said.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_says_all() {
        let variables = json!({"client": {"code": "Ü"}, "n": null}).as_object().cloned().unwrap();
        let export = BulkExport::new("query ($client: Ref) { agreements { nodes { number } } }", variables, 7);
        assert_eq!(BulkExport::from_handle(&export.handle()), Some(export));
    }

    #[test]
    fn what_is_no_handle_means_nothing() {
        let encoded = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let whole = json!({"query": "{ a }", "variables": {}, "pageSize": 1}).to_string();
        assert!(BulkExport::from_handle(&encoded(&whole)).is_some());
        for wrong in ["", "é", "AAAA", &encoded("{}"), &encoded("[]"), &encoded(&whole.replace("{}", "[]")), &whole] {
            assert_eq!(BulkExport::from_handle(wrong), None, "{wrong}");
        }
    }
}
