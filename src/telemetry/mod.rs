//! What the server says about itself: lines on standard error, and figures.

mod metrics;

use std::io::IsTerminal as _;

pub use metrics::{Counting, Gauge, Metrics, Outcome};
use tracing_subscriber::EnvFilter;

/// What is said of libraries unless the filter names them: each step of a migration is two lines, a table that is there
/// already another, and what is wrong with an issuer's certificate is in the line that says that its keys cannot be read.
const LIBRARIES: &str = "sea_orm_migration=warn,sqlx::postgres::notice=warn,rustls_platform_verifier=off";

/// Begins to log by a filter such as `info` or `remit=debug`; a filter that cannot be read logs warnings.
pub fn init(filter: &str) {
    let filter = EnvFilter::try_new(format!("{LIBRARIES},{filter}")).unwrap_or_else(|_| EnvFilter::new("warn"));
    let colours = std::io::stderr().is_terminal();
    // A line that cannot be written, as on a full disk, is lost: to say so would have to be written, too.
    let logging = tracing_subscriber::fmt().with_env_filter(filter).log_internal_errors(false);
    let logging = logging.with_ansi(colours).with_writer(std::io::stderr);
    // A second start within one process, as in tests, keeps the first one's log.
    drop(logging.try_init());
    // Within a request's span, so that the line has its id.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let what = panic.payload_as_str().unwrap_or("no text");
        tracing::error!(place, what, "a panic");
    }));
}
