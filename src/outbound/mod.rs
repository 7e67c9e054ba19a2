//! Calls to other servers: an issuer's keys are fetched, changes are delivered.
//!
//! Architecture invariant: nothing else names the HTTP client. Every call has an end: a time for the whole of it, a bound on
//! what is read of the answer, and no redirect is followed, so that a call goes where its URL says and nowhere else.
//!
//! | made by | for URLs of | goes to |
//! |---|---|---|
//! | [`Client::trusted`] | the operator's settings | wherever they lead |
//! | [`GuardedClient`] | whoever has a token | public addresses, over TLS, and the [`Networks`] that the operator named |

mod guard;
mod networks;
#[cfg(test)]
mod tests;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::{ClientBuilder, Response, StatusCode, header, redirect, retry};
use url::Url;

pub use guard::{Found, Lookup, Refused};
use guard::{Guard, Taken, check_literal, lookup};
pub use networks::{Networks, NetworksError};

/// How long a server may take to take the call.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a connection is kept for the next call to the same server: less than servers keep theirs, so that it is not
/// closed on the way.
const IDLE: Duration = Duration::from_secs(2);
/// How many such connections are kept for each server.
const IDLE_MOST: usize = 4;

/// Why a call came to nothing. Names no URL.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// No connections can be made from here, most likely for want of the system's root certificates.
    #[error("no connection can be made from this machine: {0}")]
    Client(String),
    /// The URL leads where the server does not go.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// There was no answer in full and in time.
    #[error("there was no answer within {} seconds", .0.as_secs_f32())]
    Timeout(Duration),
    /// There was no answer.
    #[error("{0}")]
    Unreachable(String),
    /// The answer is longer than is read.
    #[error("it is longer than {0} bytes")]
    TooLong(usize),
}

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    status: StatusCode,
    headers: header::HeaderMap,
    /// What was read of its body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The status, such as 200.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// Whether the status says that all went well: 200 to 299.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status.is_success()
    }

    /// The status with its usual words, such as `404 Not Found`.
    #[must_use]
    pub fn status_line(&self) -> String {
        self.status.to_string()
    }

    /// The values of a header that are text, in order.
    pub fn header(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok())
    }
}

/// A call that has ended.
#[derive(Debug)]
pub struct Call {
    /// The answer, of whatever status, or why there is none.
    pub outcome: Result<Answer, OutboundError>,
    /// How long it took.
    pub took: Duration,
}

/// Calls servers that the operator named.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    timeout: Duration,
}

impl Client {
    /// - `on_this_machine`: whether it is for a loopback address: then no proxy is asked, else TLS is demanded.
    /// - `timeout`: how long a server may take to answer in full.
    ///
    /// # Errors
    /// [`OutboundError::Client`].
    pub fn trusted(on_this_machine: bool, timeout: Duration) -> Result<Self, OutboundError> {
        let builder = builder(timeout).pool_max_idle_per_host(0);
        let builder = if on_this_machine { builder.no_proxy() } else { builder.https_only(true) };
        Self::build(builder, timeout)
    }

    fn build(builder: ClientBuilder, timeout: Duration) -> Result<Self, OutboundError> {
        let http = builder.build().map_err(|error| OutboundError::Client(told(error)))?;
        Ok(Self { http, timeout })
    }

    /// Fetches what is at a URL.
    ///
    /// - `most`: the longest body taken, in bytes.
    ///
    /// # Errors
    /// [`OutboundError`]; an answer of any status is none.
    pub async fn get(&self, url: &str, accept: &str, most: usize) -> Result<Answer, OutboundError> {
        let request = self.http.get(url).header(header::ACCEPT, accept);
        let response = request.send().await.map_err(|error| self.failed(error))?;
        let (answer, whole) = self.read(response, most).await?;
        if whole { Ok(answer) } else { Err(OutboundError::TooLong(most)) }
    }

    /// The answer with as much of its body as is wanted, and whether that is all of it.
    async fn read(&self, mut response: Response, most: usize) -> Result<(Answer, bool), OutboundError> {
        let mut answer = Answer { status: response.status(), headers: response.headers().clone(), body: Vec::new() };
        while let Some(chunk) = response.chunk().await.map_err(|error| self.failed(error))? {
            answer.body.extend_from_slice(&chunk);
            if answer.body.len() > most {
                answer.body.truncate(most);
                return Ok((answer, false));
            }
        }
        Ok((answer, true))
    }

    fn failed(&self, error: reqwest::Error) -> OutboundError {
        if let Some(refused) = causes(&error).find_map(|cause| cause.downcast_ref::<Refused>()) {
            return refused.clone().into();
        }
        if error.is_timeout() && !error.is_connect() {
            return OutboundError::Timeout(self.timeout);
        }
        OutboundError::Unreachable(told(error))
    }
}

/// Calls servers that somebody with a token named. Each address that a name leads to is looked at, and the call goes to
/// those very addresses, so that a name cannot lead elsewhere a moment later.
#[derive(Clone, Debug)]
pub struct GuardedClient {
    networks: Arc<Networks>,
    https: Client,
    /// For the operator's networks, which are the only ones reached without TLS.
    http: Client,
}

impl GuardedClient {
    /// - `networks`: where it goes although it is not public.
    /// - `timeout`: how long a server may take to answer in full.
    ///
    /// # Errors
    /// [`OutboundError::Client`].
    pub fn new(networks: Networks, timeout: Duration) -> Result<Self, OutboundError> {
        Self::with_lookup(networks, timeout, lookup)
    }

    /// The same with another way to find the addresses of a name.
    ///
    /// # Errors
    /// [`OutboundError::Client`].
    pub fn with_lookup(networks: Networks, timeout: Duration, lookup: Lookup) -> Result<Self, OutboundError> {
        let networks = Arc::new(networks);
        let client = |taken: Taken| {
            let guard = Guard { networks: Arc::clone(&networks), taken, lookup };
            // A proxy would look names up by itself, and not as is agreed here.
            let builder = builder(timeout).no_proxy().dns_resolver(Arc::new(guard));
            Client::build(builder.pool_idle_timeout(IDLE).pool_max_idle_per_host(IDLE_MOST), timeout)
        };
        Ok(Self { https: client(Taken::PublicOrListed)?, http: client(Taken::Listed)?, networks })
    }

    /// Why a URL will not be called, whatever its name leads to: as far as the URL itself says.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn check(&self, url: &Url) -> Result<(), Refused> {
        let taken = match url.scheme() {
            "https" => Taken::PublicOrListed,
            "http" if !self.networks.is_empty() => Taken::Listed,
            _ => return Err(Refused::Insecure),
        };
        check_literal(url, &self.networks, taken)
    }

    /// Posts a body.
    ///
    /// - `headers`: names and values that are HTTP's.
    /// - `most`: how much of the answer's body is read, in bytes; of the rest nothing is waited for.
    pub async fn post(&self, url: &Url, headers: &[(&'static str, String)], body: Vec<u8>, most: usize) -> Call {
        let begun = Instant::now();
        let outcome = self.try_post(url, headers, body, most).await;
        Call { outcome, took: begun.elapsed() }
    }

    async fn try_post(
        &self,
        url: &Url,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
        most: usize,
    ) -> Result<Answer, OutboundError> {
        self.check(url)?;
        let client = if url.scheme() == "https" { &self.https } else { &self.http };
        let request = client.http.post(url.clone()).body(body);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        let response = request.send().await.map_err(|error| client.failed(error))?;
        Ok(client.read(response, most).await?.0)
    }
}

/// What all clients keep to.
fn builder(timeout: Duration) -> ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("remit/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(timeout)
}

/// An error and what lies under it.
fn causes<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

/// The error with its causes, without the URL.
fn told(error: reqwest::Error) -> String {
    let error = error.without_url();
    causes(&error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
