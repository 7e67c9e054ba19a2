//! What the server says about itself: lines on standard error.

use tracing_subscriber::EnvFilter;

/// What is said of libraries unless the filter names them: each step of a migration is two lines, and what is wrong with
/// an issuer's certificate is in the line that says that its keys cannot be read.
const LIBRARIES: &str = "sea_orm_migration=warn,rustls_platform_verifier=off";

/// Begins to log by a filter such as `info` or `remit=debug`; a filter that cannot be read logs warnings.
pub fn init(filter: &str) {
    let filter = EnvFilter::try_new(format!("{LIBRARIES},{filter}")).unwrap_or_else(|_| EnvFilter::new("warn"));
    let logging = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start within one process, as in tests, keeps the first one's log.
    drop(logging.try_init());
}
