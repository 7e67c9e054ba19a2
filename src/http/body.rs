//! Bodies of requests, held to a size and a time.

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use tokio::time::timeout;

/// What is said of a body that came too late.
pub(super) const LATE: &str = "the body did not come in time";

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// It has more bytes than it may, or broke off.
    TooLarge,
    /// It did not come in time.
    Late,
}

/// The bytes of a body that has at most so many and comes in time. Whoever sends it in drips holds a connection for that
/// long.
pub(super) async fn read(body: Body, most: usize, within: Duration) -> Result<Bytes, Unread> {
    if body.size_hint().lower() > most as u64 {
        return Err(Unread::TooLarge);
    }
    let read = timeout(within, to_bytes(body, most)).await;
    read.map_err(|_| Unread::Late)?.map_err(|_| Unread::TooLarge)
}
