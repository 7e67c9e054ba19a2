//! Reading what is published, from a URL or a file, within bounds.

use std::{
    fmt, fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    config::{JwksUrl, KeySource},
    outbound::{Answer, Client, OutboundError},
};

/// The longest set read. One of a large issuer, with certificates, is under 20 KiB.
const BODY_MAX: usize = 256 * 1024;
/// How long an issuer may take to answer in full.
pub(super) const TIMEOUT: Duration = Duration::from_secs(5);
/// How long the keys of a file are kept, in seconds.
const KEEP_FILE: i64 = 60;

/// Why nothing could be read. Names no URL: the log does, beside it.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// No connections can be made from here, most likely for want of the system's root certificates.
    #[error("no connection to an issuer can be made: {0}")]
    Client(#[source] OutboundError),
    /// The issuer did not answer in full and in time.
    #[error("the issuer does not answer: {0}")]
    Unreachable(#[source] OutboundError),
    /// It answered something else than 200; where it redirects to is not followed.
    #[error("the issuer answers {0}")]
    Status(String),
    /// More than 256 KiB.
    #[error("it is longer than {BODY_MAX} bytes")]
    TooLong,
    /// The file cannot be read.
    #[error("the key file {path:?} cannot be read: {problem}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        problem: String,
    },
}

/// What was read.
pub(super) struct Found {
    pub(super) body: Vec<u8>,
    /// How long it says that it keeps, in seconds.
    pub(super) keep: Option<i64>,
}

/// Where keys are published, and what it takes to read them.
#[derive(Debug)]
pub(super) enum Source {
    Url { url: JwksUrl, client: Client },
    File(PathBuf),
}

impl Source {
    /// - `timeout`: how long an issuer may take to answer in full.
    pub(super) fn new(source: KeySource, timeout: Duration) -> Result<Self, SourceError> {
        match source {
            KeySource::File(path) => Ok(Self::File(path)),
            KeySource::Url(url) => {
                let client = Client::trusted(url.is_loopback(), timeout).map_err(SourceError::Client)?;
                Ok(Self::Url { url, client })
            }
        }
    }

    pub(super) async fn read(&self) -> Result<Found, SourceError> {
        match self {
            Self::Url { url, client } => fetch(client, url).await,
            Self::File(path) => {
                let failed = |problem| SourceError::File { path: path.clone(), problem };
                let owned = path.clone();
                let read = tokio::task::spawn_blocking(move || read_file(&owned)).await;
                let body =
                    read.map_err(|error| failed(error.to_string()))?.map_err(|error| failed(error.to_string()))?;
                within_bounds(Found { body, keep: Some(KEEP_FILE) })
            }
        }
    }
}

/// For the log: a URL without its parameters.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url { url, .. } => url.fmt(f),
            Self::File(path) => fmt::Debug::fmt(path, f),
        }
    }
}

async fn fetch(client: &Client, url: &JwksUrl) -> Result<Found, SourceError> {
    let found = client.get(url.as_str(), "application/jwk-set+json, application/json", BODY_MAX).await;
    let answer = found.map_err(|error| match error {
        OutboundError::TooLong(_) => SourceError::TooLong,
        error => SourceError::Unreachable(error),
    })?;
    match answer.status() {
        200 => Ok(Found { keep: max_age(&answer), body: answer.body }),
        _ => Err(SourceError::Status(answer.status_line())),
    }
}

fn within_bounds(found: Found) -> Result<Found, SourceError> {
    if found.body.len() > BODY_MAX { Err(SourceError::TooLong) } else { Ok(found) }
}

/// The `max-age` of an answer (RFC 9111 §5.2.2.1).
fn max_age(answer: &Answer) -> Option<i64> {
    let directives = answer.header("cache-control").flat_map(|value| value.split(','));
    let mut directives = directives.filter_map(|directive| directive.split_once('='));
    let (_, seconds) = directives.find(|(name, _)| name.trim().eq_ignore_ascii_case("max-age"))?;
    seconds.trim().trim_matches('"').parse().ok().filter(|&seconds: &i64| seconds >= 0)
}

/// The file's bytes, one more than may be at most. A pipe or a device could keep its reader waiting.
fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut body = Vec::new();
    fs::File::open(path)?.take(BODY_MAX as u64 + 1).read_to_end(&mut body)?;
    Ok(body)
}
