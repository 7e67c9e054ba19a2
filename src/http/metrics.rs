//! `/metrics`: figures for whoever watches the server, in the text form of Prometheus.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use remit_domain::Timestamp;
use tokio::time::timeout;

use super::Server;
use crate::{
    graphql::error_codes,
    store::{FeedStanding, Following, Store, StoreError, WebhooksWaiting},
    telemetry::Gauge,
};

/// How long the database may take to say how it stands there: whoever watches is to hear the rest in any case.
const WITHIN: Duration = Duration::from_secs(2);

/// `GET /metrics`.
pub(super) async fn metrics(State(server): State<Arc<Server>>) -> Response {
    let mut gauges = gauges(&server);
    let store = server.api.app().store();
    match timeout(WITHIN, of_database(store, (server.clock)())).await {
        Ok(Ok(found)) => gauges.extend(found),
        Ok(Err(error)) => tracing::debug!(%error, "some figures cannot be told"),
        Err(_) => tracing::debug!("some figures cannot be told: the database does not answer"),
    }
    let page = server.api.metrics().told(error_codes(), &gauges);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page).into_response()
}

fn gauges(server: &Server) -> Vec<Gauge> {
    let api = &server.api;
    let (running, waiting) = api.load();
    let (hits, misses) = api.documents().found();
    let mut gauges = vec![
        gauge("remit_running", "Requests that run.", running as f64),
        gauge("remit_waiting", "Requests that wait for their turn.", waiting as f64),
        gauge("remit_documents", "Documents that are kept.", api.documents().kept() as f64),
        gauge("remit_document_hits_total", "Requests whose document was kept.", hits as f64),
        gauge("remit_document_misses_total", "Requests whose document had to be read.", misses as f64),
        gauge("remit_statements_total", "Statements sent to the database.", api.app().store().statements() as f64),
    ];
    gauges.extend(of_followers(api.app().store().following()));
    gauges.extend(of_process());
    gauges
}

/// Who waits for changes on this server.
fn of_followers(Following { providers, followers, unheard }: Following) -> [Gauge; 3] {
    [
        gauge("remit_feed_providers", "Providers whose changes somebody waits for here.", providers as f64),
        gauge("remit_feed_followers", "Those who wait for changes here.", followers as f64),
        gauge("remit_feed_unheard", "Readings of changes that the slowest of them has not heard.", unheard as f64),
    ]
}

/// How the feed and the webhooks stand, on all servers of the database together.
async fn of_database(store: &Store, now: Timestamp) -> Result<[Gauge; 4], StoreError> {
    let FeedStanding { held_for, .. } = store.feed_standing().await?;
    let WebhooksWaiting { deliveries, oldest, behind } = store.webhooks_waiting().await?;
    let age = oldest.map_or(0, |oldest| now.as_microsecond().saturating_sub(oldest.as_microsecond()).max(0));
    Ok([
        gauge("remit_feed_held_seconds", "How long an open transaction holds changes up.", held_for.as_secs_f64()),
        gauge("remit_webhook_deliveries", "Deliveries to webhooks that wait.", deliveries as f64),
        gauge("remit_webhook_oldest_seconds", "Age of the oldest change that waits for a webhook.", age as f64 / 1e6),
        gauge("remit_webhooks_behind", "Webhooks for which the feed has more than was taken up.", behind as f64),
    ])
}

fn gauge(name: &'static str, help: &'static str, value: f64) -> Gauge {
    Gauge { name, help, value }
}

/// A page of memory, as Linux counts them for programs.
const PAGE: f64 = 4_096.0;
/// The ticks of a second in which Linux counts a process's time.
const TICKS: f64 = 100.0;

/// What the system says of the process; nothing where it says nothing.
fn of_process() -> Vec<Gauge> {
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<f64>().ok());
    let memory = std::fs::read_to_string("/proc/self/statm").ok();
    let memory = memory.and_then(|text| number(text.split(' ').nth(1)));
    let stat = std::fs::read_to_string("/proc/self/stat").ok();
    // The fields behind the program's name, which stands in brackets.
    let used = stat.and_then(|text| {
        let rest = text.rsplit_once(") ")?.1.to_owned();
        let mut fields = rest.split(' ').skip(11);
        Some(number(fields.next())? + number(fields.next())?)
    });
    let open = std::fs::read_dir("/proc/self/fd").ok().map(|files| files.count() as f64);
    [
        ("process_resident_memory_bytes", "Memory in use.", memory.map(|pages| pages * PAGE)),
        ("process_cpu_seconds_total", "Time of processors used.", used.map(|ticks| ticks / TICKS)),
        ("process_open_fds", "Open files and connections.", open),
    ]
    .into_iter()
    .filter_map(|(name, help, value)| Some(gauge(name, help, value?)))
    .collect()
}
