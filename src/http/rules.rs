//! What HTTP takes.

use std::time::Duration;

/// What HTTP takes, and how it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRules {
    /// Bytes of a body: 1 MiB, ten documents of the largest size with room for variables, or 500 tickets with ten events
    /// each.
    pub body: usize,
    /// How long a body may take to come: 10 seconds. A sender that drips holds a connection and nothing else.
    pub body_within: Duration,
    /// Requests in a batch: 10. Each counts by itself; more only make one answer wait for all.
    pub batch: usize,
    /// Connections at once, WebSockets among them: 4,096. Each costs about 20 KB; more wait to be taken.
    pub connections: usize,
    /// How long the head of a request may take to come, and an idle connection is held: 30 seconds.
    pub headers_within: Duration,
    /// How long whoever asked may take nothing of what he is sent before the connection is closed: 2 minutes. The answer is
    /// held meanwhile, and who puts down a page of an export may be at it for a while. Over HTTP/2 it begins when an idle
    /// connection would be closed.
    pub taken_within: Duration,
    /// How long requests that have begun may still take when the server is told to stop: 30 seconds.
    pub stopping_within: Duration,
    /// Whether answers of more than 1 KiB are compressed for callers that take that.
    pub compress: bool,
    /// The origins whose pages may send requests, such as `https://portal.example`; none: no page of another origin may.
    pub origins: Vec<String>,
}

impl Default for HttpRules {
    fn default() -> Self {
        Self {
            body: 1024 * 1024,
            body_within: Duration::from_secs(10),
            batch: 10,
            connections: 4_096,
            headers_within: Duration::from_secs(30),
            taken_within: Duration::from_secs(120),
            stopping_within: Duration::from_secs(30),
            compress: true,
            origins: Vec::new(),
        }
    }
}
