//! `GET /bulk/…`: a whole list as JSON Lines.
//!
//! A page is read when the one before it has been taken, so what is held is one page, however long the list and however slow
//! its reader. The caller is looked at anew for each page.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use tokio::{select, time::sleep};

use super::{
    Server,
    asker::Asker,
    graphql::{Rejection, asker, authenticate, replied},
    negotiation::Form,
};
use crate::graphql::{BulkExport, ExportPage, Then};

/// Where to begin.
#[derive(Debug, Deserialize)]
pub(super) struct Beginning {
    after: Option<String>,
}

/// An export on its way to somebody.
struct Exporting {
    asker: Asker,
    export: BulkExport,
    /// What comes next; none: nothing.
    next: Option<Next>,
}

/// The page that comes next.
struct Next {
    /// Behind this cursor; none: the first one.
    after: Option<String>,
    /// Not before so much time has passed.
    wait: Duration,
}

/// `GET /bulk/{handle}?after=cursor`: the lines of an export, from the beginning or from behind a cursor.
pub(super) async fn get(
    State(server): State<Arc<Server>>,
    handle: Result<Path<String>, PathRejection>,
    beginning: Result<Query<Beginning>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let opened = open(&server, handle, beginning, &headers).await;
    opened.unwrap_or_else(|rejection| rejection.into_response(Form::Json))
}

async fn open(
    server: &Arc<Server>,
    handle: Result<Path<String>, PathRejection>,
    beginning: Result<Query<Beginning>, QueryRejection>,
    headers: &HeaderMap,
) -> Result<Response, Rejection> {
    authenticate(server, headers).await?;
    let export = handle.ok().and_then(|Path(handle)| BulkExport::from_handle(&handle));
    let export =
        export.ok_or_else(|| Rejection::bad_request("the URL is none of an export; ask `bulkExport` for one"))?;
    let Query(Beginning { after }) =
        beginning.map_err(|_| Rejection::bad_request("the URL takes one `after`, a cursor, and no more of it"))?;
    if let Err(refused) = server.api.check_export(&export) {
        return Ok(replied(refused, Form::GraphqlResponse));
    }
    let next = Some(Next { after, wait: Duration::ZERO });
    let exporting = Exporting { asker: asker(server, headers)?, export, next };
    let pages = stream::unfold(exporting, |mut exporting| async move {
        let lines = exporting.next().await?;
        Some((Ok::<_, Infallible>(lines), exporting))
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/jsonl; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    // Whoever sends it may ask once more after its end.
    Ok((StatusCode::OK, headers, Body::from_stream(pages.fuse())).into_response())
}

impl Exporting {
    /// The lines of the next page; none: that was all.
    async fn next(&mut self) -> Option<String> {
        loop {
            let Next { after, wait } = self.next.take()?;
            select! {
                biased;
                () = self.asker.server().api.app().store().stopping() => return Some(format!("{CLOSING}\n")),
                () = sleep(wait) => {}
            }
            let session = match self.asker.session().await {
                Ok(session) => session,
                Err(rejection) => return Some(format!("{}\n", rejection.body())),
            };
            let ExportPage { lines, then } =
                self.asker.server().api.export_page(session, &self.export, after.as_deref()).await;
            match then {
                Then::Page(cursor) => self.next = Some(Next { after: Some(cursor), wait: Duration::ZERO }),
                Then::Wait(seconds) => {
                    self.next = Some(Next { after, wait: Duration::from_secs(seconds) });
                    continue;
                }
                Then::Whole => {}
                Then::Broken(last) => return Some(last),
            }
            return Some(lines);
        }
    }
}

const CLOSING: &str = r#"{"errors":[{"message":"The server is about to end. Go on behind the last cursor.","extensions":{"code":"UNAVAILABLE"}}]}"#;
